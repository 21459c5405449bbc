//! Whatever becomes of a committed scenario, it is run and reported, or refused with a place in it; nothing panics.
//!
//! `crates/winspi-script/tests/hostile.rs` has random trees; here are real files that were spoilt, on their whole way
//! from bytes to reports, and the JSON form of files.

use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use serde_json::Value as Json;
use winspi_script::syntax::{self, Diagnostic, tree};
use winspi_script::{Arrangement, Script, json, run};
use winspi_view::overview::{self, Entry, Status};
use winspi_view::{Given, Look, explain, table};

/// The committed scenarios, and one with the order in which it ran.
fn committed() -> &'static [String] {
    static ALL: OnceLock<Vec<String>> = OnceLock::new();
    ALL.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
        let mut all = Vec::new();
        for folder in ["", "handoff", "practice", "pending/handoff"] {
            for entry in std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.extension().is_some_and(|extension| extension == "winspi") {
                    all.push(std::fs::read_to_string(path).expect("a committed file can be read"));
                }
            }
        }
        all.sort();
        let first = all.first().expect("there are some").clone();
        let file = syntax::parse(&first).expect("it is in the language");
        let script = Script::new(&file, &first).expect("it means something");
        let ran = run::run(&script, &Arrangement::default()).expect("it can run");
        all.push(syntax::print(&tree::File { schedule: Some(ran.schedule()), ..file }));
        all
    })
}

/// One of them.
fn chosen(place: &Index) -> &'static str {
    let all = committed();
    all[place.index(all.len())].as_str()
}

