//! What a process can be declared with.

mod common;

use common::{passes, refused};

#[test]
fn an_environment_is_that_of_the_process_and_its_children() {
    for (environment, outcome) in [
        ("{SystemRoot=\"C:\\\\Windows\"}", "ok"),
        ("{systemroot=\"\"}", "ok"),
        ("{PATH=\"x\"}", "WSAEPROVIDERFAILEDINIT by WSPStartup.dll-init-failure"),
        ("{}", "WSAEPROVIDERFAILEDINIT by WSPStartup.dll-init-failure"),
    ] {
        let opens = format!("WSASocket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => {outcome}");
        passes(&format!(
            "process p (environment={environment})\nprocess child (created=yes)\np: {opens}\np: CreateProcess(child)\nchild: {opens}\n"
        ));
    }
}

#[test]
fn raw_sockets_are_for_administrators() {
    let raw = "s = WSASocket(AF_INET, SOCK_RAW, 253)";
    passes(&format!("process p\nprocess q (administrator=yes)\np: {raw}\nq: {raw}\n"));
    passes(&format!("process p (administrator=no)\np: {raw} => WSAEACCES by raw-sockets\n"));
    // What is shared was made by somebody who may.
    passes(&format!(
        "process p\nprocess q (administrator=no)\np: {raw}\np: i = WSADuplicateSocket(s, q)\n\
         q: t = WSASocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, p.i)\n"
    ));
}

#[test]
fn options_that_cannot_be() {
    for (options, expected) in [
        ("bits=32", "1:12: 32-bit processes are not modelled: nothing here depends on it"),
        ("bits=16", "1:12: `bits` takes 64 or 32"),
        ("category=5", "1:12: the categories of programs are not modelled"),
        ("administrator=5", "1:12: `administrator` takes yes or no"),
        ("environment=yes", "1:12: `environment` takes variables: `{NAME=\"value\"}`"),
        ("environment={A=5}", "1:12: `environment` takes variables: `{NAME=\"value\"}`"),
        ("created=yes, environment={}", "1:9: the CreateProcess that starts `p` gives its environment"),
        ("bit=64", "1:12: a process has no option `bit` / did you mean `bits`?"),
    ] {
        refused(&format!("process p ({options})\np: GetCurrentProcessId()\n"), &[expected]);
    }
    passes("process p (bits=64)\np: GetCurrentProcessId()\n");
}
