//! Ids of clauses and decisions that are named in code and scripts exist.

use std::collections::BTreeSet;

use super::{File, Known};

/// `clause!("...")` and `decision!("...")` in Rust code. The compiler checks what it compiles; this sees
/// documentation and code for other systems as well. Examples that are meant not to compile are left out.
pub(super) fn code(file: &File, known: &Known) -> Vec<String> {
    let mut complaints = Vec::new();
    let text = without_failing_examples(&file.text);
    for (line, id) in arguments(&text, "clause!") {
        if !known.clauses.contains(id) {
            complaints.push(unknown(file, line, "clause", id));
        }
    }
    for (line, id) in arguments(&text, "decision!") {
        complaints.extend(decision(file, line, id, known));
    }
    complaints
}

/// `case ID` and `by ID` in scripts. An id with a point is a clause's, without one a decision's.
pub(super) fn script(file: &File, known: &Known) -> Vec<String> {
    let mut complaints = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let bare = without_strings(line);
        let words: Vec<&str> = bare.split_whitespace().collect();
        for (at, pair) in words.windows(2).enumerate() {
            let named = (pair[0] == "case" && at == 0) || (pair[0] == "by" && at > 0);
            if !named || !pair[1].starts_with(|c: char| c.is_ascii_alphabetic()) {
                continue;
            }
            let id =
                pair[1].split(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c))).next().unwrap_or_default();
            if !id.contains('.') {
                complaints.extend(decision(file, index + 1, id, known));
            } else if !known.clauses.contains(id) {
                complaints.push(unknown(file, index + 1, "clause", id));
            }
        }
    }
    complaints
}

/// What a page of decisions can be asked for: the slugs of its headings, words in backticks in them, and `id="..."`.
pub(super) fn anchors(page: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut fenced = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for (_, rest) in line.match_indices("id=\"").map(|(at, m)| line.split_at(at + m.len())) {
            anchors.extend(rest.split('"').next().map(str::to_owned));
        }
        let heading = line.trim_start_matches('#');
        if heading.len() < line.len() && heading.starts_with(' ') {
            anchors.insert(slug(heading.trim()));
            anchors.extend(heading.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    anchors
}

/// The anchor that a heading gets by itself: small letters, no punctuation, `-` for a blank.
fn slug(heading: &str) -> String {
    heading
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            c if c.is_alphanumeric() => Some(c.to_ascii_lowercase()),
            _ => None,
        })
        .collect()
}

fn decision(file: &File, line: usize, id: &str, known: &Known) -> Option<String> {
    let decisions = known.decisions.as_ref()?;
    (!decisions.contains(id)).then(|| unknown(file, line, "decision", id))
}

fn unknown(file: &File, line: usize, what: &str, id: &str) -> String {
    format!("{}:{line}: no such {what}: {id}", file.path)
}

/// The string arguments of a macro, with their lines. Calls with something else are left out.
fn arguments<'a>(text: &'a str, name: &str) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(name) {
        let inside_a_word = text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let argument = text[at + name.len()..]
            .trim_start()
            .strip_prefix(['(', '[', '{'])
            .and_then(|rest| rest.trim_start().strip_prefix('"'))
            .and_then(|rest| rest.split_once('"'));
        if let Some((id, _)) = argument
            && !inside_a_word
            && id != "..."
        {
            found.push((text[..at].matches('\n').count() + 1, id));
        }
    }
    found
}

/// The code with the lines of ` ```compile_fail ` examples emptied.
fn without_failing_examples(text: &str) -> String {
    let mut failing = false;
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        let comment = line.trim_start();
        let fence = comment
            .strip_prefix("///")
            .or_else(|| comment.strip_prefix("//!"))
            .and_then(|comment| comment.trim_start().strip_prefix("```"));
        match fence {
            Some(words) if !failing => failing = words.contains("compile_fail"),
            Some(_) => failing = false,
            None if failing => {}
            None => kept.push_str(line),
        }
        kept.push('\n');
    }
    kept
}

/// A line of a script without its strings and its comment.
fn without_strings(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut characters = line.chars();
    let mut inside = false;
    while let Some(character) = characters.next() {
        match character {
            '\\' if inside => {
                characters.next();
            }
            '"' => {
                inside = !inside;
                kept.push('"');
            }
            '#' if !inside => break,
            _ if inside => {}
            _ => kept.push(character),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn known() -> Known {
        Known {
            clauses: ["WSPBind.returns-zero", "edge.target-pid-zero"].map(str::to_owned).into(),
            decisions: Some(["order-of-checks".to_owned()].into()),
        }
    }

    fn in_code(text: &str) -> Vec<String> {
        code(&file("crates/a.rs", text), &known())
    }

    fn in_script(text: &str) -> Vec<String> {
        script(&file("a.winspi", text), &known())
    }

    #[test]
    fn code_names_what_exists() {
        for text in [
            r#"clause!("WSPBind.returns-zero"), decision!("order-of-checks")"#,
            r#"clause!($id); no_clause!("x"); /// `clause!("...")`"#,
            "/// ```compile_fail\n/// clause!(\"WSPBind.none\");\n/// ```",
        ] {
            assert_eq!(in_code(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn code_names_what_does_not() {
        for (text, complaint) in [
            ("\nclause!(\n    \"WSPBind.none\")", "crates/a.rs:2: no such clause: WSPBind.none"),
            (r#"crate::decision!("none")"#, "crates/a.rs:1: no such decision: none"),
            (
                "/// ```compile_fail\n/// ```\n/// clause!(\"WSPBind.none\")",
                "crates/a.rs:3: no such clause: WSPBind.none",
            ),
        ] {
            assert_eq!(in_code(text), [complaint], "{text}");
        }
    }

    #[test]
    fn script_names_what_exists() {
        for text in [
            "case WSPBind.returns-zero \"by WSPBind.none\" {",
            "case edge.target-pid-zero \"x\" { needs ifs; a: f() => ok by order-of-checks }",
            "a: bind(s, x) => {error=0} by WSPBind.returns-zero from base",
            "a: send(s, \"\\\" by WSPBind.none\") # by WSPBind.none",
            "a: by = f(by, b)",
        ] {
            assert_eq!(in_script(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn script_names_what_does_not() {
        for (text, complaint) in [
            ("\n    case WSPBind.none \"x\" {", "a.winspi:2: no such clause: WSPBind.none"),
            ("a: f() => WSAEINVAL by WSPBind.none}", "a.winspi:1: no such clause: WSPBind.none"),
            ("a: f() => ok by none", "a.winspi:1: no such decision: none"),
        ] {
            assert_eq!(in_script(text), [complaint], "{text}");
        }
    }

    #[test]
    fn without_a_page_of_decisions_none_is_missed() {
        let mut known = known();
        known.decisions = None;
        assert_eq!(code(&file("crates/a.rs", r#"decision!("none")"#), &known), [""; 0]);
    }

    #[test]
    fn anchors_of_headings() {
        let page = "# Decisions\n## Which check is first? (`order-of-checks`)\n### Is it kept?\n\
                    <a id=\"by-hand\"></a>\n```\n# no-heading\n```\ntext `no` #no\n";
        let wanted = ["by-hand", "decisions", "is-it-kept", "order-of-checks", "which-check-is-first-order-of-checks"];
        assert_eq!(anchors(page), wanted.map(str::to_owned).into());
    }
}
