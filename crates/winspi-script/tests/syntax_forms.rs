//! Each rule of `docs/language.peg`, as a text and its canonical form.

use winspi_script::syntax::{self, tree};

/// The first text prints as the second, which prints as itself and has the same tree.
#[track_caller]
fn check_files(table: &[(&str, &str)]) {
    for (text, printed) in table {
        let file = match syntax::parse(text) {
            Ok(file) => file,
            Err(errors) => panic!("{text:?}\n{}", errors.iter().map(|error| error.render("test")).collect::<String>()),
        };
        assert_eq!(syntax::print(&file), *printed, "printed from {text:?}");
        assert_eq!(syntax::parse(printed).as_ref(), Ok(&file), "parsed from {printed:?}");
    }
}

/// Lines: each is its own canonical form where the second text is empty.
#[track_caller]
fn check_lines(table: &[(&str, &str)]) {
    for (text, printed) in table {
        let printed = if printed.is_empty() { text } else { printed };
        check_files(&[(text, &format!("{printed}\n"))]);
    }
}

#[track_caller]
fn check_values(table: &[(&str, &str)]) {
    for (text, printed) in table {
        let printed = if printed.is_empty() { text } else { printed };
        let value = match syntax::parse_value(text) {
            Ok(value) => value,
            Err(errors) => panic!("{text:?}: {errors:?}"),
        };
        assert_eq!(syntax::print_value(&value), *printed, "printed from {text:?}");
        assert_eq!(syntax::parse_value(printed).as_ref(), Ok(&value), "parsed from {printed:?}");
    }
}

#[test]
fn file_title_about() {
    check_files(&[
        ("", ""),
        ("\n\n  \n", ""),
        ("# only\n\n\n# comments", "# only\n\n# comments\n"),
        ("scenario \"a\"", "scenario \"a\"\n"),
        (
            "\n scenario\t\"a\" # t\r\nabout \"b\"\r\n\r\n\r\nabout \"c\"",
            "scenario \"a\"  # t\nabout \"b\"\n\nabout \"c\"\n",
        ),
        ("about \"x\\x00\\xFFä\\t\"", "about \"x\\x00\\xffä\\t\"\n"),
    ]);
}

#[test]
fn declarations() {
    check_lines(&[
        ("process a", ""),
        ("process a(bits=32,started = no ,administrator=yes)", "process a (bits=32, started=no, administrator=yes)"),
        ("process a (environment={NAME=\"v\", X=\"\"}, category=0x8 | LSP_SYSTEM, quiet, non-ifs, 32)", ""),
        ("process a (\n  bits=32, # narrow\n  no=no\n)", "# narrow\nprocess a (bits=32, no=no)"),
        ("thread a . b", "thread a.b"),
        ("setup{}", "setup { }"),
        ("setup {\n}", "setup { }"),
        ("setup { a: f() ;b:g( ) }", "setup { a: f() ; b: g() }"),
        ("setup {\na: f()\n\n\n  b: g()\n}", "setup {\n    a: f()\n\n    b: g()\n}"),
        ("step 1 \"connect\"", ""),
        ("step 0x10 \"connect\"", ""),
        ("define d() { }", ""),
        (
            "define d(l,where){ l=socket(AF_INET) ; bind(l, where) ; expect l == 3 ; return l.a | 1 }",
            "define d(l, where) { l = socket(AF_INET) ; bind(l, where) ; expect l == 3 ; return l.a | 1 }",
        ),
        ("define d(\n) {\nf() # x\n}", "define d() {\n    f()  # x\n}"),
    ]);
}

