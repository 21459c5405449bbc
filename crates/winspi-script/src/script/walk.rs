//! Walks over the values of a tree: who reads which names, and what a define puts in their places.

use crate::syntax::tree::{self, ExpectationKind, ExpectedKind, PathStep, Value, ValueKind};

/// What a walk does with a value that begins with a name.
pub(crate) type Change<'f> = &'f mut dyn FnMut(&mut Value);

/// All values of a call that begin with a name, those in arguments, steps and expectations included.
pub(crate) fn call(call: &mut tree::Call, change: Change<'_>) {
    arguments(&mut call.arguments, change);
    if let Some(outcome) = &mut call.outcome {
        expectation(&mut outcome.expectation, change);
    }
}

/// As [`call`], for a test.
pub(crate) fn test(test: &mut tree::Test, change: Change<'_>) {
    value(&mut test.left, change);
    if let Some(right) = &mut test.right {
        match &mut right.operand {
            tree::Operand::Value(right) => value(right, change),
            tree::Operand::OneOf(list) => list.iter_mut().for_each(|e| expectation(e, change)),
        }
    }
}

/// As [`call`], for an expectation.
pub(crate) fn expectation(expectation: &mut tree::Expectation, change: Change<'_>) {
    match &mut expectation.kind {
        ExpectationKind::AsValue(v) | ExpectationKind::Compare(_, v) | ExpectationKind::Value(v) => value(v, change),
        ExpectationKind::OneOf(list) => list.iter_mut().for_each(|e| self::expectation(e, change)),
        ExpectationKind::Record(fields) => record(fields, change),
        ExpectationKind::Each(items) => items.iter_mut().for_each(|e| expected(e, change)),
        ExpectationKind::Ok
        | ExpectationKind::Any
        | ExpectationKind::Pending
        | ExpectationKind::Fails(_)
        | ExpectationKind::Blocks
        | ExpectationKind::BlocksForEver => {}
    }
}

fn expected(expected: &mut tree::Expected, change: Change<'_>) {
    match &mut expected.kind {
        ExpectedKind::Untouched => {}
        ExpectedKind::OneOf(list) => list.iter_mut().for_each(|e| expectation(e, change)),
        ExpectedKind::Record(fields) => record(fields, change),
        ExpectedKind::Each(items) => items.iter_mut().for_each(|e| self::expected(e, change)),
        ExpectedKind::Value(v) => value(v, change),
    }
}

fn record(fields: &mut [tree::ExpectedField], change: Change<'_>) {
    for field in fields {
        if let Some(index) = &mut field.field.index {
            value(index, change);
        }
        expected(&mut field.expected, change);
    }
}

fn arguments(arguments: &mut [tree::Argument], change: Change<'_>) {
    arguments.iter_mut().for_each(|a| value(&mut a.value, change));
}

fn fields(fields: &mut [tree::FieldValue], change: Change<'_>) {
    for field in fields {
        if let Some(index) = &mut field.field.index {
            value(index, change);
        }
        value(&mut field.value, change);
    }
}

/// As [`call`], for a value. What is inside comes first, so that what takes its place is not looked at again.
pub(crate) fn value(v: &mut Value, change: Change<'_>) {
    match &mut v.kind {
        ValueKind::List(items) | ValueKind::Or(items) | ValueKind::And(items) => {
            items.iter_mut().for_each(|item| value(item, change));
        }
        ValueKind::Struct(list) => fields(list, change),
        ValueKind::With { value: of, changes } => {
            value(of, change);
            fields(changes, change);
        }
        ValueKind::Group(inner) => value(inner, change),
        ValueKind::Path(path) => {
            if let Some(list) = &mut path.arguments {
                arguments(list, change);
            }
            for step in &mut path.steps {
                if let PathStep::Index(index) = step {
                    value(index, change);
                }
            }
            change(v);
        }
        ValueKind::Number(_)
        | ValueKind::String(_)
        | ValueKind::Address(_)
        | ValueKind::Version(..)
        | ValueKind::Time(_)
        | ValueKind::Guid(_)
        | ValueKind::True
        | ValueKind::False
        | ValueKind::Null
        | ValueKind::Bad => {}
    }
}

/// The paths that a walk over a copy finds.
pub(crate) fn paths<T: Clone>(of: &T, walk: impl Fn(&mut T, Change<'_>)) -> Vec<tree::Path> {
    let mut found = Vec::new();
    walk(&mut of.clone(), &mut |v| {
        if let ValueKind::Path(path) = &v.kind {
            found.push(path.clone());
        }
    });
    found
}
