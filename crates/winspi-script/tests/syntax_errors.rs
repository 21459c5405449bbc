//! Texts that are not in the language: the place and the words of each message.

use winspi_script::syntax::{self, Diagnostic};

fn errors(text: &str) -> Vec<Diagnostic> {
    match syntax::parse(text) {
        Ok(file) => panic!("{text:?} is in the language:\n{}", syntax::print(&file)),
        Err(errors) => errors,
    }
}

/// Text, place and message of its first error, advice.
#[track_caller]
fn check(table: &[(&str, &str, &str)]) {
    for (text, message, advice) in table {
        let first = errors(text).into_iter().next().expect("there is at least one error");
        assert_eq!(
            (first.to_string().as_str(), first.suggestion.as_deref().unwrap_or("")),
            (*message, *advice),
            "of {text:?}"
        );
    }
}

#[test]
#[rustfmt::skip]
fn files_and_declarations() {
    check(&[
        ("process", "1:8: expected a name, found the end of the file", ""),
        ("process step", "1:9: expected a name, found the keyword `step`", "a keyword cannot be a name; see the end of docs/language.peg"),
        ("process 5", "1:9: expected a name, found `5`", ""),
        ("process a b", "1:11: expected `(` or the end of the line, found `b`", ""),
        ("process a ()", "1:12: expected an option, found `)`", ""),
        ("process a (x=)", "1:14: expected a value, found `)`", ""),
        ("process a (", "1:12: expected an option, found the end of the file", "the `(` in line 1, column 11 is still open"),
        ("thread a", "1:9: expected `.`, found the end of the file", ""),
        ("thread a.", "1:10: expected a name, found the end of the file", ""),
        ("scenario x", "1:10: expected a string, found `x`", ""),
        ("process a\nscenario \"x\"", "2:1: expected a statement, found the keyword `scenario`", "`scenario`, then `about`, stand at the head of the file"),
        ("about 5", "1:7: expected a string, found `5`", ""),
        ("process a\nabout \"x\"", "2:1: expected a statement, found the keyword `about`", "`scenario`, then `about`, stand at the head of the file"),
        ("define f { }", "1:10: expected `(`, found `{`", ""),
        ("define f(5) { }", "1:10: expected a parameter, found `5`", ""),
        ("define f(a,) { }", "1:12: expected a parameter, found `)`", ""),
        ("setup", "1:6: expected `{`, found the end of the file", ""),
        ("setup {\n    a: f()\n", "3:1: expected `}`, found the end of the file", "the `{` in line 1, column 7 is still open"),
        ("setup { a: f()", "1:15: expected `=>`, `;` or `}`, found the end of the file", "the `{` in line 1, column 7 is still open"),
        ("setup {\n    process x\n}", "2:5: expected a statement, found the keyword `process`", "declarations stand outside of blocks and before the cases"),
        ("step 1", "1:7: expected a string, found the end of the file", ""),
        ("step x \"y\"", "1:8: expected the end of the line, found a string", ""),
        ("step \"x\"", "1:6: expected a thread or a number, found a string", ""),
        ("setup {\n    step 1 \"x\"\n}", "2:10: expected a thread, found `1`", "`step 1 \"...\"`, which marks what follows, stands outside of blocks and cases"),
        ("}", "1:1: expected a statement, found `}`", ""),
        ("\u{feff}process a", "1:1: expected a statement, found a byte order mark (U+FEFF)", ""),
        ("process a \r process b", "1:11: expected `(` or the end of the line, found the character U+000D", ""),
        ("proces source", "1:1: expected a statement, found `proces`", "did you mean `process`?"),
        ("Process source", "1:1: expected a statement, found `Process`", "did you mean `process`?"),
    ]);
}