#[test]
fn layers() {
    check_lines(&[
        ("layer counter (ifs) over tcp", ""),
        ("layer f over tcp,udp { }", "layer f over tcp, udp { }"),
        (
            "layer f over tcp { hooks WSPConnect,WSPSend ; count bytes ; breaks unregistered-handle }",
            "layer f over tcp { hooks WSPConnect, WSPSend ; count bytes ; breaks unregistered-handle }",
        ),
        (
            "layer filter (non-ifs, versions=2.2) over tcp {\n    hooks WSPConnect  # others stay\n\n    count bytes\n    # end\n}",
            "",
        ),
        ("layer f over tcp { on WSPConnect => WSAEACCES }", ""),
        ("layer f over tcp { on WSPConnect to 10.0.0.0/8 => WSAEACCES }", ""),
        ("layer f over tcp { on WSPConnect to 127.0.0.1:80 redirect 127.0.0.1:8080 }", ""),
        ("layer f over tcp { on WSPConnect to [fe80::1%3]/64 redirect [::1] }", ""),
        ("layer f over tcp { on WSPConnect to [::]:80 redirect 1.2.3.4 }", ""),
        ("layer f over tcp { on WSPConnect to 1.2.3.4 transform xor 0x5a }", ""),
        ("layer f over tcp { on WSPSend transform xor 0x5A }", ""),
    ]);
}

#[test]
fn cases_and_schedules() {
    check_files(&[
        (
            "about \"a\"\nneeds   base ifs # here\n# d\nneeds base non-ifs\n\nprocess a\n",
            "about \"a\"\nneeds base ifs  # here\n# d\nneeds base non-ifs\n\nprocess a\n",
        ),
        ("case WSPBind.error-1.x \"t\" { a: f() }", "case WSPBind.error-1.x \"t\" { a: f() }\n"),
        (
            "case X \"t\" {needs ifs;needs profile wine-9 ; a: f();b: g() }",
            "case X \"t\" { needs ifs ; needs profile wine-9 ; a: f() ; b: g() }\n",
        ),
        (
            "case X \"t\" { # open\n\n # c\n needs non-ifs # n\n needs layered\n\n needs decision order-of-checks = as-listed\n a: f()\n # tail\n\n} # close",
            "case X \"t\" {  # open\n    # c\n    needs non-ifs  # n\n    needs layered\n\n    needs decision order-of-checks=as-listed\n    a: f()\n    # tail\n}  # close\n",
        ),
        ("case X \"t\" {\n}", "case X \"t\" {\n}\n"),
        (
            "process a\ncase X \"t\" { a: f() }\n\n\ncase Y \"u\" {\na: f()\n}\n",
            "process a\ncase X \"t\" { a: f() }\n\ncase Y \"u\" {\n    a: f()\n}\n",
        ),
        ("schedule { }", "schedule { }\n"),
        ("schedule {\n}", "schedule { }\n"),
        (
            "schedule {\n  source goes on -> \"{#}\" ; x  # why\n\n  # c\n\t=> 5\n}\n# end",
            "schedule {\n    source goes on -> \"{#}\" ; x  # why\n\n    # c\n    => 5\n}\n# end\n",
        ),
    ]);
}

