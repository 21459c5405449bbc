//! The pages that are tested: each with its trace.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use winspi_browser_tests::target;
use winspi_script::run::Order;
use winspi_script::{Arrangement, Script, syntax};
use winspi_view::page;
use winspi_view::trace::{Origin, Trace, of_run};

/// A page on the disk, and the trace that it shows.
pub(crate) struct Sample {
    pub(crate) page: PathBuf,
    pub(crate) trace: Trace,
}

type Made = Result<Sample, Box<dyn Error>>;

/// The ten steps.
pub(crate) fn handoff() -> Made {
    made("handoff", &repository("scenarios/handoff.winspi")?, &Arrangement::default())
}

/// A socket that belongs to a chain of two layers.
pub(crate) fn layers() -> Made {
    made("layers", &repository("scenarios/handoff/layered-chain.winspi")?, &Arrangement::default())
}

/// An order in which an expectation does not hold, as `winspi explore` writes it.
pub(crate) fn counterexample() -> Made {
    made("counterexample", COUNTEREXAMPLE, &Arrangement::default())
}

/// So many events: two processes that talk to each other.
pub(crate) fn long() -> Made {
    made("long", &LONG.replace("ROUNDS", &ROUNDS.to_string()), &Arrangement::default())
}

/// Each round has ten events.
const ROUNDS: usize = 1000;

const LONG: &str = r#"scenario "Ten thousand events"
process server
process client
setup {
    server: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    server: WSPBind(l, 127.0.0.1:80)
    server: WSPListen(l, 5)
    client: c = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    client: WSPConnect(c, 127.0.0.1:80)
    server: a = WSPAccept(l)
}
repeat ROUNDS {
    client: WSPSend(c, "question")
    server: WSPRecv(a, [buffer(64)])
    client: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
    client: info = WSPDuplicateSocket(s, server)
    client: BusSend(server, info)
    server: info = BusReceive()
    server: t = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, info)
    client: WSPCloseSocket(s)
    server: WSPCloseSocket(t)
}
"#;

const COUNTEREXAMPLE: &str = r#"scenario "The worker comes early"
process parent
process worker
step 1 "the parent makes a duplicate and closes"
parent: s = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
parent: info = WSPDuplicateSocket(s, worker)
parent: BusSend(worker, info)
parent: WSPCloseSocket(s)
step 2 "the worker makes its own descriptor"
worker: info = BusReceive()
worker: w = WSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, info)
expect socket(w).handles == 1
schedule {
    go parent
    go parent
    go parent
    deliver bus parent -> worker
    go worker
    go worker
}
"#;

/// The text of a file of the repository.
fn repository(path: &str) -> Result<String, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).ok_or("no repository")?;
    Ok(fs::read_to_string(root.join(path))?.replace("\r\n", "\n"))
}

fn made(name: &str, text: &str, arrangement: &Arrangement) -> Made {
    let file = syntax::parse(text).map_err(|errors| errors[0].render(name))?;
    let script = Script::new(&file, text).map_err(|errors| errors[0].render(name))?;
    let file = format!("{name}.winspi");
    let origin = Origin { file: &file, text, options: "" };
    let (_, trace) = of_run(&std::sync::Arc::clone(&script), arrangement, Order::of(&script), &origin)?;
    let folder = target().join("browser-tests");
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{name}.html"));
    fs::write(&path, page::render(&trace))?;
    Ok(Sample { page: path, trace })
}

/// Names that would do something where they are taken for anything but text.
pub(crate) fn hostile() -> Made {
    made("hostile", HOSTILE, &Arrangement::default())
}

const HOSTILE: &str = r#"scenario "</script><script>window.hacked=1</script><!-- {title} {script}"
about "<img src=x onerror=window.hacked=2>"
process a
process b
step 1 "\"><svg onload=window.hacked=3>"
a: BusSend(b, "</script><script>window.hacked=4</script>\x00\xff")
b: BusReceive()
b: x = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
b: WSPSend(x, "<b>\xe2\x80\xae") => any
"#;
