//! The simulated IPC: messages between processes, as bytes.
//!
//! A message is first in flight, in a queue per sender and receiver, and then in the inbox of the receiver. The order
//! in which messages of two senders arrive is the scheduler's.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use crate::canon::Bytes;
use crate::footprint::Part;
use crate::id::{Age, Pid};

/// All messages on the way and in inboxes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bus {
    lanes: Vec<Lane>,
    inboxes: Vec<Inbox>,
}

/// The messages in flight from one process to another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Lane {
    from: Pid,
    to: Pid,
    #[serde(serialize_with = "of_each")]
    messages: VecDeque<(Age, Arc<[u8]>)>,
}

/// The messages that have arrived at a process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Inbox {
    process: Pid,
    #[serde(serialize_with = "of_each")]
    messages: VecDeque<(Pid, Arc<[u8]>)>,
}

/// Writes messages, each with what stands before it.
fn of_each<A: Serialize, S: Serializer>(messages: &VecDeque<(A, Arc<[u8]>)>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(messages.iter().map(|(of, data)| (of, Bytes(data))))
}

impl Bus {
    /// Puts a message on its way.
    pub(crate) fn send(&mut self, from: Pid, to: Pid, data: Arc<[u8]>, age: Age) {
        let place = self.lanes.binary_search_by_key(&(from, to), |l| (l.from, l.to));
        match place {
            Ok(place) => self.lanes[place].messages.push_back((age, data)),
            Err(place) => {
                self.lanes.insert(place, Lane { from, to, messages: VecDeque::from([(age, data)]) });
            }
        }
    }

