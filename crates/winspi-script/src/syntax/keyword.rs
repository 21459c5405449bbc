//! Words that are no names, and words that are near to others.

/// Rule `KEYWORD`: never names of processes, threads, layers, objects; free as fields, parameters, parts of clause ids.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "TRUE", "FALSE", "NULL", "bad", "guid",
    "ok", "any", "pending", "fails", "blocks", "value", "one", "untouched",
    "scenario", "about", "process", "thread", "layer", "define", "setup", "step", "case", "needs", "schedule",
    "repeat", "at", "callback", "condition", "hook", "return", "returns", "sync",
    "expect", "always", "reachable", "finally", "kill", "advance", "hold", "release",
    "deliver", "lose", "duplicate", "damage", "bus", "fault", "clear",
];

/// The keywords that begin a line outside of blocks.
#[rustfmt::skip]
pub(super) const STARTS: &[&str] = &[
    "scenario", "about", "process", "thread", "layer", "define", "setup", "step", "case", "needs", "schedule",
    "repeat", "at", "callback", "condition", "hook", "expect", "always", "reachable", "finally", "kill", "advance",
    "hold", "release", "deliver", "lose", "duplicate", "damage", "fault", "clear",
];

/// Whether a word is a keyword.
pub(crate) fn is_keyword(word: &str) -> bool {
    // All keywords are short; most names are told apart by their length alone.
    word.len() <= 9 && KEYWORDS.contains(&word)
}

/// The word that was perhaps meant.
pub(super) fn near<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    if word.len() > 20 {
        return None;
    }
    let lower = word.to_lowercase();
    let scored =
        candidates.iter().map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), *candidate));
    let (distance, best) = scored.min_by_key(|(distance, _)| *distance)?;
    let allowed = match best.len() {
        0..=2 => 0,
        3..=4 => 1,
        _ => 2,
    };
    (distance <= allowed).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The list of the grammar, which stands in the repository beside this one.
    #[test]
    fn keywords_are_those_of_the_grammar() {
        let grammar = include_str!("../../../../docs/language.peg");
        let rule = grammar.split("\nKEYWORD ").nth(1).expect("the grammar has the rule KEYWORD");
        let rule = rule.split("\n#").next().unwrap_or_default();
        let listed: Vec<&str> = rule.split('\'').skip(1).step_by(2).collect();
        assert_eq!(listed, KEYWORDS);
    }

    #[test]
    fn near_words() {
        for (word, expected) in [
            ("proces", Some("process")),
            ("Process", Some("process")),
            ("expcet", Some("expect")),
            ("exepct", Some("expect")),
            ("a", None),
            ("server", None),
            ("lsoe", Some("lose")),
        ] {
            assert_eq!(near(word, STARTS), expected, "{word}");
        }
    }
}
