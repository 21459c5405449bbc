//! The trace: a run as typed data, moment by moment, for pages, pictures and other tools.
//!
//! A [`Trace`] has everything that a page shows: the scenario and the machine that it ran on, what stood at the
//! beginning, and for each transition what happened in it, what else could have happened, and what it changed. It is
//! written as one JSON object that says its format and version; the same run gives the same bytes. [`Trace::read`] takes
//! only what [`Trace::check`] finds whole, so whoever has a trace may follow every number in it.
//!
//! **Events** are transitions, numbered from 1 in [`Event::n`]. The number is the name of the event: links use it.
//! **The state** is a table from keys (`handle source 0x480`, `socket 1`, `thread target`) to [`Thing`]s. [`Trace::start`]
//! has it before the first event, [`Event::delta`] what an event changed; [`Trace::state_after`] folds them.
//! **What travels** between processes, on the bus or on a connection, stands in [`Trace::travels`] with the events that
//! sent, delivered, took or lost it.
//!
//! `thing.rs` has what a state consists of, `look.rs` finds it in a system, `travel.rs` follows messages and segments,
//! `record.rs` watches a run, `read.rs` reads and checks, `shown.rs` has values and rules as text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod look;
mod read;
mod record;
mod shown;
pub mod thing;
mod travel;

pub use read::ReadError;
pub use record::{Origin, Recorder, of_case, of_run};
pub use thing::{Held, Thing};

/// What a trace calls its format.
pub const FORMAT: &str = "winspi-trace";

/// The version that is written, and the only one that is read.
pub const VERSION: u32 = 1;

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// The title of the scenario, or the name of its file.
    pub title: String,
    /// The `about` texts.
    pub about: Vec<String>,
    /// The name of the file, as the user gave it.
    pub file: String,
    /// What stands in the file.
    pub text: String,
    /// The scenario without a recorded order, in the canonical form: a schedule can be written behind it. None for a case.
    pub scenario: Option<String>,
    /// The case of a conformance file.
    pub case: Option<String>,
    /// On what it ran, and in which order.
    pub machine: Machine,
    /// Whether everything held.
    pub passed: bool,
    /// The processes in the order in which they are declared.
    pub processes: Vec<Process>,
    /// The providers: the base first, then the layers as they stand over it.
    pub providers: Vec<Provider>,
    /// The catalog.
    pub catalog: Vec<Entry>,
    /// The marks of the scenario.
    pub marks: Vec<Mark>,
    /// The lines that make calls, in the order in which they began.
    pub rows: Vec<Row>,
    /// Transitions as lines of a schedule: [`Event::name`] and [`Event::others`] are places in this list.
    pub names: Vec<String>,
    /// The members of WSAPROTOCOL_INFOW.
    pub fields: Vec<Field>,
    /// The protocol infos that values name.
    pub infos: Vec<Info>,
    /// The clauses and decisions that are named.
    pub rules: Vec<Rule>,
    /// What holds for the duplicates that the run makes, by the ids of [`Trace::rules`]; empty where it makes none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sharing: Vec<String>,
    /// The state before the first event: nothing is gone.
    pub start: Delta,
    /// How many of the first events belong to `setup`, which keeps its order.
    pub setup: u32,
    /// The events in order.
    pub events: Vec<Event>,
    /// What travelled, in the order of sending.
    pub travels: Vec<Travel>,
    /// What did not hold.
    pub failures: Vec<Failure>,
    /// What nobody could reach any more at the end, and was still there.
    pub leaks: Vec<String>,
}

/// On what a scenario ran, and in which order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// The arrangement in words: `base IFS`.
    pub name: String,
    /// How far one transition of a thread goes: `call`, `boundary`, `request`.
    pub grain: String,
    /// `text order`, `recorded order`, `random order 7`.
    pub order: String,
    /// The options of the command that make this machine, as they are written.
    pub options: String,
    /// The first line of a schedule of this run, where it needs one: `grain boundary`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
}

/// A process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// Its name.
    pub name: String,
    /// Its identifier.
    pub pid: u32,
    /// Its threads by name, the main thread first; threads of providers among them.
    pub threads: Vec<String>,
}

/// A provider of the catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Its name.
    pub name: String,
    /// `base IFS`, `non-IFS layer` and so on.
    pub kind: String,
    /// Its GUID.
    pub guid: String,
    /// The path of its DLL.
    pub path: String,
    /// The provider that it stands over.
    pub over: Option<String>,
}

