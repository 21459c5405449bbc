//! Single calls, and the same on the kernel of the host.

use criterion::Criterion;
use winspi_benches::{Calls, call, stream};
use winspi_core::Value;
use winspi_core::id::Handle;

pub(crate) fn bench(criterion: &mut Criterion) {
    open_and_close(criterion);
    for (name, length) in [("send and receive 64 bytes", 64), ("send and receive 64 KiB", 1 << 16)] {
        send_and_receive(criterion, name, length);
    }
}

fn open_and_close(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("open and close a socket");
    let mut calls = Calls::of(&["process"]);
    let (thread, stream) = (Calls::thread(0), stream());
    group.bench_function("WSPSocket, WSPCloseSocket", |b| {
        b.iter(|| {
            let s = calls.handle(thread, stream.clone());
            calls.call(thread, call("WSPCloseSocket", [Value::from(s)]))
        });
    });
    #[cfg(unix)]
    group.bench_function("peer", |b| b.iter(crate::host::open_and_close));
    group.finish();
}

fn send_and_receive(criterion: &mut Criterion, name: &str, length: usize) {
    let mut group = criterion.benchmark_group(name);
    let mut calls = Calls::of(&["process"]);
    let thread = Calls::thread(0);
    let (from, to) = connection(&mut calls);
    let data = vec![7; length];
    let room = Value::Number(length as i64);
    group.bench_function("WSPSend, WSPRecv", |b| {
        b.iter(|| {
            // As at the peer, the sender's bytes are its own and are copied on their way.
            calls.call(thread, call("WSPSend", [Value::from(from), Value::bytes(&data)]));
            calls.deliver();
            let room = Value::Room(room.number().and_then(|n| u32::try_from(n).ok()).unwrap_or(0));
            calls.call(thread, call("WSPRecv", [Value::from(to), Value::List(vec![room])]))
        });
    });
    #[cfg(unix)]
    {
        let mut loopback = crate::host::Loopback::new(length).expect("a connection");
        group.bench_function("peer", |b| b.iter(|| loopback.send_and_receive().expect("sent and received")));
    }
    group.finish();
}

/// A connection of two sockets of one process.
fn connection(calls: &mut Calls) -> (Handle, Handle) {
    let thread = Calls::thread(0);
    let listener = calls.handle(thread, stream());
    let name = Value::Address("127.0.0.1:5000".parse().expect("an address"));
    calls.call(thread, call("WSPBind", [Value::from(listener), name.clone()]));
    calls.call(thread, call("WSPListen", [Value::from(listener), Value::Number(5)]));
    let client = calls.handle(thread, stream());
    let waits = calls.begin(thread, call("WSPConnect", [Value::from(client), name])).is_none();
    calls.deliver();
    if waits {
        calls.go_on(thread).expect("the connection is established");
    }
    calls.deliver();
    let server = calls.handle(thread, call("WSPAccept", [Value::from(listener)]));
    (client, server)
}
