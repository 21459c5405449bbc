//! Processes as closures: runs, schedules, deadlocks, panics, and runs as scenarios.

#[path = "live/programs.rs"]
mod programs;
#[path = "live/scripts.rs"]
mod scripts;

use programs::{condition, handoff, layered, non_ifs, prefork, workers};
use winspi::core::id::{Pid, Tid};
use winspi::foreign::{CRASHED, replay};
use winspi::live::{self, LiveError, Order};
use winspi::types::constants::{AF_INET, IPPROTO_TCP, SOCK_STREAM};
use winspi::{CallError, Doing, Grain, Plan, Winsock};

const ORDERS: [Order; 6] =
    [Order::First, Order::Seeded(0), Order::Seeded(1), Order::Seeded(0xfeed), Order::Calls(3), Order::Calls(4)];

#[test]
fn a_handoff_gives_the_same_in_every_order() {
    for plan in [Plan::new(), non_ifs(), layered()] {
        for order in ORDERS {
            let mut live = plan.clone().live();
            let server = handoff(&mut live);
            let ran = live.run(order).expect("it ends");
            assert_eq!(server.result(), Some(Ok(b"from the target".to_vec())), "{order:?}");
            assert_eq!(ran.recorded.world().check(), []);
            assert_eq!(ran.panics, []);
        }
    }
}

#[test]
fn a_seed_gives_one_run_and_seeds_give_different_ones() {
    let schedule = |seed| {
        let ran = live::run(seed, handoff).expect("it ends");
        format!("{:?}", ran.recorded.schedule())
    };
    assert_eq!(schedule(5), schedule(5));
    assert!((0..8).any(|seed| schedule(seed) != schedule(5)));
}

#[test]
fn a_run_is_repeated_without_its_closures() {
    for grain in [Grain::Call, Grain::Boundary, Grain::Request] {
        let mut live = Plan::new().grain(grain).live();
        workers(&mut live);
        let ran = live.run(Order::Seeded(11)).expect("it ends");
        let mut again = ran.recorded.before().clone();
        let events = replay(&mut again, &ran.recorded.schedule()).expect("it went so before");
        assert_eq!(events, ran.recorded.events().cloned().collect::<Vec<_>>());
        let json = |world| serde_json::to_string(world).expect("it can be stored");
        assert_eq!(json(again.world()), json(ran.recorded.world()));
    }
}

#[test]
fn threads_of_a_process_share_its_handles() {
    for order in ORDERS {
        let mut live = Plan::new().live();
        let played = workers(&mut live);
        live.run(order).expect("it ends");
        assert_eq!(played.result(), Some(Ok(2)), "{order:?}");
    }
}

#[test]
fn a_deadlock_says_who_waits_for_whom() {
    let error = live::run(1, |live| {
        live.process("server", |server| {
            let l = server.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
            server.bind(l, "127.0.0.1:5000")?;
            server.listen(l, 1)?;
            server.bus_send(server.pid_of("client")?, "ready")?;
            let a = server.accept(l)?;
            server.recv(a, 64)
        });
        live.process("client", |client| {
            client.bus_receive()?;
            let s = client.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
            client.connect(s, "127.0.0.1:5000")?;
            client.recv(s, 64)
        });
    });
    let Err(LiveError::Deadlock(deadlock)) = error else { panic!("{error:?}") };
    let [server, client] = &deadlock.waiting[..] else { panic!("{deadlock}") };
    assert_eq!((server.name.as_str(), client.name.as_str()), ("server", "client"));
    assert_eq!(server.call.function().name(), "recv");
    assert_eq!((server.by[0].name.as_str(), server.by[0].doing), ("client", Doing::Waits));
    assert_eq!((client.by[0].name.as_str(), client.by[0].doing), ("server", Doing::Waits));
    assert_eq!(
        deadlock.to_string(),
        "nothing can happen any more\
         \n  server waits in recv(0x84, [buffer(64)]) for data on 0x84 (127.0.0.1:5000 to 127.0.0.1:1024); \
         client, which holds the other end by 0x480, and waits itself, could end that\
         \n  client waits in recv(0x480, [buffer(64)]) for data on 0x480 (127.0.0.1:1024 to 127.0.0.1:5000); \
         server, which holds the other end by 0x84, and waits itself, could end that"
    );
}

