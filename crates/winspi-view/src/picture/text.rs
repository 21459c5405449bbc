//! A picture for terminals: a column for each lane, a line for each thing that happens.

use super::{Call, Inner, Picture, Travelling, What};
use crate::Look;
use crate::grid::{Cell, Column, Grid, Row};
use crate::text::{Paint, paragraph};

/// The picture as lines.
pub fn render(picture: &Picture, look: Look) -> String {
    let mut out = format!("{}\n", Paint::Strong.on(&picture.title, look.colour));
    for about in &picture.about {
        out.push_str(&paragraph(about, 0, look.width));
    }
    out.push('\n');
    let timed = picture.items.iter().any(|item| item.time > 0);
    let marked = picture.items.iter().any(|item| matches!(item.what, What::Mark { .. }));
    let mut columns = vec![Column::numbers("event")];
    if timed {
        columns.push(Column::numbers("ms"));
    }
    if marked {
        columns.push(Column::spilling("step").at_most(24).gives(2));
    }
    let before = columns.len();
    columns.extend(picture.lanes.iter().map(|lane| Column::flexible(lane, 2)));
    let mut rows: Vec<Row> = Vec::new();
    let mut last = 0;
    let mut step: Option<String> = None;
    for item in &picture.items {
        if let What::Mark { number, title } = &item.what {
            step = Some(format!("{number}  {title}"));
            continue;
        }
        let first = last != item.event;
        last = item.event;
        let number = |shown: bool, number: u64| Cell::plain(if shown { number.to_string() } else { String::new() });
        let mut cells = vec![number(first, u64::from(item.event))];
        if timed {
            cells.push(number(first && item.time > 0, item.time));
        }
        let begins = step.is_some() && !rows.is_empty();
        if marked {
            cells.push(step.take().map_or_else(Cell::default, Cell::plain));
        }
        cells.resize(before + picture.lanes.len(), Cell::default());
        let bad = fill(&item.what, picture, cells.get_mut(before..).unwrap_or_default());
        rows.push(Row { begins, marked: bad, cells });
    }
    out.push_str(&Grid { columns, rows }.render(look));
    out.push('\n');
    let paint = if picture.passed { Paint::Good } else { Paint::Bad };
    for line in &picture.end {
        out.push_str(&paint.on(paragraph(line, 0, look.width).trim_end(), look.colour));
        out.push('\n');
    }
    out
}

/// Puts an item into the cells of the lanes; gives whether it is bad.
fn fill(what: &What, picture: &Picture, cells: &mut [Cell]) -> bool {
    let mut put = |lane: usize, text: String, paint: Paint| {
        if let Some(cell) = cells.get_mut(lane) {
            cell.0.push((text, paint));
        }
    };
    match what {
        What::Mark { .. } => {}
        What::Call(call) => {
            put(call.lane, call.text.clone(), Paint::Plain);
            inner(&call.inner, &mut |text| put(call.lane, text, Paint::Faint));
            if let Some(text) = gives(call) {
                put(call.lane, text, if call.bad { Paint::Bad } else { Paint::Plain });
            }
            return call.bad && call.result.is_some();
        }
        What::Return { lane, text, bad, inner: calls } => {
            inner(calls, &mut |text| put(*lane, text, Paint::Faint));
            put(*lane, text.clone(), if *bad { Paint::Bad } else { Paint::Plain });
            return *bad;
        }
        What::Message { from, to, text, way, .. } => {
            let name = |lane: usize| picture.lanes.get(lane).map_or("", String::as_str);
            match way {
                Travelling::Sent => put(*from, format!("{text} ──▶ {}", name(*to)), Paint::Plain),
                Travelling::Arrives => put(*to, format!("{} ──▶ {text}", name(*from)), Paint::Plain),
                Travelling::Lost | Travelling::Dropped => {
                    put(*to, format!("{} ──✗ {text}: {}", name(*from), way.word()), Paint::Plain);
                }
            }
        }
        What::Note { lane, text, bad } => {
            put(lane.unwrap_or(0), text.clone(), if *bad { Paint::Bad } else { Paint::Faint });
            return *bad;
        }
    }
    false
}

/// What a call gives, or what it waits for.
pub(crate) fn gives(call: &Call) -> Option<String> {
    match (&call.result, &call.waits) {
        (Some(result), _) => Some(format!("= {result}")),
        (None, Some(waits)) => Some(format!("waits for {waits}")),
        (None, None) => None,
    }
}

fn inner(calls: &[Inner], put: &mut impl FnMut(String)) {
    for call in calls {
        put(line(call));
    }
}

/// A call below that of the program, indented by how deep it stands.
pub(crate) fn line(call: &Inner) -> String {
    let result = call.result.as_ref().map_or_else(String::new, |result| format!(" = {result}"));
    format!("{}› {}{result}", "  ".repeat(call.depth), call.text)
}
