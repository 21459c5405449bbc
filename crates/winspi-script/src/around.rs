//! The world around: what statements such as `kill`, `lose` and `fault` mean as transitions.

use winspi_core::Transition;
use winspi_core::fault::Fault;
use winspi_core::id::{Pid, ProviderId};
use winspi_core::ws2_32::catalog::Catalog;
use winspi_types::{ErrorCode, SocketAddress};

use crate::expect::stopped;
use crate::scope::{Scope, Used};
use crate::script::{Script, nearest};
use crate::syntax::print_value;
use crate::syntax::tree::{self, Argument, BusAction, ValueKind};

/// What a fault takes: whether a process or provider, and which others by position or name.
struct Form {
    name: &'static str,
    /// What its first argument names.
    of: Of,
    /// A number or code that it needs.
    with: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Nothing,
    Process,
    /// A process, or none: all.
    AnyProcess,
    Provider,
}

const fn form(name: &'static str, of: Of, with: Option<&'static str>) -> Form {
    Form { name, of, with }
}

/// The faults that can be switched on.
const FAULTS: [Form; 11] = [
    form("descriptors", Of::Process, Some("limit")),
    form("buffers", Of::AnyProcess, None),
    form("memory", Of::AnyProcess, None),
    form("network_down", Of::Nothing, None),
    form("subsystem_not_ready", Of::Nothing, None),
    form("tasks", Of::Nothing, None),
    form("provider_missing", Of::Provider, None),
    form("startup", Of::Provider, Some("code")),
    form("access_denied", Of::Process, None),
    form("pid_reuse", Of::Process, None),
    form("threads", Of::AnyProcess, None),
];

type Problem = (tree::Span, String, Option<String>);

/// The form of a fault with what is given for it: its process or provider, and its number.
fn given<'a>(
    script: &Script,
    name: &tree::Name,
    arguments: Option<&'a [Argument]>,
) -> Result<(&'static Form, Option<&'a tree::Name>, Option<&'a tree::Value>), Problem> {
    let Some(form) = FAULTS.iter().find(|form| form.name == name.text) else {
        let near = nearest(&name.text, FAULTS.iter().map(|form| form.name));
        return Err((name.span, format!("no fault is called `{name}`"), near));
    };
    let (mut of, mut with) = (None, None);
    for (place, argument) in arguments.unwrap_or_default().iter().enumerate() {
        let is_with = match &argument.name {
            Some(name) => form.with == Some(name.as_str()),
            None => place == 1 && form.with.is_some(),
        };
        if is_with && with.is_none() {
            with = Some(&argument.value);
        } else if place == 0 && argument.name.is_none() && form.of != Of::Nothing {
            of = Some(&argument.value);
        } else {
            return Err((argument.span, format!("`{name}` does not take `{}`", print_value(&argument.value)), None));
        }
    }
    let of = match of {
        None if matches!(form.of, Of::Nothing | Of::AnyProcess) => None,
        None => {
            let what = if form.of == Of::Provider { "a provider" } else { "a process" };
            return Err((name.span, format!("`{name}` takes {what}"), None));
        }
        Some(value) => match &value.kind {
            ValueKind::Path(path) if path.arguments.is_none() && path.steps.is_empty() => Some(&path.name),
            _ => return Err((value.span, format!("`{}` is no name", print_value(value)), None)),
        },
    };
    if let Some(of) = of {
        let (what, known): (_, Vec<&str>) = match form.of {
            Of::Provider => {
                let layers = script.layers.iter().map(|l| l.name.as_str());
                ("provider", layers.chain(["base", "tcp", "udp"]).collect())
            }
            _ => ("process", script.processes.iter().map(|p| p.name.as_str()).collect()),
        };
        let of_arrangement = form.of == Of::Provider && of.text.starts_with("layer");
        if !known.contains(&of.as_str()) && !of_arrangement {
            return Err((of.span, format!("no {what} is called `{of}`"), nearest(&of.text, known)));
        }
    }
    if let (Some(with), None) = (form.with, with) {
        return Err((name.span, format!("`{name}` needs `{with}`"), None));
    }
    Ok((form, of, with))
}

/// What is wrong with a fault, if anything is.
pub(crate) fn check_fault(script: &Script, name: &tree::Name, arguments: Option<&[Argument]>) -> Result<(), Problem> {
    given(script, name, arguments).map(|_| ())
}

fn fault(scope: &Scope<'_>, name: &tree::Name, arguments: Option<&[Argument]>) -> Result<Fault, String> {
    let (form, of, with) = given(scope.script, name, arguments).map_err(|(_, message, _)| message)?;
    let process = || of.and_then(|of| scope.script.process(&of.text));
    let provider = || {
        let found = of.and_then(|of| provider(scope.world.catalog(), &of.text));
        found.ok_or_else(|| format!("no provider is called `{}`", of.map_or("", |of| of.as_str())))
    };
    let number = || match with {
        Some(value) => {
            let found = scope.value(value, &mut Used::default()).map_err(stopped)?;
            found.number().ok_or_else(|| format!("`{}` is {}, not a number", print_value(value), found.kind()))
        }
        None => Ok(0),
    };
    let nobody = || format!("`{name}` takes a process");
    Ok(match form.name {
        "descriptors" => {
            let limit = u32::try_from(number()?).map_err(|_| "a limit is 0 or more".to_owned())?;
            Fault::Descriptors { process: process().ok_or_else(nobody)?, limit }
        }
        "buffers" => Fault::Buffers(process()),
        "memory" => Fault::Memory(process()),
        "network_down" => Fault::NetworkDown,
        "subsystem_not_ready" => Fault::SubsystemNotReady,
        "tasks" => Fault::Tasks,
        "threads" => Fault::Threads(process()),
        "provider_missing" => Fault::ProviderMissing(provider()?),
        "startup" => {
            let code = i32::try_from(number()?).ok().filter(|n| *n != 0).map(ErrorCode);
            let code = code.ok_or_else(|| "a start that fails has a code".to_owned())?;
            Fault::Startup { provider: provider()?, code }
        }
        "pid_reuse" => Fault::PidReuse(process().ok_or_else(nobody)?),
        _ => Fault::AccessDenied(process().ok_or_else(nobody)?),
    })
}

