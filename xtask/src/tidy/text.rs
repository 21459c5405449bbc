//! What holds for a file as a whole: it is short enough to be read, and it is not tied to a machine.

use super::File;
use crate::generate::GENERATED;

/// A file with more lines usually holds two subjects, or its tests.
const LINES: usize = 800;

/// The beginnings of paths of a machine, split so that this file is no finding.
const MACHINE: [&str; 4] = [concat!("/wo", "rk/"), concat!("/tm", "p/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];

/// Generated files may be longer.
pub(super) fn length(file: &File) -> Option<String> {
    let lines = file.text.lines().count();
    (lines > LINES && !GENERATED.contains(&file.path.as_str()))
        .then(|| format!("{}: {lines} lines; {LINES} are allowed", file.path))
}

pub(super) fn machine_paths(file: &File) -> Vec<String> {
    let mut complaints = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        for path in MACHINE {
            if line.match_indices(path).any(|(at, _)| begins(&line[..at])) {
                let place = format!("{}:{}", file.path, index + 1);
                complaints.push(format!("{place}: a path of one machine: {path}"));
            }
        }
    }
    complaints
}

/// Whether a path can begin after this text: not in the middle of another path or of an address.
fn begins(before: &str) -> bool {
    !before.ends_with(|c: char| c.is_alphanumeric() || "_-.~*}>".contains(c))
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn length_of_a_file() {
        let text = "//\n".repeat(LINES);
        assert_eq!(length(&file("crates/a.rs", &text)), None);
        let text = text + "//\n";
        assert!(length(&file("crates/a.rs", &text)).is_some());
        assert_eq!(length(&file(GENERATED[0], &text)), None);
    }

    #[test]
    fn paths_of_a_machine() {
        for path in MACHINE {
            for line in [format!("see {path}x"), format!("{path}x"), format!("\"{path}\""), format!("file://{path}x")] {
                assert_eq!(machine_paths(&file("a.md", &line)).len(), 1, "{line}");
            }
            for line in [format!("docs{path}x"), format!("../..{path}x")] {
                assert_eq!(machine_paths(&file("a.md", &line)).len(), 0, "{line}");
            }
        }
    }
}
