//! `cargo xtask docs`: builds the book into target/site, with the files that it links to beside it.
//!
//! The site has the folders of the repository, so that a link from docs/ to scenarios/ leads to the same place there as
//! it does here.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use crate::{Result, cargo, root};

/// The folder of the site, from the root.
const SITE: &str = "target/site";

pub(crate) fn run() -> Result {
    if !installed() {
        eprintln!("mdbook is missing: installing it");
        cargo(&["install", "mdbook", "--locked", "--no-default-features", "--features", "search"], &[])?;
    }
    let (root, site) = (root(), root().join(SITE));
    if site.exists() {
        fs::remove_dir_all(&site).map_err(|error| format!("{SITE}: {error}"))?;
    }
    let book = site.join("docs");
    let status = Command::new("mdbook").arg("build").arg(root.join("docs")).arg("-d").arg(&book).status();
    if !status.map_err(|error| format!("mdbook: {error}"))?.success() {
        return Err("failed: mdbook build docs".to_owned());
    }
    let mut pages = Vec::new();
    html(&book, &mut pages)?;
    let mut broken = Vec::new();
    for page in &pages {
        let text = fs::read_to_string(page).map_err(|error| format!("{}: {error}", page.display()))?;
        for link in links(&text) {
            let Some(target) = target(page, link) else {
                continue;
            };
            let there = target.strip_prefix(&site).is_ok_and(|path| beside(&root, &site, path));
            if !there {
                broken.push(format!("{}: {link}", page.strip_prefix(&site).unwrap_or(page).display()));
            }
        }
    }
    broken.sort();
    broken.dedup();
    if !broken.is_empty() {
        return Err(format!("{} links of the book lead nowhere:\n{}", broken.len(), broken.join("\n")));
    }
    println!("the book: {SITE}/docs/index.html, {} pages", pages.len());
    Ok(())
}

fn installed() -> bool {
    Command::new("mdbook").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// All pages in a folder and those within.
fn html(folder: &Path, pages: &mut Vec<PathBuf>) -> Result {
    let failed = |error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            html(&path, pages)?;
        } else if path.extension().is_some_and(|extension| extension == "html") {
            pages.push(path);
        }
    }
    pages.sort();
    Ok(())
}

/// What the attributes `href` and `src` of a page name.
fn links(text: &str) -> impl Iterator<Item = &str> {
    [" href=\"", " src=\""]
        .into_iter()
        .flat_map(|attribute| text.split(attribute).skip(1))
        .filter_map(|rest| rest.split_once('"'))
        .map(|(link, _)| link)
}

/// The file that a link of a page names; nothing for a heading of the page itself, and for what is elsewhere.
fn target(page: &Path, link: &str) -> Option<PathBuf> {
    let path = link.split(['#', '?']).next().filter(|path| !path.is_empty())?;
    if path.contains(':') || path.starts_with('/') {
        return None;
    }
    let mut found = PathBuf::new();
    for part in page.parent()?.join(path).components() {
        match part {
            Component::ParentDir => {
                found.pop();
            }
            part => found.push(part),
        }
    }
    Some(found)
}

/// Whether a path of the site is there, be it that it was copied from the repository just now.
fn beside(root: &Path, site: &Path, path: &Path) -> bool {
    let (from, to) = (root.join(path), site.join(path));
    if to.exists() {
        return true;
    }
    let folder = to.parent().is_some_and(|folder| fs::create_dir_all(folder).is_ok());
    folder && from.is_file() && fs::copy(from, to).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_links_of_a_page() {
        let text = "<a href=\"a.html#b\">x</a><img src=\"../c.png\" alt=\"\"><p data-href=\"d\">";
        assert_eq!(links(text).collect::<Vec<_>>(), ["a.html#b", "../c.png"]);
    }

    #[test]
    fn where_links_lead() {
        let page = Path::new("site/docs/book/page.html");
        for (link, wanted) in [
            ("other.html#there", Some("site/docs/book/other.html")),
            ("../../scenarios/x.winspi", Some("site/scenarios/x.winspi")),
            ("#here", None),
            ("https://example.org/x", None),
            ("mailto:nobody@example.org", None),
        ] {
            assert_eq!(target(page, link), wanted.map(PathBuf::from), "{link}");
        }
    }
}