#[test]
#[rustfmt::skip]
fn layers() {
    check(&[
        ("layer a", "1:8: expected `(` or `over`, found the end of the file", ""),
        ("layer a over", "1:13: expected a protocol or layer, found the end of the file", ""),
        ("layer a over tcp,", "1:18: expected a protocol or layer, found the end of the file", ""),
        ("layer a over tcp {\n    hook X\n}", "2:5: expected `hooks`, `on`, `count` or `breaks`, found `hook`", "did you mean `hooks`?"),
        ("layer a over tcp { on f }", "1:25: expected `to`, `=>`, `redirect` or `transform`, found `}`", ""),
        ("layer a over tcp { on f to x => E }", "1:28: expected an address, found `x`", ""),
        ("layer a over tcp { on f to 1.2.3.4/33 => E }", "1:28: the prefix of this address is longer than 32 bits", ""),
        ("layer a over tcp { on f => 5 }", "1:28: expected the name of an error, found `5`", ""),
        ("layer a over tcp { on f redirect 5 }", "1:34: this is not an IPv4 address", "it has four numbers from 0 to 255, without leading zeros"),
        ("layer a over tcp { on f transform 5 }", "1:35: expected `xor`, found `5`", ""),
        ("layer a over tcp { breaks }", "1:27: expected the name of a duty, found `}`", ""),
    ]);
}

#[test]
#[rustfmt::skip]
fn cases_and_schedules() {
    check(&[
        ("case", "1:5: expected the clause of the case, found the end of the file", ""),
        ("case x", "1:7: expected a string, found the end of the file", ""),
        ("case x.", "1:7: expected a string, found `.`", ""),
        ("case x \"t\" { }", "1:14: expected a statement, found `}`", ""),
        ("case x \"t\" { needs ifs }", "1:24: expected `;`, found `}`", ""),
        ("case x \"t\" {\n    needs iffs\n}", "2:11: expected `ifs`, `non-ifs`, `base`, `layered`, `decision` or `profile`, found `iffs`", "did you mean `ifs`?"),
        ("case x \"t\" {\n    needs decision a\n}", "2:21: expected `=`, found the end of the line", ""),
        ("case x \"t\" {\n    a: f()\n    needs ifs\n}", "3:5: expected a statement, found the keyword `needs`", "`needs` stands at the head of a file, below `about`, or in a case, before its statements"),
        ("case x \"t\" {\n}\nprocess b", "3:1: expected `case`, found `process`", "behind the first case there are only cases"),
        ("case x \"t\" {\n}\nschedule { }", "3:1: expected `case`, found `schedule`", "a file has cases or a schedule, not both"),
        ("schedule { }\ncase x \"t\" {\n}", "2:1: expected the end of the file, found the keyword `case`", ""),
        ("schedule { x }", "1:12: expected the end of the line, found `x`", ""),
        ("schedule {\n    {\n}", "2:5: expected a transition, found `{`", ""),
        ("process p\nneeds ifs", "2:1: expected a statement, found the keyword `needs`", "`needs` stands at the head of a file, below `about`, or in a case, before its statements"),
        ("needs base", "1:11: expected `ifs` or `non-ifs`, found the end of the file", ""),
        ("needs base if", "1:12: expected `ifs` or `non-ifs`, found `if`", "did you mean `ifs`?"),
    ]);
}

