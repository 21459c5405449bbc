//! Snapshots: a run that is restored goes on as it would have, and no text is a panic.

mod common;

use common::{Base, Line, Random, process, random_step, scenario};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use winspi_core::snapshot::{Snapshot, SnapshotError};
use winspi_core::{Grain, System};

fn restore(text: &str) -> Result<System<Line>, SnapshotError> {
    Snapshot::<Line>::from_json(text)
}

/// A system in the middle of a run.
fn midway(base: Base, seed: u64, steps: usize) -> System<Line> {
    let mut system = scenario(base);
    system.grain = [Grain::Call, Grain::Boundary, Grain::Request][seed as usize % 3];
    let mut random = Random::new(seed);
    for _ in 0..steps {
        if random_step(&mut system, &mut random, seed % 4 == 3).is_none() {
            break;
        }
    }
    system
}

#[test]
fn a_restored_run_goes_on_as_it_would_have() {
    let mut holes = 0;
    for base in Base::ALL {
        for seed in 0..30 {
            let mut kept = midway(base, seed, 15 * seed as usize);
            let text = kept.snapshot().to_json();
            let mut restored = restore(&text).unwrap_or_else(|error| panic!("{base:?} {seed}: {error}"));
            assert_eq!(restored.snapshot().to_json(), text, "{base:?} {seed}");
            let stored: Json = serde_json::from_str(&text).expect("a text that was read already");
            let slots = stored.pointer("/system/world/endpoints/map").and_then(Json::as_array).expect("an arena");
            holes += slots.iter().skip(1).filter(|slot| slot["value"].is_null()).count();
            let (mut one, mut other) = (Random::new(seed + 100), Random::new(seed + 100));
            loop {
                assert_eq!(kept.enabled(), restored.enabled());
                assert_eq!(kept.fingerprint(), restored.fingerprint());
                assert_eq!(order_of_age(&kept), order_of_age(&restored));
                let events = random_step(&mut kept, &mut one, true);
                let again = random_step(&mut restored, &mut other, true);
                assert_eq!(serde_json::to_string(&events).ok(), serde_json::to_string(&again).ok(), "{base:?} {seed}");
                if events.is_none() {
                    break;
                }
            }
        }
    }
    assert!(holes > 100, "arenas with holes are the point: {holes}");
}

/// What a scheduler that takes the oldest first would take, in its order.
fn order_of_age(system: &System<Line>) -> Vec<String> {
    let mut all = [system.deliveries(), system.messages(), system.completions()].concat();
    all.sort_by_key(|(_, age)| *age);
    let mut order: Vec<String> = all.iter().map(|(transition, _)| format!("{transition:?}")).collect();
    let mut threads: Vec<_> = system.world().threads().map(|(tid, thread)| (thread.since.0, tid)).collect();
    threads.sort();
    order.extend(threads.iter().map(|(_, tid)| tid.to_string()));
    order
}

#[test]
fn what_is_refused_is_refused_with_its_place() {
    let text = midway(Base::NonIfs, 2, 60).snapshot().to_json();
    let stored: Json = serde_json::from_str(&text).expect("JSON");
    let edited = |pointer: &str, value: Json| {
        let mut edited = stored.clone();
        *edited.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is there")) = value;
        restore(&edited.to_string()).expect_err(pointer).to_string()
    };
    assert_eq!(edited("/format", json!("other")), "format: `winspi-snapshot` is expected, this is `other`");
    assert_eq!(edited("/version", json!(2)), "version: 1 is expected, this is 2");
    assert!(edited("/build", json!("0.0.9")).starts_with("build: `0.1.0` is expected"), "build");
    let process = "/system/world/processes/0";
    for (pointer, value, expected) in [
        ("/pid", json!(1004), "process 1000: expected the identifier 1000"),
        ("/handles/base", json!(0), "process 1000: expected a handle table that begins and ends where"),
        ("/claims_made", json!(u32::MAX), "process 1000: expected smaller counts"),
        ("/startups", json!(-1), "line 1, column "),
    ] {
        let error = edited(&format!("{process}{pointer}"), value);
        assert!(error.starts_with(expected), "{pointer}: {error}");
    }
    let error = edited("/system/programs/0/0/ordinal", json!(7));
    assert_eq!(error, "the program of thread 1000.7: expected a thread that runs it");
    let error = edited("/system/world/catalog/providers", json!([]));
    assert_eq!(error, "catalog: expected a provider");
    let error = restore(&text[..text.len() - 5]).expect_err("half a text").to_string();
    assert!(error.starts_with("line 1, column "), "{error}");
    let error = restore("{}\n{").expect_err("nothing").to_string();
    assert_eq!(error, "line 1, column 2: missing field `format`");
}

