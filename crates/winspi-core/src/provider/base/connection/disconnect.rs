//! WSPShutdown, WSPSendDisconnect, WSPRecvDisconnect: a connection ends, the socket stays.
//!
//! Pages: `ws2spi/nc-ws2spi-lpwspshutdown`, `ws2spi/nc-ws2spi-lpwspsenddisconnect`,
//! `ws2spi/nc-ws2spi-lpwsprecvdisconnect`.

use std::sync::Arc;

use winspi_types::{ErrorCode, Shutdown};

use crate::call::{WSPRecvDisconnect, WSPSendDisconnect, WSPShutdown};
use crate::clause;
use crate::outcome::{Answer, Disconnected, Refusal};
use crate::policy::Decision;
use crate::provider::base::connection::{bytes_of, room_in};
use crate::rule;
use crate::transport::{Direction, Role, Service};
use crate::value::Space;
use crate::wait::Socket;
use crate::world::Cx;

/// Ends sending, receiving or both.
///
/// Receiving that ends with data unread resets a connection (`WSPShutdown.sd-receive-tcp-queued`). On a raw socket there
/// is nothing to end: what it sends and receives is not modelled (decision `raw-sockets`).
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPShutdown.error-einval-how` | `how` is none of the three | WSAEINVAL |
/// | `WSPShutdown.error-einval-type` | `how` is the one direction that the socket has not | WSAEINVAL |
/// | `WSPShutdown.error-enotconn` | a socket of a connection-oriented protocol is not connected | WSAENOTCONN |
///
/// Checked in this order (decision `order-of-checks`).
pub(crate) fn shutdown(cx: &mut Cx<'_>, s: Socket, a: &WSPShutdown) -> Answer<()> {
    let Some(how) = Shutdown::from_number(a.how) else {
        return Err(Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPShutdown.error-einval-how")));
    };
    let fits = match cx.world.endpoint(s.endpoint).service().direction {
        Direction::Both => true,
        Direction::Send => how != Shutdown::Receive,
        Direction::Receive => how != Shutdown::Send,
    };
    rule!(fits, WSAEINVAL, "WSPShutdown.error-einval-type");
    if let Some(datagrams) = cx.world.endpoint_mut(s.endpoint).datagrams_mut() {
        datagrams.receive_shut |= how.receive();
        datagrams.send_shut |= how.send();
        cx.hit(clause!("WSPShutdown.all-socket-types"));
        return Ok(());
    }
    if !cx.world.endpoint(s.endpoint).is_circuit() {
        cx.hit(clause!("WSPShutdown.all-socket-types"));
        return Ok(());
    }
    let connected = matches!(cx.world.endpoint(s.endpoint).role, Role::Connected { .. });
    rule!(connected, WSAENOTCONN, "WSPShutdown.error-enotconn");
    if how.receive() && cx.world.unread(s.endpoint) > 0 {
        cx.hit(clause!("WSPShutdown.sd-receive-tcp-queued"));
    }
    cx.world.shut_end(s.endpoint, how.receive(), how.send());
    cx.hit(match how {
        Shutdown::Receive => clause!("WSPShutdown.sd-receive-disallows"),
        Shutdown::Send => clause!("WSPShutdown.sd-send-fin"),
        Shutdown::Both => clause!("WSPShutdown.sd-both"),
    });
    Ok(())
}

/// Ends sending; disconnect data goes with the end of the stream. It never waits.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPSendDisconnect.error-enotconn` | a socket of a connection-oriented protocol is not connected | WSAENOTCONN |
/// | `WSPSendDisconnect.error-efault` | the data is no memory | WSAEFAULT |
/// | `WSPSendDisconnect.error-enoprotoopt` | data is given, and the protocol carries none | WSAENOPROTOOPT |
/// | decision `user-data` | more than 64 bytes | WSAEFAULT |
///
/// Checked in this order (decision `order-of-checks`); where one holds nothing is begun. Connectionless sockets and those
/// that do not send any more: decision `disconnect`.
pub(crate) fn send_disconnect(cx: &mut Cx<'_>, s: Socket, a: &WSPSendDisconnect) -> Answer<()> {
    let endpoint = cx.world.endpoint(s.endpoint);
    let (circuit, user_data) = (endpoint.datagrams().is_none(), endpoint.service().user_data);
    let connected = matches!(endpoint.role, Role::Connected { .. });
    rule!(connected || !circuit, WSAENOTCONN, "WSPSendDisconnect.error-enotconn");
    let data = bytes_of(cx, &a.outbound_disconnect_data, clause!("WSPSendDisconnect.error-efault"))?;
    rule!(user_data || data.is_none(), WSAENOPROTOOPT, "WSPSendDisconnect.error-enoprotoopt");
    let data = data.unwrap_or_default();
    if data.len() > Service::DISCONNECT_DATA {
        return Err(Refusal::code(ErrorCode::WSAEFAULT, Decision::UserData));
    }
    if let Some(datagrams) = cx.world.endpoint_mut(s.endpoint).datagrams_mut() {
        datagrams.send_shut = true;
        cx.hit(clause!("WSPSendDisconnect.connectionless"));
        return Ok(());
    }
    cx.hit(match data.is_empty() {
        true => clause!("WSPSendDisconnect.starts-termination"),
        false => clause!("WSPSendDisconnect.data-sent"),
    });
    cx.world.disconnect_end(s.endpoint, data);
    Ok(())
}