/// What is done to a text.
#[derive(Clone, Debug)]
enum Spoil {
    /// A line goes.
    Drop(Index),
    /// A line comes once more somewhere else.
    Copy(Index, Index),
    /// Two lines change their places.
    Swap(Index, Index),
    /// A line of another file comes in.
    Take(Index, Index, Index),
    /// A word becomes another one.
    Word(Index, &'static str),
    /// The text ends here.
    Cut(Index),
    /// A byte becomes another one.
    Byte(Index, u8),
}

const WORDS: [&str; 31] = [
    "0",
    "-1",
    "4294967296",
    "18446744073709551615",
    "0x7fc",
    "65535",
    "NULL",
    "bad",
    "TRUE",
    "\"\"",
    "\"\\xff\"",
    "[]",
    "{}",
    "{onoff=1}",
    "127.0.0.1:80",
    "[::]:0",
    "FROM_PROTOCOL_INFO",
    "WSAEWOULDBLOCK",
    "any",
    "blocks",
    "fails",
    "=>",
    "(",
    ")",
    "{",
    "}",
    "source",
    "target.t",
    "WSPSocket",
    "needs ifs",
    "bytes(70000)",
];

fn spoil() -> impl Strategy<Value = Spoil> {
    let at = any::<Index>;
    prop_oneof![
        at().prop_map(Spoil::Drop),
        (at(), at()).prop_map(|(from, to)| Spoil::Copy(from, to)),
        (at(), at()).prop_map(|(one, other)| Spoil::Swap(one, other)),
        (at(), at(), at()).prop_map(|(file, from, to)| Spoil::Take(file, from, to)),
        (at(), select(WORDS.to_vec())).prop_map(|(place, word)| Spoil::Word(place, word)),
        at().prop_map(Spoil::Cut),
        (at(), any::<u8>()).prop_map(|(place, byte)| Spoil::Byte(place, byte)),
    ]
}

fn spoilt(text: &str, spoils: &[Spoil]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for spoil in spoils {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut lines: Vec<&str> = text.lines().collect();
        if lines.is_empty() {
            break;
        }
        let count = lines.len();
        match spoil {
            Spoil::Drop(at) => drop(lines.remove(at.index(count))),
            Spoil::Copy(from, to) => lines.insert(to.index(count), lines[from.index(count)]),
            Spoil::Swap(one, other) => lines.swap(one.index(count), other.index(count)),
            Spoil::Take(file, from, to) => {
                let other: Vec<&str> = committed()[file.index(committed().len())].lines().collect();
                lines.insert(to.index(count), other[from.index(other.len())]);
            }
            Spoil::Word(at, word) => {
                bytes = with_word(&text, at, word).into_bytes();
                continue;
            }
            Spoil::Cut(at) => {
                bytes.truncate(at.index(bytes.len()));
                continue;
            }
            Spoil::Byte(at, byte) => {
                let place = at.index(bytes.len());
                bytes[place] = *byte;
                continue;
            }
        }
        bytes = format!("{}\n", lines.join("\n")).into_bytes();
    }
    bytes
}

/// The text with another word in a place: what stands between blanks, brackets and commas is a word.
fn with_word(text: &str, at: &Index, word: &str) -> String {
    let is_edge = |c: char| c.is_whitespace() || "(),".contains(c);
    let starts = text.char_indices().filter(|(place, c)| !is_edge(*c) && text[..*place].ends_with(is_edge));
    let starts: Vec<usize> = starts.map(|(place, _)| place).collect();
    if starts.is_empty() {
        return text.to_owned();
    }
    let start = starts[at.index(starts.len())];
    let end = text[start..].find(is_edge).map_or(text.len(), |length| start + length);
    format!("{}{word}{}", &text[..start], &text[end..])
}

/// Every error has a place in the text, and can be shown.
fn has_places(text: &str, errors: &[Diagnostic]) {
    assert!((1..=20).contains(&errors.len()), "{errors:?}");
    let lines: Vec<&str> = text.split('\n').collect();
    for error in errors {
        let line = lines.get(error.line as usize - 1).unwrap_or_else(|| panic!("{error}: there is no such line"));
        assert!((1..=line.chars().count() + 1).contains(&(error.column as usize)), "{error}: {line:?}");
        let shown = error.render("f");
        assert!(shown.starts_with(&format!("f:{}:{}: ", error.line, error.column)), "{shown}");
        assert!(!error.message.is_empty() && shown.lines().all(|line| line.chars().count() <= 700), "{shown}");
    }
}

/// The whole way of a file.
fn goes_its_way(bytes: &[u8], width: usize) {
    let lossy = String::from_utf8_lossy(bytes);
    let file = match syntax::parse_bytes(bytes) {
        Ok(file) => file,
        Err(errors) => return has_places(&lossy, &errors),
    };
    let printed = syntax::print(&file);
    assert_eq!(syntax::parse(&printed).as_ref(), Ok(&file), "printed, it means something else:\n{printed}");
    let form = json::to_short_json(&file).expect("it can be written");
    assert_eq!(syntax::print(&json::from_json(&form).expect("and read")), printed);
    let script = match Script::new(&file, &lossy) {
        Ok(script) => script,
        Err(errors) => return has_places(&lossy, &errors),
    };
    let look = Look { width, colour: width.is_multiple_of(2) };
    for arrangement in [Arrangement::default(), Arrangement { ifs: false, layers: vec![false], ..Default::default() }] {
        let given = Given { file: "f", text: &lossy, arrangement: &arrangement, seed: None };
        let lacks = run::lacking(&script, &arrangement);
        let entry = if script.cases.is_empty() {
            let Ok(run) = run::run(&script, &arrangement) else { continue };
            assert!(table::render(&run, &given, look).ends_with('\n'));
            let entry = Entry::of_run(&run, &given);
            assert_eq!(entry.message.is_empty(), entry.status == Status::Passed, "{entry:?}");
            entry
        } else {
            let cases = run::run_cases(&script, &arrangement);
            assert!(overview::render_cases(&cases, &script, &given, look).ends_with('\n'));
            Entry::of_cases(&cases, &given)
        };
        let entries = [entry, Entry::not_applicable("f", lacks.unwrap_or_default())];
        assert!(overview::render(&entries, &[], look).lines().count() >= 3);
        let report = overview::render_json(&entries, &[]);
        assert!(serde_json::from_str::<Json>(&report).is_ok_and(|report| report["files"].is_array()));
    }
}

/// Puts something else in a place of a JSON value.
fn replace(value: &mut Json, at: &mut usize, new: &Json) {
    if *at == 0 {
        *value = new.clone();
    }
    *at = at.wrapping_sub(1);
    match value {
        Json::Array(items) => items.iter_mut().for_each(|item| replace(item, at, new)),
        Json::Object(members) => members.values_mut().for_each(|member| replace(member, at, new)),
        _ => {}
    }
}

fn count(value: &Json) -> usize {
    1 + match value {
        Json::Array(items) => items.iter().map(count).sum(),
        Json::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn spoilt_scenarios(file in any::<Index>(), spoils in prop::collection::vec(spoil(), 1..5), width in 1usize..140) {
        goes_its_way(&spoilt(chosen(&file), &spoils), width);
    }

    #[test]
    fn spoilt_json_forms(file in any::<Index>(), at in any::<Index>(), new in select(vec![
        "null", "0", "-1", "1e300", "\"\"", "\"a b\"", "\"\\u0000\"", "[]", "{}", "[{}]", "true", "\"Ifs\"",
    ])) {
        let tree = syntax::parse(chosen(&file)).expect("it is in the language");
        let form = json::to_short_json(&tree).expect("it can be written");
        let mut value: Json = serde_json::from_str(&form).expect("it is JSON");
        let mut place = at.index(count(&value));
        replace(&mut value, &mut place, &serde_json::from_str(new).expect("it is JSON"));
        match json::from_json(&value.to_string()) {
            Ok(file) => goes_its_way(syntax::print(&file).as_bytes(), 80),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn any_name_can_be_asked_for(name in "\\PC{0,30}|[A-Za-z.-]{1,20}|-?[0-9]{1,12}") {
        if let Some(page) = explain::find(&name) {
            let narrow = Look { width: 1, colour: true };
            prop_assert!(page.render(narrow).ends_with('\n'));
        }
        prop_assert!(explain::near(&name).len() <= 5);
    }
}

#[test]
fn what_is_deep_or_long_is_told_or_run() {
    let deep = |open: &str, close: &str| format!("process p\n{}{}\n", open.repeat(10_000), close.repeat(10_000));
    for text in [
        deep("p: closesocket(", ")"),
        deep("expect [", "]"),
        deep("repeat 1 {\n", "}\n"),
        deep("at end {", "}"),
        deep("expect {a=", "}"),
        format!("process p\np: BusSend(p, \"{}\")\n", "x".repeat(200_000)),
        format!("process p\np: {}(1)\n", "y".repeat(200_000)),
        format!("process p\np: BusSend(p, {})\n", "z".repeat(200_000)),
        format!("process p\n{}: BusReceive()\n", "w".repeat(200_000)),
        format!("process p\np: BusSend(p, 1) => ok by {}\n", "v".repeat(200_000)),
        format!("needs decision {}=x\nprocess p\np: BusReceive()\n", "u".repeat(200_000)),
        format!("process p\n{}", "p: WSPFoo(1)\n".repeat(5_000)),
        format!("process p\n{}", "p: GetCurrentProcessId()\n".repeat(300)),
        format!("process p\n{}", "#\n".repeat(200_000)),
    ] {
        goes_its_way(text.as_bytes(), 100);
    }
    let form = format!("{{\"format\": \"winspi-scenario\", \"version\": 1, \"file\": {}", "[".repeat(100_000));
    let refused = json::from_json(&form).expect_err("it is too deep").to_string();
    assert!(refused.contains("recursion limit exceeded at line 1 column"), "{refused}");
}

/// The strategy reaches what it is for: spoilt files are refused by the parser, by the names, and run.
#[test]
fn spoilt_files_come_to_every_stage() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = (any::<Index>(), prop::collection::vec(spoil(), 1..3));
    let (mut parser, mut names, mut ran) = (0, 0, 0);
    for _ in 0..300 {
        let (file, spoils) = strategy.new_tree(&mut runner).expect("there is always one").current();
        let bytes = spoilt(chosen(&file), &spoils);
        match syntax::parse_bytes(&bytes) {
            Err(_) => parser += 1,
            Ok(file) if Script::new(&file, &String::from_utf8_lossy(&bytes)).is_err() => names += 1,
            Ok(_) => ran += 1,
        }
    }
    assert!(parser > 20 && names > 20 && ran > 20, "{parser} {names} {ran}");
}
