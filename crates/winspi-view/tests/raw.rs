//! What the target of cargo-fuzz does with bytes, here with a few thousand: any bytes, and real ones that are damaged.

use proptest::prelude::*;
use proptest::sample::Index;
use winspi_core::ws2_32::catalog::{Catalog, ProviderKind};
use winspi_script::run::{Order, after_setup};
use winspi_script::{Arrangement, Script, syntax};
use winspi_view::trace::{Origin, of_run};

// A module of a library elsewhere.
#[expect(unreachable_pub)]
#[path = "../../../fuzz/src/raw.rs"]
mod raw;

const HANDOFF: &str = include_str!("../../../scenarios/handoff.winspi");

/// A real one of each, behind the byte that chooses it.
fn real() -> Vec<Vec<u8>> {
    let script = Script::new(&syntax::parse(HANDOFF).expect("it parses"), HANDOFF).expect("it means something");
    let arrangement = Arrangement::default();
    let (system, _) = after_setup(&script, &arrangement).expect("it can run");
    let origin = Origin { file: "handoff.winspi", text: HANDOFF, options: "" };
    let (_, trace) = of_run(&script, &arrangement, Order::Text, &origin).expect("it runs");
    let catalog = Catalog::with_base(ProviderKind::BaseIfs);
    let all = [
        catalog.entries()[0].info.0.to_vec(),
        HANDOFF.as_bytes().to_vec(),
        system.snapshot().to_json().into_bytes(),
        trace.to_json().into_bytes(),
    ];
    (0..).zip(all).map(|(kind, bytes)| [vec![kind], bytes].concat()).collect()
}

#[test]
fn real_ones_are_taken() {
    let all = real();
    assert_eq!(all.len(), 4);
    all.iter().for_each(|bytes| raw::any(bytes));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..700)) {
        raw::any(&bytes);
    }

    #[test]
    fn damaged_ones(kind in 0..4usize, damage in prop::collection::vec((any::<Index>(), any::<u8>()), 1..4), cut in any::<Option<Index>>()) {
        thread_local!(static REAL: Vec<Vec<u8>> = real());
        let mut bytes = REAL.with(|all| all[kind].clone());
        for (place, byte) in damage {
            let place = 1 + place.index(bytes.len() - 1);
            bytes[place] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(1 + cut.index(bytes.len() - 1));
        }
        raw::any(&bytes);
    }
}