#[test]
fn a_stage_that_does_not_belong_to_its_call_is_refused() {
    let mut system = common::machine(Base::Ifs);
    let pid = process(
        &mut system,
        "one",
        [
            common::call("socket", [common::n(2), common::n(1), common::n(6)]),
            common::call("bind", [common::r(0), common::at("127.0.0.1:80")]),
            common::call("listen", [common::r(0), common::n(1)]),
            common::call("accept", [common::r(0)]),
        ],
    );
    common::run(&mut system);
    let text = system.snapshot().to_json();
    assert!(restore(&text).is_ok());
    let other = text.replace("{\"BaseIfs\":{\"In\":{\"WSPAccept\"", "{\"BaseNonIfs\":{\"In\":{\"WSPAccept\"");
    assert_ne!(text, other);
    let mut stored: Json = serde_json::from_str(&text).expect("JSON");
    let stack = stored.pointer_mut("/system/world/threads/0/0/stack").and_then(Json::as_array_mut).expect("a stack");
    let top = stack.last_mut().expect("a call");
    top["call"] = json!({ "WSPListen": { "s": 128, "backlog": 1 } });
    let error = restore(&stored.to_string()).expect_err("a stage of another call").to_string();
    assert_eq!(
        error,
        format!("thread {pid}.0, call 1 of its stack: expected a stage that belongs to its call and its party")
    );
}

#[test]
fn a_start_that_stands_elsewhere_is_refused() {
    let mut met = 0;
    for base in Base::ALL {
        let mut system = scenario(base);
        system.grain = Grain::Request;
        let mut random = Random::new(3);
        for _ in 0..80 {
            let mut stored: Json = serde_json::from_str(&system.snapshot().to_json()).expect("JSON");
            for place in ["/system/world/threads/0/0", "/system/world/threads/0/1", "/system/world/threads/1/1"] {
                let stack = stored.pointer_mut(&format!("{place}/stack")).and_then(Json::as_array_mut);
                let Some(stack) = stack.filter(|stack| stack.len() > 1) else { continue };
                if stack[0].pointer("/stage/Ws2_32/Starting").is_some() {
                    stack.swap(0, 1);
                    let error = restore(&stored.to_string()).expect_err("two calls that changed places").to_string();
                    let expected = "call 0 of its stack: expected WSPStartup where a provider is started";
                    assert!(error.contains(expected), "{base:?}: {error}");
                    met += 1;
                    break;
                }
            }
            random_step(&mut system, &mut random, false);
        }
    }
    assert!(met >= Base::ALL.len(), "starts are the point: {met}");
}

#[test]
fn a_count_that_does_not_agree_is_refused() {
    let text = midway(Base::Ifs, 1, 40).snapshot().to_json();
    let mut stored: Json = serde_json::from_str(&text).expect("JSON");
    let slots = stored.pointer_mut("/system/world/endpoints/map").and_then(Json::as_array_mut).expect("an arena");
    let endpoint = slots.iter_mut().map(|slot| &mut slot["value"]).find(|value| !value.is_null()).expect("a socket");
    let handles = endpoint["handles"].as_u64().expect("a count");
    endpoint["handles"] = json!(handles + 1);
    let error = restore(&stored.to_string()).expect_err("a wrong count").to_string();
    assert!(error.starts_with("counts-agree: the socket "), "{error}");
    assert!(error.contains(&format!("handles: {} are counted, {handles} are there", handles + 1)), "{error}");
}

/// One change of a text.
#[derive(Clone, Copy, Debug)]
enum Mutation {
    Flip {
        bit: u8,
    },
    Delete,
    Insert {
        byte: u8,
    },
    /// Of the JSON value: a member or an element goes, or comes twice; a value becomes another.
    Remove,
    Double,
    Member,
    Number {
        choice: u8,
    },
    Replace {
        choice: u8,
    },
    Swap,
}