/// Ends receiving, and gives the disconnect data of the peer once. It never waits, and the peer does not hear of it.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPRecvDisconnect.error-enotconn` | a socket of a connection-oriented protocol is not connected | WSAENOTCONN |
/// | `WSPRecvDisconnect.error-enoprotoopt` | a place is given, and the protocol carries no data | WSAENOPROTOOPT |
/// | `WSPRecvDisconnect.error-efault` | the place is no memory, or too small | WSAEFAULT |
///
/// Checked in this order (decision `order-of-checks`); where one holds receiving goes on, and the data is still there.
/// Sockets that carry none, or whose peer has not disconnected: decision `disconnect`.
pub(crate) fn recv_disconnect(cx: &mut Cx<'_>, s: Socket, a: &WSPRecvDisconnect) -> Answer<Disconnected> {
    let endpoint = cx.world.endpoint(s.endpoint);
    let (circuit, user_data) = (endpoint.datagrams().is_none(), endpoint.service().user_data);
    let connected = matches!(endpoint.role, Role::Connected { .. });
    rule!(connected || !circuit, WSAENOTCONN, "WSPRecvDisconnect.error-enotconn");
    let place = a.inbound_disconnect_data;
    rule!(user_data || place == Space::Null, WSAENOPROTOOPT, "WSPRecvDisconnect.error-enoprotoopt");
    let there = cx.world.end_of(s.endpoint).and_then(|(_, _, end)| end.user.as_ref());
    let data: Arc<[u8]> = there.map(|user| user.disconnect.clone()).unwrap_or_default();
    let fits = place == Space::Null || room_in(cx, place).is_some_and(|room| data.len() <= room);
    rule!(fits, WSAEFAULT, "WSPRecvDisconnect.error-efault");
    if let Some(datagrams) = cx.world.endpoint_mut(s.endpoint).datagrams_mut() {
        datagrams.receive_shut = true;
        cx.hit(clause!("WSPRecvDisconnect.udp-queued"));
        return Ok(Disconnected { inbound_disconnect_data: None });
    }
    cx.world.end_receiving(s.endpoint, place != Space::Null);
    let process = cx.process();
    if let Space::Cell(cell) = place {
        cx.world.write_cell(process, cell, &data);
    }
    cx.hit(match data.is_empty() {
        true => clause!("WSPRecvDisconnect.lower-layers"),
        false => clause!("WSPRecvDisconnect.data-retrieved"),
    });
    Ok(Disconnected { inbound_disconnect_data: (place != Space::Null).then_some(data) })
}
