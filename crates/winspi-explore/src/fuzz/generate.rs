//! Generators of whole programs: scenarios of several processes and threads, what they run on, and an order.
//!
//! A program is written line by line from random words. The writer keeps in mind what has been bound, so that most lines
//! mean something, some nearly, and some nothing at all: handles of others, closed values, numbers by guess, infos that
//! were damaged or cut short. No line expects anything: what has to hold is checked from outside.

use proptest::collection::vec;
use proptest::prelude::*;
use winspi_core::Grain;
use winspi_script::Arrangement;
use winspi_script::syntax::tree::{Argument, File, Item, Value, ValueKind};

use super::tree::{
    address, call, form, hexadecimal, kill, list, name, name_of, named, number, or, positional, process, text, thread,
    who, with, word,
};
use super::{Case, Options, Order, Profile};

/// What one line is made from: what is done, by whom, and three numbers to choose from.
type Word = (u16, u8, u16, u16, u16);

/// A random case.
pub(super) fn case(options: &Options) -> BoxedStrategy<Case> {
    let (profile, steps, processes) = (options.profile, options.steps, options.processes);
    let words = vec(any::<Word>(), steps.div_ceil(2)..=steps);
    let threads = vec(0_u8..4, processes);
    let policy = options.policy.clone();
    (setting(profile), order(), threads, words)
        .prop_map(move |(arrangement, order, threads, words)| {
            let arrangement = Arrangement { policy: policy.clone(), ..arrangement };
            let mut writer = Writer::new(profile, &threads, matches!(order, Order::Text));
            words.iter().for_each(|word| writer.line(*word));
            Case { file: writer.file(), arrangement, order }
        })
        .boxed()
}

/// What a case runs on.
fn setting(profile: Profile) -> BoxedStrategy<Arrangement> {
    let of = |ifs, layers: &[bool]| Arrangement { ifs, layers: layers.to_vec(), ..Arrangement::default() };
    let bare = vec![of(true, &[]), of(false, &[])];
    let layered = vec![
        of(true, &[true]),
        of(true, &[false]),
        of(false, &[false]),
        of(true, &[true, false]),
        of(true, &[true, true]),
        of(false, &[false, false]),
    ];
    let all: Vec<Arrangement> = match profile {
        Profile::Layers => layered,
        Profile::Lifetimes | Profile::Transfer => bare.into_iter().chain(layered.into_iter().take(3)).collect(),
        Profile::All => bare.into_iter().chain(layered).collect(),
    };
    let grain = prop_oneof![2 => Just(Grain::Call), 3 => Just(Grain::Boundary), 1 => Just(Grain::Request)];
    let seldom = || prop::bool::weighted(0.15);
    let chosen = (prop::sample::select(all), grain, seldom(), seldom());
    let made = chosen.prop_map(|(arrangement, grain, modify_handles, adopt_handles)| Arrangement {
        grain,
        modify_handles,
        adopt_handles,
        ..arrangement
    });
    made.boxed()
}

/// In which order a case happens.
fn order() -> BoxedStrategy<Order> {
    prop_oneof![1 => Just(Order::Text), 2 => any::<u64>().prop_map(Order::Random)].boxed()
}

/// What a line does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Open,
    Datagram,
    Close,
    Duplicate,
    Import,
    Send,
    Receive,
    Listen,
    Connect,
    Accept,
    Write,
    Read,
    Overlapped,
    Free,
    Shutdown,
    Ask,
    Mode,
    Linger,
    Event,
    EnumEvents,
    CloseEvent,
    OpenProcess,
    RawDuplicate,
    RawClose,
    Start,
    CleanUp,
    Kill,
    Exit,
}

