//! The reduced search finds what the full one finds, in fewer states.

#![allow(clippy::disallowed_methods, reason = "the crate reads no files, these tests do")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use common::{HANDOFF, on, script};
use winspi_core::Grain;
use winspi_core::wrong::{Blind, Wrong};
use winspi_explore::{Exploration, Faults, Options, Reduction, StateId, explore};
use winspi_script::run::lacking;
use winspi_script::{Arrangement, Script, syntax};

const TWO_HANDOFFS: &str = include_str!("../../../scenarios/two-handoffs.winspi");
const CLOSE_BEFORE_IMPORT: &str = include_str!("../../../scenarios/practice/close-before-import.winspi");
const SAME_INFO_TWICE: &str = include_str!("../../../scenarios/practice/same-info-twice.winspi");

/// A scenario with more states than this is too large to be explored twice in every test run.
const SMALL: usize = 130;

const NONE: Faults =
    Faults { kill: false, lose: false, duplicate: false, damage: false, damage_byte: None, exhaust: false, budget: 0 };
const KILL: Faults = Faults { kill: true, budget: 1, ..NONE };
const MESSAGES: Faults = Faults { lose: true, duplicate: true, budget: 1, ..NONE };
const TWO: Faults = Faults { kill: true, lose: true, duplicate: true, budget: 2, ..NONE };

fn search(script: &Arc<Script>, arrangement: &Arrangement, options: Options) -> Exploration {
    explore(script, arrangement, &options).expect("the scenario can be explored")
}

fn reduced(script: &Arc<Script>, arrangement: &Arrangement, faults: Faults) -> Exploration {
    search(script, arrangement, Options { reduce: true, ..Options::with(faults) })
}

/// What has to be the same: violations, duties, hazards, ends with their counts, what the end states are, `reachable`,
/// and for each line that a fault changes the smallest sets of faults that do.
fn essence(found: &Exploration) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    all.extend(found.violations.iter().map(|v| format!("{:?} {:?} {}", v.kind, v.line, v.message)));
    all.extend(found.breaches.iter().map(|b| format!("{:?}", b.what)));
    all.extend(found.hazards.iter().map(|h| format!("{:?}", h.what)));
    all.extend(found.ends.iter().map(ToString::to_string));
    all.extend(found.end_fingerprints().iter().map(|end| format!("end {end}")));
    let holds = |state: &Option<StateId>| state.is_some();
    all.extend(
        found.reachable.iter().map(holds).enumerate().map(|(place, holds)| format!("reachable {place} {holds}")),
    );
    let failed: BTreeSet<_> = found.violations.iter().map(|v| (v.line, v.message.as_str())).collect();
    let mut changes: BTreeMap<_, Vec<&Vec<String>>> = BTreeMap::new();
    for change in found.changes.iter().filter(|c| !failed.contains(&(Some(c.line), c.message.as_str()))) {
        changes.entry((change.line, &change.thread, &change.message)).or_default().push(&change.faults);
    }
    for (what, after) in &changes {
        let within =
            |small: &[String], large: &[String]| small.len() < large.len() && small.iter().all(|f| large.contains(f));
        let least = after.iter().filter(|faults| !after.iter().any(|other| within(other, faults)));
        all.extend(least.map(|faults| format!("change {what:?} after {faults:?}")));
    }
    all
}

/// What one has and the other has not.
fn differences(full: &Exploration, reduced: &Exploration) -> Vec<String> {
    let (full, reduced) = (essence(full), essence(reduced));
    let lost = full.difference(&reduced).map(|one| format!("lost: {one}"));
    lost.chain(reduced.difference(&full).map(|one| format!("new: {one}"))).collect()
}

/// All scenarios of a folder that can be explored.
fn scenarios(folder: &str) -> Vec<(String, Arc<Script>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(folder);
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut files: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "winspi"));
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).expect("it is text");
        let script = Script::new(&syntax::parse(&text).ok()?, &text).ok()?;
        Some((path.file_name()?.to_string_lossy().into_owned(), script))
    };
    files.iter().filter_map(read).collect()
}

/// Compares with the full search wherever that is small; gives how often.
#[track_caller]
fn all_is_found(folder: &str, places: &[usize], faults: &[Faults]) -> usize {
    let mut compared = 0;
    for (name, script) in scenarios(folder) {
        for place in places {
            for grain in [Grain::Call, Grain::Boundary] {
                let arrangement = on(*place, grain);
                if lacking(&script, &arrangement).is_some() {
                    continue;
                }
                for faults in faults {
                    let options = Options { max_states: SMALL, ..Options::with(*faults) };
                    // What cannot be explored takes decisions of its own.
                    let Ok(full) = explore(&script, &arrangement, &options) else { break };
                    if !full.complete {
                        break;
                    }
                    let reduced = reduced(&script, &arrangement, *faults);
                    assert!(reduced.unique <= full.unique, "{name}");
                    assert_eq!(
                        differences(&full, &reduced),
                        [""; 0],
                        "{name} {} {grain:?} {faults:?}",
                        arrangement.name()
                    );
                    compared += 1;
                }
            }
        }
    }
    compared
}

