//! A function: how it is called, what it gives, its rules, the decisions that touch it.

use serde_json::{Value as Json, json};
use winspi_core::signature::{Function, Home, Kind, Parameter, Support};

use super::{Page, decision_rows, decisions_on, functions, is_telling, names, plain, rules_of, short_rules};
use crate::clauses::{self, ClauseText};

/// The page of a function.
pub(super) fn page(function: Function) -> Page {
    let declaration = function.declaration();
    let name = declaration.name;
    let rules: Vec<&ClauseText> = rules_of(name).collect();
    let spi = provider_function(function).filter(|_| rules.is_empty());
    let decisions = decisions_on(name);
    let elsewhere: Vec<&str> = clauses::all()
        .iter()
        .filter(|rule| is_telling(name) && !rules.contains(rule) && names(rule.text, name))
        .map(|r| r.id)
        .collect();
    let modelled = match declaration.support {
        Support::Full => "yes".to_owned(),
        Support::Partial(which) => format!("in part: {which}"),
        Support::None => "no: a call answers \"not modelled\"".to_owned(),
    };
    let mut facts = vec![vec!["modelled".to_owned(), modelled.clone()]];
    if !declaration.gives.is_empty() {
        facts.push(vec!["gives".to_owned(), declaration.gives.to_owned()]);
    }
    facts.push(vec!["page".to_owned(), declaration.page.to_owned()]);
    if let Some(spi) = spi {
        facts.push(vec!["rules".to_owned(), format!("those of {spi}: winspi explain {spi}")]);
    }
    let json = json!({
        "kind": "function",
        "name": name,
        "home": home_word(declaration.home),
        "summary": plain(declaration.summary).join(" "),
        "signature": signature(function),
        "parameters": declaration.parameters.iter().enumerate().map(|(place, p)| json!({
            "name": p.name,
            "page_name": p.page_name,
            "direction": direction(declaration.parameters, place),
            "takes": p.kind.to_string(),
            "positional": p.positional,
        })).collect::<Vec<_>>(),
        "gives": Some(declaration.gives).filter(|gives| !gives.is_empty()),
        "support": match declaration.support {
            Support::Full => "full",
            Support::Partial(_) => "partial",
            Support::None => "none",
        },
        "modelled": modelled,
        "page": declaration.page,
        "rules_of": spi.map(Function::name),
        "rules": rules,
        "named_by": elsewhere,
        "decisions": decisions.iter().map(|d| json!({"name": d.id, "question": d.question})).collect::<Vec<Json>>(),
    });
    let mut page = Page::new(name, home(declaration.home), json);
    for text in plain(declaration.summary) {
        page = page.paragraph(text);
    }
    page = page.section("A call", vec![vec![signature(function)]]).section("Parameters", parameters(function));
    page = page.section("What to know", facts).section("Rules", short_rules(&rules));
    if !elsewhere.is_empty() {
        page = page.section("Named by other rules", vec![vec![elsewhere.join(", ")]]);
    }
    page.section("Decisions that touch it", decision_rows(&decisions))
}

/// `WSPBind(s, name)`: what has a position in a scenario's call.
fn signature(function: Function) -> String {
    let positional = function.declaration().parameters.iter().filter(|p| p.positional).map(|p| p.name);
    format!("{}({})", function.name(), positional.collect::<Vec<_>>().join(", "))
}

fn parameters(function: Function) -> Vec<Vec<String>> {
    let all = function.declaration().parameters;
    let row = |(place, parameter): (usize, &Parameter)| {
        let by_name = if parameter.positional { "" } else { "; given by name only" };
        vec![
            format!("[{}]", direction(all, place)),
            parameter.name.to_owned(),
            parameter.page_name.to_owned(),
            format!("{}{by_name}", parameter.kind),
        ]
    };
    all.iter().enumerate().map(row).collect()
}

/// Which way a parameter goes, as the pages have it.
fn direction(all: &[Parameter], place: usize) -> &'static str {
    let Some(parameter) = all.get(place) else { return "in" };
    let before = place.checked_sub(1).and_then(|before| all.get(before));
    let receives = all.iter().any(|p| p.name == "number_of_bytes_recvd");
    match parameter.kind {
        Kind::Place => "out",
        // Where a name or value is written to a size is told both ways.
        Kind::Length if parameter.page_name.starts_with("lp") => "in, out",
        Kind::Length if ["addrlen", "namelen", "optlen", "fromlen"].contains(&parameter.name) => {
            let out = before.is_some_and(|p| p.kind == Kind::Place || p.name == "from");
            if out { "in, out" } else { "in" }
        }
        Kind::Dword if ["lpFlags", "lpdwFlags"].contains(&parameter.page_name) => "in, out",
        Kind::Buffers if receives => "in, out",
        _ if parameter.name == "from" && parameter.page_name.to_lowercase().ends_with("from") => "out",
        _ => "in",
    }
}

/// The provider's function behind a name that programs use.
fn provider_function(function: Function) -> Option<Function> {
    let name = function.name();
    let stem = name.strip_prefix("WSA").unwrap_or(name);
    let alike = |f: &Function| f.name().strip_prefix("WSP").is_some_and(|other| other.eq_ignore_ascii_case(stem));
    functions().filter(|f| function.home() == Home::Ws2_32 && f.home() == Home::Provider).find(alike)
}

/// Who answers a function, in a word.
pub(super) fn home_word(home: Home) -> &'static str {
    match home {
        Home::Provider => "provider",
        Home::Upcall => "upcall",
        Home::Ws2_32 => "ws2_32",
        Home::Kernel => "system",
        Home::Program => "program",
    }
}

/// Who answers a function.
pub(super) fn home(home: Home) -> &'static str {
    match home {
        Home::Provider => "a function of service providers",
        Home::Upcall => "an upcall: a function of Ws2_32 for providers",
        Home::Ws2_32 => "a function of Ws2_32 for programs",
        Home::Kernel => "a function of the system, or of the scenario language",
        Home::Program => "a function of the program",
    }
}