#[test]
fn statements() {
    check_lines(&[
        ("repeat 1000 { source: send(s, \"x\") }", ""),
        ("repeat until WSAEWOULDBLOCK { source: send(s, bytes(65536)) }", ""),
        ("repeat until {error=0} { source: f() }", ""),
        (
            "repeat any { a: f() ; b: x=g(some(Event,e))=>ok when e==1 and handles( a )<2 }",
            "repeat any { a: f() ; b: x = g(some(Event, e)) => ok when e == 1 and handles(a) < 2 }",
        ),
        ("a: f() => 5 when x.y", ""),
        ("a: when(and)", ""),
        ("repeat 2 {\n    repeat 3 {\n        a: f()\n    }\n}", ""),
        ("at end { expect a.x == 1 }", ""),
        ("at end {\n    at end { }\n}", ""),
        ("callback done in source { expect error == 0 ; SetEvent(hit) }", ""),
        ("condition c in server { return CF_REJECT }", ""),
        ("hook h in legacy { WSPCancelBlockingCall() ; return FALSE }", ""),
        ("hook h in legacy {\n    # first\n    x = f()\n    return x  # so\n}", ""),
        ("source: returns", ""),
        ("source.worker: returns => ok", ""),
        ("source : sync here", "source: sync here"),
        ("source: f()", ""),
        ("source: s=f ( )", "source: s = f()"),
        ("source: h = WPUCreateSocketHandle(context=7) as base => 4", ""),
        ("source: f() => WSAENOTSOCK by WSPBind.error-enotsock from base", ""),
        ("source: f() => 5 from filter", ""),
        ("source: f(\n  a, # the a\n  b\n) # after", "# the a\nsource: f(a, b)  # after"),
        ("expect error", ""),
        ("expect a==1", "expect a == 1"),
        ("expect a.b[0]!=\"x\"", "expect a.b[0] != \"x\""),
        ("expect a<=1", "expect a <= 1"),
        ("expect a>=1", "expect a >= 1"),
        ("expect a<b", "expect a < b"),
        ("expect a>b", "expect a > b"),
        ("expect x & 1 | 2 == one of [ok, WSAEINVAL, 3]", ""),
        ("always socket(s).references <= 3", ""),
        ("reachable every(list).field == 2", ""),
        ("finally no leaks", ""),
        ("kill target", ""),
        ("advance 2s", ""),
        ("advance 500ms", ""),
        ("step source", ""),
        ("step source.worker to WPUModifyIFSHandle", ""),
        ("hold network", ""),
        ("release network", ""),
        ("hold bus", ""),
        ("release bus", ""),
        ("deliver bus source->target message 2", "deliver bus source -> target message 2"),
        ("lose bus a -> b", ""),
        ("duplicate bus a -> b", ""),
        ("damage bus a -> b byte 52", ""),
        ("damage bus a -> b message 2 byte 0x34", ""),
        ("deliver source.s", ""),
        ("lose source.s", ""),
        ("fault network_down", ""),
        ("fault descriptors(target, limit=3)", ""),
        ("clear faults", ""),
    ]);
}

#[test]
fn expectations() {
    for (expectation, printed) in [
        ("ok", ""),
        ("any", ""),
        ("pending", ""),
        ("fails", ""),
        ("fails 10038", ""),
        ("fails -1", ""),
        ("blocks", ""),
        ("blocks for ever", ""),
        ("value WSAECONNREFUSED", ""),
        ("value {a=1}", ""),
        ("one of [ok, fails 3, blocks for ever, one of [1], value X, >= 2, {a=1}, [1]]", ""),
        ("{}", ""),
        ("{error=5, error_code[FD_CLOSE_BIT]=10053, value=untouched}", ""),
        ("{a={b=1, step=one of [1, any]}, list=[1, untouched, {x=[]}]}", ""),
        ("[]", ""),
        ("[1, \"x\", untouched]", ""),
        (">=5", ">= 5"),
        ("== \"x\"", ""),
        ("< 2 | 4", ""),
        ("5", ""),
        ("127.0.0.1:80", ""),
        ("[::1]:80", ""),
        ("FD_READ | FD_WRITE", ""),
        ("s", ""),
        ("(2)", ""),
        ("([a])", ""),
        ("({a=1} | 2)", ""),
        // By the grammar these are values, since no record has an operator behind a list; and a value there has parentheses.
        ("{f=[a] | 3}", "({f=[a] | 3})"),
        ("{g=1, f={a=1} with {b=2}}", "({g=1, f={a=1} with {b=2}})"),
        ("{f={x=[a] & 3, y=1}, g=untouched}", "{f=({x=[a] & 3, y=1}), g=untouched}"),
        ("[[[a] | 3], untouched]", "[([[a] | 3]), untouched]"),
    ] {
        let printed = if printed.is_empty() { expectation } else { printed };
        check_files(&[(&format!("a: f() => {expectation}"), &format!("a: f() => {printed}\n"))]);
    }
}

