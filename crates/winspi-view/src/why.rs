//! Why a call gave what it gave: the one rule that tells most, and whom it went through.

use winspi_core::outcome::Basis;
use winspi_script::report::Row;

/// What a row rests on: the clause or decision of a refusal; for a success the telling rule, if there is one.
pub fn basis(row: &Row) -> Option<String> {
    let outcome = row.outcome.as_ref()?;
    if outcome.result.is_err() {
        return outcome.basis().map(|basis| basis.to_string());
    }
    telling_rule(row).map(str::to_owned)
}

/// Whether what a row rests on is a decision.
pub fn is_decision(id: &str) -> bool {
    winspi_core::policy::Decision::find(id).is_some()
}

/// The rule of a success that tells most: the last one about duplicates; else the last of the called function; else
/// the last of a function that a provider was called by.
fn telling_rule(row: &Row) -> Option<&str> {
    let last = |of: &dyn Fn(&str) -> bool| {
        let mut rules = row.rules.iter().rev();
        rules.find(|rule| of(function_of(rule))).map(String::as_str)
    };
    let by_provider = |function: &str| {
        let starts = ["WSPStartup", "WSPCleanup"].contains(&function);
        !starts && function.starts_with("WSP") && row.path.iter().any(|step| parts(step).1 == function)
    };
    last(&|function| function == "WSPDuplicateSocket")
        .or_else(|| last(&|function| function == row.call))
        .or_else(|| last(&by_provider))
}

fn function_of(rule: &str) -> &str {
    rule.split('.').next().unwrap_or(rule)
}

/// Party and function of a step of a path.
fn parts(step: &str) -> (&str, &str) {
    step.rsplit_once(' ').unwrap_or(("", step))
}

/// Whom a call went through, where that is more than one party, and what was called on the way.
///
/// `layer1 → base · WSPStartup · WPUModifyIFSHandle ×2`: the call passed a layer, providers were started, and an upcall
/// was made twice. Each function stands once, in the order of its first call.
pub fn way(row: &Row) -> String {
    let steps: Vec<(&str, &str)> = row.path.iter().map(|step| parts(step)).collect();
    let parties: Vec<&str> = steps.iter().filter(|(_, f)| *f == row.call).map(|(party, _)| *party).collect();
    let mut out = Vec::new();
    if parties.len() > 1 {
        out.push(parties.join(" → "));
    }
    let mut seen: Vec<&str> = Vec::new();
    for (_, function) in &steps {
        if *function == row.call || seen.contains(function) {
            continue;
        }
        seen.push(function);
        let times = steps.iter().filter(|(_, f)| f == function).count();
        out.push(if times == 1 { (*function).to_owned() } else { format!("{function} ×{times}") });
    }
    out.join(" · ")
}

/// The name of a basis, for places that show one beside what it is.
pub fn named(basis: Basis) -> String {
    match basis {
        Basis::Clause(clause) => clause.to_string(),
        Basis::Decision(decision) => format!("decision {decision}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use winspi_core::Value;
    use winspi_core::outcome::{Out, Outcome};

    fn row(call: &str, rules: &[&str], path: &[&str]) -> Row {
        Row {
            n: 1,
            line: 1,
            mark: None,
            setup: false,
            thread: "source".into(),
            bind: None,
            text: format!("{call}()"),
            call: call.into(),
            args: vec![("s".into(), Value::Number(128))],
            outcome: Some(Outcome { result: Ok(Out::Done), by: None }),
            from: None,
            rules: rules.iter().map(|r| (*r).to_owned()).collect(),
            path: path.iter().map(|r| (*r).to_owned()).collect(),
            expected: None,
            held: true,
            blocked: false,
        }
    }

    #[test]
    fn the_telling_rule() {
        for (call, rules, path, expected) in [
            (
                "WSPSocket",
                &["WSPStartup.first", "WSPSocket.a", "WPU.b", "WSPSocket.c"][..],
                &[][..],
                Some("WSPSocket.c"),
            ),
            (
                "WSPSocket",
                &["WSPDuplicateSocket.recognised-in-target", "WSPSocket.c"],
                &[],
                Some("WSPDuplicateSocket.recognised-in-target"),
            ),
            ("send", &["WSPStartup.x", "WSPSend.a"], &["base WSPStartup", "base WSPSend"], Some("WSPSend.a")),
            ("BusSend", &[], &[], None),
        ] {
            assert_eq!(basis(&row(call, rules, path)).as_deref(), expected, "{call}");
        }
    }

    #[test]
    fn the_way_is_short() {
        let path =
            ["layer1 WSPStartup", "base WSPStartup", "layer1 WSPSocket", "base WSPSocket", "Ws2_32 WPUModifyIFSHandle"];
        assert_eq!(way(&row("WSPSocket", &[], &path)), "layer1 → base · WSPStartup ×2 · WPUModifyIFSHandle");
        assert_eq!(way(&row("WSPSend", &[], &["base WSPSend"])), "");
    }
}
