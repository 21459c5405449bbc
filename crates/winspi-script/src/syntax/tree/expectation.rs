//! What a call should give.

use serde::{Deserialize, Serialize};

use super::{Field, Name, Number, Span, Value};

/// `=> EXPECTATION [by CLAUSE] [from PARTY]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Outcome {
    /// Where it stands, with `=>`.
    #[serde(default)]
    pub span: Span,
    /// What should come out.
    pub expectation: Expectation,
    /// The clause or decision that it rests on.
    pub by: Option<Name>,
    /// Who answered.
    pub from: Option<Name>,
}

/// An expectation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Expectation {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// What it says.
    pub kind: ExpectationKind,
}

/// What an expectation says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ExpectationKind {
    /// `ok`
    Ok,
    /// `any`
    Any,
    /// `pending`
    Pending,
    /// `fails`, or `fails 10038`
    Fails(Option<Number>),
    /// `blocks`
    Blocks,
    /// `blocks for ever`
    BlocksForEver,
    /// `value WSAECONNREFUSED`: the value, even if it is the name of an error.
    AsValue(Value),
    /// `one of [...]`
    OneOf(Vec<Expectation>),
    /// `{field=expected, ...}`
    Record(Vec<ExpectedField>),
    /// `[expected, ...]`
    Each(Vec<Expected>),
    /// `>= 5`
    Compare(Comparison, Value),
    /// A value, or the name of an error. Never a list or structure that does not stand in parentheses.
    Value(Value),
}

/// A field of a record with what it should be.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ExpectedField {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// The field.
    pub field: Field,
    /// What it should be.
    pub expected: Expected,
}

/// What a part of a result should be.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Expected {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// What it says.
    pub kind: ExpectedKind,
}

/// What is said about a part of a result.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ExpectedKind {
    /// `untouched`: the call did not write it.
    Untouched,
    /// `one of [...]`
    OneOf(Vec<Expectation>),
    /// `{field=expected, ...}`
    Record(Vec<ExpectedField>),
    /// `[expected, ...]`
    Each(Vec<Expected>),
    /// A value. Never a list or structure that does not stand in parentheses.
    Value(Value),
}

/// An operator of comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `<`
    Less,
    /// `>`
    More,
}

impl Comparison {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Comparison; 6] = [
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::AtMost,
        Comparison::AtLeast,
        Comparison::Less,
        Comparison::More,
    ];

    /// How it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
            Comparison::AtMost => "<=",
            Comparison::AtLeast => ">=",
            Comparison::Less => "<",
            Comparison::More => ">",
        }
    }
}
