//! Statements.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use winspi_script::syntax::tree::*;

use super::values::*;
use super::words::*;

pub(crate) fn call() -> BoxedStrategy<Call> {
    (of(name()), name(), arguments(value()), of(name()), of(outcome()))
        .prop_map(|(bind, function, arguments, provider, outcome)| Call {
            span: Span::default(),
            bind,
            function,
            arguments,
            provider,
            outcome,
        })
        .boxed()
}

pub(crate) fn test() -> BoxedStrategy<Test> {
    let operand = prop_oneof![value().prop_map(Operand::Value), vec(expectation(), 1..3).prop_map(Operand::OneOf)];
    let right = (comparison(), operand).prop_map(|(comparison, operand)| TestRight { comparison, operand });
    (value(), of(right)).prop_map(|(left, right)| Test { span: Span::default(), left, right }).boxed()
}

pub(crate) fn who() -> BoxedStrategy<Who> {
    (name(), of(name())).prop_map(|(process, thread)| Who { span: Span::default(), process, thread }).boxed()
}

pub(crate) fn world() -> BoxedStrategy<World> {
    let link = || prop::sample::select(vec![Link::Network, Link::Bus]);
    let action = prop_oneof![
        Just(BusAction::Deliver),
        Just(BusAction::Lose),
        Just(BusAction::Duplicate),
        number().prop_map(BusAction::Damage)
    ];
    prop_oneof![
        name().prop_map(World::Kill),
        time().prop_map(World::Advance),
        (who(), of(name())).prop_map(|(who, to)| World::Step { who, to }),
        link().prop_map(World::Hold),
        link().prop_map(World::Release),
        (action, name(), name(), of(number()))
            .prop_map(|(action, from, to, number)| World::Bus { action, message: BusMessage { from, to, number } }),
        (name(), name()).prop_map(|(process, socket)| World::Deliver { process, socket }),
        (name(), name()).prop_map(|(process, socket)| World::Lose { process, socket }),
        (name(), of(arguments(value()))).prop_map(|(name, arguments)| World::Fault { name, arguments }),
        Just(World::ClearFaults),
    ]
    .boxed()
}

pub(crate) fn simple() -> BoxedStrategy<Statement> {
    let action = prop_oneof![
        of(outcome()).prop_map(Action::Returns),
        name().prop_map(Action::Sync),
        call().prop_map(Action::Call),
        (call(), vec(test(), 1..3)).prop_map(|(call, tests)| Action::When(call, tests)),
    ];
    prop_oneof![
        (who(), action).prop_map(|(who, action)| StatementKind::Thread(ThreadLine { who, action })),
        test().prop_map(StatementKind::Expect),
        test().prop_map(|test| StatementKind::Claim(Claim::Always(test))),
        test().prop_map(|test| StatementKind::Claim(Claim::Reachable(test))),
        Just(StatementKind::Claim(Claim::FinallyNoLeaks)),
        word().prop_map(|name| StatementKind::Claim(Claim::Hazard(name))),
        world().prop_map(StatementKind::World),
    ]
    .prop_map(bare)
    .boxed()
}

pub(crate) fn bare(kind: StatementKind) -> Statement {
    Statement { span: Span::default(), notes: Notes::default(), kind }
}

pub(crate) fn statement() -> BoxedStrategy<Statement> {
    let callback = (
        prop::sample::select(vec![CallbackKind::Callback, CallbackKind::Condition, CallbackKind::Hook]),
        name(),
        name(),
        body(),
    )
        .prop_map(|(kind, name, process, body)| bare(StatementKind::Callback(Callback { kind, name, process, body })));
    prop_oneof![3 => simple(), 1 => callback]
        .prop_recursive(2, 6, 3, |inner| {
            let until = prop_oneof![
                number().prop_map(RepeatUntil::Times),
                expectation().prop_map(RepeatUntil::Outcome),
                Just(RepeatUntil::Any)
            ];
            prop_oneof![
                (until, block_of(inner.clone()))
                    .prop_map(|(until, block)| bare(StatementKind::Repeat(Repeat { until, block }))),
                block_of(inner).prop_map(|block| bare(StatementKind::AtEnd(block))),
            ]
        })
        .boxed()
}

pub(crate) fn block_of(line: BoxedStrategy<Statement>) -> BoxedStrategy<Block> {
    braced(simple(), line, |statement| &mut statement.notes)
}

pub(crate) fn body() -> BoxedStrategy<Body> {
    let act = prop_oneof![
        test().prop_map(ActKind::Expect),
        value().prop_map(ActKind::Return),
        call().prop_map(ActKind::Call)
    ]
    .prop_map(|kind| Act { span: Span::default(), notes: Notes::default(), kind })
    .boxed();
    braced(act.clone(), act, |act| &mut act.notes)
}
