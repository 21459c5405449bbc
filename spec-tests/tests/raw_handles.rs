//! Handles beside Ws2_32: inherited, duplicated, closed and read in the kernel; processes that get them.

mod common;

use common::{passes, script};
use winspi_script::Arrangement;
use winspi_script::report::Run;

/// A server with a listening socket `l`, a client with a connected socket `s`, the server's end `a`.
const CONNECTED: &str = "process server\nprocess client\nprocess child (created=yes)\nsetup {\n\
    server: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n\
    server: WSPBind(l, 127.0.0.1:80)\n\
    server: WSPListen(l, 5)\n\
    client: s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n\
    client: WSPConnect(s, 127.0.0.1:80)\n\
    server: a = WSPAccept(l)\n}\n";

fn on(ifs: bool, layers: &[bool]) -> Arrangement {
    Arrangement { ifs, layers: layers.to_vec(), ..Arrangement::default() }
}

fn adopting(arrangement: Arrangement) -> Arrangement {
    Arrangement { adopt_handles: true, ..arrangement }
}

#[track_caller]
fn run(arrangement: &Arrangement, lines: &str) -> Run {
    passes(&script(&format!("{CONNECTED}{lines}")), arrangement)
}

#[track_caller]
fn on_all(lines: &str) {
    for arrangement in Arrangement::five() {
        run(&arrangement, lines);
    }
}

#[test]
fn create_process_starts_a_declared_process_once() {
    on_all(
        "expect running(child) == 0\n\
         client: WSPDuplicateSocket(s, child) => WSAEINVAL\n\
         client: CreateProcess(\"nobody\") => ERROR_FILE_NOT_FOUND by created-process\n\
         client: p = CreateProcess(\"child\", [\"child\", 7, \"seven\"])\n\
         expect running(child)\n\
         child: pid = GetCurrentProcessId()\n\
         expect pid == child\n\
         expect client.p.process_id == child\n\
         child: words = GetCommandLine()\n\
         expect words[1] == 7\n\
         expect words[2] == \"seven\"\n\
         client: WaitForSingleObject(p.process, 0) => WAIT_TIMEOUT\n\
         client: GetExitCodeProcess(p.process) => STILL_ACTIVE\n\
         child: WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n\
         child: ExitProcess(3)\n\
         client: WaitForSingleObject(p.process) => 0\n\
         client: WaitForSingleObject(p.thread) => 0\n\
         client: GetExitCodeProcess(p.process) => 3\n",
    );
}

#[test]
fn a_suspended_process_can_be_given_a_socket_before_it_runs() {
    // PostgreSQL: the child is created suspended, the info made for it, and then it is resumed.
    on_all(
        "client: q = WSASocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_NO_HANDLE_INHERIT)\n\
         client: WSPConnect(q, 127.0.0.1:80)\n\
         server: b = WSPAccept(l)\n\
         client: map = CreateFileMapping(INVALID_HANDLE_VALUE, {inherit_handle=TRUE}, PAGE_READWRITE, 0, 1024)\n\
         client: view = MapViewOfFile(map, FILE_MAP_WRITE)\n\
         client: p = CreateProcess(NULL, [\"child\", map], inherit_handles=TRUE, creation_flags=CREATE_SUSPENDED)\n\
         client: info = WSPDuplicateSocket(q, p.process_id)\n\
         client: Write(view, info)\n\
         client: UnmapViewOfFile(view)\n\
         client: CloseHandle(map)\n\
         client: closesocket(q)\n\
         client: ResumeThread(p.thread) => 1\n\
         client: ResumeThread(p.thread) => 0\n\
         child: line = GetCommandLine()\n\
         child: view = MapViewOfFile(line[1], FILE_MAP_READ)\n\
         child: t = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, view)\n\
         child: UnmapViewOfFile(view)\n\
         child: CloseHandle(line[1])\n\
         expect socket(t).handles == 1\n\
         child: WSPSend(t, \"hello\") => 5\n\
         server: WSPRecv(b, [buffer(9)]) => \"hello\"\n\
         child: WSPCloseSocket(t)\n\
         server: WSPRecv(b, [buffer(9)]) => \"\"\n",
    );
}

#[test]
fn a_line_of_a_process_that_nobody_created_is_a_failure() {
    let script = script(&format!("{CONNECTED}child: GetCurrentProcessId()\n"));
    let run = winspi_script::run::run(&script, &Arrangement::default()).expect("it runs");
    assert!(!run.passed);
    assert!(run.failures[0].message.contains("does not run"), "{:?}", run.failures);
}

