//! The world around: the network and the bus by hand, single steps of threads, time, faults.

mod common;

use common::{CONNECTED, fails, passes, refused, run_on, run_text};
use winspi_script::Arrangement;
use winspi_script::report::Verdict;

const BUS: &str = "process a\nprocess b\nhold bus\na: BusSend(b, \"one\")\na: BusSend(b, \"two\")\n";

#[test]
fn messages_of_the_bus_by_hand() {
    for (statements, received) in [
        ("deliver bus a -> b\n", vec!["one"]),
        ("deliver bus a -> b message 2\ndeliver bus a -> b\n", vec!["two", "one"]),
        ("lose bus a -> b\nrelease bus\n", vec!["two"]),
        ("duplicate bus a -> b\nrelease bus\n", vec!["one", "one", "two"]),
        ("duplicate bus a -> b message 2\nrelease bus\n", vec!["one", "two", "two"]),
        ("damage bus a -> b message 2 byte 1\nrelease bus\n", vec!["one", "t\\x88o"]),
    ] {
        let receives: String = received.iter().map(|text| format!("b: BusReceive() => \"{text}\"\n")).collect();
        passes(&format!("{BUS}{statements}{receives}b: BusReceive() => blocks for ever\n"));
    }
}

#[test]
fn messages_that_are_not_there() {
    fails(
        &format!(
            "{BUS}deliver bus b -> a\nlose bus a -> b message 3\ndamage bus a -> b byte 3\ndeliver bus a -> b message 0\n"
        ),
        &[
            "6: no such message from b to a is on its way",
            "7: no such message from a to b is on its way",
            "8: the message from process 1000 to process 1004 has 3 bytes, and no byte 3",
            "9: no such message from a to b is on its way",
        ],
    );
    refused("process a\nlose bus a -> c\n", &["2:15: no process is called `c` / did you mean `a`?"]);
}

