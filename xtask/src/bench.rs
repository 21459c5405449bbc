//! `cargo xtask bench`: measures everything beside its peer, some rounds, and prints a table.
//!
//! Each round measures all, winspi and peers in turn, so that a slow phase of the machine meets both. The table has the
//! median of the rounds; a ratio is the median of the ratios within a round. Beside them stands the least that any
//! sample of any round has taken, which the load of the machine changes least.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::{Result, cargo, root};

/// How often everything is measured unless the command says.
const ROUNDS: usize = 3;
/// What a bench is called that the others of its group are compared with.
const PEER: &str = "peer";
/// Where the figures of a round are, below the root.
const FIGURES: &str = "target/bench-figures";

/// What was measured in a round, in that order.
type Round = Vec<Figure>;

/// How long a bench takes in a round.
#[derive(Clone, Debug)]
struct Figure {
    group: String,
    bench: String,
    /// The median.
    nanoseconds: f64,
    /// Of the fastest sample.
    least: f64,
}

pub(crate) fn run(rounds: Option<&str>) -> Result {
    let rounds = rounds.map_or(Ok(ROUNDS), str::parse).map_err(|_| "the number of rounds is a number, such as 3")?;
    if rounds == 0 {
        return Err("at least one round".to_owned());
    }
    let figures = root().join(FIGURES);
    let home = figures.to_string_lossy().into_owned();
    let mut measured = Vec::new();
    for _ in 0..rounds {
        if figures.exists() {
            fs::remove_dir_all(&figures).map_err(|error| format!("{}: {error}", figures.display()))?;
        }
        let quiet = ["bench", "-q", "-p", "winspi-benches", "--bench", "speed", "--", "--quiet"];
        cargo(&quiet, &[("CRITERION_HOME", &home)])?;
        measured.push(read(&figures)?);
    }
    println!("\n{}", table(&measured));
    print!("{}", memory()?);
    Ok(())
}

/// The medians of a round, from the files that it left.
fn read(figures: &Path) -> Result<Round> {
    let mut round = Vec::new();
    for group in folders(figures)? {
        for bench in folders(&group)? {
            let (about, estimates) = (bench.join("new/benchmark.json"), bench.join("new/estimates.json"));
            let samples = bench.join("new/sample.json");
            if !about.exists() {
                continue;
            }
            let written = fs::metadata(&about).and_then(|data| data.modified()).ok();
            let (about, estimates, samples) = (json(&about)?, json(&estimates)?, json(&samples)?);
            let name = |field: &str| about[field].as_str().unwrap_or("?").to_owned();
            let median = estimates["median"]["point_estimate"].as_f64();
            let nanoseconds = median.ok_or_else(|| format!("{}: no median", bench.display()))?;
            let least = least(&samples).ok_or_else(|| format!("{}: no samples", bench.display()))?;
            round.push((written, Figure { group: name("group_id"), bench: name("function_id"), nanoseconds, least }));
        }
    }
    round.sort_by_key(|(written, _)| *written);
    Ok(round.into_iter().map(|(_, figure)| figure).collect())
}

/// What the fastest sample has taken for one time round.
fn least(samples: &Value) -> Option<f64> {
    let numbers = |field: &str| samples[field].as_array().into_iter().flatten().filter_map(Value::as_f64);
    numbers("times").zip(numbers("iters")).map(|(time, times)| time / times).min_by(f64::total_cmp)
}

fn folders(of: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(of).map_err(|error| format!("{}: {error}", of.display()))?;
    Ok(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect())
}

