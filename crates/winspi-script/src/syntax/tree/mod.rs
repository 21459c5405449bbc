//! The syntax tree: plain data, one type for each rule of `docs/language.peg` that leaves something behind.
//!
//! Everything here can be built by hand, too (explorer and fuzzer do so), and then be printed with
//! [`print`](crate::syntax::print()). Comments and blank lines are part of the tree ([`Notes`]); places in the text
//! ([`Span`]) are carried along, but two trees that differ in places only are equal.
//!
//! This file has what a file consists of; [`Statement`] and what belongs to it is in `statement.rs`, [`Value`] in
//! `value.rs`, [`Expectation`] in `expectation.rs`.

mod expectation;
mod place;
mod statement;
mod value;

use serde::{Deserialize, Serialize};

pub use expectation::{Comparison, Expectation, ExpectationKind, Expected, ExpectedField, ExpectedKind, Outcome};
pub use place::{Above, Braced, Name, Notes, Span};
pub use statement::{
    Act, ActKind, Action, Argument, Block, Body, BusAction, BusMessage, Call, Callback, CallbackKind, Claim, Link,
    Operand, Repeat, RepeatUntil, Statement, StatementKind, Test, TestRight, ThreadLine, Who, World,
};
pub use value::{
    Address, Bytes, Field, FieldValue, Network, NetworkPart, Number, Path, PathStep, Spelling, Text, Time, TimeUnit,
    Value, ValueKind,
};

/// A whole `.winspi` file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct File {
    /// `scenario "..."`.
    pub title: Option<Headline>,
    /// Each `about "..."`, in order.
    pub about: Vec<Headline>,
    /// What the file needs; these lines stand below the title and the `about` texts.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Declarations, marks and statements before the cases or the schedule: the scenario, or what runs before each case.
    pub items: Vec<Item>,
    /// The cases of a conformance file. A file has cases or a schedule, never both.
    pub cases: Vec<Case>,
    /// The recorded schedule at the end of a file without cases.
    pub schedule: Option<Schedule>,
    /// Comments after everything else.
    pub tail: Vec<Above>,
}

/// `scenario "..."` or `about "..."`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Headline {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// Comments at it.
    #[serde(default)]
    pub notes: Notes,
    /// The text.
    pub text: Text,
}

/// One entry at the top of a file: rule `Top`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Item {
    /// `process ...`
    Process(Process),
    /// `thread ...`
    Thread(Thread),
    /// `layer ...`
    Layer(Layer),
    /// `define ...`
    Define(Define),
    /// `setup { ... }`
    Setup(Setup),
    /// `step 1 "..."`
    Mark(Mark),
    /// A statement.
    Statement(Statement),
}

impl Item {
    /// Where the item stands.
    pub fn span(&self) -> Span {
        match self {
            Item::Process(item) => item.span,
            Item::Thread(item) => item.span,
            Item::Layer(item) => item.span,
            Item::Define(item) => item.span,
            Item::Setup(item) => item.span,
            Item::Mark(item) => item.span,
            Item::Statement(item) => item.span,
        }
    }

    /// The comments at the item.
    pub fn notes(&self) -> &Notes {
        match self {
            Item::Process(item) => &item.notes,
            Item::Thread(item) => &item.notes,
            Item::Layer(item) => &item.notes,
            Item::Define(item) => &item.notes,
            Item::Setup(item) => &item.notes,
            Item::Mark(item) => &item.notes,
            Item::Statement(item) => &item.notes,
        }
    }
}

/// `process target (started=no, bits=32)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Process {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// Comments at it.
    #[serde(default)]
    pub notes: Notes,
    /// The name of the process and of its main thread.
    pub name: Name,
    /// What is in parentheses; empty if there are none.
    pub options: Vec<Setting>,
}

/// One entry of the options of a process or layer: `bits=32`, `started=no`, `non-ifs`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Setting {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// The name; with hyphens only if there is no value.
    pub name: Name,
    /// The value behind `=`, if any.
    pub value: Option<SettingValue>,
}

