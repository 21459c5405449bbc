//! The rules that both base providers share: what a function does to a socket, whatever leads to it.
//!
//! A function gets a [`Socket`]: the object, and what it is held by. Where the two providers differ, the trait [`Base`]
//! says what each does.

use std::fmt::Debug;
use std::hash::Hash;

use serde::Serialize;
use serde::de::DeserializeOwned;
use winspi_types::{ErrorCode, RawProtocolInfoW};

use crate::clause::Clause;
use crate::id::{EndpointId, Handle, Pid};
use crate::outcome::{Answer, Basis, Refusal};
use crate::policy::{CloseUnderCall, Decision};
use crate::protocol::{Reply, Request};
use crate::signature::Function;
use crate::wait::Socket;
use crate::world::Cx;

pub mod bind;
pub mod blocking;
pub mod connection;
pub mod data;
pub mod datagram;
pub mod descriptor;
pub mod ioctl;
pub mod linger;
pub mod message;
pub mod network_event;
pub mod option;
pub mod overlapped;
pub mod peer;
pub mod shared_socket;
pub mod startup;

/// What differs between the two base providers.
pub trait Base: Clone + Debug + PartialEq + Eq + Hash + Serialize + DeserializeOwned + 'static {
    /// What the provider holds a socket by until its descriptor is registered.
    type Proposed: Copy + Debug + PartialEq + Eq + Hash + Serialize + DeserializeOwned;

    /// Gives a socket a first handle of this provider.
    fn open(cx: &mut Cx<'_>, endpoint: EndpointId) -> Answer<Self::Proposed>;

    /// Makes what was opened invisible to processes that are created with inheritance, as far as it is a handle.
    fn forbid_inheritance(_: &mut Cx<'_>, _: Self::Proposed) {}

    /// The upcall that registers it.
    fn register(cx: &mut Cx<'_>, proposed: Self::Proposed, entry: u32) -> Request;

    /// What the upcall gave; where it was refused, what was made is undone.
    fn registered(cx: &mut Cx<'_>, proposed: Self::Proposed, reply: Reply) -> Answer<Handle>;

    /// Keeps a duplicate for a process, and gives what goes into dwProviderReserved.
    fn keep(cx: &mut Cx<'_>, endpoint: EndpointId, target: Pid, serial: u32) -> Answer<u32>;

    /// Takes the duplicate that was kept for a process, the caller's own as a rule.
    fn take(cx: &mut Cx<'_>, target: Pid, reserved: u32, serial: u32) -> Option<Self::Proposed>;

    /// The number of what a socket is held by: what is remembered of a use of an info.
    fn number(proposed: Self::Proposed) -> u64;

    /// The descriptor of such a number, while it is open.
    fn descriptor(cx: &Cx<'_>, number: u64) -> Option<Handle>;
}

/// Declares the functions of a base provider: those that both have, and what each has beside them.
macro_rules! functions_of_base {
    (
        $base:ident;
        cleanup $cleanup:path;
        close $close:ty;
        free { $($function:ident => $stages:ty,)* }
    ) => {
        use $crate::provider::base::{
            bind, blocking, connection, data, datagram, descriptor as sockets, ioctl, network_event as network_events,
            option, overlapped as results, shared_socket as shared, startup,
        };

        $crate::protocol::entries! {
            at $crate::wait::Socket;
            free plain {
                WSPStartup => startup::startup,
                WSPCleanup => $cleanup,
                WSPCancelBlockingCall => blocking::cancel,
            }
            free staged {
                WSPSocket => sockets::Create<$base>,
                $($function => $stages,)*
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
                WSPDuplicateSocket => shared::duplicate::<$base>,
                WSPIoctl => ioctl::ioctl,
                WSPEventSelect => network_events::event_select,
                WSPEnumNetworkEvents => network_events::enum_network_events,
            }
            staged {
                WSPCloseSocket => $close,
                WSPAccept => connection::Accept<$base>,
                WSPConnect => connection::Connect,
                WSPSend => data::Send,
                WSPRecv => data::Recv,
                WSPSendTo => datagram::SendTo,
                WSPRecvFrom => datagram::RecvFrom,
                WSPGetOverlappedResult => results::GetOverlappedResult,
            }
        }
    };
}

pub(crate) use functions_of_base;

/// The socket of a function that names one; the base is whoever resolved it.
pub(crate) fn not_a_socket(function: Function) -> Refusal {
    let known = ["error-enotsock", "enotsock"];
    let clause = known.iter().find_map(|slug| Clause::of(function.name(), slug));
    let basis = clause.map_or(Basis::Decision(Decision::UnknownHandle), Basis::Clause);
    Refusal::code(ErrorCode::WSAENOTSOCK, basis)
}

/// What a call that waited finds when its descriptor is gone: decision `close-under-call`.
pub(crate) fn check_held(cx: &Cx<'_>, socket: &Socket) -> Answer<()> {
    if cx.world.lost(socket) {
        let code = match cx.world.policy().close_under_call {
            CloseUnderCall::Notsock => ErrorCode::WSAENOTSOCK,
            CloseUnderCall::Intr => ErrorCode::WSAEINTR,
        };
        return Err(Refusal::code(code, Decision::CloseUnderCall));
    }
    Ok(())
}

/// The catalog entry of this base provider for a socket.
pub(crate) fn entry_for(cx: &Cx<'_>, family: i32, socket_type: i32, protocol: i32) -> Option<u32> {
    let me = cx.instance().provider;
    let entries = cx.world.catalog().entries().iter().filter(|e| e.provider == me);
    let fits = |i: &RawProtocolInfoW| {
        let protocols = i.protocol()..=i.protocol().saturating_add(i.protocol_max_offset());
        i.address_family() == family && i.socket_type() == socket_type && protocols.contains(&protocol)
    };
    entries.into_iter().find(|e| fits(&e.info)).map(|e| e.id)
}
