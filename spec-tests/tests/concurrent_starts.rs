//! Starts and ends of providers while another thread is in WSPStartup: nothing is lost, and nothing stays.

mod common;

use winspi_script::Arrangement;

/// Runs a scenario whose thread `p` stands in WSPStartup where the rest begins, on all five arrangements.
#[track_caller]
fn in_start(rest: &str) {
    let text = format!("process p\nthread p.other\nstep p to WSPStartup\n{rest}");
    let script = common::script(&text);
    for on in Arrangement::five() {
        common::passes(&script, &on);
    }
}

const OPENS: &str = "socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)";

#[test]
fn the_last_cleanup_while_a_provider_starts() {
    in_start(&format!(
        "p.other: WSACleanup()
p: {OPENS} => WSANOTINITIALISED
p: WSAStartup(2.2)
p: s = {OPENS}
p: WSACleanup()
p: WSPCleanup() => WSANOTINITIALISED
p: closesocket(s) => WSANOTINITIALISED
"
    ));
    in_start(&format!(
        "p.other: WSACleanup()
p.other: WSAStartup(2.2)
p: s = {OPENS}
p: closesocket(s)
p: WSACleanup()
p: WSPCleanup() => WSANOTINITIALISED
"
    ));
}

#[test]
fn a_start_that_fails_while_another_goes_on() {
    in_start(&format!(
        "p.other: WSPStartup(0.9) => WSAVERNOTSUPPORTED
p: s = {OPENS}
p: closesocket(s)
p: WSACleanup()
p: WSPCleanup() => WSANOTINITIALISED
"
    ));
}

#[test]
fn a_start_and_an_end_while_another_start_goes_on() {
    in_start(&format!(
        "p.other: WSPStartup(2.2)
p.other: WSPCleanup()
p: s = {OPENS}
p: closesocket(s)
p: WSACleanup()
p: WSPCleanup() => WSANOTINITIALISED
"
    ));
}
