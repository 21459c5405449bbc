//! The canonical form of a text: files, declarations, and the layout of lines.
//!
//! Four blanks for each level, a statement on a line, comments where they were. Two blanks stand before a comment at
//! the end of a line, no blank line at the beginning or end of a block, and never two in a row.

use super::print_value as part;
use super::tree::{
    Above, Braced, Case, File, Headline, Item, Layer, Need, NeedKind, Notes, Rule, RuleAction, RuleKind, Statement,
    StatementKind, Test, Transition, Value,
};

/// Prints a file in its canonical form.
///
/// What the parser made gives the same tree again when it is parsed, comments included.
pub fn print(file: &File) -> String {
    let mut printer = Printer::default();
    if let Some(title) = &file.title {
        printer.headline("scenario", title);
    }
    for about in &file.about {
        printer.headline("about", about);
    }
    for need in &file.needs {
        printer.need(need, true);
    }
    for item in &file.items {
        printer.item(item);
    }
    for case in &file.cases {
        printer.line(&case.notes, |printer| printer.case(case));
    }
    if let Some(schedule) = &file.schedule {
        printer.line(&schedule.notes, |printer| {
            printer.put("schedule ");
            let one_line = schedule.transitions.items.is_empty() && is_bare(&schedule.transitions);
            printer.braces(&schedule.transitions, one_line, Printer::transition);
        });
    }
    printer.tail(&file.tail);
    printer.out
}

/// Prints a statement, with its comments, without the end of its last line.
pub fn print_statement(statement: &Statement) -> String {
    let mut printer = Printer::default();
    printer.line(&statement.notes, |printer| printer.statement(statement));
    printer.out.truncate(printer.out.trim_end_matches('\n').len());
    printer.out
}

/// Prints a value.
pub fn print_value(value: &Value) -> String {
    let mut out = String::new();
    part::value(&mut out, value);
    out
}

/// Prints what an `expect` asks.
pub fn print_test(test: &Test) -> String {
    let mut out = String::new();
    part::test(&mut out, test);
    out
}

pub(super) struct Printer {
    pub(super) out: String,
    level: usize,
    /// Whether a blank line would be the first of a block, or the second in a row.
    no_blank: bool,
}

impl Default for Printer {
    fn default() -> Printer {
        Printer { out: String::new(), level: 0, no_blank: true }
    }
}

/// Whether nothing but the items is in the braces.
pub(super) fn is_bare<T>(braced: &Braced<T>) -> bool {
    braced.comment.is_none() && braced.tail.is_empty()
}

impl Printer {
    pub(super) fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    // ---- lines

    fn line(&mut self, notes: &Notes, content: impl FnOnce(&mut Printer)) {
        self.above(&notes.above);
        self.indent();
        content(self);
        self.end_of_line(notes.after.as_deref());
        self.no_blank = false;
    }

    fn above(&mut self, above: &[Above]) {
        for line in above {
            match line {
                Above::Blank if self.no_blank => {}
                Above::Blank => {
                    self.put("\n");
                    self.no_blank = true;
                }
                Above::Comment(comment) => {
                    self.indent();
                    self.comment(comment);
                    self.put("\n");
                    self.no_blank = false;
                }
            }
        }
    }

    fn tail(&mut self, tail: &[Above]) {
        match tail {
            [rest @ .., Above::Blank] => self.tail(rest),
            all => self.above(all),
        }
    }

    fn indent(&mut self) {
        for _ in 0..self.level {
            self.put("    ");
        }
    }

    fn end_of_line(&mut self, comment: Option<&str>) {
        if let Some(comment) = comment {
            self.put("  ");
            self.comment(comment);
        }
        self.put("\n");
    }

    fn comment(&mut self, comment: &str) {
        self.put("#");
        self.put(&comment.replace(['\n', '\r'], " "));
        self.out.truncate(self.out.trim_end().len());
    }

    pub(super) fn braces<T>(&mut self, braced: &Braced<T>, one_line: bool, item: fn(&mut Printer, &T, bool)) {
        if one_line {
            self.put(if braced.items.is_empty() { "{ }" } else { "{ " });
            for (index, part) in braced.items.iter().enumerate() {
                self.put(if index > 0 { " ; " } else { "" });
                item(self, part, false);
            }
            self.put(if braced.items.is_empty() { "" } else { " }" });
            return;
        }
        self.open(braced.comment.as_deref());
        for part in &braced.items {
            item(self, part, true);
        }
        self.close(&braced.tail);
    }

    fn open(&mut self, comment: Option<&str>) {
        self.put("{");
        self.end_of_line(comment);
        self.level += 1;
        self.no_blank = true;
    }

    fn close(&mut self, tail: &[Above]) {
        self.tail(tail);
        self.level -= 1;
        self.indent();
        self.put("}");
    }

    // ---- a file

    fn headline(&mut self, word: &str, headline: &Headline) {
        self.line(&headline.notes, |printer| {
            printer.put(word);
            printer.put(" ");
            part::string(&mut printer.out, &headline.text.bytes);
        });
    }

