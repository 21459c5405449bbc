//! Values and expectations. What stands within another is boxed, so that a deep tree takes little of the stack.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use winspi_script::syntax::tree::*;

use super::words::*;

pub(crate) fn value() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        number().prop_map(ValueKind::Number),
        bytes().prop_map(ValueKind::String),
        address().prop_map(ValueKind::Address),
        any::<(u64, u64)>().prop_map(|(major, minor)| ValueKind::Version(major, minor)),
        time().prop_map(ValueKind::Time),
        bytes().prop_map(ValueKind::Guid),
        prop::sample::select(vec![ValueKind::True, ValueKind::False, ValueKind::Null, ValueKind::Bad]),
        name().prop_map(|name| ValueKind::Path(Path { name, arguments: None, steps: Vec::new() })),
    ];
    leaf.prop_map(Value::new)
        .prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..3).prop_map(ValueKind::List),
                structure(inner.clone()).prop_map(ValueKind::Struct),
                inner.clone().prop_map(|value| ValueKind::Group(Box::new(value))),
                path(inner.clone()).prop_map(ValueKind::Path),
                vec(inner.clone(), 2..4)
                    .prop_map(|all| ValueKind::Or(all.into_iter().map(|value| tight(value, 1)).collect())),
                vec(inner.clone(), 2..4)
                    .prop_map(|all| ValueKind::And(all.into_iter().map(|value| tight(value, 2)).collect())),
                (inner.clone(), structure(inner))
                    .prop_map(|(value, changes)| ValueKind::With { value: Box::new(tight(value, 3)), changes }),
            ]
            .prop_map(Value::new)
        })
        .boxed()
}

/// With parentheses, if it binds less tight.
pub(crate) fn tight(value: Value, least: u8) -> Value {
    let tightness = match value.kind {
        ValueKind::Or(_) => 0,
        ValueKind::And(_) => 1,
        ValueKind::With { .. } => 2,
        _ => 3,
    };
    if tightness < least { Value::new(ValueKind::Group(Box::new(value))) } else { value }
}

pub(crate) fn field(value: BoxedStrategy<Value>) -> BoxedStrategy<Field> {
    (field_name(), of(value)).prop_map(|(name, index)| Field { span: Span::default(), name, index }).boxed()
}

pub(crate) fn structure(value: BoxedStrategy<Value>) -> BoxedStrategy<Vec<FieldValue>> {
    vec(
        (field(value.clone()), value).prop_map(|(field, value)| FieldValue { span: Span::default(), field, value }),
        0..3,
    )
    .boxed()
}

pub(crate) fn path(value: BoxedStrategy<Value>) -> BoxedStrategy<Path> {
    let step = prop_oneof![field_name().prop_map(PathStep::Field), value.clone().prop_map(PathStep::Index)];
    (name(), of(arguments(value)), vec(step, 0..3))
        .prop_map(|(name, arguments, steps)| Path { name, arguments, steps })
        .boxed()
}

pub(crate) fn arguments(value: BoxedStrategy<Value>) -> BoxedStrategy<Vec<Argument>> {
    let argument = |name: Option<Name>, value| Argument { span: Span::default(), name, value };
    (vec(value.clone(), 0..3), vec((field_name(), value), 0..2))
        .prop_map(move |(first, named)| {
            let named = named.into_iter().map(|(name, value)| argument(Some(name), value));
            first.into_iter().map(|value| argument(None, value)).chain(named).collect()
        })
        .boxed()
}

// ---- expectations

pub(crate) fn begins_with_bracket(value: &Value) -> bool {
    match &value.kind {
        ValueKind::List(_) | ValueKind::Struct(_) => true,
        ValueKind::Or(values) | ValueKind::And(values) => begins_with_bracket(&values[0]),
        ValueKind::With { value, .. } => begins_with_bracket(value),
        _ => false,
    }
}

pub(crate) fn expected_value() -> BoxedStrategy<Value> {
    value()
        .prop_map(
            |value| {
                if begins_with_bracket(&value) { Value::new(ValueKind::Group(Box::new(value))) } else { value }
            },
        )
        .boxed()
}

pub(crate) fn comparison() -> impl Strategy<Value = Comparison> {
    prop::sample::select(Comparison::ALL.to_vec())
}

pub(crate) fn expectation() -> BoxedStrategy<Expectation> {
    let simple = prop::sample::select(vec![
        ExpectationKind::Ok,
        ExpectationKind::Any,
        ExpectationKind::Pending,
        ExpectationKind::Fails(None),
        ExpectationKind::Blocks,
        ExpectationKind::BlocksForEver,
    ]);
    let leaf = prop_oneof![
        simple,
        number().prop_map(|number| ExpectationKind::Fails(Some(number))),
        value().prop_map(ExpectationKind::AsValue),
        (comparison(), value()).prop_map(|(comparison, value)| ExpectationKind::Compare(comparison, value)),
        expected_value().prop_map(ExpectationKind::Value),
    ];
    leaf.prop_map(with_place)
        .prop_recursive(3, 12, 3, |inner| {
            let part = expected(inner.clone());
            prop_oneof![
                vec(inner, 1..3).prop_map(ExpectationKind::OneOf),
                record(part.clone()).prop_map(ExpectationKind::Record),
                vec(part, 0..3).prop_map(ExpectationKind::Each),
            ]
            .prop_map(with_place)
        })
        .boxed()
}

pub(crate) fn with_place(kind: ExpectationKind) -> Expectation {
    Expectation { span: Span::default(), kind }
}

pub(crate) fn expected(inner: BoxedStrategy<Expectation>) -> BoxedStrategy<Expected> {
    let with_place = |kind| Expected { span: Span::default(), kind };
    let leaf = prop_oneof![
        Just(ExpectedKind::Untouched),
        vec(inner, 1..3).prop_map(ExpectedKind::OneOf),
        expected_value().prop_map(ExpectedKind::Value)
    ];
    leaf.prop_map(with_place)
        .prop_recursive(2, 6, 3, move |part| {
            prop_oneof![
                record(part.clone()).prop_map(ExpectedKind::Record),
                vec(part, 0..3).prop_map(ExpectedKind::Each)
            ]
            .prop_map(with_place)
        })
        .boxed()
}

pub(crate) fn record(part: BoxedStrategy<Expected>) -> BoxedStrategy<Vec<ExpectedField>> {
    vec(
        (field(value()), part).prop_map(|(field, expected)| ExpectedField { span: Span::default(), field, expected }),
        0..3,
    )
    .boxed()
}

pub(crate) fn outcome() -> BoxedStrategy<Box<Outcome>> {
    (expectation(), of(id()), of(name()))
        .prop_map(|(expectation, by, from)| Box::new(Outcome { span: Span::default(), expectation, by, from }))
        .boxed()
}
