//! Tests of the pages.

use super::*;

fn page(name: &str) -> String {
    find(name).unwrap_or_else(|| panic!("{name} is there")).render(Look::PLAIN)
}

fn json(name: &str) -> Json {
    let page = find(name).unwrap_or_else(|| panic!("{name} is there"));
    serde_json::from_str(&page.render_json()).expect("it is JSON")
}

#[test]
fn a_function() {
    let expected = "WSPBind
a function of service providers

Gives a socket its local name. Port 0 becomes a free port (decision `ephemeral-ports`).

A call

  WSPBind(s, name)

Parameters

  [in]  s        s        a handle
  [in]  name     name     a socket address or bytes
  [in]  namelen  namelen  a count; given by name only

What to know

  modelled  yes
  gives     nothing but success
  page      nc-ws2spi-lpwspbind

Rules

";
    let page = page("wspbind");
    assert!(page.starts_with(expected), "{page}");
    assert!(page.contains("\n  must  .error-enotsock "), "{page}");
    assert!(page.contains("\nDecisions that touch it\n\n  ephemeral-ports "), "{page}");
}

#[test]
fn the_ways_of_parameters_are_those_of_the_pages() {
    let ways = |name: &str| {
        let ways = json(name)["parameters"].as_array().cloned().unwrap_or_default();
        ways.iter()
            .map(|p| format!("{}: {}", p["name"], p["direction"]).replace('"', ""))
            .collect::<Vec<_>>()
            .join(" | ")
    };
    for (name, expected) in [
        ("WSPAccept", "s: in | addr: out | addrlen: in, out | condition: in | callback_data: in"),
        ("WSPGetSockName", "s: in | name: out | namelen: in, out"),
        ("WSPConnect", "s: in | name: in | namelen: in | caller_data: in | callee_data: out | sqos: in | gqos: in"),
        ("WSPGetSockOpt", "s: in | level: in | optname: in | optval: out | optlen: in, out"),
        ("WSPSetSockOpt", "s: in | level: in | optname: in | optval: in | optlen: in"),
        ("WSPDuplicateSocket", "s: in | process_id: in | protocol_info: out"),
        (
            "WSPRecvFrom",
            "s: in | buffers: in, out | buffer_count: in | number_of_bytes_recvd: out | flags: in, out | from: out | \
             fromlen: in, out | overlapped: in | completion_routine: in | thread_id: in",
        ),
        (
            "WSPIoctl",
            "s: in | io_control_code: in | in_buffer: in | in_buffer_len: in | out_buffer: out | out_buffer_len: in | \
             bytes_returned: out | overlapped: in | completion_routine: in | thread_id: in",
        ),
    ] {
        assert_eq!(ways(name), expected, "{name}");
    }
}

#[test]
fn names_of_programs_lead_to_the_provider() {
    for (name, provider) in [
        ("bind", Some("WSPBind")),
        ("closesocket", Some("WSPCloseSocket")),
        ("WSASendTo", Some("WSPSendTo")),
        ("getsockopt", Some("WSPGetSockOpt")),
        ("WSPBind", None),
        ("WSACreateEvent", None),
        ("WSCEnumProtocols", None),
    ] {
        assert_eq!(json(name)["rules_of"], Json::from(provider), "{name}");
    }
    assert_eq!(json("WSAJoinLeaf")["support"], "none");
}

#[test]
fn an_error_by_name_or_number() {
    let by_name = page("wsaenotsock");
    assert!(by_name.starts_with("WSAENOTSOCK\nerror code 10038\n\nThe descriptor is not a socket.\n"), "{by_name}");
    assert!(by_name.contains("\n  must    WSPBind.error-enotsock "), "{by_name}");
    assert_eq!(page("10038"), by_name);
    assert!(page("6").starts_with("WSA_INVALID_HANDLE\nerror code 6, also called ERROR_INVALID_HANDLE\n"));
    assert!(find("10000").is_none());
}

