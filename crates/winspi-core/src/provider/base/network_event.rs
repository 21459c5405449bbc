//! WSPEventSelect and WSPEnumNetworkEvents, and the calls that re-enable an event.

use winspi_types::ErrorCode;
use winspi_types::constants::{FD_ACCEPT, FD_ALL_EVENTS, FD_CONNECT, FD_READ};

use crate::call::{Call, WSPEnumNetworkEvents, WSPEventSelect};
use crate::clause;
use crate::id::Handle;
use crate::kernel::handle::Slot;
use crate::outcome::{Answer, NetworkEvents, Refusal};
use crate::protocol::Step;
use crate::rule;
use crate::transport::network_events::Selection;
use crate::value::Place;
use crate::wait::{Holder, Socket};
use crate::world::Cx;

/// Asks for the indication of network events by an event object, in the place of what was asked for before.
///
/// Page: `ws2spi/nc-ws2spi-lpwspeventselect`.
///
/// Without error: the socket is nonblocking from now on, its record is empty, and what holds already is recorded at
/// once. With no events the registration ends and `event_object` is not looked at.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPEventSelect.enotsock` | `s` is no socket of this process | WSAENOTSOCK |
/// | `WSPEventSelect.einval-parameter` | `network_events` has bits that are no events, or `event_object` is no event | WSAEINVAL |
///
/// Out-of-band data, quality of service, routes and address lists do not change here: their events never happen.
pub(crate) fn event_select(cx: &mut Cx<'_>, s: Socket, a: &WSPEventSelect) -> Answer<()> {
    let mask = a.network_events.cast_unsigned();
    rule!(mask & !FD_ALL_EVENTS == 0, WSAEINVAL, "WSPEventSelect.einval-parameter");
    let process = cx.process();
    if mask != 0 {
        let event = matches!(cx.world.slot(process, a.event_object), Slot::Event(_));
        rule!(event, WSAEINVAL, "WSPEventSelect.einval-parameter");
    }
    let replaces = cx.world.endpoint(s.endpoint).events.selection.is_some();
    cx.world.endpoint_mut(s.endpoint).nonblocking = true;
    cx.hit(match (mask, replaces) {
        (0, _) => clause!("WSPEventSelect.zero-cancels-all"),
        (_, true) => clause!("WSPEventSelect.cancels-previous-event-select"),
        (_, false) => clause!("WSPEventSelect.sets-nonblocking"),
    });
    let setter = matches!(s.holder, Holder::Lower(..)).then(|| cx.instance());
    let selection = Selection { process, event: a.event_object, mask, by: Some(s.holder), setter };
    cx.select_events(s.endpoint, s.holder, (mask != 0).then_some(selection));
    Ok(())
}

/// Gives the network events that were recorded since the last call, clears the record, and resets an event.
///
/// Page: `ws2spi/nc-ws2spi-lpwspenumnetworkevents`.
///
/// Without error: `network_events` has the events, `error_code` the code of each by its bit and nothing elsewhere. It
/// is one step: an event that comes at the same time is in the result, or is recorded and has its event object set. An
/// event that was fetched is not thereby enabled again.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSPEnumNetworkEvents.enotsock` | `s` is no socket of this process | WSAENOTSOCK |
/// | `WSPEnumNetworkEvents.einval` | `network_events` is no memory, or `event_object` is neither null nor an event | WSAEINVAL |
pub(crate) fn enum_network_events(cx: &mut Cx<'_>, s: Socket, a: &WSPEnumNetworkEvents) -> Answer<NetworkEvents> {
    rule!(a.network_events == Place::Room, WSAEINVAL, "WSPEnumNetworkEvents.einval");
    let process = cx.process();
    if a.event_object != Handle(0) {
        let Slot::Event(event) = cx.world.slot(process, a.event_object) else {
            return Err(Refusal::code(ErrorCode::WSAEINVAL, clause!("WSPEnumNetworkEvents.einval")));
        };
        if let Some(event) = cx.world.event_mut(event) {
            event.signaled = false;
        }
        cx.hit(clause!("WSPEnumNetworkEvents.event-object-reset"));
    }
    let (network_events, error_code) = cx.world.endpoint_mut(s.endpoint).events.take();
    cx.hit(clause!("WSPEnumNetworkEvents.record-cleared"));
    Ok(NetworkEvents { network_events, error_code })
}

/// The re-enabling table: what a call that has begun means for the events of its socket, whether it succeeds or not.
///
/// | event | re-enabled by | but not by |
/// |---|---|---|
/// | FD_READ | WSPRecv | |
/// | FD_WRITE | WSPSend that fails with WSAEWOULDBLOCK | a send that succeeds |
/// | FD_ACCEPT | WSPAccept; one that takes a connection does so itself | CF_DEFER |
/// | FD_CONNECT | a new attempt to connect | anything else |
/// | FD_CLOSE | nothing | |
///
/// A WSPConnect that fails at once is an event, too: decision `connect-failure-event`.
pub(crate) fn after<S>(cx: &mut Cx<'_>, s: Socket, call: &Call, answer: &Answer<Step<S>>) {
    let code = match answer {
        Err(Refusal::Code { code, .. }) => Some(*code),
        _ => None,
    };
    if matches!(call, Call::WSPRecv(_) | Call::WSPRecvFrom(_)) && cx.world.reenable_event(s.endpoint, FD_READ) {
        cx.hit(clause!("WSPEventSelect.reenable-fd-read"));
    }
    match (call, code) {
        (Call::WSPSend(_), Some(ErrorCode::WSAEWOULDBLOCK)) => {
            cx.world.want_write_event(s.endpoint);
        }
        (Call::WSPAccept(_), Some(_)) => {
            cx.world.reenable_event(s.endpoint, FD_ACCEPT);
        }
        (Call::WSPConnect(_), Some(code)) if FAILURES.contains(&code) => {
            cx.world.record_network_event(s.endpoint, FD_CONNECT, code);
        }
        _ => {}
    }
}

/// The codes that the page of WSPEnumNetworkEvents has for FD_CONNECT.
const FAILURES: [ErrorCode; 5] = [
    ErrorCode::WSAEAFNOSUPPORT,
    ErrorCode::WSAECONNREFUSED,
    ErrorCode::WSAENETUNREACH,
    ErrorCode::WSAENOBUFS,
    ErrorCode::WSAETIMEDOUT,
];
