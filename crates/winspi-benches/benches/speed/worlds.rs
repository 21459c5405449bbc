//! Worlds as values: a copy, a call in the copy, the fingerprint of what that gives.

use criterion::Criterion;
use winspi_benches::{Calls, call, open};
use winspi_core::Value;
use winspi_core::canon::Scratch;
use winspi_types::constants::{SO_SNDBUF, SOL_SOCKET};

pub(crate) fn bench(criterion: &mut Criterion) {
    for (name, count) in [("6", 6), ("1,000", 1_000), ("100,000", 100_000)] {
        let mut group = criterion.benchmark_group(format!("a world of {name} descriptors"));
        let (calls, handles) = open(count);
        let s = Value::from(handles[count / 2]);
        let [level, optname] = [SOL_SOCKET, SO_SNDBUF].map(|n| Value::Number(i64::from(n)));
        let set = call("WSPSetSockOpt", [s, level, optname, Value::Number(100)]);
        let mut scratch = Scratch::default();
        group.bench_function("clone", |b| b.iter(|| calls.clone()));
        group.bench_function("clone, call", |b| {
            b.iter(|| {
                let mut copy = calls.clone();
                copy.call(Calls::thread(0), set.clone());
                copy
            });
        });
        group.bench_function("clone, call, fingerprint", |b| {
            b.iter(|| {
                let mut copy = calls.clone();
                copy.call(Calls::thread(0), set.clone());
                copy.system.fingerprint_in(&mut scratch)
            });
        });
        group.finish();
    }
}
