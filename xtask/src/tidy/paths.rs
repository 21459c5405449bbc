//! Paths named in pages exist.
//!
//! In backticks: what begins with a folder of the root is taken from the root; what ends with `/` or with a known
//! extension is the end of some path, so that `ws2_32/bind.rs` can be said. Paths of other projects
//! are written with the project and a blank, `owner/repo: path`, and so are no such names. Links without a scheme are taken from the page.

use std::collections::BTreeSet;

use super::File;

/// Folders of the root: a path that begins with one is meant from the root.
const ROOTS: [&str; 7] = ["crates", "docs", "scenarios", "spec-tests", "xtask", ".ci", ".cargo"];
/// What ends so is a path, if it has a folder before it.
const EXTENSIONS: [&str; 6] = [".rs", ".toml", ".md", ".winspi", ".json", ".peg"];

pub(super) fn check(file: &File, paths: &BTreeSet<String>) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut fenced = false;
    for (index, line) in file.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            continue;
        }
        let mut prose = String::new();
        let mut missing = Vec::new();
        for (part, text) in line.split('`').enumerate() {
            if part % 2 == 0 {
                prose.push_str(text);
            } else if !named_path_exists(text, paths) {
                missing.push(text);
            }
        }
        missing.extend(links(&prose).filter(|link| !link_leads_somewhere(file, link, paths)));
        for name in missing {
            complaints.push(format!("{}:{}: no such path: {name}", file.path, index + 1));
        }
    }
    complaints
}

/// True for what is no path, too.
fn named_path_exists(name: &str, paths: &BTreeSet<String>) -> bool {
    let name = without_line(name);
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./*".contains(c);
    if !name.contains('/') || name.starts_with('/') || name.contains("//") || !name.chars().all(plain) {
        return true;
    }
    // A pattern stands for the folder before it.
    let parts: Vec<&str> =
        name.split('/').filter(|part| !part.is_empty()).take_while(|part| !part.contains('*')).collect();
    let Some(first) = parts.first() else {
        return true;
    };
    let path = parts.join("/");
    if ROOTS.contains(first) {
        return paths.contains(&path);
    }
    let looks_like_a_path = name.ends_with('/') || EXTENSIONS.iter().any(|extension| name.ends_with(extension));
    !looks_like_a_path || ends_a_path(&path, paths)
}

/// `bind.rs:12` without the number.
fn without_line(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((path, line)) if line.chars().all(|c| c.is_ascii_digit()) => path,
        _ => name,
    }
}

fn ends_a_path(end: &str, paths: &BTreeSet<String>) -> bool {
    paths.iter().any(|path| path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/')))
}

/// The targets of `[text](target)`.
fn links(prose: &str) -> impl Iterator<Item = &str> {
    prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
}

/// True for what leads out of the repository or to a heading of the same page, too.
fn link_leads_somewhere(file: &File, link: &str, paths: &BTreeSet<String>) -> bool {
    let target = link.split(['#', ' ']).next().unwrap_or_default();
    if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
        return true;
    }
    let mut parts: Vec<&str> = file.path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return false;
                }
            }
            part => parts.push(part),
        }
    }
    parts.is_empty() || paths.contains(&parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn complaints(page: &str) -> usize {
        let paths = [
            "README.md",
            "docs",
            "docs/language.md",
            "crates",
            "crates/winspi-core",
            "crates/winspi-core/src/ws2_32",
            "crates/winspi-core/src/ws2_32/bind.rs",
        ];
        let paths = paths.into_iter().map(str::to_owned).collect();
        check(&file("docs/page.md", page), &paths).len()
    }

    #[test]
    fn what_exists() {
        for page in [
            "`crates/winspi-core/`, `crates/winspi-core/src/ws2_32/bind.rs:12`",
            "`docs/language.md` and `ws2_32/bind.rs` and `ws2_32/` and `crates/*/clippy.toml`",
            "[the language](language.md#values) [up](../README.md) [all](../)",
        ] {
            assert_eq!(complaints(page), 0, "{page}");
        }
    }

    #[test]
    fn what_is_no_path() {
        for page in [
            "`and/or`, `bind.rs`, `ws2spi/nc-ws2spi-lpwspbind`, `2/3`, `/`, `//x.rs`",
            "`smoltcp-rs/smoltcp: src/wire/mod.rs`",
            "[pages](https://learn.microsoft.com/x.md) [here](#values)",
            "```\n`crates/gone`\n```",
        ] {
            assert_eq!(complaints(page), 0, "{page}");
        }
    }

    #[test]
    fn what_is_gone() {
        for page in [
            "`crates/winspi-gone`",
            "`crates/winspi-core/src/bind.rs`",
            "`ws2_32/listen.rs`",
            "`kernel/`",
            "`2/bind.rs`",
            "`scenarios/*.winspi`",
            "[gone](gone.md)",
            "[`gone`](gone.md#there)",
            "[out](../../x.md)",
        ] {
            assert_eq!(complaints(page), 1, "{page}");
        }
    }
}
