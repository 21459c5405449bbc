//! WSPConnect on a datagram socket: the default peer.
//!
//! Pages: `ws2spi/nc-ws2spi-lpwspconnect`, `WinSock/connecting-to-a-default-peer-2`. Nothing is sent
//! (`ConnectingToADefaultPeer.no-protocol-exchange`).

use winspi_types::ErrorCode;

use crate::call::WSPConnect;
use crate::clause;
use crate::outcome::{Answer, Refusal};
use crate::provider::base::connection::{bind_concrete, peer_name};
use crate::rule;
use crate::transport::Peer;
use crate::value::Value;
use crate::wait::Socket;
use crate::world::Cx;

/// Sets the default peer, changes it, or takes it away with the zero address.
///
/// Datagrams that were received and are from another name than the new one are discarded when the name changes
/// (`WSPConnect.dgram-reconnect-discards`); connect data is ignored (`WSPConnect.dgram-user-data-ignored`).
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPConnect.error-efault-memory` | `name` is no memory | WSAEFAULT |
/// | `WSPConnect.error-eafnosupport` | the family is not the socket's | WSAEAFNOSUPPORT |
/// | `WSPConnect.error-efault-namelen` | `namelen` is too small | WSAEFAULT |
/// | `WSPConnect.error-eaddrnotavail` | the address or the port is zero, but not both | WSAEADDRNOTAVAIL |
/// | `WSPConnect.error-eacces` | a broadcast address without SO_BROADCAST | WSAEACCES |
/// | `WSPConnect.error-enetunreach` | the address is not one of this machine | WSAENETUNREACH |
///
/// Checked in this order (decision `order-of-checks`).
pub(crate) fn connect(cx: &mut Cx<'_>, s: Socket, a: &WSPConnect) -> Answer<()> {
    let endpoint = cx.world.socket(s.endpoint);
    let (local, broadcast) = (endpoint.local, endpoint.options.broadcast);
    let peer = peer_name(endpoint.family, a)?;
    if peer.is_unspecified() && peer.port() == 0 {
        if let Some(datagrams) = cx.world.socket_mut(s.endpoint).datagrams_mut() {
            if datagrams.peer().is_some() {
                datagrams.received.clear();
            }
            datagrams.peer = Peer::Removed;
        }
        cx.hit(clause!("WSPConnect.dgram-zero-disconnects"));
        return Ok(());
    }
    rule!(!peer.is_unspecified() && peer.port() != 0, WSAEADDRNOTAVAIL, "WSPConnect.error-eaddrnotavail");
    let everybody = cx.world.is_broadcast_address(&peer);
    rule!(!everybody || broadcast, WSAEACCES, "WSPConnect.error-eacces");
    rule!(everybody || peer.is_loopback(), WSAENETUNREACH, "WSPConnect.error-enetunreach");
    if local.is_none_or(|local| local.is_unspecified()) {
        cx.hit(clause!("WSPConnect.implicit-bind"));
        bind_concrete(cx, s, local)?;
    }
    let Some(datagrams) = cx.world.socket_mut(s.endpoint).datagrams_mut() else {
        return Err(Refusal::code(ErrorCode::WSAEISCONN, clause!("WSPConnect.error-eisconn")));
    };
    let again = datagrams.peer().is_some();
    let changes = datagrams.peer != Peer::Is(peer);
    let discards = changes && !datagrams.received.is_empty();
    if changes {
        datagrams.received.clear();
    }
    datagrams.peer = Peer::Is(peer);
    if discards {
        cx.hit(clause!("WSPConnect.dgram-reconnect-discards"));
    }
    if again {
        cx.hit(clause!("WSPConnect.dgram-reconnect"));
    }
    if !matches!(a.caller_data, Value::Null | Value::Number(0)) {
        cx.hit(clause!("WSPConnect.dgram-user-data-ignored"));
    }
    cx.hit(clause!("WSPConnect.dgram-default-destination"));
    Ok(())
}
