//! The IFS base provider: its descriptors are system handles.
//!
//! This file lists its functions. The rules on a socket are in [`crate::provider::base`]; here is what belongs to
//! system handles: how a descriptor comes to be and goes (`descriptor.rs`), and where duplicates are kept
//! (`shared_socket.rs`).

use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::id::EndpointId;
use crate::outcome::Answer;
use crate::protocol::{Reply, Step};
use crate::provider::base::blocking::{self, Blocked};
use crate::provider::base::{functions_of_base, network_event, not_a_socket};
use crate::wait::{Holder, Socket};
use crate::world::Cx;

mod descriptor;
mod shared_socket;

pub use descriptor::Ifs;

mod functions {
    //! The list, and the stages that the macro makes of it.
    use super::*;

    functions_of_base! {
        Ifs;
        cleanup descriptor::cleanup;
        close descriptor::Close;
        free {}
    }
}

/// Where a function of this provider goes on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// It has its socket, or needs none.
    In(functions::Stage),
    /// It has a hook to call before it waits.
    Blocked(Box<Blocked<functions::Stage>>),
}

impl Stage {
    pub(crate) fn holds(&self) -> Option<EndpointId> {
        match self {
            Stage::In(stage) => stage.holds(),
            Stage::Blocked(blocked) => blocked.stage.holds(),
        }
    }

    pub(crate) fn fits(&self, call: &Call) -> bool {
        match self {
            Stage::In(stage) => stage.fits(call),
            Stage::Blocked(blocked) => blocked.stage.fits(call),
        }
    }
}

/// Steps an activation of the provider.
pub(crate) fn step(cx: &mut Cx<'_>, call: &Call, stage: Option<Stage>, reply: Reply) -> Step<Stage> {
    let step = match stage {
        None => crate::fault::refuse(cx, call).and_then(|()| enter(cx, call)),
        Some(Stage::In(stage)) => functions::resume(cx, stage, call, reply),
        Some(Stage::Blocked(blocked)) => {
            let holds = blocked.stage.holds();
            return Step::of(blocking::go_on(cx, blocked, reply, holds, (Stage::In, Stage::Blocked)));
        }
    };
    blocking::before_wait(cx, Step::of(step), (Stage::In, Stage::Blocked))
}

fn enter(cx: &mut Cx<'_>, call: &Call) -> Answer<Step<functions::Stage>> {
    if let Some(answer) = functions::begin_free(cx, call) {
        return answer;
    }
    let handle = call.socket().ok_or_else(|| not_a_socket(call.function()))?;
    let holder = Holder::Handle(cx.process(), handle);
    let endpoint = cx.world.held(holder).ok_or_else(|| not_a_socket(call.function()))?;
    let socket = Socket { holder, endpoint };
    let answer = functions::begin(cx, socket, call);
    network_event::after(cx, socket, call, &answer);
    answer
}
