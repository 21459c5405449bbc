//! Fuzzing: bounded campaigns find nothing, the same seed gives the same, and every check can fail.

mod common;

use winspi_core::policy::{DECLARED, InfoRedeemedByTarget, InfoSecondUse, Policy};
use winspi_core::wrong::Wrong;
use winspi_explore::fuzz::{Checks, Finding, Options, Part, Profile, Report, fuzz};

/// A campaign of so many programs.
fn campaign(options: &Options, part: Part, cases: u64) -> Report {
    fuzz(options, part, |report| report.cases < cases, |_| {})
}

fn of(profile: Profile) -> Options {
    Options { profile, seed: 1, ..Options::default() }
}

#[test]
fn bounded_campaigns_find_nothing() {
    for profile in [Profile::Lifetimes, Profile::Transfer, Profile::Layers, Profile::All] {
        let report = campaign(&of(profile), Part::WHOLE, 100);
        let texts: Vec<&str> = report.findings.iter().map(|finding| finding.text.as_str()).collect();
        assert!(texts.is_empty(), "{profile:?}:\n{}", texts.join("\n"));
        assert!(report.calls > 1_000, "{profile:?}: {} calls came back", report.calls);
    }
}

#[test]
fn one_seed_gives_one_campaign_whole_or_in_parts() {
    let options = Options { steps: 20, ..of(Profile::All) };
    let whole = campaign(&options, Part::WHOLE, 30);
    assert_eq!(campaign(&options, Part::WHOLE, 30), whole);
    let parts = [3, 1, 2].map(|number| campaign(&options, Part { number, of: 3 }, 10));
    let merged = Report::merge(parts.to_vec()).expect("they are parts of one campaign");
    assert_eq!((merged.cases, merged.calls, &merged.statistics), (30, whole.calls, &whole.statistics));
    let other = campaign(&Options { seed: 2, ..options }, Part::WHOLE, 30);
    assert_ne!(other.calls, whole.calls);
    assert!(Report::merge(vec![whole.clone(), other]).is_err());
    assert!(Report::merge(vec![whole.clone(), whole]).is_err());
    assert!(Report::merge(Vec::new()).is_err());
}

/// The first finding with this rule, in so many programs.
#[track_caller]
fn found(options: &Options, rule: &str) -> Finding {
    let met = |report: &Report| report.cases >= BUDGET || report.findings.iter().any(|finding| finding.rule == rule);
    let report = fuzz(options, Part::WHOLE, |report| !met(report), |_| {});
    let rules: Vec<String> = report.findings.iter().map(|finding| finding.rule.clone()).collect();
    let finding = report.findings.into_iter().find(|finding| finding.rule == rule);
    let finding =
        finding.unwrap_or_else(|| panic!("{rule} was not found in {} programs, only {rules:?}", report.cases));
    assert!(finding.lines <= MOST_LINES, "{rule}: {} lines\n{}", finding.lines, finding.text);
    finding
}

/// So many programs are enough to find what is wrong.
const BUDGET: u64 = 300;
/// So many run with each value of each decision.
const WITH_EACH_DECISION: u64 = 20;
/// And no finding has more lines.
const MOST_LINES: usize = 12;

fn in_world(wrong: &str, profile: Profile, checks: Checks) -> Options {
    let wrong: Wrong = wrong.parse().expect("a way to be wrong");
    let mut options = Options { checks, ..of(profile) };
    options.policy.limits.wrong = Some(wrong);
    options
}

/// In which way the world is wrong, which rule of the model says so, and whether a run of the file shows it, too.
const RULES: [(&str, &str, bool); 16] = [
    ("WSPCloseSocket does nothing", "close-closes-nothing", true),
    ("WSPCloseSocket gives another code", "closed-handle-other-code", true),
    ("WSPCloseSocket never fails", "closed-handle-accepted", true),
    ("WSPCloseSocket always fails", "close-refused", true),
    ("CloseHandle never fails", "closed-handle-closed", true),
    ("WSPSocket gives another result", "breach-unregistered-handle", true),
    ("WSPDuplicateSocket forgets s", "open-descriptor-refused", true),
    ("socket gives another result", "descriptor-of-another-socket", false),
    ("OpenProcess gives another result", "open-handle-given", false),
    ("the info of a duplicate is refused", "waiting-duplicate-refused", true),
    ("the info of a duplicate makes a fresh socket", "info-of-another", true),
    ("a duplicate is one of another socket", "handle-means-another-socket", false),
    ("a duplicate is made for nobody", "duplicate-for-nobody", true),
    ("a socket is made twice", "number-of-sockets", false),
    ("a close leaves the descriptor", "descriptors-of-process", false),
    ("a close leaves the number of its socket", "handles-of-socket", false),
];

#[test]
fn every_rule_of_the_model_is_seen_to_fail_in_a_world_that_is_wrong() {
    for (wrong, rule, repeats) in RULES {
        let finding = found(&in_world(wrong, Profile::Lifetimes, Checks::All), rule);
        assert!(finding.repeats || !repeats, "{wrong}: a run does not show\n{}", finding.text);
    }
}

/// Whatever is decided, the machine stays sound: the model knows the documented decisions alone, the invariants hold in
/// all.
#[test]
fn no_decision_breaks_an_invariant() {
    let others = DECLARED.iter().flat_map(|declared| declared.values.iter().map(|(value, _)| (declared.id, *value)));
    let mut decided: Vec<(String, Policy)> = others
        .map(|(id, value)| {
            let mut policy = Policy::default();
            policy.decide(id, value).expect("a value of the table");
            (format!("{id}={value}"), policy)
        })
        .filter(|(_, policy)| *policy != Policy::default())
        .collect();
    assert!(decided.len() > 20, "{}", decided.len());
    let profile = |name: &str| (name.to_owned(), Policy::profile(name).expect("one of the table"));
    decided.extend(Policy::profiles().map(profile));
    let mut found = String::new();
    for (name, policy) in decided {
        let options = Options { checks: Checks::Invariants, policy, ..of(Profile::All) };
        let report = campaign(&options, Part::WHOLE, WITH_EACH_DECISION);
        found.extend(report.findings.iter().map(|finding| format!("{name}:\n{}\n", finding.text)));
    }
    assert!(found.is_empty(), "{found}");
}

/// What the model takes for wrong where something else was decided.
#[test]
fn other_decisions_are_noticed() {
    let mut options = of(Profile::Lifetimes);
    options.policy.info_second_use = InfoSecondUse::SameDescriptor;
    assert!(found(&options, "info-used-again").repeats);
    let mut options = of(Profile::Lifetimes);
    options.policy.info_redeemed_by_target = InfoRedeemedByTarget::Anyone;
    assert!(found(&options, "duplicate-of-nobody").repeats);
}

#[test]
fn every_invariant_is_seen_to_fail_in_a_world_that_is_wrong() {
    for (way, invariant) in common::BREAKS {
        let profile = match invariant {
            "bytes-consumed-once" => Profile::Transfer,
            _ => Profile::All,
        };
        let finding = found(&in_world(way.name(), profile, Checks::Invariants), invariant);
        assert!(finding.repeats, "{way:?}: a run does not show\n{}", finding.text);
    }
}
