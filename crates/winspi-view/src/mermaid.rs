//! A picture as a sequence diagram for Mermaid, which documents and repositories draw.
//!
//! Texts of a scenario can hold anything; whatever means something to Mermaid, or to the page around it, is written as
//! an entity (`#35;`).

use std::fmt::Write as _;

use crate::picture::text::{gives, line};
use crate::picture::{Picture, Travelling, What};

/// A longer line is broken.
const WIDTH: usize = 48;

/// The diagram, from `sequenceDiagram` on.
pub fn render(picture: &Picture) -> String {
    let mut out = String::from("sequenceDiagram\n");
    // Writing into a string does not fail.
    let _ = writeln!(out, "    accTitle: {}", escaped(&picture.title));
    for (place, lane) in picture.lanes.iter().enumerate() {
        let _ = writeln!(out, "    participant p{place} as {}", escaped(lane));
    }
    let last = picture.lanes.len().saturating_sub(1);
    let all = if last == 0 { "p0".to_owned() } else { format!("p0,p{last}") };
    for item in &picture.items {
        let _ = match &item.what {
            What::Mark { number, title } => {
                writeln!(out, "    Note over {all}: {}", lines([&format!("{number} {title}")]))
            }
            What::Call(call) => {
                let inner: Vec<String> = call.inner.iter().map(line).collect();
                let gives = gives(call);
                let shown = [&call.text].into_iter().chain(&inner).chain(&gives);
                writeln!(
                    out,
                    "    Note over p{}: {}{}",
                    call.lane,
                    mark(call.bad && call.result.is_some()),
                    lines(shown)
                )
            }
            What::Return { lane, text, bad, inner } => {
                let inner: Vec<String> = inner.iter().map(line).collect();
                writeln!(out, "    Note over p{lane}: {}{}", mark(*bad), lines(inner.iter().chain([text])))
            }
            What::Message { from, to, text, way, bus } => {
                let arrow = match (way, bus) {
                    (Travelling::Sent, _) => "-)",
                    (Travelling::Arrives, true) => "->>",
                    (Travelling::Arrives, false) => "-->>",
                    (Travelling::Lost | Travelling::Dropped, _) => "-x",
                };
                let text = if *way == Travelling::Arrives { text.clone() } else { format!("{text}: {}", way.word()) };
                writeln!(out, "    p{from}{arrow}p{to}: {}", lines([&text]))
            }
            What::Note { lane, text, bad } => {
                let over = lane.map_or_else(|| all.clone(), |lane| format!("p{lane}"));
                writeln!(out, "    Note over {over}: {}{}", mark(*bad), lines([text]))
            }
        };
    }
    for line in &picture.end {
        let _ = writeln!(out, "    Note over {all}: {}", lines([line]));
    }
    out
}

fn mark(bad: bool) -> &'static str {
    if bad { "✗ " } else { "" }
}

/// Lines that are not too long, escaped.
fn lines<'t>(texts: impl IntoIterator<Item = &'t String>) -> String {
    let lines = texts.into_iter().flat_map(|text| {
        let indent = text.len() - text.trim_start().len();
        let blanks = "#160;".repeat(indent);
        let wrapped = crate::text::wrap(text.trim_start(), WIDTH, 0);
        wrapped.into_iter().map(move |line| format!("{blanks}{}", escaped(line.trim_start()))).collect::<Vec<_>>()
    });
    lines.collect::<Vec<_>>().join("<br/>")
}

/// A text that Mermaid shows as it is: letters, digits and a few signs stay, and so does what is beyond ASCII, but for
/// the word `end`, and `wrap` and `nowrap`, which mean something where they stand alone.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let plain = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let reserved = ["end", "wrap", "nowrap"].iter().any(|reserved| plain.eq_ignore_ascii_case(reserved));
        for (place, character) in word.chars().enumerate() {
            let stays =
                character.is_alphanumeric() || " .,_-=/()[]*+!?'·→─▶✗›".contains(character) || !character.is_ascii();
            if stays && !(reserved && place == 0) {
                out.push(character);
            } else {
                let _ = write!(out, "#{};", u32::from(character));
            }
        }
    }
    // An empty text would end the line too early; two hyphens begin an arrow.
    let out = out.replace("--", "-#45;");
    if out.trim().is_empty() { "#160;".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_is_written_as_a_number() {
        for (text, wanted) in [
            ("WSPSocket(AF_INET)", "WSPSocket(AF_INET)"),
            ("a;b#c", "a#59;b#35;c"),
            ("<script>", "#60;script#62;"),
            ("end", "#101;nd"),
            ("the end: friend", "the #101;nd#58; friend"),
            ("wrap: x", "#119;rap#58; x"),
            ("a->>b", "a-#62;#62;b"),
            ("%%{init}%%", "#37;#37;#123;init#125;#37;#37;"),
            ("a--b", "a-#45;b"),
            ("\"é日本\"", "#34;é日本#34;"),
            (" ", "#160;"),
        ] {
            assert_eq!(escaped(text), wanted, "{text}");
        }
    }
}
