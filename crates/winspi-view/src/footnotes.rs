//! What the rules say that a report names: each once, with its text.

use winspi_script::Run;

use crate::Look;
use crate::clauses::text_of;
use crate::grid::list;
use crate::why::{basis, is_decision};

/// The rules that the rows of a run rest on, in the order in which they are first named, with their texts.
pub fn of(run: &Run) -> Vec<(String, String)> {
    let mut notes: Vec<(String, String)> = Vec::new();
    let breaches = run.breaches.iter().map(|(_, breach)| breach.basis.to_string());
    for id in run.rows.iter().filter_map(basis).chain(breaches) {
        if notes.iter().all(|(known, _)| *known != id) {
            let text = text(&id);
            notes.push((id, text));
        }
    }
    notes
}

/// The notes as lines.
pub fn render(notes: &[(String, String)], look: Look) -> String {
    let rows: Vec<Vec<String>> = notes.iter().map(|(id, text)| vec![id.clone(), text.clone()]).collect();
    list(&rows, look)
}

fn text(id: &str) -> String {
    match text_of(id) {
        Some(clause) => clause.text.to_owned(),
        None if is_decision(id) => format!("A decision of winspi: see `{id}` in docs/decisions.md."),
        None => "The catalogue has no text for this.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_have_their_text_and_decisions_their_place() {
        assert_eq!(text("WSPSend.enotsock"), "WSPSend fails with WSAENOTSOCK when s does not identify a socket.");
        assert_eq!(text("win32-handle"), "A decision of winspi: see `win32-handle` in docs/decisions.md.");
    }

    #[test]
    fn long_texts_are_broken_beside_the_id() {
        let notes = [("WSPBind.x".to_owned(), "A name of some length that is given.".to_owned())];
        let expected = "  WSPBind.x  A name of some length\n             that is given.\n";
        assert_eq!(render(&notes, Look { width: 38, colour: false }), expected);
    }
}
