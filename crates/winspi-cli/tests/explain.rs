//! `winspi explain`: pages, and names that nothing has.

mod common;

use common::{json, winspi};

/// A page, which begins and goes on like this.
#[track_caller]
fn says(name: &str, parts: &[&str]) {
    let done = winspi(&["explain", name]);
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""), "{name}");
    assert!(done.out.starts_with(parts[0]), "{name}:\n{}", done.out);
    for part in parts {
        assert!(done.out.contains(part), "{name}: {part:?} is missing in\n{}", done.out);
    }
    assert!(done.out.lines().all(|line| line.chars().count() <= 100), "{}", done.out);
}

#[test]
fn pages() {
    says(
        "wspduplicatesocket",
        &[
            "WSPDuplicateSocket\na function of service providers\n",
            "\n  WSPDuplicateSocket(s, process_id)\n",
            "\n  [out]  protocol_info  lpProtocolInfo  NULL, bad or a buffer; given by name only\n",
            "\n  gives     the protocol info\n",
            " .close-last-closes-socket ",
        ],
    );
    says("bind", &["bind\na function of Ws2_32 for programs\n", "those of WSPBind: winspi explain WSPBind\n"]);
    says("WSAJoinLeaf", &["WSAJoinLeaf\n", "\n  modelled  no: a call answers \"not modelled\"\n"]);
    says("10038", &["WSAENOTSOCK\nerror code 10038\n", "\nDecisions that name it\n"]);
    says(
        "Unknown-Handle",
        &["unknown-handle\na decision of winspi\n", "\n  adopt   windows                      A kernel socket"],
    );
    says(
        "WSPSend.enotsock",
        &["WSPSend.enotsock\na rule of the documents\n", "\n  level      must: it holds always\n"],
    );
    says("SharedSockets", &["SharedSockets\na subject of the documents\n"]);
    says("sd_both", &["SD_BOTH\na constant: 2\n"]);
}

#[test]
fn pages_for_programs() {
    let page = json(&["explain", "WSPBind", "--json"]);
    assert_eq!((&page["kind"], &page["support"]), (&"function".into(), &"full".into()));
    assert_eq!(page["parameters"][1]["takes"], "a socket address or bytes");
    assert!(page["rules"].as_array().is_some_and(|rules| rules.iter().any(|r| r["id"] == "WSPBind.error-enotsock")));
    let all = json(&["explain", "--json"]);
    assert!(all["decisions"].as_array().is_some_and(|decisions| decisions.len() > 20));
}

#[test]
fn without_a_name_the_list() {
    let done = winspi(&["explain"]);
    assert_eq!(done.status, Some(0));
    assert!(done.out.starts_with("What can be explained\nwinspi explain NAME\n"), "{}", done.out);
}

#[test]
fn what_nothing_is_called() {
    for (name, help) in [
        ("WSPBnd", "did you mean `WSPBind`"),
        ("WSPBind.error-enotsok", "did you mean `WSPBind.error-enotsock`"),
        ("qqqqqqqqqq", "`winspi explain` lists what can be asked\n"),
        ("99999999999", "`winspi explain` lists what can be asked\n"),
    ] {
        for more in [&[][..], &["--json"]] {
            let done = winspi(&[&["explain", name], more].concat());
            assert_eq!((done.status, done.out.as_str()), (Some(2), ""), "{name}");
            let expected = format!("error: nothing is called `{name}`\n  = help: {help}");
            assert!(done.err.starts_with(&expected), "{}", done.err);
        }
    }
    assert!(!winspi(&["explain", "\u{1b}[2J"]).err.contains('\u{1b}'));
}
