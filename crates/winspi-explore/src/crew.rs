//! The threads of an exploration: they last as long as it does.
//!
//! The thread that leads hands out blocks of states, expands some itself, and waits until all are done. What is known is
//! only read meanwhile, and written in between.
//!
//! A system is expanded and dropped by the thread that has made it, for its components are in the memory of that thread
//! and in most other systems that it has made. Who has nothing to do takes from others, and makes copies that share
//! nothing.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU32, Ordering};
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
const BLOCKS: usize = 2;

/// How many blocks' systems may wait to be dropped before that comes first.
const MOST_WASTE: usize = 64;

/// How often a thread looks for news before it sleeps, where it has a processor of its own: some tenths of a millisecond.
const PATIENCE: u32 = 4000;

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
    /// How often something came to the desk that somebody may wait for.
    news: AtomicU32,
    changed: Condvar,
    /// How often a thread looks for news before it sleeps: to be woken takes longer than most waits.
    patience: u32,
}

/// Who expands: 0 is the thread that leads.
pub(crate) type Worker = usize;

/// Work that waits, and what is done.
#[derive(Debug)]
struct Desk<'s> {
    /// The blocks that wait, for each worker.
    blocks: Vec<VecDeque<Block>>,
    /// Systems that nobody needs, for each worker.
    waste: Vec<VecDeque<Waste>>,
    /// What came out of each block.
    done: Vec<Option<Batch<'s>>>,
    /// How many blocks are not done.
    missing: usize,
    /// How many threads sleep.
    sleepers: usize,
    /// Nothing more comes.
    over: bool,
}

/// States that lie one after the other and have one maker.
#[derive(Debug)]
struct Block {
    number: usize,
    maker: Worker,
    states: Vec<Open>,
}

/// Systems to be dropped.
pub(crate) type Waste = Vec<System<Lines>>;

#[derive(Debug)]
enum Job {
    Expand(Block),
    Drop(Waste),
}

