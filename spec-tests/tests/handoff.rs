//! The ten-step handoff on every arrangement: what is alike, and what differs.

mod common;

use common::{passes, scenario};
use winspi_core::Grain;
use winspi_core::Value;
use winspi_core::outcome::Out;
use winspi_script::Arrangement;
use winspi_script::report::{Row, Run};

const HANDOFF: &str = "scenarios/handoff.winspi";

fn on(ifs: bool, layers: &[bool]) -> Arrangement {
    Arrangement { ifs, layers: layers.to_vec(), ..Arrangement::default() }
}

fn upcalls(row: &Row) -> Vec<&str> {
    row.path.iter().filter_map(|step| step.strip_prefix("Ws2_32 ")).collect()
}

fn row<'r>(run: &'r Run, thread: &str, call: &str) -> &'r Row {
    run.rows.iter().rfind(|r| r.thread == thread && r.call == call).expect("the scenario has this line")
}

#[test]
fn the_ten_steps_pass_on_five_arrangements_with_every_grain_and_with_changed_handles() {
    let script = scenario(HANDOFF);
    for arrangement in Arrangement::five() {
        for grain in [Grain::Call, Grain::Boundary, Grain::Request] {
            for modify_handles in [false, true] {
                let arrangement = Arrangement { grain, modify_handles, ..arrangement.clone() };
                let run = passes(&script, &arrangement);
                assert_eq!(run.rows.len(), 21, "every line was taken");
                assert!(run.hazards.is_empty(), "{:?}", run.hazards);
            }
        }
    }
}

#[test]
fn every_mark_of_the_document_has_lines() {
    let run = passes(&scenario(HANDOFF), &Arrangement::default());
    let numbers: Vec<i64> = run.marks.iter().map(|m| m.number).collect();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    for mark in 0..10 {
        assert!(run.rows.iter().any(|r| r.mark == Some(mark)), "step {} has no line", mark + 1);
    }
}

#[test]
fn the_two_bases_differ_in_the_named_upcalls_and_in_nothing_that_a_program_sees() {
    let script = scenario(HANDOFF);
    let (ifs, non_ifs) = (passes(&script, &on(true, &[])), passes(&script, &on(false, &[])));
    assert_eq!(ifs.rows.len(), non_ifs.rows.len());
    for (a, b) in ifs.rows.iter().zip(&non_ifs.rows) {
        let (left, right) = (a.outcome.as_ref().expect("it came back"), b.outcome.as_ref().expect("it came back"));
        match (&left.result, &right.result) {
            (Ok(Out::Info(x)), Ok(Out::Info(y))) => {
                // What is the provider's own in the info, and the flag that says which provider it is.
                let mut x = (**x).clone();
                x.set_provider_reserved(y.provider_reserved());
                x.set_service_flags1(y.service_flags1());
                assert_eq!(x, **y, "line {}", a.line);
            }
            (Ok(Out::Message(x)), Ok(Out::Message(y))) if x.data.len() == 628 => assert_eq!(y.data.len(), 628),
            (x, y) => assert_eq!(x, y, "line {}", a.line),
        }
        let names = |row: &Row| -> Vec<String> {
            row.path.iter().filter(|step| !step.starts_with("Ws2_32 WPU")).cloned().collect()
        };
        assert_eq!(names(a), names(b), "line {}: only upcalls differ", a.line);
        let ifs_only = ["WPUModifyIFSHandle"];
        let non_ifs_only = ["WPUCreateSocketHandle", "WPUCloseSocketHandle", "WPUQuerySocketHandleContext"];
        assert!(upcalls(a).iter().all(|u| ifs_only.contains(u)), "line {}: {:?}", a.line, upcalls(a));
        assert!(upcalls(b).iter().all(|u| non_ifs_only.contains(u)), "line {}: {:?}", b.line, upcalls(b));
    }
}

#[test]
fn step_8_registers_the_descriptor_by_the_upcall_of_the_provider() {
    for (arrangement, expected) in [
        (on(true, &[]), vec!["WPUModifyIFSHandle"]),
        (on(false, &[]), vec!["WPUCreateSocketHandle"]),
        (on(true, &[true]), vec!["WPUGetProviderPath", "WPUModifyIFSHandle", "WPUModifyIFSHandle"]),
        (on(true, &[false]), vec!["WPUGetProviderPath", "WPUModifyIFSHandle", "WPUCreateSocketHandle"]),
        (
            on(true, &[true, false]),
            vec![
                "WPUGetProviderPath",
                "WPUGetProviderPath",
                "WPUModifyIFSHandle",
                "WPUModifyIFSHandle",
                "WPUCreateSocketHandle",
            ],
        ),
    ] {
        let run = passes(&scenario(HANDOFF), &arrangement);
        assert_eq!(upcalls(row(&run, "target", "WSPSocket")), expected, "{}", arrangement.name());
    }
}

