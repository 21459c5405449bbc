//! The page of a run: that nothing of a scenario gets out of its place, and how large it is.

use std::sync::Arc;

use winspi_script::run::Order;
use winspi_script::{Arrangement, Script, syntax};
use winspi_view::page;
use winspi_view::trace::{Origin, Trace, of_run};

const HANDOFF: &str = include_str!("../../../scenarios/handoff.winspi");

fn traced(file: &str, text: &str) -> Trace {
    let script: Arc<Script> = Script::new(&syntax::parse(text).expect("it parses"), text).expect("it means something");
    let origin = Origin { file, text, options: "" };
    let order = Order::of(&script);
    of_run(&script, &Arrangement::default(), order, &origin).expect("it runs").1
}

/// The trace that stands in a page.
fn trace_in(page: &str) -> Trace {
    let (_, after) = page.split_once("<script type=\"application/json\" id=\"trace\">").expect("it has one");
    let (json, _) = after.split_once("</script>").expect("it ends");
    Trace::read(json).expect("it is whole")
}

#[test]
fn a_page_has_its_trace_and_nothing_from_elsewhere() {
    let trace = traced("handoff.winspi", HANDOFF);
    let page = page::render(&trace);
    assert_eq!(trace_in(&page), trace);
    assert_eq!(page, page::render(&trace), "the same trace gives the same bytes");
    for bad in ["src=", "href=", "@import", "url(http", " style=\"", " onclick=", "{trace}", "{script}", "{table}"] {
        assert!(!page.contains(bad), "{bad}");
    }
    assert!(page.contains("default-src 'none'; script-src 'sha256-"));
    assert!(page.contains("<tr class=\"mark-row\"><th colspan=\"6\">step 8 and creates its own descriptor"));
}

#[test]
fn hostile_names_stay_where_they_are() {
    let bad = "</script><script>alert(1)</script><!--\\\"'&\u{202e}{trace}{policy}";
    let text = format!(
        "scenario \"{bad}\"\nabout \"{bad}\"\nprocess a\nprocess b\nstep 1 \"{bad}\"\na: BusSend(b, \"{bad}\")\n\
         b: BusReceive() => \"other\"\n"
    );
    let trace = traced("</title><b>\u{202e}.winspi", &text);
    let usual = page::render(&traced("a.winspi", "process a\na: BusSend(a, 1)\n"));
    for page in [page::render(&trace), page::render_two(&trace, &trace)] {
        assert!(!page.contains("<script>") && !page.contains("<!--"), "no tag of the scenario is one of the page");
        assert!(!page.contains("</title><b>"));
        assert!(!page.split("<script type=\"application/json\"").next().unwrap_or_default().contains('\u{202e}'));
        assert!(page.contains("&lt;/script&gt;&lt;script&gt;alert(1)"));
    }
    let page = page::render(&trace);
    assert_eq!(page.matches("</script>").count(), usual.matches("</script>").count());
    assert_eq!(trace_in(&page), trace);
}

#[test]
fn pages_are_small() {
    assert!(page::render(&traced("handoff.winspi", HANDOFF)).len() < 400_000);
    let long = "process client\nprocess server\nsetup {\n    server: l = WSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP)\n    \
                server: WSPBind(l, 127.0.0.1:5000)\n    server: WSPListen(l, 5)\n    client: s = WSPSocket(AF_INET, \
                SOCK_STREAM, IPPROTO_TCP)\n    client: WSPConnect(s, 127.0.0.1:5000)\n    server: a = WSPAccept(l)\n}\n\
                repeat 1111 {\n    client: WSPSend(s, \"ping\")\n    server: WSPRecv(a, [buffer(16)])\n    \
                server: BusSend(client, \"pong\")\n    client: BusReceive()\n}\n";
    let trace = traced("long.winspi", &long.replace("1111", "444"));
    let (events, page) = (trace.events.len(), page::render(&trace));
    let fixed = page::render(&traced("a.winspi", "process a\na: BusSend(a, 1)\n")).len();
    // Longer ones are packed; 10,000 events have less than 6 MB with room to spare.
    let of_each = page.len().saturating_sub(fixed) / events;
    assert!(page.contains("<script type=\"application/gzip\" id=\"trace\">"), "{} bytes", page.len());
    assert!(fixed + 10_000 * of_each < 4_000_000, "{of_each} bytes for each of {events} events");
}

#[test]
fn two_runs_are_aligned_by_their_rows() {
    let fixed = HANDOFF.replace("source: WSPSend(s, \"late\") => WSAENOTSOCK\n", "");
    let page = page::render_two(&traced("before.winspi", HANDOFF), &traced("after.winspi", &fixed));
    assert!(page.contains("before.winspi (base IFS, text order, passed) and after.winspi"));
    assert_eq!(page.matches("class=\"differs\"").count(), 1);
    assert!(page.contains(
        "<td><code>WSPSend(s, &quot;late&quot;)</code></td><td>WSAENOTSOCK</td><td><i>not in this run</i></td>"
    ));
    assert!(page.contains("1 difference<"));
}