#[test]
#[rustfmt::skip]
fn statements() {
    check(&[
        ("source: = WSPSocket(AF_INET)", "1:9: expected a function or a name, found `=`", ""),
        ("s = WSPSocket(AF_INET)", "1:3: expected `:` or `.`, found `=`", "a line begins with the thread that acts, as in `source: s = WSPSocket(...)`"),
        ("WSPSocket(AF_INET)", "1:10: expected `:` or `.`, found `(`", "a line begins with the thread that acts, as in `source: s = WSPSocket(...)`"),
        ("source.w WSPSocket()", "1:10: expected `:`, found `WSPSocket`", ""),
        ("source: WSPSocket", "1:18: expected `=` or `(`, found the end of the file", ""),
        ("source: s = 5", "1:13: expected a function, found `5`", ""),
        ("source: s.x = f()", "1:10: expected `=` or `(`, found `.`", ""),
        ("source: value = f()", "1:9: expected a function or a name, found the keyword `value`", "a keyword cannot be a name; see the end of docs/language.peg"),
        ("source: f() ok", "1:13: expected `=>` or the end of the line, found `ok`", ""),
        ("source: f() = 5", "1:13: expected `=>` or the end of the line, found `=`", ""),
        ("source: f() => ", "1:16: expected an expectation, found the end of the file", ""),
        ("source: f() => ok ; source: g()", "1:19: expected the end of the line, found `;`", ""),
        ("source: sync", "1:13: expected a name, found the end of the file", ""),
        ("source: returns 5", "1:17: expected `=>` or the end of the line, found `5`", ""),
        ("source: f() as", "1:15: expected a provider, found the end of the file", ""),
        ("expcet a == 1", "1:1: expected a statement, found `expcet`", "did you mean `expect`?"),
        ("expect", "1:7: expected a value, found the end of the file", ""),
        ("expect a = 1", "1:10: expected a comparison or the end of the line, found `=`", "equality is asked with `==`"),
        ("expect a == ", "1:13: expected a value, found the end of the file", ""),
        ("expect not a", "1:12: expected a comparison or the end of the line, found `a`", ""),
        ("always", "1:7: expected a value, found the end of the file", ""),
        ("finally leaks", "1:9: expected `no`, found `leaks`", ""),
        ("return 5", "1:1: expected a statement, found the keyword `return`", "`return` stands in a callback, condition, hook or define"),
        ("repeat { }", "1:8: expected `until`, `any` or a number, found `{`", ""),
        ("repeat x { }", "1:8: expected `until`, `any` or a number, found `x`", ""),
        ("setup { repeat 3 { a: f() } }", "1:9: expected a statement, found the keyword `repeat`", "a block on one line holds no other block"),
        ("at start { }", "1:4: expected `end`, found `start`", ""),
        ("callback c { }", "1:12: expected `in`, found `{`", ""),
        ("callback c in { }", "1:15: expected a process, found `{`", ""),
        ("define f() { a: g() }", "1:15: expected `=` or `(`, found `:`", "statements of a define, callback, condition or hook have no thread in front"),
        ("define f() { retrun 1 }", "1:14: expected a statement, found `retrun`", "did you mean `return`?"),
        ("define f() { 5 }", "1:14: expected `expect`, `return` or a call, found `5`", ""),
        ("kill", "1:5: expected a process, found the end of the file", ""),
        ("advance 5", "1:9: expected a time such as `500ms` or `2s`, found `5`", ""),
        ("hold net", "1:6: expected `network` or `bus`, found `net`", ""),
        ("deliver", "1:8: expected `bus` or a process, found the end of the file", ""),
        ("deliver a", "1:10: expected `.`, found the end of the file", ""),
        ("deliver bus a b", "1:15: expected `->`, found `b`", ""),
        ("duplicate a.s", "1:11: expected `bus`, found `a`", ""),
        ("damage bus a -> b", "1:18: expected `message` or `byte`, found the end of the file", ""),
        ("damage bus a -> b byte x", "1:24: expected a number, found `x`", ""),
        ("fault", "1:6: expected a kind of fault, found the end of the file", ""),
        ("clear", "1:6: expected `faults`, found the end of the file", ""),
        ("a b", "1:3: expected `:` or `.`, found `b`", ""),
        ("if x { }", "1:4: expected `:` or `.`, found `x`", ""),
    ]);
}

#[test]
#[rustfmt::skip]
fn expectations() {
    check(&[
        ("a: f() => =", "1:11: expected an expectation, found `=`", ""),
        ("a: f() => blocks for", "1:21: expected `ever`, found the end of the file", ""),
        ("a: f() => one [1]", "1:15: expected `of`, found `[`", ""),
        ("a: f() => one of []", "1:19: expected an expectation, found `]`", ""),
        ("a: f() => {a}", "1:13: expected `=`, found `}`", ""),
        ("a: f() => {a=}", "1:14: expected an expected value, found `}`", ""),
        ("a: f() => {a:1}", "1:13: expected `=`, found `:`", ""),
        ("a: f() => {a=1", "1:15: expected `,` or `}`, found the end of the file", "the `{` in line 1, column 11 is still open"),
        ("a: f() => [1] | 2", "1:15: expected the end of the line, found `|`", ""),
        ("a: f() => >", "1:12: expected a value, found the end of the file", ""),
        ("a: f() => ok by", "1:16: expected a clause or decision, found the end of the file", ""),
        ("a: f() => ok from 5", "1:19: expected the name of a provider, found `5`", ""),
    ]);
}

