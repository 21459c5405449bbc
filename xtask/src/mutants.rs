//! `cargo xtask mutants`: a sample of mutants of the core, against the conformance suite and then all tests beside it.
//!
//! The tool is cargo-mutants; it changes one place of the code at a time, builds, and runs tests. Those that the suite
//! misses meet the tests of the core and the scenarios, which see what no call of a program shows: fingerprints,
//! snapshots, invariants, texts. docs/mutants.md says what came of a sample, and of each that survived.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use crate::{Result, cargo, root};

/// Worlds that are wrong on purpose: nothing of it is in a build that people use.
const WRONG: &str = "**/wrong.rs";

/// What the tool puts in the place of a type of ours that it does not know: constructors that are not there, so that
/// the mutant does not compile.
const GUESSED: [&str; 5] = ["Answer::", "Step::", "Box::leak", "Vec::leak", "Shared::"];

/// What is asked for.
struct Options {
    sample: usize,
    seed: u64,
}

/// The conformance suite alone.
const SUITE: &[&str] = &["--test-package", "spec-tests", "--cargo-arg", "--test=conformance"];

/// The tests of the core, the scenarios on their arrangements, and the wrong worlds.
const ALL_TESTS: &[&str] = &["--test-package", "winspi-core,winspi-script,spec-tests"];

pub(crate) fn run(words: &[&str]) -> Result {
    let options = read(words)?;
    let sample = choose(list()?, &options);
    if sample.is_empty() {
        return Err("cargo mutants lists no mutant of winspi-core".to_owned());
    }
    eprintln!("{} mutants of seed {}", sample.len(), options.seed);
    // The tool would take the tests of the core for its baseline.
    cargo(&["test", "--quiet", "--package", "spec-tests", "--test", "conformance"], &[])?;
    let first = stage("suite", &sample, SUITE)?;
    println!("the suite: {first}");
    if !first.missed.is_empty() {
        let second = stage("tests", &first.missed, ALL_TESTS)?;
        println!("of what it missed, all tests: {second}");
        second.missed.iter().for_each(|name| println!("survives: {name}"));
        let (viable, survive) = (first.viable(), second.missed.len());
        println!(
            "in all: {viable} viable, {} caught, {} %",
            viable - survive,
            (viable - survive) * 100 / viable.max(1)
        );
    }
    Ok(())
}

/// What became of mutants.
#[derive(Debug, Default, PartialEq, Eq)]
struct Stage {
    caught: usize,
    missed: Vec<String>,
    unviable: usize,
}

impl Stage {
    fn viable(&self) -> usize {
        self.caught + self.missed.len()
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let share = self.caught * 100 / self.viable().max(1);
        let (missed, unviable) = (self.missed.len(), self.unviable);
        write!(f, "{} caught ({share} %), {missed} missed, {unviable} do not compile", self.caught)
    }
}

/// Runs mutants against tests; the reports of the tool stay in target/mutants.
fn stage(name: &str, mutants: &[String], tests: &[&str]) -> std::result::Result<Stage, String> {
    let folder = root().join("target/mutants").join(name);
    let config = folder.join("sample.toml");
    let told = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    std::fs::create_dir_all(&folder).map_err(|error| told(&folder, error))?;
    std::fs::write(&config, configured(mutants)).map_err(|error| told(&config, error))?;
    let status = Command::new("cargo")
        .args(["mutants", "--package", "winspi-core", "--baseline", "skip", "--timeout", "300", "--no-shuffle"])
        .args(["--colors", "never"])
        .args([OsStr::new("--config"), config.as_os_str(), OsStr::new("--output"), folder.as_os_str()])
        .args(tests)
        .current_dir(root())
        .status()
        .map_err(|error| format!("cargo mutants: {error}"))?;
    // 0: all caught; 2: some missed; 3: some took too long.
    if !matches!(status.code(), Some(0 | 2 | 3)) {
        return Err(format!("cargo mutants ended with {status}"));
    }
    let out = folder.join("mutants.out");
    let lines = |file: &str| -> std::result::Result<Vec<String>, String> {
        let path = out.join(file);
        let text = std::fs::read_to_string(&path).map_err(|error| told(&path, error))?;
        Ok(text.lines().map(str::to_owned).collect())
    };
    Ok(Stage {
        caught: lines("caught.txt")?.len() + lines("timeout.txt")?.len(),
        missed: lines("missed.txt")?,
        unviable: lines("unviable.txt")?.len(),
    })
}

/// The settings of the tool: these mutants and no others.
fn configured(mutants: &[String]) -> String {
    let patterns: String = mutants.iter().map(|name| format!("  '''^{}$''',\n", escaped(name))).collect();
    format!("examine_re = [\n{patterns}]\nexclude_globs = [\"{WRONG}\"]\n")
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
        .args(["mutants", "--package", "winspi-core", "--exclude", WRONG, "--list", "--colors", "never"])
        .current_dir(root())
        .output()
        .map_err(|error| format!("cargo mutants: {error}"))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("cargo mutants --list failed; `cargo install cargo-mutants` installs it\n{told}"));
    }
    let names = String::from_utf8_lossy(&output.stdout);
    let compiles = |name: &&str| !name.is_empty() && !GUESSED.iter().any(|guess| name.contains(guess));
    Ok(names.lines().filter(compiles).map(str::to_owned).collect())
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
    fn names_with_quotes_stay_in_the_settings() {
        let names = ["a.rs:1:2: replace f -> &'static str with \"\"".to_owned()];
        let settings: toml::Table = toml::from_str(&configured(&names)).expect("it is TOML");
        assert_eq!(settings["examine_re"][0].as_str(), Some("^a\\.rs:1:2: replace f \\-> \\&'static str with \"\"$"));
    }

    #[test]
    fn shares_are_of_those_that_compile() {
        let stage = Stage { caught: 3, missed: vec!["m".to_owned()], unviable: 6 };
        assert_eq!(stage.to_string(), "3 caught (75 %), 1 missed, 6 do not compile");
        assert_eq!(Stage::default().to_string(), "0 caught (0 %), 0 missed, 0 do not compile");
    }

    #[test]
    fn names_become_patterns() {
        assert_eq!(
            escaped("a.rs:1:2: replace f -> Option<u8> with None"),
            "a\\.rs:1:2: replace f \\-> Option<u8> with None"
        );
    }
}