#[test]
fn handles_are_inherited_under_the_same_values_as_their_flags_say() {
    on_all(
        "client: yes = CreateEvent({inherit_handle=TRUE}, TRUE)\n\
         client: no = CreateEvent(NULL, TRUE)\n\
         client: GetHandleInformation(yes) => HANDLE_FLAG_INHERIT\n\
         client: GetHandleInformation(no) => 0\n\
         client: CreateProcess(\"child\", inherit_handles=TRUE)\n\
         child: SetEvent(client.yes)\n\
         child: SetEvent(client.no) => ERROR_INVALID_HANDLE\n\
         client: WaitForSingleObject(yes, 0) => 0\n\
         child: CloseHandle(client.yes)\n\
         child: SetEvent(client.yes) => ERROR_INVALID_HANDLE\n\
         client: SetEvent(yes)\n",
    );
}

#[test]
fn nothing_is_inherited_without_asking_and_a_list_restricts() {
    on_all(
        "client: first_one = CreateEvent({inherit_handle=TRUE}, TRUE)\n\
         client: CreateProcess(\"child\")\n\
         child: SetEvent(client.first_one) => ERROR_INVALID_HANDLE\n",
    );
    on_all(
        "client: first_one = CreateEvent({inherit_handle=TRUE}, TRUE)\n\
         client: two = CreateEvent({inherit_handle=TRUE}, TRUE)\n\
         client: three = CreateEvent(NULL, TRUE)\n\
         client: CreateProcess(\"child\", startup_info={handle_list=[first_one]}) => ERROR_INVALID_PARAMETER\n\
         client: CreateProcess(\"child\", inherit_handles=TRUE, startup_info={handle_list=[three]}) => ERROR_INVALID_PARAMETER\n\
         client: CreateProcess(\"child\", inherit_handles=TRUE, startup_info={handle_list=[first_one]})\n\
         child: SetEvent(client.first_one)\n\
         child: SetEvent(client.two) => ERROR_INVALID_HANDLE\n",
    );
}

#[test]
fn an_inherited_socket_is_a_kernel_handle_that_ws2_32_refuses_or_adopts() {
    let lines = "client: CreateProcess(\"child\", inherit_handles=TRUE)\n\
        expect socket(client.s).handles == 2\n\
        expect descriptor(client.s).catalog_entry_id >= 1001\n\
        client: closesocket(s)\n";
    let refused = "child: send(client.s, \"x\") => WSAENOTSOCK by unknown-handle\n\
        child: WriteFile(client.s, \"raw\") => 3\n\
        server: WSPRecv(a, [buffer(9)]) => \"raw\"\n\
        child: CloseHandle(client.s)\n\
        server: WSPRecv(a, [buffer(9)]) => \"\"\n";
    let adopted = "child: send(client.s, \"x\") => 1\n\
        server: WSPRecv(a, [buffer(9)]) => \"x\"\n\
        child: closesocket(client.s)\n\
        child: closesocket(client.s) => WSAENOTSOCK\n\
        server: WSPRecv(a, [buffer(9)]) => \"\"\n";
    for layers in [&[][..], &[true], &[true, true]] {
        run(&on(true, layers), &format!("{lines}{refused}"));
        run(&adopting(on(true, layers)), &format!("{lines}{adopted}"));
    }
}

#[test]
fn an_adopted_socket_belongs_to_the_top_of_the_chain() {
    let lines = "client: CreateProcess(\"child\", inherit_handles=TRUE)\nchild: u = send(client.s, \"x\") => 1\n\
        child: pid = GetCurrentProcessId()\n";
    let run = run(&adopting(on(true, &[true])), lines);
    let system = run.rows.iter().rfind(|r| r.call == "send").expect("the line is there");
    assert!(system.rules.contains(&"unknown-handle".to_owned()), "{:?}", system.rules);
    assert!(system.path.iter().any(|p| p.starts_with("layer1 WSPStartup")), "{:?}", system.path);
}

#[test]
fn a_handle_of_ws2_32_cannot_be_used_where_it_is_inherited() {
    // Why "antivirus, firewall, download manager" products break programs that inherit sockets.
    for arrangement in [on(false, &[]), on(true, &[false]), adopting(on(true, &[false]))] {
        run(
            &arrangement,
            "client: CreateProcess(\"child\", inherit_handles=TRUE)\n\
             child: GetFileType(client.s) => FILE_TYPE_PIPE\n\
             child: send(client.s, \"x\") => WSAENOTSOCK\n\
             child: WriteFile(client.s, \"x\") => ERROR_INVALID_HANDLE\n\
             client: send(s, \"x\") => 1\n",
        );
    }
}

