//! Invariants: what must hold of every world, found out by walking it and not by trusting its counts.
//!
//! All of them hold at every boundary, within calls as well as between them: what is moved (a claim that becomes a
//! socket, a token that becomes a lower number) is moved within one step of an activation, and what a call keeps while it
//! waits is in its stage, which the walk visits. Where a call under way is a reason, the invariant's line says so. While
//! a thread steps, its stack is out of the world: ask between transitions.
//!
//! | name | what holds |
//! |---|---|
//! | `endpoint-exists-while-referenced` | each socket has a handle, a pending operation or a call that waits on it |
//! | `counts-agree` | `handles`, `references` and `operations` of a socket and `handles` of an event are what a walk finds; a socket without handles is closed, one with handles is not |
//! | `no-handle-to-destroyed-object` | what a handle, a lower number, a token, an operation or a waiting call leads to exists |
//! | `descriptor-belongs-to-started-provider` | the provider of each descriptor is started in the process, or a start or cleanup of it has begun and not come back |
//! | `claim-redeemed-once` | the serials of the duplicates that wait for a process are all different, and were given out |
//! | `connection-ends-agree` | a socket has an end of a connection exactly when the end says so; backlogs likewise; a request waits for an end that nobody has; no more bytes are read than are there |
//! | `startup-balance` | a provider is there exactly while it was started more often than ended, or a start has not come back |
//! | `nothing-left` | an ended process holds nothing; when all have ended, nothing is left at all |
//! | `no-leak` | the canonical walk meets every object |
//!
//! What must hold from one world to the next, and no walk of one world can see, is in `check/step.rs`.

use serde::Serialize;

use crate::id::Tid;
use crate::world::World;

mod connections;
mod counts;
mod processes;
mod step;
mod stored;

pub use step::STEP_INVARIANTS;

pub(crate) use stored::MOST;

/// The names of the invariants.
pub const INVARIANTS: [&str; 9] = [
    "endpoint-exists-while-referenced",
    "counts-agree",
    "no-handle-to-destroyed-object",
    "descriptor-belongs-to-started-provider",
    "claim-redeemed-once",
    "connection-ends-agree",
    "startup-balance",
    "nothing-left",
    "no-leak",
];

/// An invariant that does not hold. It is always a mistake of winspi, or of whoever wrote a snapshot by hand.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, thiserror::Error)]
#[error("{invariant}: {place}: {seen}")]
pub struct Violation {
    /// Its name, one of [`INVARIANTS`] or [`STEP_INVARIANTS`].
    pub invariant: &'static str,
    /// The object.
    pub place: String,
    /// What was seen there.
    pub seen: String,
}

/// What was found so far.
#[derive(Debug, Default)]
struct Findings(Vec<Violation>);

impl Findings {
    fn add(&mut self, invariant: &'static str, place: impl Into<String>, seen: impl Into<String>) {
        debug_assert!(INVARIANTS.contains(&invariant) || STEP_INVARIANTS.contains(&invariant));
        self.0.push(Violation { invariant, place: place.into(), seen: seen.into() });
    }
}

impl World {
    /// Whether all invariants hold: none is violated in a world that came about by transitions.
    ///
    /// Never panics, whatever the world; the order of what is found is that of the invariants and of names.
    pub fn check(&self) -> Vec<Violation> {
        self.check_walked(false)
    }

    /// The same of a world that was walked for its fingerprint: whether that has met all
    /// ([`crate::canon::Scratch::met_all`]), so that it is not walked again.
    pub fn check_walked(&self, met_all: bool) -> Vec<Violation> {
        let mut findings = Findings::default();
        let objects_led_to = counts::check(self, &mut findings);
        processes::check(self, &mut findings);
        let connections_led_to = connections::check(self, &mut findings);
        // Where something that the canonical walk begins with leads to every object, the walk meets them all.
        let meets_all = met_all || (objects_led_to && connections_led_to);
        if !meets_all {
            for leak in self.unreached() {
                findings.add("no-leak", leak, "nobody leads to it");
            }
        }
        in_order(findings)
    }
}

/// What was found, in the order of the invariants and of names.
fn in_order(mut findings: Findings) -> Vec<Violation> {
    let place = |name: &str| INVARIANTS.iter().position(|known| *known == name);
    findings.0.sort_by(|a, b| place(a.invariant).cmp(&place(b.invariant)).then_with(|| a.cmp(b)));
    findings.0
}

/// The name of a thread's call in messages: the thread and the place in its stack.
fn place_of_call(thread: Tid, depth: usize) -> String {
    format!("thread {thread}, call {depth} of its stack")
}
