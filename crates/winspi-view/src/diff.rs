//! What is other in a text than in another, line by line.

use similar::TextDiff;

use crate::Look;
use crate::text::{Paint, visible};

/// How many lines are shown around what changes.
const AROUND: usize = 2;

/// From the text of a file to another one, in the unified form that other tools read; empty if they are the same.
pub fn render(file: &str, from: &str, to: &str, look: Look) -> String {
    let diff = TextDiff::from_lines(from, to);
    let unified = diff.unified_diff().context_radius(AROUND).header(file, file).to_string();
    let painted = unified.lines().enumerate().map(|(place, line)| {
        let paint = match line.chars().next() {
            _ if place < 2 => Paint::Strong,
            Some('-') => Paint::Bad,
            Some('+') => Paint::Good,
            Some('@') => Paint::Faint,
            _ => Paint::Plain,
        };
        format!("{}\n", paint.on(&visible(line), look.colour))
    });
    painted.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_change_with_some_around() {
        let text = |middle: &str| format!("1\n2\n3\n{middle}\n5\n6\n7\n");
        let expected = "--- a.winspi\n+++ a.winspi\n@@ -2,5 +2,5 @@\n 2\n 3\n-4 \\u{1b}[2J\n+four\n 5\n 6\n";
        assert_eq!(render("a.winspi", &text("4 \u{1b}[2J"), &text("four"), Look::PLAIN), expected);
        assert_eq!(render("a.winspi", "1\n", "1\n", Look::PLAIN), "");
        assert!(render("a", "1\n", "2\n", Look { colour: true, ..Look::PLAIN }).contains('\u{1b}'));
    }
}
