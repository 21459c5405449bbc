//! Trees in canonical form: what the parser would make of what the printer prints.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use winspi_script::syntax::is_keyword;
use winspi_script::syntax::tree::*;

pub(crate) fn file() -> impl Strategy<Value = File> {
    let headline = || (notes(), text()).prop_map(|(notes, text)| Headline { span: Span::default(), notes, text });
    let end = prop_oneof![
        Just((Vec::new(), None)),
        vec(case(), 1..3).prop_map(|cases| (cases, None)),
        schedule().prop_map(|schedule| (Vec::new(), Some(schedule))),
    ];
    (of(headline()), vec(headline(), 0..2), vec(item(), 0..5), end, tail()).prop_map(
        |(title, about, items, (cases, schedule), tail)| {
            let mut file = File { title, about, items, cases, schedule, tail };
            let mut firsts: Vec<&mut Notes> = Vec::new();
            firsts.extend(file.title.as_mut().map(|title| &mut title.notes));
            firsts.extend(file.about.iter_mut().map(|about| &mut about.notes));
            firsts.extend(file.items.iter_mut().map(item_notes));
            firsts.extend(file.cases.iter_mut().map(|case| &mut case.notes));
            firsts.extend(file.schedule.as_mut().map(|schedule| &mut schedule.notes));
            match firsts.first_mut() {
                Some(first) => no_blank_first(&mut first.above),
                None => no_blank_first(&mut file.tail),
            }
            file
        },
    )
}

// ---- comments

fn no_blank_first(above: &mut Vec<Above>) {
    above.retain(|line| *line != Above::Blank);
}

fn comment() -> impl Strategy<Value = String> {
    "( ?[a-z#\"{}ä]{0,5}[#(a-z])?"
}

fn above() -> impl Strategy<Value = Vec<Above>> {
    (vec(comment().prop_map(Above::Comment), 0..2), 0..3usize).prop_map(|(mut above, blank)| {
        if blank <= above.len() {
            above.insert(blank, Above::Blank);
        }
        above
    })
}

fn tail() -> impl Strategy<Value = Vec<Above>> {
    above().prop_map(|mut tail| {
        if tail.last() == Some(&Above::Blank) {
            tail.pop();
        }
        tail
    })
}

fn notes() -> impl Strategy<Value = Notes> {
    prop_oneof![3 => Just(Notes::default()), 1 => (above(), of(comment())).prop_map(|(above, after)| Notes { above, after })]
}

fn item_notes(item: &mut Item) -> &mut Notes {
    match item {
        Item::Process(item) => &mut item.notes,
        Item::Thread(item) => &mut item.notes,
        Item::Layer(item) => &mut item.notes,
        Item::Define(item) => &mut item.notes,
        Item::Setup(item) => &mut item.notes,
        Item::Mark(item) => &mut item.notes,
        Item::Statement(item) => &mut item.notes,
    }
}

/// Braces with parts on one line, or lines with comments.
fn braced<T: Clone + std::fmt::Debug + 'static>(
    part: BoxedStrategy<T>,
    line: BoxedStrategy<T>,
    notes_of: fn(&mut T) -> &mut Notes,
) -> BoxedStrategy<Braced<T>> {
    let lines = (vec((line, notes()), 0..4), of(comment()), tail()).prop_map(move |(items, comment, mut tail)| {
        let mut items: Vec<T> = items
            .into_iter()
            .map(|(mut item, notes)| {
                *notes_of(&mut item) = notes;
                item
            })
            .collect();
        match items.first_mut() {
            Some(first) => no_blank_first(&mut notes_of(first).above),
            None => no_blank_first(&mut tail),
        }
        let one_line = items.is_empty() && comment.is_none() && tail.is_empty();
        Braced { items, one_line, comment, tail }
    });
    let parts = vec(part, 0..3).prop_map(Braced::one_line);
    prop_oneof![parts, lines].boxed()
}

// ---- words

fn name() -> impl Strategy<Value = Name> {
    let word = prop_oneof![4 => "[a-zA-Z_][a-zA-Z0-9_]{0,4}", 1 => prop::sample::select(vec!["with", "by", "from", "to", "as", "end", "of", "message", "x0", "e1", "for"]).prop_map(str::to_string)];
    word.prop_filter("keywords are no names", |word| !is_keyword(word) && word != "yes" && word != "no")
        .prop_map(Name::new)
}

