//! Makes a case that shows a problem smaller, until no line of it can go.
//!
//! First the order: where the lines in the order in which they began show the same in the order of the text, no schedule
//! is needed. Then, round and round, lines in ever smaller chunks, processes, threads, layers and other things of the
//! machine, and what is special in arguments. A case counts if it shows a problem with the same name.

use winspi_core::id::Tid;
use winspi_core::{Grain, Transition};
use winspi_script::Arrangement;
use winspi_script::syntax::tree::{Action, Call, File, Item, Name, StatementKind, Value, ValueKind, World};

use super::execute::{Execution, Problem, Taken, execute};
use super::tree::kill;
use super::{Case, Checks, Order};

/// A case that shows a problem, as small as it becomes.
pub(super) struct Shrunk {
    pub(super) case: Case,
    pub(super) problem: Problem,
}

struct Shrinker {
    rule: String,
    checks: Checks,
    case: Case,
    problem: Problem,
    taken: Vec<Taken>,
    left: usize,
}

/// Makes a case smaller.
pub(super) fn shrink(case: Case, execution: Execution, checks: Checks) -> Option<Shrunk> {
    let problem = execution.problem?;
    let (rule, taken) = (problem.rule.clone(), execution.taken);
    let mut shrinker = Shrinker { rule, checks, case, problem, taken, left: MOST };
    shrinker.order();
    loop {
        let before = shrinker.size();
        shrinker.arrangement();
        shrinker.lines();
        shrinker.threads();
        shrinker.processes();
        shrinker.arguments();
        shrinker.faults();
        if shrinker.size() == before || shrinker.left == 0 {
            return Some(Shrunk { case: shrinker.case, problem: shrinker.problem });
        }
    }
}

/// Whether an item is a statement: one that can be taken out.
fn is_line(item: &Item) -> bool {
    matches!(item, Item::Statement(_))
}

