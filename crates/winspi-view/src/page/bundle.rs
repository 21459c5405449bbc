//! The modules of the page, joined into one script.
//!
//! A module may import from those before it, under the names that they have there; a test sees that no name at the top
//! of a module is there twice. So joining them is leaving out `import` and `export`.

const DOM: &str = include_str!("../../page/dom.js");
const MODEL: &str = include_str!("../../page/model.js");
const LANES: &str = include_str!("../../page/lanes.js");
const STATE: &str = include_str!("../../page/state.js");
const DETAIL: &str = include_str!("../../page/detail.js");
const INFOS: &str = include_str!("../../page/infos.js");
const STEPS: &str = include_str!("../../page/steps.js");
const SEARCH: &str = include_str!("../../page/search.js");
const APP: &str = include_str!("../../page/app.js");
const TWO: &str = include_str!("../../page/two.js");

const OF_RUN: [&str; 9] = [DOM, MODEL, LANES, STATE, DETAIL, INFOS, STEPS, SEARCH, APP];
const OF_TWO: [&str; 6] = [DOM, MODEL, STATE, DETAIL, INFOS, TWO];

/// The script of the page of a run.
pub(super) fn of_run() -> String {
    join(&OF_RUN)
}

/// The script of the page of two runs.
pub(super) fn of_two() -> String {
    join(&OF_TWO)
}

fn join(modules: &[&str]) -> String {
    let lines = modules.iter().flat_map(|module| module.lines());
    let lines = lines.filter(|line| !line.starts_with("import "));
    lines.map(|line| format!("{}\n", line.strip_prefix("export ").unwrap_or(line))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The names that a module declares at its top.
    fn declared(module: &str) -> Vec<&str> {
        let words = ["async function ", "function ", "class ", "const ", "let "];
        let top = module.lines().map(|line| line.strip_prefix("export ").unwrap_or(line));
        let named = top.filter_map(|line| words.iter().find_map(|word| line.strip_prefix(word)));
        named.map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or(rest)).collect()
    }

    #[test]
    fn no_name_is_there_twice_and_each_import_is_before() {
        for modules in [&OF_RUN[..], &OF_TWO[..]] {
            let mut known = BTreeSet::new();
            for module in modules {
                for line in module.lines().filter(|line| line.starts_with("import ")) {
                    let names = line.split(['{', '}']).nth(1).expect("an import names what it takes");
                    for name in names.split(',').map(str::trim) {
                        assert!(known.contains(name), "`{name}` is imported before it is there: {line}");
                    }
                }
                for name in declared(module) {
                    assert!(known.insert(name), "`{name}` is there twice");
                }
            }
        }
    }

    #[test]
    fn no_script_ends_itself_or_reaches_out() {
        for text in [of_run(), of_two()] {
            for bad in
                ["</script", "<!--", "innerHTML", "eval(", "fetch(", "http://www.w3.org/1999", "https://", "import "]
            {
                assert!(!text.contains(bad), "{bad}");
            }
        }
    }
}
