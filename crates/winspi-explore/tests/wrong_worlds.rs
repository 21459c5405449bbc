//! Every invariant can fail: in a world that is wrong in one way an exploration finds it, on a scenario of few lines.

mod common;

use common::{BREAKS, MODEL, on, script};
use winspi_core::Grain;
use winspi_core::world::check::{INVARIANTS, STEP_INVARIANTS};
use winspi_core::wrong::{Way, Wrong};
use winspi_explore::{Exploration, Options, ViolationKind, explore};

/// No scenario here has more lines.
const MOST_LINES: usize = 12;
/// And none needs more states, kills included.
const MOST_STATES: usize = 2_000;

const HANDED: &str = "process a
process b
a: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
a: info = WSPDuplicateSocket(s, b)
a: BusSend(b, info)
b: info = BusReceive()
b: t = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, info)
a: WSPCloseSocket(s)
b: WSPSetSockOpt(t, SOL_SOCKET, SO_KEEPALIVE, 1) => any
b: WSPGetSockOpt(t, SOL_SOCKET, SO_KEEPALIVE) => any
b: WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, info) => any
";

const TWO_INFOS: &str = "process a
process b
a: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
a: WSPDuplicateSocket(s, b)
a: WSPDuplicateSocket(s, b)
";

const CONNECTED: &str = "process a
process b
b: l = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
b: bind(l, 127.0.0.1:80)
b: listen(l, 5)
a: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
a: connect(s, 127.0.0.1:80) => any
a: send(s, \"ab\") => any
a: info = WSADuplicateSocket(s, a) => any
b: c = accept(l) => any
b: recv(c, buffer(1)) => any
a: closesocket(s) => any
";

const CLEANED: &str = "process a
a: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
a: WSACleanup()
";

const EVENT: &str = "process a
a: e = CreateEvent(manual_reset=TRUE, initial_state=FALSE)
a: CloseHandle(e)
";

const MEMORY: &str = "process a
a: b = Buffer(4)
a: ExitProcess(0)
";

/// The scenario on which it is found.
fn scenario(way: Way) -> &'static str {
    match way {
        Way::SocketOutlives | Way::CloseForgetsConnection | Way::ReceiveLeaves | Way::CloseShutsForAll => CONNECTED,
        Way::CleanupLeavesDescriptors | Way::CleanupLeavesProvider => CLEANED,
        Way::SerialRepeats => TWO_INFOS,
        Way::EndLeavesMemory => MEMORY,
        Way::EventOutlives => EVENT,
        _ => HANDED,
    }
}

fn found(text: &str, wrong: Option<Way>, place: usize) -> Exploration {
    let mut arrangement = on(place, Grain::Boundary);
    arrangement.policy.limits.wrong = wrong.map(Wrong::World);
    // After a first fault an unclaimed duplicate of one's own lives on: one kill is enough.
    let options = Options { max_states: MOST_STATES, ..Options::kills(1) };
    explore(&script(text), &arrangement, &options).expect("it can be explored")
}

fn broken(found: &Exploration) -> Vec<&str> {
    let invariants = found.violations.iter().filter(|v| v.kind == ViolationKind::Invariant);
    invariants.filter_map(|v| v.message.split(':').next()).collect()
}

#[test]
fn each_invariant_is_seen_to_fail_in_a_world_that_is_wrong() {
    for (way, invariant) in BREAKS {
        let text = scenario(way);
        assert!(text.lines().count() <= MOST_LINES, "{}", way.name());
        assert_eq!(way.name().parse::<Wrong>(), Ok(Wrong::World(way)));
        let wrong = found(text, Some(way), 0);
        assert!(broken(&wrong).contains(&invariant), "{}: {:?}", way.name(), broken(&wrong));
    }
    for invariant in INVARIANTS.iter().chain(&STEP_INVARIANTS) {
        assert!(BREAKS.iter().any(|(_, named)| named == invariant), "{invariant} has no wrong world");
    }
    for way in Way::ALL {
        let known = BREAKS.iter().any(|(named, _)| *named == way) || MODEL.contains(&way);
        assert!(known, "{} is in no line of the tables", way.name());
    }
}

#[test]
fn in_a_world_that_is_right_all_of_them_hold() {
    for text in [HANDED, TWO_INFOS, CONNECTED, CLEANED, EVENT, MEMORY] {
        for place in 0..5 {
            let right = found(text, None, place);
            assert!(right.complete || place > 0, "{MOST_STATES} states are enough: {text}");
            assert_eq!(broken(&right), Vec::<&str>::new(), "on {place}: {text}");
        }
    }
}