/// The call of an item.
pub(super) fn call_of(item: &mut Item) -> Option<&mut Call> {
    match item {
        Item::Statement(statement) => match &mut statement.kind {
            StatementKind::Thread(line) => match &mut line.action {
                Action::Call(call) => Some(call),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// The places of the items that make calls: the lines of the script, in order.
pub(super) fn calls(file: &File) -> Vec<usize> {
    let is_call = |item: &Item| match item {
        Item::Statement(statement) => matches!(statement.kind, StatementKind::Thread(_)),
        _ => false,
    };
    (0..file.items.len()).filter(|place| is_call(&file.items[*place])).collect()
}

impl Shrinker {
    /// What has to become smaller for another round.
    fn size(&self) -> (usize, usize, String) {
        let order = match &self.case.order {
            Order::Wishes(wishes) => wishes.len(),
            _ => 0,
        };
        (self.case.file.items.len(), order, format!("{:?} {:?}", self.case.arrangement, self.case.file))
    }

    /// Takes a case in the place of the present one if it shows the same.
    fn accepts(&mut self, case: Case) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let execution = execute(&case, self.checks);
        let Some(problem) = execution.problem.filter(|problem| problem.rule == self.rule) else { return false };
        self.case = case;
        self.problem = problem;
        self.taken = execution.taken;
        if matches!(self.case.order, Order::Wishes(_)) {
            self.case.order = Order::Wishes(self.taken.iter().map(|taken| taken.transition.clone()).collect());
        }
        true
    }

    fn accepts_file(&mut self, file: File) -> bool {
        self.accepts(Case { file, ..self.case.clone() })
    }

    /// From a random order to that of the text, or else to the recorded one.
    fn order(&mut self) {
        if matches!(self.case.order, Order::Text) {
            return;
        }
        let lines = calls(&self.case.file);
        let mut items: Vec<Item> = self.case.file.items.iter().filter(|item| !is_line(item)).cloned().collect();
        let processes: Vec<String> = items.iter().filter_map(process_name).collect();
        for taken in &self.taken {
            if let Some(item) = taken.begins.and_then(|line| lines.get(line)) {
                items.push(self.case.file.items[*item].clone());
            }
            if let Transition::Kill(pid) = &taken.transition {
                items.extend(pid.index().and_then(|place| processes.get(place)).map(|name| kill(name)));
            }
        }
        let file = File { items, ..self.case.file.clone() };
        let arrangement = Arrangement { grain: Grain::Call, ..self.case.arrangement.clone() };
        if self.accepts(Case { file, arrangement, order: Order::Text }) {
            return;
        }
        let wishes = self.taken.iter().map(|taken| taken.transition.clone()).collect();
        self.accepts(Case { order: Order::Wishes(wishes), ..self.case.clone() });
    }

    /// Lines in ever smaller chunks; at the end each by itself.
    fn lines(&mut self) {
        let mut size = self.case.file.items.len() / 2;
        while size > 0 {
            let mut end = self.case.file.items.len();
            while end > 0 {
                let start = end.saturating_sub(size);
                self.without(start..end);
                end = start;
            }
            size /= 2;
        }
    }

    /// The same without the statements in a range of items.
    fn without(&mut self, range: std::ops::Range<usize>) {
        let file = &self.case.file;
        let goes = |place: usize| range.contains(&place) && is_line(&file.items[place]);
        if !(0..file.items.len()).any(goes) {
            return;
        }
        let kept = file.items.iter().enumerate().filter(|(place, _)| !goes(*place)).map(|(_, item)| item.clone());
        let smaller = File { items: kept.collect(), ..file.clone() };
        let order = match &self.case.order {
            Order::Wishes(_) => {
                let gone: Vec<usize> =
                    calls(file).iter().enumerate().filter(|(_, item)| goes(**item)).map(|(line, _)| line).collect();
                Order::Wishes(self.wishes_without(&gone))
            }
            other => other.clone(),
        };
        self.accepts(Case { file: smaller, order, ..self.case.clone() });
    }

    /// What was taken, without what threads did in these lines.
    fn wishes_without(&self, gone: &[usize]) -> Vec<Transition> {
        let mut current: Vec<(Tid, usize)> = Vec::new();
        let mut wishes = Vec::new();
        for taken in &self.taken {
            let mut stays = true;
            if let Transition::Go(tid) | Transition::Step(tid) = taken.transition {
                if let Some(line) = taken.begins {
                    current.retain(|(other, _)| *other != tid);
                    current.push((tid, line));
                }
                let line = current.iter().find(|(other, _)| *other == tid).map(|(_, line)| *line);
                stays = line.is_none_or(|line| !gone.contains(&line));
            }
            if stays {
                wishes.push(taken.transition.clone());
            }
        }
        wishes
    }

    /// Kills and other faults of a recorded order; and everything else in it that does not matter.
    fn faults(&mut self) {
        let Order::Wishes(wishes) = &self.case.order else { return };
        let mut place = wishes.len();
        while place > 0 {
            place -= 1;
            let Order::Wishes(wishes) = &self.case.order else { return };
            if place < wishes.len() {
                let mut fewer = wishes.clone();
                fewer.remove(place);
                self.accepts(Case { order: Order::Wishes(fewer), ..self.case.clone() });
            }
        }
    }

    /// The simplest machine.
    fn arrangement(&mut self) {
        let now = self.case.arrangement.clone();
        let mut simpler = vec![
            Arrangement { layers: Vec::new(), ..now.clone() },
            Arrangement { layers: now.layers.iter().skip(1).copied().collect(), ..now.clone() },
            Arrangement { layers: now.layers.iter().take(1).copied().collect(), ..now.clone() },
            Arrangement { ifs: true, ..now.clone() },
            Arrangement { modify_handles: false, ..now.clone() },
            Arrangement { adopt_handles: false, ..now.clone() },
        ];
        if matches!(self.case.order, Order::Wishes(_)) {
            simpler.insert(0, Arrangement { grain: Grain::Call, ..now.clone() });
        }
        for arrangement in simpler {
            // Each is one step from what has been accepted so far.
            let arrangement = merged(&now, &arrangement, &self.case.arrangement);
            if arrangement != self.case.arrangement {
                self.accepts(Case { arrangement, ..self.case.clone() });
            }
        }
    }

    /// All on the main threads, and the declarations of the others out.
    fn threads(&mut self) {
        for place in (0..self.case.file.items.len()).rev() {
            if let Some(Item::Thread(_)) = self.case.file.items.get(place) {
                let mut file = self.case.file.clone();
                file.items.remove(place);
                for item in &mut file.items {
                    if let Item::Statement(statement) = item
                        && let StatementKind::Thread(line) = &mut statement.kind
                    {
                        line.who.thread = None;
                    }
                }
                self.accepts_file(file);
            }
        }
    }

    /// Processes that do nothing out, and two processes in one.
    fn processes(&mut self) {
        for place in (0..self.case.file.items.len()).rev() {
            let Some(name) = self.case.file.items.get(place).and_then(process_name) else { continue };
            let mut file = self.case.file.clone();
            file.items.remove(place);
            if self.accepts_file(file) || !matches!(self.case.order, Order::Text) {
                continue;
            }
            let others: Vec<String> = self.case.file.items.iter().filter_map(process_name).collect();
            for other in others.into_iter().filter(|other| *other != name) {
                let mut file = self.case.file.clone();
                file.items.remove(place);
                file.items.retain(|item| !matches!(item, Item::Thread(thread) if thread.process.text == name));
                file.items.iter_mut().for_each(|item| rename(item, &name, &other));
                if self.accepts_file(file) {
                    break;
                }
            }
        }
    }

    /// What is special in arguments.
    fn arguments(&mut self) {
        for place in 0..self.case.file.items.len() {
            let mut argument = 0;
            loop {
                let mut file = self.case.file.clone();
                let Some(call) = file.items.get_mut(place).and_then(call_of) else { break };
                let Some(found) = call.arguments.get_mut(argument) else { break };
                let simpler = match &found.value.kind {
                    ValueKind::With { value, .. } => Some((**value).clone()),
                    _ => None,
                };
                match simpler {
                    Some(simpler) => found.value = simpler,
                    None if found.name.is_some() => {
                        call.arguments.remove(argument);
                    }
                    None => {
                        argument += 1;
                        continue;
                    }
                }
                if !self.accepts_file(file) {
                    argument += 1;
                }
            }
        }
    }
}

/// What one step of `from` to `to` makes of `present`.
fn merged(from: &Arrangement, to: &Arrangement, present: &Arrangement) -> Arrangement {
    let mut merged = present.clone();
    if to.layers != from.layers {
        // A later step may not undo an earlier one.
        if to.layers.len() < merged.layers.len() {
            merged.layers.clone_from(&to.layers);
        }
    }
    merged.ifs |= to.ifs;
    merged.modify_handles &= to.modify_handles;
    merged.adopt_handles &= to.adopt_handles;
    if to.grain != from.grain {
        merged.grain = to.grain;
    }
    merged
}

fn process_name(item: &Item) -> Option<String> {
    match item {
        Item::Process(process) => Some(process.name.text.clone()),
        _ => None,
    }
}

/// Puts one process in the place of another.
fn rename(item: &mut Item, from: &str, to: &str) {
    let change = |name: &mut Name| {
        if name.text == from {
            to.clone_into(&mut name.text);
        }
    };
    let Item::Statement(statement) = item else { return };
    match &mut statement.kind {
        StatementKind::World(World::Kill(name)) => change(name),
        StatementKind::Thread(line) => {
            change(&mut line.who.process);
            if line.who.process.text == to {
                line.who.thread = None;
            }
            if let Action::Call(call) = &mut line.action {
                call.arguments.iter_mut().for_each(|argument| rename_in(&mut argument.value, from, to));
            }
        }
        _ => {}
    }
}

fn rename_in(value: &mut Value, from: &str, to: &str) {
    match &mut value.kind {
        ValueKind::Path(path) => {
            if path.name.text == from {
                to.clone_into(&mut path.name.text);
            }
            let arguments = path.arguments.iter_mut().flatten();
            arguments.for_each(|argument| rename_in(&mut argument.value, from, to));
        }
        ValueKind::List(values) | ValueKind::Or(values) | ValueKind::And(values) => {
            values.iter_mut().for_each(|value| rename_in(value, from, to));
        }
        ValueKind::With { value, changes } => {
            rename_in(value, from, to);
            changes.iter_mut().for_each(|change| rename_in(&mut change.value, from, to));
        }
        ValueKind::Group(value) => rename_in(value, from, to),
        _ => {}
    }
}

/// How many cases are tried.
const MOST: usize = 4_000;
