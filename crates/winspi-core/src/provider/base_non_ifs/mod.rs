//! The non-IFS base provider: its descriptors come from WPUCreateSocketHandle, its sockets have lower numbers.
//!
//! This file lists its functions and has their common prologue: each function that names a socket first asks
//! WPUQuerySocketHandleContext for the context of the handle, which is the lower number. The rules on a socket are in
//! [`crate::provider::base`].

use serde::{Deserialize, Serialize};

use crate::call::{Call, WPUQuerySocketHandleContext};
use crate::id::{EndpointId, InstanceId};
use crate::outcome::Answer;
use crate::protocol::{Reply, Step, entries};
use crate::provider::base::{
    bind, connection, data, datagram, descriptor as sockets, ioctl, network_event as network_events, not_a_socket,
    option, overlapped as results,
};
use crate::provider::base::{shared_socket as shared, startup};
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

    entries! {
        at Socket;
        free plain {
            WSPStartup => startup::startup,
            WSPCleanup => descriptor::cleanup,
        }
        free staged {
            WSPSocket => sockets::Create<NonIfs>,
            Completed => overlapped::Announce,
            Indicated => network_event::Indicate,
        }
        plain {
            WSPBind => bind::bind,
            WSPGetSockName => bind::get_sock_name,
            WSPGetPeerName => bind::get_peer_name,
            WSPGetSockOpt => option::get,
            WSPSetSockOpt => option::set,
            WSPListen => connection::listen,
            WSPShutdown => connection::shutdown,
            WSPSendDisconnect => connection::send_disconnect,
            WSPRecvDisconnect => connection::recv_disconnect,
            WSPDuplicateSocket => shared::duplicate::<NonIfs>,
            WSPIoctl => ioctl::ioctl,
            WSPEventSelect => network_events::event_select,
            WSPEnumNetworkEvents => network_events::enum_network_events,
        }
        staged {
            WSPCloseSocket => descriptor::Close,
            WSPAccept => connection::Accept<NonIfs>,
            WSPConnect => connection::Connect,
            WSPSend => data::Send,
            WSPRecv => data::Recv,
            WSPSendTo => datagram::SendTo,
            WSPRecvFrom => datagram::RecvFrom,
            WSPGetOverlappedResult => results::GetOverlappedResult,
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
}

impl Stage {
    pub(crate) fn holds(&self) -> Option<EndpointId> {
        match self {
            Stage::Context => None,
            Stage::In(stage) => stage.holds(),
        }
    }

    pub(crate) fn fits(&self, call: &Call) -> bool {
        match self {
            Stage::Context => call.socket().is_some(),
            Stage::In(stage) => stage.fits(call),
        }
    }
}

/// Steps an activation of the provider.
pub(crate) fn step(cx: &mut Cx<'_>, call: &Call, stage: Option<Stage>, reply: Reply) -> Step<Stage> {
    Step::of(match stage {
        None => crate::fault::refuse(cx, call).and_then(|()| enter(cx, call)),
        Some(Stage::Context) => with_context(cx, call, reply),
        Some(Stage::In(stage)) => functions::resume(cx, stage, call, reply).map(|step| step.map(Stage::In)),
    })
}

fn enter(cx: &mut Cx<'_>, call: &Call) -> Answer<Step<Stage>> {
    if let Some(answer) = functions::begin_free(cx, call) {
        return answer.map(|step| step.map(Stage::In));
    }
    let s = call.socket().ok_or_else(|| not_a_socket(call.function()))?;
    Ok(Step::up(WPUQuerySocketHandleContext { s, context: Place::Room }, Stage::Context))
}

fn with_context(cx: &mut Cx<'_>, call: &Call, reply: Reply) -> Answer<Step<Stage>> {
    let context = reply.of::<WPUQuerySocketHandleContext>();
    let number = context.ok().and_then(|c| u32::try_from(c.0).ok());
    let socket = number.and_then(|number| socket_of(cx, number));
    let socket = socket.ok_or_else(|| not_a_socket(call.function()))?;
    let answer = functions::begin(cx, socket, call);
    network_events::after(cx, socket, call, &answer);
    answer.map(|step| step.map(Stage::In))
}

/// The socket of a lower number.
fn socket_of(cx: &Cx<'_>, number: u32) -> Option<Socket> {
    let instance: InstanceId = cx.instance();
    let holder = Holder::Lower(instance, number);
    cx.world.held(holder).map(|endpoint| Socket { holder, endpoint })
}
