//! WSAEnumProtocols and WSCEnumProtocols: the catalog as programs and as installers see it.

use winspi_types::constants::LAYERED_PROTOCOL;
use winspi_types::{ErrorCode, ProviderFlags, RawProtocolInfoW};

use crate::call::{WSAEnumProtocols, WSCEnumProtocols};
use crate::clause;
use crate::clause::Clause;
use crate::outcome::{Answer, Enumerated, Refusal};
use crate::rule;
use crate::value::{Length, Place, Value};
use crate::world::Cx;
use crate::ws2_32::startup::check_started;

/// The protocols that programs choose from.
///
/// Page: `nf-winsock2-wsaenumprotocolsw`. What is said of the list and of the buffer is as in [`installed`].
///
/// | clause | when | what |
/// |---|---|---|
/// | `WSAPROTOCOL_INFOW.pfl-hidden` | an entry has PFL_HIDDEN | left out |
/// | `WSCEnumProtocols.wsaenum-excludes-layered` | an entry is a layer alone | left out |
pub(crate) fn available(cx: &mut Cx<'_>, a: &WSAEnumProtocols) -> Answer<Enumerated> {
    check_started(cx)?;
    let wanted = list(&a.protocols)?;
    let mut left_out: Vec<Clause> = Vec::new();
    let shows = |info: &RawProtocolInfoW| {
        let reason = if info.protocol_chain().chain_len == LAYERED_PROTOCOL {
            clause!("WSCEnumProtocols.wsaenum-excludes-layered")
        } else if info.provider_flags().contains(ProviderFlags::PFL_HIDDEN) {
            clause!("WSAPROTOCOL_INFOW.pfl-hidden")
        } else {
            return true;
        };
        if !left_out.contains(&reason) {
            left_out.push(reason);
        }
        false
    };
    let shown = fill(entries(cx, wanted.as_deref(), shows), a.protocol_buffer, a.buffer_length)?;
    for reason in left_out {
        cx.hit(reason);
    }
    cx.hit(clause!("TransportMapping.local-wsaenumprotocols"));
    Ok(shown)
}

/// All entries of the catalog, hidden ones and layers included.
///
/// | clause | when | code |
/// |---|---|---|
/// | `WSCEnumProtocols.bad-pointer` | the list or the buffer is no memory | WSAEFAULT |
/// | `WSCEnumProtocols.buffer-too-small` | not all entries fit: `buffer_length` says what would do | WSAENOBUFS |
///
/// Which entries a list means, and what a buffer that is too small holds: decision `protocol-list`.
pub(crate) fn installed(cx: &mut Cx<'_>, a: &WSCEnumProtocols) -> Answer<Enumerated> {
    let wanted = list(&a.protocols)?;
    let all = fill(entries(cx, wanted.as_deref(), |_| true), a.protocol_buffer, a.buffer_length)?;
    cx.hit(match wanted {
        None => clause!("WSCEnumProtocols.null-filter-all"),
        Some(_) => clause!("WSCEnumProtocols.filter"),
    });
    Ok(all)
}

/// The protocols of a list, up to the zero that ends it; none for NULL, which means all.
fn list(protocols: &Value) -> Answer<Option<Vec<i64>>> {
    let items = match protocols {
        Value::Null | Value::Number(0) => return Ok(None),
        Value::List(items) => items,
        _ => return Err(Refusal::code(ErrorCode::WSAEFAULT, clause!("WSCEnumProtocols.bad-pointer"))),
    };
    let numbers = items.iter().map(|item| item.as_number().unwrap_or(0));
    Ok(Some(numbers.take_while(|protocol| *protocol != 0).collect()))
}

/// The entries of these protocols that are shown, in the order of the catalog.
fn entries(cx: &Cx<'_>, wanted: Option<&[i64]>, mut shows: impl FnMut(&RawProtocolInfoW) -> bool) -> Enumerated {
    let is_wanted = |info: &RawProtocolInfoW| wanted.is_none_or(|list| list.contains(&i64::from(info.protocol())));
    let infos = cx.world.catalog().entries().iter().map(|entry| &entry.info);
    Enumerated { protocols: infos.filter(|info| is_wanted(info) && shows(info)).cloned().collect() }
}

/// What the caller gets: all, or the length that it takes.
fn fill(all: Enumerated, buffer: Place, length: Length) -> Answer<Enumerated> {
    let needed = all.size();
    if length.or(needed) < i64::try_from(needed).unwrap_or(i64::MAX) {
        let small = Refusal::code(ErrorCode::WSAENOBUFS, clause!("WSCEnumProtocols.buffer-too-small"));
        return Err(small.writing("buffer_length", Value::Number(i64::try_from(needed).unwrap_or(i64::MAX))));
    }
    rule!(buffer == Place::Room || needed == 0, WSAEFAULT, "WSCEnumProtocols.bad-pointer");
    Ok(all)
}
