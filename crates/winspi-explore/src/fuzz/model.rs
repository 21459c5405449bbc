//! A model of the lives of descriptors: what every handle means, how many keep each socket open, and which calls have to
//! be refused. It is written from the documents and knows nothing of the world: it sees calls and their outcomes.
//!
//! A process has a map from handle values to meanings, and a list of the duplicates that were made for it. A socket has
//! one number: how many descriptors, raw handles and waiting duplicates there are of it. That is all.
//!
//! Where the model cannot know it says so instead of guessing: a handle becomes [`Meaning::Unsure`], a process is
//! [`Party::lost`] when somebody has closed a handle that no program was given (that of a layer's lower provider).

use std::collections::BTreeMap;
use std::sync::Arc;

use winspi_core::id::{EndpointId, Pid};
use winspi_types::RawProtocolInfoW;

/// What a handle value of a process means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A descriptor of a socket.
    Descriptor(usize),
    /// A handle that the kernel knows and Ws2_32 does not: DuplicateHandle made it.
    Raw(usize),
    /// A descriptor whose kernel handle was closed behind the back of Ws2_32.
    Stale,
    /// Something happened to it that this model does not follow.
    Unsure(usize),
    /// A process.
    Process(Pid),
}

/// A handle.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    /// What it means.
    pub(crate) meaning: Meaning,
    /// Handles of the same process that providers made for it and the program was not given.
    pub(crate) below: Vec<u64>,
}

/// A duplicate that was made for a process.
#[derive(Clone, Debug)]
pub(crate) struct Duplicate {
    info: Arc<RawProtocolInfoW>,
    socket: usize,
    waits: bool,
}

/// A process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Party {
    /// Whether it has ended.
    pub(crate) ended: bool,
    /// How often Ws2_32 was started more than ended.
    pub(crate) starts: u32,
    /// Its handles.
    pub(crate) open: BTreeMap<u64, Open>,
    /// Values that meant a socket once.
    pub(crate) used: Vec<u64>,
    /// What was made for it by WSPDuplicateSocket.
    pub(crate) duplicates: Vec<Duplicate>,
    /// Whether a handle was closed that no program was given: nothing is known any more.
    pub(crate) lost: bool,
}

/// A socket.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    /// What the world calls it, since it was first looked at.
    pub(crate) name: Option<EndpointId>,
    /// Descriptors, raw handles and duplicates that wait.
    pub(crate) handles: u32,
    /// Whether `handles` can be trusted.
    pub(crate) sure: bool,
    /// The handle that it got last.
    pub(crate) last: Option<(Pid, u64)>,
}

/// The model of a machine.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) parties: Vec<Party>,
    pub(crate) objects: Vec<Object>,
}

/// What an info says of the duplicate that it asks for.
pub(crate) enum Asked {
    /// One that waits for this process: the socket.
    Waiting(usize),
    /// One that this process has had already.
    Used,
    /// One of another process.
    OfAnother,
    /// No info of WSPDuplicateSocket, as far as its bytes go.
    Nothing,
}

impl Model {
    /// So many processes in which Ws2_32 is started once.
    pub(crate) fn new(processes: usize) -> Model {
        let party = Party { starts: 1, ..Party::default() };
        Model { parties: vec![party; processes], objects: Vec::new() }
    }

    pub(crate) fn party(&self, pid: Pid) -> Option<&Party> {
        self.parties.get(pid.index()?).filter(|party| !party.ended)
    }

    pub(crate) fn party_mut(&mut self, pid: Pid) -> Option<&mut Party> {
        self.parties.get_mut(pid.index()?).filter(|party| !party.ended)
    }

    /// What a handle value means to Ws2_32: exactly this value.
    pub(crate) fn meaning(&self, pid: Pid, handle: u64) -> Option<Meaning> {
        self.party(pid)?.open.get(&handle).map(|open| open.meaning)
    }