impl<'s> Crew<'s> {
    pub(crate) fn new(options: &'s Options, book: Book<'s>) -> Crew<'s> {
        let threads = options.threads.map_or(1, NonZeroUsize::get);
        let blocks = std::iter::repeat_with(VecDeque::new).take(threads).collect();
        let waste = std::iter::repeat_with(VecDeque::new).take(threads).collect();
        let desk = Mutex::new(Desk { blocks, waste, done: Vec::new(), missing: 0, sleepers: 0, over: false });
        // Who looks takes time from who works where there are not as many processors.
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let patience = if threads <= processors { PATIENCE } else { 0 };
        let (news, changed) = (AtomicU32::new(0), Condvar::new());
        Crew { options, threads, book: RwLock::new(book), desk, news, changed, patience }
    }

    /// Lets one thread lead, with the others as its helpers.
    pub(crate) fn led_by<R>(&self, lead: impl FnOnce() -> R) -> R {
        std::thread::scope(|scope| {
            let _end = End(self);
            for me in 1..self.threads {
                scope.spawn(move || self.help(me));
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
    pub(crate) fn expand(&self, states: Vec<Open>, scratch: &mut Scratch) -> Vec<Batch<'s>> {
        let size = states.len().div_ceil(self.threads * BLOCKS).clamp(1, BLOCK);
        let blocks = blocks(states, size);
        let mut desk = self.desk();
        desk.missing = blocks.len();
        desk.done = std::iter::repeat_with(|| None).take(blocks.len()).collect();
        for block in blocks {
            desk.blocks[block.maker].push_back(block);
        }
        self.tell(&desk);
        while desk.missing > 0 && !desk.over {
            match desk.next(0) {
                Some(job) => {
                    drop(desk);
                    self.carry_out(0, job, scratch);
                    desk = self.desk();
                }
                None => desk = self.wait(desk),
            }
        }
        std::mem::take(&mut desk.done).into_iter().flatten().collect()
    }

    /// Drops systems of a worker that nobody needs; one that is alone does it at once.
    pub(crate) fn discard(&self, maker: Worker, waste: Waste) {
        if self.threads > 1 && !waste.is_empty() {
            let mut desk = self.desk();
            desk.waste[maker].push_back(waste);
            self.tell(&desk);
        }
    }

    /// Carries out what comes, until nothing more does.
    fn help(&self, me: Worker) {
        let _end = End(self);
        let mut scratch = Scratch::default();
        let mut desk = self.desk();
        while !desk.over {
            match desk.next(me) {
                Some(job) => {
                    drop(desk);
                    self.carry_out(me, job, &mut scratch);
                    desk = self.desk();
                }
                None => desk = self.wait(desk),
            }
        }
    }

    fn carry_out(&self, me: Worker, job: Job, scratch: &mut Scratch) {
        match job {
            Job::Drop(waste) => drop(waste),
            Job::Expand(Block { number, maker, mut states }) => {
                if maker != me {
                    let mut theirs = Waste::with_capacity(states.len());
                    for open in &mut states {
                        let mine = open.system.apart();
                        theirs.push(std::mem::replace(&mut open.system, mine));
                    }
                    self.discard(maker, theirs);
                }
                let batch = {
                    let book = self.read();
                    let known = Known {
                        options: self.options,
                        states: &book.states,
                        sets: &book.sets,
                        key: &book.key,
                        reducer: book.reducer.as_ref(),
                    };
                    Batch::of(states, me, book.checker.clone(), known, scratch)
                };
                let mut desk = self.desk();
                desk.missing -= 1;
                if let Some(place) = desk.done.get_mut(number) {
                    *place = Some(batch);
                }
                if desk.missing == 0 {
                    self.tell(&desk);
                }
            }
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk<'s>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for news.
    fn wait<'d>(&'d self, desk: MutexGuard<'d, Desk<'s>>) -> MutexGuard<'d, Desk<'s>> {
        let known = self.news.load(Ordering::Relaxed);
        drop(desk);
        let mut left = self.patience;
        while left > 0 && self.news.load(Ordering::Relaxed) == known {
            std::hint::spin_loop();
            left -= 1;
        }
        let mut desk = self.desk();
        while self.news.load(Ordering::Relaxed) == known {
            desk.sleepers += 1;
            desk = self.changed.wait(desk).unwrap_or_else(PoisonError::into_inner);
            desk.sleepers -= 1;
        }
        desk
    }

    /// Tells all who wait that there are news: the desk is theirs to look at afterwards.
    fn tell(&self, desk: &Desk<'s>) {
        self.news.fetch_add(1, Ordering::Relaxed);
        if desk.sleepers > 0 {
            self.changed.notify_all();
        }
    }
}

impl Desk<'_> {
    /// What a worker does next: blocks of its own, then those of who has the most, then it drops what nobody needs.
    fn next(&mut self, me: Worker) -> Option<Job> {
        if self.waste.get(me)?.len() > MOST_WASTE {
            return self.waste[me].pop_front().map(Job::Drop);
        }
        if let Some(block) = self.blocks.get_mut(me)?.pop_front() {
            return Some(Job::Expand(block));
        }
        if let Some(block) = self.blocks.iter_mut().max_by_key(|blocks| blocks.len())?.pop_back() {
            return Some(Job::Expand(block));
        }
        self.waste[me].pop_front().map(Job::Drop)
    }
}

/// Cuts states into blocks, in their order.
fn blocks(states: Vec<Open>, size: usize) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for open in states {
        match blocks.last_mut() {
            Some(block) if block.maker == open.maker && block.states.len() < size => block.states.push(open),
            _ => blocks.push(Block { number: blocks.len(), maker: open.maker, states: vec![open] }),
        }
    }
    blocks
}

/// Sends everyone home when a thread of the crew ends, so that nobody waits for one that has panicked.
struct End<'c, 's>(&'c Crew<'s>);

impl Drop for End<'_, '_> {
    fn drop(&mut self) {
        let mut desk = self.0.desk();
        desk.over = true;
        self.0.tell(&desk);
    }
}
