//! The report of a run for programs: one JSON object.
//!
//! Values are JSON values: numbers and handles are numbers, NULL is null, bytes are a string in the notation that the
//! language has between quotation marks (`\x00`), a protocol info is an object with some of its fields and all its
//! bytes in hexadecimal, lists and structures are arrays and objects. What is none of these is an object with one
//! member that says what it is: `{"address": "127.0.0.1:80"}`, `{"room": 64}`, `{"bad": true}`.
//!
//! Among the arguments, a length that is null follows from the data, and `{"room": null}` is memory of the caller with
//! enough room for a result.

use std::fmt::Write;

use serde_json::{Map, Value as Json, json};
use winspi_core::outcome::{Outcome, Refusal};
use winspi_core::signature::{Function, Kind};
use winspi_core::{Grain, Value};
use winspi_script::Run;
use winspi_script::report::{Failure, Open, Row};
use winspi_types::RawProtocolInfoW;

use crate::findings::provider_name;
use crate::value::notation;
use crate::{Given, process_name, title, why};

/// The report as text, with a line feed at its end.
pub fn render(run: &Run, given: &Given<'_>) -> String {
    format!("{:#}\n", object(run, given))
}

/// What did not hold, with its places.
fn places(failures: &[Failure]) -> Vec<Json> {
    failures.iter().map(|f| json!({"line": f.line, "column": f.column, "message": f.message})).collect()
}

/// The report as a value.
pub fn object(run: &Run, given: &Given<'_>) -> Json {
    let step_of = |row: usize| run.rows.get(row).map(|row| row.n);
    json!({
        "scenario": title(run, given),
        "about": run.about,
        "arrangement": arrangement(given, &layers(run, given)),
        "passed": run.passed,
        "marks": run.marks.iter().map(|m| json!({"number": m.number, "title": m.title})).collect::<Vec<_>>(),
        "steps": run.rows.iter().map(|row| step(run, row)).collect::<Vec<_>>(),
        "failures": places(&run.failures),
        "changes": places(&run.changes),
        "leaks": run.leaks,
        "breaches": run.breaches.iter().map(|(row, breach)| json!({
            "step": step_of(*row),
            "provider": provider_name(run, breach.provider),
            "process": process_name(run, breach.provider.process),
            "duty": breach.duty.name(),
            "clause": breach.basis.to_string(),
            "seen": breach.seen,
        })).collect::<Vec<_>>(),
        "hazards": run.hazards.iter().map(|(row, hazard)| json!({
            "step": step_of(*row),
            "kind": hazard.kind.name(),
            "seen": hazard.seen,
        })).collect::<Vec<_>>(),
        "open": run.open.iter().map(open).collect::<Vec<_>>(),
    })
}

/// The layers that a scenario declares itself.
fn layers<'a>(run: &'a Run, given: &Given<'_>) -> Vec<&'a str> {
    run.providers.iter().skip(1 + given.arrangement.layers.len()).map(String::as_str).collect()
}

/// On what a scenario ran.
pub(crate) fn arrangement(given: &Given<'_>, scenario_layers: &[&str]) -> Json {
    let arrangement = given.arrangement;
    let kind = |ifs: bool| if ifs { "ifs" } else { "non-ifs" };
    json!({
        "name": arrangement.name(),
        "provider": kind(arrangement.ifs),
        "layers": arrangement.layers.iter().map(|ifs| kind(*ifs)).collect::<Vec<_>>(),
        "scenario_layers": scenario_layers,
        "grain": match arrangement.grain {
            Grain::Call => "call",
            Grain::Boundary => "boundary",
            Grain::Request => "request",
        },
        "modify_handles": arrangement.modify_handles,
        "seed": given.seed,
    })
}

fn step(run: &Run, row: &Row) -> Json {
    let parameters = Function::named(&row.call).map_or(&[][..], |f| f.declaration().parameters);
    let is_place = |name: &str| parameters.iter().any(|p| p.name == name && p.kind == Kind::Place);
    let argument = |name: &str, v: &Value| match v {
        Value::Room(_) if is_place(name) => json!({"room": null}),
        other => value(other),
    };
    let args: Map<String, Json> = row.args.iter().map(|(name, v)| (name.clone(), argument(name, v))).collect();
    json!({
        "n": row.n,
        "line": row.line,
        "mark": row.mark.and_then(|mark| run.marks.get(mark)).map(|mark| mark.number),
        "setup": row.setup,
        "thread": row.thread,
        "bind": row.bind,
        "text": row.text,
        "call": row.call,
        "args": args,
        "result": row.outcome.as_ref().and_then(|o| o.result.as_ref().ok()).map(|out| value(&out.primary())),
        "error": row.outcome.as_ref().and_then(error),
        "from": row.from,
        "clause": why::basis(row),
        "path": row.path,
        "expected": row.expected,
        "held": row.held,
        "blocked": row.blocked,
    })
}

