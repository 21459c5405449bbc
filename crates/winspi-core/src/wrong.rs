//! Wrong worlds, to see that the conformance suite and the invariants can fail: what winspi would do if it were wrong.
//!
//! Only with the feature `wrong-worlds`, which tests alone switch on. A wrong world is chosen with
//! [`Limits::wrong`](crate::policy::Limits) and is wrong in one way. It has nothing to do with [`crate::fault`]: a fault
//! is something that a right world answers.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use winspi_types::{ErrorCode, RawProtocolInfoW, Version};

use crate::activation::Stage;
use crate::call::Call;
use crate::clause;
use crate::id::Handle;
use crate::outcome::{Out, Outcome, Refusal, Who};
use crate::protocol::{Request, Step};
use crate::signature::{Function, Home};
use crate::value::Value;
use crate::world::World;
use crate::ws2_32::catalog::ProviderKind;

/// In which way a world is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Wrong {
    /// A function is.
    Function(Function, How),
    /// What functions rest on is.
    World(Way),
    /// Nothing is: only what is noted of it is not all that there is ([`crate::footprint`]).
    Blind(Blind),
}

/// What footprints forget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Blind {
    /// Messages of the bus.
    Messages,
    /// Connections.
    Connections,
}

/// In which way lives and queues of a world are wrong: each breaks something that must always hold, of every world or of
/// what descriptors mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Way {
    /// A handle beyond the first is not counted.
    DuplicateNotCounted,
    /// An info can be used again and again.
    ClaimStays,
    /// What nothing refers to any more is still there.
    SocketOutlives,
    /// Who closes first destroys the socket for the others.
    FirstCloseFrees,
    /// The final WSPCleanup forgets to take the descriptors out of the table of Ws2_32.
    CleanupLeavesDescriptors,
    /// The final WSPCleanup leaves the provider as it is.
    CleanupLeavesProvider,
    /// All duplicates for a process have the same number.
    SerialRepeats,
    /// The last close of a connected socket leaves its end of the connection.
    CloseForgetsConnection,
    /// A process that ends leaves its memory.
    EndLeavesMemory,
    /// An event whose last handle is closed is still there.
    EventOutlives,
    /// A receive on a stream leaves what it gives.
    ReceiveLeaves,
    /// A close ends the sending of the socket for all who have a descriptor.
    CloseShutsForAll,
    /// Options and names are another process's than that which was first.
    SeenOtherwise,
    /// The info of a duplicate makes a fresh socket.
    InfoIgnored,
    /// The info of a duplicate is refused.
    InfoRefused,
    /// A duplicate is one of the first socket of its process, whatever was asked for.
    DuplicateOfAnother,
    /// A duplicate is made for a process that does not run.
    DuplicateForNobody,
    /// A second socket is made whenever one is.
    SocketMadeTwice,
    /// Ws2_32 knows a system handle after its close.
    CloseLeavesDescriptor,
    /// The non-IFS base keeps the number of a socket after its close.
    CloseLeavesNumber,
}

impl Way {
    /// All ways.
    pub const ALL: [Way; 20] = [
        Way::DuplicateNotCounted,
        Way::ClaimStays,
        Way::SocketOutlives,
        Way::FirstCloseFrees,
        Way::CleanupLeavesDescriptors,
        Way::CleanupLeavesProvider,
        Way::SerialRepeats,
        Way::CloseForgetsConnection,
        Way::EndLeavesMemory,
        Way::EventOutlives,
        Way::ReceiveLeaves,
        Way::CloseShutsForAll,
        Way::SeenOtherwise,
        Way::InfoIgnored,
        Way::InfoRefused,
        Way::DuplicateOfAnother,
        Way::DuplicateForNobody,
        Way::SocketMadeTwice,
        Way::CloseLeavesDescriptor,
        Way::CloseLeavesNumber,
    ];

    /// What is wrong, in words.
    pub fn name(self) -> &'static str {
        match self {
            Way::DuplicateNotCounted => "a duplicate is not counted",
            Way::ClaimStays => "a claim stays",
            Way::SocketOutlives => "a socket outlives its references",
            Way::FirstCloseFrees => "the first close frees the socket",
            Way::CleanupLeavesDescriptors => "the last WSPCleanup leaves the descriptors",
            Way::CleanupLeavesProvider => "the last WSPCleanup leaves the provider",
            Way::SerialRepeats => "a serial is given out again",
            Way::CloseForgetsConnection => "a close forgets its connection",
            Way::EndLeavesMemory => "a process leaves its memory",
            Way::EventOutlives => "an event outlives its handles",
            Way::ReceiveLeaves => "a receive leaves what it gives",
            Way::CloseShutsForAll => "a close shuts the socket for all",
            Way::SeenOtherwise => "a socket is seen otherwise elsewhere",
            Way::InfoIgnored => "the info of a duplicate makes a fresh socket",
            Way::InfoRefused => "the info of a duplicate is refused",
            Way::DuplicateOfAnother => "a duplicate is one of another socket",
            Way::DuplicateForNobody => "a duplicate is made for nobody",
            Way::SocketMadeTwice => "a socket is made twice",
            Way::CloseLeavesDescriptor => "a close leaves the descriptor",
            Way::CloseLeavesNumber => "a close leaves the number of its socket",
        }
    }
}

