//! What a campaign came by: counts of what is interesting, and what a campaign of some length has to reach.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Profile;

macro_rules! reached {
    ($($(#[doc = $doc:literal])* $variant:ident = $text:literal,)*) => {
        /// Something interesting.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Reached { $($(#[doc = $doc])* $variant,)* }

        impl Reached {
            /// All of them.
            pub const ALL: &[Reached] = &[$(Reached::$variant,)*];

            /// In words, for a report.
            pub fn text(self) -> &'static str {
                match self { $(Reached::$variant => $text,)* }
            }
        }
    };
}

reached! {
    /// A socket was made.
    Made = "sockets made",
    /// A connection was accepted.
    Accepted = "connections accepted",
    /// A receive gave bytes.
    Received = "receives that gave data",
    /// A descriptor was closed.
    Closed = "descriptors closed",
    /// It was the last of its socket.
    LastClosed = "last descriptors of a socket closed",
    /// A duplicate was made.
    Duplicated = "duplicates made",
    /// It was redeemed.
    Redeemed = "duplicates redeemed",
    /// When nothing else kept the socket open.
    RedeemedAfterSourceClosed = "duplicates redeemed after the source had closed",
    /// On an arrangement with layers on both sides.
    RedeemedThroughLayers = "duplicates redeemed through layers on both sides",
    /// An info was used a second time.
    InfoUsedAgainRefused = "infos refused that were used already",
    /// An info was used in a process that it is not for.
    InfoOfAnotherRefused = "infos refused that are for another process",
    /// An info was not as WSPDuplicateSocket wrote it.
    DamagedInfoRefused = "damaged infos refused",
    /// It did not matter.
    DamagedInfoAccepted = "damaged infos that still meant a duplicate",
    /// A duplicate was asked for a process that does not run.
    DuplicateForNobodyRefused = "duplicates refused for a process that does not run",
    /// A process ended while a duplicate waited somewhere.
    EndsWhileDuplicateWaits = "processes ended between a duplicate and its import",
    /// It waited for that process.
    TargetEndsBeforeRedeeming = "targets ended before they imported",
    /// A handle value was used again.
    Recycled = "handle values used again",
    /// A call with a handle that is no socket was refused.
    NotASocketRefused = "calls refused with WSAENOTSOCK",
    /// It was one that had been closed.
    ClosedHandleRefused = "calls refused on a handle that was closed",
    /// DuplicateHandle of a socket.
    RawMade = "raw handles made by DuplicateHandle",
    /// CloseHandle of a raw handle.
    RawClosed = "raw handles closed",
    /// CloseHandle of a descriptor.
    ClosedBehindWs232 = "descriptors closed by CloseHandle",
    /// The last WSACleanup of a process.
    LastCleanup = "last WSACleanup of a process",
    /// A call that waited came back.
    WaitedAndCameBack = "calls that waited and came back",
    /// A process was killed.
    Killed = "processes killed",
    /// A message of the bus was lost, duplicated or damaged.
    BusFault = "messages of the bus lost, doubled or damaged",
    /// An overlapped operation ended.
    Completed = "overlapped operations ended",
    /// A network event was recorded.
    NetworkEvent = "network events recorded",
    /// Something that works and may not be meant.
    Hazard = "hazards",
    /// A system was stored and restored on the way.
    Restored = "snapshots restored",
}

/// The counts of a campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    counts: [u64; Reached::ALL.len()],
}

impl Statistics {
    /// One more.
    pub fn count(&mut self, what: Reached) {
        self.counts[what as usize] += 1;
    }

    /// How often.
    pub fn get(&self, what: Reached) -> u64 {
        self.counts[what as usize]
    }

    /// Adds the counts of another campaign.
    pub fn add(&mut self, other: &Statistics) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
    }

    /// What a campaign of this profile has to reach and did not. One that is short need not.
    pub fn lacking(&self, profile: Profile, cases: u64) -> Vec<Reached> {
        if cases < ENOUGH {
            return Vec::new();
        }
        required(profile).into_iter().filter(|what| self.get(*what) == 0).collect()
    }

    /// By their texts, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Reached, u64)> + '_ {
        Reached::ALL.iter().map(|what| (*what, self.get(*what)))
    }
}

/// From so many cases on a campaign has to reach what its profile is for.
pub const ENOUGH: u64 = 1_000;

/// What a profile is for.
fn required(profile: Profile) -> Vec<Reached> {
    use Reached::*;
    let mut all = vec![Made, Closed, LastClosed, Duplicated, Redeemed, Recycled, ClosedHandleRefused, Killed];
    match profile {
        Profile::Lifetimes => {
            all.extend([RawMade, RawClosed, ClosedBehindWs232, LastCleanup, TargetEndsBeforeRedeeming]);
            all.extend([RedeemedAfterSourceClosed, InfoUsedAgainRefused, InfoOfAnotherRefused, DamagedInfoRefused]);
            all.extend([EndsWhileDuplicateWaits, DuplicateForNobodyRefused, Hazard]);
        }
        Profile::Transfer => all.extend([Accepted, Received, Completed, WaitedAndCameBack, NetworkEvent]),
        Profile::Layers => all.extend([RedeemedThroughLayers, RedeemedAfterSourceClosed, DamagedInfoRefused]),
        Profile::All => all = Reached::ALL.to_vec(),
    }
    all
}

impl Serialize for Statistics {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(what, count)| (what.text(), count)))
    }
}

impl<'de> Deserialize<'de> for Statistics {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Statistics, D::Error> {
        let named = BTreeMap::<String, u64>::deserialize(deserializer)?;
        let mut statistics = Statistics::default();
        for (name, count) in named {
            let what = Reached::ALL.iter().find(|what| what.text() == name);
            let what = what.ok_or_else(|| serde::de::Error::custom(format!("nothing is counted as `{name}`")))?;
            statistics.counts[*what as usize] = count;
        }
        Ok(statistics)
    }
}