#[test]
fn values() {
    check_values(&[
        ("42", ""),
        ("-1", ""),
        ("007", "7"),
        ("-0", "0"),
        ("0x2a", ""),
        ("0x00FF", ""),
        ("0xfF", "0xff"),
        ("-0x5", ""),
        ("18446744073709551615", ""),
        ("-9223372036854775808", ""),
        ("0xffffffffffffffff", ""),
        ("0x000000000000000000000000A", "0x000000000000000A"),
        ("\"\"", ""),
        ("\"bytes \\x00\\n\\r\\t\\\"\\\\\"", ""),
        ("\"\\x41\\xc3\\xa4\\xC3\"", "\"Aä\\xc3\""),
        ("\"\u{202e}\u{7f}\"", "\"\\xe2\\x80\\xae\\x7f\""),
        ("127.0.0.1", ""),
        ("127.0.0.1:00080", "127.0.0.1:80"),
        ("[::]", ""),
        ("[::1]:80", ""),
        ("[FE80:0::1%3]:80", "[fe80::1%3]:80"),
        ("[::ffff:1.2.3.4]", ""),
        ("2.2", ""),
        ("500ms", ""),
        ("2s", ""),
        ("0s", ""),
        ("TRUE", ""),
        ("FALSE", ""),
        ("NULL", ""),
        ("bad", ""),
        ("guid \"e70f1aa0-ab8b-11cf-8ca3-00805f48a192\"", ""),
        ("[]", ""),
        ("[ a,b , [c] ]", "[a, b, [c]]"),
        ("[[::1]:80, 1.2.3.4]", ""),
        ("{}", ""),
        ("{ onoff=1 , linger = 0, value[ 3 ]=2}", "{onoff=1, linger=0, value[3]=2}"),
        ("(a)", ""),
        ("(\n a # in\n)", "(a)"),
        ("a", ""),
        ("a . step", "a.step"),
        ("a[ 0 ].b[c[1]]", "a[0].b[c[1]]"),
        ("bytes (1000)", "bytes(1000)"),
        ("f(1,x , value=3, ok = 2)", "f(1, x, value=3, ok=2)"),
        ("socket(target.t).handles", ""),
        ("a|b|c", "a | b | c"),
        ("a&b|c&d", "a & b | c & d"),
        ("a & (b | c)", ""),
        ("info with {provider_reserved=0}", ""),
        ("(a with {x=1}) with {y=2} | b with {}", ""),
        ("first(300, info)", ""),
        ("TRUEISH | okay", ""),
    ]);
}

/// Keywords are free as fields, parameters and parts of clause ids.
#[test]
fn keywords_as_fields() {
    for word in ["TRUE", "ok", "value", "step", "process", "bus", "guid", "one"] {
        check_lines(&[
            (&format!("a: f({word}=1)"), ""),
            (&format!("a: f(x.{word}) => {{{word}=1}}"), ""),
            (&format!("a: f() => ok by {word}.{word}-{word}"), ""),
            (&format!("process a ({word}=1, {word})"), ""),
        ]);
        assert!(syntax::is_keyword(word));
        assert!(syntax::parse_value(word).is_err() || word == "TRUE");
        assert!(syntax::parse(&format!("a: {word} = f()")).is_err());
        assert!(syntax::parse(&format!("process {word}")).is_err());
    }
    // Words with a meaning at their place only.
    for word in ["as", "by", "in", "to", "over", "with", "no", "ifs", "message", "until", "network", "end", "of"] {
        assert!(!syntax::is_keyword(word));
        check_lines(&[(
            &format!("{word}: {word} = {word}({word}={word}) as {word} => {word} by {word} from {word}"),
            "",
        )]);
    }
}

#[test]
fn comments_stay_where_they_are() {
    let text = "# file\n\n# title\nscenario \"t\"  # behind\n\n# process\n\nprocess a\n# b 1\n# b 2\nsetup {  # open\n    # in\n    a: f()  # f\n\n    # before end\n}  # close\nrepeat 3 {\n    # alone\n}\n\n# tail\n";
    check_files(&[(text, text)]);
}

