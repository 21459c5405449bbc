//! Pictures of traces, as text, for Mermaid and as SVG: what they show is kept in files, and hostile names do nothing.
//!
//! With the variable `WINSPI_BLESS` the files are written anew.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use winspi_script::run::Order;
use winspi_script::{Arrangement, Script, syntax};
use winspi_view::picture::{self, Picture};
use winspi_view::trace::{Origin, of_run};
use winspi_view::{Look, mermaid, svg};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn script(text: &str) -> Arc<Script> {
    Script::new(&syntax::parse(text).expect("it parses"), text).expect("it means something")
}

fn picture(text: &str, arrangement: &Arrangement) -> Picture {
    let script = script(text);
    let origin = Origin { file: "a.winspi", text, options: "" };
    let (_, trace) = of_run(&script, arrangement, Order::of(&script), &origin).expect("it runs");
    Picture::of(&trace)
}

/// Compares with a file, or writes it.
#[track_caller]
fn is_kept(name: &str, shown: &str) {
    let path = Path::new(ROOT).join(name);
    if std::env::var_os("WINSPI_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        std::fs::write(&path, shown).expect("it can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert_eq!(shown, kept, "{name} is another one; WINSPI_BLESS=1 writes it anew");
}

fn all(name: &str, picture: &Picture) {
    let name = format!("crates/winspi-view/tests/pictures/{name}");
    is_kept(&format!("{name}.txt"), &picture::text::render(picture, Look::PLAIN));
    is_kept(&format!("{name}.mmd"), &mermaid::render(picture));
    is_kept(&format!("{name}.svg"), &svg::render(picture));
}

fn file(path: &str) -> String {
    std::fs::read_to_string(PathBuf::from(ROOT).join(path)).expect("the scenario is there").replace("\r\n", "\n")
}

#[test]
fn the_handoff() {
    let picture = picture(&file("scenarios/handoff.winspi"), &Arrangement::default());
    is_kept("crates/winspi-view/tests/pictures/handoff.txt", &picture::text::render(&picture, Look::PLAIN));
    is_kept("crates/winspi-view/tests/pictures/handoff.mmd", &mermaid::render(&picture));
    is_kept("docs/images/handoff.svg", &svg::render(&picture));
}

#[test]
fn layers() {
    let five = Arrangement::five();
    let layered = five.last().expect("there are five");
    all("layers", &picture(&file("scenarios/handoff/target-not-started.winspi"), layered));
}

#[test]
fn what_waits_is_lost_killed_and_wrong() {
    all("trouble", &picture(TROUBLE, &Arrangement::default()));
}

/// Messages that are lost, doubled and late; calls that wait; a process that ends; time; an expectation that is wrong.
const TROUBLE: &str = r#"scenario "All kinds of trouble"
process a
process b
thread a.other
hold bus
a: BusSend(b, "one")
a: BusSend(b, "two")
a: BusSend(b, "three")
lose bus a -> b
deliver bus a -> b message 2
duplicate bus a -> b
release bus
b: BusReceive() => "two"
b: BusReceive()
a.other: BusReceive() => blocks
b: BusSend(a, "late")
a.other: returns => "late"
a: SleepEx(500, FALSE)
kill b
a: BusSend(b, "nobody") => any
"#;

#[test]
fn hostile_names_do_nothing() {
    let text = "scenario \"</title><script>alert(1)</script> end; %%{init}%% \u{202e}x #35;\"\nprocess a\nprocess b\n\
                step 1 \"<b>&amp;\\n]]>\"\na: BusSend(b, \"-->\\\"'`;\\x00\\x1b[31m\")\nb: BusReceive()\n";
    let picture = picture(text, &Arrangement::default());
    let (text, diagram, drawing) =
        (picture::text::render(&picture, Look::PLAIN), mermaid::render(&picture), svg::render(&picture));
    for (name, shown) in [("text", &text), ("mermaid", &diagram), ("svg", &drawing)] {
        let control = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!shown.contains(control), "{name}: {shown}");
    }
    for (name, shown) in [("mermaid", &diagram), ("svg", &drawing)] {
        assert!(!shown.contains("<script") && !shown.contains("<b>"), "{name}: {shown}");
    }
    assert_eq!(drawing.matches("</title>").count(), 1);
    let begins = drawing.split('<').skip(1).map(|tag| tag.trim_start_matches('/'));
    let known = ["svg", "title", "style", "rect", "path", "text"];
    let tag = |text: &str| text.split([' ', '>']).next().unwrap_or_default().to_owned();
    begins.map(tag).for_each(|tag| assert!(known.contains(&tag.as_str()), "{tag}"));
    all("hostile", &picture);
}