/// How often each deed is taken, by profile.
fn weights(profile: Profile) -> &'static [(Deed, u16)] {
    use Deed::*;
    match profile {
        Profile::Lifetimes | Profile::Layers => &[
            (Open, 12),
            (Datagram, 2),
            (Close, 16),
            (Duplicate, 14),
            (Import, 16),
            (Send, 4),
            (Receive, 4),
            (Ask, 8),
            (OpenProcess, 3),
            (RawDuplicate, 5),
            (RawClose, 5),
            (Event, 2),
            (Start, 1),
            (CleanUp, 2),
            (Kill, 1),
            (Exit, 1),
        ],
        Profile::Transfer => &[
            (Open, 8),
            (Datagram, 3),
            (Close, 8),
            (Duplicate, 8),
            (Import, 8),
            (Send, 3),
            (Receive, 3),
            (Listen, 6),
            (Connect, 8),
            (Accept, 8),
            (Write, 9),
            (Read, 6),
            (Overlapped, 8),
            (Free, 1),
            (Shutdown, 2),
            (Ask, 3),
            (Mode, 4),
            (Linger, 2),
            (Event, 4),
            (EnumEvents, 3),
            (CloseEvent, 1),
            (CleanUp, 1),
            (Kill, 1),
        ],
        Profile::All => &[
            (Open, 10),
            (Datagram, 2),
            (Close, 11),
            (Duplicate, 11),
            (Import, 12),
            (Send, 3),
            (Receive, 3),
            (Listen, 4),
            (Connect, 6),
            (Accept, 6),
            (Write, 5),
            (Read, 4),
            (Overlapped, 5),
            (Free, 1),
            (Shutdown, 1),
            (Ask, 4),
            (Mode, 2),
            (Linger, 1),
            (Event, 3),
            (EnumEvents, 2),
            (CloseEvent, 1),
            (OpenProcess, 2),
            (RawDuplicate, 2),
            (RawClose, 2),
            (Start, 1),
            (CleanUp, 1),
            (Kill, 1),
            (Exit, 1),
        ],
    }
}

const PROCESSES: [&str; 8] = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"];

/// The most processes that a program can have.
pub const MOST_PROCESSES: usize = PROCESSES.len();

/// An info that has been bound: who has it under which name, and whom it is for.
#[derive(Clone)]
struct Info {
    owner: usize,
    name: String,
    target: usize,
}

/// A socket that listens.
#[derive(Clone)]
struct Listener {
    owner: usize,
    socket: String,
    /// What the result of its WSPListen is bound to.
    listens: String,
    port: u16,
}

/// What a process has bound.
#[derive(Default)]
struct Bound {
    sockets: Vec<String>,
    /// The sockets that are probably open.
    open: Vec<String>,
    connected: Vec<String>,
    raw: Vec<String>,
    handles: Vec<(String, usize)>,
    events: Vec<String>,
    overlapped: Vec<String>,
    /// Messages on their way to it: the info in each, if one is.
    messages: Vec<usize>,
    ended: bool,
}

struct Writer {
    profile: Profile,
    threads: Vec<u8>,
    text_order: bool,
    items: Vec<Item>,
    bound: Vec<Bound>,
    infos: Vec<Info>,
    listeners: Vec<Listener>,
    next: u32,
}

impl Writer {
    fn new(profile: Profile, threads: &[u8], text_order: bool) -> Writer {
        let bound = threads.iter().map(|_| Bound::default()).collect();
        // One in four processes has a second thread.
        let threads = threads.iter().map(|t| u8::from(*t == 3)).collect();
        let (items, infos, listeners) = (Vec::new(), Vec::new(), Vec::new());
        Writer { profile, threads, text_order, items, bound, infos, listeners, next: 0 }
    }

    fn file(self) -> File {
        let mut items = Vec::new();
        for (place, threads) in self.threads.iter().enumerate() {
            items.push(process(PROCESSES[place]));
            items.extend((0..*threads).map(|_| thread(PROCESSES[place], "second")));
        }
        items.extend(self.items);
        File { items, ..File::default() }
    }

    fn fresh(&mut self, letter: char) -> String {
        self.next += 1;
        format!("{letter}{}", self.next)
    }