#[test]
#[rustfmt::skip]
fn values() {
    check(&[
        ("a: f(x=1, 2)", "1:11: an argument without a name stands behind one with a name", "put it before `x=`, or give it by name"),
        ("a: f(1,)", "1:8: expected a value, found `)`", ""),
        ("a: f(,)", "1:6: expected a value, found `,`", ""),
        ("a: f(1 2)", "1:8: expected `,` or `)`, found `2`", ""),
        ("a: f(\n    1\nb: g()", "3:1: expected `,` or `)`, found `b`", "the `(` in line 1, column 5 is still open"),
        ("a: f([1, 2)", "1:11: expected `,` or `]`, found `)`", ""),
        ("a: f({a:1})", "1:8: expected `=`, found `:`", ""),
        ("a: f(\"x)", "1:6: this string has no end in its line", "a string ends with `\"`; a line break in it is `\\n`"),
        ("a: f(\"\\q\")", "1:7: `\\` stands before something that it has no meaning for", "there are `\\n`, `\\r`, `\\t`, `\\\"`, `\\\\`, and `\\x00` to `\\xff`"),
        ("a: f(\"\\x1\")", "1:7: `\\` stands before something that it has no meaning for", "there are `\\n`, `\\r`, `\\t`, `\\\"`, `\\\\`, and `\\x00` to `\\xff`"),
        ("a: f(18446744073709551616)", "1:6: this number does not fit into 64 bits", ""),
        ("a: f(-9223372036854775809)", "1:6: this number does not fit into 64 bits", ""),
        ("a: f(0x)", "1:6: this is not a number", "numbers are `42`, `-1` or `0x2a`, times `500ms` or `2s`, versions `2.2`, addresses `127.0.0.1:80`"),
        ("a: f(12ab)", "1:6: this is not a number", "numbers are `42`, `-1` or `0x2a`, times `500ms` or `2s`, versions `2.2`, addresses `127.0.0.1:80`"),
        ("a: f(1.2.3)", "1:6: this is not an IPv4 address", "it has four numbers from 0 to 255, without leading zeros"),
        ("a: f(1.2.3.400)", "1:6: this is not an IPv4 address", "it has four numbers from 0 to 255, without leading zeros"),
        ("a: f(01.2.3.4)", "1:6: this is not an IPv4 address", "it has four numbers from 0 to 255, without leading zeros"),
        ("a: f(1.2.3.4:99999)", "1:6: the port of this address is greater than 65535", ""),
        ("a: f([1::2::3])", "1:6: this is not an IPv6 address", "such an address is `[::1]` or, with a scope, `[fe80::1%3]`"),
        ("a: f([::1)", "1:6: this is not an IPv6 address", "such an address is `[::1]` or, with a scope, `[fe80::1%3]`"),
        ("a: f([::1%])", "1:6: this is not an IPv6 address", "such an address is `[::1]` or, with a scope, `[fe80::1%3]`"),
        ("a: f(-)", "1:6: expected a value, found `-`", ""),
        ("a: f(2.2x)", "1:6: this is not a version", "numbers are `42`, `-1` or `0x2a`, times `500ms` or `2s`, versions `2.2`, addresses `127.0.0.1:80`"),
        ("a: f(99999999999999999s)", "1:6: this time does not fit into 64 bits of milliseconds", ""),
        ("a: f(a.)", "1:8: expected a field, found `)`", ""),
        ("a: f(a[)", "1:8: expected a value, found `)`", ""),
        ("a: f(a-b)", "1:6: expected a value, found `a-b`", ""),
        ("a: f(info with 3)", "1:16: expected `{`, found `3`", ""),
        ("a: f(guid 3)", "1:11: expected a string, found `3`", ""),
        ("a: f(a || b)", "1:9: expected a value, found `|`", ""),
        ("a: f(a == b)", "1:8: expected `,` or `)`, found `==`", ""),
        ("a: f(\u{7})", "1:6: expected a value, found the character U+0007", ""),
        ("a: f(ä)", "1:6: expected a value, found `ä`", ""),
        ("a: f(step)", "1:6: expected a value, found the keyword `step`", "a keyword cannot be a name; see the end of docs/language.peg"),
    ]);
}

