//! Processes that CreateProcess starts, and what they inherit.

use crate::event::Event;
use crate::id::{Handle, Pid, Tid};
use crate::kernel::handle::Slot;
use crate::kernel::process::{Created, ProcessState, ThreadRole};
use crate::value::Value;
use crate::world::World;

/// How many serials each process of an identifier has: an info never means the duplicate of a later one. A process that
/// has ended is the same whatever it was given, so its count cannot be gone on with.
const SERIALS: u32 = 1 << 20;

impl World {
    /// Adds a process that does not run until CreateProcess names it.
    pub fn declare_process(&mut self, name: &str, started: bool, role: ThreadRole) -> Pid {
        let pid = self.add_process(name, started, role);
        if let Some(process) = self.process_mut(pid) {
            process.state = ProcessState::Declared;
        }
        pid
    }

    /// What a process is given before the first transition: an environment, null for that of the machine, and whether
    /// it runs with the rights of an administrator.
    pub fn set_up_process(&mut self, pid: Pid, environment: Value, administrator: bool) {
        if let Some(process) = self.process_mut(pid) {
            process.created.environment = environment;
            process.administrator = administrator;
        }
    }

    /// Starts a declared process: its threads go on from now, unless it begins suspended.
    pub(crate) fn start_process(&mut self, pid: Pid, created: Created, suspended: bool) {
        let reused = self.faults_mut().take_identifier().map(|ended| self.identifier(ended));
        let claims = reused.map_or(0, |number| self.bearers(number).saturating_mul(SERIALS));
        if let Some(process) = self.process_mut(pid) {
            process.state = ProcessState::Running;
            process.created = created;
            process.known_as = reused.map_or(process.known_as, Pid);
            process.claims_made = claims;
            process.claims_before = claims;
        }
        let tids: Vec<Tid> = self.threads_of(pid).map(|(tid, _)| tid).collect();
        for thread in tids {
            if let Some(thread) = self.thread_mut(thread) {
                thread.suspended = u32::from(suspended);
            }
        }
        self.record(Event::Started { process: pid });
    }

    /// How many processes have had an identifier.
    fn bearers(&self, number: u32) -> u32 {
        self.processes().filter(|p| p.known_as.0 == number).fold(0, |n, _| n + 1)
    }

    /// Whether an identifier can be another's: its process has ended, and nobody who runs has it.
    pub(crate) fn is_free_identifier(&self, pid: Pid) -> bool {
        let ended = self.process(pid).is_some_and(|p| matches!(p.state, ProcessState::Ended(_)));
        ended && self.running(self.identified(self.identifier(pid))).is_none()
    }

    /// Resumes a thread, and gives how often it was suspended before. With the main thread of a new process its
    /// declared ones begin.
    pub(crate) fn resume_thread(&mut self, tid: Tid) -> Option<u32> {
        self.touch();
        let thread = self.thread_mut(tid)?;
        let before = thread.suspended;
        thread.suspended = before.saturating_sub(1);
        if before == 1 && tid.ordinal == 0 {
            let others: Vec<Tid> = self.threads_of(tid.process).map(|(tid, _)| tid).collect();
            for other in others {
                if let Some(thread) = self.thread_mut(other) {
                    thread.suspended = 0;
                }
            }
        }
        Some(before)
    }

    /// Takes the blocking hooks of a process away.
    pub(crate) fn forget_hooks(&mut self, pid: Pid) {
        let hooked = self.threads_of(pid).filter(|(_, thread)| thread.hook.is_some());
        let hooked: Vec<Tid> = hooked.map(|(tid, _)| tid).collect();
        for tid in hooked {
            if let Some(thread) = self.thread_mut(tid) {
                thread.hook = None;
            }
        }
    }

    /// Gives a new process the inheritable handles of its parent under the same values: all, or those of a list.
    pub(crate) fn inherit_handles(&mut self, parent: Pid, child: Pid, list: Option<&[Handle]>) {
        let listed = |h: Handle| list.is_none_or(|list| list.iter().any(|l| l.0 >> 2 == h.0 >> 2));
        let all: Vec<_> = self.running(parent).map_or(Vec::new(), |p| {
            p.handles.iter().filter_map(|(handle, slot)| Some((handle, slot, p.handles.flags(handle)?))).collect()
        });
        for (handle, slot, flags) in all.into_iter().filter(|(handle, _, flags)| flags.inherit && listed(*handle)) {
            if self.lead_to(slot)
                && let Some(process) = self.process_mut(child)
            {
                process.handles.inherit(handle, slot, flags);
            }
        }
    }

    /// Counts one more handle of what is behind a slot. False where none can be made: a duplicate that waits for its
    /// target is no handle yet.
    pub(crate) fn lead_to(&mut self, slot: Slot) -> bool {
        match slot {
            Slot::Free | Slot::Claim(_) => return false,
            Slot::NonIfs | Slot::Process(_) | Slot::Thread(_) => {}
            Slot::Socket(endpoint) => self.open(endpoint),
            Slot::Event(id) => {
                if let Some(event) = self.event_mut(id) {
                    event.handles += 1;
                }
            }
            Slot::Port(id) => {
                if let Some(port) = self.port_mut(id) {
                    port.handles += 1;
                }
            }
            Slot::Section(id) => {
                if let Some(section) = self.section_mut(id) {
                    section.handles += 1;
                }
            }
        }
        true
    }
}

impl World {
    /// Whether a thread does not go on because it is suspended, or its process has not been created.
    pub(crate) fn is_held_back(&self, tid: Tid) -> bool {
        let suspended = self.thread(tid).is_some_and(|t| t.suspended > 0);
        suspended || self.life(tid.process).is_some_and(|p| p.state == ProcessState::Declared)
    }
}
