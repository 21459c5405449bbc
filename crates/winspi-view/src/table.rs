//! The report of a run for people: its steps, its calls, why each gave what it gave, and what did not hold.

use winspi_core::Grain;
use winspi_script::Run;
use winspi_script::report::Row;

use crate::grid::{Cell, Column, Grid, Row as Line, heading};
use crate::text::{Paint, count, paragraph, visible};
use crate::value::result;
use crate::why::{basis, is_decision, way};
use crate::{Given, Look, findings, footnotes, steps, title};

/// The whole report.
pub fn render(run: &Run, given: &Given<'_>, look: Look) -> String {
    let mut out = head(run, given, look);
    if let Some(steps) = steps::render(run, look) {
        out.push_str(&heading("Who does what", look));
        out.push_str(&steps);
    }
    if !run.rows.is_empty() {
        out.push_str(&heading("What each call gives, and why", look));
        out.push_str(&calls(run, look));
    }
    let notes = footnotes::of(run);
    if !notes.is_empty() {
        out.push_str(&heading("What these rules say", look));
        out.push_str(&footnotes::render(&notes, look));
    }
    out.push_str(&findings::open(run, look));
    out.push_str(&findings::duties(run, look));
    out.push_str(&findings::changes(run, given, look));
    out.push_str(&findings::failures(run, given, look));
    out.push_str(&findings::last_line(run, look));
    out
}

/// Title, about, arrangement.
fn head(run: &Run, given: &Given<'_>, look: Look) -> String {
    let mut out = Paint::Strong.on(&visible(title(run, given)), look.colour);
    out.push('\n');
    for about in &run.about {
        for line in about.lines() {
            out.push_str(&paragraph(&visible(line), 0, look.width));
        }
    }
    out.push_str(&Paint::Faint.on(paragraph(&arrangement(run, given), 0, look.width).trim_end(), look.colour));
    out.push('\n');
    out
}

/// On what the scenario ran, and in which order.
fn arrangement(run: &Run, given: &Given<'_>) -> String {
    let arrangement = given.arrangement;
    let mut parts = vec![arrangement.name()];
    let declared: Vec<String> = run.providers.iter().skip(1 + arrangement.layers.len()).map(|p| visible(p)).collect();
    if !declared.is_empty() {
        let word = if declared.len() == 1 { "layer" } else { "layers" };
        parts.push(format!("{word} of the scenario: {}", declared.join(", ")));
    }
    if arrangement.modify_handles {
        parts.push("WPUModifyIFSHandle gives other handles".to_owned());
    }
    match arrangement.grain {
        Grain::Call => {}
        Grain::Boundary => parts.push("grain boundary".to_owned()),
        Grain::Request => parts.push("grain request".to_owned()),
    }
    parts.push(match given.seed {
        None => "text order".to_owned(),
        Some(seed) => format!("random order of seed {seed}"),
    });
    parts.push(count(run.rows.len(), "call"));
    parts.join(" · ")
}

/// One row for each call.
fn calls(run: &Run, look: Look) -> String {
    let grouped = run.rows.iter().any(|row| row.setup || row.mark.is_some());
    let mut columns = vec![
        Column::numbers("line"),
        Column::fixed("thread"),
        Column::flexible("call", 2).gives(6),
        Column::flexible("result", 0).at_most(18),
        Column::flexible("why", 0),
    ];
    if grouped {
        columns.insert(0, Column::numbers("step"));
    }
    let mut before = None;
    let mut rows = Vec::new();
    for row in &run.rows {
        let group = (row.setup, row.mark);
        let begins = before != Some(group);
        let mut cells = call(row);
        if grouped {
            let step = match group {
                _ if !begins => String::new(),
                (true, _) => "setup".to_owned(),
                (false, mark) => {
                    mark.and_then(|mark| run.marks.get(mark)).map_or(String::new(), |mark| mark.number.to_string())
                }
            };
            cells.insert(0, Cell::plain(step));
        }
        rows.push(Line { begins: begins && before.is_some(), marked: !row.held, cells });
        before = Some(group);
    }
    Grid { columns, rows }.render(look)
}