#[test]
fn a_wait_that_nobody_can_end_says_so() {
    let error = live::run(1, |live| live.process("lonely", |lonely| lonely.bus_receive()));
    let Err(LiveError::Deadlock(deadlock)) = error else { panic!("{error:?}") };
    assert_eq!(deadlock.waiting[0].to_string(), "lonely waits in BusReceive() for a message; nobody can end that");
    let error = live::run(1, |live| {
        let other = live.process("other", |_| Ok(())).pid();
        live.process("event", |p| {
            let e = p.create_event(true, false)?;
            p.wait_for(e, None)
        });
        live.process("message", move |p| p.bus_receive_from(other));
    });
    let Err(LiveError::Deadlock(deadlock)) = error else { panic!("{error:?}") };
    assert_eq!(deadlock.waiting[0].what, "event 0x480");
    assert_eq!(deadlock.waiting[0].by, []);
    assert_eq!(deadlock.waiting[1].what, "a message of other");
    assert_eq!(deadlock.waiting[1].by[0].doing, Doing::Returned);
}

#[test]
fn a_panic_ends_its_process_and_the_others_go_on() {
    for order in ORDERS {
        let mut live = Plan::new().live();
        let played = connection_with_a_crash(&mut live);
        let ran = live.run(order).expect("the others end");
        assert_eq!(ran.panics.len(), 1);
        assert_eq!((ran.panics[0].name.as_str(), ran.panics[0].message.as_str()), ("client", "no good"));
        assert_eq!(ran.recorded.world().process(Pid(1004)).map(|p| p.state), Some(ended(CRASHED)));
        // The end of the process ended its sending: decision process-end-closes.
        assert_eq!(played.result(), Some(Ok(Vec::new())));
    }
}

fn ended(code: u32) -> winspi::core::kernel::process::ProcessState {
    winspi::core::kernel::process::ProcessState::Ended(code)
}

fn connection_with_a_crash(live: &mut live::Live) -> live::Played<Vec<u8>> {
    let server = live.process("server", |server| {
        let l = server.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
        server.bind(l, "127.0.0.1:5000")?;
        server.listen(l, 1)?;
        server.bus_send(server.pid_of("client")?, "ready")?;
        let a = server.accept(l)?;
        server.recv(a, 64)
    });
    live.process("client", |client| {
        client.bus_receive()?;
        let s = client.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)?;
        client.connect(s, "127.0.0.1:5000")?;
        if s.0 > 0 {
            panic!("no good");
        }
        Ok(())
    });
    server
}

#[test]
fn an_exit_ends_all_threads_of_the_process() {
    let ran = live::run(2, |live| {
        live.process("main", |main| {
            main.spawn("other", |other| other.bus_receive().map(drop))?;
            Err::<(), _>(main.exit_process(3))
        })
    });
    let ran = ran.expect("nobody waits");
    assert_eq!(ran.setup.result(), Some(Err(CallError::Ended)));
    assert_eq!(ran.recorded.world().process(ran.setup.pid()).map(|p| p.state), Some(ended(3)));
    assert!(ran.recorded.world().thread(Tid { process: ran.setup.pid(), ordinal: 1 }).is_some());
}

#[test]
fn a_machine_that_cannot_be_is_an_error() {
    let twice = live::run(0, |live| {
        live.process("a", |_| Ok(()));
        live.process("a", |_| Ok(()));
    });
    assert_eq!(twice.expect_err("two of a name").to_string(), "`a` is there twice");
}

#[test]
fn processes_of_a_plan_that_nobody_plays_do_nothing() {
    let mut live = Plan::new().processes(["idle"]).thread("more").live();
    let played = live.process("busy", |busy| busy.pid_of("idle"));
    live.run(Order::First).expect("it ends");
    assert_eq!(played.result(), Some(Ok(Pid(1000))));
}

#[test]
fn conditions_and_preforked_workers_come_to_their_end() {
    for order in ORDERS {
        let mut live = Plan::new().live();
        let server = condition(&mut live);
        live.run(order).expect("it ends");
        assert_eq!(server.result(), Some(Ok(b"second".to_vec())));
        let mut live = Plan::new().live();
        let front = prefork(&mut live);
        live.run(order).expect("it ends");
        assert_eq!(front.result(), Some(Ok(b"one two".to_vec())));
    }
}