    /// What it means to the kernel, which ignores the two low bits.
    pub(crate) fn kernel_value(&self, pid: Pid, handle: u64) -> Option<u64> {
        let open = &self.party(pid)?.open;
        open.range(handle & !3..=handle | 3).next().map(|(value, _)| *value)
    }

    /// What a value belongs to that a provider has and no program was given.
    pub(crate) fn below(&self, pid: Pid, handle: u64) -> Option<Meaning> {
        let mut open = self.party(pid)?.open.values();
        let found = open.find(|open| open.below.iter().any(|below| below & !3 == handle & !3));
        found.map(|open| open.meaning)
    }

    /// A new socket.
    pub(crate) fn make(&mut self) -> usize {
        self.objects.push(Object { name: None, handles: 0, sure: true, last: None });
        self.objects.len() - 1
    }

    /// A handle of a socket begins; `adds` says whether it is one more.
    pub(crate) fn opens(&mut self, pid: Pid, handle: u64, meaning: Meaning, below: Vec<u64>, adds: bool) {
        if let Meaning::Descriptor(socket) | Meaning::Raw(socket) = meaning {
            self.objects[socket].handles += u32::from(adds);
            self.objects[socket].last = Some((pid, handle));
        }
        if let Some(party) = self.party_mut(pid) {
            let before = party.open.get(&handle).map(|open| open.meaning);
            if let (Some(Meaning::Unsure(_)), Meaning::Process(_)) = (before, meaning) {
                // Ws2_32 may still know the value as a descriptor.
                return;
            }
            party.open.insert(handle, Open { meaning, below });
            if !matches!(meaning, Meaning::Process(_)) && !party.used.contains(&handle) {
                party.used.push(handle);
            }
        }
    }

    /// A handle ends; what it meant.
    pub(crate) fn closes(&mut self, pid: Pid, handle: u64) -> Option<Meaning> {
        let open = self.party_mut(pid)?.open.remove(&handle)?;
        self.drops(open.meaning);
        Some(open.meaning)
    }

    /// A handle is closed in the kernel alone, and stays in the table of Ws2_32.
    pub(crate) fn goes_stale(&mut self, pid: Pid, handle: u64) {
        let Some(open) = self.party_mut(pid).and_then(|party| party.open.get_mut(&handle)) else { return };
        let before = std::mem::replace(&mut open.meaning, Meaning::Stale);
        self.drops(before);
    }

    /// Nothing is said of this handle and its socket any more.
    pub(crate) fn doubts(&mut self, pid: Pid, handle: u64) {
        let Some(open) = self.party_mut(pid).and_then(|party| party.open.get_mut(&handle)) else { return };
        if let Meaning::Descriptor(socket) | Meaning::Raw(socket) = open.meaning {
            open.meaning = Meaning::Unsure(socket);
            self.objects[socket].sure = false;
        }
    }

    fn drops(&mut self, meaning: Meaning) {
        match meaning {
            Meaning::Descriptor(socket) | Meaning::Raw(socket) => self.one_less(socket),
            Meaning::Unsure(socket) => self.objects[socket].sure = false,
            Meaning::Stale | Meaning::Process(_) => {}
        }
    }

    fn one_less(&mut self, socket: usize) {
        let object = &mut self.objects[socket];
        object.sure &= object.handles > 0;
        object.handles = object.handles.saturating_sub(1);
    }

    /// WSPDuplicateSocket: one more keeps the socket open, in the name of the target.
    pub(crate) fn duplicates(&mut self, target: Pid, socket: usize, info: &Arc<RawProtocolInfoW>) {
        let runs = self.party(target).is_some();
        self.objects[socket].handles += u32::from(runs);
        if let Some(party) = self.party_mut(target) {
            party.duplicates.push(Duplicate { info: info.clone(), socket, waits: true });
        }
    }

