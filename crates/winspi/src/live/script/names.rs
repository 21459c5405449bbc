//! What everything is called in the scenario of a run.

use std::collections::{BTreeMap, BTreeSet};

use winspi_core::World;
use winspi_core::id::{CellId, Handle, Pid, Tid};
use winspi_core::kernel::process::ThreadRole;
use winspi_core::signature::Function;
use winspi_script::syntax::{is_keyword, tree};
use winspi_types::{ErrorCode, constant};

use crate::Plan;

/// Names of a scenario, and what they mean so far.
pub(super) struct Names {
    processes: BTreeMap<Pid, String>,
    threads: BTreeMap<Tid, String>,
    layers: BTreeMap<String, String>,
    handles: BTreeMap<(Pid, Handle), String>,
    cells: BTreeMap<(Pid, CellId), String>,
    /// Protocol infos and messages by their bytes, the newest last.
    bytes: Vec<(Pid, String, Vec<u8>)>,
    counts: BTreeMap<(Pid, &'static str), u32>,
    /// Names that lines speak of, and those that are always bound.
    wanted: BTreeSet<(Pid, String)>,
}

impl Names {
    pub(super) fn new(plan: &Plan, end: &World) -> Names {
        let mut taken = BTreeSet::from(["base".to_owned(), "tcp".to_owned(), "udp".to_owned()]);
        let mut processes = BTreeMap::new();
        for process in end.processes() {
            processes.insert(process.pid, unused(&process.name, &mut taken));
        }
        let mut layers = BTreeMap::new();
        for layer in &plan.layers {
            layers.insert(layer.name.clone(), unused(&layer.name, &mut taken));
        }
        let mut threads = BTreeMap::new();
        let mut taken: BTreeMap<Pid, BTreeSet<String>> = BTreeMap::new();
        for (tid, thread) in end.threads() {
            if tid.ordinal > 0 && matches!(thread.role, ThreadRole::Outside(_)) {
                threads.insert(tid, unused(&thread.name, taken.entry(tid.process).or_default()));
            }
        }
        Names {
            processes,
            threads,
            layers,
            handles: BTreeMap::new(),
            cells: BTreeMap::new(),
            bytes: Vec::new(),
            counts: BTreeMap::new(),
            wanted: BTreeSet::new(),
        }
    }

    /// The name of a process.
    pub(super) fn process(&self, pid: Pid) -> &str {
        self.processes.get(&pid).map_or("?", String::as_str)
    }

    /// The process of an identifier, if there is one.
    pub(super) fn process_of(&self, number: i64) -> Option<&str> {
        let pid = Pid(u32::try_from(number).ok()?);
        self.processes.get(&pid).map(String::as_str)
    }

    /// The threads beside the main ones, in the order of their processes.
    pub(super) fn threads(&self) -> impl Iterator<Item = (Pid, &str)> {
        self.threads.iter().map(|(tid, name)| (tid.process, name.as_str()))
    }

    /// The name of a layer, or of what else a layer stands over.
    pub(super) fn layer<'n>(&'n self, name: &'n str) -> &'n str {
        self.layers.get(name).map_or(name, String::as_str)
    }

    /// Who acts on a thread.
    pub(super) fn who(&self, tid: Tid) -> tree::Who {
        let thread = self.threads.get(&tid).map(|name| tree::Name::new(name.as_str()));
        tree::Who { span: tree::Span::default(), process: tree::Name::new(self.process(tid.process)), thread }
    }

    /// A name that nothing in the process has: `s1`, `s2`.
    fn fresh(&mut self, process: Pid, kind: &'static str) -> String {
        loop {
            let count = self.counts.entry((process, kind)).or_default();
            *count += 1;
            let name = format!("{kind}{count}");
            if !self.processes.values().chain(self.layers.values()).any(|taken| *taken == name) {
                return name;
            }
        }
    }

    /// Names a handle; a value that was used before means this from now on.
    pub(super) fn bind_handle(&mut self, process: Pid, handle: Handle, kind: &'static str) -> String {
        let name = self.fresh(process, kind);
        self.handles.insert((process, handle), name.clone());
        self.want(process, &name);
        name
    }

    /// Names a cell.
    pub(super) fn bind_cell(&mut self, process: Pid, cell: CellId, kind: &'static str) -> String {
        let name = self.fresh(process, kind);
        self.cells.insert((process, cell), name.clone());
        self.want(process, &name);
        name
    }

    /// Names bytes that may flow on; the name is written where something wants it.
    pub(super) fn bind_bytes(&mut self, process: Pid, bytes: &[u8], kind: &'static str) -> String {
        let name = self.fresh(process, kind);
        self.bytes.push((process, name.clone(), bytes.to_vec()));
        name
    }

    /// Says that a name is spoken of.
    pub(super) fn want(&mut self, process: Pid, name: &str) {
        self.wanted.insert((process, name.to_owned()));
    }

    /// Takes away the name that a line gives to what no line speaks of.
    pub(super) fn drop_unwanted(&self, line: &mut tree::StatementKind) {
        let tree::StatementKind::Thread(tree::ThreadLine { who, action: tree::Action::Call(call) }) = line else {
            return;
        };
        let process = self.processes.iter().find(|(_, name)| **name == who.process.text).map(|(pid, _)| *pid);
        let wanted = |name: &tree::Name| process.is_some_and(|pid| self.wanted.contains(&(pid, name.text.clone())));
        call.bind.take_if(|name| !wanted(name));
    }

    /// The name of a handle of a process.
    pub(super) fn handle(&self, process: Pid, handle: Handle) -> Option<&str> {
        self.handles.get(&(process, handle)).map(String::as_str)
    }

    /// The name of a cell of a process.
    pub(super) fn cell(&self, process: Pid, cell: CellId) -> Option<&str> {
        self.cells.get(&(process, cell)).map(String::as_str)
    }

    /// The process and the name of bytes that were seen before, in this process or else in another; the newest first.
    pub(super) fn of_bytes(&mut self, process: Pid, bytes: &[u8]) -> Option<(Pid, String)> {
        let same = || self.bytes.iter().rev().filter(|(_, _, known)| known == bytes);
        let own = same().find(|(pid, ..)| *pid == process).or_else(|| same().next());
        let (pid, name, _) = own.cloned()?;
        self.want(pid, &name);
        Some((pid, name))
    }
}

/// A name of the language that is like this one and not taken.
fn unused(name: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut base: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    if base.is_empty() || base.starts_with(|c: char| c.is_ascii_digit()) {
        base.insert(0, 'p');
    }
    let means_something = |name: &str| {
        is_keyword(name)
            || constant(name).is_some()
            || ErrorCode::from_name(name).is_some()
            || Function::named(name).is_some()
    };
    let mut candidate = base.clone();
    for count in 2.. {
        if !taken.contains(&candidate) && !means_something(&candidate) {
            break;
        }
        candidate = format!("{base}_{count}");
    }
    taken.insert(candidate.clone());
    candidate
}
