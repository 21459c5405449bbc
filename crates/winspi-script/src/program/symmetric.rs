//! A program without the names of what may be exchanged: whose lines it runs, and the values of handles.

use serde::Serialize;
use winspi_core::Value;
use winspi_core::canon::Symmetric;
use winspi_core::id::{EndpointId, Handle, Pid};

use super::{Asked, Frame, FrameOf, Lines};
use crate::scope::{Binding, Names};

/// A frame, with its line as one of the thread's own.
#[derive(Serialize)]
struct Own<'f> {
    line: Option<u32>,
    nested: &'f [Value],
    asked: &'f Asked,
    recycled: bool,
    chosen: &'f [Handle],
}

/// A bound name; a value that is a handle is written as one.
#[derive(Serialize)]
struct Bound<'n> {
    name: &'n str,
    handle: Option<Handle>,
    value: Option<&'n Value>,
    record: &'n [(String, Value)],
    meant: Option<EndpointId>,
}

impl Lines {
    fn of_frame<'f>(&self, frame: &'f Frame) -> Own<'f> {
        let first = self.script.lines_of(self.thread).next().unwrap_or(0);
        let line = match &frame.of {
            FrameOf::Line(line) => (*line as usize).checked_sub(first),
            // Scenarios with these are not explored up to a symmetry.
            FrameOf::Sync(_) | FrameOf::Callback { .. } => None,
        };
        Own {
            line: line
                .and_then(|line| self.script.lines_of(self.thread).position(|l| l == line + first))
                .map(|l| l as u32),
            nested: &frame.nested,
            asked: &frame.asked,
            recycled: frame.recycled.is_some(),
            chosen: &frame.chosen,
        }
    }
}

impl Symmetric for Lines {
    fn own(&self) -> impl Serialize {
        let frames: Vec<Own<'_>> = self.frames.iter().map(|frame| self.of_frame(frame)).collect();
        // Beyond all steps where the process has ended.
        let ended = self.at == u32::MAX;
        let at = if ended { self.at } else { self.at.wrapping_sub(self.script.setup_length(self.thread)) };
        (at, &self.loops, self.rounds, frames)
    }

    fn of_process(&self, shared: &Names, process: Pid, handles: bool) -> impl Serialize {
        let all = shared.of_process(process.index().unwrap_or(usize::MAX)).filter(|_| !handles);
        let bound = all.map(|(name, binding)| self.bound(process, name, binding));
        bound.collect::<Vec<_>>()
    }
}

impl Lines {
    fn bound<'n>(&self, process: Pid, name: &'n str, binding: &'n Binding) -> Bound<'n> {
        let holds = binding.meant.is_some() || process.index().is_some_and(|p| self.script.holds_handle(p, name));
        let number = binding.value.number().filter(|_| holds);
        let handle = number.map(|number| Handle(number.cast_unsigned()));
        let value = handle.is_none().then_some(&binding.value);
        Bound { name, handle, value, record: &binding.record, meant: binding.meant }
    }
}