#[test]
fn sockets_are_inheritable_unless_the_flag_or_set_handle_information_says_no() {
    on_all(
        "client: GetHandleInformation(s) => HANDLE_FLAG_INHERIT\n\
         server: GetHandleInformation(a) => HANDLE_FLAG_INHERIT\n\
         client: n = WSASocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_NO_HANDLE_INHERIT)\n\
         client: GetHandleInformation(n) => 0\n\
         client: SetHandleInformation(s, HANDLE_FLAG_INHERIT, 0)\n\
         client: GetHandleInformation(s) => 0\n\
         client: CreateProcess(\"child\", inherit_handles=TRUE)\n\
         child: GetFileType(client.s) => ERROR_INVALID_HANDLE\n\
         child: GetFileType(client.n) => ERROR_INVALID_HANDLE\n",
    );
}

#[test]
fn a_layer_with_handles_of_its_own_hides_the_handle_that_is_inherited() {
    // SetHandleInformation reaches the layer's handle alone; the socket beneath is inherited all the same.
    let lines = "client: SetHandleInformation(s, HANDLE_FLAG_INHERIT, 0)\n\
        client: CreateProcess(\"child\", inherit_handles=TRUE)\n";
    for (arrangement, handles) in [(on(true, &[]), 1), (on(true, &[true]), 1), (on(true, &[false]), 2)] {
        run(&arrangement, &format!("{lines}expect socket(client.s).handles == {handles}\n"));
    }
}

#[test]
fn a_duplicated_handle_is_raw_in_the_same_process_and_in_another() {
    let lines = "client: me = GetCurrentProcess()\n\
        client: d = DuplicateHandle(me, s, me, options=DUPLICATE_SAME_ACCESS)\n\
        expect socket(s).handles == 2\n\
        client: send(d, \"x\") => WSAENOTSOCK by unknown-handle\n\
        client: WSPSend(d, \"wsp\") => 3\n\
        client: WriteFile(d, \"raw\") => 3\n\
        server: WSPRecv(a, [buffer(9)]) => \"wspraw\"\n\
        client: to = OpenProcess(PROCESS_DUP_HANDLE, FALSE, server)\n\
        client: e = DuplicateHandle(me, d, to, options=DUPLICATE_CLOSE_SOURCE)\n\
        expect socket(client.s).handles == 2\n\
        client: CloseHandle(d) => ERROR_INVALID_HANDLE\n\
        server: WriteFile(client.e, \"far\") => 3\n\
        server: WSPRecv(a, [buffer(9)]) => \"far\"\n\
        client: DuplicateHandle(me, 0x7f0, me) => ERROR_INVALID_HANDLE\n\
        client: DuplicateHandle(0x7f0, s, me) => ERROR_INVALID_HANDLE\n\
        client: DuplicateHandle(me, s, me, options=8) => ERROR_INVALID_PARAMETER\n";
    run(&on(true, &[]), lines);
    run(&on(true, &[true]), lines);
}

#[test]
fn ws2_32_ends_and_a_raw_handle_stays() {
    run(
        &on(true, &[]),
        "client: me = GetCurrentProcess()\n\
         client: d = DuplicateHandle(me, s, me)\n\
         client: WSACleanup()\n\
         client: WriteFile(s, \"x\") => ERROR_INVALID_HANDLE\n\
         client: WriteFile(d, \"still\") => 5\n\
         server: WSPRecv(a, [buffer(9)]) => \"still\"\n",
    );
}

#[test]
fn a_handle_closed_behind_ws2_32_leaves_its_descriptor() {
    run(
        &on(true, &[]),
        "client: SetHandleInformation(s, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE)\n\
         client: CloseHandle(s) => ERROR_INVALID_HANDLE\n\
         client: SetHandleInformation(s, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0)\n\
         client: CloseHandle(s)\n\
         server: WSPRecv(a, [buffer(9)]) => \"\"\n\
         expect descriptor(client.s).catalog_entry_id == 1001\n\
         client: send(s, \"x\") => WSAENOTSOCK from base\n",
    );
}

#[test]
fn file_functions_pass_ifs_layers_and_are_redirected_from_other_handles() {
    let lines = "client: WriteFile(s, \"abc\") => 3\nserver: r = ReadFile(a, buffer(9)) => \"abc\"\n\
        client: WriteFile(s, \"abc\", number_of_bytes_to_write=2) => {number_of_bytes_written=2}\n\
        server: ReadFile(a, buffer(9)) => {number_of_bytes_read=2}\n\
        server: b = Buffer(2)\nserver: ReadFile(a, b) => blocks\nclient: WriteFile(s, \"yz\")\nserver: returns => \"yz\"\n\
        server: GetCurrentProcessId()\nexpect b == \"yz\"\n";
    for arrangement in Arrangement::five() {
        let run = run(&arrangement, lines);
        let row = run.rows.iter().find(|r| r.call == "ReadFile").expect("the line is there");
        let top_is_ifs = arrangement.layers.last().copied().unwrap_or(arrangement.ifs);
        let (rule, path) = if top_is_ifs {
            ("WPUModifyIFSHandle.lsp-readfile-bypass", Vec::new())
        } else {
            let top = if arrangement.layers.is_empty() {
                "base".to_owned()
            } else {
                format!("layer{}", arrangement.layers.len())
            };
            ("WPUCreateSocketHandle.readfile-redirect", vec![format!("{top} WSPRecv")])
        };
        assert!(row.rules.contains(&rule.to_owned()), "{}: {:?}", arrangement.name(), row.rules);
        assert_eq!(row.path.first(), path.first(), "{}: {:?}", arrangement.name(), row.path);
    }
}