/// An entry of the catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// dwCatalogEntryId.
    pub id: u32,
    /// The provider.
    pub provider: String,
    /// szProtocol.
    pub name: String,
    /// `base`, `layer`, `chain`.
    pub kind: String,
    /// The entries of a chain, the top first.
    pub chain: Vec<u32>,
    /// Its info: a place in [`Trace::infos`].
    pub info: u32,
}

/// A mark: `step 3 "the target answers"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// The number.
    pub number: i64,
    /// The title.
    pub title: String,
}

/// A line of the scenario that makes a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// From 1, in the order in which the lines began.
    pub n: u32,
    /// The line of the file.
    pub line: u32,
    /// The mark that it stands under: a place in [`Trace::marks`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<u32>,
    /// Whether it stands in `setup`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub setup: bool,
    /// The thread.
    pub thread: String,
    /// The name that the result is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bind: Option<String>,
    /// The call as written.
    pub text: String,
    /// The function.
    pub call: String,
    /// What came back, in words.
    pub result: String,
    /// The same in a word or two.
    pub short: String,
    /// The name of the code, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Who answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The clause or decision that the result rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The expectation as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// Whether it held.
    pub held: bool,
    /// Whether the call was blocked when its line was over.
    #[serde(default, skip_serializing_if = "is_false")]
    pub blocked: bool,
    /// The event in which it began.
    pub first: u32,
    /// The last event of its thread before the next line.
    pub last: u32,
}

/// A member of WSAPROTOCOL_INFOW.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The header's name.
    pub name: String,
    /// Distance from the start in bytes.
    pub at: u32,
    /// Bytes.
    pub size: u32,
}

/// A protocol info.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Info {
    /// The 628 bytes in hexadecimal.
    pub bytes: String,
    /// The members in the order of [`Trace::fields`], for readers.
    pub values: Vec<String>,
}

/// A clause or a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its id: `WSPBind.assigns-name`, `info-second-use`.
    pub id: String,
    /// Whether it is a decision of winspi.
    #[serde(default, skip_serializing_if = "is_false")]
    pub decision: bool,
    /// What it says; of a decision what is asked.
    pub text: String,
    /// How sure: `must`, `should`, `may`, `unspecified` of a clause, `documented`, `observed`, `inferred`, `ours` of a
    /// decision.
    pub sure: String,
    /// The pages that say it; of a decision the answer and its evidence.
    pub source: String,
    /// What is chosen in this run, where a decision has a choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
}

/// What changed in a state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delta {
    /// What is there now, or is another thing than before.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Thing>,
    /// What is not there any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
}

/// A transition, and what it gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// From 1. Links name an event by it.
    pub n: u32,
    /// The line of a schedule that repeats it: a place in [`Trace::names`].
    pub name: u32,
    /// Which kind.
    pub kind: EventKind,
    /// The thread that goes on, or whose question is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// The row that it belongs to: a place in [`Trace::rows`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// Virtual time after it, in milliseconds.
    pub time: u64,
    /// What happened, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub happened: Vec<Happening>,
    /// What could have happened instead: places in [`Trace::names`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<u32>,
    /// Which process could have been killed instead: places in [`Trace::names`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kills: Vec<u32>,
    /// What it changed.
    #[serde(default, skip_serializing_if = "Delta::is_empty")]
    pub delta: Delta,
}

/// The kinds of transitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// A thread goes on.
    Go,
    /// A thread goes on by one step.
    Step,
    /// A segment or a datagram arrives.
    Deliver,
    /// One is lost.
    Lose,
    /// A message of the bus arrives.
    Message,
    /// A message of the bus is lost.
    LoseMessage,
    /// One is there twice.
    DuplicateMessage,
    /// One is damaged.
    DamageMessage,
    /// An overlapped operation is carried out.
    Complete,
    /// Time passes.
    Time,
    /// Something goes wrong from now on, or no more.
    Fault,
    /// A process is killed.
    Kill,
    /// A party outside answers.
    Answer,
}

/// A value with its name. In JSON an array of the name, the text, and the place in [`Trace::infos`] if it is an info.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name of the parameter.
    pub name: String,
    /// The value for readers.
    pub text: String,
    /// The info, if it is one.
    pub info: Option<u32>,
}