fn call(row: &Row) -> Vec<Cell> {
    let written = match &row.bind {
        Some(name) => format!("{name} = {}", row.text),
        None => row.text.clone(),
    };
    let result_paint = if row.held { Paint::Plain } else { Paint::Bad };
    let basis = basis(row).map_or(String::new(), |id| if is_decision(&id) { format!("decision {id}") } else { id });
    vec![
        Cell::plain(row.line.to_string()),
        Cell::plain(visible(&row.thread)),
        Cell::plain(visible(&written)),
        Cell::of(visible(&result(row)), result_paint),
        Cell(vec![(basis, Paint::Plain), (visible(&way(row)), Paint::Faint)]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{HANDOFF, WRONG, ran};

    #[test]
    fn a_handoff() {
        let expected = r#"A handoff
In three steps.
base IFS · text order · 7 calls

Who does what

  step                                        source                   bus           target
────────────────────────────────────────────────────────────────────────────────────────────────────
     1  the source asks                       BusReceive 1004

     2  and duplicates                        WSPDuplicateSocket info
                                              BusSend                  ── info ───▶

     3  what the target makes a socket of,    WSPCloseSocket ok
        under a title of some length                                                 WSPSocket 0x480

What each call gives, and why

   step  line  thread  call                         result          why
────────────────────────────────────────────────────────────────────────────────────────────────────
  setup     6  source  s = WSPSocket(AF_INET,       0x80            WSPSocket.ifs-returns-modified
                         SOCK_STREAM, IPPROTO_TCP)                  WSPStartup · WPUModifyIFSHandle
            7  target  BusSend(source,              ok
                         GetCurrentProcessId())

      1    10  source  pid = BusReceive()           4 bytes (1004)

      2    12  source  info = WSPDuplicateSocket(   info of 1001,   WSPDuplicateSocket.info-written
                         s, pid)                    reserved 0x480
           13  source  BusSend(target, info)        ok
"#;
        let (run, given) = ran(HANDOFF);
        let report = render(&run, &given.given(), Look::PLAIN);
        assert_eq!(report.get(..expected.len()), Some(expected), "{report}");
        assert!(report.ends_with("\n\npassed\n"), "{report}");
    }

    #[test]
    fn what_does_not_hold_is_marked_and_quoted() {
        let expected = r#"wrong.winspi
base IFS · text order · 3 calls

What each call gives, and why

  line  thread  call                                    result       why
────────────────────────────────────────────────────────────────────────────────────────────────────
     3  source  l = WSPSocket(AF_INET, SOCK_STREAM,     0x80         WSPSocket.ifs-returns-modified
                  IPPROTO_TCP)                                       WSPStartup · WPUModifyIFSHandle
✗    4  source  WSPListen(0x7fc, 5)                     WSAENOTSOCK  WSPListen.error-enotsock
✗    6  source  BusReceive()                            blocks

What these rules say

  WSPSocket.ifs-returns-modified  An IFS provider returns the handle that WPUModifyIFSHandle gave
                                  back, not the proposed one.
  WSPListen.error-enotsock        WSPListen fails with WSAENOTSOCK when the descriptor is not a
                                  socket.

Open at the end

  source  0x80  l  an unconnected socket (1 handle), provider base

Did not hold

wrong.winspi:4:1: WSPListen(0x7fc, 5): expected success, found WSAENOTSOCK (WSPListen.error-enotsock)
    4 | source: WSPListen(0x7fc, 5)
      | ^

wrong.winspi:5:8: the expectation does not hold: it is 1
    5 | expect socket(l).handles == 2
      |        ^

wrong.winspi:6:1: source is still blocked at the end, in BusReceive()
    6 | source: BusReceive()
      | ^

failed: 2 expectations did not hold, 1 call is still blocked
"#;
        let (run, given) = ran(WRONG);
        let report = render(&run, &given.given(), Look::PLAIN);
        assert_eq!(report, expected);
    }

    #[test]
    fn a_title_cannot_act_on_a_terminal() {
        let (run, given) = ran("scenario \"a\\x1b[2Jb\"\nprocess p\np: h = CreateEvent()\n");
        let report = render(&run, &given.given(), Look::PLAIN);
        assert_eq!(report.lines().next(), Some("a\\u{1b}[2Jb"));
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let (run, given) = ran(WRONG);
        let colourful = render(&run, &given.given(), Look { colour: true, ..Look::PLAIN });
        let mut plain = String::new();
        for (place, part) in colourful.split('\u{1b}').enumerate() {
            plain.push_str(if place == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) });
        }
        assert_eq!(plain, render(&run, &given.given(), Look::PLAIN));
    }
}