fn field_name() -> impl Strategy<Value = Name> {
    prop_oneof![3 => "[a-zA-Z_][a-zA-Z0-9_]{0,4}", 1 => prop::sample::select(vec!["value", "ok", "TRUE", "step", "one", "bus"]).prop_map(str::to_string)].prop_map(Name::new)
}

fn word() -> impl Strategy<Value = Name> {
    "[a-zA-Z0-9_]{1,4}(-[a-zA-Z0-9_]{1,3}){0,2}".prop_map(Name::new)
}

fn id() -> impl Strategy<Value = Name> {
    vec(word(), 1..3).prop_map(|words| Name::new(words.iter().map(Name::as_str).collect::<Vec<_>>().join(".")))
}

fn bytes() -> impl Strategy<Value = Bytes> {
    prop_oneof![vec(any::<u8>(), 0..6), any::<String>().prop_map(String::into_bytes), Just(b"hello".to_vec())]
        .prop_map(Bytes)
}

fn text() -> impl Strategy<Value = Text> {
    bytes().prop_map(|bytes| Text { span: Span::default(), bytes })
}

fn number() -> impl Strategy<Value = Number> {
    let value = prop_oneof![any::<i64>().prop_map(i128::from), any::<u64>().prop_map(i128::from), (-3..300i128)];
    (value, any::<bool>(), 0..3usize, any::<bool>()).prop_map(|(value, hex, zeros, upper)| {
        if !hex {
            return Number::decimal(value);
        }
        let digits = format!("{:x}", value.unsigned_abs());
        let upper = upper && digits.contains(|digit: char| digit.is_ascii_alphabetic());
        let digits = u8::try_from((digits.len() + zeros).min(16)).unwrap_or(16);
        Number { value, spelling: Spelling::Hexadecimal { digits, upper } }
    })
}

fn time() -> impl Strategy<Value = Time> {
    prop_oneof![
        any::<u64>().prop_map(|milliseconds| Time { milliseconds, unit: TimeUnit::Milliseconds }),
        any::<u32>().prop_map(|seconds| Time { milliseconds: u64::from(seconds) * 1000, unit: TimeUnit::Seconds }),
    ]
}

fn address() -> impl Strategy<Value = Address> {
    (any::<std::net::IpAddr>(), of(any::<u16>()), of(any::<u32>())).prop_map(|(ip, port, scope)| Address {
        ip,
        port,
        scope: scope.filter(|_| ip.is_ipv6()),
    })
}

fn network() -> impl Strategy<Value = Network> {
    (address(), of(0..=32u8)).prop_map(|(address, bits)| Network {
        ip: address.ip,
        scope: address.scope,
        part: bits.map(NetworkPart::Prefix).or(address.port.map(NetworkPart::Port)),
    })
}

// ---- values

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
fn tight(value: Value, least: u8) -> Value {
    let tightness = match value.kind {
        ValueKind::Or(_) => 0,
        ValueKind::And(_) => 1,
        ValueKind::With { .. } => 2,
        _ => 3,
    };
    if tightness < least { Value::new(ValueKind::Group(Box::new(value))) } else { value }
}

fn field(value: BoxedStrategy<Value>) -> impl Strategy<Value = Field> {
    (field_name(), of(value)).prop_map(|(name, index)| Field { span: Span::default(), name, index })
}

fn structure(value: BoxedStrategy<Value>) -> impl Strategy<Value = Vec<FieldValue>> {
    vec(
        (field(value.clone()), value).prop_map(|(field, value)| FieldValue { span: Span::default(), field, value }),
        0..3,
    )
}

fn path(value: BoxedStrategy<Value>) -> impl Strategy<Value = Path> {
    let step = prop_oneof![field_name().prop_map(PathStep::Field), value.clone().prop_map(PathStep::Index)];
    (name(), of(arguments(value)), vec(step, 0..3)).prop_map(|(name, arguments, steps)| Path { name, arguments, steps })
}

fn arguments(value: BoxedStrategy<Value>) -> impl Strategy<Value = Vec<Argument>> {
    let argument = |name: Option<Name>, value| Argument { span: Span::default(), name, value };
    (vec(value.clone(), 0..3), vec((field_name(), value), 0..2)).prop_map(move |(first, named)| {
        let named = named.into_iter().map(|(name, value)| argument(Some(name), value));
        first.into_iter().map(|value| argument(None, value)).chain(named).collect()
    })
}

// ---- expectations

