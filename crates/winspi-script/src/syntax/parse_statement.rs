//! The sections "blocks" and "statements" of the grammar.

use super::keyword;
use super::parser::{Noted, Parsed, Parser};
use super::tree::{
    Act, ActKind, Action, Block, Body, Braced, Call, Callback, CallbackKind, Claim, Notes, Repeat, RepeatUntil,
    Statement, StatementKind, ThreadLine, Who,
};

const A_CALL: &str = "a function or a name";
const A_PROCESS: &str = "a process";
const A_STATEMENT: &str = "a statement";

impl Parser<'_> {
    // ---- blocks

    /// `Block <- '{' (NL (Statement NL)* / Simple (';' Simple)*)? '}'`
    pub(super) fn block(&mut self) -> Parsed<Block> {
        self.braces(Self::statement, Self::simple)
    }

    /// `Body <- '{' (NL (Act NL)* / Act (';' Act)*)? '}'`
    pub(super) fn body(&mut self) -> Parsed<Body> {
        self.braces(Self::act, Self::act)
    }

    /// `'{' (NL (line NL)* / part (';' part)*)? '}'`
    pub(super) fn braces<T: Noted>(
        &mut self,
        line: fn(&mut Self) -> Parsed<T>,
        part: fn(&mut Self) -> Parsed<T>,
    ) -> Parsed<Braced<T>> {
        self.enter("{", false)?;
        let block = if self.at_nl() {
            self.braced_lines(line)?
        } else if self.at("}") {
            Braced::default()
        } else {
            Braced::one_line(self.parts(part)?)
        };
        self.leave("}")?;
        Ok(block)
    }

    /// `NL (line NL)*`
    fn braced_lines<T: Noted>(&mut self, line: fn(&mut Self) -> Parsed<T>) -> Parsed<Braced<T>> {
        let comment = self.nl()?;
        self.no_blank_first();
        let items = self.lines(line)?;
        let tail = self.tail();
        let one_line = items.is_empty() && comment.is_none() && tail.is_empty();
        Ok(Braced { items, one_line, comment, tail })
    }

    /// `(line NL)*` up to a brace or the end of the file; goes on after errors.
    pub(super) fn lines<T: Noted>(&mut self, line: fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        loop {
            let begun = self.line_begins();
            if self.at("}") || self.cursor.at_end() {
                return Ok(items);
            }
            match self.line(line) {
                Ok(item) => items.push(item),
                Err(failed) => {
                    if !self.recover(&begun) {
                        return Err(failed);
                    }
                }
            }
        }
    }

    /// `part (';' part)*`
    pub(super) fn parts<T>(&mut self, part: fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut parts = vec![part(self)?];
        while self.eat(";") {
            parts.push(part(self)?);
        }
        self.hint("`;`");
        Ok(parts)
    }

    /// `Act <- Expect / 'return' Value / Call`
    fn act(&mut self) -> Parsed<Act> {
        let start = self.start();
        let kind = if self.eat("expect") {
            ActKind::Expect(self.test()?)
        } else if self.eat("return") {
            ActKind::Return(self.value()?)
        } else {
            self.refuse_near_act()?;
            self.hint("`expect`");
            self.hint("`return`");
            ActKind::Call(self.call("a call")?)
        };
        Ok(Act { span: self.span_from(start), notes: Notes::default(), kind })
    }

    /// Fails at a word that is nearly `expect` or `return`, and no call.
    fn refuse_near_act(&mut self) -> Parsed<()> {
        let start = self.start();
        let word = self.word_here();
        let Some(near) = keyword::near(word, &["expect", "return"]).filter(|_| self.at_name()) else {
            return Ok(());
        };
        let saved = self.save();
        self.name(A_CALL)?;
        if self.at("=") || self.at("(") || self.at(":") {
            self.restore(&saved);
            return Ok(());
        }
        let end = self.last;
        self.refuse(
            start,
            end,
            format!("expected {A_STATEMENT}, found `{word}`"),
            Some(format!("did you mean `{near}`?")),
        )
    }

    // ---- statements

    /// `Statement <- Repeat / AtEnd / Callback / Simple`
    pub(super) fn statement(&mut self) -> Parsed<Statement> {
        let start = self.start();
        let kind = if self.eat("repeat") {
            StatementKind::Repeat(self.repeat()?)
        } else if self.eat("at") {
            self.want("end")?;
            StatementKind::AtEnd(self.block()?)
        } else if let Some(kind) = self.callback_kind() {
            StatementKind::Callback(self.callback(kind)?)
        } else {
            return self.simple();
        };
        Ok(Statement { span: self.span_from(start), notes: Notes::default(), kind })
    }

    /// `Repeat <- 'repeat' ('until' Expectation / 'any' / NUMBER) Block`, without the first word.
    fn repeat(&mut self) -> Parsed<Repeat> {
        let until = if self.eat("until") {
            RepeatUntil::Outcome(self.expectation()?)
        } else if self.eat("any") {
            RepeatUntil::Any
        } else {
            self.hint("`until`");
            self.hint("`any`");
            RepeatUntil::Times(self.number("a number")?)
        };
        Ok(Repeat { until, block: self.block()? })
    }

    fn callback_kind(&mut self) -> Option<CallbackKind> {
        let kinds = [
            ("callback", CallbackKind::Callback),
            ("condition", CallbackKind::Condition),
            ("hook", CallbackKind::Hook),
        ];
        kinds.into_iter().find(|(word, _)| self.eat(word)).map(|(_, kind)| kind)
    }

    /// `Callback <- ('callback' / 'condition' / 'hook') NAME 'in' NAME Body`, without the first word.
    fn callback(&mut self, kind: CallbackKind) -> Parsed<Callback> {
        let name = self.name("a name")?;
        self.want("in")?;
        let process = self.name(A_PROCESS)?;
        Ok(Callback { kind, name, process, body: self.body()? })
    }

    /// `Simple <- Who ':' (Returns / Sync / Call When?) / Claim / Expect / World`
    pub(super) fn simple(&mut self) -> Parsed<Statement> {
        let start = self.start();
        let kind = if self.at_name() {
            StatementKind::Thread(self.thread_line()?)
        } else if let Some(claim) = self.claim()? {
            StatementKind::Claim(claim)
        } else if self.eat("expect") {
            StatementKind::Expect(self.test()?)
        } else if let Some(world) = self.world()? {
            StatementKind::World(world)
        } else {
            self.advise_misplaced();
            return self.fail(A_STATEMENT);
        };
        Ok(Statement { span: self.span_from(start), notes: Notes::default(), kind })
    }

    /// A keyword stands where it cannot.
    fn advise_misplaced(&mut self) {
        let word = self.word_here();
        let advice = match word {
            "repeat" | "at" | "callback" | "condition" | "hook" => "a block on one line holds no other block",
            "process" | "thread" | "layer" | "define" | "setup" => {
                "declarations stand outside of blocks and before the cases"
            }
            "scenario" | "about" => "`scenario`, then `about`, stand at the head of the file",
            "case" | "schedule" => "cases, or a schedule, stand outside of blocks, at the end of the file",
            "needs" => "`needs` stands at the head of a file, below `about`, or in a case, before its statements",
            "return" => "`return` stands in a callback, condition, hook or define",
            _ => return,
        };
        self.advise(advice);
    }

    /// `Who ':' (Returns / Sync / Call ('when' Test ('and' Test)*)?)`
    fn thread_line(&mut self) -> Parsed<ThreadLine> {
        let start = self.start();
        let word = self.word_here();
        let who = self.who()?;
        if !self.eat(":") {
            if let Some(near) = keyword::near(word, keyword::STARTS).filter(|_| who.thread.is_none()) {
                let end = self.last;
                return self.refuse(
                    start,
                    end,
                    format!("expected {A_STATEMENT}, found `{word}`"),
                    Some(format!("did you mean `{near}`?")),
                );
            }
            if self.at("=") || self.at("(") {
                self.advise("a line begins with the thread that acts, as in `source: s = WSPSocket(...)`");
            }
            self.hint("`:`");
            return self.fail(if who.thread.is_none() { "`.`" } else { "`:`" });
        }
        let action = if self.eat("returns") {
            Action::Returns(self.outcome()?)
        } else if self.eat("sync") {
            Action::Sync(self.name("a name")?)
        } else {
            let call = self.call(A_CALL)?;
            if self.eat("when") { Action::When(call, self.tests()?) } else { Action::Call(call) }
        };
        Ok(ThreadLine { who, action })
    }

    /// `Test ('and' Test)*`
    fn tests(&mut self) -> Parsed<Vec<super::tree::Test>> {
        let mut tests = vec![self.test()?];
        while self.eat("and") {
            tests.push(self.test()?);
        }
        Ok(tests)
    }

    /// `Who <- NAME ('.' NAME)?`
    pub(super) fn who(&mut self) -> Parsed<Who> {
        let start = self.start();
        let process = self.name("a thread")?;
        let thread = if self.eat(".") { Some(self.name("a thread")?) } else { None };
        Ok(Who { span: self.span_from(start), process, thread })
    }

    /// `Call <- (NAME '=')? NAME Arguments ('as' NAME)? Outcome?`
    fn call(&mut self, what: &str) -> Parsed<Call> {
        let start = self.start();
        let mut function = self.name(what)?;
        let mut bind = None;
        if self.eat("=") {
            bind = Some(std::mem::replace(&mut function, self.name("a function")?));
        } else if !self.at("(") {
            self.hint("`=`");
            if self.at(":") {
                self.advise("statements of a define, callback, condition or hook have no thread in front");
            }
        }
        let arguments = self.arguments()?;
        let provider = if self.eat("as") { Some(self.name("a provider")?) } else { None };
        let outcome = self.outcome()?;
        Ok(Call { span: self.span_from(start), bind, function, arguments, provider, outcome })
    }

    /// `Claim <- 'expect' 'hazard' WORD / ('always' / 'reachable') Test / 'finally' 'no' 'leaks'`, if it is there.
    fn claim(&mut self) -> Parsed<Option<Claim>> {
        if let Some(name) = self.expected_hazard()? {
            return Ok(Some(Claim::Hazard(name)));
        }
        if self.eat("always") {
            return Ok(Some(Claim::Always(self.test()?)));
        }
        if self.eat("reachable") {
            return Ok(Some(Claim::Reachable(self.test()?)));
        }
        if self.eat("finally") {
            self.want("no")?;
            self.want("leaks")?;
            return Ok(Some(Claim::FinallyNoLeaks));
        }
        Ok(None)
    }

    /// `'expect' 'hazard' WORD`, if it is there: `hazard` may be a name as well.
    fn expected_hazard(&mut self) -> Parsed<Option<super::tree::Name>> {
        let saved = self.save();
        if self.eat("expect") && self.eat("hazard") {
            self.skip();
            if !self.word_here().is_empty() {
                return self.word("the name of a hazard").map(Some);
            }
        }
        self.restore(&saved);
        Ok(None)
    }
}
