//! File mappings as programs see them: memory that several processes share, by name or by an inherited handle.
//!
//! Only mappings without a file, and views of a whole mapping. A view is a cell: `Write(view, ...)` changes what all
//! processes see, and a name that is bound to a view stands for the bytes as they are now.

use std::sync::Arc;

use winspi_types::ErrorCode;

use crate::call::{CreateFileMapping, MapViewOfFile, OpenFileMapping, UnmapViewOfFile};
use crate::id::{CellId, Handle, SectionId};
use crate::kernel::creation::{is_inheritable, new_handle};
use crate::kernel::handle::Slot;
use crate::kernel::memory::{Cell, Content, Owner};
use crate::kernel::section::Section;
use crate::outcome::{Answer, Refusal};
use crate::policy::Decision;
use crate::value::Value;
use crate::world::Cx;

/// In bytes.
const MOST: u32 = 16 << 20;

fn refused(code: ErrorCode) -> Refusal {
    Refusal::code(code, Decision::Win32Handle)
}

fn find(cx: &Cx<'_>, name: &[u8]) -> Option<SectionId> {
    cx.world.sections().find(|(_, section)| section.name.as_deref() == Some(name)).map(|(id, _)| id)
}

/// One more handle of a mapping that exists.
fn open(cx: &mut Cx<'_>, id: SectionId, inheritable: bool) -> Answer<Handle> {
    cx.world.lead_to(Slot::Section(id));
    let handle = new_handle(cx, Slot::Section(id), inheritable);
    if handle.is_err() {
        cx.world.close_section(id);
    }
    handle
}

/// Makes a mapping of zero bytes, or opens the one of this name. Page: `memoryapi/nf-memoryapi-createfilemappingw`.
///
/// `file` is INVALID_HANDLE_VALUE; a size of 0 is ERROR_INVALID_PARAMETER.
pub(crate) fn create_file_mapping(cx: &mut Cx<'_>, a: &CreateFileMapping) -> Answer<Handle> {
    if a.file != Handle::INVALID {
        return Err(Refusal::not_modelled("a mapping of a file"));
    }
    let inheritable = is_inheritable(&a.file_mapping_attributes);
    let name = match &a.name {
        Value::Null | Value::Number(0) => None,
        given => Some(given.to_bytes().ok_or_else(|| refused(ErrorCode::ERROR_INVALID_PARAMETER))?),
    };
    if let Some(id) = name.as_deref().and_then(|name| find(cx, name)) {
        return open(cx, id, inheritable);
    }
    if a.maximum_size_high != 0 || a.maximum_size_low > MOST {
        return Err(Refusal::not_modelled("a mapping of more than 16 MiB"));
    }
    if a.maximum_size_low == 0 {
        return Err(refused(ErrorCode::ERROR_INVALID_PARAMETER));
    }
    let bytes = Arc::from(vec![0; a.maximum_size_low as usize]);
    let id = cx.world.section_arena().insert(Section { name, bytes, handles: 1, views: 0 });
    let handle = new_handle(cx, Slot::Section(id), inheritable);
    if handle.is_err() {
        cx.world.close_section(id);
    }
    handle
}

/// Opens the mapping of a name; ERROR_FILE_NOT_FOUND if there is none. Page: `memoryapi/nf-memoryapi-openfilemappingw`.
pub(crate) fn open_file_mapping(cx: &mut Cx<'_>, a: &OpenFileMapping) -> Answer<Handle> {
    let name = a.name.to_bytes().ok_or_else(|| refused(ErrorCode::ERROR_INVALID_PARAMETER))?;
    let id = find(cx, &name).ok_or_else(|| refused(ErrorCode::ERROR_FILE_NOT_FOUND))?;
    open(cx, id, a.inherit_handle)
}

/// Makes a view of a whole mapping: a cell. Page: `memoryapi/nf-memoryapi-mapviewoffile`.
pub(crate) fn map_view_of_file(cx: &mut Cx<'_>, a: &MapViewOfFile) -> Answer<CellId> {
    let process = cx.process();
    let Slot::Section(id) = cx.world.slot(process, a.file_mapping_object) else {
        return Err(refused(ErrorCode::ERROR_INVALID_HANDLE));
    };
    let whole = cx.world.section(id).map_or(0, |s| s.bytes.len() as u64);
    if a.file_offset_high != 0 || a.file_offset_low != 0 || ![0, whole].contains(&a.number_of_bytes_to_map) {
        return Err(Refusal::not_modelled("a view of a part of a mapping"));
    }
    if let Some(section) = cx.world.section_mut(id) {
        section.views += 1;
    }
    let cell = Cell { content: Content::View(id), owner: Owner::Program };
    let cells = cx.world.process_mut(process).map(|p| &mut p.cells);
    cells.map(|cells| cells.allocate(cell)).ok_or_else(|| refused(ErrorCode::ERROR_NOT_ENOUGH_MEMORY))
}

/// Ends a view. Page: `memoryapi/nf-memoryapi-unmapviewoffile`.
pub(crate) fn unmap_view_of_file(cx: &mut Cx<'_>, a: &UnmapViewOfFile) -> Answer<()> {
    let process = cx.process();
    let cell = cx.world.process_mut(process).and_then(|p| p.cells.get_mut(a.base_address.0));
    let invalid = || refused(ErrorCode::ERROR_INVALID_PARAMETER);
    let cell = cell.ok_or_else(invalid)?;
    let Content::View(id) = cell.content else { return Err(invalid()) };
    cell.content = Content::Freed;
    cx.world.release_view(id);
    Ok(())
}
