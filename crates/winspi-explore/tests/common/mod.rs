//! What the tests of the explorer share.
#![allow(dead_code, reason = "each test binary uses a part")]

pub(crate) mod lifetimes;

use std::sync::Arc;

use winspi_core::Grain;
use winspi_core::wrong::Way;
use winspi_explore::{Exploration, Options, explore};
use winspi_script::{Arrangement, Script, syntax};

/// A scenario from its text.
#[track_caller]
pub(crate) fn script(text: &str) -> Arc<Script> {
    let rendered =
        |errors: Vec<syntax::Diagnostic>| errors.iter().map(|e| e.render("scenario")).collect::<Vec<_>>().join("\n");
    let script = syntax::parse(text).and_then(|file| Script::new(&file, text)).map_err(rendered);
    script.unwrap_or_else(|errors| panic!("{errors}"))
}

/// The ten steps.
pub(crate) const HANDOFF: &str = include_str!("../../../../scenarios/handoff.winspi");

/// A close and a new socket of another thread.
pub(crate) const RECYCLED_HANDLE: &str = include_str!("../../../../scenarios/recycled-handle.winspi");

/// A close and a completion, in a layer with handles of its own.
pub(crate) const CLOSE_RACES_COMPLETION: &str = include_str!("../../../../scenarios/close-races-completion.winspi");

/// One of the five arrangements at a grain.
pub(crate) fn on(place: usize, grain: Grain) -> Arrangement {
    Arrangement { grain, ..Arrangement::five()[place].clone() }
}

/// Explores, and checks what holds of every exploration: end states add up, the way to each finding can be taken.
#[track_caller]
pub(crate) fn explored(script: &Arc<Script>, arrangement: &Arrangement, options: &Options) -> Exploration {
    let found = explore(script, arrangement, options).expect("the scenario can be explored");
    assert!(found.complete);
    let counted: u64 = found.ends.iter().map(|end| end.count).sum();
    assert_eq!(counted, found.end_states, "every end state is accounted for");
    let violations = found.violations.iter().map(|v| &v.place);
    let breaches = found.breaches.iter().map(|b| &b.place);
    let hazards = found.hazards.iter().map(|h| &h.place);
    for place in violations.chain(breaches).chain(hazards) {
        let path = found.path_to_place(place);
        assert!(found.replay(&path).is_ok());
        assert_eq!(found.describe_path(&path).len(), path.len());
    }
    found
}

/// The same without faults on the base IFS provider at grain `boundary`.
#[track_caller]
pub(crate) fn of_text(text: &str) -> Exploration {
    explored(&script(text), &on(0, Grain::Boundary), &Options::without_faults())
}

/// The messages of the violations.
pub(crate) fn messages(found: &Exploration) -> Vec<&str> {
    found.violations.iter().map(|v| v.message.as_str()).collect()
}

/// In which ways a world can be wrong so that what must always hold does not, and what that is. Exploration and fuzzing
/// find each.
pub(crate) const BREAKS: [(Way, &str); 13] = [
    (Way::SocketOutlives, "endpoint-exists-while-referenced"),
    (Way::DuplicateNotCounted, "counts-agree"),
    (Way::FirstCloseFrees, "no-handle-to-destroyed-object"),
    (Way::CleanupLeavesDescriptors, "descriptor-belongs-to-started-provider"),
    (Way::SerialRepeats, "claim-redeemed-once"),
    (Way::ClaimStays, "claim-redeemed-once"),
    (Way::CloseForgetsConnection, "connection-ends-agree"),
    (Way::CleanupLeavesProvider, "startup-balance"),
    (Way::EndLeavesMemory, "nothing-left"),
    (Way::EventOutlives, "no-leak"),
    (Way::ReceiveLeaves, "bytes-consumed-once"),
    (Way::CloseShutsForAll, "close-changes-no-other"),
    (Way::SeenOtherwise, "endpoint-seen-alike"),
];

/// Those that only a model of descriptor lifetimes can see: `tests/fuzz.rs` has the rules.
pub(crate) const MODEL: [Way; 7] = [
    Way::InfoIgnored,
    Way::InfoRefused,
    Way::DuplicateOfAnother,
    Way::DuplicateForNobody,
    Way::SocketMadeTwice,
    Way::CloseLeavesDescriptor,
    Way::CloseLeavesNumber,
];