    fn line(&mut self, (what, by, a, b, c): Word) {
        let running: Vec<usize> = (0..self.bound.len()).filter(|p| !self.bound[*p].ended).collect();
        if running.is_empty() {
            return;
        }
        let p = running[usize::from(by) % running.len()];
        let weights = weights(self.profile);
        let total: u16 = weights.iter().map(|(_, weight)| weight).sum();
        let mut left = what % total;
        let mut deed = Deed::Open;
        for (which, weight) in weights {
            if left < *weight {
                deed = *which;
                break;
            }
            left -= weight;
        }
        self.deed(deed, p, usize::from(by) / 16, a, b, c);
    }

    /// A line of a process: on its second thread now and then.
    fn say(&mut self, p: usize, bind: Option<&str>, function: &str, arguments: Vec<Argument>) {
        let second = self.threads[p] > 0 && self.items.len().is_multiple_of(3);
        let who = who(PROCESSES[p], second.then_some("second"));
        self.items.push(call(who, bind, function, arguments));
    }

    /// A handle: mostly one that is open, sometimes one that was, or another's, or a guess.
    fn handle(&mut self, p: usize, a: u16) -> Value {
        let (kind, place) = (a % 32, usize::from(a / 32));
        let bound = &self.bound[p];
        let own = |list: &[String]| list.get(place % list.len().max(1)).map(|n| name(n));
        let any = own(&bound.sockets);
        let found = match kind {
            0..=21 => own(&bound.open),
            22..=25 => None,
            26 => {
                let others: Vec<usize> = (0..self.bound.len()).filter(|o| !self.bound[*o].sockets.is_empty()).collect();
                others.get(place % others.len().max(1)).map(|o| {
                    let names = &self.bound[*o].sockets;
                    name_of(PROCESSES[*o], &names[place % names.len()])
                })
            }
            27 => own(&bound.raw),
            28 => Some(hexadecimal(0x80 + 0x400 * (p as u64) + 4 * (place as u64 % 12))),
            29 => any.clone().map(|s| or(s, number(1))),
            30 => Some(hexadecimal(0x7fc)),
            _ => Some(name("INVALID_SOCKET")),
        };
        found.or(any).unwrap_or_else(|| hexadecimal(0x7fc))
    }

    /// The name of an open socket.
    fn open(&self, p: usize, a: u16) -> Option<String> {
        let open = &self.bound[p].open;
        open.get(usize::from(a) % open.len().max(1)).cloned()
    }

    fn binds_socket(&mut self, p: usize) -> String {
        let s = self.fresh('s');
        self.bound[p].sockets.push(s.clone());
        self.bound[p].open.push(s.clone());
        s
    }

    fn deed(&mut self, deed: Deed, p: usize, more: usize, a: u16, b: u16, c: u16) {
        match deed {
            Deed::Open | Deed::Datagram => self.opens(deed, p, a),
            Deed::Close => {
                let s = self.handle(p, a);
                if let ValueKind::Path(path) = &s.kind
                    && path.steps.is_empty()
                {
                    let closed = path.name.text.clone();
                    self.bound[p].open.retain(|n| *n != closed);
                }
                let function = if b.is_multiple_of(4) { "closesocket" } else { "WSPCloseSocket" };
                self.say(p, None, function, vec![positional(s)]);
            }
            Deed::Duplicate => self.duplicates(p, a, b, c),
            Deed::Import => self.imports(p, a, b, c),
            Deed::Send => {
                let mine: Vec<usize> = (0..self.infos.len()).filter(|i| self.infos[*i].owner == p).collect();
                let Some(&info) = mine.get(usize::from(a) % mine.len().max(1)) else {
                    return self.duplicates(p, a, b, c);
                };
                let (target, info_name) = (self.infos[info].target, self.infos[info].name.clone());
                let target = if b.is_multiple_of(8) { usize::from(c) % self.bound.len() } else { target };
                self.bound[target].messages.push(info);
                self.say(p, None, "BusSend", vec![positional(name(PROCESSES[target])), positional(name(&info_name))]);
            }
            Deed::Receive => {
                if self.bound[p].messages.is_empty() {
                    return self.imports(p, a, b, c);
                }
                let info = self.bound[p].messages.remove(0);
                let received = self.fresh('m');
                self.infos.push(Info { owner: p, name: received.clone(), target: self.infos[info].target });
                self.say(p, Some(&received), "BusReceive", Vec::new());
            }
            Deed::Listen | Deed::Connect | Deed::Accept => self.connections(deed, p, a, b, c),
            Deed::Write | Deed::Read | Deed::Overlapped | Deed::Free | Deed::Shutdown => self.data(deed, p, a, b),
            Deed::Ask | Deed::Mode | Deed::Linger => self.asks(deed, p, a, b),
            Deed::Event | Deed::EnumEvents | Deed::CloseEvent => self.events(deed, p, a, b),
            Deed::OpenProcess | Deed::RawDuplicate | Deed::RawClose => self.raw(deed, p, a, b, c),
            Deed::Start => self.say(p, None, "WSAStartup", vec![positional(word(ValueKind::Version(2, 2)))]),
            Deed::CleanUp => {
                self.say(p, None, "WSACleanup", Vec::new());
                if more.is_multiple_of(2) {
                    self.bound[p].open.clear();
                }
            }
            Deed::Kill if self.text_order && self.items.len() > 4 => {
                self.bound[p].ended = true;
                self.items.push(kill(PROCESSES[p]));
            }
            Deed::Exit if self.items.len() > 8 && a.is_multiple_of(4) => {
                self.bound[p].ended = true;
                self.items.push(call(who(PROCESSES[p], None), None, "ExitProcess", Vec::new()));
            }
            Deed::Kill | Deed::Exit => self.asks(Deed::Ask, p, a, b),
        }
    }

