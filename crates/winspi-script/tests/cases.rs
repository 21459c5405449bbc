//! Conformance files: a prelude and cases.

mod common;

use common::{refused, run_text, script};
use winspi_script::Arrangement;
use winspi_script::report::Verdict;
use winspi_script::run::{CaseRun, CaseState, lacking, run_cases};

const FILE: &str = "scenario \"Listening\"
define open(s) { s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) }
process p
p: open(s)

case WSPListen.error-einval \"a socket without a name\" {
    p: listen(s, 5) => WSAEINVAL
}
case WSPListen.listens \"the prelude runs before each case\" {
    p: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    p: bind(s, 127.0.0.1:80)
    p: listen(s, 5)
}
case WSPListen.wrong \"what is not so\" { p: listen(s, 5) => ok ; p: closesocket(s) }
case WSPListen.ifs \"only for one\" { needs ifs ; p: closesocket(s) }
case WSPListen.non-ifs \"and the other\" {
    needs non-ifs
    needs layered
    p: closesocket(s)
}
case WSPListen.profile \"of a profile\" {
    needs profile windows
    p: closesocket(s)
}
case WSPListen.documented \"of the documents\" { needs profile documented ; p: closesocket(s) }
case WSPListen.decision \"of a decision\" { needs decision modify-handle=changed ; p: closesocket(s) }
case WSPListen.gap \"what nobody models\" {
    p: WSAJoinLeaf(s, 224.0.0.1:80)
    p: closesocket(s) => WSAEINVAL
}
";

fn on(arrangement: &Arrangement) -> Vec<CaseRun> {
    run_cases(&script(FILE), arrangement)
}

fn states(cases: &[CaseRun]) -> Vec<String> {
    cases.iter().map(|case| format!("{} {}", case.name, case.state)).collect()
}

#[test]
fn each_case_has_a_fresh_system() {
    let cases = on(&Arrangement::default());
    assert_eq!(
        states(&cases),
        [
            "WSPListen.error-einval passed",
            "WSPListen.listens passed",
            "WSPListen.wrong failed",
            "WSPListen.ifs passed",
            "WSPListen.non-ifs not applicable: needs non-ifs",
            "WSPListen.profile not applicable: needs profile windows",
            "WSPListen.documented passed",
            "WSPListen.decision not applicable: needs decision modify-handle=changed",
            "WSPListen.gap not modelled",
        ]
    );
    let wrong = &cases[2];
    assert_eq!((wrong.line, wrong.passed), (14, false));
    assert_eq!(wrong.message, "listen(s, 5): expected ok, found WSAEINVAL (WSPListen.error-einval)");
    let gap = &cases[8];
    assert_eq!((gap.line, gap.message.as_str()), (28, "not modelled: WSAJoinLeaf"));
    assert!(cases[4].run.is_none() && cases[0].run.is_some());
}

#[test]
fn a_case_applies_to_what_its_sockets_come_from() {
    let state = |arrangement: &Arrangement, place: usize| on(arrangement)[place].state.clone();
    let [ifs, non_ifs, ifs_layer, non_ifs_layer, both] = Arrangement::five();
    for (arrangement, layered) in [(ifs, "needs non-ifs"), (ifs_layer, "needs non-ifs"), (non_ifs, "needs layered")] {
        assert_eq!(state(&arrangement, 4), CaseState::NotApplicable(layered.to_owned()), "{}", arrangement.name());
    }
    for arrangement in [non_ifs_layer, both] {
        assert_eq!(state(&arrangement, 4), CaseState::Passed, "{}", arrangement.name());
        assert_eq!(state(&arrangement, 3), CaseState::NotApplicable("needs ifs".to_owned()));
    }
}

#[test]
fn a_gap_is_no_failure_unless_it_comes_later() {
    let verdict = |text: &str| run_text(text).verdict();
    let gap = Verdict::NotModelled("WSAJoinLeaf".to_owned());
    for (line, expected) in [
        ("p: WSAJoinLeaf(1, 1.2.3.4:5)", gap.clone()),
        ("p: WSAJoinLeaf(1, 1.2.3.4:5) => WSAEINVAL", gap.clone()),
        ("p: WSAJoinLeaf(1, 1.2.3.4:5) => fails", gap.clone()),
        ("p: WSAJoinLeaf(1, 1.2.3.4:5) => {value=SOCKET_ERROR}", gap.clone()),
        ("p: WSAJoinLeaf(1, 1.2.3.4:5) => blocks", gap.clone()),
        ("p: closesocket(WSAJoinLeaf(1, 1.2.3.4:5)) => fails", gap),
        ("p: WSAJoinLeaf(1, 1.2.3.4:5) => any", Verdict::Passed),
        ("p: GetCurrentProcessId() => 5\np: WSAJoinLeaf(1, 1.2.3.4:5)", Verdict::Failed),
    ] {
        assert_eq!(verdict(&format!("process p\n{line}\n")), expected, "{line}");
    }
}

