//! The section "a file" of the grammar.

use super::keyword;
use super::parser::{Noted, Parsed, Parser};
use super::tree::{
    Block, Braced, Case, Define, File, Headline, Item, Mark, Name, Need, NeedKind, Notes, Process, Schedule, Setting,
    SettingValue, Setup, Thread, Transition,
};

impl Parser<'_> {
    /// `File <- NL? Title? About* (Need NL)* Top* (Case+ / Schedule)? END`
    pub(super) fn file(&mut self) -> Parsed<File> {
        let mut file = File::default();
        self.more_lines();
        self.no_blank_first();
        if self.at("scenario") {
            file.title = self.recovering(Self::title)?;
        }
        while self.at("about") {
            file.about.extend(self.recovering(Self::about)?);
        }
        while self.at("needs") {
            file.needs.extend(self.recovering(Self::need)?);
        }
        while !self.at_file_end() && !self.at("case") && !self.at("schedule") {
            file.items.extend(self.recovering(Self::top)?);
        }
        if self.at("schedule") {
            file.schedule = self.recovering(Self::schedule)?;
        } else {
            while !self.at_file_end() {
                file.cases.extend(self.recovering(Self::case)?);
            }
        }
        self.skip();
        self.end()?;
        file.tail = self.tail();
        Ok(file)
    }

    fn at_file_end(&mut self) -> bool {
        self.skip();
        self.cursor.at_end()
    }

    /// `item NL`; or an error, after which one can go on.
    fn recovering<T: Noted>(&mut self, item: fn(&mut Self) -> Parsed<T>) -> Parsed<Option<T>> {
        let begun = self.line_begins();
        // A brace that is left over follows from an error before.
        if !self.diagnostics.is_empty() && self.at("}") {
            self.cursor.advance();
            self.took();
            if self.nl().is_ok() {
                return Ok(None);
            }
        }
        match self.line(item) {
            Ok(item) => Ok(Some(item)),
            Err(failed) => {
                if self.recover(&begun) {
                    Ok(None)
                } else {
                    Err(failed)
                }
            }
        }
    }

    /// `Title <- 'scenario' STRING NL`
    fn title(&mut self) -> Parsed<Headline> {
        self.headline("scenario")
    }

    /// `About <- 'about' STRING NL`
    fn about(&mut self) -> Parsed<Headline> {
        self.headline("about")
    }

    fn headline(&mut self, word: &str) -> Parsed<Headline> {
        let start = self.start();
        self.want(word)?;
        let text = self.text("a string")?;
        Ok(Headline { span: self.span_from(start), notes: Notes::default(), text })
    }

    /// `Top <- (Process / Thread / Layer / Define / Setup / Mark / Statement) NL`, without `NL`.
    fn top(&mut self) -> Parsed<Item> {
        if self.at("process") {
            Ok(Item::Process(self.process()?))
        } else if self.at("thread") {
            Ok(Item::Thread(self.thread()?))
        } else if self.at("layer") {
            Ok(Item::Layer(self.layer()?))
        } else if self.at("define") {
            Ok(Item::Define(self.define()?))
        } else if self.at("setup") {
            Ok(Item::Setup(self.setup()?))
        } else if let Some(mark) = self.mark()? {
            Ok(Item::Mark(mark))
        } else {
            Ok(Item::Statement(self.statement()?))
        }
    }

    /// `Process <- 'process' NAME Options?`
    fn process(&mut self) -> Parsed<Process> {
        let start = self.start();
        self.want("process")?;
        let name = self.name("a name")?;
        let options = self.options_if_any()?;
        Ok(Process { span: self.span_from(start), notes: Notes::default(), name, options })
    }

    /// `Thread <- 'thread' NAME '.' NAME`
    fn thread(&mut self) -> Parsed<Thread> {
        let start = self.start();
        self.want("thread")?;
        let process = self.name("a process")?;
        self.want(".")?;
        let name = self.name("a name")?;
        Ok(Thread { span: self.span_from(start), notes: Notes::default(), process, name })
    }

    /// `Options?`
    pub(super) fn options_if_any(&mut self) -> Parsed<Vec<Setting>> {
        if self.at("(") {
            return self.options();
        }
        self.hint("`(`");
        Ok(Vec::new())
    }

    /// `Options <- '(' JOIN(Option (',' Option)* ')')`
    fn options(&mut self) -> Parsed<Vec<Setting>> {
        self.join_some("(", ")", Self::option)
    }

    /// `Option <- FIELD '=' ('yes' / 'no' / Value) / WORD`
    fn option(&mut self) -> Parsed<Setting> {
        let start = self.start();
        let (name, value) = match self.field_name_and_equal() {
            None => {
                let name = self.word("an option")?;
                self.hint("`=`");
                (name, None)
            }
            Some(name) if self.eat("yes") => (name, Some(SettingValue::Yes)),
            Some(name) if self.eat("no") => (name, Some(SettingValue::No)),
            Some(name) => (name, Some(SettingValue::Value(self.value()?))),
        };
        Ok(Setting { span: self.span_from(start), name, value })
    }

    /// `Setup <- 'setup' Block`
    fn setup(&mut self) -> Parsed<Setup> {
        let start = self.start();
        self.want("setup")?;
        let block = self.block()?;
        Ok(Setup { span: self.span_from(start), notes: Notes::default(), block })
    }

    /// `Mark <- 'step' NUMBER STRING`, unless a name follows `step`.
    fn mark(&mut self) -> Parsed<Option<Mark>> {
        let start = self.start();
        let saved = self.save();
        if !self.eat("step") {
            return Ok(None);
        }
        if self.at_name() {
            self.restore(&saved);
            return Ok(None);
        }
        self.hint("a thread");
        let number = self.number("a number")?;
        let title = self.text("a string")?;
        Ok(Some(Mark { span: self.span_from(start), notes: Notes::default(), number, title }))
    }

    /// `Define <- 'define' NAME '(' JOIN((NAME (',' NAME)*)? ')') Body`
    fn define(&mut self) -> Parsed<Define> {
        let start = self.start();
        self.want("define")?;
        let name = self.name("a name")?;
        let parameters: Vec<Name> = self.join("(", ")", |parser| parser.name("a parameter"))?;
        let body = self.body()?;
        Ok(Define { span: self.span_from(start), notes: Notes::default(), name, parameters, body })
    }

    // ---- cases

    /// `Case <- 'case' ID STRING '{' (NL (Need NL)* (Statement NL)* / (Need ';')* Simple (';' Simple)*) '}' NL`, without the
    /// last `NL`.
    fn case(&mut self) -> Parsed<Case> {
        let start = self.start();
        if !self.at("case") {
            if self.at("schedule") {
                self.advise("a file has cases or a schedule, not both");
            } else if keyword::STARTS.contains(&self.word_here()) || self.at_name() {
                self.advise("behind the first case there are only cases");
            }
            self.advise_near(&["case"]);
        }
        self.want("case")?;
        let id = self.id("the clause of the case")?;
        let title = self.text("a string")?;
        self.enter("{", false)?;
        let (needs, block) = if self.at_nl() { self.case_lines()? } else { self.case_parts()? };
        self.leave("}")?;
        Ok(Case { span: self.span_from(start), notes: Notes::default(), id, title, needs, block })
    }

    /// `NL (Need NL)* (Statement NL)*`
    fn case_lines(&mut self) -> Parsed<(Vec<Need>, Block)> {
        let comment = self.nl()?;
        self.no_blank_first();
        let mut needs = Vec::new();
        while self.at("needs") {
            needs.extend(self.recovering(Self::need)?);
        }
        let items = self.lines(Self::statement)?;
        let tail = self.tail();
        Ok((needs, Block { items, one_line: false, comment, tail }))
    }

    /// `(Need ';')* Simple (';' Simple)*`
    fn case_parts(&mut self) -> Parsed<(Vec<Need>, Block)> {
        let mut needs = Vec::new();
        while self.at("needs") {
            needs.push(self.need()?);
            self.want(";")?;
        }
        Ok((needs, Braced::one_line(self.parts(Self::simple)?)))
    }

    /// `Need <- 'needs' ('base'? ('ifs' / 'non-ifs') / 'layered' / 'decision' WORD '=' WORD / 'profile' WORD)`
    fn need(&mut self) -> Parsed<Need> {
        let start = self.start();
        self.want("needs")?;
        let kind = if self.eat("ifs") {
            NeedKind::Ifs
        } else if self.eat("non-ifs") {
            NeedKind::NonIfs
        } else if self.eat("base") {
            if self.eat("ifs") {
                NeedKind::BaseIfs
            } else if self.eat("non-ifs") {
                NeedKind::BaseNonIfs
            } else {
                return self.none_of(&["ifs", "non-ifs"]);
            }
        } else if self.eat("layered") {
            NeedKind::Layered
        } else if self.eat("decision") {
            let name = self.word("a decision")?;
            self.want("=")?;
            NeedKind::Decision { name, value: self.word("a value of the decision")? }
        } else if self.eat("profile") {
            NeedKind::Profile(self.word("a profile")?)
        } else {
            return self.none_of(&["ifs", "non-ifs", "base", "layered", "decision", "profile"]);
        };
        Ok(Need { span: self.span_from(start), notes: Notes::default(), kind })
    }

    /// One of some words was expected.
    fn none_of<T>(&mut self, words: &[&'static str]) -> Parsed<T> {
        self.advise_near(words);
        for word in words {
            self.hint(&format!("`{word}`"));
        }
        Err(super::parser::Failed)
    }

    // ---- schedules

    /// `Schedule <- 'schedule' '{' (NL (TRANSITION NL)*)? '}' NL`, without the last `NL`.
    fn schedule(&mut self) -> Parsed<Schedule> {
        let start = self.start();
        self.want("schedule")?;
        let transitions = self.braces(Self::transition, |parser| parser.fail("the end of the line"))?;
        Ok(Schedule { span: self.span_from(start), notes: Notes::default(), transitions })
    }

    /// A line of a schedule.
    fn transition(&mut self) -> Parsed<Transition> {
        let start = self.start();
        let text = self.transition_text()?;
        Ok(Transition { span: self.span_from(start), notes: Notes::default(), text })
    }
}
