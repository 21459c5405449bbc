//! A trace as a picture of lanes: who acts, who sends to whom, and who waits, in the order of events.
//!
//! A [`Picture`] is what the drawings for terminals ([`mod@text`]), for Mermaid ([`crate::mermaid`]) and as SVG
//! ([`crate::svg`]) share. It says nothing about lines, colours and widths. A lane is a thread: the main thread of a
//! process has the name of its process.

pub mod text;

use crate::process_of;
use crate::text::{count, visible};
use crate::trace::{Event, EventKind, Happening, Row, Trace, Travel, Way, WayEnd};

/// What a trace shows, item by item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The title of the scenario.
    pub title: String,
    /// What it is about, and on what it ran.
    pub about: Vec<String>,
    /// The threads that act.
    pub lanes: Vec<String>,
    /// What happens, in order.
    pub items: Vec<Item>,
    /// What did not hold, and the verdict.
    pub end: Vec<String>,
    /// Whether everything held.
    pub passed: bool,
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The event; 0 for what stands before the first.
    pub event: u32,
    /// Virtual time after it, in milliseconds.
    pub time: u64,
    /// What.
    pub what: What,
}

/// The kinds of things that happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A step of the scenario begins.
    Mark {
        /// Its number.
        number: i64,
        /// Its title.
        title: String,
    },
    /// A thread makes a call.
    Call(Call),
    /// A call that had waited comes back.
    Return {
        /// A place in [`Picture::lanes`].
        lane: usize,
        /// The call and what it gave.
        text: String,
        /// Whether an expectation did not hold.
        bad: bool,
        /// The calls below that of the program, as far as they came to it in this event.
        inner: Vec<Inner>,
    },
    /// Something crosses from one lane to another, or would have.
    Message {
        /// From where: a place in [`Picture::lanes`].
        from: usize,
        /// To where.
        to: usize,
        /// What it is.
        text: String,
        /// What becomes of it at this event.
        way: Travelling,
        /// Whether it crosses the bus.
        bus: bool,
    },
    /// Something about one lane, or about all.
    Note {
        /// A place in [`Picture::lanes`].
        lane: Option<usize>,
        /// What.
        text: String,
        /// Whether it is a breach, a hazard or an expectation that did not hold.
        bad: bool,
    },
}

/// A call of a program, and the calls below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// A place in [`Picture::lanes`].
    pub lane: usize,
    /// The call as written, with the name that its result is bound to.
    pub text: String,
    /// What it gave in a word or two; none where it came back later, or never.
    pub result: Option<String>,
    /// What it waits for.
    pub waits: Option<String>,
    /// The clause or decision that the result rests on.
    pub why: Option<String>,
    /// Whether it failed.
    pub failed: bool,
    /// Whether an expectation did not hold.
    pub bad: bool,
    /// The calls below that of the program, with how deep each stands.
    pub inner: Vec<Inner>,
}

/// A call of one party to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inner {
    /// How deep it stands, from 0.
    pub depth: usize,
    /// The party and the function: `base WSPStartup`.
    pub text: String,
    /// What it gave, where it came back in the same event.
    pub result: Option<String>,
}

/// What becomes of something that travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Travelling {
    /// It is sent, and arrives later or never.
    Sent,
    /// It arrives.
    Arrives,
    /// It is lost.
    Lost,
    /// Nobody is there any more whom it could reach.
    Dropped,
}

impl Travelling {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Travelling::Sent => "sent",
            Travelling::Arrives => "arrives",
            Travelling::Lost => "lost",
            Travelling::Dropped => "nobody there",
        }
    }
}

impl Picture {
    /// The picture of a trace.
    pub fn of(trace: &Trace) -> Picture {
        let mut about: Vec<String> = trace.about.iter().map(|text| visible(text)).collect();
        about.push(format!(
            "{} · {} · {}",
            trace.machine.name,
            trace.machine.order,
            count(trace.events.len(), "event")
        ));
        let mut drawing = Drawing { trace, lanes: lanes(trace), items: Vec::new(), mark: None };
        drawing.travels(0);
        for event in &trace.events {
            drawing.event(event);
        }
        let failures = trace.failures.iter().map(|f| format!("{}:{}:{}: {}", trace.file, f.line, f.column, f.message));
        let leaks = trace.leaks.iter().map(|leak| format!("left over: {leak}"));
        let verdict = if trace.passed { "passed" } else { "failed" }.to_owned();
        Picture {
            title: visible(&trace.title),
            about,
            lanes: drawing.lanes.iter().map(|lane| visible(lane)).collect(),
            items: drawing.items,
            end: failures.chain(leaks).chain([verdict]).map(|line| visible(&line)).collect(),
            passed: trace.passed,
        }
    }
}