fn mutations() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        (0..8u8).prop_map(|bit| Mutation::Flip { bit }),
        Just(Mutation::Delete),
        any::<u8>().prop_map(|byte| Mutation::Insert { byte }),
        Just(Mutation::Remove),
        Just(Mutation::Double),
        Just(Mutation::Member),
        any::<u8>().prop_map(|choice| Mutation::Number { choice }),
        any::<u8>().prop_map(|choice| Mutation::Number { choice }),
        any::<u8>().prop_map(|choice| Mutation::Replace { choice }),
        Just(Mutation::Swap),
    ]
}

/// Every place of a JSON value, as a pointer.
fn places(value: &Json, at: &mut String, all: &mut Vec<String>) {
    all.push(at.clone());
    let length = at.len();
    let mut within = |name: &str, inner: &Json| {
        at.push('/');
        at.push_str(&name.replace('~', "~0").replace('/', "~1"));
        places(inner, at, all);
        at.truncate(length);
    };
    match value {
        Json::Array(items) => items.iter().enumerate().for_each(|(i, item)| within(&i.to_string(), item)),
        Json::Object(members) => members.iter().for_each(|(name, item)| within(name, item)),
        _ => {}
    }
}

fn mutate(text: &str, mutation: Mutation, position: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let place = position % bytes.len();
    match mutation {
        Mutation::Flip { bit } => bytes[place] ^= 1 << bit,
        Mutation::Delete => {
            bytes.remove(place);
        }
        Mutation::Insert { byte } => bytes.insert(place, byte),
        _ => return mutate_json(text, mutation, position),
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn mutate_json(text: &str, mutation: Mutation, position: usize) -> String {
    let mut stored: Json = serde_json::from_str(text).expect("JSON");
    let mut all = Vec::new();
    places(&stored, &mut String::new(), &mut all);
    // Bytes of infos and procedure tables are the greater part of the text and less interesting.
    let rest: Vec<_> = all.iter().filter(|p| !p.contains("/info/") && !p.contains("/proc_table/")).cloned().collect();
    let wanted = |value: &Json| match mutation {
        Mutation::Number { .. } => value.is_number(),
        Mutation::Double | Mutation::Swap => value.as_array().is_some_and(|a| a.len() > 1),
        Mutation::Member => value.as_object().is_some_and(|members| !members.is_empty()),
        _ => true,
    };
    let rest: Vec<_> = rest.into_iter().filter(|p| stored.pointer(p).is_some_and(wanted)).collect();
    let pointer = &rest[position % rest.len()];
    match mutation {
        Mutation::Remove => {
            let (outer, name) = pointer.rsplit_once('/').unwrap_or(("", ""));
            match stored.pointer_mut(outer) {
                Some(Json::Object(members)) => {
                    members.shift_remove(name);
                }
                Some(Json::Array(items)) => {
                    items.remove(name.parse().expect("an index"));
                }
                _ => {}
            }
        }
        Mutation::Double => {
            let items = stored.pointer_mut(pointer).and_then(Json::as_array_mut).expect("a list");
            let place = position / 7 % items.len();
            items.insert(place, items[place].clone());
        }
        Mutation::Swap => {
            let items = stored.pointer_mut(pointer).and_then(Json::as_array_mut).expect("a list");
            let place = position / 7 % (items.len() - 1);
            items.swap(place, place + 1);
        }
        Mutation::Member => {
            // A member that comes twice: no JSON value has one, a text may.
            let members = stored.pointer_mut(pointer).and_then(Json::as_object_mut).expect("an object");
            let (name, value) = members.iter().nth(position / 7 % members.len()).expect("a member");
            let (name, value) = (name.clone(), value.clone());
            members.insert("twice".to_owned(), value);
            return stored.to_string().replace("\"twice\"", &format!("\"{name}\""));
        }
        Mutation::Number { choice } => {
            let value = stored.pointer_mut(pointer).expect("a number");
            let number = value.as_i64().unwrap_or(-1);
            *value = match choice % 16 {
                0 => json!(0),
                1 => json!(u64::MAX),
                2 => json!(u32::MAX),
                3 => json!(i64::MIN),
                4 => json!(u16::MAX),
                5 => json!(1u64 << 61),
                6 => json!((1u64 << 30) - 1),
                7 => json!(number / 2),
                8 => json!(number.wrapping_add(4)),
                9 => json!(number.wrapping_add(0x400)),
                10 => json!(number.wrapping_sub(1)),
                11 => json!(-1),
                12 => json!(number ^ 2),
                _ => json!(number.wrapping_add(1)),
            };
        }
        Mutation::Replace { choice } => {
            // By a value from elsewhere in the text.
            let from = &all[(usize::from(choice) * 97 + position / 3) % all.len()];
            let other = stored.pointer(from).cloned().unwrap_or(Json::Null);
            *stored.pointer_mut(pointer).expect("a place") = other;
        }
        Mutation::Flip { .. } | Mutation::Delete | Mutation::Insert { .. } => {}
    }
    stored.to_string()
}

/// What a text restores to is sound and can go on; what it does not is refused with a place.
fn restores_or_is_refused(text: &str, seed: u64) -> bool {
    match restore(text) {
        Ok(mut system) => {
            assert_eq!(system.world().check(), Vec::new());
            system.fingerprint();
            let mut random = Random::new(seed);
            for _ in 0..50 {
                if random_step(&mut system, &mut random, true).is_none() {
                    break;
                }
                assert_eq!(system.world().check(), Vec::new());
            }
            true
        }
        Err(error) => {
            assert!(error.to_string().contains(':'), "{error}");
            false
        }
    }
}

/// A thousand; more where PROPTEST_CASES says so.
fn cases() -> u32 {
    ProptestConfig::default().cases.max(1_000)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_snapshot_is_sound_or_refused(
        base in 0..6usize,
        seed in 0..16u64,
        steps in 0..120usize,
        mutation in mutations(),
        position in 0..1usize << 40,
    ) {
        let text = midway(Base::ALL[base], seed, steps).snapshot().to_json();
        restores_or_is_refused(&mutate(&text, mutation, position), seed);
    }

    #[test]
    fn any_text_is_refused(text in any::<String>(), json in "[\\[\\]{}:,\"a-z0-9 ]{0,60}") {
        prop_assert!(!restores_or_is_refused(&text, 0));
        prop_assert!(!restores_or_is_refused(&json, 0));
        let within = format!("{{\"format\":\"winspi-snapshot\",\"version\":1,\"build\":\"0.1.0\",\"system\":{json}}}");
        prop_assert!(!restores_or_is_refused(&within, 0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_copy_and_a_restored_run_go_on_alike(base in 0..6usize, seed: u64, steps in 0..160usize, on: u64) {
        let base = Base::ALL[base];
        let mut kept = midway(base, seed, steps);
        let text = kept.snapshot().to_json();
        prop_assert_eq!(&midway(base, seed, steps).snapshot().to_json(), &text, "the same seed");
        let mut others = [kept.clone(), restore(&text).map_err(|error| TestCaseError::fail(error.to_string()))?];
        for other in &others {
            prop_assert_eq!(&other.snapshot().to_json(), &text);
        }
        let told = |events: Option<Vec<_>>| serde_json::to_string(&events).ok();
        for step in 0..60 {
            let next = |system: &mut System<Line>| random_step(system, &mut Random::new(on.wrapping_add(step)), true);
            let events = told(next(&mut kept));
            for other in &mut others {
                prop_assert_eq!(&told(next(other)), &events);
            }
        }
        prop_assert_eq!(others[0].snapshot().to_json(), kept.snapshot().to_json());
        prop_assert_eq!(others[1].encoding(), kept.encoding());
    }
}

/// The mutations do their work: a good part of what they give restores, and a good part is refused.
#[test]
fn changed_snapshots_are_both() {
    let mut restored = [0; 2];
    let mut random = Random::new(5);
    for case in 0..400 {
        let text = midway(Base::ALL[case % 6], case as u64, random.below(100)).snapshot().to_json();
        let mutation = Mutation::Number { choice: random.below(256) as u8 };
        let text = mutate(&text, mutation, random.below(1 << 30));
        restored[usize::from(restores_or_is_refused(&text, 1))] += 1;
    }
    assert!(restored.iter().all(|count| *count > 40), "{restored:?}");
}
