//! The non-IFS base provider: its descriptors come from WPUCreateSocketHandle, its sockets have lower numbers.
//!
//! This file lists its functions and has their common prologue: each function that names a socket first asks
//! WPUQuerySocketHandleContext for the context of the handle, which is the lower number. The rules on a socket are in
//! [`crate::provider::base`].

use serde::{Deserialize, Serialize};

use crate::call::{Call, WPUQuerySocketHandleContext};
use crate::id::{EndpointId, Handle, InstanceId};
use crate::outcome::Answer;
use crate::protocol::{Reply, Step};
use crate::provider::base::blocking::{self, Blocked};
use crate::provider::base::{functions_of_base, network_event as network_events, not_a_socket};
use crate::value::Place;
use crate::wait::{Holder, Socket};
use crate::world::Cx;

mod descriptor;
pub mod lower;
mod network_event;
mod overlapped;
mod shared_socket;
pub mod tokens;

pub use descriptor::NonIfs;

mod functions {
    //! The list, and the stages that the macro makes of it.
    use super::*;

    functions_of_base! {
        NonIfs;
        cleanup descriptor::cleanup;
        close descriptor::Close;
        free {
            Completed => overlapped::Announce,
            Indicated => network_event::Indicate,
        }
    }
}

/// Where a function of this provider goes on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// It waits for the context of its handle.
    Context,
    /// It has its socket, or needs none.
    In(functions::Stage),
    /// It has a hook to call before it waits.
    Blocked(Box<Blocked<functions::Stage>>),
}

impl Stage {
    pub(crate) fn holds(&self) -> Option<EndpointId> {
        match self {
            Stage::Context => None,
            Stage::In(stage) => stage.holds(),
            Stage::Blocked(blocked) => blocked.stage.holds(),
        }
    }

    pub(crate) fn fits(&self, call: &Call) -> bool {
        match self {
            Stage::Context => call.socket().is_some(),
            Stage::In(stage) => stage.fits(call),
            Stage::Blocked(blocked) => blocked.stage.fits(call),
        }
    }
}

/// Steps an activation of the provider.
pub(crate) fn step(cx: &mut Cx<'_>, call: &Call, stage: Option<Stage>, reply: Reply) -> Step<Stage> {
    let step = match stage {
        None => match crate::fault::refuse(cx, call).and_then(|()| enter(cx, call)) {
            Ok(Some(step)) => Ok(step),
            Ok(None) => {
                let s = call.socket().unwrap_or(Handle::INVALID);
                return Step::up(WPUQuerySocketHandleContext { s, context: Place::Room }, Stage::Context);
            }
            Err(refusal) => Err(refusal),
        },
        Some(Stage::Context) => with_context(cx, call, reply),
        Some(Stage::In(stage)) => functions::resume(cx, stage, call, reply),
        Some(Stage::Blocked(blocked)) => {
            let holds = blocked.stage.holds();
            return Step::of(blocking::go_on(cx, blocked, reply, holds, (Stage::In, Stage::Blocked)));
        }
    };
    blocking::before_wait(cx, Step::of(step), (Stage::In, Stage::Blocked))
}

/// Begins a function that names no socket; `None` for one that needs the context of its handle first.
fn enter(cx: &mut Cx<'_>, call: &Call) -> Answer<Option<Step<functions::Stage>>> {
    match functions::begin_free(cx, call) {
        Some(answer) => answer.map(Some),
        None if call.socket().is_some() => Ok(None),
        None => Err(not_a_socket(call.function())),
    }
}

fn with_context(cx: &mut Cx<'_>, call: &Call, reply: Reply) -> Answer<Step<functions::Stage>> {
    let context = reply.of::<WPUQuerySocketHandleContext>();
    let number = context.ok().and_then(|c| u32::try_from(c.0).ok());
    let socket = number.and_then(|number| socket_of(cx, number));
    let socket = socket.ok_or_else(|| not_a_socket(call.function()))?;
    let answer = functions::begin(cx, socket, call);
    network_events::after(cx, socket, call, &answer);
    answer
}

/// The socket of a lower number.
fn socket_of(cx: &Cx<'_>, number: u32) -> Option<Socket> {
    let instance: InstanceId = cx.instance();
    let holder = Holder::Lower(instance, number);
    cx.world.held(holder).map(|endpoint| Socket { holder, endpoint })
}
