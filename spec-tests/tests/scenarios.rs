//! Every scenario of the repository passes in text order, on every arrangement, at every grain.

mod common;

use winspi_core::Grain;
use winspi_script::Arrangement;

fn all() -> Vec<String> {
    let folder = common::root().join("scenarios");
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("a readable folder").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".winspi"))
        .collect();
    names.sort();
    names
}

#[test]
fn every_scenario_passes_on_every_arrangement_at_every_grain() {
    let names = all();
    assert!(names.len() >= 3, "{names:?}");
    for name in names {
        let script = common::scenario(&format!("scenarios/{name}"));
        for arrangement in Arrangement::five() {
            for grain in [Grain::Call, Grain::Boundary, Grain::Request] {
                println!("{name} on {} at {grain:?}", arrangement.name());
                common::passes(&script, &Arrangement { grain, ..arrangement.clone() });
            }
        }
    }
}
