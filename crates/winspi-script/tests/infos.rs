//! Protocol infos: what a layer is declared with, lists of them, their fields.

mod common;

use common::{passes, read, refused, run_on};
use winspi_script::Arrangement;
use winspi_script::run::run;

#[test]
fn a_layer_is_what_it_is_declared_to_be() {
    passes(
        "process p
layer old (non-ifs, versions=[1.0, 1.1], description=\"an old layer\", info={version=7, service_flags1=XP1_CONNECTIONLESS | XP1_QOS_SUPPORTED, provider_id=guid \"d1a7c5e0-5b0e-4c55-9a3b-3f2f2c1f7a10\", szProtocol=\"old\"}) over udp
p: entries = WSCEnumProtocols()
p: info = Buffer(where(entries, protocol_name=\"old\", address_family=AF_INET6)[0])
p: WSPStartup(2.2, info) => {version=1.1, high_version=1.1, description=\"an old layer\"}
expect where(entries, version=7)[0].service_flags1 == XP1_CONNECTIONLESS | XP1_QOS_SUPPORTED
expect where(entries, version=7)[0].protocol_chain.chain_len == 2
expect where(entries, version=7)[0].protocol_chain.chain_entries[2] == 0
expect where(entries, provider_id=guid \"d1a7c5e0-5b0e-4c55-9a3b-3f2f2c1f7a10\") == where(entries, version=7)
",
    );
}

#[test]
fn ifs_handles_are_what_the_layer_gives_out() {
    let text = "process p
layer top (ifs, info={service_flags1=0}) over tcp
p: entries = WSCEnumProtocols([IPPROTO_TCP])
expect entries[0].service_flags1 == XP1_IFS_HANDLES
";
    let run = run_on(text, &Arrangement::default());
    assert!(run.passed, "{:?}", run.failures);
}

#[test]
fn options_of_a_layer_are_checked() {
    for (options, expected) in [
        ("versions=[1.1, 1.0]", "2:24: `versions` is one like 2.2, or the lowest and highest: [1.0, 1.1]"),
        ("versions=2", "2:24: `versions` is one like 2.2, or the lowest and highest: [1.0, 1.1]"),
        ("versions", "2:15: `versions` needs a value"),
        ("version=2.2", "2:15: a layer has no option `version` / did you mean `versions`?"),
        ("description=7", "2:27: a description is a text"),
        ("info=7", "2:20: `info` is members of a protocol info: {version=2}"),
        ("info={vresion=2}", "2:21: a protocol info has no member `vresion` / did you mean `version`?"),
        ("info={version=p}", "2:29: a member is a number, a constant, a text or a GUID"),
    ] {
        refused(&format!("process p\nlayer a (ifs, {options}) over tcp\n"), &[expected]);
    }
}

#[test]
fn what_a_layer_cannot_have_is_told_when_it_is_installed() {
    let long = format!("description=\"{}\"", "x".repeat(256));
    for (options, expected) in [
        ("info={catalog_entry_id=7}", "`catalog_entry_id` is given by Ws2_32, nobody else sets it"),
        ("info={version=0x100000000}", "4294967296 does not fit into the 32 bits of field `version`"),
        ("info={version=\"x\"}", "field `version` is no text"),
        (
            "description=\"a\\nb\"",
            "a description has no control or formatting characters (WSPDATA.szdescription-characters)",
        ),
        (&long, "a description has at most 255 UTF-16 units, not 256"),
    ] {
        let script = read(&format!("process p\nlayer a (ifs, {options}) over tcp\n")).expect(options);
        let error = run(&script, &Arrangement::default()).expect_err(options);
        assert_eq!((error.to_string().as_str(), error.span.map(|span| span.line)), (expected, Some(2)));
    }
}

#[test]
fn where_takes_a_list_and_fields() {
    for (test, expected) in [
        ("where(entries, iProtocol=IPPROTO_TCP, chain_len=1)[1].address_family == AF_INET6", None),
        ("where(entries, protocol=99) == []", None),
        ("where([1, 2], chain_len=1) == []", Some("a number has no field `chain_len`")),
        ("where(entries, colour=1) == []", Some("a protocol info has no field `colour`")),
        ("where(entries, 7) == []", Some("`where` takes a list, then FIELD=VALUE")),
        ("where(7, protocol=1) == []", Some("`where` takes a list, then FIELD=VALUE")),
        ("where(entries, protocol=99)[0].protocol == 0", Some("the list has 0 elements")),
    ] {
        let run = common::run_text(&format!("process p\np: entries = WSCEnumProtocols()\nexpect {test}\n"));
        assert_eq!(run.failures.first().map(|failure| failure.message.as_str()), expected, "{test}");
    }
}

#[test]
fn functions_that_return_their_code() {
    passes(
        "process p (started=no)
p: WSAStartup(0.9) => {value=WSAVERNOTSUPPORTED, error=WSAVERNOTSUPPORTED}
p: WSAStartup(2.2) => {value=0, error=0}
p: code = WSPStartup(0.9) => WSAVERNOTSUPPORTED
expect code == WSAVERNOTSUPPORTED
p: bind(0x7fc, 127.0.0.1:80) => {value=SOCKET_ERROR, error=WSAENOTSOCK}
",
    );
}
