//! A picture as SVG: lanes side by side, time from above, one file without anything outside of it.
//!
//! Light or dark follows the reader's preference; nothing is said by colour alone.

use std::fmt::Write as _;

use crate::picture::text::{gives, line};
use crate::picture::{Call, Picture, Travelling, What};
use crate::text::{width, wrap};

/// The width of a character of the text, in pixels: that of most monospaced fonts at this size, and a little more.
const CHARACTER: f64 = 7.3;
/// The height of a line of text.
const LINE: f64 = 16.0;
/// The most characters of a line in a box.
const MOST: usize = 38;
/// The fewest characters that a lane has room for.
const LEAST: usize = 16;
/// Around a text in its box.
const PAD: f64 = 7.0;
/// Between two items.
const GAP: f64 = 8.0;
/// The margin left, for the numbers of events.
const LEFT: f64 = 46.0;
/// The other margins.
const MARGIN: f64 = 16.0;

const STYLE: &str = "\
svg{--ground:#fff;--text:#1b1f24;--faint:#57606a;--line:#8c959f;--box:#f6f8fa;--edge:#8c959f;--bad:#b3261e;--mark:#eaeef2}\
@media(prefers-color-scheme:dark){svg{--ground:#14171b;--text:#e6edf3;--faint:#9aa4af;--line:#6e7681;--box:#1d2229;--edge:#6e7681;\
--bad:#ff8a80;--mark:#262c35}}\
text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:var(--text);white-space:pre}\
.title{font-weight:bold;font-size:14px}.name{font-weight:bold;text-anchor:middle}.faint{fill:var(--faint)}.bad{fill:var(--bad);font-weight:bold}\
.number{fill:var(--faint);text-anchor:end}.middle{text-anchor:middle}.ground{fill:var(--ground)}.lane{stroke:var(--line);stroke-dasharray:2 4}\
.box{fill:var(--box);stroke:var(--edge)}.box.wrong{stroke:var(--bad);stroke-width:2}.mark{fill:var(--mark)}.note{fill:var(--ground);stroke:var(--edge);stroke-dasharray:3 3}\
.arrow{stroke:var(--text);stroke-width:1.5;fill:none}.arrow.net{stroke-dasharray:6 3}.head{fill:var(--text)}.behind{fill:var(--ground)}";

/// A line of text in a box.
struct Text {
    text: String,
    class: &'static str,
}

/// The picture.
pub fn render(picture: &Picture) -> String {
    let mut drawing = Drawing::new(picture);
    for item in &picture.items {
        drawing.item(item.event, &item.what);
    }
    drawing.y += GAP;
    for line in &picture.end {
        let class = if picture.passed { "" } else { "bad" };
        let most = ((drawing.width() - LEFT - MARGIN) / CHARACTER) as usize;
        for line in wrap(line, most.max(LEAST), 2) {
            drawing.text(LEFT, LINE, &line, class);
        }
    }
    drawing.finish()
}

struct Drawing<'p> {
    picture: &'p Picture,
    /// The left edge and the width of each lane.
    lanes: Vec<(f64, f64)>,
    /// Where the lanes begin.
    top: f64,
    /// How far the drawing has come.
    y: f64,
    last: u32,
    body: String,
}

