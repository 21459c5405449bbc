//! The page that shows a run: one HTML file that needs nothing else.
//!
//! It is made of a [`Trace`] alone. Style and script are the files of `page/` beside `src/`: plain modules that a browser
//! could load as they are, joined here into one. The page takes nothing from the network, and its content security
//! policy allows only what stands in it: script and style by their hashes. Data is JSON in which no tag can end; the
//! table for readers without script, which is also the one that is printed, is written here with everything escaped.
//!
//! `bundle.rs` joins the modules, `html.rs` escapes, `calls.rs` has the table of calls, `compare.rs` the page of two runs.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::trace::Trace;

mod bundle;
mod calls;
mod compare;
mod html;

pub use compare::render as render_two;

use html::escape;

const PAGE: &str = include_str!("../page/page.html");
const STYLE: &str = include_str!("../page/style.css");

/// The page of a run.
pub fn render(trace: &Trace) -> String {
    let script = bundle::of_run();
    let machine = format!("{} · {} · {}", trace.file, trace.machine.name, trace.machine.order);
    fill(
        PAGE,
        &[
            ("policy", policy(&script)),
            ("title", escape(&trace.title)),
            ("style", STYLE.to_owned()),
            ("machine", escape(&machine)),
            ("verdict", (if trace.passed { "passed" } else { "failed" }).to_owned()),
            ("table", calls::table(trace)),
            ("trace", data("trace", trace)),
            ("script", script),
        ],
    )
}

/// The most bytes of a trace that stands in a page as it is.
const PLAIN: usize = 1_000_000;

/// The trace in its element: as JSON in which no `<` is left, so that no tag begins or ends in it; a long one packed.
fn data(id: &str, trace: &Trace) -> String {
    let json = trace.to_json();
    if json.len() > PLAIN
        && let Some(packed) = packed(&json)
    {
        return format!("<script type=\"application/gzip\" id=\"{id}\">{packed}</script>");
    }
    let json = json.trim_end().replace('<', "\\u003c");
    format!("<script type=\"application/json\" id=\"{id}\">{json}</script>")
}

fn packed(json: &str) -> Option<String> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to a vector does not fail.
    encoder.write_all(json.as_bytes()).ok()?;
    Some(STANDARD.encode(encoder.finish().ok()?))
}

/// What a browser may do with the page: run this script, use this style, and nothing else.
fn policy(script: &str) -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(script),
        hash(STYLE)
    )
}

/// A template with its places filled: in one pass, so that nothing that is filled in is taken for a place.
fn fill(template: &str, places: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(template.len() + places.iter().map(|(_, text)| text.len()).sum::<usize>());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let found = after.split_once('}').and_then(|(name, after)| {
            let (_, text) = places.iter().find(|(place, _)| *place == name)?;
            Some((text, after))
        });
        match found {
            Some((text, after)) => {
                out.push_str(text);
                rest = after;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}
