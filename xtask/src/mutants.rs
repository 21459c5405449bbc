//! `cargo xtask mutants`: a sample of mutants of the core, against the conformance suite.
//!
//! The tool is cargo-mutants; it changes one place of the code at a time, builds, and runs the suite. A mutant that no
//! case notices is a gap of the suite, or of no consequence: what it leaves in target/mutants names each.

use std::process::Command;

use crate::{Result, cargo, root};

/// What is asked for.
struct Options {
    sample: usize,
    seed: u64,
}

pub(crate) fn run(words: &[&str]) -> Result {
    let options = read(words)?;
    let listed = list()?;
    let sample = choose(listed, &options);
    if sample.is_empty() {
        return Err("cargo mutants lists no mutant of winspi-core".to_owned());
    }
    eprintln!("{} mutants of seed {}", sample.len(), options.seed);
    let patterns: Vec<String> = sample.iter().map(|name| format!("^{}$", escaped(name))).collect();
    let mut arguments =
        vec!["mutants", "--package", "winspi-core", "--test-package", "spec-tests", "--colors", "never"];
    for pattern in &patterns {
        arguments.extend(["--re", pattern]);
    }
    // Not in the sources: what it finds lies in target/mutants/mutants.out.
    arguments.extend(["--output", "target/mutants", "--no-shuffle", "--", "--test", "conformance"]);
    // Its status says whether a mutant was missed.
    cargo(&arguments, &[])
}

fn read(words: &[&str]) -> Result<Options> {
    let mut options = Options { sample: 150, seed: 1 };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word} wants a number"))?;
        let bad = |_| format!("{word} wants a number, not {value}");
        match *word {
            "--sample" => options.sample = value.parse().map_err(bad)?,
            "--seed" => options.seed = value.parse().map_err(bad)?,
            other => return Err(format!("expected --sample N and --seed S, found {other}")),
        }
    }
    Ok(options)
}

/// The names of all mutants of the core.
fn list() -> Result<Vec<String>> {
    let output = Command::new("cargo")
        .args(["mutants", "--package", "winspi-core", "--list", "--colors", "never"])
        .current_dir(root())
        .output()
        .map_err(|error| format!("cargo mutants: {error}"))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("cargo mutants --list failed; `cargo install cargo-mutants` installs it\n{told}"));
    }
    let names = String::from_utf8_lossy(&output.stdout);
    Ok(names.lines().map(str::to_owned).filter(|name| !name.is_empty()).collect())
}

/// So many of them, the same for the same seed.
fn choose(mut names: Vec<String>, options: &Options) -> Vec<String> {
    let mut state = options.seed;
    let mut chosen = Vec::new();
    while chosen.len() < options.sample && !names.is_empty() {
        // SplitMix64: a sequence of numbers that is the same everywhere.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        let place = usize::try_from(mixed % names.len() as u64).unwrap_or_default();
        chosen.push(names.swap_remove(place));
    }
    chosen.sort();
    chosen
}

/// A name as a regular expression that it alone matches.
fn escaped(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if r"\.+*?()|[]{}^$#&-~".contains(c) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_the_same_for_the_same_seed() {
        let names = || (0..100).map(|n| format!("m{n}")).collect::<Vec<_>>();
        let of = |sample, seed| choose(names(), &Options { sample, seed });
        assert_eq!(of(10, 1), of(10, 1));
        assert_ne!(of(10, 1), of(10, 2));
        assert_eq!(of(1000, 1).len(), 100);
        let mut once = of(10, 3);
        once.dedup();
        assert_eq!(once.len(), 10);
    }

    #[test]
    fn options_are_read_or_refused() {
        let told = |words: &[&str]| read(words).map(|o| (o.sample, o.seed));
        assert_eq!(told(&[]), Ok((150, 1)));
        assert_eq!(told(&["--seed", "7", "--sample", "20"]), Ok((20, 7)));
        assert_eq!(told(&["--seed"]), Err("--seed wants a number".to_owned()));
        assert_eq!(told(&["--sample", "x"]), Err("--sample wants a number, not x".to_owned()));
        assert_eq!(told(&["--size", "1"]), Err("expected --sample N and --seed S, found --size".to_owned()));
    }

    #[test]
    fn names_become_patterns() {
        assert_eq!(
            escaped("a.rs:1:2: replace f -> Option<u8> with None"),
            "a\\.rs:1:2: replace f \\-> Option<u8> with None"
        );
    }
}
