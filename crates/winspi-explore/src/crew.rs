//! The threads of an exploration: they last as long as it does.
//!
//! The thread that leads hands out blocks of states, expands some itself, and waits until all are done. What is known is
//! only read meanwhile, and written in between. A helper that has nothing to expand drops the systems that were met
//! before.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use winspi_core::System;
use winspi_core::canon::Scratch;
use winspi_script::Lines;

use crate::Options;
use crate::check::Checker;
use crate::expand::{Batch, Known, Open};
use crate::faults::FaultSets;
use crate::reduce::Reducer;
use crate::states::States;
use crate::symmetry::Key;

/// How many states a block has at most.
const BLOCK: usize = 32;

/// Into how many blocks a thread's share is cut, so that all end at about the same time.
const BLOCKS: usize = 4;

/// What is known.
#[derive(Debug)]
pub(crate) struct Book<'s> {
    pub(crate) checker: Checker<'s>,
    pub(crate) states: States,
    pub(crate) sets: FaultSets,
    pub(crate) key: Key,
    pub(crate) reducer: Option<Reducer>,
}

/// The threads of an exploration, and what is between them.
#[derive(Debug)]
pub(crate) struct Crew<'s> {
    options: &'s Options,
    threads: usize,
    book: RwLock<Book<'s>>,
    desk: Mutex<Desk<'s>>,
    changed: Condvar,
}

/// Work that waits, and what is done.
#[derive(Debug, Default)]
struct Desk<'s> {
    jobs: VecDeque<Job>,
    /// What came out of each block.
    done: Vec<Option<Batch<'s>>>,
    /// How many blocks are not done.
    missing: usize,
    /// Nothing more comes.
    over: bool,
}

#[derive(Debug)]
enum Job {
    /// Expands a block: its number, and the states.
    Expand(usize, Vec<Open>),
    /// Drops systems.
    Drop(Vec<System<Lines>>),
}

impl<'s> Crew<'s> {
    pub(crate) fn new(options: &'s Options, book: Book<'s>) -> Crew<'s> {
        let threads = options.threads.map_or(1, NonZeroUsize::get);
        let (book, desk) = (RwLock::new(book), Mutex::new(Desk::default()));
        Crew { options, threads, book, desk, changed: Condvar::new() }
    }

    /// Lets one thread lead, with the others as its helpers.
    pub(crate) fn led_by<R>(&self, lead: impl FnOnce() -> R) -> R {
        std::thread::scope(|scope| {
            let _end = End(self);
            for _ in 1..self.threads {
                scope.spawn(|| self.help());
            }
            lead()
        })
    }

    /// What is known, to be read.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Book<'s>> {
        self.book.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known, to be written: between two expansions.
    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Book<'s>> {
        self.book.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known, when all is done.
    pub(crate) fn into_book(self) -> Book<'s> {
        self.book.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Expands states; what is found comes in their order.
    pub(crate) fn expand(&self, mut states: Vec<Open>, scratch: &mut Scratch) -> Vec<Batch<'s>> {
        let size = states.len().div_ceil(self.threads * BLOCKS).clamp(1, BLOCK);
        let mut blocks = 0;
        let mut desk = self.desk();
        while !states.is_empty() {
            let rest = states.split_off(states.len().min(size));
            desk.jobs.push_back(Job::Expand(blocks, std::mem::replace(&mut states, rest)));
            blocks += 1;
        }
        desk.missing = blocks;
        desk.done = std::iter::repeat_with(|| None).take(blocks).collect();
        self.changed.notify_all();
        while desk.missing > 0 && !desk.over {
            match desk.jobs.pop_front() {
                Some(job) => {
                    drop(desk);
                    self.carry_out(job, scratch);
                    desk = self.desk();
                }
                None => desk = self.wait(desk),
            }
        }
        std::mem::take(&mut desk.done).into_iter().flatten().collect()
    }

    /// Drops systems that nobody needs, where a helper has time.
    pub(crate) fn discard(&self, systems: Vec<System<Lines>>) {
        if self.threads > 1 && !systems.is_empty() {
            self.desk().jobs.push_back(Job::Drop(systems));
            self.changed.notify_one();
        }
    }

    /// Carries out what comes, until nothing more does.
    fn help(&self) {
        let _end = End(self);
        let mut scratch = Scratch::default();
        let mut desk = self.desk();
        while !desk.over {
            match desk.jobs.pop_front() {
                Some(job) => {
                    drop(desk);
                    self.carry_out(job, &mut scratch);
                    desk = self.desk();
                }
                None => desk = self.wait(desk),
            }
        }
    }

    fn carry_out(&self, job: Job, scratch: &mut Scratch) {
        match job {
            Job::Drop(systems) => drop(systems),
            Job::Expand(number, block) => {
                let batch = {
                    let book = self.read();
                    let known = Known {
                        options: self.options,
                        states: &book.states,
                        sets: &book.sets,
                        key: &book.key,
                        reducer: book.reducer.as_ref(),
                    };
                    Batch::of(block, book.checker.clone(), known, scratch)
                };
                let mut desk = self.desk();
                desk.missing -= 1;
                if let Some(place) = desk.done.get_mut(number) {
                    *place = Some(batch);
                }
                if desk.missing == 0 {
                    self.changed.notify_all();
                }
            }
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk<'s>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'d>(&self, desk: MutexGuard<'d, Desk<'s>>) -> MutexGuard<'d, Desk<'s>> {
        self.changed.wait(desk).unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends everyone home when a thread of the crew ends, so that nobody waits for one that has panicked.
struct End<'c, 's>(&'c Crew<'s>);

impl Drop for End<'_, '_> {
    fn drop(&mut self) {
        self.0.desk().over = true;
        self.0.changed.notify_all();
    }
}