/// The provider of a name: the base provider for the protocols.
fn provider(catalog: &Catalog, name: &str) -> Option<ProviderId> {
    match name {
        "tcp" | "udp" => Some(catalog.base_entry().provider),
        name => catalog.provider_named(name),
    }
}

/// What a fault looks like in a file.
pub(crate) fn print_fault(
    fault: Fault,
    process: impl Fn(Pid) -> String,
    provider: impl Fn(ProviderId) -> String,
) -> String {
    let within = |name: &str, of: Option<Pid>| of.map_or(name.to_owned(), |pid| format!("{name}({})", process(pid)));
    match fault {
        Fault::Descriptors { process: pid, limit } => format!("descriptors({}, limit={limit})", process(pid)),
        Fault::Buffers(of) => within("buffers", of),
        Fault::Memory(of) => within("memory", of),
        Fault::NetworkDown => "network_down".to_owned(),
        Fault::SubsystemNotReady => "subsystem_not_ready".to_owned(),
        Fault::Tasks => "tasks".to_owned(),
        Fault::Threads(of) => within("threads", of),
        Fault::ProviderMissing(id) => format!("provider_missing({})", provider(id)),
        Fault::Startup { provider: id, code } => format!("startup({}, {code})", provider(id)),
        Fault::PidReuse(pid) => format!("pid_reuse({})", process(pid)),
        Fault::AccessDenied(pid) => format!("access_denied({})", process(pid)),
    }
}

/// What a statement does to the world, as a transition. `hold`, `release` and `step ... to` are the runner's.
pub(crate) fn transition(scope: &Scope<'_>, world: &tree::World) -> Result<Transition, String> {
    let pid = |name: &tree::Name| scope.script.process(&name.text).ok_or(format!("no process is called `{name}`"));
    Ok(match world {
        tree::World::Kill(name) => Transition::Kill(pid(name)?),
        tree::World::Advance(time) => Transition::Advance(time.milliseconds),
        tree::World::Step { who, to: None } => {
            Transition::Step(scope.script.thread(who).ok_or("there is no such thread")?.1)
        }
        tree::World::Bus { action, message } => {
            let (from, to) = (pid(&message.from)?, pid(&message.to)?);
            let number = message.number.map_or(Ok(1), |n| u32::try_from(n.value));
            let number = number.map_err(|_| "messages are numbered from 1, the oldest first".to_owned())?;
            match action {
                BusAction::Deliver if message.number.is_none() => Transition::DeliverMessage { from, to },
                BusAction::Deliver => Transition::Overtake { from, to, number },
                BusAction::Lose => Transition::LoseMessage { from, to, number },
                BusAction::Duplicate => Transition::DuplicateMessage { from, to, number },
                BusAction::Damage(byte) => {
                    let byte = u32::try_from(byte.value).map_err(|_| "bytes are numbered from 0".to_owned())?;
                    Transition::DamageMessage { from, to, number, byte }
                }
            }
        }
        tree::World::Deliver { process, socket } => {
            let (from, to, datagram) = arriving(scope, process, socket)?;
            if datagram { Transition::DeliverDatagram { from, to } } else { Transition::Deliver { from, to } }
        }
        tree::World::Lose { process, socket } => {
            let (from, to, datagram) = arriving(scope, process, socket)?;
            if datagram { Transition::LoseDatagram { from, to } } else { Transition::LoseSegment { from, to } }
        }
        tree::World::Fault { name, arguments } => Transition::Fault(fault(scope, name, arguments.as_deref())?),
        tree::World::ClearFaults => Transition::ClearFaults,
        tree::World::Step { .. } | tree::World::Hold(_) | tree::World::Release(_) => {
            return Err("this is no single transition".to_owned());
        }
    })
}

/// The oldest of what is on its way to a socket: the names between which it travels, and whether it is a datagram.
fn arriving(
    scope: &Scope<'_>,
    process: &tree::Name,
    socket: &tree::Name,
) -> Result<(SocketAddress, SocketAddress, bool), String> {
    let pid = scope.script.process(&process.text).ok_or(format!("no process is called `{process}`"))?;
    let binding = scope.names.get(pid.index().unwrap_or(0), &socket.text);
    let handle = binding.ok_or_else(|| format!("`{process}.{socket}` is not bound yet"))?.value.number();
    let endpoint = handle.and_then(|n| scope.world.socket_of(pid, winspi_core::id::Handle(n.cast_unsigned())));
    let endpoint = endpoint.ok_or_else(|| format!("`{process}.{socket}` is no socket now"))?;
    let segments = scope.world.arriving_at(endpoint).into_iter().map(|(from, to, age)| (age, from, to, false));
    let datagrams =
        scope.world.datagrams_arriving_at(endpoint).into_iter().map(|(from, to, age)| (age, from, to, true));
    let oldest = segments.chain(datagrams).min_by_key(|(age, ..)| *age);
    oldest
        .map(|(_, from, to, datagram)| (from, to, datagram))
        .ok_or_else(|| format!("nothing is on its way to `{process}.{socket}`"))
}