#[test]
fn segments_by_hand() {
    passes(&format!(
        "{CONNECTED}hold network
client: send(c, \"one\")
client: send(c, \"two\")
server: recv(a, buffer(8)) => blocks
deliver server.a
server: returns => \"one\"
server: recv(a, buffer(8)) => blocks
release network
server: returns => \"two\"
"
    ));
}

#[test]
fn a_request_that_is_delivered_or_lost() {
    let connecting = "process server
process client
setup {
    server: l = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    server: bind(l, 0.0.0.0:80)
    server: listen(l, 5)
    client: c = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
}
hold network
client: connect(c, 127.0.0.1:80) => blocks
";
    passes(&format!("{connecting}deliver server.l\ndeliver client.c\nclient: returns => ok\n"));
    passes(&format!("{connecting}lose server.l\nclient: returns => WSAETIMEDOUT\n"));
    passes(&format!("{connecting}deliver server.l\nlose client.c\nclient: returns => WSAETIMEDOUT\n"));
    fails(
        &format!("{connecting}deliver client.c\nclient: returns => ok\n"),
        &["11: nothing is on its way to `client.c`", "12: client is still blocked in line 10"],
    );
}

#[test]
fn data_that_is_lost_ends_the_connection() {
    passes(&format!(
        "{CONNECTED}hold network
client: send(c, \"one\")
lose server.a
client: send(c, \"two\") => WSAECONNABORTED
release network
server: recv(a, buffer(8)) => WSAECONNRESET
"
    ));
    refused(
        &format!("{CONNECTED}lose server.b\n"),
        &["11:13: nothing in process `server` is called `b` / did you mean `a`?"],
    );
}

#[test]
fn a_thread_goes_on_by_hand() {
    let text = "process p
thread p.other
p: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
step p to WPUModifyIFSHandle
p.other: t = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => 0x14
p: u = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => 0x10
step p
p: WSPCloseSocket(u)
p: WSPCloseSocket(s)
";
    let run = run_text(text);
    let handles: Vec<_> = run.rows.iter().filter_map(|row| Some((row.bind.clone()?, row.n))).collect();
    assert_eq!(handles.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["s", "u", "t"], "u began before t");
}

#[test]
fn steps_that_do_not_come_to_it() {
    fails(
        "process p\nstep p to WSPBind\np: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\nstep p\n",
        &["2: p has come to the end of its call, and not to WSPBind", "4: p has nothing more to do"],
    );
    fails(
        "process p\nstep p to WSPBind\np: BusReceive() => blocks for ever\n",
        &["2: p waits and does not come to WSPBind"],
    );
    refused("process p\nstep p to WSPBnd\n", &["2:11: no function is called `WSPBnd` / did you mean `WSPBind`?"]);
}

#[test]
fn time_passes_by_hand() {
    passes(
        "process p
p: e = CreateEvent(manual_reset=TRUE, initial_state=FALSE)
p: WaitForSingleObject(e, 500ms) => blocks
advance 499ms
expect running(p)
advance 1ms
p: returns => WAIT_TIMEOUT
",
    );
}

const TWO: &str = "process p\nprocess q\n";

#[test]
fn faults_refuse_by_their_clauses() {
    for (fault, line) in [
        ("network_down", "p: WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => WSAENETDOWN by WSPSocket.error-enetdown"),
        ("network_down", "p: socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => WSAENETDOWN by WSPSocket.error-enetdown"),
        ("buffers", "p: WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => WSAENOBUFS by WSPSocket.error-enobufs"),
        ("buffers(p)", "p: WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => WSAENOBUFS by WSPSocket.error-enobufs"),
        ("buffers(q)", "p: WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)"),
        ("memory", "p: CreateEvent(manual_reset=TRUE, initial_state=FALSE) => ERROR_NOT_ENOUGH_MEMORY by no-memory"),
        ("subsystem_not_ready", "p: WSPStartup(2.2) => WSASYSNOTREADY by WSPStartup.error-sysnotready"),
        (
            "subsystem_not_ready",
            "p: socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => WSAEPROVIDERFAILEDINIT by WSPStartup.dll-init-failure",
        ),
        ("tasks", "p: WSPStartup(2.2) => WSAEPROCLIM by WSPStartup.error-eproclim"),
        (
            "startup(tcp, WSAVERNOTSUPPORTED)",
            "p: WSPStartup(2.2) => WSAVERNOTSUPPORTED by WSPStartup.error-vernotsupported",
        ),
        (
            "provider_missing(tcp)",
            "p: socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => WSAEPROVIDERFAILEDINIT by WSPStartup.dll-init-failure",
        ),
        ("threads", "p: WSPStartup(2.2)"),
        ("access_denied(q)", "p: OpenProcess(process_id=q) => ERROR_ACCESS_DENIED by access-denied"),
        (
            "descriptors(p, limit=0)",
            "p: WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => WSAEMFILE by WSPSocket.error-emfile",
        ),
    ] {
        passes(&format!("{TWO}fault {fault}\n{line}\n"));
        let without = line.split(" => ").next().unwrap_or(line);
        passes(&format!("{TWO}fault {fault}\nclear faults\n{without}\n"));
    }
}

#[test]
fn a_limit_of_descriptors() {
    passes(
        "process p
process q
fault descriptors(p, limit=2)
p: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
p: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
p: WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => WSAEMFILE
p: WSPBind(l, 127.0.0.1:80)
p: WSPListen(l, 5) => WSAEMFILE by WSPListen.error-emfile
clear faults
p: WSPListen(l, 5)
fault descriptors(p, limit=2)
p: WSPListen(l, 7)
q: c = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
q: WSPConnect(c, 127.0.0.1:80)
p: WSPAccept(l) => WSAEMFILE by WSPAccept.error-emfile
q: WSPDuplicateSocket(c, p) => WSAEMFILE by WSPDuplicateSocket.error-emfile
p: WSPCloseSocket(s)
p: WSPAccept(l)
",
    );
    let layered = Arrangement { layers: vec![false], ..Arrangement::default() };
    let run = run_on(
        "process p\nfault startup(layer1, WSASYSNOTREADY)\np: WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => WSAEPROVIDERFAILEDINIT by WSPStartup.dll-init-failure\n",
        &layered,
    );
    assert_eq!(run.verdict(), Verdict::Passed, "{:?}", run.failures);
}

#[test]
fn a_provider_that_cannot_make_a_thread() {
    const SOCKET: &str = "p: s = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP, flags=WSA_FLAG_OVERLAPPED)
p: WSPBind(s, 127.0.0.1:80)
p: e = CreateEvent(manual_reset=TRUE, initial_state=FALSE)
p: o = Overlapped(event=e)
";
    let non_ifs = Arrangement { ifs: false, ..Arrangement::default() };
    let layered = Arrangement { layers: vec![false], ..Arrangement::default() };
    let refused = "WSAEOPNOTSUPP by WSPStartup.service-thread-failure";
    for (arrangement, fault, events, receive) in [
        (&Arrangement::default(), "threads", "ok", "pending"),
        (&non_ifs, "threads", refused, refused),
        (&non_ifs, "threads(p)", refused, refused),
        (&non_ifs, "threads(q)", "ok", "pending"),
        (&layered, "threads", "ok", refused),
    ] {
        let text = format!(
            "{TWO}{SOCKET}fault {fault}\np: WSPEventSelect(s, e, FD_READ) => {events}\n\
             p: WSPRecv(s, [buffer(4)], overlapped=o) => {receive}\np: WSPEventSelect(s, 0, 0)\n"
        );
        let run = run_on(&text, arrangement);
        assert_eq!(run.verdict(), Verdict::Passed, "{fault} on {}: {:?}", arrangement.name(), run.failures);
    }
}

#[test]
fn faults_are_checked() {
    for (fault, expected) in [
        ("netwrk_down", "2:7: no fault is called `netwrk_down` / did you mean `network_down`?"),
        ("descriptors(p)", "2:7: `descriptors` needs `limit`"),
        ("descriptors(limit=5)", "2:7: `descriptors` takes a process"),
        ("descriptors(x, limit=5)", "2:19: no process is called `x` / did you mean `p`?"),
        ("network_down(p)", "2:20: `network_down` does not take `p`"),
        ("startup(tp, 5)", "2:15: no provider is called `tp` / did you mean `tcp`?"),
        ("pid_reuse(4711)", "2:17: `4711` is no name"),
        ("pid_reuse", "2:7: `pid_reuse` takes a process"),
        ("pid_reuse(q)", "2:17: no process is called `q` / did you mean `p`?"),
    ] {
        refused(&format!("process p\nfault {fault}\np: GetCurrentProcessId()\n"), &[expected]);
    }
    fails("process p\nfault descriptors(p, limit=-1)\np: GetCurrentProcessId()\n", &["2: a limit is 0 or more"]);
}

const FAMILY: &str = "process p\nprocess q\nprocess child (created=yes)\nprocess other (created=yes)\n";

#[test]
fn an_identifier_is_given_to_another_process_once() {
    passes(&format!(
        "{FAMILY}kill q
fault pid_reuse(q)
p: c = CreateProcess(child) => {{process_id=q}}
child: GetCurrentProcessId() => q
p: CreateProcess(other) => {{process_id=1012}}
p: OpenProcess(0, FALSE, 1008) => ERROR_INVALID_PARAMETER
p: BusSend(q, \"for who has the number\")
child: BusReceive(p) => \"for who has the number\"
child: BusSend(p, \"from him\")
p: BusReceive(child) => {{sender=1004}}
p: TerminateProcess(c.process, 0)
expect running(child) == FALSE
"
    ));
}

#[test]
fn an_identifier_in_use_is_not_given_away() {
    let in_use = |name: &str| {
        format!("the identifier of process `{name}` is in use: `pid_reuse` takes that of one that has ended")
    };
    fails(&format!("{FAMILY}fault pid_reuse(q)\n"), &[&format!("5: {}", in_use("q"))]);
    fails(&format!("{FAMILY}fault pid_reuse(child)\n"), &[&format!("5: {}", in_use("child"))]);
    fails(
        &format!("{FAMILY}kill q\nfault pid_reuse(q)\np: CreateProcess(child)\nfault pid_reuse(q)\n"),
        &[&format!("8: {}", in_use("q"))],
    );
    passes(&format!(
        "{FAMILY}kill q\nfault pid_reuse(q)\nclear faults\np: CreateProcess(child) => {{process_id=1008}}\n"
    ));
}

#[test]
fn datagrams_by_hand() {
    let text = "process p
process q
p: a = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)
p: bind(a, 127.0.0.1:53)
q: b = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)
hold network
q: sendto(b, \"one\", 0, 127.0.0.1:53)
q: sendto(b, \"two\", 0, 127.0.0.1:53)
lose p.a
deliver p.a
p: recvfrom(a, buffer(8)) => \"two\"
";
    passes(text);
    fails(&format!("{text}deliver p.a\n"), &["12: nothing is on its way to `p.a`"]);
}