    /// What an info means in a process.
    pub(crate) fn asked(&self, pid: Pid, info: &Arc<RawProtocolInfoW>) -> Asked {
        let is = |duplicate: &&Duplicate| Arc::ptr_eq(&duplicate.info, info) || duplicate.info == *info;
        if let Some(duplicate) = self.party(pid).and_then(|p| p.duplicates.iter().rev().find(is)) {
            return if duplicate.waits { Asked::Waiting(duplicate.socket) } else { Asked::Used };
        }
        let of_another = self.parties.iter().any(|party| party.duplicates.iter().any(|d| is(&d)));
        if of_another { Asked::OfAnother } else { Asked::Nothing }
    }

    /// The duplicate of this info is redeemed, or of a damaged one the duplicate of the same dwProviderReserved: no count
    /// changes. False if none waits.
    pub(crate) fn redeems(&mut self, pid: Pid, info: &Arc<RawProtocolInfoW>, socket: usize) -> bool {
        let Some(party) = self.party_mut(pid) else { return false };
        let mut waiting: Vec<&mut Duplicate> =
            party.duplicates.iter_mut().filter(|d| d.waits && d.socket == socket).collect();
        let exact = waiting.iter().position(|d| d.info == *info);
        let like = |d: &&mut Duplicate| d.info.provider_reserved() == info.provider_reserved();
        let found = exact.or_else(|| waiting.iter().position(like)).unwrap_or(0);
        waiting.get_mut(found).map(|duplicate| duplicate.waits = false).is_some()
    }

    /// A duplicate that waits is closed by the value that it has in the handle table: dwProviderReserved of its info.
    pub(crate) fn drops_duplicate(&mut self, pid: Pid, handle: u64) -> bool {
        let Some(party) = self.party_mut(pid) else { return false };
        let mut waiting = party.duplicates.iter_mut().filter(|duplicate| duplicate.waits);
        let found = waiting.find(|duplicate| u64::from(duplicate.info.provider_reserved()) == handle & !3);
        let Some(socket) = found.map(|duplicate| {
            duplicate.waits = false;
            duplicate.socket
        }) else {
            return false;
        };
        self.one_less(socket);
        true
    }

    /// Nothing is said any more of the sockets whose duplicates wait for a process.
    pub(crate) fn doubts_duplicates(&mut self, pid: Pid) {
        let Some(party) = self.party(pid) else { return };
        let waiting: Vec<usize> = party.duplicates.iter().filter(|d| d.waits).map(|d| d.socket).collect();
        waiting.into_iter().for_each(|socket| self.objects[socket].sure = false);
    }

    /// The last WSACleanup: all descriptors end, raw handles and waiting duplicates stay.
    pub(crate) fn cleans_up(&mut self, pid: Pid) {
        let Some(party) = self.party_mut(pid) else { return };
        let all = std::mem::take(&mut party.open);
        let (stay, end) =
            all.into_iter().partition(|(_, o)| matches!(o.meaning, Meaning::Raw(_) | Meaning::Process(_)));
        party.open = stay;
        let end: BTreeMap<u64, Open> = end;
        end.into_values().for_each(|open| self.drops(open.meaning));
    }

    /// A process has ended: all that it holds goes back, and what waits for it.
    pub(crate) fn ends(&mut self, pid: Pid) {
        let Some(party) = self.party_mut(pid) else { return };
        party.ended = true;
        let open = std::mem::take(&mut party.open);
        let waiting: Vec<usize> = party.duplicates.iter().filter(|d| d.waits).map(|d| d.socket).collect();
        party.duplicates.iter_mut().for_each(|duplicate| duplicate.waits = false);
        open.into_values().for_each(|open| self.drops(open.meaning));
        waiting.into_iter().for_each(|socket| self.one_less(socket));
    }

    /// The socket of a name of the world.
    pub(crate) fn named(&self, name: EndpointId) -> Option<usize> {
        self.objects.iter().position(|object| object.name == Some(name))
    }
}

impl Party {
    /// Whether a duplicate waits for it.
    pub(crate) fn waits(&self) -> bool {
        self.duplicates.iter().any(|duplicate| duplicate.waits)
    }
}
