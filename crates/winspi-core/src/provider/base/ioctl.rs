//! WSPIoctl: FIONBIO.

use std::sync::Arc;

use winspi_types::ErrorCode;
use winspi_types::constants::FIONBIO;

use crate::call::WSPIoctl;
use crate::clause;
use crate::outcome::{Answer, IoctlResult, Refusal};
use crate::rule;
use crate::value::Value;
use crate::wait::Socket;
use crate::world::Cx;

/// Changes the mode of a socket: nonzero makes it nonblocking.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPIoctl.efault-buffers` | the buffer is no memory | WSAEFAULT |
/// | `WSPIoctl.efault-too-small` | the buffer has fewer than four bytes | WSAEFAULT |
/// | `WSPIoctl.fionbio-einval-event-select` | 0, while network events are selected | WSAEINVAL |
///
/// All other codes are not modelled.
pub(crate) fn ioctl(cx: &mut Cx<'_>, s: Socket, a: &WSPIoctl) -> Answer<IoctlResult> {
    if a.io_control_code != FIONBIO {
        return Err(Refusal::not_modelled(format!("WSPIoctl {:#010x}", a.io_control_code)));
    }
    let nonblocking = match &a.in_buffer {
        Value::Null | Value::Bad => {
            return Err(Refusal::code(ErrorCode::WSAEFAULT, clause!("WSPIoctl.efault-buffers")));
        }
        Value::Number(n) => *n != 0,
        other => match other.to_bytes() {
            Some(bytes) if bytes.len() >= 4 => bytes[..4].iter().any(|b| *b != 0),
            _ => return Err(Refusal::code(ErrorCode::WSAEFAULT, clause!("WSPIoctl.efault-too-small"))),
        },
    };
    let selected = cx.world.endpoint(s.endpoint).events.selection.is_some();
    rule!(nonblocking || !selected, WSAEINVAL, "WSPIoctl.fionbio-einval-event-select");
    cx.world.endpoint_mut(s.endpoint).nonblocking = nonblocking;
    cx.hit(if nonblocking { clause!("WSPIoctl.fionbio-enable") } else { clause!("WSPIoctl.fionbio-disable") });
    Ok(IoctlResult { out_buffer: Arc::from(&[][..]) })
}
