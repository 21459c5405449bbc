//! All calls as a table: for readers without script, and on paper.

use super::html::escape;
use crate::trace::{Row, Trace};

/// The table, with what did not hold above it and what the rules say below.
pub(super) fn table(trace: &Trace) -> String {
    let mut out = String::new();
    for text in &trace.about {
        out.push_str(&format!("<p>{}</p>\n", escape(text)));
    }
    for failure in &trace.failures {
        out.push_str(&format!("<p class=\"alarm failure\">line {}: {}</p>\n", failure.line, escape(&failure.message)));
    }
    let heads =
        ["event", "line", "thread", "call", "result", "why"].map(|head| format!("<th scope=\"col\">{head}</th>"));
    out.push_str(&format!("<table class=\"calls\"><thead><tr>{}</tr></thead><tbody>\n", heads.concat()));
    let mut mark = None;
    for row in &trace.rows {
        if row.mark != mark {
            mark = row.mark;
            if let Some(mark) = mark.and_then(|mark| trace.marks.get(mark as usize)) {
                let title = escape(&mark.title);
                out.push_str(&format!(
                    "<tr class=\"mark-row\"><th colspan=\"6\">step {} {title}</th></tr>\n",
                    mark.number
                ));
            }
        }
        out.push_str(&line(row));
    }
    out.push_str("</tbody></table>\n");
    let named = |id: &str| trace.rows.iter().any(|row| row.why.as_deref() == Some(id));
    let rules = trace.rules.iter().filter(|rule| named(&rule.id));
    let rules = rules.map(|rule| format!("<dt>{}</dt><dd>{}</dd>\n", escape(&rule.id), escape(&rule.text)));
    out.push_str(&format!("<h2>What these rules say</h2>\n<dl>\n{}</dl>", rules.collect::<String>()));
    out
}

fn line(row: &Row) -> String {
    let bind = row.bind.as_ref().map_or_else(String::new, |bind| format!("{bind} = "));
    let sign = if row.held { "" } else { "✕ " };
    let cells = [
        row.last.to_string(),
        row.line.to_string(),
        escape(&row.thread),
        format!("<code>{}</code>", escape(&format!("{bind}{}", row.text))),
        format!("{sign}{}", escape(&row.result)),
        escape(row.why.as_deref().unwrap_or_default()),
    ];
    let cells = cells.map(|cell| format!("<td>{cell}</td>")).concat();
    format!("<tr{}>{cells}</tr>\n", if row.held { "" } else { " class=\"not\"" })
}
