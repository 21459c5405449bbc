//! The marked steps of a scenario side by side: who acts at which step, and what crosses the bus between them.
//!
//! This is the table of "Shared Sockets in the SPI", filled in: source process, IPC, destination process, and a column
//! for each further process. Within a step the lines stand in the order of time.

use winspi_core::Value;
use winspi_core::id::Pid;
use winspi_script::Run;
use winspi_script::report::Row;

use crate::grid::{Cell, Column, Grid, Row as Line};
use crate::text::{Paint, visible, width};
use crate::value::{short_result, short_value};
use crate::{Look, process_name, process_of};

/// The steps of a run, if its scenario has any.
pub fn render(run: &Run, look: Look) -> Option<String> {
    let marked: Vec<&Row> = run.rows.iter().filter(|row| row.mark.is_some()).collect();
    if marked.is_empty() {
        return None;
    }
    let lanes = Lanes::of(run, &marked);
    let columns = [Column::numbers("step"), Column::spilling("").gives(2)].into_iter().chain(lanes.columns()).collect();
    let mut rows = Vec::new();
    for (place, mark) in run.marks.iter().enumerate() {
        let title = [Cell::plain(mark.number.to_string()), Cell::plain(visible(&mark.title))];
        let mut acts = marked.iter().filter(|row| row.mark == Some(place)).peekable();
        if acts.peek().is_none() {
            let cells = title.iter().cloned().chain(lanes.nothing()).collect();
            rows.push(Line { begins: place > 0, marked: false, cells });
        }
        for (nth, row) in acts.enumerate() {
            let first = nth == 0;
            let title = if first { title.clone() } else { Default::default() };
            let cells = title.into_iter().chain(lanes.cells(run, row)).collect();
            rows.push(Line { begins: first && place > 0, marked: !row.held, cells });
        }
    }
    Some(Grid { columns, rows }.render(look))
}

/// The columns: the first sender over the bus, the bus, its receiver, then who else acts.
struct Lanes<'r> {
    processes: Vec<&'r str>,
    /// How wide an arrow is; `None` if nobody sends.
    bus: Option<usize>,
}

/// A message that was sent.
struct Message<'r> {
    from: &'r str,
    to: &'r str,
    what: String,
}

impl<'r> Message<'r> {
    fn of(run: &'r Run, row: &'r Row) -> Option<Message<'r>> {
        let sent = row.call == "BusSend" && row.outcome.as_ref().is_some_and(|outcome| outcome.result.is_ok());
        let argument = |name: &str| row.args.iter().find(|(n, _)| n == name).map(|(_, value)| value);
        let to = argument("process").filter(|_| sent)?.number()?;
        let to = process_name(run, Pid(u32::try_from(to).ok()?))?;
        let what = short_value(argument("value").unwrap_or(&Value::Null));
        Some(Message { from: process_of(&row.thread), to, what })
    }
}

impl<'r> Lanes<'r> {
    fn of(run: &'r Run, marked: &[&'r Row]) -> Lanes<'r> {
        let messages: Vec<Message<'r>> = marked.iter().filter_map(|row| Message::of(run, row)).collect();
        let flanks = messages.first().map(|m| [m.from, m.to]).into_iter().flatten();
        let acting = |name: &&str| marked.iter().any(|row| process_of(&row.thread) == *name);
        let others = run.threads.iter().map(|(_, name)| process_of(name)).filter(acting);
        let mut processes: Vec<&str> = Vec::new();
        for name in flanks.chain(others) {
            if !processes.contains(&name) {
                processes.push(name);
            }
        }
        let mut lanes = Lanes { processes, bus: None };
        let room = |m: &Message<'_>| width(&lanes.label(m)) + if lanes.towards_right(m).is_some() { 8 } else { 0 };
        lanes.bus = messages.iter().map(room).max();
        lanes
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns: Vec<Column> = self.processes.iter().map(|name| Column::flexible(&visible(name), 2)).collect();
        if self.bus.is_some() {
            columns.insert(1, Column::fixed("bus"));
        }
        columns
    }

    fn nothing(&self) -> Vec<Cell> {
        vec![Cell::default(); self.columns().len()]
    }

    /// What one call puts into the columns.
    fn cells(&self, run: &Run, row: &Row) -> Vec<Cell> {
        let message = Message::of(run, row);
        let text = match message {
            Some(_) => row.call.clone(),
            None => format!("{} {}", row.call, short_result(row)),
        };
        // The main thread speaks for its process.
        let text = match row.thread.split_once('.') {
            Some((_, thread)) => visible(&format!("{thread}: {text}")),
            None => text,
        };
        let paint = if row.held { Paint::Plain } else { Paint::Bad };
        let mut cells = vec![Cell::default(); self.processes.len()];
        let own = self.processes.iter().position(|name| *name == process_of(&row.thread));
        if let Some(cell) = own.and_then(|own| cells.get_mut(own)) {
            *cell = Cell::of(text, paint);
        }
        if let Some(columns) = self.bus {
            cells.insert(1, message.map_or_else(Cell::default, |m| Cell::plain(self.arrow(&m, columns))));
        }
        cells
    }

    /// What stands on an arrow: between other processes than the two beside the bus, their names as well.
    fn label(&self, message: &Message<'_>) -> String {
        match self.towards_right(message) {
            Some(_) => message.what.clone(),
            None => format!("{} to {}: {}", message.from, message.to, message.what),
        }
    }

    fn towards_right(&self, message: &Message<'_>) -> Option<bool> {
        let place = |name: &str| self.processes.iter().position(|n| *n == name);
        match (place(message.from), place(message.to)) {
            (Some(0), Some(1)) => Some(true),
            (Some(1), Some(0)) => Some(false),
            _ => None,
        }
    }

    fn arrow(&self, message: &Message<'_>, columns: usize) -> String {
        let label = self.label(message);
        let Some(right) = self.towards_right(message) else { return label };
        let lines = columns.saturating_sub(width(&label) + 3);
        let (before, after) = (lines / 2, lines - lines / 2);
        if right {
            format!("{} {label} {}▶", "─".repeat(before), "─".repeat(after))
        } else {
            format!("◀{} {label} {}", "─".repeat(after), "─".repeat(before))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::ran;

    #[test]
    fn messages_of_others_name_both_and_threads_speak_for_themselves() {
        let text = r#"process a
process b
process c
thread c.other
step 1 "all over the place"
a: BusSend(b, "to b")
b: BusSend(a, 5)
c: BusSend(b, "c")
c.other: GetCurrentProcessId()
step 2 "nothing"
"#;
        let expected = r#"  step                      a        bus             b        c
──────────────────────────────────────────────────────────────────────────────────────
     1  all over the place  BusSend  ── "to b" ───▶
                                     ◀───── 5 ─────  BusSend
                                     c to b: "c"              BusSend
                                                              other:
                                                                GetCurrentProcessId
                                                                1008

     2  nothing
"#;
        let (run, _) = ran(text);
        assert_eq!(render(&run, Look { width: 86, colour: false }).as_deref(), Some(expected));
    }
}