#[test]
fn cases_are_checked() {
    refused(
        "process p\ncase a.b \"one\" { p: closesocket(s) }\ncase a.b \"one\" { p: bindd(1) }\n",
        &[
            "2:33: `s` is bound nowhere in process `p`",
            "3:10: case `a.b` of line 2 has the same title",
            "3:21: no function is called `bindd` / did you mean `bind`?",
        ],
    );
    // What is wrong in the prelude is told once.
    refused(
        "process p\np: closesocket(s)\ncase a.b \"one\" { p: s = GetCurrentProcessId() }\ncase a.c \"two\" { p: closesocket(1) }\n",
        &["2:16: `s` is bound nowhere in process `p`"],
    );
}

#[test]
fn a_callback_of_a_case() {
    let cases = run_cases(
        &script(
            "process p
process q
p: l = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
p: bind(l, 127.0.0.1:80)
p: listen(l, 5)
q: c = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
q: connect(c, 127.0.0.1:80)
case WSPAccept.error-try-again \"the condition function defers\" {
    condition defers in p { return CF_DEFER }
    p: WSPAccept(l, defers) => WSATRY_AGAIN by WSPAccept.error-try-again
}
",
        ),
        &Arrangement::default(),
    );
    assert_eq!(cases[0].message, "");
}

#[test]
fn a_case_applies_to_what_is_chosen() {
    let script = script(
        "process p
case a.a \"one\" { needs decision modify-handle=changed ; p: GetCurrentProcessId() }
case a.b \"two\" { needs profile windows ; p: GetCurrentProcessId() }
case a.c \"three\" { needs profile documented ; p: GetCurrentProcessId() }
",
    );
    let passed = |arrangement: &Arrangement| -> Vec<bool> {
        run_cases(&script, arrangement).iter().map(|case| case.passed).collect()
    };
    let windows = winspi_core::policy::Policy::profile("windows").expect("it is known");
    assert_eq!(passed(&Arrangement::default()), [false, false, true]);
    assert_eq!(passed(&Arrangement { modify_handles: true, ..Arrangement::default() }), [true, false, false]);
    assert_eq!(passed(&Arrangement { policy: windows, ..Arrangement::default() }), [false, true, false]);
    refused(
        "process p
case a.a \"one\" { needs decision modify-handl=changed ; p: GetCurrentProcessId() }
case a.b \"two\" { needs decision modify-handle=odd ; p: GetCurrentProcessId() }
case a.c \"three\" { needs profile vista ; p: GetCurrentProcessId() }
",
        &[
            "2:33: no decision is called `modify-handl`; docs/decisions.md lists them / did you mean `modify-handle`?",
            "3:33: decision `modify-handle` has no value `odd`; it has same, changed",
            "4:34: no profile is called `vista`; there are documented, windows, wine, reactos",
        ],
    );
}

#[test]
fn a_file_says_what_it_needs() {
    let [ifs, non_ifs, ifs_layer, non_ifs_layer, _] = Arrangement::five();
    let changed = Arrangement { modify_handles: true, ..Arrangement::default() };
    for (need, arrangement, lacks) in [
        ("ifs", &ifs, None),
        ("ifs", &non_ifs_layer, Some("needs ifs")),
        ("non-ifs", &ifs_layer, Some("needs non-ifs")),
        ("base ifs", &non_ifs_layer, None),
        ("base ifs", &non_ifs, Some("needs base ifs")),
        ("base non-ifs", &non_ifs, None),
        ("base non-ifs", &non_ifs_layer, Some("needs base non-ifs")),
        ("layered", &ifs, Some("needs layered")),
        ("decision modify-handle=changed", &changed, None),
        ("decision modify-handle=changed", &ifs, Some("needs decision modify-handle=changed")),
        ("profile documented", &ifs, None),
    ] {
        let head = format!("scenario \"t\"\nabout \"a\"\nneeds {need}\nprocess p\n");
        let file = script(&format!("{head}p: GetCurrentProcessId()\n"));
        assert_eq!(lacking(&file, arrangement).as_deref(), lacks, "{need} on {}", arrangement.name());
        // What the file needs its cases need, too.
        let cases = script(&format!("{head}case a.b \"c\" {{ p: GetCurrentProcessId() }}\n"));
        let expected = lacks.map_or(CaseState::Passed, |lacks| CaseState::NotApplicable(lacks.to_owned()));
        assert_eq!(run_cases(&cases, arrangement)[0].state, expected, "{need} on {}", arrangement.name());
    }
    refused(
        "needs decision modify-handl=changed\nprocess p\np: GetCurrentProcessId()\n",
        &["1:16: no decision is called `modify-handl`; docs/decisions.md lists them / did you mean `modify-handle`?"],
    );
}