fn json(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The table: a line for each bench that is no peer.
fn table(rounds: &[Round]) -> String {
    let mut lines = vec!["| what | winspi | peer | | winspi at best | peer at best | |".to_owned()];
    lines.push("|---|---|---|---|---|---|---|".to_owned());
    let all = |group: &str, bench: &str, of: fn(&Figure) -> f64| -> Vec<f64> {
        let figures = rounds.iter().flatten().filter(|f| f.group == group && f.bench == bench);
        figures.map(of).collect()
    };
    let cell = |figure: Option<String>| figure.unwrap_or_else(|| "-".to_owned());
    for Figure { group, bench, .. } in rounds.first().into_iter().flatten().filter(|f| f.bench != PEER) {
        let [own, peer] = [bench, PEER].map(|bench| all(group, bench, |figure| figure.nanoseconds));
        let ratios = own.iter().zip(&peer).map(|(own, peer)| peer / own).collect();
        let medians = [median(own).map(time), median(peer).map(time), median(ratios).map(words)];
        let [own, peer] = [bench, PEER].map(|bench| {
            let figures = all(group, bench, |figure| figure.least);
            figures.into_iter().min_by(f64::total_cmp)
        });
        let at_best = [own.map(time), peer.map(time), own.zip(peer).map(|(own, peer)| words(peer / own))];
        let [own, peer, ratio] = medians.map(cell);
        let [best, best_peer, best_ratio] = at_best.map(cell);
        lines.push(format!("| {group}: {bench} | {own} | {peer} | {ratio} | {best} | {best_peer} | {best_ratio} |"));
    }
    lines.join("\n")
}

fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match figures.len() % 2 {
        0 => Some(f64::midpoint(*figures.get(middle.checked_sub(1)?)?, *figures.get(middle)?)),
        _ => figures.get(middle).copied(),
    }
}

/// How often the peer's time the own one is, or the other way round.
fn words(faster: f64) -> String {
    if faster >= 1.0 { format!("{faster:.1} times faster") } else { format!("{:.1} times slower", 1.0 / faster) }
}

fn time(nanoseconds: f64) -> String {
    let (number, unit) = match nanoseconds {
        n if n < 1e3 => (n, "ns"),
        n if n < 1e6 => (n / 1e3, "µs"),
        n => (n / 1e6, "ms"),
    };
    let digits = if number < 10.0 { 2 } else { usize::from(number < 100.0) };
    format!("{number:.digits$} {unit}")
}

/// Bytes per descriptor, as the other bench prints them.
fn memory() -> Result<String> {
    let line = "cargo bench --bench memory";
    let output = Command::new("cargo")
        .args(["bench", "-q", "-p", "winspi-benches", "--bench", "memory"])
        .current_dir(root())
        .output()
        .map_err(|error| format!("{line}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{line}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().filter_map(|line| line.split_once('\t'));
    Ok(lines.map(|(name, bytes)| format!("| {name} | {bytes} | - | - | - | - | - |\n")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(bench: &str, nanoseconds: f64) -> Figure {
        Figure { group: "handoff".to_owned(), bench: bench.to_owned(), nanoseconds, least: nanoseconds * 0.9 }
    }

    fn round(own: f64, peer: f64) -> Round {
        vec![figure("winspi", own), figure(PEER, peer)]
    }

    #[test]
    fn a_table_has_the_medians_of_its_rounds() {
        // The ratios are 10, 20 and 3; the second round met a slow phase.
        let rounds = [round(10.0, 100.0), round(2_000.0, 40_000.0), round(50.0, 150.0)];
        let line = "| handoff: winspi | 50.0 ns | 150 ns | 10.0 times faster | 9.00 ns | 90.0 ns | 10.0 times faster |";
        assert_eq!(table(&rounds).lines().last(), Some(line));
    }

    #[test]
    fn a_bench_without_a_peer_has_no_ratio() {
        let alone = vec![figure("winspi", 1.5e6)];
        let line = "| handoff: winspi | 1.50 ms | - | - | 1.35 ms | - | - |";
        assert_eq!(table(&[alone]).lines().last(), Some(line));
    }

    #[test]
    fn the_fastest_sample_is_the_least() {
        let samples = serde_json::json!({"iters": [1.0, 2.0, 3.0], "times": [10.0, 14.0, 30.0]});
        assert_eq!(least(&samples), Some(7.0));
        assert_eq!(least(&serde_json::json!({"iters": [], "times": []})), None);
    }

    #[test]
    fn a_slower_one_is_called_slower() {
        assert_eq!(words(0.25), "4.0 times slower");
        assert_eq!(time(12_340.0), "12.3 µs");
    }
}
