//! How much memory an open descriptor takes, counted by the allocator, and a state that the explorer has visited, counted
//! by itself and by the allocator. Prints one line for each: name, tab, bytes.

use peak_alloc::PeakAlloc;
use winspi_benches::open;
use winspi_core::Grain;
use winspi_explore::{Options, explore};
use winspi_script::{Arrangement, Script, syntax};

const HANDOFF: &str = include_str!("../../../scenarios/handoff.winspi");

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

fn main() {
    for (name, count) in [("1,000", 1_000), ("100,000", 100_000), ("1,000,000", 1_000_000)] {
        let before = ALLOCATOR.current_usage();
        let (calls, handles) = open(count);
        // What the program remembers is not the machine's.
        drop(handles);
        let bytes = (ALLOCATOR.current_usage() - before) / count;
        println!("bytes per descriptor, {name} open\t{bytes}");
        drop(calls);
    }
    let file = syntax::parse(HANDOFF).expect("a scenario without errors");
    let script = Script::new(&file, HANDOFF).expect("a scenario that can run");
    let arrangement = Arrangement { grain: Grain::Boundary, ..Arrangement::default() };
    let before = ALLOCATOR.current_usage();
    let found = explore(&script, &arrangement, &Options::kills(1)).expect("the scenario can be explored");
    let all = (ALLOCATOR.current_usage() - before) as u64;
    println!("explore: bytes per visited state, handoff with one kill\t{}", found.bytes.div_ceil(found.unique));
    println!("explore: the same by the allocator, with all that was found\t{}", all.div_ceil(found.unique));
}
