//! Text for a terminal: its width, where it is broken, what of it may be shown, how it is painted.

use anstyle::{AnsiColor, Style};
use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::UnicodeWidthStr;

/// How a piece of text is painted. Without colour all are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paint {
    /// As it is.
    #[default]
    Plain,
    /// A title.
    Strong,
    /// What one reads last.
    Faint,
    /// What did not hold.
    Bad,
    /// What held.
    Good,
}

impl Paint {
    fn style(self) -> Style {
        match self {
            Paint::Plain => Style::new(),
            Paint::Strong => Style::new().bold(),
            Paint::Faint => Style::new().dimmed(),
            Paint::Bad => AnsiColor::Red.on_default().bold(),
            Paint::Good => AnsiColor::Green.on_default(),
        }
    }

    /// The text in this paint, if there is colour.
    pub fn on(self, text: &str, colour: bool) -> String {
        if !colour || self == Paint::Plain || text.is_empty() {
            return text.to_owned();
        }
        let style = self.style();
        format!("{style}{text}{style:#}")
    }
}

/// How many columns a text takes.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text with spaces behind it, up to `columns`.
pub fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The lines of a text that is broken at spaces, behind the bracket of a call, behind the stop in the id of a clause;
/// what does not fit then at hyphens, or anywhere. Line feeds are kept. Every line but the first starts with `hang` spaces.
pub fn wrap(text: &str, columns: usize, hang: usize) -> Vec<String> {
    let indent = " ".repeat(hang.min(columns / 2));
    // Hyphens are for those pieces only that fit nowhere.
    let fits = widest_piece(text) + indent.len() <= columns;
    let splitter = if fits { WordSplitter::NoHyphenation } else { WordSplitter::HyphenSplitter };
    let options = Options::new(columns.max(1))
        .word_separator(WordSeparator::Custom(|line| Box::new(pieces(line).into_iter())))
        .word_splitter(splitter)
        .subsequent_indent(&indent);
    textwrap::wrap(text, options).into_iter().map(|line| line.trim_end().to_owned()).collect()
}

/// How wide the widest piece of a text is that is not broken without need.
pub fn widest_piece(text: &str) -> usize {
    text.lines().flat_map(pieces).map(|piece| width(&piece)).max().unwrap_or(0)
}

/// The pieces of a line: words with the spaces behind them, a call apart from its arguments, an id in two.
fn pieces(line: &str) -> Vec<Word<'_>> {
    let mut ends = Vec::new();
    let mut last = [' ', ' '];
    for (place, character) in line.char_indices() {
        let word_begins = character != ' ' && last[1] == ' ' && place > 0;
        let arguments_begin = character != ')' && last[1] == '(' && last[0].is_alphanumeric();
        let piece = line.get(ends.last().copied().unwrap_or(0)..place).unwrap_or_default();
        let rule_begins =
            character.is_ascii_lowercase() && last[1] == '.' && piece.starts_with(|c: char| c.is_ascii_uppercase());
        if word_begins || arguments_begin || rule_begins {
            ends.push(place);
        }
        last = [last[1], character];
    }
    ends.push(line.len());
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(&ends).filter_map(|(start, end)| line.get(start..*end)).map(Word::from).collect()
}

/// A paragraph between a margin and the width.
pub fn paragraph(text: &str, margin: usize, columns: usize) -> String {
    let margin_text = " ".repeat(margin);
    wrap(text, columns.saturating_sub(margin), 0).iter().map(|line| format!("{margin_text}{line}\n")).collect()
}

/// The text with everything escaped that a terminal would not show as it is: control characters, escape sequences,
/// marks that turn the direction of the text.
pub fn visible(text: &str) -> String {
    text.chars().map(visible_char).collect()
}

fn visible_char(character: char) -> String {
    if matches!(character, '"' | '\'' | '\\') {
        return character.to_string();
    }
    // A string keeps combining characters as they are unless they stand first.
    ['x', character].iter().collect::<String>().escape_debug().skip(1).collect()
}

/// `1 call`, `2 calls`.
pub fn count(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_spaces_and_hang() {
        assert_eq!(wrap("WSPSocket(AF_INET, SOCK_STREAM)", 20, 2), ["WSPSocket(AF_INET,", "  SOCK_STREAM)"]);
        assert_eq!(wrap("abcdefgh", 4, 0), ["abcd", "efgh"]);
        assert_eq!(wrap("WSPSend.error-efault", 14, 0), ["WSPSend.", "error-efault"]);
        assert_eq!(wrap("f(GetCurrentProcessId(), x)", 24, 2), ["f(GetCurrentProcessId(),", "  x)"]);
        assert_eq!(wrap("a\nb", 10, 0), ["a", "b"]);
        assert_eq!(wrap("日本語", 4, 0), ["日本", "語"]);
        assert_eq!(wrap("", 10, 0), [""]);
    }

    #[test]
    fn what_would_act_on_a_terminal_is_escaped() {
        assert_eq!(visible("say \"it's\" \\ é 日本"), "say \"it's\" \\ é 日本");
        assert_eq!(visible("a\u{1b}[31mb\n\t\u{202e}"), "a\\u{1b}[31mb\\n\\t\\u{202e}");
        assert_eq!(visible("e\u{301}"), "e\u{301}");
    }

    #[test]
    fn paint_needs_colour() {
        assert_eq!(Paint::Bad.on("no", false), "no");
        assert_eq!(Paint::Bad.on("no", true), "\u{1b}[1m\u{1b}[31mno\u{1b}[0m");
        assert_eq!(Paint::Plain.on("no", true), "no");
    }

    #[test]
    fn padding_counts_columns() {
        assert_eq!(pad("日", 4), "日  ");
        assert_eq!(pad("long", 2), "long");
    }
}
