//! Who closed a handle value, and who got it next: read from what happened.
//!
//! It is no state: two ways to the same world may differ in it. So a hazard is noticed from the world, and told with the
//! account of the way that led to it.

use winspi_core::World;
use winspi_core::call::Call;
use winspi_core::event::{Event, Hazard, HazardKind};
use winspi_core::id::{Handle, Pid, Tid};

use crate::expect::Seen;
use crate::script::{closes, gives_handle};

/// Something that a thread did, and the line that it stood in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Deed {
    thread: Tid,
    function: &'static str,
    line: Option<u32>,
}

/// What became of a handle value of a process.
#[derive(Clone, Debug)]
pub struct Account {
    process: Pid,
    handle: Handle,
    closed: Option<Deed>,
    /// A close that has begun: what it closes may be gone before it comes back.
    closing: Option<Deed>,
    /// A call that has begun and gives a handle: the value may be its already.
    opening: Option<Deed>,
    /// The last who got the value, and who had closed it before.
    given: Option<(Deed, Option<Deed>)>,
}

impl Account {
    /// The account that a hazard asks for, before anything has happened; `None` where it asks for none.
    pub fn of(hazard: &Hazard) -> Option<Account> {
        let process = hazard.thread.filter(|_| hazard.kind == HazardKind::RecycledHandle)?.process;
        Some(Account { process, handle: hazard.handle?, closed: None, closing: None, opening: None, given: None })
    }

    /// Takes in what happened next, and the line of the file that it belongs to.
    pub fn note(&mut self, event: &Event, line: Option<u32>) {
        match event {
            Event::Enter { thread, depth: 0, call, .. } if self.is_closed_by(*thread, call) => {
                self.closing = Some(Deed { thread: *thread, function: call.function().name(), line });
            }
            Event::Enter { thread, depth: 0, call, .. } if thread.process == self.process && gives_handle(call) => {
                self.opening = Some(Deed { thread: *thread, function: call.function().name(), line });
            }
            Event::Leave { thread, depth: 0, call, outcome, .. } => {
                let deed = Deed { thread: *thread, function: call.function().name(), line };
                if self.closing.is_some_and(|closing| closing.thread == *thread) {
                    self.closing = None;
                }
                if self.opening.is_some_and(|opening| opening.thread == *thread) {
                    self.opening = None;
                }
                if outcome.result.is_err() {
                    return;
                }
                if self.is_closed_by(*thread, call) {
                    self.closed = Some(deed);
                } else if thread.process == self.process && gives_handle(call) {
                    let given = Seen::of_call(call, outcome).primary.number();
                    if given == Some(self.handle.0.cast_signed()) {
                        self.given = Some((deed, self.closed.take().or(self.closing)));
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether a call closes the value, if it succeeds.
    fn is_closed_by(&self, thread: Tid, call: &Call) -> bool {
        if thread.process != self.process {
            return false;
        }
        let function = call.function();
        let number = Some(self.handle.0.cast_signed());
        matches!(function.name(), "WSPCleanup" | "WSACleanup")
            || (closes(function) && call.arguments().iter().any(|(_, value)| value.number() == number))
    }

    /// The account in words; empty where nothing is known.
    pub fn told(&self, world: &World) -> String {
        // Where it was closed after it was last given, who gets it now has not come back.
        let now = self.closed.or(self.closing).and_then(|closed| Some((self.opening?, Some(closed))));
        let Some((got, closed)) = now.or(self.given) else { return String::new() };
        let told = |deed: Deed, what: &str| {
            let line = deed.line.map_or(String::new(), |line| format!(" in line {line}"));
            format!("{} {what} by {}{line}", world.thread_name(deed.thread), deed.function)
        };
        let closed = closed.map_or(String::new(), |deed| format!("{}; ", told(deed, "closed it")));
        format!("{closed}{}", told(got, "got the value"))
    }
}

/// Adds to a hazard what is known of its handle.
pub fn tell(hazard: &mut Hazard, told: &str) {
    if !told.is_empty() {
        hazard.seen = format!("{}: {told}", hazard.seen);
    }
}
