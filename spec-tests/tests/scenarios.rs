//! Every scenario of the repository passes in text order, on every arrangement, at every grain.

mod common;

use winspi_core::Grain;
use winspi_script::Arrangement;

#[test]
fn every_scenario_passes_on_every_arrangement_at_every_grain() {
    let names = common::scenarios("scenarios");
    assert!(names.len() >= 3, "{names:?}");
    for name in names {
        let script = common::scenario(&format!("scenarios/{name}.winspi"));
        for arrangement in Arrangement::five() {
            for grain in [Grain::Call, Grain::Boundary, Grain::Request] {
                println!("{name} on {} at {grain:?}", arrangement.name());
                common::passes(&script, &Arrangement { grain, ..arrangement.clone() });
            }
        }
    }
}
