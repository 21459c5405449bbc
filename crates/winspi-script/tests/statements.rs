//! Statements that stand for several: `define`, `repeat`, `sync`, callbacks, `every`.

mod common;

use common::{CONNECTED, fails, passes, refused, run_text, script};
use winspi_script::report::Verdict;
use winspi_script::{Arrangement, run};

const LISTENER: &str = "define listener(l, where) {
    l = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    name = bind(l, where)
    listen(l, 5)
    expect socket(l).state == \"listening\"
}
process p
process q
";

#[test]
fn define_binds_its_parameters_and_keeps_its_own_names() {
    passes(&format!(
        "{LISTENER}p: listener(l, 127.0.0.1:80)
p: listener(m, where=127.0.0.1:81)
p: name = getsockname(m) => 127.0.0.1:81
q: listener(l, 127.0.0.1:82)
expect socket(l).handles == 1
p: getsockname(l) => 127.0.0.1:80
expect name == 127.0.0.1:81
"
    ));
}

#[test]
fn define_uses_another_define() {
    passes(&format!(
        "{LISTENER}define pair(l, c, where) {{
    listener(l, where)
    c = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    connect(c, where)
}}
p: pair(l, c, 127.0.0.1:80)
p: getpeername(c) => any
"
    ));
}

#[test]
fn failure_in_a_define_stands_where_it_is_used() {
    fails(
        &format!("{LISTENER}p: listener(l, 127.0.0.1:80)\np: listener(m, 127.0.0.1:80)\n"),
        &[
            "10: bind(m, 127.0.0.1:80): expected success, found WSAEADDRINUSE (WSPBind.error-eaddrinuse)",
            "10: listen(m, 5): expected success, found WSAEINVAL (WSPListen.error-einval)",
            "5: the expectation does not hold: it is \"unconnected\"",
        ],
    );
}

#[test]
fn define_is_checked() {
    for (use_of, expected) in [
        ("p: listener(l)", "9:4: `listener` needs `where`"),
        ("p: listener(l, 1.2.3.4:5, 6)", "9:27: `listener` takes 2 arguments"),
        ("p: listener(l, wher=1.2.3.4:5)", "9:16: `listener` has no parameter `wher`"),
        ("p: listener(5, 127.0.0.1:80)", "9:13: `listener` binds `l`: a name has to be given for it"),
        (
            "p: x = listener(l, 127.0.0.1:80)",
            "9:4: nothing is bound to a `define`; each of its statements speaks for itself",
        ),
        (
            "p: listener(l, 127.0.0.1:80) => ok",
            "9:30: no expectation belongs to a `define`; each of its statements speaks for itself",
        ),
        ("p: listner(l, 127.0.0.1:80)", "9:4: no function is called `listner` / did you mean `listener`?"),
    ] {
        let text = format!("{LISTENER}{use_of}\n");
        let errors = common::read(&text).expect_err(use_of);
        let found = match &errors[0].suggestion {
            Some(suggestion) => format!("{} / {suggestion}", errors[0]),
            None => errors[0].to_string(),
        };
        assert!(found.starts_with(expected), "{use_of}: {found}");
    }
    refused(
        "define a(x) { b(x) }\ndefine b(x) { a(x) }\nprocess p\np: a(s)\n",
        &["2:15: `a` uses itself, or too many others"],
    );
    refused(
        "define a() { bind(s, 127.0.0.1:80) }\nprocess p\np: s = socket(AF_INET, SOCK_STREAM, 0)\np: a()\n",
        &["1:19: `s` is no parameter of the `define`, and it does not bind it"],
    );
    refused("define bind(x) { closesocket(x) }\nprocess p\np: bind(1)\n", &["1:8: `bind` is a function already"]);
}

#[test]
fn repeat_goes_round() {
    passes(&format!(
        "{CONNECTED}repeat 3 {{
    client: send(c, \"ab\") => 2
    repeat 2 {{
        server: r = recv(a, buffer(1)) => one of [\"a\", \"b\"]
        expect r.error == 0
    }}
}}
repeat 0 {{ server: recv(a, buffer(1)) => WSAENOTSOCK }}
client: closesocket(c)
server: recv(a, buffer(8)) => \"\"
"
    ));
}

#[test]
fn repeat_stops_for_what_does_not_hold_once() {
    fails(
        &format!("{CONNECTED}repeat 3 {{ client: send(c, \"ab\") => 3 }}\n"),
        &["11: send(c, \"ab\"): expected 3, found 2"],
    );
}

#[test]
fn repeat_until_an_outcome() {
    passes(&format!(
        "{CONNECTED}client: ioctlsocket(c, FIONBIO, 1)
repeat until WSAEWOULDBLOCK {{ client: send(c, bytes(1000)) => one of [1000, 536] }}
server: recv(a, buffer(65536)) => {{number_of_bytes_recvd=65536}}
"
    ));
    let run = run_text(&format!(
        "{CONNECTED}client: ioctlsocket(c, FIONBIO, 1)
repeat until WSAEWOULDBLOCK {{ client: send(c, bytes(1000)) }}
"
    ));
    assert_eq!(run.rows.iter().filter(|row| row.call == "send").count(), 1, "the rounds share a row");
}