#[test]
fn a_decision() {
    let page = page("MODIFY-HANDLE");
    let head =
        "modify-handle\na decision of winspi\n\nWhich handle does WPUModifyIFSHandle give back?\n\nThe proposed one.";
    assert!(page.starts_with(head), "{page}");
    assert!(page.contains("\n  how sure       documented: a page says so"), "{page}");
    assert!(page.contains("\n  same     documented, windows, wine, reactos  The proposed one.\n"), "{page}");
    assert!(
        page.contains("\n  must  WPUModifyIFSHandle.may-return-same ")
            || page.contains("WPUModifyIFSHandle.may-return-same")
    );
    let values = json("unknown-handle")["values"].clone();
    assert_eq!(values[1]["profiles"], serde_json::json!(["windows"]));
}

#[test]
fn a_rule_a_subject_a_constant() {
    let rule = page("WSPBind.error-enotsock");
    assert!(
        rule.starts_with("WSPBind.error-enotsock\na rule of the documents\n\nWSPBind fails with WSAENOTSOCK"),
        "{rule}"
    );
    assert!(
        rule.contains("\n  level      must: it holds always\n") && rule.contains("\n  functions  WSPBind\n"),
        "{rule}"
    );
    assert!(page("sharedsockets").starts_with("SharedSockets\na subject of the documents\n\nRules\n"));
    assert!(page("FD_CLOSE").starts_with("FD_CLOSE\na constant: 32 (0x20)\n"), "{}", page("FD_CLOSE"));
    assert!(page("SOL_SOCKET").contains("65535 (0xffff)"));
}

#[test]
fn everything_has_a_page_that_fits_the_line() {
    let mut all: Vec<&str> = functions().map(Function::name).collect();
    all.extend(ErrorCode::names().chain(DECLARED.iter().map(|d| d.id)).chain(subjects()));
    all.extend(winspi_types::constants::constant_names());
    for name in all {
        let page = find(name).unwrap_or_else(|| panic!("{name} is there"));
        assert!(page.json["name"].as_str().is_some_and(|n| !n.is_empty()), "{name}");
        let text = page.render(Look { width: 80, colour: false });
        let bad = text.lines().find(|line| *line != line.trim_end() || width(line) > 80);
        assert_eq!(bad, None, "{name}");
    }
    for clause in clauses::all() {
        assert!(find(clause.id).is_some(), "{}", clause.id);
    }
}

#[test]
fn near_names() {
    assert_eq!(near("WSPBnd")[0], "WSPBind");
    assert_eq!(near("wsaenotsok")[0], "WSAENOTSOCK");
    assert_eq!(near("modify-handel")[0], "modify-handle");
    assert!(near("duplicate").contains(&"WSPDuplicateSocket"));
    assert!(near("qqqqqqqqqq").is_empty() && near("").is_empty() && near(&"x".repeat(5000)).is_empty());
}

#[test]
fn the_list_of_all() {
    let page = contents();
    let text = page.render(Look::PLAIN);
    for part in
        ["\nFunctions of service providers\n", "WSPBind", "WSAENOTSOCK", "\n  modify-handle ", "SharedSockets 3"]
    {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(page.json["constants"].as_array().is_some_and(|all| all.len() > 100));
}

#[test]
fn a_name_is_a_whole_word() {
    assert!(names("fails with WSAEINVAL when", "WSAEINVAL") && names("(WSPSend)", "WSPSend"));
    assert!(!names("WSAEINVALIDPROCTABLE", "WSAEINVAL") && !names("WSPSendTo", "WSPSend"));
    assert!(!names("modify-handle-x", "modify-handle"));
}

#[test]
fn a_hazard() {
    for kind in HazardKind::ALL {
        let page = page(kind.name());
        assert!(page.contains("a hazard: it works, and may not be meant"), "{page}");
        assert!(page.contains(&format!("expect hazard {}, in a scenario", kind.name())), "{page}");
        assert_eq!(json(kind.name())["kind"], "hazard");
    }
    assert!(page("registration-cancelled").contains("  must  WSPDuplicateSocket.event-select-cancels"));
}
