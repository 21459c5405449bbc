//! The suite can fail: a case that does not show its clause, names that lead nowhere, lists that are not true.

use spec_tests::coverage;
use spec_tests::report::{ClauseState, Comparison, Report};
use spec_tests::suite::Suite;
use spec_tests::trial::State;
use spec_tests::{Files, Select, run_all};

const PRELUDE: &str = "process p\nprocess q\nsetup {\n    p: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n}\n";

/// The suite with these cases of WSPBind and no others, and other texts for some files.
fn files(cases: &str, others: &[(&str, &str)]) -> Files {
    let built_in = Files::built_in();
    let names: Vec<String> = built_in.within("cases", ".winspi").map(|(name, _)| name.to_owned()).collect();
    let mut files = names.iter().fold(built_in, |files, name| files.without(&format!("cases/{name}.winspi")));
    for list in ["exceptions.toml", "known-failures.toml", "not-testable.toml"] {
        files = files.with(list, "");
    }
    files = files.with("cases/wsp_bind.winspi", &format!("{PRELUDE}{cases}"));
    others.iter().fold(files, |files, (path, text)| files.with(path, text))
}

fn suite(cases: &str, others: &[(&str, &str)]) -> Suite {
    Suite::of(&files(cases, others)).unwrap_or_else(|problems| panic!("{}", problems.join("\n")))
}

fn report(suite: &Suite, select: &Select) -> Report {
    let trials = suite.trials(select);
    let ran = run_all(&trials, &|_| {});
    Report::of(suite, "as each case needs", &select.arrangements, &trials, &ran)
}

/// What is said of the one case on the base IFS provider.
fn told(cases: &str, others: &[(&str, &str)]) -> (State, String) {
    let select = Select { arrangements: vec!["ifs".to_owned()], ..Select::default() };
    let report = report(&suite(cases, others), &select);
    let [trial] = report.trials.as_slice() else { panic!("one trial") };
    (trial.outcome.state, trial.outcome.message.clone())
}

#[test]
fn a_case_has_to_show_its_clause() {
    const BIND: &str = "p: WSPBind(s, 127.0.0.1:80)";
    for (case, says) in [
        (
            "case WSPBind.error-einval \"\" { p: WSPBind(s, 127.0.0.1:80) ; p: WSPBind(s, 127.0.0.1:81) => WSAEINVAL }",
            "",
        ),
        // The rule is not reached.
        (
            "case WSPBind.error-einval \"\" { p: WSPListen(s, 5) => WSAEINVAL }",
            "nothing in the case carries its rule out",
        ),
        // It is reached, and nothing is said of it.
        (
            "case WSPBind.error-einval \"\" { p: WSPBind(s, 127.0.0.1:80) ; p: WSPBind(s, 127.0.0.1:81) => fails }",
            "in line 6",
        ),
        (
            "case WSPBind.error-einval \"\" { p: WSPBind(s, 127.0.0.1:80) ; p: WSPBind(s, 127.0.0.1:81) => any }",
            "in line 6",
        ),
        (
            "case WSPBind.error-einval \"\" {\np: WSPBind(s, 127.0.0.1:80)\np: WSPBind(s, 127.0.0.1:81) => one of [WSAEINVAL, WSAEFAULT]\n}",
            "in line 8",
        ),
        // An error is asserted on where it happens, not later.
        (
            "case WSPBind.error-einval \"\" {\np: WSPBind(s, 127.0.0.1:80)\np: WSPBind(s, 127.0.0.1:81) => fails\np: WSPGetSockName(s) => 127.0.0.1:80\n}",
            "in line 8",
        ),
        // What a call does may be seen later, but has to be seen.
        ("case WSPBind.assigns-name \"\" {\np: WSPBind(s, 127.0.0.1:80)\np: WSPGetSockName(s) => 127.0.0.1:80\n}", ""),
        ("case WSPBind.assigns-name \"\" {\np: WSPBind(s, 127.0.0.1:80)\np: WSPGetSockName(s)\n}", "in line 7"),
        (
            "case WSPBind.assigns-name \"\" {\np: x = WSPGetSockName(s) => WSAEINVAL\np: WSPBind(s, 127.0.0.1:80)\n}",
            "in line 8",
        ),
        ("case WSPBind.assigns-name \"\" {\np: WSPBind(s, 127.0.0.1:80)\nexpect socket(p.s).handles == 1\n}", ""),
        (
            "case WSPBind.assigns-name \"\" {\np: WSPBind(s, 127.0.0.1:80)\nat end { expect socket(p.s).handles == 1 }\n}",
            "",
        ),
    ] {
        let (state, message) = told(case, &[]);
        assert_eq!(state == State::Passed, says.is_empty(), "{case}: {message}");
        assert!(message.contains(says), "{case}: {message}");
    }
    // What the prelude does counts for nothing.
    let prelude = format!("{BIND}\ncase WSPBind.assigns-name \"\" {{ p: WSPGetSockName(s) => 127.0.0.1:80 }}");
    assert!(told(&prelude, &[]).1.contains("nothing in the case"));
}