#[test]
fn message_with_line_and_mark() {
    let text = format!("{}source: = WSPSocket(AF_INET)\nproces a\n", "\n".repeat(11));
    let shown: Vec<String> = errors(&text).iter().map(|error| error.render("handoff.winspi")).collect();
    let first = "handoff.winspi:12:9: expected a function or a name, found `=`
   12 | source: = WSPSocket(AF_INET)
      |         ^
";
    let second = "handoff.winspi:13:1: expected a statement, found `proces`
   13 | proces a
      | ^^^^^^
      = help: did you mean `process`?
";
    assert_eq!(shown, [first, second]);
}

#[test]
fn long_and_odd_lines_are_shown_in_part() {
    let text = format!("a: f(\"{}\u{1b}\t\" x {})", "ä".repeat(300), "y".repeat(300));
    let error = &errors(&text)[0];
    assert_eq!((error.line, error.column, error.length), (1, 311, 1));
    assert_eq!(error.line_text, text);
    let shown = error.render("t");
    let lines: Vec<&str> = shown.lines().collect();
    assert!(lines[1].chars().count() < 150 && lines[1].ends_with("...") && !shown.contains('\u{1b}'), "{shown}");
    let mark = lines[2].chars().position(|character| character == '^').expect("a mark");
    assert_eq!(lines[1].chars().nth(mark), Some('x'), "{shown}");
}

#[test]
fn expected_words_are_a_list() {
    let error = &errors("hold net")[0];
    assert_eq!(error.expected, ["`network`", "`bus`"]);
    assert_eq!(error.line_text, "hold net");
}

/// After an error one goes on at the next line that may begin something.
#[test]
fn several_errors() {
    for (text, places) in [
        ("process\nprocess a\nkill 3\n", vec!["1:8", "3:6"]),
        ("a: f(\nb: g()\nexpct 5\n", vec!["2:2", "3:1"]),
        ("setup x {\n    a: f()\n    repeat 3 {\n        b: g()\n    }\n}\nkill 3\n", vec!["1:7", "7:6"]),
        ("setup {\n    a f()\n    b: g()\n    c d\n}\nkill 3\n", vec!["2:7", "4:7", "6:6"]),
        (
            "case x \"t\" {\n    needs foo\n    needs ifs\n    a f()\n}\ncase y \"t\" { ; }\n",
            vec!["2:11", "4:7", "6:14"],
        ),
        ("process a }\n}\nprocess b", vec!["1:11"]),
        ("setup {\n    a b\n", vec!["2:7"]),
        ("a: f(99999999999999999999)\na: g(01.2.3.4)\n", vec!["1:6", "2:6"]),
    ] {
        let found: Vec<String> = errors(text).iter().map(|error| format!("{}:{}", error.line, error.column)).collect();
        assert_eq!(found, places, "of {text:?}");
    }
    assert_eq!(errors(&"a b\n".repeat(100)).len(), 20);
    assert_eq!(errors(&format!("setup {{\n{}", "a b\n".repeat(100))).len(), 20);
}

#[test]
fn bytes_that_are_not_utf8() {
    let error = syntax::parse_bytes(b"process a\r\n# \xc3\xa4 \xff b\r\n").expect_err("not UTF-8").remove(0);
    assert_eq!(error.to_string(), "2:5: this is not UTF-8: byte 0xff at offset 16 of the file");
    assert_eq!(error.line_text, "# ä \u{fffd} b");
    assert!(syntax::parse_bytes("about \"ä\"".as_bytes()).is_ok());
}
