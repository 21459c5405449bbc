//! Blocking hooks: who may have one, when it is called, what it may do, and what a cancelled call leaves behind.

mod common;

use common::table;

/// A program of version 1 with a connection, and hooks: one that looks on, one that cancels by either name.
const OLD: &str = "process server
process old (started=no)
thread old.two
hook patient in old { return TRUE }
hook idle in old { return FALSE }
hook impatient in old { WSPCancelBlockingCall() ; return FALSE }
hook polite in old { WSAIsBlocking() => 1 ; WSACancelBlockingCall() ; return FALSE }
hook busy in old { WSASocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => WSAEINPROGRESS by BlockingHook.nested-call-einprogress ; return TRUE }
setup {
    server: l = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    server: bind(l, 127.0.0.1:80)
    server: listen(l, 5)
    old: WSAStartup(1.1)
    old: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    old: connect(s, 127.0.0.1:80)
    server: a = accept(l)
}
";

#[test]
fn only_programs_of_version_1_have_hooks() {
    table(
        "process new\nhook h in new { return TRUE }",
        "
        new: WSASetBlockingHook(h) => WSAEOPNOTSUPP by BlockingHook.not-for-2-wsasetblockinghook
        new: WSAUnhookBlockingHook() => WSAEOPNOTSUPP by BlockingHook.not-for-2-wsaunhookblockinghook
        new: WSAIsBlocking() => WSAEOPNOTSUPP by BlockingHook.not-for-2-wsaisblocking
        new: WSACancelBlockingCall() => WSAEOPNOTSUPP by BlockingHook.not-for-2-wsacancelblockingcall
        new: WSPCancelBlockingCall() => WSAEINVAL by WSPCancelBlockingCall.error-einval
        new: WSAStartup(1.1)
          new: WSASetBlockingHook(h) => NULL
          new: WSASetBlockingHook(h) => h
        new: WSAStartup(1.1)
          new: WSASetBlockingHook(NULL) => WSAEFAULT
          new: WSACleanup()
          new: WSACleanup()
          new: WSAStartup(2.2)
          new: WSAIsBlocking() => WSAEOPNOTSUPP
        ",
    );
}

#[test]
fn a_hook_is_called_where_a_call_has_to_wait() {
    table(
        OLD,
        "
        old: WSASetBlockingHook(patient)
          old: recv(s, buffer(4)) => blocks
          expect patient.runs == 1
          server: send(a, \"x\")
          old: returns => \"x\"
        old: WSASetBlockingHook(idle)
          old: recv(s, buffer(4)) => blocks
          expect idle.runs == 1
          server: send(a, \"x\")
          old: returns => \"x\"
        old: WSASetBlockingHook(patient)
          server: send(a, \"x\")
          old: recv(s, buffer(4)) => \"x\"
          expect patient.runs == 0
        old: WSASetBlockingHook(patient)
          old: ioctlsocket(s, FIONBIO, 1)
          old: recv(s, buffer(4)) => WSAEWOULDBLOCK
          expect patient.runs == 0
        old: WSASetBlockingHook(patient)
          old: getsockname(s)
          expect patient.runs == 0
        old: WSASetBlockingHook(patient)
          old: WSAUnhookBlockingHook()
          old: recv(s, buffer(4)) => blocks for ever
          expect patient.runs == 0
        old: WSASetBlockingHook(patient)
          old.two: recv(s, buffer(4)) => blocks for ever
          expect patient.runs == 0
        old: WSASetBlockingHook(busy)
          old: recv(s, buffer(4)) => blocks
          server: send(a, \"x\")
          old: returns => \"x\"
        ",
    );
}

#[test]
fn a_hook_cancels_the_call_of_its_thread() {
    table(
        OLD,
        "
        old: WSASetBlockingHook(impatient)
          old: recv(s, buffer(4)) => WSAEINTR by WSPCancelBlockingCall.original-eintr
          server: send(a, \"x\")
          old: recv(s, buffer(4)) => \"x\"
          old: closesocket(s)
        old: WSASetBlockingHook(polite)
          old: recv(s, buffer(4)) => WSAEINTR by WSPCancelBlockingCall.original-eintr
          old: WSAIsBlocking() => 0
        old: m = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
          old: bind(m, 127.0.0.1:90)
          old: listen(m, 5)
          old: WSASetBlockingHook(impatient)
          old: accept(m) => WSAEINTR
          server: c = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
          server: connect(c, 127.0.0.1:90)
          old: accept(m) => ok
        old: WSASetBlockingHook(impatient)
          hold network
          old: c = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
          old: connect(c, 127.0.0.1:80) => WSAEINTR
          expect socket(c).state == \"connecting\"
          expect socket(c).references == 1
        old: WSASetBlockingHook(impatient)
          fault network_down
          old: WSPCancelBlockingCall() => WSAENETDOWN by WSPCancelBlockingCall.error-enetdown
        ",
    );
}

#[test]
fn the_upcall_gives_the_hook_of_the_thread() {
    table(
        OLD,
        "
        old: WPUQueryBlockingCallback(1001) as base => {callback=NULL}
        old: WSASetBlockingHook(patient)
          old: WPUQueryBlockingCallback(1001) as base => {callback=patient, context=1001}
          old.two: WPUQueryBlockingCallback(1001) as base => {callback=NULL}
        old: WPUQueryBlockingCallback(4711) as base => WSAEINVAL by WPUQueryBlockingCallback.invalid-catalog-id
        old: WPUQueryBlockingCallback(1001, callback=bad) as base => WSAEFAULT by WPUQueryBlockingCallback.bad-callback-pointer
        old: WPUQueryBlockingCallback(1001, context=bad) as base => WSAEFAULT by WPUQueryBlockingCallback.bad-context-pointer
        ",
    );
}
