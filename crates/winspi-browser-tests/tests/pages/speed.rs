//! How large and how quick pages are, beside a plain page in the same browser. Figures are printed; what is asserted
//! is sizes, which are the same everywhere.

use std::error::Error;
use std::fs;

use serde_json::{Value, json};
use winspi_browser_tests::Browser;

use crate::Test;
use crate::sample::{self, Sample};

pub(crate) const TESTS: &[Test] = &[("speed::sizes", sizes), ("speed::ten_thousand_events", ten_thousand_events)];

type Done = Result<(), Box<dyn Error>>;

fn sizes(_: &Browser) -> Done {
    for (sample, most) in [(sample::handoff()?, 400_000), (sample::long()?, 6_000_000)] {
        let size = fs::metadata(&sample.page)?.len();
        let events = sample.trace.events.len();
        println!("{}: {events} events, {size} bytes", sample.page.display());
        assert!(size < most, "{size} bytes");
    }
    Ok(())
}

/// The plain page: as many numbers as there are events, and the arrow keys go through them.
fn plain(events: usize) -> Result<std::path::PathBuf, Box<dyn Error>> {
    let script =
        "let n = 0; addEventListener('keydown', () => { n += 1; document.getElementById('place').textContent = n; });";
    crate::tool::page("plain", &format!("<h1>{events}</h1><p id=place>0</p><script>{script}</script>"))
}

/// Milliseconds from the beginning of a page to its first paint, and for each of some steps from the key to the frame
/// behind it.
fn measured(browser: &Browser) -> Result<(f64, Vec<f64>), Box<dyn Error>> {
    let paint = browser.eval_later(
        "const done = arguments[arguments.length - 1];
         const look = () => { const p = performance.getEntriesByName('first-contentful-paint')[0]; p ? done(p.startTime) : requestAnimationFrame(look); };
         look();",
        vec![],
    )?;
    let steps = browser.eval_later(
        "const done = arguments[arguments.length - 1];
         const times = [];
         const channel = new MessageChannel();
         let start = 0;
         const step = () => {
             if (times.length === 60) return done(times);
             start = performance.now();
             document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
             document.body.getBoundingClientRect();
             const worked = performance.now() - start;
             requestAnimationFrame(() => channel.port2.postMessage(worked));
         };
         channel.port1.onmessage = (message) => { times.push(message.data); step(); };
         step();",
        vec![],
    )?;
    let steps = steps.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    Ok((paint.as_f64().ok_or("no paint")?, steps))
}

fn ten_thousand_events(browser: &Browser) -> Done {
    let long = sample::long()?;
    assert!(long.trace.events.len() >= 10_000, "{} events", long.trace.events.len());
    let half = format!("event={}", long.trace.events.len() / 2);
    let plain = plain(long.trace.events.len())?;
    for (name, page, fragment) in [
        ("plain", &plain, ""),
        ("the handoff", &sample::handoff()?.page, "event=0"),
        ("10,000 events", &long.page, &half),
    ] {
        browser.open_file(page, fragment)?;
        let (paint, mut steps) = measured(browser)?;
        steps.sort_by(f64::total_cmp);
        let at = |part: usize| steps.get(steps.len() * part / 100).copied().unwrap_or_default();
        println!(
            "{name}: first paint {paint:.0} ms; a step with its layout {:.1} ms at the median, {:.1} ms at the 95th percentile, {:.1} ms at most",
            at(50),
            at(95),
            steps.last().copied().unwrap_or_default()
        );
        assert_eq!(browser.console()?, [""; 0], "{name}");
    }
    jumps(browser, &long)
}

/// The slider and the keys reach the end and the beginning, and the page says where it is.
fn jumps(browser: &Browser, long: &Sample) -> Done {
    let last = long.trace.events.len();
    for (key, wanted) in [("End", last), ("Home", 0), ("End", last)] {
        browser.keys(&[key])?;
        let place = browser.eval("return document.getElementById('place').textContent", vec![])?;
        assert_eq!(place, json!(format!("{wanted} / {last}")));
    }
    let nodes = browser.eval("return document.querySelectorAll('#sheet *').length", vec![])?;
    assert!(nodes.as_u64() < Some(2000), "only what can be seen is there, not {nodes} nodes");
    Ok(())
}
