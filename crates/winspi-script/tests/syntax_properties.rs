//! What holds for every text and every tree.

mod trees;

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use winspi_script::syntax::{self, Diagnostic, tree};

/// Whatever the text is: an error has a place in it, and a tree prints as a text that has the same tree.
#[track_caller]
fn check_text(text: &str) -> bool {
    match syntax::parse(text) {
        Ok(file) => {
            let printed = syntax::print(&file);
            let again = match syntax::parse(&printed) {
                Ok(again) => again,
                Err(errors) => panic!("{text:?} prints as {printed:?}: {}", errors[0].render("printed")),
            };
            assert_eq!(again, file, "{text:?} prints as {printed:?}");
            assert_eq!(syntax::print(&again), printed, "of {text:?}");
            true
        }
        Err(errors) => {
            assert!(!errors.is_empty() && errors.len() <= 20, "{text:?}");
            errors.iter().for_each(|error| check_diagnostic(text, error));
            false
        }
    }
}

#[track_caller]
fn check_diagnostic(text: &str, error: &Diagnostic) {
    let lines: Vec<&str> = text.split('\n').collect();
    let line = lines.get(error.line as usize - 1).unwrap_or_else(|| panic!("{text:?} has no line {}", error.line));
    assert_eq!(error.line_text, line.strip_suffix('\r').unwrap_or(line), "{text:?}");
    assert!(error.column >= 1 && error.column as usize <= line.chars().count() + 1, "{text:?}: {error}");
    assert!(error.length >= 1 && !error.message.is_empty(), "{text:?}: {error}");
    let shown = error.render("x.winspi");
    assert!(shown.starts_with(&format!("x.winspi:{}:{}: ", error.line, error.column)), "{shown}");
    assert!(shown.contains('^'), "{shown}");
}

/// Pieces of texts; many sequences of them are nearly in the language.
const PIECES: [&str; 96] = [
    " ",
    " ",
    "\n",
    "\n",
    "\t",
    "\r\n",
    "\r",
    "# c\n",
    "#",
    "scenario ",
    "about ",
    "process ",
    "thread ",
    "layer ",
    "define ",
    "setup ",
    "step ",
    "case ",
    "needs ",
    "schedule ",
    "repeat ",
    "until ",
    "at end ",
    "callback ",
    "condition ",
    "hook ",
    "return ",
    "returns ",
    "sync ",
    "expect ",
    "always ",
    "finally no leaks",
    "kill ",
    "advance ",
    "hold ",
    "network",
    "deliver ",
    "lose ",
    "duplicate ",
    "damage ",
    "bus ",
    "fault ",
    "clear faults",
    "ok",
    "any",
    "pending",
    "fails ",
    "blocks",
    " for ever",
    "value ",
    "one of ",
    "untouched",
    "TRUE",
    "bad",
    "guid ",
    "with ",
    " by ",
    " from ",
    " as ",
    " over ",
    " to ",
    " in ",
    "a",
    "b: ",
    "a.b: ",
    "f(",
    "x = ",
    "non-ifs",
    "yes",
    "\"s\"",
    "\"\\x00\"",
    "\"",
    "\\",
    "127.0.0.1:80",
    "[::1]",
    "2.2",
    "500ms",
    "42",
    "-1",
    "0x2a",
    "(",
    ")",
    "[",
    "]",
    "{",
    "{ ",
    "}",
    ",",
    ";",
    "|",
    "&",
    "=",
    "=>",
    "==",
    ".",
    "->",
];

/// Lines that are in the language, to be put together and spoilt.
const LINES: [&str; 14] = [
    "scenario \"t\"\n",
    "process a (bits=32, non-ifs)\n",
    "layer f over tcp { hooks WSPSend ; on f to 10.0.0.0/8 => WSAEACCES }\n",
    "define d(l, w) { l = f(w) ; return l }\n",
    "setup {\n",
    "}\n",
    "repeat until {error=0, list=[1, {a=untouched}]} { a: f(x, y=[1, 2]) => one of [ok, 3] by A.b-c from base }\n",
    "a: f(info with {x=1} | 3 & (4), # c\n guid \"x\") => {f=[a] | 3}  # d\n",
    "expect socket(a.s).handles[2] >= 0x10\n",
    "deliver bus a -> b message 2\n",
    "\n",
    "# comment\n",
    "case A.b \"t\" {\n    needs ifs\n    a: f()\n}\n",
    "schedule {\n    a to b\n}\n",
];

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("proptest-regressions/syntax_properties.txt"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text(text in any::<String>()) {
        check_text(&text);
    }

    #[test]
    fn any_lines(text in "[ -~\n\r\tä\u{feff}]{0,60}") {
        check_text(&text);
    }

    #[test]
    fn any_pieces(pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..30)) {
        check_text(&pieces.concat());
    }

    #[test]
    fn spoilt_lines(lines in prop::collection::vec(prop::sample::select(LINES.to_vec()), 0..8), at in any::<prop::sample::Index>(), piece in prop::sample::select(PIECES.to_vec()), drop in 0..4usize) {
        let text: Vec<char> = lines.concat().chars().collect();
        let at = at.index(text.len() + 1);
        let mut spoilt: String = text[..at].iter().collect();
        spoilt.push_str(piece);
        spoilt.extend(text[at..].iter().skip(drop));
        check_text(&spoilt);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Err(errors) = syntax::parse_bytes(&bytes) {
            prop_assert!(!errors.is_empty());
            prop_assert!(!errors[0].render("x").is_empty());
        }
    }

    #[test]
    fn any_value(text in "[ -~]{0,20}") {
        if let Ok(value) = syntax::parse_value(&text) {
            prop_assert_eq!(syntax::parse_value(&syntax::print_value(&value)), Ok(value));
        }
    }

    #[test]
    fn trees_print_and_parse_back(file in trees::file()) {
        let printed = syntax::print(&file);
        let parsed = syntax::parse(&printed);
        match parsed {
            Ok(parsed) => {
                prop_assert_eq!(&parsed, &file, "printed:\n{}", printed);
                prop_assert_eq!(syntax::print(&parsed), printed);
            }
            Err(errors) => prop_assert!(false, "{}\n{}", printed, errors[0].render("printed")),
        }
    }

    #[test]
    fn values_print_and_parse_back(value in trees::value()) {
        let printed = syntax::print_value(&value);
        prop_assert_eq!(syntax::parse_value(&printed), Ok(value), "printed: {}", printed);
    }
}