#[test]
fn comments_in_brackets_go_above() {
    check_files(&[
        (
            "# one\na: f( # two\n    x, # three\n\n    # four\n    y\n) => { # five\n    a=1 } # six\n",
            "# one\n# two\n# three\n# four\n# five\na: f(x, y) => {a=1}  # six\n",
        ),
        (
            "repeat until {a=1, # c\n b=2} {\n a: f(b # d\n)\n}",
            "# c\nrepeat until {a=1, b=2} {\n    # d\n    a: f(b)\n}\n",
        ),
        ("repeat 3 { a: f(b # d\n) }", "# d\nrepeat 3 { a: f(b) }\n"),
    ]);
}

#[test]
fn places_are_lines_and_columns_in_characters() {
    let file = syntax::parse("about \"ä\"\r\nprocess a\r\n\r\n  a: x = f(\"äö\",\r\n  y) => ok\n")
        .expect("it is in the language");
    let tree::Item::Statement(statement) = &file.items[1] else { panic!("a statement") };
    let tree::StatementKind::Thread(line) = &statement.kind else { panic!("a line of a thread") };
    let tree::Action::Call(call) = &line.action else { panic!("a call") };
    let place = |span: tree::Span| (span.line, span.column, span.length);
    assert_eq!(place(statement.span), (4, 3, 14));
    assert_eq!(place(line.who.span), (4, 3, 1));
    assert_eq!(place(call.span), (4, 6, 11));
    assert_eq!(place(call.function.span), (4, 10, 1));
    assert_eq!(place(call.arguments[0].value.span), (4, 12, 4));
    assert_eq!(place(call.arguments[1].value.span), (5, 3, 1));
    assert_eq!(place(call.outcome.as_ref().expect("an outcome").span), (5, 6, 5));
    assert_eq!(call.function.span.to_string(), "4:10");
}

#[test]
fn single_statement() {
    let statement = syntax::parse_statement("\n# c\nrepeat 2 {\na: f()\n}  # d\n").expect("it is a statement");
    assert_eq!(syntax::print_statement(&statement), "# c\nrepeat 2 {\n    a: f()\n}  # d");
    assert!(syntax::parse_statement("a: f()\na: f()").is_err());
    assert!(syntax::parse_statement("process a").is_err());
    assert!(syntax::parse_value("1 2").is_err());
}

/// Parentheses are put where a tree that was built by hand needs them.
#[test]
fn built_trees_get_parentheses() {
    use tree::{Number, Value, ValueKind};
    let number = |value| Value::new(ValueKind::Number(Number::decimal(value)));
    let or = Value::new(ValueKind::Or(vec![number(1), number(2)]));
    let and = Value::new(ValueKind::And(vec![or.clone(), number(3)]));
    assert_eq!(syntax::print_value(&and), "(1 | 2) & 3");
    let with = Value::new(ValueKind::With { value: Box::new(and.clone()), changes: Vec::new() });
    assert_eq!(syntax::print_value(&with), "((1 | 2) & 3) with {}");
    assert_eq!(syntax::print_value(&Value::new(ValueKind::Or(vec![and, or]))), "(1 | 2) & 3 | (1 | 2)");
}

#[test]
fn tree_as_json() {
    let text = "scenario \"x\\xff\"\na: s = f(-1, 18446744073709551615, 127.0.0.1:80) => {a=untouched}  # c\n";
    let file = syntax::parse(text).expect("it is in the language");
    let json = serde_json::to_string(&file).expect("a tree can be written as JSON");
    assert!(json.contains(r#""bytes":"x\\xff""#), "{json}");
    let back: tree::File = serde_json::from_str(&json).expect("and read again");
    assert_eq!(back, file);
    assert_eq!(syntax::print(&back), text);
}
