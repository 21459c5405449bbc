//! Where spans come from: a callsite for each function of the signature table, so that a span has its name.
//!
//! The macros of `tracing` make a callsite from a literal. The names here are data, so the callsites are: one list, made
//! once, for all functions.

use std::sync::{Once, OnceLock};

use tracing::callsite::{Callsite, Identifier};
use tracing::field::{FieldSet, Value};
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Level, Metadata, Span};
use winspi_core::signature::Function;

/// The fields of a span. The last three are recorded when the call comes back.
const FIELDS: &[&str] = &["process", "thread", "party", "handle", "outcome", "by", "clause"];

/// What is known of a call when it begins.
pub(super) struct Opened {
    pub(super) process: String,
    pub(super) thread: String,
    pub(super) party: String,
    pub(super) handle: Option<String>,
}

/// The callsite of a function.
struct Site {
    function: Function,
    metadata: OnceLock<Metadata<'static>>,
}

impl Callsite for Site {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        self.metadata.get_or_init(|| {
            // A site is only ever made for the list, where it has an identity; another cannot be told from the first.
            let this = site(self.function).unwrap_or(&NOWHERE);
            described(self.function.name(), this)
        })
    }
}

/// The callsite of what is not in the list: nothing.
struct Nowhere(OnceLock<Metadata<'static>>);

static NOWHERE: Nowhere = Nowhere(OnceLock::new());

impl Callsite for Nowhere {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        self.0.get_or_init(|| described("call", &NOWHERE))
    }
}

fn described(name: &'static str, site: &'static dyn Callsite) -> Metadata<'static> {
    let fields = FieldSet::new(FIELDS, Identifier(site));
    Metadata::new(name, "winspi", Level::INFO, None, None, Some("winspi"), fields, Kind::SPAN)
}

/// The callsites of all functions, in the order of the table.
fn sites() -> &'static [Site] {
    static SITES: OnceLock<Vec<Site>> = OnceLock::new();
    SITES.get_or_init(|| Function::all().map(|function| Site { function, metadata: OnceLock::new() }).collect())
}

/// Makes all callsites known to the subscribers that there are, once.
fn register() {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| sites().iter().for_each(|site| tracing::callsite::register(site)));
}

/// The callsite of a function.
fn site(function: Function) -> Option<&'static dyn Callsite> {
    let sites = sites();
    let place = sites.binary_search_by_key(&function, |site| site.function).ok()?;
    sites.get(place).map(|site| site as &'static dyn Callsite)
}

/// Opens a span within another.
pub(super) fn span(function: Function, parent: Option<&Span>, opened: &Opened) -> Span {
    register();
    let metadata: &'static Metadata<'static> = match site(function) {
        Some(site) => site.metadata(),
        None => NOWHERE.metadata(),
    };
    if !tracing::dispatcher::get_default(|dispatch| dispatch.enabled(metadata)) {
        return Span::none();
    }
    let fields = metadata.fields();
    let (process, thread) = (opened.process.as_str(), opened.thread.as_str());
    let (party, handle) = (opened.party.as_str(), opened.handle.as_deref());
    // In the order of FIELDS.
    let mut names = fields.iter();
    let [Some(a), Some(b), Some(c), Some(d)] = [names.next(), names.next(), names.next(), names.next()] else {
        return Span::none();
    };
    let values: [(_, Option<&dyn Value>); 4] = [
        (&a, Some(&process)),
        (&b, Some(&thread)),
        (&c, Some(&party)),
        (&d, handle.as_ref().map(|handle| handle as &dyn Value)),
    ];
    let values = fields.value_set(&values);
    match parent.and_then(Span::id) {
        Some(parent) => Span::child_of(parent, metadata, &values),
        None => Span::new_root(metadata, &values),
    }
}
