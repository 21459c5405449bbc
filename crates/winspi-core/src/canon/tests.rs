//! The encoding of values: each has bytes of its own, and says where it ends.

use proptest::prelude::*;
use serde::Serialize;
use serde_json::Value as Json;

use super::{Canon, Form, Scratch};
use crate::policy::Policy;
use crate::shared::Shared;
use crate::wait::Deadline;
use crate::world::World;
use crate::ws2_32::catalog::{Catalog, ProviderKind};

fn world() -> World {
    World::new(Catalog::with_base(ProviderKind::BaseIfs), Policy::default())
}

fn encoded<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let (world, mut scratch) = (world(), Scratch::default());
    Canon::begin(&world, &mut scratch, Form::Whole).value(value);
    scratch.out
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        prop_oneof![(-20..20i64), any::<i64>(), (250..260i64), (65_530..65_540i64)].prop_map(Json::from),
        "[ab\\x00]{0,3}".prop_map(Json::from),
        (0..15usize).prop_map(|n| Json::from("x".repeat(n))),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
            proptest::collection::vec(("[ab]", inner), 0..3).prop_map(|m| Json::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn values_differ_exactly_when_their_bytes_do(one in json(), other in json()) {
        prop_assert_eq!(one == other, encoded(&one) == encoded(&other));
    }

    #[test]
    fn no_value_begins_with_another(one in json(), other in json()) {
        let (one, other) = (encoded(&one), encoded(&other));
        prop_assert!(one == other || !one.starts_with(&other));
    }

    #[test]
    fn a_number_is_short(one in any::<u64>(), small in 0..12u8) {
        prop_assert!(encoded(&one).len() <= 9);
        prop_assert_eq!(encoded(&small).len(), 1);
        prop_assert_eq!(encoded(&small), encoded(&i64::from(small)));
    }
}

#[derive(Serialize)]
enum Choice {
    Empty,
    One(u8),
    Pair(u8, u8),
    Named { a: u8 },
    List(Vec<u8>),
}

#[derive(Serialize)]
struct Optional {
    #[serde(skip_serializing_if = "Option::is_none")]
    a: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    b: Option<u8>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Untagged {
    Number(u8),
    Text(&'static str),
    List(Vec<u8>),
}

#[test]
fn shapes_differ() {
    let shapes = [
        encoded(&Choice::Empty),
        encoded(&Choice::One(1)),
        encoded(&Choice::Pair(1, 1)),
        encoded(&Choice::Named { a: 1 }),
        encoded(&Choice::List(vec![1])),
        encoded(&Optional { a: Some(1), b: None }),
        encoded(&Optional { a: None, b: Some(1) }),
        encoded(&Optional { a: None, b: None }),
        encoded(&Untagged::Number(1)),
        encoded(&Untagged::Text("\u{1}")),
        encoded(&Untagged::List(vec![1])),
        encoded(&'\u{1}'),
        encoded(&-1),
        encoded(&-2),
        encoded(&1.0),
        encoded(&1u128),
        encoded(&()),
        encoded(&None::<u8>),
        encoded(&Some(None::<u8>)),
        encoded(&Some(1)),
        encoded(&true),
        encoded(&false),
    ];
    let mut different = shapes.to_vec();
    different.sort();
    different.dedup();
    // `List(vec![1])` of the untagged choice and `Optional` with one field look alike: they are of different types.
    assert!(different.len() >= shapes.len() - 1, "{different:?}");
}

#[test]
fn a_value_that_cannot_be_written_has_its_error_in_its_place() {
    struct Refuses(&'static str);
    impl Serialize for Refuses {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom(self.0))
        }
    }
    assert_ne!(encoded(&Refuses("a")), encoded(&Refuses("b")));
}

#[test]
fn moments_that_are_over_are_alike() {
    let mut world = world();
    world.set_now(10);
    let mut scratch = Scratch::default();
    let mut bytes = |deadline: u64| {
        Canon::begin(&world, &mut scratch, Form::Whole).value(&Deadline(deadline));
        scratch.out.clone()
    };
    assert_eq!(bytes(3), bytes(10));
    assert_ne!(bytes(10), bytes(11));
}

#[test]
fn sequences_of_unknown_length_end() {
    struct Open(Vec<u8>);
    impl Serialize for Open {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut sequence = serializer.serialize_seq(None)?;
            for item in &self.0 {
                serde::ser::SerializeSeq::serialize_element(&mut sequence, item)?;
            }
            serde::ser::SerializeSeq::end(sequence)
        }
    }
    assert_ne!(encoded(&(Open(vec![1]), Open(vec![]))), encoded(&(Open(vec![]), Open(vec![1]))));
}

#[test]
fn a_component_that_changed_is_encoded_again() {
    let mut shared = Shared::new(3_u32);
    let print = |shared: &Shared<u32>| {
        let (world, mut scratch) = (world(), Scratch::default());
        Canon::begin(&world, &mut scratch, Form::Hashed).component(shared);
        scratch.out
    };
    let (before, copy) = (print(&shared), shared.clone());
    *shared.change() = 4;
    assert_ne!(print(&shared), before);
    assert_eq!(print(&copy), before);
    *shared.change() = 3;
    assert_eq!(print(&shared), before);
}

#[test]
fn what_a_component_leaves_open_depends_on_the_world_alone() {
    let shared = Shared::new((Deadline(30), 7_u8));
    let print = |now: u64| {
        let (mut world, mut scratch) = (world(), Scratch::default());
        world.set_now(now);
        Canon::begin(&world, &mut scratch, Form::Hashed).component(&shared);
        scratch.out
    };
    assert_ne!(print(10), print(20));
    assert_eq!(print(40), print(50));
}
