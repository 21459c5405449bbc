//! Statements, calls, questions.

use serde::{Deserialize, Serialize};

use super::{Braced, Comparison, Expectation, Name, Notes, Number, Outcome, Span, Time, Value};

/// The statements of `setup`, `repeat`, `at end` and cases.
pub type Block = Braced<Statement>;

/// The statements of a define, callback, condition function or hook: without WHO.
pub type Body = Braced<Act>;

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Statement {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// Comments at it.
    #[serde(default)]
    pub notes: Notes,
    /// What it says.
    pub kind: StatementKind,
}

/// What a statement says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StatementKind {
    /// `repeat ... { ... }`
    Repeat(Repeat),
    /// `at end { ... }`
    AtEnd(Block),
    /// `callback`, `condition` or `hook`
    Callback(Callback),
    /// `WHO: ...`
    Thread(ThreadLine),
    /// `expect ...`
    Expect(Test),
    /// `always`, `reachable`, `finally`
    Claim(Claim),
    /// What is done to the world from outside.
    World(World),
}

/// `repeat 1000 { ... }`, `repeat until WSAEWOULDBLOCK { ... }` or `repeat any { ... }`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Repeat {
    /// How often.
    pub until: RepeatUntil,
    /// What.
    pub block: Block,
}

/// How long a `repeat` goes on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RepeatUntil {
    /// So many times.
    Times(Number),
    /// Until the call comes out like this.
    Outcome(Expectation),
    /// For ever, each time any one of the lines.
    Any,
}

/// `callback done in source { ... }`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Callback {
    /// Which kind.
    pub kind: CallbackKind,
    /// Its name.
    pub name: Name,
    /// The process that it belongs to.
    pub process: Name,
    /// Its statements.
    pub body: Body,
}

/// The kinds of functions that are called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CallbackKind {
    /// `callback`: a completion routine or APC.
    Callback,
    /// `condition`: a condition function of WSPAccept.
    Condition,
    /// `hook`: a blocking hook.
    Hook,
}

/// `WHO: ...`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ThreadLine {
    /// The thread that acts.
    pub who: Who,
    /// What it does.
    pub action: Action,
}

/// A process (its main thread) or `process.thread`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Who {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// The process.
    pub process: Name,
    /// The thread, if it is not the main thread.
    pub thread: Option<Name>,
}

/// What a thread does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// `returns [=> ...]`
    Returns(Option<Box<Outcome>>),
    /// `sync NAME`
    Sync(Name),
    /// A call.
    Call(Call),
    /// A call that can be made only while tests hold: `... when TEST and TEST`.
    When(Call, Vec<Test>),
}

/// `[NAME =] Function(arguments) [as PROVIDER] [=> ...]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Call {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// The name that is bound to the result.
    pub bind: Option<Name>,
    /// A function, a define, or a name bound to a function.
    pub function: Name,
    /// The arguments; those by name stand behind the others.
    pub arguments: Vec<Argument>,
    /// The provider that calls: `as base`.
    pub provider: Option<Name>,
    /// What it should give.
    pub outcome: Option<Box<Outcome>>,
}

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Argument {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// The parameter, if it is given by name.
    pub name: Option<Name>,
    /// The value.
    pub value: Value,
}

/// A statement of a define or callback.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Act {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// Comments at it.
    #[serde(default)]
    pub notes: Notes,
    /// What it says.
    pub kind: ActKind,
}

/// What a statement of a define or callback says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ActKind {
    /// `expect ...`
    Expect(Test),
    /// `return ...`
    Return(Value),
    /// A call.
    Call(Call),
}

/// The question of `expect`, `always`, `reachable`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Test {
    /// Where it stands.
    #[serde(default)]
    pub span: Span,
    /// The left side, or all.
    pub left: Value,
    /// The comparison, if there is one.
    pub right: Option<TestRight>,
}

/// The operator and the right side of a [`Test`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TestRight {
    /// The operator.
    pub comparison: Comparison,
    /// The right side.
    pub operand: Operand,
}

/// The right side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operand {
    /// `one of [...]`
    OneOf(Vec<Expectation>),
    /// A value.
    Value(Value),
}

/// What should hold for a whole run, or for all runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Claim {
    /// `always ...`
    Always(Test),
    /// `reachable ...`
    Reachable(Test),
    /// `finally no leaks`
    FinallyNoLeaks,
    /// `expect hazard NAME`
    Hazard(Name),
}

/// What is done to the world from outside: rule `World`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum World {
    /// `kill target`
    Kill(Name),
    /// `advance 2s`
    Advance(Time),
    /// `step source [to FUNCTION]`
    Step {
        /// The thread that goes on.
        who: Who,
        /// The boundary up to which it goes.
        to: Option<Name>,
    },
    /// `hold network`, `hold bus`
    Hold(Link),
    /// `release network`, `release bus`
    Release(Link),
    /// `deliver bus source -> target`, and so on
    Bus {
        /// What happens to the message.
        action: BusAction,
        /// Which message.
        message: BusMessage,
    },
    /// `deliver source.s`
    Deliver {
        /// The process.
        process: Name,
        /// Its name for the socket.
        socket: Name,
    },
    /// `lose source.s`
    Lose {
        /// The process.
        process: Name,
        /// Its name for the socket.
        socket: Name,
    },
    /// `fault buffers(...)`
    Fault {
        /// The kind of fault.
        name: Name,
        /// The arguments, if there are parentheses.
        arguments: Option<Vec<Argument>>,
    },
    /// `clear faults`
    ClearFaults,
}

/// What can be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Link {
    /// `network`
    Network,
    /// `bus`
    Bus,
}

/// What can be done to a message of the bus.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BusAction {
    /// `deliver`
    Deliver,
    /// `lose`
    Lose,
    /// `duplicate`
    Duplicate,
    /// `damage ... byte NUMBER`
    Damage(Number),
}

/// `bus source -> target [message 2]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BusMessage {
    /// The sender.
    pub from: Name,
    /// The receiver.
    pub to: Name,
    /// Which message, if not the oldest.
    pub number: Option<Number>,
}
