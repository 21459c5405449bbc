//! Everything can be done without a mouse, and is said to those who do not see it.

use std::error::Error;

use serde_json::json;
use winspi_browser_tests::Browser;

use crate::Test;
use crate::sample;

pub(crate) const TESTS: &[Test] = &[
    ("keyboard::stepping", stepping),
    ("keyboard::playing", playing),
    ("keyboard::searching", searching),
    ("keyboard::a_handle_and_its_changes", a_handle_and_its_changes),
    ("keyboard::guessing", guessing),
    ("keyboard::nothing_tells_what_is_to_be_guessed", nothing_tells_what_is_to_be_guessed),
    ("keyboard::the_help_sheet", the_help_sheet),
    ("keyboard::every_control_is_reached", every_control_is_reached),
    ("keyboard::a_link_names_the_moment", a_link_names_the_moment),
];

type Done = Result<(), Box<dyn Error>>;

/// The number of the event that is shown.
fn place(browser: &Browser) -> Result<u64, Box<dyn Error>> {
    let place = browser.eval("return Number(document.getElementById('place').textContent.split('/')[0])", vec![])?;
    Ok(place.as_u64().ok_or("no number")?)
}

fn said(browser: &Browser) -> Result<String, Box<dyn Error>> {
    let said = browser.eval("return document.getElementById('live').textContent", vec![])?;
    Ok(said.as_str().unwrap_or_default().to_owned())
}

/// Opens the handoff before its first event.
fn open(browser: &Browser) -> Done {
    browser.open_file(&sample::handoff()?.page, "")?;
    browser.keys(&["Home"])?;
    assert_eq!(place(browser)?, 0);
    Ok(())
}

fn stepping(browser: &Browser) -> Done {
    open(browser)?;
    let sample = sample::handoff()?;
    let last = sample.trace.events.len() as u64;
    let ends: Vec<u64> = sample.trace.rows.iter().map(|row| u64::from(row.last)).collect();
    let fails = sample.trace.rows.iter().find(|row| row.error.is_some()).ok_or("a call fails")?;
    for (keys, wanted) in [
        (&["ArrowRight", "ArrowRight"][..], 2),
        (&["ArrowLeft"], 1),
        (&["End"], last),
        (&["ArrowRight"], last),
        (&["Home"], 0),
        (&["ArrowLeft"], 0),
        (&["ArrowDown"], ends[0]),
        (&["ArrowDown"], ends[1]),
        (&["ArrowUp"], ends[0]),
        (&["Home", "e"], u64::from(fails.last)),
        (&["End", "E"], u64::from(fails.last)),
    ] {
        browser.keys(keys)?;
        assert_eq!(place(browser)?, wanted, "{keys:?}");
        assert!(!said(browser)?.is_empty(), "{keys:?} is announced");
    }
    Ok(())
}

/// The page plays by a timer; here the test is the timer.
fn playing(browser: &Browser) -> Done {
    open(browser)?;
    let last = sample::handoff()?.trace.events.len() as u64;
    browser.eval("ticks = []; setInterval = (does) => ticks.push(does); clearInterval = () => ticks.pop()", vec![])?;
    let running = |browser: &Browser| browser.eval("return ticks.length", vec![]);
    browser.keys(&[" "])?;
    assert_eq!(running(browser)?, 1);
    browser.eval("ticks[0](); ticks[0]()", vec![])?;
    assert_eq!(place(browser)?, 2);
    browser.keys(&[" "])?;
    assert_eq!((running(browser)?, place(browser)?), (json!(0), 2));
    browser.keys(&["End", "ArrowLeft", " "])?;
    browser.eval("ticks[0](); ticks[0]()", vec![])?;
    assert_eq!((running(browser)?, place(browser)?), (json!(0), last), "it stops at the end");
    Ok(())
}

fn searching(browser: &Browser) -> Done {
    open(browser)?;
    let trace = sample::handoff()?.trace;
    let duplicate = trace.rows.iter().find(|row| row.call == "WSPDuplicateSocket").ok_or("a call")?;
    browser.keys(&["/"])?;
    browser.keys(&"clause:WSPDuplicateSocket".split("").filter(|key| !key.is_empty()).collect::<Vec<_>>())?;
    assert!(said(browser)?.contains("found"), "{}", said(browser)?);
    browser.keys(&["Enter"])?;
    assert_eq!(place(browser)?, u64::from(duplicate.last));
    browser.keys(&["Escape", "n"])?;
    assert!(place(browser)? > u64::from(duplicate.last));
    browser.keys(&["N"])?;
    assert_eq!(place(browser)?, u64::from(duplicate.last));
    Ok(())
}

fn a_handle_and_its_changes(browser: &Browser) -> Done {
    open(browser)?;
    browser.keys(&["End"])?;
    let focus = "const b = [...document.querySelectorAll('#state button.value')].find((b) => b.textContent === arguments[0]); \
                 b.focus(); return document.activeElement === b";
    assert_eq!(browser.eval(focus, vec![json!("socket 2")])?, true);
    browser.keys(&["Enter"])?;
    assert!(said(browser)?.contains("socket 2"), "{}", said(browser)?);
    let trace = sample::handoff()?.trace;
    let mut changes: Vec<u64> = trace
        .events
        .iter()
        .filter(|event| {
            event.delta.set.contains_key("socket 2") || event.delta.gone.iter().any(|key| key == "socket 2")
        })
        .map(|event| u64::from(event.n))
        .collect();
    changes.retain(|n| *n < trace.events.len() as u64);
    browser.keys(&["C"])?;
    assert_eq!(Some(&place(browser)?), changes.last());
    browser.keys(&["Home", "c", "c"])?;
    assert_eq!(Some(&place(browser)?), changes.get(1));
    Ok(())
}

