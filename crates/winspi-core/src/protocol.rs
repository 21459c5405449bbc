//! The inner protocol: nobody calls anybody.
//!
//! Ws2_32, layers, base providers, the system and callbacks are *activations*: small state machines on the stack of a
//! thread. An activation is stepped with a [`Reply`] and gives a [`Step`]: it returns, or asks a [`Request`] and says at
//! which stage it goes on. One loop ([`crate::system`]) carries requests and replies; it alone knows both sides.
//!
//! A function that neither waits nor asks is one plain function that gives an [`Answer`]. One that does is an enum of
//! stages, named after what it waits for, with the trait [`Staged`].

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::call::{Call, Callback, Signature};
use crate::id::{EndpointId, InstanceId, PartyId, Pid};
use crate::outcome::{Answer, OutValue, Outcome, Refusal};
use crate::wait::Wait;
use crate::world::Cx;

/// What an activation asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Request {
    /// A call to a provider; its procedure table says which instance serves it.
    Down(InstanceId, Arc<Call>),
    /// A call to Ws2_32 or the system: WPU*, Win32, and everything that a program calls.
    Up(Arc<Call>),
    /// An upcall that a program makes in the place of a provider: to Ws2_32 the provider is the caller.
    UpAs(InstanceId, Arc<Call>),
    /// A callback of the program.
    User(Callback),
    /// A wait for something to become true of the world.
    Wait(Wait),
    /// The end of a line of a program: the thread stands before its next one.
    Rest,
    /// The end of a program or of a worker's task.
    Done,
    /// A further thread of the same process, whose program is outside. It is asked as soon as it goes on.
    NewThread {
        /// The name that people gave it.
        name: String,
        /// Who plays its program.
        party: PartyId,
    },
    /// The end of this thread, and of its process if it is the last one.
    EndThread {
        /// Its exit code.
        code: u32,
    },
    /// The end of a process, its own one perhaps.
    EndProcess {
        /// The process.
        process: Pid,
        /// Its exit code.
        code: u32,
    },
}

/// What an activation is stepped with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// It begins.
    Enter,
    /// What it asked for has come back.
    Outcome(Outcome),
    /// It may look again; this promises nothing.
    Woken,
}

/// What a step of an activation gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Step<S> {
    /// It is done.
    Return(Outcome),
    /// It asks, and goes on at this stage.
    Ask(Request, S),
}

impl<S> Step<S> {
    /// Puts the stage into a wider type.
    pub fn map<T>(self, f: impl FnOnce(S) -> T) -> Step<T> {
        match self {
            Step::Return(outcome) => Step::Return(outcome),
            Step::Ask(request, stage) => Step::Ask(request, f(stage)),
        }
    }

    /// Returns a value.
    pub fn done<T: OutValue>(value: T) -> Step<S> {
        Step::Return(Outcome::of(Ok(value)))
    }

    /// Asks a provider.
    pub fn down(instance: InstanceId, call: impl Signature, stage: S) -> Step<S> {
        Step::Ask(Request::Down(instance, Arc::new(call.call())), stage)
    }

    /// Asks Ws2_32 or the system.
    pub fn up(call: impl Signature, stage: S) -> Step<S> {
        Step::Ask(Request::Up(Arc::new(call.call())), stage)
    }

    /// Waits.
    pub fn wait(wait: Wait, stage: S) -> Step<S> {
        Step::Ask(Request::Wait(wait), stage)
    }

    /// The step of an answer: a refusal returns.
    pub fn of(answer: Answer<Step<S>>) -> Step<S> {
        answer.unwrap_or_else(|refusal| Step::Return(Outcome { result: Err(refusal), by: None }))
    }
}

impl Reply {
    /// The answer of the function `F` that was asked.
    pub fn of<F: Signature>(self) -> Answer<F::Out> {
        match self {
            Reply::Outcome(outcome) => outcome.result.and_then(|out| {
                F::Out::open(out).ok_or_else(|| Refusal::not_modelled("an outcome of another function"))
            }),
            Reply::Enter | Reply::Woken => Err(Refusal::not_modelled("a reply that was not asked for")),
        }
    }

    /// The outcome, to be handed back as it is.
    pub fn outcome(self) -> Outcome {
        match self {
            Reply::Outcome(outcome) => outcome,
            Reply::Enter | Reply::Woken => {
                Outcome { result: Err(Refusal::not_modelled("a reply that was not asked for")), by: None }
            }
        }
    }
}

