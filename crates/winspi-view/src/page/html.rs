//! Text in HTML.

use crate::text::visible;

/// Text as it can stand between tags and in an attribute between double quotes. What a reader would not see, or what
/// turns the direction of the text, is written as its number.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in visible(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_a_tag() {
        assert_eq!(escape("</script>\"'&\u{202e}x"), "&lt;/script&gt;&quot;&#39;&amp;\\u{202e}x");
    }
}
