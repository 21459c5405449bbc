//! Objects of the scenario language in a process's memory: WSAOVERLAPPED and buffers.

use std::sync::Arc;

use winspi_types::ErrorCode;

use crate::call::{Buffer, Free, Overlapped, Write};
use crate::id::CellId;
use crate::kernel::memory::{Cell, Content, Overlapped as Structure, Owner};
use crate::outcome::{Answer, Refusal};
use crate::policy::Decision;
use crate::value::Value;
use crate::world::Cx;

fn fault() -> Refusal {
    Refusal::code(ErrorCode::WSAEFAULT, Decision::BadMemory)
}

fn allocate(cx: &mut Cx<'_>, content: Content) -> Answer<CellId> {
    let process = cx.process();
    let cells = cx.world.process_mut(process).map(|p| &mut p.cells);
    cells.map(|c| c.allocate(Cell { content, owner: Owner::Program })).ok_or_else(fault)
}

/// Makes a WSAOVERLAPPED.
pub(crate) fn overlapped(cx: &mut Cx<'_>, a: &Overlapped) -> Answer<CellId> {
    let structure = Structure {
        internal: a.internal,
        internal_high: a.internal_high,
        offset: a.offset,
        offset_high: a.offset_high,
        event: a.event,
    };
    allocate(cx, Content::Overlapped(structure))
}

/// Makes a buffer: of so many zero bytes, or of these bytes. At most 16 MiB.
pub(crate) fn buffer(cx: &mut Cx<'_>, a: &Buffer) -> Answer<CellId> {
    const MOST: i64 = 16 << 20;
    let bytes: Arc<[u8]> = match &a.content {
        Value::Number(n) if (0..=MOST).contains(n) => Arc::from(vec![0; *n as usize]),
        Value::Number(_) => return Err(Refusal::not_modelled("a buffer of more than 16 MiB")),
        Value::Null => Arc::from(&[][..]),
        other => other.to_bytes().ok_or_else(fault)?,
    };
    allocate(cx, Content::Bytes(bytes))
}

/// Writes bytes at the start of a buffer.
pub(crate) fn write(cx: &mut Cx<'_>, a: &Write) -> Answer<()> {
    let bytes = a.content.to_bytes().ok_or_else(fault)?;
    let process = cx.process();
    let content = cx.world.cell(process, a.cell.0).map(|cell| &cell.content);
    if !matches!(content, Some(Content::Bytes(_) | Content::View(_))) {
        return Err(fault());
    }
    cx.notice_filled(&[a.cell.0], "writes into");
    if cx.world.write_cell(process, a.cell.0, &bytes) { Ok(()) } else { Err(fault()) }
}

/// Frees a cell.
pub(crate) fn free(cx: &mut Cx<'_>, a: &Free) -> Answer<()> {
    let process = cx.process();
    let cell = cx.world.process_mut(process).and_then(|p| p.cells.get_mut(a.cell.0)).ok_or_else(fault)?;
    if matches!(cell.content, Content::Freed | Content::View(_)) {
        return Err(fault());
    }
    cell.content = Content::Freed;
    cx.notice_free(a.cell.0);
    Ok(())
}
