//! Pieces of scenarios: what the generators put lines together from.

use winspi_script::syntax::tree::{
    Action, Argument, Bytes, Call, Expectation, ExpectationKind, Field, FieldValue, Item, Name, Notes, Number, Outcome,
    Path, PathStep, Process, Span, Statement, StatementKind, Thread, ThreadLine, Value, ValueKind, Who, World,
};

/// `42`
pub(super) fn number(value: i128) -> Value {
    Value::new(ValueKind::Number(Number::decimal(value)))
}

/// `0x2a`
pub(super) fn hexadecimal(value: u64) -> Value {
    Value::new(ValueKind::Number(Number::hexadecimal(i128::from(value))))
}

/// A constant, a process, or a name of the process that acts.
pub(super) fn name(text: &str) -> Value {
    path(text, None, Vec::new())
}

/// `source.s`
pub(super) fn name_of(process: &str, text: &str) -> Value {
    path(process, None, vec![PathStep::Field(Name::new(text))])
}

/// `first(300, info)`, or a call as an argument.
pub(super) fn form(text: &str, arguments: Vec<Value>) -> Value {
    path(text, Some(arguments.into_iter().map(positional).collect()), Vec::new())
}

fn path(text: &str, arguments: Option<Vec<Argument>>, steps: Vec<PathStep>) -> Value {
    Value::new(ValueKind::Path(Path { name: Name::new(text), arguments, steps }))
}

/// `info with {field=value}`
pub(super) fn with(info: Value, field: &str, value: Value) -> Value {
    let field = Field { span: Span::default(), name: Name::new(field), index: None };
    let changes = vec![FieldValue { span: Span::default(), field, value }];
    Value::new(ValueKind::With { value: Box::new(info), changes })
}

/// `a | b`
pub(super) fn or(left: Value, right: Value) -> Value {
    Value::new(ValueKind::Or(vec![left, right]))
}

/// `[a]`
pub(super) fn list(value: Value) -> Value {
    Value::new(ValueKind::List(vec![value]))
}

/// `"text"`
pub(super) fn text(text: &str) -> Value {
    Value::new(ValueKind::String(Bytes(text.as_bytes().to_vec())))
}

/// `TRUE`, `FALSE`, `NULL`, `bad`
pub(super) fn word(kind: ValueKind) -> Value {
    Value::new(kind)
}

/// `127.0.0.1:80`
pub(super) fn address(port: u16) -> Value {
    let ip = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    let address = winspi_script::syntax::tree::Address { ip, port: Some(port), scope: None };
    Value::new(ValueKind::Address(address))
}

/// An argument by position.
pub(super) fn positional(value: Value) -> Argument {
    Argument { span: Span::default(), name: None, value }
}

/// `flags=value`
pub(super) fn named(parameter: &str, value: Value) -> Argument {
    Argument { span: Span::default(), name: Some(Name::new(parameter)), value }
}

/// `=> any`
pub(super) fn any() -> Outcome {
    expects(ExpectationKind::Any)
}

/// `=> ...`
pub(super) fn expects(kind: ExpectationKind) -> Outcome {
    let expectation = Expectation { span: Span::default(), kind };
    Outcome { span: Span::default(), expectation, by: None, from: None }
}

/// `process worker`
pub(super) fn process(name: &str) -> Item {
    let name = Name::new(name);
    Item::Process(Process { span: Span::default(), notes: Notes::default(), name, options: Vec::new() })
}

/// `thread worker.second`
pub(super) fn thread(process: &str, name: &str) -> Item {
    let (process, name) = (Name::new(process), Name::new(name));
    Item::Thread(Thread { span: Span::default(), notes: Notes::default(), process, name })
}

/// `WHO: [bind =] function(arguments) => any`
pub(super) fn call(who: Who, bind: Option<&str>, function: &str, arguments: Vec<Argument>) -> Item {
    let call = Call {
        span: Span::default(),
        bind: bind.map(Name::new),
        function: Name::new(function),
        arguments,
        provider: None,
        outcome: Some(Box::new(any())),
    };
    statement(StatementKind::Thread(ThreadLine { who, action: Action::Call(call) }))
}

/// `worker` or `worker.second`
pub(super) fn who(process: &str, thread: Option<&str>) -> Who {
    Who { span: Span::default(), process: Name::new(process), thread: thread.map(Name::new) }
}

/// `kill worker`
pub(super) fn kill(process: &str) -> Item {
    statement(StatementKind::World(World::Kill(Name::new(process))))
}

/// A statement of a file.
pub(super) fn statement(kind: StatementKind) -> Item {
    Item::Statement(Statement { span: Span::default(), notes: Notes::default(), kind })
}
