//! How pages look: nothing that axe-core objects to, light and dark, narrow and wide, still, on paper, without script.
//! Pictures are left in target/screenshots.

use std::error::Error;

use serde_json::json;
use winspi_browser_tests::{Browser, Media};

use crate::Test;
use crate::sample;

pub(crate) const TESTS: &[Test] = &[
    ("looks::light_and_dark", light_and_dark),
    ("looks::narrow", narrow),
    ("looks::nothing_moves", nothing_moves),
    ("looks::on_paper", on_paper),
    ("looks::without_script", without_script),
    ("looks::drawings", drawings),
];

type Done = Result<(), Box<dyn Error>>;

/// Each page in both colour schemes; the rules of axe-core take seconds, and are asked once for each scheme.
fn light_and_dark(browser: &Browser) -> Done {
    let samples = [
        ("handoff", sample::handoff()?, "event=20", Some(false)),
        ("handoff-close", sample::handoff()?, "event=28&thing=socket%202", None),
        ("layers", sample::layers()?, "event=20", Some(true)),
        ("counterexample", sample::counterexample()?, "event=6", None),
    ];
    browser.size(1400, 900)?;
    let mut found = Vec::new();
    for (name, sample, fragment, rules) in &samples {
        let mut grounds = Vec::new();
        for dark in [false, true] {
            browser.media(Media { dark, still: true, ..Media::default() })?;
            browser.open_file(&sample.page, fragment)?;
            let scheme = if dark { "dark" } else { "light" };
            browser.screenshot(&format!("{name}-{scheme}"))?;
            if *rules == Some(dark) {
                found.extend(browser.axe()?.into_iter().map(|text| format!("{name}, {scheme}: {text}")));
            }
            grounds.push(browser.eval("return getComputedStyle(document.body).backgroundColor", vec![])?);
        }
        assert_ne!(grounds[0], grounds[1], "{name} has two colour schemes");
    }
    browser.media(Media::default())?;
    assert!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}

fn narrow(browser: &Browser) -> Done {
    browser.size(500, 900)?;
    browser.open_file(&sample::handoff()?.page, "event=20")?;
    browser.screenshot("handoff-narrow")?;
    let beyond = browser.eval("return document.documentElement.scrollWidth - innerWidth", vec![])?;
    browser.size(1400, 900)?;
    assert!(beyond.as_i64() <= Some(0), "the page is {beyond} pixels wider than the window");
    Ok(())
}

fn nothing_moves(browser: &Browser) -> Done {
    browser.media(Media { still: true, ..Media::default() })?;
    browser.open_file(&sample::handoff()?.page, "event=10")?;
    browser.keys(&["ArrowRight"])?;
    let moving = browser.eval(
        "return document.getAnimations().filter((a) => a.effect.getTiming().duration > 1).length + \
         [...document.querySelectorAll('*')].filter((e) => parseFloat(getComputedStyle(e).transitionDuration) > 0.001).length",
        vec![],
    )?;
    browser.media(Media::default())?;
    assert_eq!(moving, 0);
    Ok(())
}

fn on_paper(browser: &Browser) -> Done {
    browser.media(Media { print: true, ..Media::default() })?;
    browser.size(800, 1100)?;
    let sample = sample::handoff()?;
    browser.open_file(&sample.page, "")?;
    browser.screenshot("handoff-paper")?;
    let rows = browser
        .eval("return [...document.querySelectorAll('#table tr')].filter((r) => r.offsetHeight > 0).length", vec![])?;
    let broken = browser.eval(
        "return [...document.querySelectorAll('#table td:nth-child(-n+3)')].filter((c) => c.getClientRects().length > 0 && \
         c.scrollWidth > c.clientWidth + 1).length",
        vec![],
    )?;
    let lines = browser.eval(
        "return Math.max(...[...document.querySelectorAll('#table td:nth-child(3)')].map((c) => { \
         const r = document.createRange(); r.selectNodeContents(c); return r.getClientRects().length; }))",
        vec![],
    )?;
    browser.media(Media::default())?;
    browser.size(1400, 900)?;
    assert_eq!((broken, lines), (json!(0), json!(1)), "no name is broken");
    assert!(rows.as_u64() >= Some(sample.trace.rows.len() as u64), "{rows} rows are printed");
    Ok(())
}

fn without_script(browser: &Browser) -> Done {
    let sample = sample::handoff()?;
    browser.scripts(false)?;
    browser.open_file(&sample.page, "")?;
    browser.screenshot("handoff-without-script")?;
    browser.scripts(true)?;
    let shown = browser.eval("return document.body.innerText", vec![])?;
    let shown = shown.as_str().unwrap_or_default();
    for row in &sample.trace.rows {
        assert!(shown.contains(&row.text), "{} is in the table", row.text);
    }
    Ok(())
}

/// The drawings that are kept as files are whole, light and dark.
fn drawings(browser: &Browser) -> Done {
    let root = winspi_browser_tests::target().join("..");
    browser.size(1000, 1200)?;
    for path in ["docs/images/handoff.svg", "trouble.svg", "layers.svg", "hostile.svg"] {
        let file = if path.contains('/') {
            root.join(path)
        } else {
            root.join("crates/winspi-view/tests/pictures").join(path)
        };
        let name = path.rsplit('/').next().unwrap_or(path).replace(".svg", "");
        let mut grounds = Vec::new();
        for dark in [false, true] {
            browser.media(Media { dark, ..Media::default() })?;
            browser.open_file(&file.canonicalize()?, "")?;
            let whole =
                "return [document.documentElement.tagName, document.querySelectorAll('parsererror, script').length]";
            assert_eq!(browser.eval(whole, vec![])?, json!(["svg", 0]), "{path}");
            let ground = "return getComputedStyle(document.querySelector('.ground')).fill";
            grounds.push(browser.eval(ground, vec![])?);
            if name == "handoff" {
                browser.screenshot(&format!("svg-{name}-{}", if dark { "dark" } else { "light" }))?;
            }
        }
        assert_ne!(grounds[0], grounds[1], "{path}");
    }
    browser.media(Media::default())?;
    browser.size(1400, 900)?;
    Ok(())
}