fn error(outcome: &Outcome) -> Option<Json> {
    match outcome.result.as_ref().err()? {
        Refusal::Code { code, .. } => Some(json!({"name": code.name(), "code": code.number()})),
        Refusal::NotModelled(gap) => Some(json!({"name": null, "code": null, "not_modelled": gap})),
    }
}

fn open(open: &Open) -> Json {
    let number = open.handle.strip_prefix("0x").and_then(|digits| u64::from_str_radix(digits, 16).ok());
    json!({
        "process": open.process,
        "handle": number.map_or_else(|| json!(open.handle), |number| json!(number)),
        "names": open.names,
        "what": open.what,
    })
}

fn value(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bad => json!({"bad": true}),
        Value::Number(number) => json!(number),
        Value::Bytes(bytes) => json!(notation(bytes)),
        Value::Address(address) => json!({"address": address.to_string()}),
        Value::Room(bytes) => json!({"room": bytes}),
        Value::Info(info) => json!(self::info(info)),
        Value::Version(version) => json!({"version": version.to_string()}),
        Value::Guid(guid) => json!({"guid": guid.to_string()}),
        Value::Time(milliseconds) => json!({"milliseconds": milliseconds}),
        Value::Cell(cell) => json!({"cell": cell.0}),
        Value::Callback(callback) => json!({"callback": callback.0}),
        Value::List(items) => items.iter().map(self::value).collect(),
        Value::Record(fields) => {
            Json::Object(fields.iter().map(|(name, field)| (name.clone(), self::value(field))).collect())
        }
    }
}

fn info(info: &RawProtocolInfoW) -> Json {
    let mut bytes = String::new();
    for byte in info.as_bytes() {
        // Writing to a string does not fail.
        write!(bytes, "{byte:02x}").unwrap_or_default();
    }
    json!({
        "catalog_entry_id": info.catalog_entry_id(),
        "provider_id": info.provider_id().to_string(),
        "protocol_chain": info.protocol_chain().members(),
        "address_family": info.address_family(),
        "socket_type": info.socket_type(),
        "protocol": info.protocol(),
        "provider_reserved": info.provider_reserved(),
        "protocol_name": info.protocol_name(),
        "bytes": bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{HANDOFF, WRONG, ran};

    #[test]
    fn a_step_of_a_handoff() {
        let (run, given) = ran(HANDOFF);
        let mut step = object(&run, &given.given())["steps"][3].clone();
        let bytes = step["result"]["bytes"].take();
        assert_eq!(bytes.as_str().map(str::len), Some(2 * 628));
        assert_eq!(
            step,
            json!({
                "n": 4, "line": 12, "mark": 2, "setup": false, "thread": "source", "bind": "info",
                "text": "WSPDuplicateSocket(s, pid)", "call": "WSPDuplicateSocket",
                "args": {"s": 128, "process_id": 1004, "protocol_info": {"room": null}},
                "result": {
                    "catalog_entry_id": 1001,
                    "provider_id": "{E70F1AA0-AB8B-11CF-8CA3-00805F48A192}",
                    "protocol_chain": [0],
                    "address_family": 2,
                    "socket_type": 1,
                    "protocol": 6,
                    "provider_reserved": 1152,
                    "protocol_name": "winspi [TCP/IP]",
                    "bytes": null,
                },
                "error": null, "from": "base", "clause": "WSPDuplicateSocket.info-written",
                "path": ["base WSPDuplicateSocket"], "expected": null, "held": true, "blocked": false,
            })
        );
    }

    #[test]
    fn a_refusal_has_its_code_and_its_clause() {
        let (run, given) = ran(WRONG);
        let report = object(&run, &given.given());
        let step = &report["steps"][1];
        assert_eq!(step["error"], json!({"name": "WSAENOTSOCK", "code": 10038}));
        assert_eq!((&step["result"], &step["clause"]), (&json!(null), &json!("WSPListen.error-enotsock")));
        assert_eq!(report["passed"], false);
        assert_eq!(report["failures"][0]["line"], 4);
    }

    #[test]
    fn values_say_what_they_are() {
        for (value, expected) in [
            (Value::Null, json!(null)),
            (Value::Bad, json!({"bad": true})),
            (Value::Number(-1), json!(-1)),
            (Value::bytes(b"a\"\0"), json!("a\\\"\\x00")),
            (Value::Room(64), json!({"room": 64})),
            (Value::Time(500), json!({"milliseconds": 500})),
            (Value::List(vec![Value::Number(1)]), json!([1])),
            (Value::Record(vec![("b".into(), Value::Null), ("a".into(), Value::Null)]), json!({"b": null, "a": null})),
        ] {
            assert_eq!(super::value(&value), expected);
        }
    }
}
