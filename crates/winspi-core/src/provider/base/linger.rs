//! What a close does with data that has not been sent: the table of WSPCloseSocket.
//!
//! Page: `ws2spi/nc-ws2spi-lpwspclosesocket`. Data is sent when it has arrived at the other end.
//!
//! | option | interval | kind of close | waits |
//! |---|---|---|---|
//! | SO_DONTLINGER | any | graceful, in the background | no |
//! | SO_LINGER | zero | reset, what has not arrived is lost | no |
//! | SO_LINGER | not zero | graceful, reset when the time is up | blocking: yes; nonblocking: WSAEWOULDBLOCK |
//!
//! Only the close of the last descriptor does any of this (decision `linger-close`).

use winspi_types::ErrorCode;

use crate::clause;
use crate::outcome::{Answer, Refusal};
use crate::provider::base::check_held;
use crate::transport::{Linger, Role};
use crate::wait::{Deadline, Socket};
use crate::world::Cx;

/// Whether a close has to wait, and until when at most; then it holds the socket. A nonblocking one that would have to is refused.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPCloseSocket.error-ewouldblock` | nonblocking, lingering, and data is not sent | WSAEWOULDBLOCK |
pub(crate) fn begin(cx: &mut Cx<'_>, socket: Socket) -> Answer<Option<Deadline>> {
    let endpoint = cx.world.endpoint(socket.endpoint);
    if !cx.world.is_last(socket.endpoint) || !matches!(endpoint.role, Role::Connected { .. }) {
        return Ok(None);
    }
    let (linger, nonblocking) = (endpoint.options.linger, endpoint.nonblocking);
    match linger {
        Linger { on: false, .. } => {
            cx.hit(clause!("WSPCloseSocket.dontlinger-immediate"));
            Ok(None)
        }
        Linger { seconds: 0, .. } => {
            cx.hit(clause!("WSPCloseSocket.linger-zero-resets"));
            Ok(None)
        }
        Linger { seconds, .. } => {
            if !cx.world.has_unsent(socket.endpoint) {
                return Ok(None);
            }
            if nonblocking {
                return Err(Refusal::code(ErrorCode::WSAEWOULDBLOCK, clause!("WSPCloseSocket.error-ewouldblock")));
            }
            let deadline = Deadline(cx.world.now().saturating_add(u64::from(seconds) * 1000));
            cx.hit(clause!("WSPCloseSocket.linger-nonzero-blocks"));
            cx.world.hold(socket.endpoint);
            Ok(Some(deadline))
        }
    }
}

/// Looks again; where the time is up the connection is to be reset by the close that follows.
pub(crate) fn go_on(cx: &mut Cx<'_>, socket: Socket, deadline: Deadline) -> Answer<Option<Deadline>> {
    cx.world.unhold(socket.endpoint);
    check_held(cx, &socket)?;
    let last = cx.world.is_last(socket.endpoint);
    if !last || !cx.world.has_unsent(socket.endpoint) {
        return Ok(None);
    }
    if cx.world.now() < deadline.0 {
        cx.world.hold(socket.endpoint);
        return Ok(Some(deadline));
    }
    cx.hit(clause!("WSPCloseSocket.linger-nonzero-timeout"));
    cx.world.endpoint_mut(socket.endpoint).options.linger = Linger { on: true, seconds: 0 };
    Ok(None)
}