#[test]
fn modified_handles_mean_the_same_to_the_kernel() {
    let arrangement = Arrangement { modify_handles: true, ..on(true, &[]) };
    run(&arrangement, "client: WriteFile(s, \"abc\") => 3\nserver: ReadFile(a, buffer(9)) => \"abc\"\n");
}

#[test]
fn shared_memory_by_name() {
    on_all(
        "server: OpenFileMapping(FILE_MAP_READ, FALSE, \"token\") => ERROR_FILE_NOT_FOUND\n\
         client: m = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 5, \"token\")\n\
         client: v = MapViewOfFile(m, FILE_MAP_WRITE)\n\
         server: o = OpenFileMapping(FILE_MAP_READ, FALSE, \"token\")\n\
         server: v = MapViewOfFile(o, FILE_MAP_READ)\n\
         client: Write(v, \"hello\")\n\
         client: CloseHandle(m)\nclient: UnmapViewOfFile(v)\n\
         expect server.o >= 4\n\
         server: WSPSend(a, [v]) => 5\n\
         client: recv(s, buffer(9)) => \"hello\"\n\
         server: Free(v) => fails\n\
         server: UnmapViewOfFile(v)\nserver: CloseHandle(o)\n\
         client: OpenFileMapping(FILE_MAP_READ, FALSE, \"token\") => ERROR_FILE_NOT_FOUND\n\
         client: CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0) => ERROR_INVALID_PARAMETER\n",
    );
}

#[test]
fn a_child_without_system_root_has_no_provider() {
    on_all(
        "client: CreateProcess(\"child\", environment={PATH=\"here\"})\n\
         child: socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) => WSAEPROVIDERFAILEDINIT by WSPStartup.dll-init-failure\n",
    );
    on_all(
        "client: CreateProcess(\"child\", environment={SYSTEMROOT=\"here\"})\n\
         child: socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n",
    );
}

#[test]
fn when_a_holder_is_killed_the_inherited_handle_keeps_the_port_in_use() {
    // A child that inherited a listening socket without wanting it keeps the port after the server's end.
    run(
        &on(true, &[]),
        "server: CreateProcess(\"child\", inherit_handles=TRUE)\n\
         kill server\n\
         client: again = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n\
         client: bind(again, 127.0.0.1:80) => WSAEADDRINUSE\n\
         kill child\n\
         client: bind(again, 127.0.0.1:80)\n",
    );
}

#[test]
fn two_from_practice() {
    // On handles of the system only: practice.rs wants every arrangement.
    for layers in [&[][..], &[true]] {
        passes(&common::scenario("scenarios/pending/practice/inherited-listener.winspi"), &on(true, layers));
        let postgresql = common::scenario("scenarios/pending/practice/postgresql-backend-inherited.winspi");
        passes(&postgresql, &on(true, layers));
    }
}

#[test]
fn what_is_behind_handles_is_counted_and_stored() {
    let lines = "client: e = CreateEvent({inherit_handle=TRUE}, TRUE)\n\
        client: m = CreateFileMapping(INVALID_HANDLE_VALUE, {inherit_handle=TRUE}, PAGE_READWRITE, 0, 8)\n\
        client: v = MapViewOfFile(m)\n\
        client: p = CreateIoCompletionPort(INVALID_HANDLE_VALUE)\n\
        client: CreateIoCompletionPort(s, p, 7)\n\
        client: CreateProcess(\"child\", [\"child\", 1], inherit_handles=TRUE)\n";
    let script = script(&format!("{CONNECTED}{lines}"));
    for arrangement in Arrangement::five() {
        let mut system = arrangement.system(&script).expect("it can be");
        while let Some(transition) = system.enabled().into_iter().next() {
            system.apply(&transition).expect("it is enabled");
            assert_eq!(system.world().check(), [], "on {}", arrangement.name());
            let text = system.snapshot().to_json();
            let again = winspi_core::snapshot::Snapshot::<winspi_script::program::Lines>::from_json(&text);
            assert_eq!(again.expect("it can be restored").fingerprint(), system.fingerprint());
        }
    }
}