#[test]
fn the_party_has_to_be_the_one_that_the_clause_speaks_of() {
    let case = "case WSPBind.assigns-name \"\" {\np: WSPBind(s, 127.0.0.1:80)\np: WSPGetSockName(s) => 127.0.0.1:80\n}";
    let built_in = Files::built_in();
    let text = built_in.text("clauses/wsp_bind.toml").expect("it is there");
    let id = "id = \"WSPBind.assigns-name\"\n";
    for (party, passes) in [("provider", true), ("any", true), ("ws2_32", false)] {
        let changed = text.replace(id, &format!("{id}party = \"{party}\"\n"));
        let (state, message) = told(case, &[("clauses/wsp_bind.toml", &changed)]);
        assert_eq!(state == State::Passed, passes, "{party}: {message}");
        assert!(passes || message.contains("its rule is one of Ws2_32"), "{message}");
    }
}

#[test]
fn a_clause_is_shown_by_the_signs_that_its_entry_names() {
    let built_in = Files::built_in();
    let text = built_in.text("clauses/wsp_bind.toml").expect("it is there");
    let id = "id = \"WSPBind.name-is-raw-memory\"\n";
    let case = "case WSPBind.name-is-raw-memory \"\" { p: WSPBind(s, 127.0.0.1:80) => {value=0} }";
    for (sign, passes) in [
        ("WSPBind succeeds", true),
        ("WSPBind is entered", true),
        ("WSPBind.assigns-name", true),
        ("WSPBind fails", false),
        ("WSPListen is entered", false),
    ] {
        let entry = format!("{id}shown_by = [\"{sign}\"]\n");
        let without: String = {
            let (before, after) = text.split_once(id).expect("it is there");
            let end = after.find("\n\n").unwrap_or(after.len());
            let kept: String =
                after[..end].lines().filter(|l| !l.starts_with("shown_by")).map(|l| format!("{l}\n")).collect();
            format!("{before}{entry}{kept}{}", &after[end..])
        };
        let (state, message) = told(case, &[("clauses/wsp_bind.toml", &without)]);
        assert_eq!(state == State::Passed, passes, "{sign}: {message}");
    }
}