/// Something that happened in a transition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Happening {
    /// A call reached a party.
    Enter {
        /// How many calls stand below it on the stack of the thread.
        depth: u16,
        /// The party: `Ws2_32`, `base`, the name of a layer, `system`, `program`.
        who: String,
        /// The function.
        call: String,
        /// The arguments, but for lengths that follow from the data and room for results. None where they are those of
        /// the call below it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        args: Option<Vec<Named>>,
    },
    /// A call came back from a party.
    Leave {
        /// As at the enter.
        depth: u16,
        /// The party.
        who: String,
        /// The function.
        call: String,
        /// What it gave: the return value, or the name of the code.
        result: String,
        /// Whether it failed.
        #[serde(default, skip_serializing_if = "is_false")]
        failed: bool,
        /// What was written to the caller's memory.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        written: Vec<Named>,
        /// The clause or decision that a failure rests on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// A party carried out a rule.
    Rule {
        /// The clause or decision.
        id: String,
        /// The provider, if it was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// A thread began to wait.
    Waits {
        /// What for.
        what: String,
    },
    /// Something else, in words.
    Note {
        /// What.
        text: String,
    },
    /// A provider broke a duty.
    Breach {
        /// The provider.
        provider: String,
        /// The duty.
        duty: String,
        /// The clause.
        why: String,
        /// What was seen.
        text: String,
    },
    /// Something that works and may not be meant.
    Hazard {
        /// Which kind.
        kind: String,
        /// What was seen.
        text: String,
    },
}

/// Something on its way from one process to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Travel {
    /// On what it travels.
    pub on: Way,
    /// The sender: a process, or the name of a socket.
    pub from: String,
    /// The receiver.
    pub to: String,
    /// The thread that sent it, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The process that it is for, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
    /// What it is, in words.
    pub what: String,
    /// How many bytes it brings.
    pub bytes: u32,
    /// The info that it is, a place in [`Trace::infos`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<u32>,
    /// The event that sent it; 0 where it was there from the beginning.
    pub sent: u32,
    /// The event that ended its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<u32>,
    /// How its way ended; none while it is in flight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<WayEnd>,
    /// The event in which a message that has arrived was received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<u32>,
    /// Whether it is a copy of the one before it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub copy: bool,
}

/// On what something travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// The bus.
    Bus,
    /// A connection.
    Stream,
    /// The network, as a datagram.
    Datagram,
}

/// How the way of something ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WayEnd {
    /// It arrived.
    Arrived,
    /// It was lost.
    Lost,
    /// Nobody is there any more whom it could reach.
    Dropped,
}

/// What did not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The line of the file.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// What was expected and what was found.
    pub message: String,
    /// The event after which it was found.
    pub event: u32,
}

impl Delta {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.gone.is_empty()
    }

    /// What leads from one state to the next.
    pub fn between(before: &BTreeMap<String, Thing>, after: &BTreeMap<String, Thing>) -> Delta {
        let set = after.iter().filter(|(key, thing)| before.get(*key) != Some(*thing));
        let gone = before.keys().filter(|key| !after.contains_key(*key));
        Delta { set: set.map(|(key, thing)| (key.clone(), thing.clone())).collect(), gone: gone.cloned().collect() }
    }

    /// Takes a state to the next one.
    pub fn apply(&self, state: &mut BTreeMap<String, Thing>) {
        for key in &self.gone {
            state.remove(key);
        }
        state.extend(self.set.iter().map(|(key, thing)| (key.clone(), thing.clone())));
    }
}

impl Trace {
    /// The state after an event; 0 for that before the first one. A number beyond the last event gives the last state.
    pub fn state_after(&self, event: u32) -> BTreeMap<String, Thing> {
        let mut state = self.start.set.clone();
        self.events.iter().take_while(|e| e.n <= event).for_each(|e| e.delta.apply(&mut state));
        state
    }

    /// An event by its number.
    pub fn event(&self, n: u32) -> Option<&Event> {
        self.events.get((n as usize).checked_sub(1)?)
    }

    /// A transition as a line of a schedule.
    pub fn name(&self, place: u32) -> &str {
        self.names.get(place as usize).map_or("", String::as_str)
    }

    /// The trace as JSON, with a line feed at its end.
    pub fn to_json(&self) -> String {
        // Plain data with texts as keys: it has a JSON form.
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("{json}\n")
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(value: &bool) -> bool {
    !*value
}
