//! Words, comments, numbers, braces.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use winspi_script::syntax::is_keyword;
use winspi_script::syntax::tree::*;

// ---- comments

pub(crate) fn no_blank_first(above: &mut Vec<Above>) {
    above.retain(|line| *line != Above::Blank);
}

pub(crate) fn comment() -> BoxedStrategy<String> {
    "( ?[a-z#\"{}ä]{0,5}[#(a-z])?".boxed()
}

pub(crate) fn above() -> BoxedStrategy<Vec<Above>> {
    (vec(comment().prop_map(Above::Comment), 0..2), 0..3usize)
        .prop_map(|(mut above, blank)| {
            if blank <= above.len() {
                above.insert(blank, Above::Blank);
            }
            above
        })
        .boxed()
}

pub(crate) fn tail() -> BoxedStrategy<Vec<Above>> {
    above()
        .prop_map(|mut tail| {
            if tail.last() == Some(&Above::Blank) {
                tail.pop();
            }
            tail
        })
        .boxed()
}

pub(crate) fn notes() -> BoxedStrategy<Notes> {
    prop_oneof![3 => Just(Notes::default()), 1 => (above(), of(comment())).prop_map(|(above, after)| Notes { above, after })]
        .boxed()
}

pub(crate) fn item_notes(item: &mut Item) -> &mut Notes {
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
pub(crate) fn braced<T: Clone + std::fmt::Debug + 'static>(
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

pub(crate) fn name() -> BoxedStrategy<Name> {
    let word = prop_oneof![4 => "[a-zA-Z_][a-zA-Z0-9_]{0,4}", 1 => prop::sample::select(vec!["with", "by", "from", "to", "as", "end", "of", "message", "x0", "e1", "for"]).prop_map(str::to_string)];
    word.prop_filter("keywords are no names", |word| !is_keyword(word) && word != "yes" && word != "no")
        .prop_map(Name::new)
        .boxed()
}

pub(crate) fn field_name() -> BoxedStrategy<Name> {
    prop_oneof![3 => "[a-zA-Z_][a-zA-Z0-9_]{0,4}", 1 => prop::sample::select(vec!["value", "ok", "TRUE", "step", "one", "bus"]).prop_map(str::to_string)].prop_map(Name::new)
        .boxed()
}

pub(crate) fn word() -> BoxedStrategy<Name> {
    "[a-zA-Z0-9_]{1,4}(-[a-zA-Z0-9_]{1,3}){0,2}".prop_map(Name::new).boxed()
}

pub(crate) fn id() -> BoxedStrategy<Name> {
    vec(word(), 1..3).prop_map(|words| Name::new(words.iter().map(Name::as_str).collect::<Vec<_>>().join("."))).boxed()
}

pub(crate) fn bytes() -> BoxedStrategy<Bytes> {
    prop_oneof![vec(any::<u8>(), 0..6), any::<String>().prop_map(String::into_bytes), Just(b"hello".to_vec())]
        .prop_map(Bytes)
        .boxed()
}

pub(crate) fn text() -> BoxedStrategy<Text> {
    bytes().prop_map(|bytes| Text { span: Span::default(), bytes }).boxed()
}

pub(crate) fn number() -> BoxedStrategy<Number> {
    let value = prop_oneof![any::<i64>().prop_map(i128::from), any::<u64>().prop_map(i128::from), (-3..300i128)];
    (value, any::<bool>(), 0..3usize, any::<bool>())
        .prop_map(|(value, hex, zeros, upper)| {
            if !hex {
                return Number::decimal(value);
            }
            let digits = format!("{:x}", value.unsigned_abs());
            let upper = upper && digits.contains(|digit: char| digit.is_ascii_alphabetic());
            let digits = u8::try_from((digits.len() + zeros).min(16)).unwrap_or(16);
            Number { value, spelling: Spelling::Hexadecimal { digits, upper } }
        })
        .boxed()
}

pub(crate) fn time() -> BoxedStrategy<Time> {
    prop_oneof![
        any::<u64>().prop_map(|milliseconds| Time { milliseconds, unit: TimeUnit::Milliseconds }),
        any::<u32>().prop_map(|seconds| Time { milliseconds: u64::from(seconds) * 1000, unit: TimeUnit::Seconds }),
    ]
    .boxed()
}

pub(crate) fn address() -> BoxedStrategy<Address> {
    (any::<std::net::IpAddr>(), of(any::<u16>()), of(any::<u32>()))
        .prop_map(|(ip, port, scope)| Address { ip, port, scope: scope.filter(|_| ip.is_ipv6()) })
        .boxed()
}

pub(crate) fn network() -> BoxedStrategy<Network> {
    (address(), of(0..=32u8))
        .prop_map(|(address, bits)| Network {
            ip: address.ip,
            scope: address.scope,
            part: bits.map(NetworkPart::Prefix).or(address.port.map(NetworkPart::Port)),
        })
        .boxed()
}
