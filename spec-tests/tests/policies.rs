//! Each decision that a world can take more than one way, and what a program sees of it.

mod common;

use winspi_core::policy::{DECLARED, Policy};
use winspi_script::{Arrangement, run};

/// A decision, a value, and the lines that show it.
const SHOWN: &[(&str, &str, &str)] = &[
    ("modify-handle", "same", "a: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => 0x80"),
    ("modify-handle", "changed", "a: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => 0x81"),
    (
        "ephemeral-ports",
        "documented-range",
        "SOCKET\na: WSPBind(s, 127.0.0.1:0)\na: WSPGetSockName(s) => 127.0.0.1:1024",
    ),
    ("ephemeral-ports", "dynamic-range", "SOCKET\na: WSPBind(s, 127.0.0.1:0)\na: WSPGetSockName(s) => 127.0.0.1:49152"),
    (
        "info-redeemed-by-target",
        "target",
        "SOCKET\na: i = WSPDuplicateSocket(s, b)\nc: REDEEM(a.i) => WSAEINVAL by info-redeemed-by-target\nb: t = REDEEM(a.i)",
    ),
    (
        "info-redeemed-by-target",
        "anyone",
        "SOCKET\na: i = WSPDuplicateSocket(s, b)\nc: t = REDEEM(a.i)\nb: REDEEM(a.i) => WSAEINVAL\nexpect socket(c.t).handles == 2",
    ),
    (
        "info-second-use",
        "refuse",
        "SOCKET\na: i = WSPDuplicateSocket(s, b)\nb: t = REDEEM(a.i)\nb: REDEEM(a.i) => WSAEINVAL by WSPDuplicateSocket.reused-info-error",
    ),
    (
        "info-second-use",
        "same-descriptor",
        "SOCKET\na: i = WSPDuplicateSocket(s, b)\nb: t = REDEEM(a.i)\nb: u = REDEEM(a.i) => t\nexpect socket(t).handles == 2",
    ),
    (
        "unclaimed-duplicate",
        "keeps",
        "SOCKET\na: i = WSPDuplicateSocket(s, b)\na: WSPCloseSocket(s)\nb: t = REDEEM(a.i)\nexpect socket(t).handles == 1",
    ),
    (
        "unclaimed-duplicate",
        "does-not-keep",
        "SOCKET\na: i = WSPDuplicateSocket(s, b)\na: WSPCloseSocket(s)\nb: REDEEM(a.i) => WSAEINVAL",
    ),
    (
        "info-without-reserved",
        "fresh",
        "SOCKET\na: i = WSPDuplicateSocket(s, b)\nb: t = REDEEM(a.i with {provider_reserved=0})\nexpect socket(t).handles == 1",
    ),
    (
        "info-without-reserved",
        "refuse",
        "SOCKET\na: i = WSPDuplicateSocket(s, b)\nb: REDEEM(a.i with {provider_reserved=0}) => WSAEINVAL",
    ),
    (
        "time-out-code",
        "connaborted",
        "PAIR\nhold network\nb: WSPSend(t, \"x\")\nlose a.x\nb: WSPSend(t, \"y\") => WSAECONNABORTED by WSPSend.econnaborted",
    ),
    (
        "time-out-code",
        "timedout",
        "PAIR\nhold network\nb: WSPSend(t, \"x\")\nlose a.x\n\
         b: WSPSend(t, \"y\") => WSAETIMEDOUT by WSPSocket.stream-timeout\n\
         b: WSPRecv(t, [buffer(1)]) => WSAETIMEDOUT by WSPSocket.stream-timeout",
    ),
    (
        "unbound-send",
        "enotconn",
        "SOCKET\na: WSPSend(s, \"x\") => WSAENOTCONN by WSPSend.enotconn\n\
         a: WSPRecv(s, [buffer(1)]) => WSAENOTCONN by WSPRecv.enotconn",
    ),
    (
        "unbound-send",
        "einval",
        "SOCKET\na: WSPSend(s, \"x\") => WSAEINVAL by WSPSend.einval-unbound\n\
         a: WSPSendTo(s, \"x\", 0, 127.0.0.1:80) => WSAEINVAL by WSPSendTo.einval-unbound\n\
         a: WSPRecv(s, [buffer(1)]) => WSAEINVAL by WSPRecv.einval-unbound\n\
         a: WSPRecvFrom(s, [buffer(1)]) => WSAEINVAL by WSPRecvFrom.einval-unbound\n\
         a: WSPBind(s, 127.0.0.1:80)\na: WSPSend(s, \"x\") => WSAENOTCONN",
    ),
    ("close-unread", "finish", "PAIR\nb: WSPSend(t, \"x\")\na: WSPCloseSocket(x)\nb: WSPRecv(t, [buffer(4)]) => \"\""),
    (
        "close-unread",
        "reset",
        "PAIR\nb: WSPSend(t, \"x\")\na: WSPCloseSocket(x)\nb: WSPRecv(t, [buffer(4)]) => WSAECONNRESET",
    ),
    ("final-cleanup", "close", "PAIR\na: WSACleanup()\nb: WSPRecv(t, [buffer(4)]) => \"\""),
    ("final-cleanup", "reset", "PAIR\na: WSACleanup()\nb: WSPRecv(t, [buffer(4)]) => WSAECONNRESET"),
    ("wildcard-name", "give", "SOCKET\na: WSPBind(s, 0.0.0.0:80)\na: WSPGetSockName(s) => 0.0.0.0:80"),
    (
        "wildcard-name",
        "refuse",
        "SOCKET\na: WSPBind(s, 0.0.0.0:80)\na: WSPGetSockName(s) => WSAEINVAL by WSPGetSockName.error-einval-any",
    ),
    (
        "close-under-call",
        "notsock",
        "PAIR\na: WSPRecv(x, [buffer(4)]) => blocks\na.two: WSPCloseSocket(x)\na: returns => WSAENOTSOCK by close-under-call",
    ),
    (
        "close-under-call",
        "intr",
        "PAIR\na: WSPRecv(x, [buffer(4)]) => blocks\na.two: WSPCloseSocket(x)\na: returns => WSAEINTR by close-under-call",
    ),
    (
        "overlapped-on-plain",
        "ignore",
        "PAIR\nb: WSPSend(t, \"x\")\na: o = Overlapped()\na: WSPRecv(x, [buffer(4)], overlapped=o) => \"x\"",
    ),
    (
        "overlapped-on-plain",
        "refuse",
        "PAIR\nb: WSPSend(t, \"x\")\na: o = Overlapped()\na: WSPRecv(x, [buffer(4)], overlapped=o) => WSAEINVAL by overlapped-on-plain",
    ),
    (
        "datagram-to-nobody",
        "answered",
        "a: s = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)\na: WSPSendTo(s, \"x\", to=127.0.0.1:9)\na: WSPIoctl(s, FIONBIO, 1)\na: WSPRecvFrom(s, [buffer(4)]) => WSAECONNRESET",
    ),
    (
        "datagram-to-nobody",
        "dropped",
        "a: s = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)\na: WSPSendTo(s, \"x\", to=127.0.0.1:9)\na: WSPIoctl(s, FIONBIO, 1)\na: WSPRecvFrom(s, [buffer(4)]) => WSAEWOULDBLOCK",
    ),
    (
        "close-cancels",
        "closing-process",
        "PENDING\na: WSPCloseSocket(m)\na: WSPGetOverlappedResult(s, o) => WSA_OPERATION_ABORTED",
    ),
    (
        "close-cancels",
        "last-of-process",
        "PENDING\na: WSPCloseSocket(m)\na: WSPGetOverlappedResult(s, o) => WSA_IO_INCOMPLETE\na: WSPCloseSocket(s)\nexpect o.internal == 995",
    ),
    (
        "close-cancels",
        "last-of-all",
        "PENDING\na: WSPCloseSocket(m)\na: WSPCloseSocket(s)\nexpect o.internal == 0x103\nb: WSPCloseSocket(t)\nexpect a.o.internal == 995",
    ),
    (
        "fd-close-after-data",
        "after-data",
        "PAIR\na: e = CreateEvent()\na: WSPEventSelect(x, e, FD_CLOSE)\nb: WSPSend(t, \"x\")\nb: WSPCloseSocket(t)\nexpect event(a.e).signaled == FALSE\na: WSPRecv(x, [buffer(4)]) => \"x\"\na: WSPEnumNetworkEvents(x) => FD_CLOSE",
    ),
    (
        "fd-close-after-data",
        "at-once",
        "PAIR\na: e = CreateEvent()\na: WSPEventSelect(x, e, FD_CLOSE)\nb: WSPSend(t, \"x\")\nb: WSPCloseSocket(t)\na: WSPEnumNetworkEvents(x) => FD_CLOSE\na: WSPRecv(x, [buffer(4)]) => \"x\"",
    ),
    (
        "wildcard-bind",
        "conflicts",
        "SOCKET\na: WSPBind(s, 0.0.0.0:80)\nb: t = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\nb: WSPBind(t, 127.0.0.1:80) => WSAEADDRINUSE",
    ),
    (
        "wildcard-bind",
        "coexists",
        "SOCKET\na: WSPBind(s, 0.0.0.0:80)\nb: t = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\nb: WSPBind(t, 127.0.0.1:80) => ok",
    ),
    (
        "unknown-handle",
        "refuse",
        "SOCKET\na: h = DuplicateHandle(GetCurrentProcess(), s, OpenProcess(0, FALSE, b), 0, FALSE, DUPLICATE_SAME_ACCESS)\nb: listen(a.h, 5) => WSAENOTSOCK by unknown-handle",
    ),
    (
        "unknown-handle",
        "adopt",
        "SOCKET\na: h = DuplicateHandle(GetCurrentProcess(), s, OpenProcess(0, FALSE, b), 0, FALSE, DUPLICATE_SAME_ACCESS)\nb: listen(a.h, 5) => WSAEINVAL by WSPListen.error-einval",
    ),
    (
        "provider-versions",
        "only-22",
        "VERSIONS\na: OF(v10) => WSAEINVALIDPROVIDER\na: OF(v11) => WSAEINVALIDPROVIDER\na: OF(v20) => WSAEINVALIDPROVIDER\na: OF(v22) => ok",
    ),
    (
        "provider-versions",
        "only-10",
        "VERSIONS\na: OF(v10) => ok\na: OF(v11) => WSAEPROVIDERFAILEDINIT\na: OF(v20) => WSAEPROVIDERFAILEDINIT\na: OF(v22) => WSAEPROVIDERFAILEDINIT",
    ),
    (
        "provider-versions",
        "only-11",
        "VERSIONS\na: OF(v10) => WSAEINVALIDPROVIDER\na: OF(v11) => ok\na: OF(v20) => WSAEPROVIDERFAILEDINIT\na: OF(v22) => WSAEPROVIDERFAILEDINIT",
    ),
    (
        "provider-versions",
        "up-to-11",
        "VERSIONS\na: OF(v10) => ok\na: OF(v11) => ok\na: OF(v20) => WSAEPROVIDERFAILEDINIT\na: OF(v22) => WSAEPROVIDERFAILEDINIT",
    ),
    (
        "provider-versions",
        "up-to-20",
        "VERSIONS\na: OF(v10) => ok\na: OF(v11) => ok\na: OF(v20) => ok\na: OF(v22) => WSAEPROVIDERFAILEDINIT",
    ),
    (
        "provider-versions",
        "up-to-22",
        "VERSIONS\na: OF(v10) => ok\na: OF(v11) => ok\na: OF(v20) => ok\na: OF(v22) => ok",
    ),
];

