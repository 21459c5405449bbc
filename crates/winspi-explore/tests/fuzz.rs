//! Fuzzing: bounded campaigns find nothing, the same seed gives the same, and every check can fail.

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

/// The first finding in a world that is wrong.
#[track_caller]
fn found(wrong: &str, rule: &str, checks: Checks) -> Finding {
    let mut options = Options { checks, ..of(Profile::Lifetimes) };
    let wrong: Wrong = wrong.parse().expect("a way to be wrong");
    options.policy.limits.wrong = Some(wrong.clone());
    let met = |report: &Report| report.cases >= 300 || report.findings.iter().any(|finding| finding.rule == rule);
    let report = fuzz(&options, Part::WHOLE, |report| !met(report), |_| {});
    let rules: Vec<String> = report.findings.iter().map(|finding| finding.rule.clone()).collect();
    let finding = report.findings.into_iter().find(|finding| finding.rule == rule);
    finding.unwrap_or_else(|| panic!("{wrong}: {rule} was not found, only {rules:?}"))
}

#[test]
fn worlds_that_are_wrong_are_found_and_shrunk() {
    let cases = [
        ("a duplicate is not counted", "counts-agree"),
        ("a claim stays", "info-used-again"),
        ("WSPCloseSocket does nothing", "handles-of-socket"),
        ("WSPCloseSocket gives another code", "closed-handle-other-code"),
        ("WSPCloseSocket never fails", "closed-handle-accepted"),
        ("WSPCloseSocket always fails", "close-refused"),
        ("WSPSocket gives another result", "breach-unregistered-handle"),
        ("WSPDuplicateSocket forgets s", "open-descriptor-refused"),
    ];
    for (wrong, rule) in cases {
        let finding = found(wrong, rule, Checks::All);
        assert!(finding.lines <= 12, "{wrong}: {} lines\n{}", finding.lines, finding.text);
        assert!(finding.repeats, "{wrong}: a run does not show\n{}", finding.text);
    }
}

#[test]
fn invariants_alone_find_what_breaks_them() {
    let finding = found("a duplicate is not counted", "counts-agree", Checks::Invariants);
    assert!(finding.lines <= 12, "{}", finding.text);
}
