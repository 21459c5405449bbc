//! How much memory an open descriptor takes, counted by the allocator. Prints one line a size: name, tab, bytes.

use peak_alloc::PeakAlloc;
use winspi_benches::open;

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
}