    fn opens(&mut self, deed: Deed, p: usize, a: u16) {
        let datagram = deed == Deed::Datagram;
        let (kind, protocol) = if datagram { ("SOCK_DGRAM", "IPPROTO_UDP") } else { ("SOCK_STREAM", "IPPROTO_TCP") };
        let mut arguments: Vec<Argument> =
            ["AF_INET", kind, protocol].into_iter().map(|text| positional(name(text))).collect();
        let function = match a % 8 {
            0 => "socket",
            1 | 2 => "WSASocket",
            _ => "WSPSocket",
        };
        if function != "socket" && a.is_multiple_of(2) {
            arguments.push(named("flags", name("WSA_FLAG_OVERLAPPED")));
        }
        let s = self.binds_socket(p);
        self.say(p, Some(&s), function, arguments);
    }

    fn duplicates(&mut self, p: usize, a: u16, b: u16, c: u16) {
        let target = usize::from(b) % self.bound.len();
        let function = if a.is_multiple_of(4) { "WSADuplicateSocket" } else { "WSPDuplicateSocket" };
        if c.is_multiple_of(8) {
            // For nobody, or of a handle that may be none: what comes of it is not used.
            let s = self.handle(p, c / 8);
            let pid = match c % 24 {
                0 => number(7),
                8 => form("GetCurrentProcessId", Vec::new()),
                _ => name(PROCESSES[target]),
            };
            self.say(p, None, function, vec![positional(s), positional(pid)]);
            return;
        }
        let Some(s) = self.open(p, a) else { return self.opens(Deed::Open, p, a) };
        let info = self.fresh('i');
        self.infos.push(Info { owner: p, name: info.clone(), target });
        self.say(p, Some(&info), function, vec![positional(name(&s)), positional(name(PROCESSES[target]))]);
    }

