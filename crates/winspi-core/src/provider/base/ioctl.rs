//! WSPIoctl: FIONBIO, FIONREAD, SIOCATMARK, SIO_UDP_CONNRESET.

use std::sync::Arc;

use winspi_types::ErrorCode;
use winspi_types::constants::{
    FIOASYNC, FIONBIO, FIONREAD, SIO_GET_QOS, SIO_SET_QOS, SIO_UDP_CONNRESET, SIOCATMARK, SOCK_STREAM, constant_name,
};

use crate::call::WSPIoctl;
use crate::clause;
use crate::outcome::{Answer, IoctlResult, Refusal};
use crate::rule;
use crate::value::{Place, Value};
use crate::wait::Socket;
use crate::world::Cx;

/// Asks or changes the mode of a socket.
///
/// - FIONBIO: nonzero makes it nonblocking.
/// - FIONREAD: the bytes that can be read; of datagrams all together (`WSPIoctl.fionread-message`).
/// - SIOCATMARK: whether no out-of-band data waits; there is none.
/// - SIO_UDP_CONNRESET: whether an unreachable port is told.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPIoctl.efault-buffers` | a buffer is no memory | WSAEFAULT |
/// | `WSPIoctl.efault-too-small` | a buffer has fewer than four bytes | WSAEFAULT |
/// | `WSPIoctl.einval-code` | there is no such code | WSAEINVAL |
/// | `WSPIoctl.no-fioasync` | FIOASYNC | WSAEINVAL |
/// | `WSPIoctl.einval-socket-type` | the code is not for this type of socket | WSAEINVAL |
/// | `WSPIoctl.sio-get-qos-unsupported`, `.sio-set-qos-unsupported` | the base providers have no quality of service | WSAENOPROTOOPT |
/// | `WSPIoctl.fionbio-einval-event-select` | FIONBIO 0, while network events are selected | WSAEINVAL |
///
/// All other codes are not modelled.
pub(crate) fn ioctl(cx: &mut Cx<'_>, s: Socket, a: &WSPIoctl) -> Answer<IoctlResult> {
    rule!(a.bytes_returned != Place::Bad, WSAEFAULT, "WSPIoctl.efault-buffers");
    let stream = cx.world.endpoint(s.endpoint).socket_type == SOCK_STREAM;
    match a.io_control_code {
        FIONBIO => {
            let nonblocking = truth(a)?;
            let selected = cx.world.endpoint(s.endpoint).events.selection.is_some();
            rule!(nonblocking || !selected, WSAEINVAL, "WSPIoctl.fionbio-einval-event-select");
            cx.world.endpoint_mut(s.endpoint).nonblocking = nonblocking;
            cx.hit(if nonblocking { clause!("WSPIoctl.fionbio-enable") } else { clause!("WSPIoctl.fionbio-disable") });
            Ok(nothing())
        }
        FIONREAD => {
            let unread = cx.world.unread(s.endpoint);
            let answer = number(a, u32::try_from(unread).unwrap_or(u32::MAX))?;
            cx.hit(if stream { clause!("WSPIoctl.fionread-stream") } else { clause!("WSPIoctl.fionread-message") });
            Ok(answer)
        }
        SIOCATMARK => {
            rule!(stream, WSAEINVAL, "WSPIoctl.siocatmark-stream-inline-only");
            let answer = number(a, 1)?;
            cx.hit(clause!("WSPIoctl.siocatmark-true-when-no-oob"));
            Ok(answer)
        }
        SIO_UDP_CONNRESET => {
            rule!(cx.world.endpoint(s.endpoint).datagrams().is_some(), WSAEINVAL, "WSPIoctl.einval-socket-type");
            let told = truth(a)?;
            cx.world.endpoint_mut(s.endpoint).options.udp_connreset = told;
            cx.hit(match told {
                true => clause!("WSPIoctl.sio-udp-connreset-true"),
                false => clause!("WSPIoctl.sio-udp-connreset-false"),
            });
            Ok(nothing())
        }
        SIO_GET_QOS => Err(Refusal::code(ErrorCode::WSAENOPROTOOPT, clause!("WSPIoctl.sio-get-qos-unsupported"))),
        SIO_SET_QOS => Err(Refusal::code(ErrorCode::WSAENOPROTOOPT, clause!("WSPIoctl.sio-set-qos-unsupported"))),
        FIOASYNC => Err(Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPIoctl.no-fioasync"))),
        code => {
            let known = ["SIO", "FIO"].iter().find_map(|prefix| constant_name(prefix, i64::from(code)));
            Err(match known {
                Some(name) => Refusal::not_modelled(format!("WSPIoctl {name}")),
                None => Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPIoctl.einval-code")),
            })
        }
    }
}

fn nothing() -> IoctlResult {
    IoctlResult { out_buffer: Arc::from(&[][..]) }
}

/// An unsigned long or a BOOL that goes in.
fn truth(a: &WSPIoctl) -> Answer<bool> {
    let small = || Refusal::code(ErrorCode::WSAEFAULT, clause!("WSPIoctl.efault-too-small"));
    let (value, length) = match &a.in_buffer {
        Value::Null | Value::Bad => {
            return Err(Refusal::code(ErrorCode::WSAEFAULT, clause!("WSPIoctl.efault-buffers")));
        }
        Value::Number(n) => (*n != 0, 4),
        other => {
            let bytes = other.to_bytes().ok_or_else(small)?;
            (bytes.iter().take(4).any(|b| *b != 0), bytes.len())
        }
    };
    if length < 4 || a.in_buffer_len.or(length) < 4 { Err(small()) } else { Ok(value) }
}

/// An unsigned long that comes out.
fn number(a: &WSPIoctl, n: u32) -> Answer<IoctlResult> {
    rule!(a.out_buffer == Place::Room, WSAEFAULT, "WSPIoctl.efault-buffers");
    rule!(a.out_buffer_len.or(4) >= 4, WSAEFAULT, "WSPIoctl.efault-too-small");
    Ok(IoctlResult { out_buffer: Arc::from(&n.to_le_bytes()[..]) })
}
