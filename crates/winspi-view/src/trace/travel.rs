//! Follows what is on its way: messages of the bus, segments of connections, datagrams.
//!
//! Each is known by its age while it is in flight; in an inbox by its place there. What is gone from one state to the
//! next has arrived, was lost, or has nobody to reach any more: the transition says which.

use std::collections::BTreeMap;
use std::sync::Arc;

use winspi_core::event::{Event as Gave, Travelled};
use winspi_core::id::Pid;
use winspi_core::transport::{Packet, Segment, Side};
use winspi_core::{Transition, World};

use super::look::{process_at, process_name, process_of_end};
use super::shown::{self, Infos};
use super::{Travel, Way, WayEnd};

/// What is in flight: by way, ends, age, and number among copies of one age.
type Key = (u8, String, String, u64, usize);

/// A message in an inbox: its sender, its bytes, and its place among what travelled.
type Waiting = (Pid, Arc<[u8]>, usize);

/// Follows what travels.
#[derive(Debug, Default)]
pub(super) struct Travels {
    all: Vec<Travel>,
    in_flight: BTreeMap<Key, usize>,
    /// What has arrived and was not received, by receiver, in the order of arrival.
    inboxes: BTreeMap<Pid, Vec<Waiting>>,
}

/// Something that is in flight now.
struct Found {
    key: Key,
    travel: Travel,
}

impl Travels {
    pub(super) fn into_all(self) -> Vec<Travel> {
        self.all
    }

    /// Looks at the world after an event.
    pub(super) fn look(
        &mut self,
        world: &World,
        event: u32,
        by: Option<&str>,
        taken: Option<(&Transition, &[Gave])>,
        infos: &mut Infos,
    ) {
        let found = world.aside(|world| found(world, infos));
        let mut still = BTreeMap::new();
        let mut new = Vec::new();
        for one in found {
            match self.in_flight.remove(&one.key) {
                Some(place) => {
                    still.insert(one.key, place);
                }
                None => new.push(one),
            }
        }
        let gone = std::mem::replace(&mut self.in_flight, still);
        for (key, place) in gone {
            let travel = &mut self.all[place];
            travel.ended = Some(event);
            travel.end = Some(taken.map_or(WayEnd::Dropped, |(transition, gave)| end_of(transition, gave, &key)));
        }
        for one in new {
            let copy = matches!(taken, Some((Transition::DuplicateMessage { .. }, _)));
            self.in_flight.insert(one.key, self.all.len());
            self.all.push(Travel { sent: event, by: by.map(str::to_owned), copy, ..one.travel });
        }
        self.inboxes(world, event);
    }

    /// What is in the inboxes now: what is gone was received, what is new has just arrived.
    fn inboxes(&mut self, world: &World, event: u32) {
        let mut before = std::mem::take(&mut self.inboxes);
        let mut arrived: Vec<usize> = Vec::new();
        for (to, from, data) in world.bus().arrived() {
            let known = before.get_mut(&to).and_then(|inbox| {
                let place = inbox.iter().position(|(sender, bytes, _)| *sender == from && Arc::ptr_eq(bytes, data))?;
                Some(inbox.remove(place).2)
            });
            let (sender, receiver) = (process_name(world, from), process_name(world, to));
            let place = known.or_else(|| {
                let just = |t: &Travel| t.on == Way::Bus && t.end == Some(WayEnd::Arrived) && t.ended == Some(event);
                let mine = |t: &Travel| t.from == sender && t.to == receiver;
                let mut all = self.all.iter().enumerate();
                all.find(|(place, t)| just(t) && mine(t) && !arrived.contains(place)).map(|(place, _)| place)
            });
            if let Some(place) = place {
                arrived.push(place);
                self.inboxes.entry(to).or_default().push((from, data.clone(), place));
            }
        }
        for (_, _, place) in before.into_values().flatten() {
            self.all[place].taken = Some(event);
        }
    }
}

fn end_of(transition: &Transition, gave: &[Gave], key: &Key) -> WayEnd {
    let same = |from: &dyn ToString, to: &dyn ToString| key.1 == from.to_string() && key.2 == to.to_string();
    match transition {
        Transition::Deliver { from, to } | Transition::DeliverDatagram { from, to } if same(from, to) => {
            let lost = gave.iter().any(|e| {
                matches!(e, Gave::Delivered { what: Travelled::DatagramDropped(_) | Travelled::DatagramLost(_), .. })
            });
            if lost { WayEnd::Dropped } else { WayEnd::Arrived }
        }
        Transition::DeliverMessage { .. } | Transition::Overtake { .. } if key.0 == 0 => WayEnd::Arrived,
        Transition::LoseMessage { .. } if key.0 == 0 => WayEnd::Lost,
        Transition::LoseSegment { from, to } | Transition::LoseDatagram { from, to } if same(from, to) => WayEnd::Lost,
        _ => WayEnd::Dropped,
    }
}

fn found(world: &World, infos: &mut Infos) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    let mut copies = BTreeMap::new();
    let mut add = |way: Way,
                   from: String,
                   to: String,
                   age: u64,
                   what: String,
                   bytes: usize,
                   rest: (Option<String>, Option<u32>)| {
        let kind = way as u8;
        let number = copies.entry((kind, from.clone(), to.clone(), age)).or_insert(0_usize);
        *number += 1;
        let travel = Travel {
            on: way,
            from: from.clone(),
            to: to.clone(),
            by: None,
            process: rest.0,
            what,
            bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
            info: rest.1,
            sent: 0,
            ended: None,
            end: None,
            taken: None,
            copy: false,
        };
        all.push(Found { key: (kind, from, to, age, *number), travel });
    };
    for (from, to, age, data) in world.bus().messages() {
        let info = infos.of_bytes(data);
        let what = if info.is_some() { "info".to_owned() } else { shown::bytes(data) };
        let to = process_name(world, to);
        add(Way::Bus, process_name(world, from), to.clone(), age.0, what, data.len(), (Some(to), info));
    }
    for (_, connection) in world.connections() {
        for side in [Side::Client, Side::Server] {
            let (here, there) = (connection.end(side), connection.end(side.other()));
            if here.incoming.is_empty() {
                continue;
            }
            let process = process_of_end(world, here.name, there.name);
            for (age, segment) in &here.incoming {
                let (what, bytes) = segment_text(segment);
                add(
                    Way::Stream,
                    there.name.to_string(),
                    here.name.to_string(),
                    age.0,
                    what,
                    bytes,
                    (process.clone(), None),
                );
            }
        }
    }
    for (from, to, age, packet) in world.network().packets() {
        let (what, bytes) = match packet {
            Packet::Datagram(data) => (shown::bytes(data), data.len()),
            Packet::Unreachable => ("nobody there".to_owned(), 0),
        };
        add(Way::Datagram, from.to_string(), to.to_string(), age.0, what, bytes, (process_at(world, to), None));
    }
    all
}

fn segment_text(segment: &Segment) -> (String, usize) {
    match segment {
        Segment::Request => ("request".to_owned(), 0),
        Segment::Grant => ("grant".to_owned(), 0),
        Segment::Data(data) => (shown::bytes(data), data.len()),
        Segment::Part(data) => (format!("part {}", shown::bytes(data)), data.len()),
        Segment::Finish => ("end of the stream".to_owned(), 0),
        Segment::Disconnect(data) => (format!("end of the stream with {}", shown::bytes(data)), data.len()),
        Segment::Reset => ("reset".to_owned(), 0),
    }
}