#[test]
fn nothing_is_lost_on_the_small_scenarios() {
    let compared =
        ["", "practice", "explored", "findings"].map(|f| all_is_found(f, &[0], &[NONE, KILL, MESSAGES, TWO]));
    assert!(compared.iter().sum::<usize>() >= 10, "{compared:?}");
}

#[test]
fn nothing_is_lost_on_the_edges_of_the_handoff() {
    assert!(all_is_found("handoff", &[0], &[NONE, KILL, MESSAGES, TWO]) >= 50);
}

#[test]
fn nothing_is_lost_on_the_other_arrangements() {
    assert!(all_is_found("handoff", &[1, 2, 3], &[NONE]) >= 30);
}

/// Scenarios that are not made for this: with how many states the full search and the reduced one get by at `boundary`.
#[test]
fn three_times_fewer_states() {
    for (text, full, states) in
        [(TWO_HANDOFFS, 4922, 1152), (CLOSE_BEFORE_IMPORT, 1112, 328), (SAME_INFO_TWICE, 866, 142)]
    {
        let found = reduced(&script(text), &on(0, Grain::Boundary), NONE);
        assert_eq!(found.unique, states);
        assert!(found.unique * 3 <= full, "{states} of {full}");
        assert!(matches!(found.reduction, Reduction::Reduced { partly, .. } if partly > 0));
    }
    for (text, states) in [(CLOSE_BEFORE_IMPORT, 1112), (SAME_INFO_TWICE, 866)] {
        let (script, arrangement) = (script(text), on(0, Grain::Boundary));
        let full = search(&script, &arrangement, Options::without_faults());
        assert_eq!(full.unique, states);
        assert_eq!(differences(&full, &reduced(&script, &arrangement, NONE)), [""; 0]);
    }
}

#[test]
fn the_order_of_a_finding_can_be_taken_and_no_count_depends_on_threads() {
    let (script, arrangement) = (script(HANDOFF), on(0, Grain::Call));
    let one = reduced(&script, &arrangement, KILL);
    assert!(!one.hazards.is_empty());
    for hazard in &one.hazards {
        assert!(one.replay(&one.path_to_place(&hazard.place)).is_ok());
    }
    let options = Options { reduce: true, threads: std::num::NonZeroUsize::new(3), ..Options::with(KILL) };
    let three = search(&script, &arrangement, options);
    assert_eq!((one.unique, one.transitions, &one.reduction), (three.unique, three.transitions, &three.reduction));
}

/// Two processes send to a third one, which takes what comes first: the order is what the test asks for.
const RACE: &str = "process a
process b
process c
a: BusSend(c, \"a\")
b: BusSend(c, \"b\")
c: first = BusReceive() => \"a\"
";

/// What one sends is there for the other, or is not yet.
const LOOK: &str = "process a
process b
setup {
    a: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    a: WSPBind(l, 127.0.0.1:5000)
    a: WSPListen(l, 5)
    b: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    b: WSPConnect(s, 127.0.0.1:5000)
    a: c = WSPAccept(l)
    a: WSPIoctl(c, FIONBIO, 1)
}
a: WSPRecv(c, [buffer(1)]) => WSAEWOULDBLOCK
b: WSPSend(s, \"x\")
";

#[test]
fn a_footprint_that_forgets_something_is_noticed() {
    for (text, blind) in [(RACE, Blind::Messages), (LOOK, Blind::Connections)] {
        let script = script(text);
        for (wrong, found) in [(None, true), (Some(Wrong::Blind(blind)), false)] {
            let mut arrangement = on(0, Grain::Call);
            arrangement.policy.limits.wrong = wrong;
            let full = search(&script, &arrangement, Options::without_faults());
            let reduced = reduced(&script, &arrangement, NONE);
            assert_eq!(differences(&full, &reduced).is_empty(), found, "{blind:?}");
        }
    }
}

/// `always` and `reachable` are asked of states: a step that they see is not taken alone.
#[test]
fn what_always_and_reachable_see_stays() {
    let text = "process a
process b
a: x = BusSend(b, \"1\")
b: y = BusSend(a, \"2\")
b: BusReceive()
a: BusReceive()
reachable handles(a) == 0
always handles(a) == 0
process c
c: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
c: closesocket(s)
a: t = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
a: closesocket(t)
reachable handles(c) == 1
";
    let script = script(text);
    for faults in [NONE, KILL] {
        let full = search(&script, &on(0, Grain::Boundary), Options::with(faults));
        let reduced = reduced(&script, &on(0, Grain::Boundary), faults);
        assert!(reduced.unique < full.unique);
        assert_eq!(differences(&full, &reduced), [""; 0]);
        assert!(!full.violations.is_empty());
    }
}
