//! File mappings: shared bytes, and what a cell holds.

use std::sync::Arc;

use crate::arena::Arena;
use crate::footprint::Part;
use crate::id::{CellId, Pid, SectionId};
use crate::kernel::memory::Content;
use crate::kernel::section::Section;
use crate::world::World;

impl World {
    /// A file mapping, if it lives.
    pub fn section(&self, id: SectionId) -> Option<&Section> {
        self.touch();
        self.reads(Part::Sections);
        self.sections.get(id)
    }

    pub(crate) fn section_mut(&mut self, id: SectionId) -> Option<&mut Section> {
        self.touch();
        self.reads(Part::Sections);
        self.sections.get_mut(id)
    }

    pub(crate) fn section_arena(&mut self) -> &mut Arena<SectionId, Section> {
        self.touch();
        self.reads(Part::Sections);
        &mut self.sections
    }

    /// All file mappings, in no order that means anything.
    pub fn sections(&self) -> impl Iterator<Item = (SectionId, &Section)> {
        self.touch();
        self.reads(Part::Sections);
        self.sections.iter()
    }

    /// How many file mappings there are.
    pub fn section_count(&self) -> usize {
        self.sections.len()
    }

    /// The bytes of a cell: a buffer's, or those that a view shows.
    pub fn bytes_of(&self, process: Pid, cell: CellId) -> Option<Arc<[u8]>> {
        match &self.cell(process, cell)?.content {
            Content::Bytes(bytes) => Some(bytes.clone()),
            Content::View(section) => self.section(*section).map(|s| s.bytes.clone()),
            Content::Freed | Content::Overlapped(_) => None,
        }
    }

    /// One handle less.
    pub(crate) fn close_section(&mut self, id: SectionId) {
        if let Some(section) = self.section_mut(id) {
            section.handles -= 1;
        }
        self.drop_unused_section(id);
    }

    /// One view less.
    pub(crate) fn release_view(&mut self, id: SectionId) {
        if let Some(section) = self.section_mut(id) {
            section.views -= 1;
        }
        self.drop_unused_section(id);
    }

    fn drop_unused_section(&mut self, id: SectionId) {
        if self.section(id).is_some_and(|s| s.handles == 0 && s.views == 0) {
            self.section_arena().remove(id);
        }
    }

    /// Gives back all views of a process that ends.
    pub(crate) fn release_views(&mut self, pid: Pid) {
        let cells = self.running(pid).map(|p| p.cells.iter());
        let views: Vec<SectionId> = cells
            .into_iter()
            .flatten()
            .filter_map(|(_, cell)| match cell.content {
                Content::View(section) => Some(section),
                _ => None,
            })
            .collect();
        for view in views {
            self.release_view(view);
        }
    }
}
