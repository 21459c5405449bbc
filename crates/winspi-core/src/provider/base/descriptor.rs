//! WSPSocket of a base provider.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use winspi_types::constants::{FROM_PROTOCOL_INFO, SOCK_RAW, WSA_FLAG_NO_HANDLE_INHERIT};
use winspi_types::{ErrorCode, RawProtocolInfoW, ServiceFlags1, SocketFlags};

use crate::call::WSPSocket;
use crate::clause;
use crate::clause::Clause;
use crate::id::Handle;
use crate::outcome::{Answer, Refusal};
use crate::policy::Decision;
use crate::protocol::{Reply, Staged, Step};
use crate::provider::base::shared_socket::Redeemed;
use crate::provider::base::{Base, entry_for, shared_socket};
use crate::rule;
use crate::value::Pointer;
use crate::world::Cx;

/// WSPSocket: waits for the upcall that registers the descriptor.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPSocket.error-einval-group` | `g` is not 0 | WSAEINVAL |
/// | `WSPSocket.error-eafnosupport` | the family is none of the provider's | WSAEAFNOSUPPORT |
/// | `WSPSocket.error-esocktnosupport` | the type is none of the family's | WSAESOCKTNOSUPPORT |
/// | `WSPSocket.error-eprototype` | the protocol is of another type | WSAEPROTOTYPE |
/// | `WSPSocket.error-eprotonosupport` | the protocol is none of the provider's | WSAEPROTONOSUPPORT |
/// | `SocketCreationAndDescriptorManagement.multipoint-flags-optional` | a multipoint flag, and the protocol has no multipoint | WSAEINVAL |
/// | `WSPSocket.error-emfile` | no handle is left | WSAEMFILE |
/// | `WSPDuplicateSocket.reused-info-error` | a special info was used already | WSAEINVAL |
///
/// A special info makes a descriptor of the shared socket, whatever the triple says. Raw sockets: decision
/// `raw-sockets`. No page gives the code for a multipoint flag; it is the one that a wrong combination has.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Create<B: Base> {
    /// The descriptor is being registered.
    Registered(B::Proposed, PhantomData<B>),
}

impl<B: Base> Staged for Create<B> {
    type Call = WSPSocket;
    type At = ();

    fn begin(cx: &mut Cx<'_>, (): (), a: &WSPSocket) -> Answer<Step<Self>> {
        let info = match &a.protocol_info {
            Pointer::To(info) => Some(&**info),
            Pointer::Null => None,
            Pointer::Bad => return Err(Refusal::code(ErrorCode::WSAEFAULT, Decision::BadMemory)),
        };
        if let Some(info) = info.filter(|i| shared_socket::is_special(cx, i)) {
            return Ok(match shared_socket::redeem::<B>(cx, info)? {
                Redeemed::SameDescriptor(handle) => Step::done(handle),
                Redeemed::Duplicate(proposed, entry) => {
                    if a.flags & WSA_FLAG_NO_HANDLE_INHERIT != 0 {
                        B::forbid_inheritance(cx, proposed);
                    }
                    Step::Ask(B::register(cx, proposed, entry), Create::Registered(proposed, PhantomData))
                }
            });
        }
        rule!(a.g == 0, WSAEINVAL, "WSPSocket.error-einval-group");
        let flags = SocketFlags::from_bits_retain(a.flags);
        let multipoint = SocketFlags::WSA_FLAG_MULTIPOINT_C_ROOT
            | SocketFlags::WSA_FLAG_MULTIPOINT_C_LEAF
            | SocketFlags::WSA_FLAG_MULTIPOINT_D_ROOT
            | SocketFlags::WSA_FLAG_MULTIPOINT_D_LEAF;
        let (family, socket_type, protocol) = triple(cx, a, info)?;
        let may = socket_type != SOCK_RAW || cx.world.running(cx.process()).is_some_and(|p| p.administrator);
        if !may {
            return Err(Refusal::code(ErrorCode::WSAEACCES, Decision::RawSockets));
        }
        let entry = entry_for(cx, family, socket_type, protocol)
            .ok_or_else(|| Refusal::code(ErrorCode::WSAEAFNOSUPPORT, clause!("WSPSocket.error-eafnosupport")))?;
        if flags.intersects(multipoint) {
            let service = cx.world.catalog().entry(entry).map(|e| e.info.service_flags1()).unwrap_or_default();
            let known = service.contains(ServiceFlags1::XP1_SUPPORT_MULTIPOINT);
            rule!(known, WSAEINVAL, "SocketCreationAndDescriptorManagement.multipoint-flags-optional");
            return Err(Refusal::not_modelled("multipoint sockets"));
        }
        if socket_type == SOCK_RAW {
            cx.hit(Decision::RawSockets);
        }
        let endpoint = cx.world.make_endpoint(family, socket_type, protocol, a.flags);
        let proposed = match B::open(cx, endpoint) {
            Ok(proposed) => proposed,
            Err(refusal) => {
                cx.world.endpoint_arena().remove(endpoint);
                return Err(refusal);
            }
        };
        if is_wrong!(cx.world, SocketMadeTwice) {
            let second = cx.world.make_endpoint(family, socket_type, protocol, a.flags);
            B::open(cx, second)?;
        }
        if a.flags & WSA_FLAG_NO_HANDLE_INHERIT != 0 {
            // At once, so that no process is created in between: that is what the flag is for.
            B::forbid_inheritance(cx, proposed);
        }
        cx.hit(clause!("WSPSocket.returns-descriptor"));
        Ok(Step::Ask(B::register(cx, proposed, entry), Create::Registered(proposed, PhantomData)))
    }