    fn item(&mut self, item: &Item) {
        self.line(item.notes(), |printer| match item {
            Item::Process(process) => {
                printer.put("process ");
                printer.put(process.name.as_str());
                part::settings(&mut printer.out, &process.options);
            }
            Item::Thread(thread) => {
                printer.put("thread ");
                printer.put(thread.process.as_str());
                printer.put(".");
                printer.put(thread.name.as_str());
            }
            Item::Layer(layer) => printer.layer(layer),
            Item::Define(define) => {
                printer.put("define ");
                printer.put(define.name.as_str());
                printer.put("(");
                part::names(&mut printer.out, &define.parameters);
                printer.put(") ");
                printer.body(&define.body);
            }
            Item::Setup(setup) => {
                printer.put("setup ");
                printer.block(&setup.block);
            }
            Item::Mark(mark) => {
                printer.put("step ");
                part::number(&mut printer.out, mark.number);
                printer.put(" ");
                part::string(&mut printer.out, &mark.title.bytes);
            }
            Item::Statement(statement) => printer.statement(statement),
        });
    }

    fn layer(&mut self, layer: &Layer) {
        self.put("layer ");
        self.put(layer.name.as_str());
        part::settings(&mut self.out, &layer.options);
        self.put(" over ");
        part::names(&mut self.out, &layer.over);
        if let Some(rules) = &layer.rules {
            self.put(" ");
            let bare = is_bare(rules) && rules.items.iter().all(|rule| rule.notes.is_empty());
            self.braces(rules, bare && (rules.one_line || rules.items.is_empty()), Printer::rule);
        }
    }

    fn rule(&mut self, rule: &Rule, own_line: bool) {
        self.perhaps_line(&rule.notes, own_line, |printer| match &rule.kind {
            RuleKind::Hooks(functions) => {
                printer.put("hooks ");
                part::names(&mut printer.out, functions);
            }
            RuleKind::CountBytes => printer.put("count bytes"),
            RuleKind::Breaks(duty) => {
                printer.put("breaks ");
                printer.put(duty.as_str());
            }
            RuleKind::On { function, to, action } => {
                printer.put("on ");
                printer.put(function.as_str());
                if let Some(network) = to {
                    printer.put(" to ");
                    part::network(&mut printer.out, network);
                }
                match action {
                    RuleAction::Answer(error) => {
                        printer.put(" => ");
                        printer.put(error.as_str());
                    }
                    RuleAction::Redirect(address) => {
                        printer.put(" redirect ");
                        part::address(&mut printer.out, address);
                    }
                    RuleAction::TransformXor(number) => {
                        printer.put(" transform xor ");
                        part::number(&mut printer.out, *number);
                    }
                }
            }
        });
    }

    pub(super) fn perhaps_line(&mut self, notes: &Notes, own_line: bool, content: impl FnOnce(&mut Printer)) {
        if own_line { self.line(notes, content) } else { content(self) }
    }

    fn case(&mut self, case: &Case) {
        self.put("case ");
        self.put(case.id.as_str());
        self.put(" ");
        part::string(&mut self.out, &case.title.bytes);
        self.put(" ");
        let bare_needs = case.needs.iter().all(|need| need.notes.is_empty());
        if bare_needs && !case.block.items.is_empty() && fits_one_line(&case.block) {
            self.put("{ ");
            for need in &case.needs {
                self.need(need, false);
                self.put(" ; ");
            }
            for (index, statement) in case.block.items.iter().enumerate() {
                self.put(if index > 0 { " ; " } else { "" });
                self.statement(statement);
            }
            self.put(" }");
            return;
        }
        self.open(case.block.comment.as_deref());
        for need in &case.needs {
            self.need(need, true);
        }
        for statement in &case.block.items {
            self.own_or_part(statement, true);
        }
        self.close(&case.block.tail);
    }

    fn need(&mut self, need: &Need, own_line: bool) {
        self.perhaps_line(&need.notes, own_line, |printer| {
            printer.put("needs ");
            match &need.kind {
                NeedKind::Ifs => printer.put("ifs"),
                NeedKind::NonIfs => printer.put("non-ifs"),
                NeedKind::BaseIfs => printer.put("base ifs"),
                NeedKind::BaseNonIfs => printer.put("base non-ifs"),
                NeedKind::Layered => printer.put("layered"),
                NeedKind::Decision { name, value } => {
                    printer.put("decision ");
                    printer.put(name.as_str());
                    printer.put("=");
                    printer.put(value.as_str());
                }
                NeedKind::Profile(name) => {
                    printer.put("profile ");
                    printer.put(name.as_str());
                }
            }
        });
    }

    fn transition(&mut self, transition: &Transition, own_line: bool) {
        self.perhaps_line(&transition.notes, own_line, |printer| {
            printer.put(&transition.text.replace(['\n', '\r'], " "))
        });
    }
}

/// Whether a block can be, and should be, on one line.
pub(super) fn fits_one_line(block: &Braced<Statement>) -> bool {
    let has_block = |kind: &StatementKind| {
        matches!(kind, StatementKind::Repeat(_) | StatementKind::AtEnd(_) | StatementKind::Callback(_))
    };
    block.one_line
        && is_bare(block)
        && block.items.iter().all(|statement| statement.notes.is_empty() && !has_block(&statement.kind))
}