/// The threads that have something to show: those with lines, and the main threads of processes that get or lose
/// something.
fn lanes(trace: &Trace) -> Vec<String> {
    let acts = |thread: &str| trace.rows.iter().any(|row| row.thread == thread);
    let named = |process: &str| {
        let travels = trace.travels.iter();
        let mut ends = travels.flat_map(|t| [sender(trace, t), t.process.as_deref()]).flatten();
        ends.any(|name| name == process)
    };
    let mut lanes = Vec::new();
    for process in &trace.processes {
        let before = lanes.len();
        lanes.extend(process.threads.iter().filter(|thread| acts(thread)).cloned());
        if lanes.len() == before && named(&process.name) {
            lanes.push(process.name.clone());
        }
    }
    if lanes.is_empty() {
        lanes.extend(trace.processes.first().map(|process| process.name.clone()));
    }
    lanes
}

/// The process that something comes from, as far as it is known: that which sent it, or that which gets what is sent to
/// where it comes from.
fn sender<'t>(trace: &'t Trace, travel: &'t Travel) -> Option<&'t str> {
    if travel.on == Way::Bus {
        return Some(&travel.from);
    }
    let there = || trace.travels.iter().find(|other| other.on == travel.on && other.to == travel.from);
    travel.by.as_deref().map(process_of).or_else(|| there().and_then(|other| other.process.as_deref()))
}

struct Drawing<'t> {
    trace: &'t Trace,
    lanes: Vec<String>,
    items: Vec<Item>,
    mark: Option<u32>,
}