/// The pieces above do not only make errors.
#[test]
fn lines_are_in_the_language() {
    for line in LINES.iter().filter(|line| !["setup {\n", "}\n"].contains(line)) {
        assert!(check_text(line), "{line}");
    }
    assert!(check_text("setup {\n}\n"));
}

#[test]
fn every_prefix_of_a_file() {
    let text = LINES.concat();
    for (end, _) in text.char_indices() {
        check_text(&text[..end]);
    }
}

/// 100 levels are read, with little stack; one more is an error, and so are a million.
#[test]
fn nesting() {
    let thread = std::thread::Builder::new().stack_size(3 << 19).spawn(|| {
        for (open, inner, close) in [
            ("(", "1", ")"),
            ("[", "1", "]"),
            ("{a=", "1", "}"),
            ("f(", "1", ")"),
            ("a[", "1", "]"),
            ("1 with {a=", "1", "}"),
        ] {
            let nested = |depth: usize| format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
            assert!(syntax::parse_value(&nested(100)).is_ok(), "{open}");
            for prefix in ["a: f(x) => ", "expect ", "a: f() => one of [", "a: f() => {a=", "repeat until "] {
                check_text(&format!("{prefix}{}", nested(99)));
                check_text(&format!("{prefix}{}", nested(1_000_000)));
            }
            let errors = syntax::parse_value(&nested(101)).expect_err("one more is an error");
            assert_eq!(errors[0].message, "brackets and blocks nest more than 100 deep");
        }
        assert!(check_text(&format!("{}{}", "repeat 2 {\n".repeat(100), "}\n".repeat(100))));
        assert!(!check_text(&format!("{}{}", "repeat 2 {\n".repeat(101), "}\n".repeat(101))));
        assert!(check_text(&format!("a: f() => {}{}", "one of [".repeat(100), "]".repeat(100)).replace("[]", "[1]")));
        // A value in the place of a record counts as in parentheses, for so it is printed.
        let values = |depth: usize| format!("a: f() => {}[1] | 1{}", "{a=".repeat(depth), "}".repeat(depth));
        assert!(check_text(&values(98)));
        assert!(!check_text(&values(100)));
    });
    thread.expect("a thread can be started").join().expect("no check failed");
}

/// Long lines take time in proportion to their length; a quadratic parser would need minutes here.
#[test]
fn long_lines() {
    let n = 200_000;
    let levels = 90;
    for text in [
        "a".repeat(n),
        "(".repeat(n),
        format!("a: f({}1)", "1,".repeat(n)),
        format!("a: f(1{})", "|1".repeat(n)),
        format!("a: f(a{})", ".b".repeat(n)),
        format!("a: f({})", " ".repeat(n)),
        format!("a: f({}\n)", "#\n".repeat(n)),
        format!("a: f({})", "1".repeat(n)),
        format!("a: f({}1)", "1.".repeat(n)),
        format!("a: f({})", "a-".repeat(n)),
        "\"".repeat(n),
        "a: f(\n".repeat(n),
        "setup {\n".repeat(n),
        "[\n".repeat(n),
        format!("a: f() => [{}1]", "{a=[1]|1},".repeat(n / 10)),
        format!(
            "a: f() => {}{{a=[{}1], b=[1]|1}}{}",
            "{a=".repeat(levels),
            "1,".repeat(n / 10),
            ", b=[1]|1}".repeat(levels)
        ),
    ] {
        check_text(&text);
    }
}

#[test]
#[allow(clippy::disallowed_types, reason = "only the number of entries is looked at")]
fn spans_do_not_matter_for_equality() {
    let place = |line| tree::Span { line, column: 2, length: 3 };
    assert_eq!(place(1), place(2));
    let set: std::collections::HashSet<tree::Span> = [place(1), place(2)].into_iter().collect();
    assert_eq!(set.len(), 1);
    assert_eq!(syntax::parse("\n  a:f( )"), syntax::parse("a: f()"));
}