    /// The lanes that have a message in flight, with the age of the oldest.
    pub fn in_flight(&self) -> impl Iterator<Item = (Pid, Pid, Age)> + '_ {
        self.lanes.iter().filter_map(|lane| lane.messages.front().map(|(age, _)| (lane.from, lane.to, *age)))
    }

    /// All messages in flight, lane by lane, the oldest of each first.
    ///
    /// A copy has the age of its original.
    pub fn messages(&self) -> impl Iterator<Item = (Pid, Pid, Age, &Arc<[u8]>)> + '_ {
        self.lanes.iter().flat_map(|lane| lane.messages.iter().map(|(age, data)| (lane.from, lane.to, *age, data)))
    }

    /// What has arrived and was not received, by receiver and sender; of each receiver the oldest first.
    pub fn arrived(&self) -> impl Iterator<Item = (Pid, Pid, &Arc<[u8]>)> + '_ {
        self.inboxes.iter().flat_map(|inbox| inbox.messages.iter().map(|(from, data)| (inbox.process, *from, data)))
    }

    /// The oldest message in flight from one process to another.
    pub fn oldest(&self, from: Pid, to: Pid) -> Option<&[u8]> {
        let place = self.lanes.binary_search_by_key(&(from, to), |l| (l.from, l.to)).ok()?;
        self.lanes[place].messages.front().map(|(_, data)| &**data)
    }

    /// Takes the oldest message of a lane out of flight.
    pub(crate) fn take(&mut self, from: Pid, to: Pid) -> Option<Arc<[u8]>> {
        let place = self.lanes.binary_search_by_key(&(from, to), |l| (l.from, l.to)).ok()?;
        let (_, data) = self.lanes[place].messages.pop_front()?;
        if self.lanes[place].messages.is_empty() {
            self.lanes.remove(place);
        }
        Some(data)
    }

    /// The lane of a message in flight, and its place there; messages are numbered from 1, the oldest first.
    fn find(&self, from: Pid, to: Pid, number: u32) -> Option<(usize, usize)> {
        let lane = self.lanes.binary_search_by_key(&(from, to), |l| (l.from, l.to)).ok()?;
        let place = (number as usize).checked_sub(1)?;
        (place < self.lanes[lane].messages.len()).then_some((lane, place))
    }

    /// Takes a message out of flight, older ones perhaps left behind.
    pub(crate) fn take_number(&mut self, from: Pid, to: Pid, number: u32) -> Option<Arc<[u8]>> {
        let (lane, place) = self.find(from, to, number)?;
        let (_, data) = self.lanes[lane].messages.remove(place)?;
        if self.lanes[lane].messages.is_empty() {
            self.lanes.remove(lane);
        }
        Some(data)
    }

    /// Puts a copy of a message behind it. Whether there was one.
    pub(crate) fn duplicate(&mut self, from: Pid, to: Pid, number: u32) -> bool {
        let Some((lane, place)) = self.find(from, to, number) else { return false };
        let copy = self.lanes[lane].messages[place].clone();
        self.lanes[lane].messages.insert(place + 1, copy);
        true
    }

    /// Turns all bits of one byte of a message over. The length of the message where it has no such byte.
    pub(crate) fn damage(&mut self, from: Pid, to: Pid, number: u32, byte: u32) -> Result<(), Option<usize>> {
        let (lane, place) = self.find(from, to, number).ok_or(None)?;
        let message = &mut self.lanes[lane].messages[place].1;
        let mut bytes = message.to_vec();
        match bytes.get_mut(byte as usize) {
            Some(byte) => *byte = !*byte,
            None => return Err(Some(bytes.len())),
        }
        *message = Arc::from(bytes);
        Ok(())
    }

    /// Puts a message into an inbox.
    pub(crate) fn arrive(&mut self, from: Pid, to: Pid, data: Arc<[u8]>) {
        match self.inboxes.binary_search_by_key(&to, |i| i.process) {
            Ok(place) => self.inboxes[place].messages.push_back((from, data)),
            Err(place) => {
                self.inboxes.insert(place, Inbox { process: to, messages: VecDeque::from([(from, data)]) });
            }
        }
    }

    /// Whether a process has a message, from this one or any.
    pub fn has_message(&self, process: Pid, from: Option<Pid>) -> bool {
        let inbox = self.inboxes.iter().find(|i| i.process == process);
        inbox.is_some_and(|i| i.messages.iter().any(|(sender, _)| from.is_none_or(|f| f == *sender)))
    }

    /// Takes the oldest message out of an inbox.
    pub(crate) fn receive(&mut self, process: Pid, from: Option<Pid>) -> Option<(Pid, Arc<[u8]>)> {
        let place = self.inboxes.binary_search_by_key(&process, |i| i.process).ok()?;
        let messages = &mut self.inboxes[place].messages;
        let message = messages.iter().position(|(sender, _)| from.is_none_or(|f| f == *sender))?;
        let taken = messages.remove(message);
        if messages.is_empty() {
            self.inboxes.remove(place);
        }
        taken
    }

    /// Forgets what a process would have received.
    pub(crate) fn forget(&mut self, process: Pid) {
        self.inboxes.retain(|i| i.process != process);
        self.lanes.retain(|l| l.to != process);
    }

    /// Whether something is there or on its way for a process.
    pub(crate) fn is_receiver(&self, process: Pid) -> bool {
        self.inboxes.iter().any(|i| i.process == process) || self.lanes.iter().any(|l| l.to == process)
    }

    /// The processes that are named.
    pub(crate) fn processes(&self) -> impl Iterator<Item = Pid> + '_ {
        let lanes = self.lanes.iter().flat_map(|lane| [lane.from, lane.to]);
        let senders = |inbox: &'_ Inbox| inbox.messages.iter().map(|(from, _)| *from).collect::<Vec<_>>();
        lanes.chain(self.inboxes.iter().flat_map(move |inbox| senders(inbox).into_iter().chain([inbox.process])))
    }

    /// What a stored bus would have to be and is not.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let sorted = self.lanes.is_sorted_by(|a, b| (a.from, a.to) < (b.from, b.to))
            && self.inboxes.is_sorted_by(|a, b| a.process < b.process);
        let used = self.lanes.iter().all(|lane| !lane.messages.is_empty())
            && self.inboxes.iter().all(|inbox| !inbox.messages.is_empty());
        (!sorted || !used).then_some("lanes and inboxes in the order of processes, none of them empty")
    }

    /// The lanes and inboxes that are not as they were.
    pub(crate) fn written_since(&self, before: &Bus, writes: &mut Vec<Part>) {
        for (one, other) in [(self, before), (before, self)] {
            let lanes = one.lanes.iter().filter(|lane| !other.lanes.contains(lane));
            writes.extend(lanes.map(|lane| Part::Lane(lane.from, lane.to)));
        }
        let none = VecDeque::new();
        let of = |bus: &'_ Bus, to: Pid| bus.inboxes.iter().position(|inbox| inbox.process == to);
        let receivers = self.inboxes.iter().chain(&before.inboxes).map(|inbox| inbox.process);
        for to in receivers {
            let is = of(self, to).map_or(&none, |place| &self.inboxes[place].messages);
            let was = of(before, to).map_or(&none, |place| &before.inboxes[place].messages);
            for (from, _) in is.iter().chain(was) {
                let theirs = |all: &'_ VecDeque<(Pid, Arc<[u8]>)>| -> Vec<Arc<[u8]>> {
                    all.iter().filter(|(sender, _)| sender == from).map(|(_, data)| data.clone()).collect()
                };
                if theirs(is) != theirs(was) {
                    writes.push(Part::Arrived(*from, to));
                }
            }
            // What only leaves does not change the order of the others.
            let mut old = was.iter();
            if !is.iter().all(|message| old.any(|other| other == message)) {
                writes.push(Part::Order(to));
            }
        }
    }

    /// Whether nothing is in flight.
    pub fn is_quiet(&self) -> bool {
        self.lanes.is_empty()
    }
}
