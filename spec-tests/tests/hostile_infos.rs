//! Any 628 bytes as the info of WSPSocket and WSASocket: a socket, or a code of their pages; on ten arrangements.

mod common;

use proptest::prelude::*;
use winspi_core::Value;
use winspi_core::outcome::Refusal;
use winspi_script::{Arrangement, run};
use winspi_types::{ErrorCode, FIELDS, FieldValue, RawProtocolInfoW};

/// A shared socket, and infos of it for another process: one is used, one waits.
const PRELUDE: &str = "process source
process target
source: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
source: used = WSPDuplicateSocket(s, target)
target: WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, source.used)
source: waits = WSPDuplicateSocket(s, target)
";

/// What the pages of WSPSocket, WSASocket and WSPDuplicateSocket have for an info.
const CODES: [ErrorCode; 7] = [
    ErrorCode::WSAEINVAL,
    ErrorCode::WSAEAFNOSUPPORT,
    ErrorCode::WSAEPROTONOSUPPORT,
    ErrorCode::WSAEPROTOTYPE,
    ErrorCode::WSAESOCKTNOSUPPORT,
    ErrorCode::WSAEMFILE,
    ErrorCode::WSAENOBUFS,
];

fn arrangements() -> impl Iterator<Item = Arrangement> {
    let five = Arrangement::five().into_iter();
    five.flat_map(|on| [false, true].map(|modify_handles| Arrangement { modify_handles, ..on.clone() }))
}

/// The info that a line of the prelude has given.
fn info(on: &Arrangement, name: &str) -> Vec<u8> {
    let run = common::passes(&common::script(PRELUDE), on);
    let row = run.rows.iter().find(|row| row.bind.as_deref() == Some(name)).expect("the prelude binds it");
    let out = row.outcome.as_ref().and_then(|outcome| outcome.result.as_ref().ok()).expect("it succeeds");
    match out.primary() {
        Value::Info(info) => info.as_bytes().to_vec(),
        other => panic!("an info is expected, this is {other}"),
    }
}

/// Uses each info by both names in a fresh system, looks at what comes back, and counts sockets and refusals.
fn use_infos(on: &Arrangement, infos: &[Vec<u8>]) -> Result<[usize; 2], TestCaseError> {
    let mut met = [0; 2];
    for info in infos {
        let text: String = info.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        let lines: String = ["WSPSocket", "WSASocket"]
            .iter()
            .map(|function| {
                format!("target: {function}(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, \"{text}\") => any\n")
            })
            .collect();
        let run = run::run(&common::script(&format!("{PRELUDE}{lines}")), on).expect("it is possible");
        prop_assert!(run.passed, "on {}: {:?} {:?} {:?}", on.name(), run.failures, run.breaches, run.leaks);
        for row in run.rows.iter().rev().take(2) {
            match row.outcome.as_ref().map(|outcome| &outcome.result) {
                Some(Ok(_)) => met[0] += 1,
                Some(Err(Refusal::Code { code, .. })) if CODES.contains(code) => met[1] += 1,
                other => prop_assert!(false, "on {}, {} gives {other:?}", on.name(), row.call),
            }
        }
    }
    Ok(met)
}

/// Bytes of an info with some of them changed: the members before the name mostly.
fn changed(mut bytes: Vec<u8>, changes: &[(usize, u8)]) -> Vec<u8> {
    for (place, value) in changes {
        let place = if place % 5 == 0 { place % bytes.len() } else { place % 116 };
        bytes[place] = *value;
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 628)) {
        for on in arrangements() {
            use_infos(&on, std::slice::from_ref(&bytes))?;
        }
    }

    #[test]
    fn a_changed_info(
        changes in proptest::collection::vec((0..628usize * 5, prop_oneof![Just(0), Just(0xff), any::<u8>()]), 1..4),
        used: bool,
    ) {
        for on in arrangements() {
            use_infos(&on, &[changed(info(&on, if used { "used" } else { "waits" }), &changes)])?;
        }
    }
}

/// Each member that a provider or Ws2_32 looks at, with numbers at the edges.
#[test]
fn every_member_at_its_edges() {
    for on in arrangements() {
        let valid = info(&on, "waits");
        let mut infos = Vec::new();
        for field in FIELDS.iter() {
            for value in [0, 1, -1, i64::from(i32::MAX), i64::from(i32::MIN), 1001, 1006] {
                let mut raw = RawProtocolInfoW::from_slice(&valid).expect("628 bytes");
                if raw.set(field.name, &FieldValue::Number(value)).is_ok() {
                    infos.push(raw.as_bytes().to_vec());
                }
            }
        }
        assert!(infos.len() > 50, "{}", infos.len());
        let met = use_infos(&on, &infos).expect("documented");
        assert!(met.iter().all(|count| *count > 50), "sockets and refusals: {met:?}");
    }
}
