//! What a page shows is what its trace says: after every step the tables of handles, the sockets with who holds them,
//! and the result of the call.

use std::error::Error;

use serde_json::{Value, json};
use winspi_browser_tests::Browser;
use winspi_view::trace::{Thing, Trace};

use crate::Test;
use crate::sample::{self, Sample};

pub(crate) const TESTS: &[Test] = &[
    ("shown::handoff", |browser| every_step(browser, &sample::handoff()?)),
    ("shown::layers", |browser| every_step(browser, &sample::layers()?)),
    ("shown::counterexample", |browser| every_step(browser, &sample::counterexample()?)),
    ("shown::what_holds_for_a_duplicate", what_holds_for_a_duplicate),
    ("shown::an_expectation_that_does_not_hold", an_expectation_that_does_not_hold),
    ("shown::a_page_that_says_something_else_is_found", another_page_is_found),
];

/// What stands on the page: the number of the event, the handles of each process by value with their names and the
/// object they lead to, the sockets with the number of their handles and who holds them, the result of the call.
const SHOWN: &str = r"
    const text = (e) => (e?.textContent ?? '').replace(/\s+/g, ' ').trim();
    const handles = {};
    for (const process of document.querySelectorAll('#state section.process')) {
        const name = process.getAttribute('aria-label').replace('process ', '');
        handles[name] = [...process.querySelectorAll('table.handles tbody tr:not(.gone)')].map((row) =>
            [text(row.cells[0]), text(row.cells[1]), (/^→ (\S+ \S+)/.exec(text(row.cells[3])) ?? [])[1] ?? '']);
    }
    return {
        place: text(document.getElementById('place')),
        handles,
        sockets: Object.fromEntries([...document.querySelectorAll('#state article.socket')].map((card) =>
            [card.getAttribute('aria-label'), [text(card.querySelector('.state')), text(card.querySelector('p b')),
                [...card.querySelectorAll('.holders li')].map(text)]])),
        result: text(document.querySelector('#detail h3.what > b')),
    };";

/// The same by the trace.
fn wanted(trace: &Trace, n: u32) -> Value {
    let state = trace.state_after(n);
    let (mut handles, mut sockets) = (serde_json::Map::new(), serde_json::Map::new());
    for process in &trace.processes {
        handles.insert(process.name.clone(), json!([]));
    }
    for (key, thing) in &state {
        if let Thing::Socket(socket) = thing {
            let count = format!("{} handle{}", socket.handles, if socket.handles == 1 { "" } else { "s" });
            let holders = socket.holders.iter().map(|held| format!("{} {}", held.process, held.by));
            sockets.insert(key.clone(), json!([socket.state, count, holders.collect::<Vec<_>>()]));
        }
        if let Thing::Handle(handle) = thing {
            if let Some(Value::Array(rows)) = handles.get_mut(&handle.process) {
                rows.push(json!([
                    handle.handle,
                    handle.names.join(", "),
                    handle.object.as_deref().unwrap_or_default()
                ]));
            }
        }
    }
    let row = trace.event(n).and_then(|event| Some((event, trace.rows.get(event.row? as usize)?)));
    let row = row.filter(|(event, row)| event.thread.as_ref() == Some(&row.thread) && row.last == n);
    json!({
        "place": format!("{n} / {}", trace.events.len()),
        "handles": handles,
        "sockets": sockets,
        "result": row.map_or_else(String::new, |(_, row)| format!("→ {}", row.result)),
    })
}

fn sorted(mut shown: Value) -> Value {
    if let Some(handles) = shown["handles"].as_object_mut() {
        for rows in handles.values_mut() {
            if let Some(rows) = rows.as_array_mut() {
                rows.sort_by_key(ToString::to_string);
            }
        }
    }
    shown
}

/// What is shown after an event, and what should be; `None` where they agree.
fn differs(browser: &Browser, trace: &Trace, n: u32) -> Result<Option<String>, Box<dyn Error>> {
    let (shown, wanted) = (sorted(browser.eval(SHOWN, vec![])?), sorted(wanted(trace, n)));
    Ok((shown != wanted).then(|| format!("event {n}:\nshown  {shown}\nwanted {wanted}")))
}

fn every_step(browser: &Browser, sample: &Sample) -> Result<(), Box<dyn Error>> {
    browser.open_file(&sample.page, "")?;
    browser.keys(&["Home"])?;
    for n in 0..=sample.trace.events.len() {
        let n = u32::try_from(n)?;
        if let Some(difference) = differs(browser, &sample.trace, n)? {
            return Err(difference.into());
        }
        browser.keys(&["ArrowRight"])?;
    }
    assert_eq!(browser.console()?, [""; 0]);
    Ok(())
}

fn another_page_is_found(browser: &Browser) -> Result<(), Box<dyn Error>> {
    let sample = sample::handoff()?;
    browser.open_file(&sample.page, "event=20")?;
    assert_eq!(differs(browser, &sample.trace, 20)?, None);
    assert!(differs(browser, &sample.trace, 19)?.is_some());
    browser.eval("document.querySelector('table.handles tbody td').textContent = '0x84'", vec![])?;
    assert!(differs(browser, &sample.trace, 20)?.is_some());
    Ok(())
}

/// Where a duplicate is made: what holds for it, what its info says, and that somebody may die.
fn what_holds_for_a_duplicate(browser: &Browser) -> Result<(), Box<dyn Error>> {
    let sample = sample::handoff()?;
    let made = sample.trace.rows.iter().find(|row| row.call == "WSPDuplicateSocket").ok_or("it is made")?.last;
    browser.open_file(&sample.page, &format!("event={made}"))?;
    let part = "return document.querySelector('[data-part=sharing]')?.textContent ?? ''";
    let text = browser.eval(part, vec![])?;
    for id in &sample.trace.sharing {
        assert!(text.as_str().unwrap_or_default().contains(id.as_str()), "{id}: {text}");
    }
    let kills = browser.eval("return [...document.querySelectorAll('.kills button')].map((b) => b.title)", vec![])?;
    let wanted = ["server", "source", "target"].map(|name| format!("handoff.winspi --instead '{made} kill {name}'"));
    let kills = kills.as_array().ok_or("a list")?;
    assert_eq!(kills.len(), wanted.len());
    for (kill, wanted) in kills.iter().zip(&wanted) {
        assert!(kill.as_str().unwrap_or_default().ends_with(wanted.as_str()), "{kill} {wanted}");
    }
    browser.eval("[...document.querySelectorAll('#detail button.info')].at(-1).click()", vec![])?;
    let notes = "return [...document.querySelectorAll('#info .said')].map((p) => p.textContent.split('.')[0])";
    assert_eq!(
        browser.eval(notes, vec![])?,
        json!([
            "the process that it was made for: target",
            "which of the duplicates for target, from 1",
            "the provider's own: the handle 0x880 that the duplicate already has in target"
        ])
    );
    browser.open_file(&sample.page, &format!("event={}", made - 1))?;
    assert_eq!(browser.eval(part, vec![])?, "");
    Ok(())
}

fn an_expectation_that_does_not_hold(browser: &Browser) -> Result<(), Box<dyn Error>> {
    let sample = sample::counterexample()?;
    browser.open_file(&sample.page, &format!("event={}", sample.trace.events.len()))?;
    let said = browser.eval("return document.querySelector('#detail .failure').textContent", vec![])?;
    let line = sample.trace.failures[0].line;
    assert_eq!(said, format!("line {line} does not hold: expect socket(w).handles == 1 it is 2"));
    Ok(())
}