    /// An info is used: by the process that it is for, as a rule, and once.
    fn imports(&mut self, p: usize, a: u16, b: u16, c: u16) {
        let right: Vec<usize> = (0..self.infos.len()).filter(|i| self.infos[*i].target == p).collect();
        let place = usize::from(a);
        // The newest ones are mostly unused.
        let newest = |list: &[usize]| list.len().checked_sub(1 + place % list.len().clamp(1, 3)).map(|n| list[n]);
        let info =
            if c.is_multiple_of(8) { newest(&(0..self.infos.len()).collect::<Vec<_>>()) } else { newest(&right) };
        let Some(info) = info else { return self.duplicates(p, a, b, c) };
        let Info { owner, name: bound, .. } = self.infos[info].clone();
        let value = if owner == p { name(&bound) } else { name_of(PROCESSES[owner], &bound) };
        let value = match b % 32 {
            0 => with(value, "provider_reserved", number(0)),
            1 => with(value, "provider_reserved", hexadecimal(0x80 + 0x400 * p as u64 + 4 * u64::from(b / 32 % 8))),
            2 => with(value, "service_flags4", number(i128::from(b / 32 % 4))),
            3 => with(value, "service_flags3", form("GetCurrentProcessId", Vec::new())),
            4 => with(value, "catalog_entry_id", number(1000 + i128::from(b / 32 % 4))),
            5 => form("first", vec![number(i128::from(b / 32 % 629)), value]),
            6 => word(ValueKind::Bad),
            7 => with(value, "address_family", number(23)),
            _ => value,
        };
        let function = if a.is_multiple_of(4) { "WSASocket" } else { "WSPSocket" };
        let mut arguments: Vec<Argument> = match b % 64 {
            63 => ["AF_INET", "SOCK_DGRAM", "IPPROTO_UDP"].map(|text| positional(name(text))).to_vec(),
            _ => ["FROM_PROTOCOL_INFO"; 3].map(|text| positional(name(text))).to_vec(),
        };
        arguments.push(positional(value));
        if c.is_multiple_of(2) {
            arguments.push(named("flags", name("WSA_FLAG_OVERLAPPED")));
        }
        let s = self.binds_socket(p);
        self.bound[p].connected.push(s.clone());
        self.say(p, Some(&s), function, arguments);
    }

    fn connections(&mut self, deed: Deed, p: usize, a: u16, b: u16, c: u16) {
        match deed {
            Deed::Listen => self.listens(p, a, b, c),
            Deed::Connect => {
                let Some(listener) = self.listeners.get(usize::from(b) % self.listeners.len().max(1)).cloned() else {
                    return self.listens(p, a, b, c);
                };
                let s = self.mostly_new(p, a, c);
                let address = positional(address(listener.port));
                if listener.owner == p {
                    // Nobody could accept while it waits.
                    let on = [name(&s), name("FIONBIO"), number(1)];
                    self.say(p, None, "WSPIoctl", on.map(positional).to_vec());
                } else {
                    // Not before the other one listens, whatever the order.
                    let listens = name_of(PROCESSES[listener.owner], &listener.listens);
                    self.say(p, None, "WSASetLastError", vec![positional(listens)]);
                }
                self.bound[p].connected.push(s.clone());
                self.say(p, None, "WSPConnect", vec![positional(name(&s)), address]);
                if !c.is_multiple_of(4) && !self.bound[listener.owner].ended {
                    let accepted = self.accepts(&listener);
                    if b.is_multiple_of(2) {
                        let (sends, receives) = if a.is_multiple_of(2) {
                            ((p, &s), (listener.owner, &accepted))
                        } else {
                            ((listener.owner, &accepted), (p, &s))
                        };
                        let data = vec![positional(name(sends.1)), positional(text("data"))];
                        self.say(sends.0, None, "WSPSend", data);
                        let room = list(form("buffer", vec![number(i128::from(1 + a % 8))]));
                        self.say(receives.0, None, "WSPRecv", vec![positional(name(receives.1)), positional(room)]);
                    }
                }
            }
            _ => {
                let own = |listener: &&Listener| listener.owner == p;
                // One that may wait for ever, now and then.
                match self.listeners.iter().find(own).filter(|_| b.is_multiple_of(16)).cloned() {
                    Some(listener) => drop(self.accepts(&listener)),
                    None => self.connections(Deed::Connect, p, a, b, c),
                }
            }
        }
    }

    fn accepts(&mut self, listener: &Listener) -> String {
        let s = self.binds_socket(listener.owner);
        self.bound[listener.owner].connected.push(s.clone());
        self.say(listener.owner, Some(&s), "WSPAccept", vec![positional(name(&listener.socket))]);
        s
    }