/// In which way a function is wrong: where its rules are, in the base providers, in Ws2_32 or in the system.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum How {
    /// Every refusal has another code. `gives another code`
    OtherCode,
    /// It succeeds where it should be refused; only functions that give nothing. `never fails`
    NeverFails,
    /// It does all it should, and reports WSAEFAULT. `always fails`
    AlwaysFails,
    /// It does nothing, and reports success; only functions that give nothing. `does nothing`
    DoesNothing,
    /// It takes a parameter as 0 or NULL. `forgets NAME`
    Forgets(String),
    /// It is refused with WSAEWOULDBLOCK where it should wait. `never waits`
    NeverWaits,
    /// What it gives is another value. `gives another result`
    OtherResult,
}

impl FromStr for Wrong {
    type Err = String;

    fn from_str(text: &str) -> Result<Wrong, String> {
        if let Some(way) = Way::ALL.into_iter().find(|way| way.name() == text) {
            return Ok(Wrong::World(way));
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let (name, how) = match words.as_slice() {
            [name, "gives", "another", "code"] => (name, How::OtherCode),
            [name, "never", "fails"] => (name, How::NeverFails),
            [name, "always", "fails"] => (name, How::AlwaysFails),
            [name, "does", "nothing"] => (name, How::DoesNothing),
            [name, "forgets", parameter] => (name, How::Forgets((*parameter).to_owned())),
            [name, "never", "waits"] => (name, How::NeverWaits),
            [name, "gives", "another", "result"] => (name, How::OtherResult),
            _ => return Err(format!("no way to be wrong: {text}")),
        };
        let function = Function::named(name).ok_or_else(|| format!("no function is called {name}"))?;
        if let How::Forgets(parameter) = &how {
            let parameters = function.declaration().parameters;
            if !parameters.iter().any(|p| p.name == parameter) {
                return Err(format!("{name} has no parameter {parameter}"));
            }
        }
        Ok(Wrong::Function(function, how))
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::World(way) => f.write_str(way.name()),
            Wrong::Blind(blind) => write!(f, "footprints forget {blind:?}"),
            Wrong::Function(function, how) => match how {
                How::OtherCode => write!(f, "{function} gives another code"),
                How::NeverFails => write!(f, "{function} never fails"),
                How::AlwaysFails => write!(f, "{function} always fails"),
                How::DoesNothing => write!(f, "{function} does nothing"),
                How::Forgets(parameter) => write!(f, "{function} forgets {parameter}"),
                How::NeverWaits => write!(f, "{function} never waits"),
                How::OtherResult => write!(f, "{function} gives another result"),
            },
        }
    }
}

/// Whether a world is wrong in this way.
pub(crate) fn is(world: &World, way: Way) -> bool {
    world.policy().limits.wrong == Some(Wrong::World(way))
}

/// How a function is wrong, where this party has its rules.
fn how<'w>(world: &'w World, who: Who, call: &Call) -> Option<&'w How> {
    let Some(Wrong::Function(function, how)) = &world.policy().limits.wrong else { return None };
    let at_home = match (function.home(), who) {
        (Home::Provider, Who::Provider(instance)) => {
            let kind = &world.catalog().provider(instance.provider).kind;
            matches!(kind, ProviderKind::BaseIfs | ProviderKind::BaseNonIfs)
        }
        (Home::Upcall | Home::Ws2_32, Who::Ws2_32) | (Home::Kernel, Who::Kernel) => true,
        _ => false,
    };
    (at_home && call.function() == *function).then_some(how)
}

/// The call as the party takes it.
pub(crate) fn taken(world: &World, who: Who, call: Arc<Call>) -> Arc<Call> {
    let Some(How::Forgets(parameter)) = how(world, who, &call) else { return call };
    let mut taken = Call::clone(&call);
    taken.forget(parameter);
    Arc::new(taken)
}

/// What a function gives before it has begun.
pub(crate) fn instead(world: &World, who: Who, call: &Call) -> Option<Step<Stage>> {
    let idle = matches!(how(world, who, call)?, How::DoesNothing) && call.fits(&Out::Done);
    idle.then_some(Step::Return(Outcome { result: Ok(Out::Done), by: None }))
}