/// Providers of four versions, and the infos by which sockets of theirs are made.
fn versions() -> String {
    let all = [("v10", "1.0"), ("v11", "1.1"), ("v20", "2.0"), ("v22", "2.2")];
    let layers = all.map(|(name, version)| {
        format!("layer l{name} (non-ifs, versions={version}, info={{protocol_name=\"{name}\"}}) over tcp\n")
    });
    let infos = all.map(|(name, _)| format!("\na: {name} = Buffer(where(entries, protocol_name=\"{name}\")[0])"));
    format!("{}a: entries = WSCEnumProtocols(){}", layers.concat(), infos.concat())
}

/// The opening words of a row, written out.
fn scenario(row: &str) -> String {
    const SOCKET: &str = "a: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)";
    let pair = format!(
        "{SOCKET}\na: WSPBind(s, 127.0.0.1:80)\na: WSPListen(s, 5)\n\
         b: t = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\nb: WSPConnect(t, 127.0.0.1:80)\na: x = WSPAccept(s)"
    );
    let pending = "a: s = WSPSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP, flags=WSA_FLAG_OVERLAPPED)\na: WSPBind(s, 127.0.0.1:80)\n\
         a: i = WSPDuplicateSocket(s, a)\na: m = REDEEM(i)\na: j = WSPDuplicateSocket(s, b)\nb: t = REDEEM(a.j)\n\
         a: o = Overlapped()\na: d = Buffer(4)\na: WSPRecvFrom(s, [d], overlapped=o) => pending";
    let redeem = "WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, ";
    let text = row
        .replace("SOCKET\n", &format!("{SOCKET}\n"))
        .replace("PAIR", &pair)
        .replace("PENDING", pending)
        .replace("REDEEM(", redeem);
    let of = "WSASocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, ";
    let text = text.replace("VERSIONS", &versions()).replace("OF(", of);
    format!("process a\nprocess b\nprocess c\nthread a.two\n{text}\n")
}