/// A function that waits or asks: an enum of its stages.
pub trait Staged: Sized {
    /// The function.
    type Call: Signature;
    /// What its party has found out before: the socket, for functions that name one.
    type At;
    /// The first step.
    fn begin(cx: &mut Cx<'_>, at: Self::At, call: &Self::Call) -> Answer<Step<Self>>;
    /// A further step.
    fn resume(self, cx: &mut Cx<'_>, call: &Self::Call, reply: Reply) -> Answer<Step<Self>>;
    /// The socket that this stage keeps a reference to.
    fn holds(&self) -> Option<EndpointId> {
        None
    }
}

/// Declares a party: its functions without a socket (`free`) and with one, plain or staged.
///
/// Gives the enum `Stage`, the functions `begin_free`, `begin` and `resume`, and what snapshots need. The match on
/// stage and call is here only.
macro_rules! entries {
    (
        at $at:ty;
        free plain { $($fp:ident => $fpf:path,)* }
        free staged { $($fs:ident => $fst:ty,)* }
        plain { $($p:ident => $pf:path,)* }
        staged { $($s:ident => $st:ty,)* }
    ) => {
        /// Where a function of this party goes on, by function.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[allow(non_camel_case_types, missing_docs, clippy::enum_variant_names)]
        pub enum Stage {
            $( $fs($fst), )*
            $( $s($st), )*
        }

        impl Stage {
            /// The socket that the stage keeps a reference to.
            #[allow(dead_code, clippy::match_single_binding, unreachable_patterns)]
            pub(crate) fn holds(&self) -> Option<$crate::id::EndpointId> {
                match self {
                    $( Stage::$fs(stage) => $crate::protocol::Staged::holds(stage), )*
                    $( Stage::$s(stage) => $crate::protocol::Staged::holds(stage), )*
                    #[allow(unreachable_patterns)]
                    _ => None,
                }
            }

            /// Whether this stage belongs to that call; a damaged snapshot may hold a pair that does not fit.
            #[allow(unreachable_patterns)]
            pub(crate) fn fits(&self, call: &$crate::call::Call) -> bool {
                match (self, call) {
                    $( (Stage::$fs(_), $crate::call::Call::$fs(_)) => true, )*
                    $( (Stage::$s(_), $crate::call::Call::$s(_)) => true, )*
                    _ => false,
                }
            }
        }

        /// Begins a function that names no socket; `None` if this party has no such function.
        #[allow(dead_code, unused_variables)]
        pub(crate) fn begin_free(
            cx: &mut $crate::world::Cx<'_>,
            call: &$crate::call::Call,
        ) -> Option<$crate::outcome::Answer<$crate::protocol::Step<Stage>>> {
            match call {
                $( $crate::call::Call::$fp(a) => Some($fpf(cx, a).map($crate::protocol::Step::done)), )*
                $( $crate::call::Call::$fs(a) => Some(
                    <$fst as $crate::protocol::Staged>::begin(cx, (), a).map(|step| step.map(Stage::$fs))
                ), )*
                _ => None,
            }
        }

        /// Begins a function that names a socket.
        #[allow(dead_code, unused_variables)]
        pub(crate) fn begin(
            cx: &mut $crate::world::Cx<'_>,
            at: $at,
            call: &$crate::call::Call,
        ) -> $crate::outcome::Answer<$crate::protocol::Step<Stage>> {
            match call {
                $( $crate::call::Call::$p(a) => $pf(cx, at, a).map($crate::protocol::Step::done), )*
                $( $crate::call::Call::$s(a) => {
                    <$st as $crate::protocol::Staged>::begin(cx, at, a).map(|step| step.map(Stage::$s))
                } )*
                other => Err($crate::outcome::Refusal::not_modelled(other.function().name())),
            }
        }

        /// Goes on with a function.
        #[allow(dead_code, unreachable_patterns)]
        pub(crate) fn resume(
            cx: &mut $crate::world::Cx<'_>,
            stage: Stage,
            call: &$crate::call::Call,
            reply: $crate::protocol::Reply,
        ) -> $crate::outcome::Answer<$crate::protocol::Step<Stage>> {
            match (stage, call) {
                $( (Stage::$fs(stage), $crate::call::Call::$fs(a)) => {
                    $crate::protocol::Staged::resume(stage, cx, a, reply).map(|step| step.map(Stage::$fs))
                } )*
                $( (Stage::$s(stage), $crate::call::Call::$s(a)) => {
                    $crate::protocol::Staged::resume(stage, cx, a, reply).map(|step| step.map(Stage::$s))
                } )*
                _ => Err($crate::outcome::Refusal::not_modelled("a stage of another call")),
            }
        }
    };
}

pub(crate) use entries;