fn guessing(browser: &Browser) -> Done {
    open(browser)?;
    browser.keys(&["p", "ArrowRight"])?;
    let before = shown(browser)?;
    assert!(!before.contains("0x80") && before.contains("What will it give?"), "{before}");
    browser.eval("document.getElementById('guess').focus()", vec![])?;
    browser.keys(&["0", "x", "8", "0", "Enter"])?;
    let after = shown(browser)?;
    assert!(after.contains("Yes: you said 0x80"), "{after}");
    Ok(())
}

/// All that a reader sees, is told by the pointer, or hears.
fn shown(browser: &Browser) -> Result<String, Box<dyn Error>> {
    let all = browser.eval(
        "const said = (e) => ['title', 'aria-label', 'aria-valuetext', 'placeholder'].map((name) => e.getAttribute(name) ?? '');
         return [document.body.innerText, document.getElementById('live').textContent,
             ...[...document.querySelectorAll('main *, header *')].flatMap(said),
             ...[...document.querySelectorAll('svg title')].map((e) => e.textContent)].filter(Boolean).join('\\n')",
        vec![],
    )?;
    Ok(all.as_str().unwrap_or_default().replace("handle:0x480", ""))
}

/// A handle or an error that a call gives is nowhere on the page before it is revealed, unless it was there before.
fn nothing_tells_what_is_to_be_guessed(browser: &Browser) -> Done {
    open(browser)?;
    browser.keys(&["p"])?;
    let (mut known, mut guessed) = (String::new(), 0);
    for row in &sample::handoff()?.trace.rows {
        let go = "location.hash = `event=${arguments[0]}`; dispatchEvent(new Event('hashchange'))";
        browser.eval(go, vec![json!(row.last)])?;
        assert_eq!(place(browser)?, u64::from(row.last));
        let answer = row.error.as_ref().unwrap_or(&row.result);
        let named = answer.starts_with("0x") || row.error.is_some();
        if named && !known.contains(answer.as_str()) {
            let before = shown(browser)?;
            assert!(before.contains("What will it give?"), "{before}");
            assert!(!before.contains(answer.as_str()), "event {} gives {answer}: {before}", row.last);
            guessed += 1;
        }
        browser.keys(&["Enter"])?;
        known += &shown(browser)?;
        assert!(!named || known.contains(answer.as_str()), "event {} gave {answer}", row.last);
    }
    assert!(guessed > 2, "{guessed} values");
    Ok(())
}

fn the_help_sheet(browser: &Browser) -> Done {
    open(browser)?;
    let open = "return document.getElementById('help').open";
    browser.keys(&["?"])?;
    assert_eq!(browser.eval(open, vec![])?, true);
    let keys = browser.eval("return document.querySelectorAll('#keys tr').length", vec![])?;
    assert!(keys.as_u64() > Some(15), "{keys}");
    browser.keys(&["ArrowRight"])?;
    assert_eq!(place(browser)?, 0);
    browser.keys(&["Escape"])?;
    assert_eq!(browser.eval(open, vec![])?, false);
    Ok(())
}

fn every_control_is_reached(browser: &Browser) -> Done {
    open(browser)?;
    browser.keys(&["ArrowRight"])?;
    let all = "return [...document.querySelectorAll('header button, header input')].filter((e) => !e.disabled).map((e) => e.id)";
    let mut left: Vec<String> = serde_json::from_value(browser.eval(all, vec![])?)?;
    assert!(left.len() > 10, "{left:?}");
    browser.eval("document.activeElement.blur()", vec![])?;
    for _ in 0..60 {
        browser.keys(&["Tab"])?;
        let now = browser.eval(
            "const e = document.activeElement; const s = getComputedStyle(e); \
             return [e.id, s.outlineStyle !== 'none' || s.boxShadow !== 'none' || e.tagName === 'BODY']",
            vec![],
        )?;
        assert_eq!(now[1], true, "where the focus is can be seen at {}", now[0]);
        left.retain(|id| now[0] != id.as_str());
    }
    assert!(left.is_empty(), "not reached: {left:?}");
    Ok(())
}

fn a_link_names_the_moment(browser: &Browser) -> Done {
    let sample = sample::handoff()?;
    browser.open_file(&sample.page, "event=17")?;
    assert_eq!(place(browser)?, 17);
    browser.keys(&["ArrowRight"])?;
    let hash = "const done = arguments[0]; \
                const look = () => (location.hash === '#event=17' ? requestAnimationFrame(look) : done(location.hash)); look()";
    assert_eq!(browser.eval_later(hash, vec![])?, "#event=18");
    browser.open_file(&sample.page, "event=999999")?;
    assert_eq!(place(browser)?, sample.trace.events.len() as u64);
    browser.open_file(&sample.page, "event=x&thing=%00")?;
    assert_eq!(browser.console()?, [""; 0]);
    Ok(())
}
