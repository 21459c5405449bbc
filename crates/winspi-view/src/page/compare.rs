//! Two runs side by side, row by row.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::html::escape;
use super::{STYLE, bundle, data, fill, policy};
use crate::text::count;
use crate::trace::{Row, Trace};

const PAGE: &str = include_str!("../../page/two.html");

/// The page of two runs: rows of the same thread and call beside each other, and those marked that differ.
pub fn render(left: &Trace, right: &Trace) -> String {
    let pairs = pairs(left, right);
    let differ = pairs.iter().filter(|pair| pair.differs(left, right)).count();
    let summary = format!("{} and {} · {}", said(left), said(right), count(differ, "difference"));
    let script = bundle::of_two();
    let title =
        if left.title == right.title { left.title.clone() } else { format!("{} · {}", left.title, right.title) };
    fill(
        PAGE,
        &[
            ("policy", policy(&script)),
            ("title", escape(&title)),
            ("style", STYLE.to_owned()),
            ("summary", escape(&summary)),
            ("left", escape(&said(left))),
            ("right", escape(&said(right))),
            ("table", table(left, right, &pairs)),
            ("trace_left", data("trace-left", left)),
            ("trace_right", data("trace-right", right)),
            ("script", script),
        ],
    )
}

fn said(trace: &Trace) -> String {
    let verdict = if trace.passed { "passed" } else { "failed" };
    format!("{} ({}, {}, {verdict})", trace.file, trace.machine.name, trace.machine.order)
}

/// Rows that belong together: places in the rows of the two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pair {
    left: Option<usize>,
    right: Option<usize>,
}

impl Pair {
    fn differs(self, left: &Trace, right: &Trace) -> bool {
        let one = self.left.and_then(|place| left.rows.get(place));
        let two = self.right.and_then(|place| right.rows.get(place));
        match (one, two) {
            (Some(one), Some(two)) => (&one.result, &one.why, one.held) != (&two.result, &two.why, two.held),
            _ => true,
        }
    }
}

/// Aligns the rows by thread and call, as texts are aligned by their lines.
fn pairs(left: &Trace, right: &Trace) -> Vec<Pair> {
    let keys = |trace: &Trace| trace.rows.iter().map(|r| (r.thread.clone(), r.text.clone())).collect::<Vec<_>>();
    let mut all = Vec::new();
    for op in capture_diff_slices(Algorithm::Patience, &keys(left), &keys(right)) {
        match op {
            DiffOp::Equal { old_index, new_index, len } => {
                all.extend((0..len).map(|n| Pair { left: Some(old_index + n), right: Some(new_index + n) }));
            }
            other => {
                all.extend(other.old_range().map(|place| Pair { left: Some(place), right: None }));
                all.extend(other.new_range().map(|place| Pair { left: None, right: Some(place) }));
            }
        }
    }
    all
}

fn table(left: &Trace, right: &Trace, pairs: &[Pair]) -> String {
    let heads = ["thread", "call", "left", "right"].map(|head| format!("<th scope=\"col\">{head}</th>")).concat();
    let mut out = format!("<table class=\"calls\"><thead><tr>{heads}</tr></thead><tbody>\n");
    for pair in pairs {
        let one = pair.left.and_then(|place| left.rows.get(place));
        let two = pair.right.and_then(|place| right.rows.get(place));
        let Some(either) = one.or(two) else { continue };
        let result = |row: Option<&Row>| {
            row.map_or_else(
                || "<i>not in this run</i>".to_owned(),
                |row| format!("{}{}", if row.held { "" } else { "✕ " }, escape(&row.result)),
            )
        };
        let place = |place: Option<usize>| place.map_or_else(String::new, |place| place.to_string());
        out.push_str(&format!(
            "<tr data-left=\"{}\" data-right=\"{}\"{}><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>\n",
            place(pair.left),
            place(pair.right),
            if pair.differs(left, right) { " class=\"differs\"" } else { "" },
            escape(&either.thread),
            escape(&either.text),
            result(one),
            result(two),
        ));
    }
    out.push_str("</tbody></table>");
    out
}