impl<'p> Drawing<'p> {
    fn new(picture: &'p Picture) -> Drawing<'p> {
        let mut widths: Vec<usize> = picture.lanes.iter().map(|name| (width(name) + 2).max(LEAST)).collect();
        for item in &picture.items {
            let (lane, texts) = match &item.what {
                What::Call(call) => (call.lane, boxed(call)),
                What::Return { lane, text, inner, .. } => {
                    let inner = inner.iter().flat_map(|call| wrapped(&line(call), "faint"));
                    (*lane, inner.chain(wrapped(text, "")).collect())
                }
                What::Note { lane: Some(lane), text, .. } => (*lane, wrapped(text, "")),
                _ => continue,
            };
            let widest = texts.iter().map(|text| width(&text.text)).max().unwrap_or(0);
            if let Some(lane) = widths.get_mut(lane) {
                *lane = (*lane).max(widest);
            }
        }
        let mut x = LEFT;
        let lanes = widths.into_iter().map(|characters| {
            let lane = (x, characters as f64 * CHARACTER + 2.0 * PAD);
            x += lane.1 + MARGIN;
            lane
        });
        let mut drawing =
            Drawing { picture, lanes: lanes.collect(), top: 0.0, y: MARGIN, last: 0, body: String::new() };
        drawing.text(LEFT, LINE + 4.0, &picture.title, "title");
        let most = ((drawing.width() - LEFT - MARGIN) / CHARACTER) as usize;
        for about in &picture.about {
            for line in wrap(about, most.max(LEAST), 0) {
                drawing.text(LEFT, LINE, &line, "faint");
            }
        }
        drawing.y += GAP;
        drawing.names();
        drawing.top = drawing.y;
        drawing
    }

    fn width(&self) -> f64 {
        let title = LEFT + width(&self.picture.title) as f64 * CHARACTER * 1.2;
        self.lanes.last().map_or(LEFT, |(x, width)| x + width).max(title) + MARGIN
    }

    fn middle(&self, lane: usize) -> f64 {
        self.lanes.get(lane).map_or(LEFT, |(x, width)| x + width / 2.0)
    }

    fn put(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing into a string does not fail.
        let _ = self.body.write_fmt(element);
        self.body.push('\n');
    }

    /// A line of text; the drawing goes on below it.
    fn text(&mut self, x: f64, height: f64, text: &str, class: &str) {
        self.y += height;
        let y = self.y - 4.0;
        let text = escaped(text);
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        self.put(format_args!("<text x=\"{x:.1}\" y=\"{y:.1}\"{class}>{text}</text>"));
    }

    fn names(&mut self) {
        let y = self.y;
        for lane in 0..self.lanes.len() {
            let (x, width) = self.lanes[lane];
            let (height, name) = (LINE + 2.0 * PAD, escaped(&self.picture.lanes[lane]));
            self.put(format_args!(
                "<rect class=\"box\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"4\"/>"
            ));
            let (x, y) = (x + width / 2.0, y + PAD + 12.0);
            self.put(format_args!("<text class=\"name\" x=\"{x:.1}\" y=\"{y:.1}\">{name}</text>"));
        }
        self.y += LINE + 2.0 * PAD + GAP;
    }

    fn number(&mut self, event: u32) {
        if event != self.last && event > 0 {
            self.last = event;
            let (x, y) = (LEFT - 10.0, self.y + PAD + 12.0);
            self.put(format_args!("<text class=\"number\" x=\"{x:.1}\" y=\"{y:.1}\">{event}</text>"));
        }
    }

    fn item(&mut self, event: u32, what: &What) {
        match what {
            What::Mark { number, title } => self.mark(&format!("{number}  {title}")),
            What::Call(call) => {
                self.number(event);
                let wrong = call.bad && call.result.is_some();
                self.boxed(call.lane, &boxed(call), if wrong { "box wrong" } else { "box" });
            }
            What::Return { lane, text, bad, inner } => {
                self.number(event);
                let inner = inner.iter().flat_map(|call| wrapped(&line(call), "faint"));
                let class = if *bad { "bad" } else { "" };
                let texts: Vec<Text> = inner.chain(wrapped(&said(text, *bad), class)).collect();
                self.boxed(*lane, &texts, if *bad { "box wrong" } else { "box" });
            }
            What::Message { from, to, text, way, bus } => {
                self.number(event);
                self.message(*from, *to, text, *way, *bus);
            }
            What::Note { lane: Some(lane), text, bad } => {
                self.number(event);
                let class = if *bad { "bad" } else { "faint" };
                self.boxed(*lane, &wrapped(&said(text, *bad), class), "note");
            }
            What::Note { lane: None, text, bad } => {
                self.number(event);
                let most = ((self.width() - LEFT - MARGIN) / CHARACTER) as usize;
                for line in wrap(&said(text, *bad), most.max(LEAST), 2) {
                    let room = width(&line) as f64 * CHARACTER;
                    self.y += LINE;
                    self.label(LEFT + room / 2.0, room, &line, if *bad { "middle bad" } else { "middle faint" });
                }
                self.y += GAP;
            }
        }
    }

    fn mark(&mut self, text: &str) {
        let (y, width, height) = (self.y, self.width() - 2.0 * GAP, LINE + 8.0);
        self.put(format_args!(
            "<rect class=\"mark\" x=\"{GAP}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"4\"/>"
        ));
        let (y, text) = (y + 16.0, escaped(text));
        self.put(format_args!(
            "<text class=\"name\" style=\"text-anchor:start\" x=\"{MARGIN}\" y=\"{y:.1}\">{text}</text>"
        ));
        self.y += height + GAP;
    }

    fn boxed(&mut self, lane: usize, texts: &[Text], class: &str) {
        let Some((x, room)) = self.lanes.get(lane).copied() else { return };
        let (y, height) = (self.y, texts.len() as f64 * LINE + 2.0 * PAD - 4.0);
        self.put(format_args!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{room:.1}\" height=\"{height:.1}\" rx=\"4\"/>"
        ));
        self.y += PAD - 2.0;
        for text in texts {
            self.text(x + PAD, LINE, &text.text, text.class);
        }
        self.y = y + height + GAP;
    }