#[test]
fn what_is_wrong_in_the_files_is_told() {
    let good =
        "case WSPBind.error-einval \"\" { p: WSPBind(s, 127.0.0.1:80) ; p: WSPBind(s, 127.0.0.1:81) => WSAEINVAL }";
    let told = |cases: &str, others: &[(&str, &str)]| match Suite::of(&files(cases, others)) {
        Ok(_) => String::new(),
        Err(problems) => problems.join("\n"),
    };
    assert_eq!(told(good, &[]), "");
    for (cases, list, text, says) in [
        ("case WSPBind.nothing \"\" { p: WSPListen(s) => WSAEINVAL }", "", "", "no clause is called WSPBind.nothing"),
        (
            "case WSPListen.passive-mode \"\" { p: WSPListen(s) => WSAEINVAL }",
            "",
            "",
            "belongs to cases/wsp_listen.winspi",
        ),
        ("case WSPBind.error-einval \"\" { p: Nothing(s) }", "", "", "cases/wsp_bind.winspi:6"),
        (
            good,
            "exceptions.toml",
            "[[exception]]\ncase = \"WSPBind.x\"\nreason = \"r\"",
            "exceptions.toml: there is no case WSPBind.x",
        ),
        (
            good,
            "known-failures.toml",
            "[[failure]]\ncase = \"WSPBind.error-einval\"\narrangement = \"x\"\nreason = \"r\"",
            "no arrangement is called x",
        ),
        (good, "known-failures.toml", "[[failure]]\ncase = \"WSPBind.error-einval\"", "missing field `reason`"),
        (
            good,
            "known-failures.toml",
            "[[failure]]\ncase = \"WSPBind.error-einval\"\nreason = \"r\"\nwaits = \"core\"",
            "core is no part that comes later",
        ),
        (
            good,
            "exceptions.toml",
            "[[exception]]\ncase = \"WSPBind.error-einval\"\nreason = \"r\"\nwaits = \"async\"",
            "an exception waits for nothing",
        ),
        (
            good,
            "not-testable.toml",
            "[[clause]]\nid = \"WSPBind.x\"\nreason = \"client-duty\"\nwhy = \"w\"",
            "no clause is called WSPBind.x",
        ),
        (
            good,
            "not-testable.toml",
            "[[clause]]\nid = \"WSPBind.error-einval\"\nreason = \"client-duty\"\nwhy = \"w\"",
            "is listed in not-testable.toml",
        ),
        (
            good,
            "not-testable.toml",
            "[[clause]]\nid = \"WSPBind.x\"\nreason = \"hard\"\nwhy = \"w\"",
            "unknown variant `hard`",
        ),
    ] {
        let others = if list.is_empty() { vec![] } else { vec![(list, text)] };
        let problems = told(cases, &others);
        assert!(problems.contains(says), "{says}: {problems}");
    }
    assert!(told(&format!("{good}\n{good}"), &[]).contains("has the same title"));
}

#[test]
fn what_is_known_to_fail_has_to_fail() {
    let fails = "case WSPBind.error-einval \"\" { p: WSPBind(s, 127.0.0.1:80) => WSAEINVAL }";
    let passes =
        "case WSPBind.error-einval \"\" { p: WSPBind(s, 127.0.0.1:80) ; p: WSPBind(s, 127.0.0.1:81) => WSAEINVAL }";
    let list = "[[failure]]\ncase = \"WSPBind.error-einval\"\nreason = \"r\"";
    let waits = format!("{list}\nwaits = \"async\"");
    let not_there = format!("{waits}\narrangement = \"ifs\"");
    for (case, known, good, state) in [
        (fails, "", false, ClauseState::Failed),
        (fails, list, true, ClauseState::Failed),
        (fails, &waits, true, ClauseState::Waits),
        // It fails on other arrangements, too.
        (fails, &not_there, false, ClauseState::Failed),
        (passes, "", true, ClauseState::Passed),
        (passes, list, false, ClauseState::Passed),
        (passes, &waits, false, ClauseState::Passed),
    ] {
        let suite = suite(case, &[("known-failures.toml", known)]);
        let report = report(&suite, &Select::default());
        assert_eq!(report.passed(), good, "{case} {known}");
        let clause = report.clauses.iter().find(|c| c.id == "WSPBind.error-einval").expect("it is there");
        assert_eq!(clause.state, state);
    }
}