#[test]
fn repeat_until_an_outcome_that_never_comes() {
    fails(
        "process p\nrepeat until WSAEFAULT { p: GetCurrentProcessId() }\n",
        &["2: GetCurrentProcessId(): 100000 rounds without WSAEFAULT, found 1000"],
    );
    fails(
        "process p\nrepeat until WSAEFAULT { p: GetCurrentProcessId() => 5 }\n",
        &["2: GetCurrentProcessId(): expected 5, found 1000"],
    );
    refused(
        "process p\nrepeat until ok { p: GetCurrentProcessId() ; p: GetCurrentProcessId() }\n",
        &["2:1: `repeat until` has one statement, a call"],
    );
    refused(
        "process p\nrepeat until blocks { p: GetCurrentProcessId() }\n",
        &["2:14: a call that blocks has no outcome to repeat until"],
    );
}

#[test]
fn threads_wait_for_each_other() {
    let text = "process p
process q
thread p.other
p: a = GetCurrentProcessId()
p: sync met
q: sync met
p.other: b = GetCurrentProcessId()
p.other: sync met
p: c = GetCurrentProcessId()
repeat 2 { q: sync again ; p: sync again }
q: d = GetCurrentProcessId()
";
    passes(text);
    for seed in 0..20 {
        let run = run::run_seeded(&script(text), &Arrangement::default(), seed).expect("possible");
        assert_eq!(run.verdict(), Verdict::Passed, "seed {seed}: {:?}", run.failures);
        let order: Vec<&str> = run.rows.iter().filter_map(|row| row.bind.as_deref()).collect();
        let place = |name| order.iter().position(|n| *n == name);
        assert!(place("a") < place("c") && place("b") < place("c") && place("b") < place("d"), "{order:?}");
    }
}

#[test]
fn a_thread_that_is_alone_at_a_sync() {
    fails(
        "process p\nprocess q\np: sync met\np: GetCurrentProcessId()\nq: sync met\n",
        &["4: p still waits at `sync met`", "3: p still waits at `sync met` at the end"],
    );
    refused("process p\np: sync met\n", &["2:9: nobody else has `sync met`"]);
    fails("process p\nprocess q\np: sync met\nkill q\np: GetCurrentProcessId()\nq: sync met\n", &["6: q has ended"]);
}

#[test]
fn callbacks_count_their_runs() {
    passes(
        "process p
process q
condition yes in p { expect callee_id == 127.0.0.1:80 ; return CF_ACCEPT }
callback done in p { expect error == 0 ; SetEvent(e) }
hook impatient in p { return FALSE }
p: e = CreateEvent(manual_reset=TRUE, initial_state=FALSE)
p: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
p: WSPBind(l, 127.0.0.1:80)
p: WSPListen(l, 5)
expect yes.runs == 0
repeat 2 {
    q: c = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    q: WSPConnect(c, 127.0.0.1:80)
    p: WSPAccept(l, yes)
}
expect yes.runs == 2
expect done.runs == 0
q: GetCurrentProcessId()
expect p.yes.runs == 2
",
    );
    refused(
        "process p\ncallback done in p { SetEvnt(1) }\np: GetCurrentProcessId()\n",
        &["2:22: no function is called `SetEvnt` / did you mean `SetEvent`?"],
    );
    refused(
        "process p\ncallback done in p { expect eror == 0 }\np: GetCurrentProcessId()\n",
        &["2:29: `eror` is bound nowhere in process `p`"],
    );
}

#[test]
fn every_element_of_a_list() {
    passes(
        "process p\np: GetCurrentProcessId()\nexpect every([1, 2, 3]) > 0\nexpect every([127.0.0.1:80, 127.0.0.2:80]).port == 80\n",
    );
    fails(
        "process p\np: GetCurrentProcessId()\nexpect every([1, 2, 3]) < 3\nexpect every([127.0.0.1:80, 127.0.0.2:81]).port == 80\n",
        &["3: the expectation does not hold: element 2 is 3", "4: the expectation does not hold: element 1 is 81"],
    );
}

