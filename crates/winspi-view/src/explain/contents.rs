//! What can be explained.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use winspi_core::event::HazardKind;
use winspi_core::policy::DECLARED;
use winspi_core::signature::{Function, Home, Support};
use winspi_types::ErrorCode;
use winspi_types::constants::constants;

use super::function::home_word;
use super::{Page, functions, prefix_of, rules_of, subjects};

const HOMES: [(Home, &str); 4] = [
    (Home::Provider, "Functions of service providers"),
    (Home::Upcall, "Upcalls of Ws2_32 for providers"),
    (Home::Ws2_32, "Functions of Ws2_32 for programs"),
    (Home::Kernel, "Functions of the system and of the scenario language"),
];

/// The list of all names, but for the single rules.
pub fn contents() -> Page {
    let counts: Vec<(&str, usize)> = subjects().into_iter().map(|s| (s, rules_of(s).count())).collect();
    let mut prefixes: BTreeMap<&str, usize> = BTreeMap::new();
    constants().for_each(|constant| *prefixes.entry(prefix_of(constant)).or_default() += 1);
    let json = json!({
        "functions": functions().map(|f| json!({
            "name": f.name(), "home": home_word(f.home()), "modelled": is_modelled(f),
        })).collect::<Vec<Json>>(),
        "errors": ErrorCode::names().collect::<Vec<_>>(),
        "decisions": DECLARED.iter().map(|d| json!({"name": d.id, "question": d.question})).collect::<Vec<Json>>(),
        "hazards": HazardKind::ALL.map(|h| json!({"name": h.name(), "question": h.question()})),
        "subjects": counts.iter().map(|(name, rules)| json!({"name": name, "rules": rules})).collect::<Vec<Json>>(),
        "constants": constants().map(|constant| constant.name).collect::<Vec<_>>(),
    });
    let mut page = Page::new("What can be explained", "winspi explain NAME", json).paragraph(
        "A function, an error by name or number, a decision, a hazard, a rule such as WSPBind.error-enotsock, what rules speak of, \
         a constant. Capital letters do not matter.",
    );
    for (home, title) in HOMES {
        let of = |modelled: bool| {
            let names = functions().filter(|f| f.home() == home && is_modelled(*f) == modelled).map(Function::name);
            names.collect::<Vec<_>>().join(", ")
        };
        let rows = [("modelled", of(true)), ("not modelled", of(false))];
        let rows = rows.into_iter().filter(|(_, names)| !names.is_empty());
        page = page.section(title, rows.map(|(word, names)| vec![word.to_owned(), names]).collect());
    }
    let names = |names: Vec<String>| vec![vec![names.join(", ")]];
    let numbers = |(name, count): (&str, usize)| format!("{name} {count}");
    page.section("Errors", names(ErrorCode::names().map(str::to_owned).collect()))
        .section("Decisions", DECLARED.iter().map(|d| vec![d.id.to_owned(), d.question.to_owned()]).collect())
        .section("Hazards", HazardKind::ALL.map(|h| vec![h.name().to_owned(), h.question().to_owned()]).to_vec())
        .section("Subjects of rules, and how many each has", names(counts.into_iter().map(numbers).collect()))
        .section("Constants, by how they begin", names(prefixes.into_iter().map(numbers).collect()))
}

fn is_modelled(function: Function) -> bool {
    function.declaration().support != Support::None
}