#[test]
fn coverage_tells_what_is_missing() {
    let case =
        "case WSPBind.error-einval \"\" { p: WSPBind(s, 127.0.0.1:80) ; p: WSPBind(s, 127.0.0.1:81) => WSAEINVAL }";
    let listed = "[[clause]]\nid = \"WSPBind.error-enotsock\"\nreason = \"outside-the-spi\"\nwhy = \"w\"";
    let suite = suite(case, &[("not-testable.toml", listed)]);
    let missing = coverage::missing(&suite, &report(&suite, &Select::default()));
    let tells = |id: &str| missing.iter().any(|line| line.starts_with(&format!("{id}: ")));
    assert!(tells("WSPBind.assigns-name"));
    assert!(!tells("WSPBind.error-einval") && !tells("WSPBind.error-enotsock"));
    // It belongs to a later part.
    assert!(!tells("BlockingHook.can-block-recv"));
    let fails = "case WSPBind.error-einval \"\" { p: WSPBind(s, 127.0.0.1:80) => WSAEINVAL }";
    let known = "[[failure]]\ncase = \"WSPBind.error-einval\"\nreason = \"r\"\n";
    for (list, told) in [(known.to_owned(), true), (format!("{known}waits = \"async\""), false)] {
        let waiting = self::suite(fails, &[("known-failures.toml", &list)]);
        let missing = coverage::missing(&waiting, &report(&waiting, &Select::default()));
        assert_eq!(missing.iter().any(|line| line.starts_with("WSPBind.error-einval: ")), told, "{list}");
    }
    let many: String =
        (0..2).map(|n| format!("[[exception]]\ncase = \"WSPBind.error-einval\"\nreason = \"{n}\"\n")).collect();
    let excepted = self::suite(case, &[("exceptions.toml", &many)]);
    let missing = coverage::missing(&excepted, &report(&excepted, &Select::default()));
    assert!(missing.iter().any(|line| line.contains("more than 5 %")), "{missing:?}");
}

#[test]
fn two_runs_are_compared() {
    let case = |id: &str, code: &str| {
        format!("case WSPBind.{id} \"\" {{ p: WSPBind(s, 127.0.0.1:80) ; p: WSPBind(s, 127.0.0.1:81) => {code} }}\n")
    };
    let ifs = Select { arrangements: vec!["ifs".to_owned()], ..Select::default() };
    let of = |cases: String| report(&suite(&cases, &[]), &ifs);
    let old = of(case("error-einval", "WSAEFAULT")
        + &case("error-eaddrinuse", "WSAEINVAL")
        + &case("returns-socket-error", "WSAEINVAL"));
    let new = of(case("error-einval", "WSAEINVAL")
        + &case("returns-socket-error", "WSAEFAULT")
        + &case("error-enotsock", "WSAEINVAL"));
    let compared = Comparison::of(&old, &new);
    assert_eq!(compared.fixed, ["WSPBind.error-einval [ifs]"]);
    assert_eq!(compared.broken, ["WSPBind.returns-socket-error [ifs]"]);
    assert_eq!(compared.appeared, ["WSPBind.error-enotsock [ifs]"]);
    assert_eq!(compared.gone, ["WSPBind.error-eaddrinuse [ifs]"]);
    let stored = serde_json::to_string(&new).expect("it can be stored");
    assert_eq!(serde_json::from_str::<Report>(&stored).expect("it can be read"), new);
}

#[test]
fn a_case_gets_the_choices_that_it_needs() {
    let case = "case WSPBind.assigns-name \"\" {\nneeds decision wildcard-name=refuse\np: WSPBind(s, 0.0.0.0:80)\np: WSPGetSockName(s) => WSAEINVAL\n}";
    let suite = suite(case, &[]);
    let as_needed = report(&suite, &Select::default());
    assert_eq!(as_needed.count(State::Passed), 5);
    let documented = Select { policy: Some(winspi_core::policy::Policy::default()), ..Select::default() };
    assert_eq!(report(&suite, &documented).count(State::NotApplicable), 5);
}