#[test]
fn an_ifs_layer_stands_in_the_table_under_its_own_catalog_id_and_what_it_does_not_hook_passes_it() {
    let run = passes(&scenario(HANDOFF), &on(true, &[true]));
    let created = row(&run, "source", "WSPSocket");
    assert!(created.path.contains(&"layer1 WSPSocket".to_owned()), "{:?}", created.path);
    let sent = row(&run, "target", "WSPSend");
    assert_eq!(sent.path, ["base WSPSend"], "WSPSend is the base's entry in the procedure table");
    let info = row(&run, "source", "WSPDuplicateSocket");
    let Some(Ok(Out::Info(info))) = info.outcome.as_ref().map(|o| o.result.clone()) else {
        panic!("WSPDuplicateSocket gives an info")
    };
    assert_eq!(info.protocol_chain().members().len(), 2, "the info leads back to the top of the chain");
}

#[test]
fn a_non_ifs_layer_has_its_own_handles_and_blocks_in_the_lower_receive() {
    let text = std::fs::read_to_string(common::root().join(HANDOFF)).expect("the scenario is there");
    let text = text.replace("target: WSPSend(t, \"hello\") => 5\n", "").replace(
        "server: WSPRecv(a, [buffer(5)]) => \"hello\"\n",
        "server: WSPRecv(a, [buffer(5)]) => blocks\ntarget: WSPSend(t, \"hello\") => 5\nserver: returns => \"hello\"\n",
    );
    let run = passes(&common::script(&text), &on(true, &[false]));
    let received = row(&run, "server", "WSPRecv");
    assert!(received.blocked);
    assert_eq!(received.path, ["layer1 WSPRecv", "Ws2_32 WPUQuerySocketHandleContext", "base WSPRecv"]);
    let server: Vec<_> = run.open.iter().filter(|o| o.process == "server").collect();
    assert_eq!(server.len(), 4, "a lower and an upper handle for each of the two sockets: {server:?}");
}

#[test]
fn an_ifs_layer_over_the_non_ifs_base_is_refused() {
    let error = winspi_script::run::run(&scenario(HANDOFF), &on(false, &[true])).expect_err("it cannot work");
    assert!(error.to_string().contains("ifs-over-non-ifs"), "{error}");
}

#[test]
fn the_info_can_be_redeemed_once_and_only_by_its_target() {
    for arrangement in Arrangement::five() {
        passes(
            &common::script(
                "process a\nprocess b\nprocess c\nprocess d\n\
                 a: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n\
                 b: pid = GetCurrentProcessId()\n\
                 a: info = WSPDuplicateSocket(s, b.pid)\n\
                 expect socket(s).handles == 2\n\
                 c: WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, a.info) => WSAEINVAL by info-redeemed-by-target\n\
                 b: t = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, a.info)\n\
                 b: WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, a.info) => WSAEINVAL by WSPDuplicateSocket.reused-info-error\n\
                 expect socket(a.s).handles == 2\n\
                 a: WSPCloseSocket(s)\n\
                 expect socket(b.t).handles == 1\n\
                 a: WSPDuplicateSocket(s, b.pid) => WSAENOTSOCK\n\
                 b: WSPDuplicateSocket(t, 4711) => WSAEINVAL by WSPDuplicateSocket.error-einval\n\
                 b: last = WSPDuplicateSocket(t, d)\n\
                 b: WSPCloseSocket(t)\n\
                 d: u = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, b.last)\n\
                 expect socket(u).handles == 1\n",
            ),
            &arrangement,
        );
    }
}

#[test]
fn the_bus_carries_628_bytes() {
    let run = passes(&scenario(HANDOFF), &Arrangement::default());
    let received = row(&run, "target", "BusReceive");
    let Some(Ok(out)) = received.outcome.as_ref().map(|o| o.result.clone()) else { panic!("it came back") };
    let Value::Bytes(bytes) = out.primary() else { panic!("a message is bytes") };
    assert_eq!(bytes.len(), 628);
}