    fn resume(self, cx: &mut Cx<'_>, a: &WSPSocket, reply: Reply) -> Answer<Step<Self>> {
        let Create::Registered(proposed, _) = self;
        let handle = B::registered(cx, proposed, reply)?;
        if a.flags & WSA_FLAG_NO_HANDLE_INHERIT != 0 {
            forbid_inheritance(cx, handle);
        }
        Ok(Step::done(handle))
    }
}

/// Clears HANDLE_FLAG_INHERIT of a handle that WPUCreateSocketHandle made, which has no parameter for it.
pub(crate) fn forbid_inheritance(cx: &mut Cx<'_>, handle: Handle) {
    let process = cx.process();
    if let Some(process) = cx.world.process_mut(process) {
        process.handles.forbid_inheritance(handle);
    }
}

/// The triple of the new socket: FROM_PROTOCOL_INFO takes the info's member, and so does the wildcard 0.
fn triple(cx: &mut Cx<'_>, a: &WSPSocket, info: Option<&RawProtocolInfoW>) -> Answer<(i32, i32, i32)> {
    let mut take = |given: i32, member: Option<i32>, from_info: Clause, zero: Option<Clause>| match given {
        FROM_PROTOCOL_INFO => {
            cx.hit(from_info);
            member.unwrap_or(0)
        }
        0 => {
            if let Some(zero) = zero {
                cx.hit(zero);
            }
            member.unwrap_or(0)
        }
        given => given,
    };
    let family = take(
        a.af,
        info.map(RawProtocolInfoW::address_family),
        clause!("WSPSocket.af-from-protocol-info"),
        Some(clause!("WSPSocket.af-zero-accepted")),
    );
    let socket_type = take(
        a.socket_type,
        info.map(RawProtocolInfoW::socket_type),
        clause!("WSPSocket.type-from-protocol-info"),
        Some(clause!("WSPSocket.type-zero-accepted")),
    );
    let protocol =
        take(a.protocol, info.map(RawProtocolInfoW::protocol), clause!("WSPSocket.protocol-from-protocol-info"), None);
    let me = cx.instance().provider;
    let own = || cx.world.catalog().entries().iter().filter(|e| e.provider == me).map(|e| &e.info);
    rule!(own().any(|i| i.address_family() == family), WSAEAFNOSUPPORT, "WSPSocket.error-eafnosupport");
    let mut types = own().filter(|i| i.address_family() == family);
    rule!(types.any(|i| i.socket_type() == socket_type), WSAESOCKTNOSUPPORT, "WSPSocket.error-esocktnosupport");
    // Raw sockets take any protocol, which says nothing of the others.
    let takes = |i: &RawProtocolInfoW| {
        (i.protocol()..=i.protocol().saturating_add(i.protocol_max_offset())).contains(&protocol)
    };
    let mut of_family = own().filter(|i| i.address_family() == family);
    let named = |i: &RawProtocolInfoW| takes(i) && (i.socket_type() != SOCK_RAW || socket_type == SOCK_RAW);
    rule!(of_family.any(|i| named(i)), WSAEPROTONOSUPPORT, "WSPSocket.error-eprotonosupport");
    let mut exact = own().filter(|i| i.address_family() == family && i.socket_type() == socket_type);
    rule!(exact.any(|i| takes(i)), WSAEPROTOTYPE, "WSPSocket.error-eprototype");
    Ok((family, socket_type, protocol))
}
