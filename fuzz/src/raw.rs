//! Raw bytes to everything that reads them: infos, scripts, snapshots, traces. Whatever they are, nothing panics, and
//! what is taken is sound.

use winspi_core::World;
use winspi_core::snapshot::Snapshot;
use winspi_script::{Lines, Script, syntax};
use winspi_types::{ProtocolInfo, RawProtocolInfoW};
use winspi_view::page;
use winspi_view::trace::Trace;

/// The first byte chooses what the others are read as.
pub fn any(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else { return };
    match kind % 4 {
        0 => info(rest),
        1 => script(rest),
        2 => snapshot(rest),
        _ => trace(rest),
    }
}

/// The 628 bytes of a protocol info: each member is a value, and what is written again reads the same.
pub fn info(bytes: &[u8]) {
    let Ok(typed) = ProtocolInfo::from_bytes_w(bytes) else { return };
    if let Ok(raw) = RawProtocolInfoW::try_from(&typed) {
        assert_eq!(raw.to_typed(), typed);
    }
}

/// A scenario: refused with a place, or printed and read again as the same.
pub fn script(bytes: &[u8]) {
    let Ok(tree) = syntax::parse_bytes(bytes) else { return };
    let printed = syntax::print(&tree);
    let again = syntax::parse(&printed).expect("what is printed can be read");
    assert_eq!(syntax::print(&again), printed);
    let _ = Script::new(&again, &printed);
}

/// A snapshot: refused with a place, or a system that is sound and goes on.
pub fn snapshot(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(mut system) = Snapshot::<Lines>::from_json(text) else { return };
    let sound = |world: &World| assert!(world.check().is_empty(), "{:?}", world.check());
    sound(system.world());
    system.fingerprint();
    for _ in 0..20 {
        let Some(first) = system.enabled().into_iter().next() else { return };
        system.apply(&first).expect("it is enabled");
        sound(system.world());
    }
}

/// A trace: refused with a place, or whole: it can be shown, and comes back as it was.
pub fn trace(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(trace) = Trace::read(text) else { return };
    assert_eq!(Trace::read(&trace.to_json()).as_ref(), Ok(&trace));
    let _ = page::render(&trace);
}