/// What a step of a function becomes.
pub(crate) fn after(world: &World, who: Who, call: &Call, step: Step<Stage>) -> Step<Stage> {
    if is(world, Way::SeenOtherwise) {
        return seen_otherwise(world, who, call, step);
    }
    let Some(how) = how(world, who, call) else { return step };
    // It rests on nothing; some clause has to stand there.
    let refused = |code| Refusal::code(code, clause!("WSPSocket.returns-invalid-socket"));
    match (how, step) {
        (How::NeverWaits, Step::Ask(Request::Wait(_), _)) => {
            Step::Return(Outcome { result: Err(refused(ErrorCode::WSAEWOULDBLOCK)), by: None })
        }
        (how, Step::Return(outcome)) => {
            let result = match (how, outcome.result) {
                (How::OtherCode, Err(Refusal::Code { code, basis, written })) => {
                    let other = if code == ErrorCode::WSAEINVAL { ErrorCode::WSAEFAULT } else { ErrorCode::WSAEINVAL };
                    Err(Refusal::Code { code: other, basis, written })
                }
                (How::NeverFails, Err(Refusal::Code { .. })) if call.fits(&Out::Done) => Ok(Out::Done),
                (How::AlwaysFails, Ok(_)) => Err(refused(ErrorCode::WSAEFAULT)),
                (How::OtherResult, Ok(out)) => Ok(other(out)),
                (_, result) => result,
            };
            Step::Return(Outcome { result, ..outcome })
        }
        (_, step) => step,
    }
}

/// What a process sees of a socket that another had before it: other options, another name.
fn seen_otherwise(world: &World, who: Who, call: &Call, step: Step<Stage>) -> Step<Stage> {
    let handle = match call {
        Call::WSPGetSockOpt(a) => a.s,
        Call::WSPGetSockName(a) => a.s,
        _ => return step,
    };
    let (Who::Provider(instance), Step::Return(outcome)) = (who, &step) else { return step };
    let first = world.socket_of(instance.process, handle).and_then(|id| world.holders(id).first().map(|(pid, _)| *pid));
    match &outcome.result {
        Ok(out) if first.is_some_and(|first| first != instance.process) => {
            Step::Return(Outcome { result: Ok(other(out.clone())), ..outcome.clone() })
        }
        _ => step,
    }
}

/// Another value of the same shape.
fn other(out: Out) -> Out {
    let turned = |bytes: &Arc<[u8]>| bytes.iter().map(|byte| !byte).collect::<Arc<[u8]>>();
    match out {
        Out::Number(n) => Out::Number(n + 1),
        Out::Handle(handle) => Out::Handle(Handle(handle.0 + 4)),
        Out::Accepted(mut accepted) => {
            accepted.s = Handle(accepted.s.0 + 4);
            Out::Accepted(accepted)
        }
        Out::Sent(mut sent) => {
            sent.number_of_bytes_sent += 1;
            Out::Sent(sent)
        }
        Out::Received(mut received) => {
            received.data = turned(&received.data);
            Out::Received(received)
        }
        Out::ReceivedFrom(mut received) => {
            received.data = turned(&received.data);
            Out::ReceivedFrom(received)
        }
        Out::Option(mut option) => {
            option.optlen += 1;
            option.optval = other_value(&option.optval);
            Out::Option(option)
        }
        Out::Name(mut name) => {
            // The family stays: what is left is a name.
            name.name = name.name.iter().enumerate().map(|(at, byte)| if at < 2 { *byte } else { !byte }).collect();
            Out::Name(name)
        }
        Out::Context(mut context) => {
            context.0 += 1;
            Out::Context(context)
        }
        Out::Converted(mut converted) => {
            converted.number += 1;
            Out::Converted(converted)
        }
        Out::Started(mut started) => {
            started.wsp_data.version = Version::new(9, 9);
            started.wsp_data.high_version = Version::new(0, 0);
            started.wsp_data.description = "\u{7}".repeat(255);
            Out::Started(started)
        }
        Out::Protocols(mut entries) => {
            entries.protocols = entries.protocols.iter().map(|info| other_info(info)).collect();
            Out::Protocols(entries)
        }
        Out::Info(info) => Out::Info(other_info(&info)),
        Out::Path(path) => Out::Path(path.chars().rev().collect()),
        Out::NetworkEvents(mut events) => {
            events.network_events = !events.network_events;
            Out::NetworkEvents(events)
        }
        Out::Ioctl(mut result) => {
            result.out_buffer = turned(&result.out_buffer);
            Out::Ioctl(result)
        }
        Out::Overlapped(mut result) => {
            result.transfer += 1;
            Out::Overlapped(result)
        }
        Out::Value(value) => Out::Value(other_value(&value)),
        other => other,
    }
}

/// An info with all bits turned over.
fn other_info(info: &RawProtocolInfoW) -> Arc<RawProtocolInfoW> {
    let bytes: Vec<u8> = info.as_bytes().iter().map(|byte| !byte).collect();
    RawProtocolInfoW::from_slice(&bytes).map_or_else(|_| Arc::new(info.clone()), Arc::new)
}

fn other_value(value: &Value) -> Value {
    match value {
        Value::Number(n) => Value::Number(n + 1),
        Value::Bytes(bytes) => Value::Bytes(bytes.iter().map(|byte| !byte).collect()),
        Value::Info(info) => Value::Info(other_info(info)),
        Value::Record(fields) => {
            Value::Record(fields.iter().map(|(name, value)| (name.clone(), other_value(value))).collect())
        }
        Value::List(values) => Value::List(values.iter().map(other_value).collect()),
        other => other.clone(),
    }
}
