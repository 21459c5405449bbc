//! Trees in canonical form: what the parser would make of what the printer prints.

pub(crate) mod statements;
mod values;
mod words;

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use winspi_script::syntax::tree::*;

use statements::*;
use words::*;

pub(crate) use values::value;

pub(crate) fn file() -> impl Strategy<Value = File> {
    let headline = || (notes(), text()).prop_map(|(notes, text)| Headline { span: Span::default(), notes, text });
    let end = prop_oneof![
        Just((Vec::new(), None)),
        vec(case(), 1..3).prop_map(|cases| (cases, None)),
        schedule().prop_map(|schedule| (Vec::new(), Some(schedule))),
    ];
    (of(headline()), vec(headline(), 0..2), vec(need(), 0..2), vec(item(), 0..5), end, tail()).prop_map(
        |(title, about, needs, items, (cases, schedule), tail)| {
            let mut file = File { title, about, needs, items, cases, schedule, tail };
            let mut firsts: Vec<&mut Notes> = Vec::new();
            firsts.extend(file.title.as_mut().map(|title| &mut title.notes));
            firsts.extend(file.about.iter_mut().map(|about| &mut about.notes));
            firsts.extend(file.needs.iter_mut().map(|need| &mut need.notes));
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

fn settings() -> BoxedStrategy<Vec<Setting>> {
    let given = prop_oneof![Just(SettingValue::Yes), Just(SettingValue::No), value().prop_map(SettingValue::Value)];
    let setting = prop_oneof![
        word().prop_map(|name| (name, None)),
        (field_name(), given).prop_map(|(name, value)| (name, Some(value)))
    ];
    vec(setting.prop_map(|(name, value)| Setting { span: Span::default(), name, value }), 0..3).boxed()
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

fn need() -> BoxedStrategy<Need> {
    let kind = prop_oneof![
        Just(NeedKind::Ifs),
        Just(NeedKind::NonIfs),
        Just(NeedKind::BaseIfs),
        Just(NeedKind::BaseNonIfs),
        Just(NeedKind::Layered),
        (word(), word()).prop_map(|(name, value)| NeedKind::Decision { name, value }),
        word().prop_map(NeedKind::Profile),
    ];
    (kind, notes()).prop_map(|(kind, notes)| Need { span: Span::default(), notes, kind }).boxed()
}

fn case() -> BoxedStrategy<Case> {
    (notes(), id(), text(), vec(need(), 0..3), block_of(statement()))
        .prop_map(|(notes, id, title, mut needs, mut block)| {
            let span = Span::default();
            block.one_line = block.one_line && !block.items.is_empty();
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
