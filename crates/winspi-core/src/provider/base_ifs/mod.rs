//! The IFS base provider: its descriptors are system handles.
//!
//! This file lists its functions. The rules on a socket are in [`crate::provider::base`]; here is what belongs to
//! system handles: how a descriptor comes to be and goes (`descriptor.rs`), and where duplicates are kept
//! (`shared_socket.rs`).

use crate::call::Call;
use crate::outcome::Answer;
use crate::protocol::{Reply, Step, entries};
use crate::provider::base::{
    bind, connection, data, datagram, descriptor as sockets, ioctl, network_event, not_a_socket, option, overlapped,
};
use crate::provider::base::{shared_socket as shared, startup};
use crate::wait::{Holder, Socket};
use crate::world::Cx;

mod descriptor;
mod shared_socket;

pub use descriptor::Ifs;

entries! {
    at Socket;
    free plain {
        WSPStartup => startup::startup,
        WSPCleanup => descriptor::cleanup,
    }
    free staged {
        WSPSocket => sockets::Create<Ifs>,
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
        WSPDuplicateSocket => shared::duplicate::<Ifs>,
        WSPIoctl => ioctl::ioctl,
        WSPEventSelect => network_event::event_select,
        WSPEnumNetworkEvents => network_event::enum_network_events,
    }
    staged {
        WSPCloseSocket => descriptor::Close,
        WSPAccept => connection::Accept<Ifs>,
        WSPConnect => connection::Connect,
        WSPSend => data::Send,
        WSPRecv => data::Recv,
        WSPSendTo => datagram::SendTo,
        WSPRecvFrom => datagram::RecvFrom,
        WSPGetOverlappedResult => overlapped::GetOverlappedResult,
    }
}

/// Steps an activation of the provider.
pub(crate) fn step(cx: &mut Cx<'_>, call: &Call, stage: Option<Stage>, reply: Reply) -> Step<Stage> {
    Step::of(match stage {
        None => crate::fault::refuse(cx, call).and_then(|()| enter(cx, call)),
        Some(stage) => resume(cx, stage, call, reply),
    })
}

fn enter(cx: &mut Cx<'_>, call: &Call) -> Answer<Step<Stage>> {
    if let Some(answer) = begin_free(cx, call) {
        return answer;
    }
    let handle = call.socket().ok_or_else(|| not_a_socket(call.function()))?;
    let holder = Holder::Handle(cx.process(), handle);
    let endpoint = cx.world.held(holder).ok_or_else(|| not_a_socket(call.function()))?;
    let socket = Socket { holder, endpoint };
    let answer = begin(cx, socket, call);
    network_event::after(cx, socket, call, &answer);
    answer
}