fn begins_with_bracket(value: &Value) -> bool {
    match &value.kind {
        ValueKind::List(_) | ValueKind::Struct(_) => true,
        ValueKind::Or(values) | ValueKind::And(values) => begins_with_bracket(&values[0]),
        ValueKind::With { value, .. } => begins_with_bracket(value),
        _ => false,
    }
}

fn expected_value() -> impl Strategy<Value = Value> {
    value().prop_map(
        |value| {
            if begins_with_bracket(&value) { Value::new(ValueKind::Group(Box::new(value))) } else { value }
        },
    )
}

fn comparison() -> impl Strategy<Value = Comparison> {
    prop::sample::select(Comparison::ALL.to_vec())
}

fn expectation() -> BoxedStrategy<Expectation> {
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

fn with_place(kind: ExpectationKind) -> Expectation {
    Expectation { span: Span::default(), kind }
}

fn expected(inner: BoxedStrategy<Expectation>) -> BoxedStrategy<Expected> {
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

fn record(part: BoxedStrategy<Expected>) -> impl Strategy<Value = Vec<ExpectedField>> {
    vec(
        (field(value()), part).prop_map(|(field, expected)| ExpectedField { span: Span::default(), field, expected }),
        0..3,
    )
}

fn outcome() -> impl Strategy<Value = Outcome> {
    (expectation(), of(id()), of(name())).prop_map(|(expectation, by, from)| Outcome {
        span: Span::default(),
        expectation,
        by,
        from,
    })
}

// ---- statements

fn call() -> impl Strategy<Value = Call> {
    (of(name()), name(), arguments(value()), of(name()), of(outcome())).prop_map(
        |(bind, function, arguments, provider, outcome)| Call {
            span: Span::default(),
            bind,
            function,
            arguments,
            provider,
            outcome,
        },
    )
}

fn test() -> impl Strategy<Value = Test> {
    let operand = prop_oneof![value().prop_map(Operand::Value), vec(expectation(), 1..3).prop_map(Operand::OneOf)];
    let right = (comparison(), operand).prop_map(|(comparison, operand)| TestRight { comparison, operand });
    (value(), of(right)).prop_map(|(left, right)| Test { span: Span::default(), left, right })
}

fn who() -> impl Strategy<Value = Who> {
    (name(), of(name())).prop_map(|(process, thread)| Who { span: Span::default(), process, thread })
}

fn world() -> BoxedStrategy<World> {
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

fn simple() -> BoxedStrategy<Statement> {
    let action = prop_oneof![
        of(outcome()).prop_map(Action::Returns),
        name().prop_map(Action::Sync),
        call().prop_map(Action::Call)
    ];
    prop_oneof![
        (who(), action).prop_map(|(who, action)| StatementKind::Thread(ThreadLine { who, action })),
        test().prop_map(StatementKind::Expect),
        test().prop_map(|test| StatementKind::Claim(Claim::Always(test))),
        test().prop_map(|test| StatementKind::Claim(Claim::Reachable(test))),
        Just(StatementKind::Claim(Claim::FinallyNoLeaks)),
        world().prop_map(StatementKind::World),
    ]
    .prop_map(bare)
    .boxed()
}

fn bare(kind: StatementKind) -> Statement {
    Statement { span: Span::default(), notes: Notes::default(), kind }
}

fn statement() -> BoxedStrategy<Statement> {
    let callback = (
        prop::sample::select(vec![CallbackKind::Callback, CallbackKind::Condition, CallbackKind::Hook]),
        name(),
        name(),
        body(),
    )
        .prop_map(|(kind, name, process, body)| bare(StatementKind::Callback(Callback { kind, name, process, body })));
    prop_oneof![3 => simple(), 1 => callback]
        .prop_recursive(2, 6, 3, |inner| {
            let until =
                prop_oneof![number().prop_map(RepeatUntil::Times), expectation().prop_map(RepeatUntil::Outcome)];
            prop_oneof![
                (until, block_of(inner.clone()))
                    .prop_map(|(until, block)| bare(StatementKind::Repeat(Repeat { until, block }))),
                block_of(inner).prop_map(|block| bare(StatementKind::AtEnd(block))),
            ]
        })
        .boxed()
}

fn block_of(line: BoxedStrategy<Statement>) -> BoxedStrategy<Block> {
    braced(simple(), line, |statement| &mut statement.notes)
}

fn body() -> BoxedStrategy<Body> {
    let act = prop_oneof![
        test().prop_map(ActKind::Expect),
        value().prop_map(ActKind::Return),
        call().prop_map(ActKind::Call)
    ]
    .prop_map(|kind| Act { span: Span::default(), notes: Notes::default(), kind })
    .boxed();
    braced(act.clone(), act, |act| &mut act.notes)
}

// ---- a file

fn settings() -> impl Strategy<Value = Vec<Setting>> {
    let given = prop_oneof![Just(SettingValue::Yes), Just(SettingValue::No), value().prop_map(SettingValue::Value)];
    let setting = prop_oneof![
        word().prop_map(|name| (name, None)),
        (field_name(), given).prop_map(|(name, value)| (name, Some(value)))
    ];
    vec(setting.prop_map(|(name, value)| Setting { span: Span::default(), name, value }), 0..3)
}

fn rules() -> BoxedStrategy<Braced<Rule>> {
    let action = prop_oneof![
        name().prop_map(RuleAction::Answer),
        address().prop_map(RuleAction::Redirect),
        number().prop_map(RuleAction::TransformXor)
    ];
    let rule = prop_oneof![
        vec(name(), 1..3).prop_map(RuleKind::Hooks),
        Just(RuleKind::CountBytes),
        word().prop_map(RuleKind::Breaks),
        (name(), of(network()), action).prop_map(|(function, to, action)| RuleKind::On { function, to, action }),
    ]
    .prop_map(|kind| Rule { span: Span::default(), notes: Notes::default(), kind })
    .boxed();
    braced(rule.clone(), rule, |rule| &mut rule.notes)
}

fn item() -> BoxedStrategy<Item> {
    let span = Span::default();
    prop_oneof![
        (notes(), name(), settings()).prop_map(move |(notes, name, options)| Item::Process(Process {
            span,
            notes,
            name,
            options
        })),
        (notes(), name(), name()).prop_map(move |(notes, process, name)| Item::Thread(Thread {
            span,
            notes,
            process,
            name
        })),
        (notes(), name(), settings(), vec(name(), 1..3), of(rules())).prop_map(
            move |(notes, name, options, over, rules)| Item::Layer(Layer { span, notes, name, options, over, rules })
        ),
        (notes(), name(), vec(name(), 0..3), body()).prop_map(move |(notes, name, parameters, body)| Item::Define(
            Define { span, notes, name, parameters, body }
        )),
        (notes(), block_of(statement())).prop_map(move |(notes, block)| Item::Setup(Setup { span, notes, block })),
        (notes(), number(), text()).prop_map(move |(notes, number, title)| Item::Mark(Mark {
            span,
            notes,
            number,
            title
        })),
        (notes(), statement()).prop_map(|(notes, statement)| Item::Statement(Statement { notes, ..statement })),
    ]
    .boxed()
}

fn case() -> BoxedStrategy<Case> {
    let need = prop_oneof![
        Just(NeedKind::Ifs),
        Just(NeedKind::NonIfs),
        Just(NeedKind::Layered),
        (word(), word()).prop_map(|(name, value)| NeedKind::Decision { name, value }),
        word().prop_map(NeedKind::Profile),
    ];
    (notes(), id(), text(), vec((need, notes()), 0..3), block_of(statement()))
        .prop_map(|(notes, id, title, needs, mut block)| {
            let span = Span::default();
            block.one_line = block.one_line && !block.items.is_empty();
            let mut needs: Vec<Need> = needs.into_iter().map(|(kind, notes)| Need { span, notes, kind }).collect();
            if block.one_line {
                needs.iter_mut().for_each(|need| need.notes = Notes::default());
            }
            if let Some(first) = needs.first_mut() {
                no_blank_first(&mut first.notes.above);
            }
            Case { span, notes, id, title, needs, block }
        })
        .boxed()
}

fn schedule() -> BoxedStrategy<Schedule> {
    let line =
        "[a-z0-9:=>;(]([a-z :=>\"]{0,6}[a-z)])?".prop_filter("strings end", |text| text.matches('"').count() % 2 == 0);
    let line = line.prop_map(|text| Transition { span: Span::default(), notes: Notes::default(), text }).boxed();
    let lines = braced(line.clone(), line, |line| &mut line.notes).prop_map(|mut lines| {
        lines.one_line = lines.items.is_empty() && lines.comment.is_none() && lines.tail.is_empty();
        lines
    });
    (notes(), lines).prop_map(|(notes, transitions)| Schedule { span: Span::default(), notes, transitions }).boxed()
}