    fn listens(&mut self, p: usize, a: u16, b: u16, c: u16) {
        let s = self.mostly_new(p, a, c);
        let taken = self.listeners.last().map(|listener| listener.port);
        let port = taken.filter(|_| b.is_multiple_of(16)).unwrap_or(5000 + self.listeners.len() as u16);
        let listens = self.fresh('g');
        self.say(p, None, "WSPBind", vec![positional(name(&s)), positional(address(port))]);
        let backlog = number(i128::from(1 + c % 4));
        self.say(p, Some(&listens), "WSPListen", vec![positional(name(&s)), positional(backlog)]);
        self.listeners.push(Listener { owner: p, socket: s, listens, port });
    }

    /// A new socket, or now and then one that is there.
    fn mostly_new(&mut self, p: usize, a: u16, c: u16) -> String {
        let old = self.open(p, a).filter(|_| c.is_multiple_of(8));
        old.unwrap_or_else(|| {
            self.opens(Deed::Open, p, a);
            self.bound[p].open.last().cloned().unwrap_or_default()
        })
    }

    fn data(&mut self, deed: Deed, p: usize, a: u16, b: u16) {
        let connected = &self.bound[p].connected;
        let socket = connected.get(usize::from(a) % connected.len().max(1)).map(|s| name(s));
        let s = socket.filter(|_| !b.is_multiple_of(8)).unwrap_or_else(|| self.handle(p, a));
        match deed {
            Deed::Write => self.say(p, None, "WSPSend", vec![positional(s), positional(text("data"))]),
            Deed::Read => {
                let arguments = vec![positional(s.clone()), positional(list(form("buffer", vec![number(16)])))];
                if self.text_order || !b.is_multiple_of(4) {
                    let on = vec![positional(s), positional(name("FIONBIO")), positional(number(1))];
                    self.say(p, None, "WSPIoctl", on);
                }
                self.say(p, None, "WSPRecv", arguments);
            }
            Deed::Overlapped => {
                let (o, cell) = (self.fresh('o'), self.fresh('b'));
                self.bound[p].overlapped.push(o.clone());
                self.say(p, Some(&o), "Overlapped", Vec::new());
                self.say(p, Some(&cell), "Buffer", vec![positional(number(16))]);
                let arguments = vec![positional(s), positional(list(name(&cell))), named("overlapped", name(&o))];
                self.say(p, None, "WSPRecv", arguments);
            }
            Deed::Free => {
                let overlapped = &self.bound[p].overlapped;
                let Some(o) = overlapped.get(usize::from(a) % overlapped.len().max(1)).cloned() else { return };
                if b.is_multiple_of(2) {
                    let last = vec![positional(s), positional(name(&o)), named("wait", word(ValueKind::False))];
                    self.say(p, None, "WSPGetOverlappedResult", last);
                } else {
                    self.say(p, None, "Free", vec![positional(name(&o))]);
                }
            }
            _ => self.say(p, None, "WSPShutdown", vec![positional(s), positional(number(i128::from(b % 4)))]),
        }
    }

    fn asks(&mut self, deed: Deed, p: usize, a: u16, b: u16) {
        let s = positional(self.handle(p, a));
        match deed {
            Deed::Mode => {
                let on = number(i128::from(u8::from(!b.is_multiple_of(4))));
                self.say(p, None, "WSPIoctl", vec![s, positional(name("FIONBIO")), positional(on)]);
            }
            Deed::Linger => {
                let value = with_fields(&[("onoff", 1), ("linger", i128::from(b % 2))]);
                let arguments =
                    vec![s, positional(name("SOL_SOCKET")), positional(name("SO_LINGER")), positional(value)];
                self.say(p, None, "WSPSetSockOpt", arguments);
            }
            _ => match b % 4 {
                0 => self.say(p, None, "WSPGetSockName", vec![s]),
                1 => self.say(p, None, "WSPSend", vec![s, positional(text("x"))]),
                2 => self.say(p, None, "WSPListen", vec![s, positional(number(1))]),
                _ => {
                    let arguments = vec![s, positional(name("SOL_SOCKET")), positional(name("SO_TYPE"))];
                    self.say(p, None, "WSPGetSockOpt", arguments);
                }
            },
        }
    }

