//! The example of the README is the one of the crate, which runs as a doctest.

#[test]
fn the_example_of_the_readme_is_the_doctest() {
    let (readme, library) = (include_str!("../../../README.md"), include_str!("../src/lib.rs"));
    let shown = readme.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next());
    let tested = library.split("//! ```\n").nth(1).expect("the crate has an example");
    let lines = tested.lines().map(|line| line.strip_prefix("//!").unwrap_or(line).trim());
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with("# ")).collect();
    assert_eq!(shown.expect("the README has an example").trim_end().lines().collect::<Vec<_>>(), lines);
}