    fn message(&mut self, from: usize, to: usize, text: &str, way: Travelling, bus: bool) {
        let (start, mut end) = (self.middle(from), self.middle(to));
        if from == to {
            end += 4.0 * PAD;
        }
        let ahead = if end >= start { 1.0 } else { -1.0 };
        let name = self.picture.lanes.get(to).map_or("", String::as_str);
        // What is only sent leaves its lane; what does not arrive stops before the other one.
        let (text, tip) = match way {
            Travelling::Arrives => (text.to_owned(), end),
            Travelling::Sent => (format!("{text} to {name}: {}", way.word()), start + ahead * 5.0 * PAD),
            Travelling::Lost | Travelling::Dropped => (format!("{text}: {}", way.word()), end - ahead * 2.0 * PAD),
        };
        let most = ((end - start).abs() / CHARACTER) as usize;
        for line in wrap(&text, most.max(LEAST), 0) {
            let room = width(&line) as f64 * CHARACTER;
            let middle = match way {
                Travelling::Sent => start + ahead * (room / 2.0 + PAD),
                _ => f64::midpoint(start, end),
            };
            self.y += LINE;
            self.label(middle, room, &line, "middle");
        }
        let y = self.y + 4.0;
        let class = if bus { "arrow" } else { "arrow net" };
        let back = tip - ahead * 8.0;
        self.put(format_args!("<path class=\"{class}\" d=\"M{start:.1} {y:.1}H{back:.1}\"/>"));
        if matches!(way, Travelling::Lost | Travelling::Dropped) {
            let (left, right, top, low) = (back - 5.0, back + 5.0, y - 5.0, y + 5.0);
            self.put(format_args!(
                "<path class=\"arrow\" d=\"M{left:.1} {top:.1}L{right:.1} {low:.1}M{left:.1} {low:.1}L{right:.1} {top:.1}\"/>"
            ));
        } else {
            let (top, low) = (y - 4.0, y + 4.0);
            self.put(format_args!("<path class=\"head\" d=\"M{tip:.1} {y:.1}L{back:.1} {top:.1}V{low:.1}Z\"/>"));
        }
        self.y = y + GAP + 4.0;
    }

    /// A text over whatever lies behind it.
    fn label(&mut self, middle: f64, room: f64, text: &str, class: &str) {
        let y = self.y - 4.0;
        let (x, top, text) = (middle - room / 2.0, y - 12.0, escaped(text));
        self.put(format_args!(
            "<rect class=\"behind\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"{room:.1}\" height=\"{LINE}\"/>"
        ));
        self.put(format_args!("<text class=\"{class}\" x=\"{middle:.1}\" y=\"{y:.1}\">{text}</text>"));
    }

    fn finish(self) -> String {
        let (width, height) = (self.width(), self.y + MARGIN);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n<title>{}</title>\n<style>{STYLE}</style>\n\
             <rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n",
            escaped(&self.picture.title)
        );
        for lane in 0..self.lanes.len() {
            let (x, top, low) =
                (self.middle(lane), self.top - GAP, self.y - self.picture.end.len() as f64 * LINE - GAP);
            let _ = writeln!(out, "<path class=\"lane\" d=\"M{x:.1} {top:.1}V{low:.1}\"/>");
        }
        out.push_str(&self.body);
        out.push_str("</svg>\n");
        out
    }
}

/// A bad text has a sign, since it has a colour.
fn said(text: &str, bad: bool) -> String {
    if bad { format!("✗ {text}") } else { text.to_owned() }
}

/// What stands in the box of a call.
fn boxed(call: &Call) -> Vec<Text> {
    let mut texts = wrapped(&call.text, "");
    texts.extend(call.inner.iter().flat_map(|call| wrapped(&line(call), "faint")));
    let wrong = call.bad && call.result.is_some();
    if let Some(text) = gives(call) {
        texts.extend(wrapped(&said(&text, wrong), if wrong { "bad" } else { "" }));
    }
    texts
}

fn wrapped(text: &str, class: &'static str) -> Vec<Text> {
    let indent = text.len() - text.trim_start().len();
    let blanks = " ".repeat(indent);
    let lines = wrap(text.trim_start(), MOST.saturating_sub(indent).max(LEAST), 2);
    lines.into_iter().map(|line| Text { text: format!("{blanks}{line}"), class }).collect()
}

/// A text as XML has it. What XML cannot hold at all was made visible before.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            character if character.is_control() => out.push(' '),
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_gives_a_meaning_is_escaped() {
        for (text, wanted) in [
            ("a < b && \"c\"", "a &lt; b &amp;&amp; &quot;c&quot;"),
            ("</text><script>", "&lt;/text&gt;&lt;script&gt;"),
            ("a\u{0}b\u{ffff}", "a b\u{fffd}"),
        ] {
            assert_eq!(escaped(text), wanted, "{text}");
        }
    }
}
