//! Reads traces, and takes only those that are whole.

use serde::Deserialize;

use super::{FORMAT, Happening, Named, Trace, VERSION};

/// Why a text is no trace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON, or has something in it that a trace does not have.
    #[error("{line}:{column}: this is no whole trace: {problem}")]
    Damaged {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong, in a sentence.
        problem: String,
    },
    /// It says that it is something else.
    #[error("this is no trace: its format is `{0}`, expected `{FORMAT}`")]
    Format(String),
    /// It is of another version.
    #[error(
        "this is a trace of version {0}; this winspi reads version {VERSION}: write it again with `winspi run --trace`"
    )]
    Version(u64),
    /// Its parts do not fit each other.
    #[error("this is no whole trace: {0}")]
    Parts(String),
}

/// What every version says first.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u64,
}

impl Trace {
    /// Whether a text says that it is a trace, whole or not.
    pub fn is_meant(text: &str) -> bool {
        let head: Option<&str> = text.get(..text.len().min(256)).or_else(|| {
            let end = (0..256).rev().find(|end| text.is_char_boundary(*end))?;
            text.get(..end)
        });
        let head: String = head.unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
        head.starts_with('{') && head.contains("\"format\":\"winspi-trace\"")
    }

    /// Reads a trace.
    ///
    /// # Errors
    ///
    /// What is wrong with the text, and where.
    pub fn read(text: &str) -> Result<Trace, ReadError> {
        let damaged = |error: serde_json::Error| {
            let (line, column) = (error.line().max(1), error.column().max(1));
            let whole = error.to_string();
            let problem = whole.split(" at line ").next().unwrap_or(&whole).to_owned();
            ReadError::Damaged { line, column, problem }
        };
        let head: Head = serde_json::from_str(text).map_err(damaged)?;
        if head.format != FORMAT {
            return Err(ReadError::Format(head.format.chars().take(40).collect()));
        }
        if head.version != u64::from(VERSION) {
            return Err(ReadError::Version(head.version));
        }
        let trace: Trace = serde_json::from_str(text).map_err(damaged)?;
        trace.check().map_err(ReadError::Parts)?;
        Ok(trace)
    }

    /// Whether every number leads to something, and every change fits what was there.
    ///
    /// # Errors
    ///
    /// The first that does not, in a sentence.
    pub fn check(&self) -> Result<(), String> {
        let is_in = |place: u32, length: usize| (place as usize) < length;
        let events = self.events.len();
        let is_event = |n: u32| n >= 1 && n as usize <= events;
        for entry in &self.catalog {
            require(is_in(entry.info, self.infos.len()), || format!("catalog entry {} names no info", entry.id))?;
        }
        for info in &self.infos {
            let hexadecimal = info.bytes.len() == 1256 && info.bytes.bytes().all(|b| b.is_ascii_hexdigit());
            require(hexadecimal, || "an info is not 628 bytes in hexadecimal".to_owned())?;
            require(info.values.len() == self.fields.len(), || "an info has not the fields of one".to_owned())?;
        }
        for field in &self.fields {
            let end = u64::from(field.at) + u64::from(field.size);
            require(end <= 628, || format!("the field {} lies outside of an info", field.name))?;
        }
        for (place, row) in self.rows.iter().enumerate() {
            let wrong = |what: &str| format!("row {} {what}", place + 1);
            require(row.n as usize == place + 1, || wrong("has another number"))?;
            require(row.mark.is_none_or(|m| is_in(m, self.marks.len())), || wrong("names no mark"))?;
            require(is_event(row.first) && is_event(row.last), || wrong("names no event"))?;
            require(row.first <= row.last, || wrong("ends before it begins"))?;
        }
        for id in &self.sharing {
            require(self.rules.iter().any(|rule| rule.id == *id), || format!("there is no rule `{id}`"))?;
        }
        for failure in &self.failures {
            require(failure.event as usize <= events, || "a failure names no event".to_owned())?;
        }
        for (place, travel) in self.travels.iter().enumerate() {
            let wrong = |what: &str| format!("travel {place} {what}");
            let known = |n: Option<u32>| n.is_none_or(is_event);
            require(travel.sent == 0 || is_event(travel.sent), || wrong("was sent by no event"))?;
            require(known(travel.ended) && known(travel.taken), || wrong("ends in no event"))?;
            require(travel.ended.is_some() == travel.end.is_some(), || wrong("ends without an end"))?;
            require(travel.ended.is_none_or(|ended| ended >= travel.sent), || wrong("ends before it was sent"))?;
            require(travel.info.is_none_or(|info| is_in(info, self.infos.len())), || wrong("names no info"))?;
        }
        require(self.setup as usize <= events, || "`setup` has more events than there are".to_owned())?;
        self.check_events()
    }

    fn check_events(&self) -> Result<(), String> {
        let is_in = |place: u32, length: usize| (place as usize) < length;
        require(self.start.gone.is_empty(), || "something is gone before it begins".to_owned())?;
        let mut there: std::collections::BTreeSet<&str> = self.start.set.keys().map(String::as_str).collect();
        let mut time = 0;
        for (place, event) in self.events.iter().enumerate() {
            let wrong = |what: &str| format!("event {} {what}", place + 1);
            require(event.n as usize == place + 1, || wrong("has another number"))?;
            require(is_in(event.name, self.names.len()), || wrong("has no name"))?;
            let instead = event.others.iter().chain(&event.kills);
            require(instead.into_iter().all(|o| is_in(*o, self.names.len())), || wrong("names no transition"))?;
            require(event.row.is_none_or(|row| is_in(row, self.rows.len())), || wrong("names no row"))?;
            require(event.time >= time, || wrong("is before the one before it"))?;
            time = event.time;
            for happening in &event.happened {
                let (named, depth): (&[Named], u16) = match happening {
                    Happening::Enter { args, depth, .. } => (args.as_deref().unwrap_or_default(), *depth),
                    Happening::Leave { written, depth, .. } => (written, *depth),
                    _ => (&[], 0),
                };
                let whole = named.iter().all(|n| n.info.is_none_or(|info| is_in(info, self.infos.len())));
                require(whole, || wrong("names no info"))?;
                require(depth <= MOST_DEPTH, || wrong("has a call that stands too deep"))?;
            }
            for key in &event.delta.gone {
                require(there.remove(key.as_str()), || wrong(&format!("takes away `{key}`, which is not there")))?;
            }
            there.extend(event.delta.set.keys().map(String::as_str));
        }
        Ok(())
    }
}

/// No stack of calls is deeper: a page indents by it.
const MOST_DEPTH: u16 = 256;

fn require(holds: bool, wrong: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(wrong()) }
}