#[test]
fn upcalls_in_the_place_of_a_provider() {
    let text = "process p
p: WPUCreateSocketHandle(context=7) as base => WSAEINVAL by unknown-catalog-entry  # it is not started
p: WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
p: h = WPUCreateSocketHandle(context=7) as base
p: WPUQuerySocketHandleContext(h) as base => 7 from Ws2_32
expect descriptor(h).provider == \"base\"
p: WPUCloseSocketHandle(h) as base
p: WPUQuerySocketHandleContext(h) as base => WSAENOTSOCK by WPUQuerySocketHandleContext.not-created-handle
";
    passes(text);
    let run = run_text(text);
    assert_eq!(run.rows[2].path, ["Ws2_32 WPUCreateSocketHandle"], "below it stands the provider");
    fails(
        "process p\np: WPUCloseSocketHandle(0x10) as base\n",
        &[
            "2: WPUCloseSocketHandle(0x10) as base: expected success, found WSAENOTSOCK (WPUCloseSocketHandle.not-a-created-handle)",
        ],
    );
    refused(
        "process p\np: WPUCreateSocketHandle(context=7) as bse\np: WSPListen(1, 2) as base\n",
        &["3:23: only an upcall (WPU*) is made `as` a provider"],
    );
    refused(
        "process p\np: WPUCreateSocketHandle(context=7) as bse\n",
        &["2:40: no provider is called `bse` / did you mean `base`?"],
    );
}

#[test]
fn names_that_nothing_can_mean() {
    refused(
        "process p\np: GetCurrentProcessId() => WSAENOTSOK\n",
        &["2:29: `WSAENOTSOK` is bound nowhere in process `p` / did you mean `WSAENOTSOCK`?"],
    );
    refused(
        "process p\np: closesocket(5) => WSAENOTSOCK by WSPCloseSocket.error-enotsok\n",
        &[
            "2:37: no clause or decision is called `WSPCloseSocket.error-enotsok` / did you mean `WSPCloseSocket.error-enotsock`?",
        ],
    );
    refused(
        "process p\np: GetCurrentProcessId()\nexpect GetCurrentProcessId() == 5\n",
        &["3:8: `GetCurrentProcessId` cannot be called here: only statements and their arguments make calls"],
    );
    refused(
        "process p\np: GetCurrentProcessId(5, 6)\n",
        &[
            "2:24: GetCurrentProcessId takes 0 arguments by position",
            "2:27: GetCurrentProcessId takes 0 arguments by position",
        ],
    );
    refused(
        "process p\np: GetCurrentProcessId()\nsetup {\n    p: GetCurrentProcessId()\n}\n",
        &["3:1: `setup` stands before all other statements"],
    );
}

/// What worked on a value that has become another socket's.
#[test]
fn a_recycled_handle_is_a_hazard_where_the_call_works() {
    let hazards = |rest: &str| -> Vec<(&'static str, String)> {
        let open = "socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)";
        let run =
            run_text(&format!("process p\nprocess q\np: s = {open}\np: closesocket(s)\np: t = {open} => s\n{rest}\n"));
        assert_eq!(run.verdict(), Verdict::Passed, "{:?}", run.failures);
        run.hazards.iter().map(|(_, hazard)| (hazard.kind.name(), hazard.seen.clone())).collect()
    };
    let seen = |name: &str| {
        let by = "p closed it by closesocket in line 4; p got the value by socket in line 5";
        let what = format!("`{name}`, 0x80, means another socket than when it was bound: {by}");
        vec![("recycled-handle", what)]
    };
    assert_eq!(hazards("p: closesocket(s)"), seen("s"));
    assert_eq!(hazards("p: listen(s, 5) => WSAEINVAL"), []);
    assert_eq!(hazards("p: closesocket(t)"), []);
    assert_eq!(hazards("p: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\np: closesocket(s)"), []);
    assert_eq!(
        hazards("p: DuplicateHandle(GetCurrentProcess(), s, GetCurrentProcess(), 0, FALSE, DUPLICATE_SAME_ACCESS)"),
        seen("s")
    );
    assert_eq!(hazards("p: closesocket(t)\np: closesocket(s) => WSAENOTSOCK"), []);
}

#[test]
fn what_a_condition_returns() {
    let asked = |condition: &str| {
        format!(
            "process a\nprocess b\n{condition}\n\
             a: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\na: WSPBind(l, 127.0.0.1:80)\na: WSPListen(l, 5)\n\
             b: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\nb: WSPConnect(s, 127.0.0.1:80)\n\
             a: WSPAccept(l, c) => any\n"
        )
    };
    passes(&asked("condition c in a { expect callee_data.len == 0 ; return {value=CF_ACCEPT, callee_data=\"\"} }"));
    refused(
        &asked("condition c in a { return {value=CF_ACCEPT, callee=\"x\"} }"),
        &["3:45: a condition returns no `callee`; it returns value, callee_data, group"],
    );
    refused(&asked("callback c in a { return {value=CF_ACCEPT} }"), &["3:26: only a condition returns a structure"]);
    fails(
        &asked("condition c in a { return {value=\"x\"} }"),
        &["9: WSPAccept(l, c): {value=\"x\"} is no answer: `value` and `group` are numbers, `callee_data` is bytes"],
    );
    fails(
        &asked("condition c in a { expect caller_data == \"who?\" ; return CF_ACCEPT }"),
        &["9: WSPAccept(l, c): the expectation in the callback does not hold: it is NULL"],
    );
}
