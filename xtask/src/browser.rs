//! `cargo xtask browser`: Chromium and its WebDriver are there, for the tests of crates/winspi-browser-tests.

use std::process::{Command, Stdio};

use crate::Result;

/// What is needed: the names that the program has on different systems, and the package of Debian.
const NEEDED: [(&[&str], &str); 2] = [
    (&["chromium", "chromium-browser", "google-chrome", "chrome"], "chromium"),
    (&["chromedriver"], "chromium-driver"),
];

pub(crate) fn run() -> Result {
    let missing = missing(answers);
    if !missing.is_empty() {
        install(&missing)?;
    }
    for (names, _) in NEEDED {
        let name = names.iter().find(|name| answers(name)).ok_or_else(|| advice(&missing))?;
        let output = Command::new(name).arg("--version").output().map_err(|error| format!("{name}: {error}"))?;
        println!("{}", String::from_utf8_lossy(&output.stdout).trim());
    }
    Ok(())
}

/// The packages of what does not answer.
fn missing(answers: impl Fn(&str) -> bool) -> Vec<&'static str> {
    NEEDED.iter().filter(|(names, _)| !names.iter().any(|name| answers(name))).map(|(_, package)| *package).collect()
}

fn answers(program: &str) -> bool {
    let said = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    said.is_ok_and(|status| status.success())
}

/// Installs packages where the package manager is Debian's and lets us.
fn install(packages: &[&str]) -> Result {
    if !answers("apt-get") {
        return Err(advice(packages));
    }
    eprintln!("{} missing: trying apt-get", packages.join(", "));
    for words in [&["update"][..], &[&["install", "-y", "--no-install-recommends"][..], packages].concat()] {
        let status = Command::new("apt-get").args(words).env("DEBIAN_FRONTEND", "noninteractive").status();
        if !status.is_ok_and(|status| status.success()) {
            return Err(format!("apt-get {} failed. {}", words.join(" "), advice(packages)));
        }
    }
    Ok(())
}

fn advice(packages: &[&str]) -> String {
    format!(
        "Chromium and its WebDriver are needed for the tests in the browser. Install what your system calls {} (on Debian: \
         apt-get install {}, as root); chromium and chromedriver have to be found by the path variable.",
        packages.join(" and "),
        packages.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing() {
        for (there, wanted) in [
            (&["chromium", "chromedriver"][..], &[][..]),
            (&["google-chrome", "chromedriver"], &[]),
            (&["chromium"], &["chromium-driver"]),
            (&["chromedriver"], &["chromium"]),
            (&[], &["chromium", "chromium-driver"]),
        ] {
            assert_eq!(missing(|name| there.contains(&name)), wanted, "{there:?}");
        }
    }

    #[test]
    fn advice_names_the_packages() {
        assert!(advice(&["chromium-driver"]).contains("apt-get install chromium-driver,"));
    }
}