/// The value of a [`Setting`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SettingValue {
    /// `yes`
    Yes,
    /// `no`
    No,
    /// Any other value.
    Value(Value),
}

/// `thread source.worker`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Thread {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// Comments at it.
    #[serde(default)]
    pub notes: Notes,
    /// The process that has the thread.
    pub process: Name,
    /// The name of the thread.
    pub name: Name,
}

/// `layer filter (non-ifs) over tcp, udp { ... }`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Layer {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// Comments at it.
    #[serde(default)]
    pub notes: Notes,
    /// The name of the layer.
    pub name: Name,
    /// What is in parentheses; empty if there are none.
    pub options: Vec<Setting>,
    /// The entries below, at least one.
    pub over: Vec<Name>,
    /// What the layer does, if it has braces.
    pub rules: Option<Braced<Rule>>,
}

/// A line in a layer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rule {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// Comments at it.
    #[serde(default)]
    pub notes: Notes,
    /// What it says.
    pub kind: RuleKind,
}

/// What a line in a layer says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RuleKind {
    /// `hooks WSPConnect, WSPSend`
    Hooks(Vec<Name>),
    /// `count bytes`
    CountBytes,
    /// `breaks unregistered-handle`
    Breaks(Name),
    /// `on FUNCTION [to NETWORK] ...`
    On {
        /// The function.
        function: Name,
        /// Only calls with such an address.
        to: Option<Network>,
        /// What then happens.
        action: RuleAction,
    },
}

/// What a layer does with a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RuleAction {
    /// `=> WSAEACCES`
    Answer(Name),
    /// `redirect 127.0.0.1:8080`
    Redirect(Address),
    /// `transform xor 0x5a`
    TransformXor(Number),
}

/// `define listener(l, where) { ... }`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Define {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// Comments at it.
    #[serde(default)]
    pub notes: Notes,
    /// The name that it is called by.
    pub name: Name,
    /// Its parameters.
    pub parameters: Vec<Name>,
    /// Its statements.
    pub body: Body,
}

/// `setup { ... }`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Setup {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// Comments at it.
    #[serde(default)]
    pub notes: Notes,
    /// Its statements.
    pub block: Block,
}

/// `step 1 "connect"`: marks the statements that follow.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mark {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// Comments at it.
    #[serde(default)]
    pub notes: Notes,
    /// Its number.
    pub number: Number,
    /// Its title.
    pub title: Text,
}

/// `case WSPBind.error-enotsock "..." { ... }`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Case {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// Comments at it.
    #[serde(default)]
    pub notes: Notes,
    /// The clause that it checks.
    pub id: Name,
    /// Its title.
    pub title: Text,
    /// What it needs; these lines stand first in the braces.
    pub needs: Vec<Need>,
    /// Its statements, and the layout of the whole.
    pub block: Block,
}

/// `needs ...` of a file or a case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Need {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// Comments at it.
    #[serde(default)]
    pub notes: Notes,
    /// What is needed.
    pub kind: NeedKind,
}

/// What a file or a case needs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NeedKind {
    /// `needs ifs`
    Ifs,
    /// `needs non-ifs`
    NonIfs,
    /// `needs base ifs`
    BaseIfs,
    /// `needs base non-ifs`
    BaseNonIfs,
    /// `needs layered`
    Layered,
    /// `needs decision NAME=VALUE`
    Decision {
        /// The decision.
        name: Name,
        /// Its value.
        value: Name,
    },
    /// `needs profile NAME`
    Profile(Name),
}

/// `schedule { ... }`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Schedule {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// Comments at it.
    #[serde(default)]
    pub notes: Notes,
    /// The transitions, a line for each.
    pub transitions: Braced<Transition>,
}

/// One line of a schedule, as explore and fuzz write it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Transition {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// Comments at it.
    #[serde(default)]
    pub notes: Notes,
    /// The line without blanks around it.
    pub text: String,
}
