//! Writes reports and complaints.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use terminal_size::{Width, terminal_size_of};
use winspi_view::Look;

use crate::input::{BadInput, STDIN};

/// How a report looks on the standard output: colour and the width of the window for a terminal, else always the same.
pub(crate) fn look() -> Look {
    let out = io::stdout();
    if !out.is_terminal() {
        return Look::PLAIN;
    }
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let colour = set("NO_COLOR").is_none() && set("TERM").is_none_or(|term| term != "dumb");
    let columns = terminal_size_of(&out).map_or(Look::PLAIN.width, |(Width(columns), _)| usize::from(columns));
    Look { width: columns.clamp(60, 120), colour }
}

/// Writes a report to the standard output. A reader who has seen enough is no error.
pub(crate) fn write(report: &str) -> Result<(), BadInput> {
    let mut out = io::stdout().lock();
    match out.write_all(report.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(BadInput::option(format!("error: the report cannot be written: {error}\n")))
        }
        _ => Ok(()),
    }
}

/// Writes a file, or to the standard output where it is called `-`.
pub(crate) fn write_to(file: &Path, contents: &[u8]) -> Result<(), BadInput> {
    if file == Path::new(STDIN) {
        return write(&String::from_utf8_lossy(contents));
    }
    let failed =
        |error: io::Error| BadInput::of(file, format!("{}: the file cannot be written: {error}\n", file.display()));
    std::fs::write(file, contents).map_err(failed)
}

/// Writes a file into a folder, which is made if it is not there. Gives the path.
pub(crate) fn write_file(folder: &Path, name: &str, text: &str) -> Result<PathBuf, BadInput> {
    let failed = |path: &Path, error: io::Error| {
        BadInput::of(path, format!("{}: this cannot be written: {error}\n", path.display()))
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let path = folder.join(name);
    std::fs::write(&path, text).map_err(|error| failed(&path, error))?;
    Ok(path)
}

/// What the files are called that are written for a scenario.
pub(crate) fn stem(file: &str) -> String {
    let stem = Path::new(file).file_stem().filter(|_| file != STDIN);
    stem.map_or("scenario".into(), |stem| stem.to_string_lossy()).into_owned()
}

/// Whether somebody watches the standard error output.
pub(crate) fn shows_progress() -> bool {
    io::stderr().is_terminal()
}

/// Shows how far something is, in the place of what was shown before; nothing clears it.
pub(crate) fn progress(text: &str) {
    let _ = io::stderr().write_all(format!("\r\x1b[K{text}").as_bytes());
}

/// Says what is wrong with the input.
pub(crate) fn complain(error: &str) {
    // Where even this cannot be written the exit status is all that is left.
    let _ = io::stderr().write_all(error.as_bytes());
}
