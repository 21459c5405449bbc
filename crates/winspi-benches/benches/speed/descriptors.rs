//! A call on a random one of many open descriptors, and a bare arena of the same size.

use std::hint::black_box;
use std::sync::Arc;

use criterion::Criterion;
use slotmap::{DefaultKey, SlotMap};
use winspi_benches::{Calls, open, shuffled};
use winspi_core::call::{Call, Signature, WSPGetSockOpt};
use winspi_core::id::Handle;
use winspi_types::constants::{SO_SNDBUF, SOL_SOCKET};

pub(crate) fn bench(criterion: &mut Criterion) {
    for (name, count) in [("1,000", 1_000), ("100,000", 100_000), ("1,000,000", 1_000_000)] {
        let mut group = criterion.benchmark_group(format!("a call at {name} descriptors"));
        let order = shuffled(count);
        let (mut calls, handles) = open(count);
        let in_order: Vec<_> = order.iter().map(|place| handles[*place]).collect();
        let mut next = in_order.iter().cycle();
        group.bench_function("WSPGetSockOpt, without events", |b| {
            b.iter(|| calls.call_silently(Calls::thread(0), get_option(*next.next().expect("a cycle"))));
        });
        group.bench_function("WSPGetSockOpt, with events", |b| {
            b.iter(|| calls.call(Calls::thread(0), get_option(*next.next().expect("a cycle"))));
        });
        drop(calls);
        let mut arena: SlotMap<DefaultKey, [u64; 16]> = SlotMap::new();
        let keys: Vec<_> = (0..count).map(|n| arena.insert([n as u64; 16])).collect();
        let in_order: Vec<_> = order.iter().map(|place| keys[*place]).collect();
        let mut next = in_order.iter().cycle();
        group.bench_function("peer", |b| {
            b.iter(|| {
                let key = *next.next().expect("a cycle");
                let found = arena.get_mut(black_box(key)).expect("it is there");
                found[5] += 1;
                found[5]
            });
        });
        group.finish();
    }
}

fn get_option(s: Handle) -> Arc<Call> {
    let option = WSPGetSockOpt {
        s,
        level: SOL_SOCKET,
        optname: SO_SNDBUF,
        optval: Default::default(),
        optlen: Default::default(),
    };
    Arc::new(option.call())
}