    fn events(&mut self, deed: Deed, p: usize, a: u16, b: u16) {
        let events = &self.bound[p].events;
        let event = events.get(usize::from(b) % events.len().max(1)).cloned();
        match (deed, event) {
            (Deed::Event, event) => {
                let event = event.unwrap_or_else(|| {
                    let event = self.fresh('e');
                    self.bound[p].events.push(event.clone());
                    self.say(p, Some(&event), "WSACreateEvent", Vec::new());
                    event
                });
                let s = self.handle(p, a);
                let which = if b.is_multiple_of(8) { number(0) } else { or(name("FD_READ"), or_more(b)) };
                let arguments = vec![positional(s), positional(name(&event)), positional(which)];
                self.say(p, None, "WSPEventSelect", arguments);
            }
            (Deed::EnumEvents, event) => {
                let s = self.handle(p, a);
                let event = event.map_or(word(ValueKind::Null), |event| name(&event));
                self.say(p, None, "WSPEnumNetworkEvents", vec![positional(s), positional(event)]);
            }
            (_, Some(event)) => self.say(p, None, "WSACloseEvent", vec![positional(name(&event))]),
            (_, None) => {}
        }
    }

    fn raw(&mut self, deed: Deed, p: usize, a: u16, b: u16, c: u16) {
        let handles = self.bound[p].handles.clone();
        let own = || form("GetCurrentProcess", Vec::new());
        match deed {
            Deed::OpenProcess => {
                let target = usize::from(a) % self.bound.len();
                let h = self.fresh('p');
                self.bound[p].handles.push((h.clone(), target));
                let arguments = ["PROCESS_DUP_HANDLE"].map(name).into_iter().chain([word(ValueKind::False)]);
                let arguments = arguments.chain([name(PROCESSES[target])]).map(positional).collect();
                self.say(p, Some(&h), "OpenProcess", arguments);
            }
            Deed::RawDuplicate => {
                let Some(s) = self.open(p, a) else { return self.opens(Deed::Open, p, a) };
                let to = handles.get(usize::from(b) % handles.len().max(1)).filter(|_| !b.is_multiple_of(4));
                let (target, holder) = to.map_or((own(), p), |(h, target)| (name(h), *target));
                let raw = self.fresh('r');
                // The name is the caller's; only in its own process does the value lead anywhere.
                if holder == p {
                    self.bound[p].raw.push(raw.clone());
                }
                let options = if c.is_multiple_of(4) {
                    or(name("DUPLICATE_SAME_ACCESS"), name("DUPLICATE_CLOSE_SOURCE"))
                } else {
                    name("DUPLICATE_SAME_ACCESS")
                };
                let arguments = vec![own(), name(&s), target, number(0), word(ValueKind::False), options];
                self.say(p, Some(&raw), "DuplicateHandle", arguments.into_iter().map(positional).collect());
            }
            _ => {
                let raw = &self.bound[p].raw;
                let value = match raw.get(usize::from(a) % raw.len().max(1)) {
                    Some(raw) if !b.is_multiple_of(3) => name(raw),
                    _ => self.handle(p, a),
                };
                self.say(p, None, "CloseHandle", vec![positional(value)]);
            }
        }
    }
}

/// Further network events.
fn or_more(b: u16) -> Value {
    if b.is_multiple_of(3) { name("FD_CLOSE") } else { or_all(&["FD_ACCEPT", "FD_WRITE", "FD_CLOSE"]) }
}

fn or_all(names: &[&str]) -> Value {
    Value::new(ValueKind::Group(Box::new(Value::new(ValueKind::Or(names.iter().map(|n| name(n)).collect())))))
}

/// `{onoff=1, linger=0}`
fn with_fields(fields: &[(&str, i128)]) -> Value {
    use winspi_script::syntax::tree::{Field, FieldValue, Name, Span};
    let fields = fields.iter().map(|(field, value)| {
        let field = Field { span: Span::default(), name: Name::new(*field), index: None };
        FieldValue { span: Span::default(), field, value: number(*value) }
    });
    Value::new(ValueKind::Struct(fields.collect()))
}
