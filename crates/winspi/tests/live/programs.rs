//! Programs for live runs.

use winspi::live::{Live, Played};
use winspi::types::constants::{AF_INET, CF_ACCEPT, CF_REJECT, IPPROTO_TCP, SOCK_STREAM};
use winspi::{Base, CallError, Layer, Plan, Winsock};

pub(crate) fn non_ifs() -> Plan {
    Plan::new().base(Base::NonIfs)
}

pub(crate) fn layered() -> Plan {
    Plan::new().layer(Layer::ifs("lower").hooks("WSPSend")).layer(Layer::non_ifs("upper"))
}

/// A source connects to a server and hands the socket to a target, which sends.
pub(crate) fn handoff(live: &mut Live) -> Played<Vec<u8>> {
    let server = live.process("server", |server| {
        let l = server.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
        server.bind(l, "127.0.0.1:5000")?;
        server.listen(l, 5)?;
        server.bus_send(server.pid_of("source")?, "ready")?;
        let a = server.accept(l)?;
        let mut all = Vec::new();
        loop {
            let part = server.recv(a, 64)?;
            if part.is_empty() {
                return Ok(all);
            }
            all.extend(part);
        }
    });
    live.process("source", |source| {
        source.bus_receive()?;
        let s = source.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
        source.connect(s, "127.0.0.1:5000")?;
        let target = source.pid_of("target")?;
        let info = source.duplicate_socket(s, target)?;
        source.bus_send(target, &info)?;
        source.close(s)?;
        match source.send(s, "late") {
            Err(CallError::Refused { .. }) => Ok(()),
            other => panic!("{other:?}"),
        }
    });
    live.process("target", |target| {
        let message = target.bus_receive()?;
        let t = target.socket_from_info(&message)?;
        target.send(t, "from ")?;
        target.send(t, "the target")?;
        target.close(t)
    });
    server
}

/// A process whose two further threads set the event that each is given; its main thread waits for both.
pub(crate) fn workers(live: &mut Live) -> Played<usize> {
    live.process("main", |main| {
        let events = [main.create_event(true, false)?, main.create_event(false, false)?];
        for (place, event) in events.into_iter().enumerate() {
            main.spawn(&format!("worker{place}"), move |worker| {
                let late = worker.create_event(false, false)?;
                let waited = worker.wait_for(late, Some(10 * (2 - place as u32)));
                assert_eq!(waited.map_err(|e| e.code().and_then(|c| c.name())), Err(Some("WAIT_TIMEOUT")));
                worker.set_event(event)
            })?;
        }
        for event in events {
            main.wait_for(event, None)?;
            main.close_handle(event)?;
        }
        Ok(events.len())
    })
}

/// A server that rejects the first connection and takes the second, by a condition function that calls itself.
pub(crate) fn condition(live: &mut Live) -> Played<Vec<u8>> {
    let server = live.process("server", |server| {
        let l = server.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
        server.bind(l, "127.0.0.1:5000")?;
        server.listen(l, 5)?;
        server.bus_send(server.pid_of("client")?, "ready")?;
        let rejected = server.accept_if(l, move |_, _| Ok(i64::from(CF_REJECT)));
        assert_eq!(rejected.map_err(|e| e.code().and_then(|c| c.name())), Err(Some("WSAECONNREFUSED")));
        let accepted = server.accept_if(l, move |server, _| {
            server.local_name(l)?;
            Ok(i64::from(CF_ACCEPT))
        })?;
        server.recv(accepted, 64)
    });
    live.process("client", |client| {
        client.bus_receive()?;
        for text in ["first", "second"] {
            let s = client.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
            // Whether the connection stands is found out later: see decision connection-at-backlog.
            let _ = client.connect(s, "127.0.0.1:5000").and_then(|()| client.send(s, text));
        }
        Ok(())
    });
    server
}

/// A front that binds and hands its listening socket to two workers, each of which serves one connection.
pub(crate) fn prefork(live: &mut Live) -> Played<Vec<u8>> {
    let front = live.process("front", |front| {
        let l = front.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
        front.bind(l, "127.0.0.1:80")?;
        front.listen(l, 5)?;
        for (worker, text) in [("worker1", "one"), ("worker2", " two")] {
            let pid = front.pid_of(worker)?;
            front.bus_send(pid, &front.duplicate_socket(l, pid)?)?;
            front.bus_send(pid, text)?;
        }
        front.close(l)?;
        let mut all = Vec::new();
        for worker in ["worker1", "worker2"] {
            let c = front.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
            // Who serves is seen by who says that it does: one after the other.
            let pid = front.pid_of(worker)?;
            front.bus_send(pid, "go")?;
            front.connect(c, "127.0.0.1:80")?;
            all.extend(front.recv(c, 64)?);
            front.close(c)?;
        }
        Ok(all)
    });
    for name in ["worker1", "worker2"] {
        live.process(name, |worker| {
            let l = worker.socket_from_info(worker.bus_receive()?)?;
            let text = worker.bus_receive()?;
            worker.bus_receive()?;
            let a = worker.accept(l)?;
            worker.send(a, &text.data)?;
            worker.close(a)?;
            worker.close(l)
        });
    }
    front
}