impl Drawing<'_> {
    fn add(&mut self, event: u32, what: What) {
        let time = self.trace.event(event).map_or(0, |event| event.time);
        self.items.push(Item { event, time, what });
    }

    /// The lane of a thread, or that of its process.
    fn lane(&self, thread: &str) -> Option<usize> {
        let own = self.lanes.iter().position(|lane| lane == thread);
        own.or_else(|| self.lanes.iter().position(|lane| process_of(lane) == process_of(thread)))
    }

    fn event(&mut self, event: &Event) {
        let trace = self.trace;
        for row in trace.rows.iter().filter(|row| row.first == event.n) {
            self.mark(row);
            self.call(row, event);
        }
        let row = event.row.and_then(|place| trace.rows.get(place as usize));
        if let Some(row) = row.filter(|row| row.first != event.n && came_back(&event.happened)) {
            if let Some(lane) = self.lane(&row.thread) {
                let text = visible(&format!("{} gives {}", row.call, row.short));
                self.add(event.n, What::Return { lane, text, bad: !row.held, inner: inner(row, &event.happened) });
            }
        }
        self.travels(event.n);
        self.notes(event);
        for failure in trace.failures.iter().filter(|failure| failure.event == event.n) {
            let text = visible(&format!("line {}: {}", failure.line, failure.message));
            self.add(event.n, What::Note { lane: None, text, bad: true });
        }
    }

    fn mark(&mut self, row: &Row) {
        let Some(place) = row.mark.filter(|mark| Some(*mark) != self.mark) else { return };
        self.mark = Some(place);
        if let Some(mark) = self.trace.marks.get(place as usize) {
            self.add(row.first, What::Mark { number: mark.number, title: visible(&mark.title) });
        }
    }

    fn call(&mut self, row: &Row, event: &Event) {
        let Some(lane) = self.lane(&row.thread) else { return };
        let text = match &row.bind {
            Some(name) => format!("{name} = {}", row.text),
            None => row.text.clone(),
        };
        let waits = event.happened.iter().find_map(|happening| match happening {
            Happening::Waits { what } => Some(visible(what)),
            _ => None,
        });
        let call = Call {
            lane,
            text: visible(&text),
            result: came_back(&event.happened).then(|| visible(&row.short)),
            waits,
            why: row.why.clone(),
            failed: row.error.is_some(),
            bad: !row.held,
            inner: inner(row, &event.happened),
        };
        self.add(event.n, What::Call(call));
    }

    /// What is sent by an event, or ends its way.
    fn travels(&mut self, event: u32) {
        let trace = self.trace;
        for travel in &trace.travels {
            let way = match (travel.sent == event, travel.ended == Some(event), travel.end) {
                (_, true, Some(WayEnd::Arrived)) => Travelling::Arrives,
                (_, true, Some(WayEnd::Lost)) => Travelling::Lost,
                (_, true, Some(WayEnd::Dropped)) => Travelling::Dropped,
                (true, _, _) if travel.ended.is_none_or(|ended| ended > event + 1) => Travelling::Sent,
                _ => continue,
            };
            let text = visible(&if travel.copy { format!("{}, once more", travel.what) } else { travel.what.clone() });
            let (from, to) = (sender(trace, travel), travel.process.as_deref());
            let (from, to) = (from.and_then(|name| self.lane(name)), to.and_then(|name| self.lane(name)));
            match (from, to) {
                (Some(from), Some(to)) => {
                    let bus = travel.on == Way::Bus;
                    self.add(event, What::Message { from, to, text, way, bus });
                }
                (from, to) => {
                    let text = format!("{text}, {} to {}: {}", visible(&travel.from), visible(&travel.to), way.word());
                    self.add(event, What::Note { lane: to.or(from), text, bad: false });
                }
            }
        }
    }

    fn notes(&mut self, event: &Event) {
        let own = event.thread.as_deref().and_then(|thread| self.lane(thread));
        let name = self.trace.name(event.name);
        let text = match event.kind {
            EventKind::Time => Some(format!("time passes: {} ms", event.time)),
            EventKind::Fault | EventKind::Kill | EventKind::DamageMessage | EventKind::DuplicateMessage => {
                Some(visible(name))
            }
            _ => None,
        };
        if let Some(text) = text {
            let lane = name.strip_prefix("kill ").and_then(|process| self.lane(process));
            self.add(event.n, What::Note { lane, text, bad: false });
        }
        let begins = self.trace.rows.iter().any(|row| row.first == event.n);
        for happening in &event.happened {
            let (text, bad) = match happening {
                Happening::Waits { what } if !begins => (format!("waits for {what}"), false),
                Happening::Breach { provider, duty, text, .. } => (format!("{provider} breaks {duty}: {text}"), true),
                Happening::Hazard { kind, text } => (format!("{kind}: {text}"), true),
                Happening::Enter { .. }
                | Happening::Leave { .. }
                | Happening::Rule { .. }
                | Happening::Note { .. }
                | Happening::Waits { .. } => continue,
            };
            self.add(event.n, What::Note { lane: own, text: visible(&text), bad });
        }
    }
}

/// Whether a call of the program came back.
fn came_back(happened: &[Happening]) -> bool {
    happened.iter().any(|happening| matches!(happening, Happening::Leave { depth: 0, .. }))
}

/// The calls below that of the program; none where it was only passed on to one provider.
fn inner(row: &Row, happened: &[Happening]) -> Vec<Inner> {
    let mut calls: Vec<Inner> = Vec::new();
    let mut open: Vec<(u16, usize)> = Vec::new();
    let mut other = 0;
    for happening in happened {
        match happening {
            Happening::Enter { depth, who, call, .. } if *depth > 0 => {
                open.push((*depth, calls.len()));
                other += usize::from(*call != row.call);
                let text = visible(&format!("{who} {call}"));
                calls.push(Inner { depth: usize::from(*depth) - 1, text, result: None });
            }
            Happening::Leave { depth, result, .. } => {
                while let Some((_, place)) = open.pop_if(|(open, _)| *open >= *depth) {
                    if let Some(call) = calls.get_mut(place) {
                        call.result = Some(visible(result));
                    }
                }
            }
            _ => {}
        }
    }
    if other == 0 && calls.len() <= 1 { Vec::new() } else { calls }
}