#[test]
fn every_value_of_every_decision_shows() {
    for (decision, value, row) in SHOWN {
        let script = common::script(&scenario(row));
        for ifs in [true, false] {
            // They are about handles of the system.
            if ["modify-handle", "unknown-handle", "close-cancels"].contains(decision) && !ifs {
                continue;
            }
            let mut policy = Policy::default();
            policy.decide(decision, value).expect("the table has it");
            let run = run::run(&script, &Arrangement { ifs, policy, ..Arrangement::default() }).expect("it runs");
            assert!(run.passed, "{decision}={value}, IFS {ifs}: {:#?}", run.failures);
        }
    }
}

#[test]
fn what_shows_one_value_does_not_hold_under_another() {
    for (decision, value, row) in SHOWN {
        let script = common::script(&scenario(row));
        let declared = DECLARED.iter().find(|d| d.id == *decision).expect("it is declared");
        for (other, _) in declared.values.iter().filter(|(name, _)| name != value) {
            let mut policy = Policy::default();
            policy.decide(decision, other).expect("the table has it");
            let run = run::run(&script, &Arrangement { policy, ..Arrangement::default() }).expect("it runs");
            assert!(!run.passed, "{decision}={value} also holds with {other}");
        }
    }
}

#[test]
fn every_choice_but_the_race_has_its_rows() {
    // What Ws2_32 takes out of its table shows in a race only: see crates/winspi-explore/tests/races.rs.
    let elsewhere = ["descriptor-removal"];
    for declared in DECLARED.iter().filter(|d| !elsewhere.contains(&d.id)) {
        for (value, _) in declared.values {
            let row = SHOWN.iter().any(|(decision, shown, _)| *decision == declared.id && shown == value);
            assert!(row, "{}={value} has no row", declared.id);
        }
    }
}

#[test]
fn a_profile_differs_from_the_documents_where_it_says_so() {
    let documented = Policy::default();
    for name in ["windows", "wine", "reactos"] {
        let profile = Policy::profile(name).expect("there is one");
        let differs = |id: &str| profile.chosen(id) != documented.chosen(id);
        let others: Vec<_> = DECLARED.iter().filter(|d| differs(d.id)).collect();
        assert!(!others.is_empty(), "{name} is nothing but the documents");
        for declared in others {
            let value = profile.chosen(declared.id);
            let rows = SHOWN.iter().filter(|(id, shown, _)| *id == declared.id && Some(*shown) == value);
            let rows: Vec<_> = rows.collect();
            assert!(!rows.is_empty(), "{name}: {} has no row", declared.id);
            for (id, value, row) in rows {
                let script = common::script(&scenario(row));
                let passes = |policy: &Policy| {
                    let on = Arrangement { policy: policy.clone(), ..Arrangement::default() };
                    run::run(&script, &on).expect("it runs").passed
                };
                assert!(passes(&profile), "{name}: {id}={value} does not show");
                assert!(!passes(&documented), "{name}: {id}={value} shows in the documents, too");
            }
        }
    }
}
