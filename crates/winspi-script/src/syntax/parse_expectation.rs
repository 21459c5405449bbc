//! The section "what a call should give" of the grammar.

use super::parser::{Failed, Parsed, Parser};
use super::tree::{
    Comparison, Expectation, ExpectationKind, Expected, ExpectedField, ExpectedKind, Operand, Outcome, Test, TestRight,
    Value,
};

const EXPECTATION: &str = "an expectation";
const EXPECTED: &str = "an expected value";

/// What stands in braces or brackets where an expectation may stand.
enum Pattern {
    Record(Vec<ExpectedField>),
    Each(Vec<Expected>),
    /// It is a value all the same: one with operators behind lists or structures in it.
    Value(Value),
}

impl Parser<'_> {
    /// `Outcome <- '=>' Expectation ('by' ID)? ('from' NAME)?`, if it is there.
    pub(super) fn outcome(&mut self) -> Parsed<Option<Box<Outcome>>> {
        let start = self.start();
        if !self.eat("=>") {
            self.hint("`=>`");
            return Ok(None);
        }
        let expectation = self.expectation()?;
        let by = if self.eat("by") { Some(self.id("a clause or decision")?) } else { None };
        let from = if self.eat("from") { Some(self.name("the name of a provider")?) } else { None };
        Ok(Some(Box::new(Outcome { span: self.span_from(start), expectation, by, from })))
    }

    /// `Expectation <- 'ok' / 'any' / 'pending' / 'fails' NUMBER? / 'blocks' ('for' 'ever')? / 'value' Value
    /// / OneOf / Record / Each / Compare Value / Value`
    pub(super) fn expectation(&mut self) -> Parsed<Expectation> {
        let start = self.start();
        let kind = self.expectation_kind()?;
        Ok(Expectation { span: self.span_from(start), kind })
    }

    fn expectation_kind(&mut self) -> Parsed<ExpectationKind> {
        if self.at_value() {
            return Ok(ExpectationKind::Value(self.value()?));
        }
        if self.eat("ok") {
            return Ok(ExpectationKind::Ok);
        }
        if self.eat("any") {
            return Ok(ExpectationKind::Any);
        }
        if self.eat("pending") {
            return Ok(ExpectationKind::Pending);
        }
        if self.eat("fails") {
            return Ok(ExpectationKind::Fails(if self.at_number() { Some(self.number("a number")?) } else { None }));
        }
        if self.eat("blocks") {
            if !self.eat("for") {
                return Ok(ExpectationKind::Blocks);
            }
            self.want("ever")?;
            return Ok(ExpectationKind::BlocksForEver);
        }
        if self.eat("value") {
            return Ok(ExpectationKind::AsValue(self.value()?));
        }
        if self.at("one") {
            return Ok(ExpectationKind::OneOf(self.one_of()?));
        }
        if let Some(pattern) = self.pattern()? {
            return Ok(match pattern {
                Pattern::Record(fields) => ExpectationKind::Record(fields),
                Pattern::Each(all) => ExpectationKind::Each(all),
                Pattern::Value(value) => ExpectationKind::Value(value),
            });
        }
        if let Some(comparison) = self.compare() {
            return Ok(ExpectationKind::Compare(comparison, self.value()?));
        }
        self.fail(EXPECTATION)
    }

    /// Whether something begins here that is a value and no other form of an expectation.
    fn at_value(&mut self) -> bool {
        self.skip();
        match self.cursor.byte() {
            Some(b'"' | b'0'..=b'9' | b'-' | b'(') => true,
            Some(b'[') => self.at_ip6(),
            _ => self.at_name() || ["TRUE", "FALSE", "NULL", "bad", "guid"].iter().any(|word| self.at(word)),
        }
    }

    fn at_number(&mut self) -> bool {
        self.skip();
        matches!(self.cursor.byte(), Some(b'0'..=b'9' | b'-'))
    }

    /// `OneOf <- 'one' 'of' '[' JOIN(Expectation (',' Expectation)* ']')`
    pub(super) fn one_of(&mut self) -> Parsed<Vec<Expectation>> {
        self.want("one")?;
        self.want("of")?;
        self.join_some("[", "]", Self::expectation)
    }

    /// `Record / Each / Value`, the value at `{` or `[` only: what is neither a record nor a list of expectations, since
    /// an operator follows a list or structure in it, is a value.
    fn pattern(&mut self) -> Parsed<Option<Pattern>> {
        self.skip();
        let saved = self.save();
        let found = match self.cursor.byte() {
            Some(b'{') => self.record().map(Pattern::Record),
            Some(b'[') => self.each().map(Pattern::Each),
            _ => return Ok(None),
        };
        match found {
            Ok(pattern) => Ok(Some(pattern)),
            Err(Failed) if self.refused.is_none() && self.stopped_at_operator() => {
                self.restore(&saved);
                self.value_in_group().map(Pattern::Value).map(Some)
            }
            Err(Failed) => Err(Failed),
        }
    }

    /// Whether the farthest failure is at an operator that may follow a value.
    fn stopped_at_operator(&mut self) -> bool {
        self.cursor.place() == self.far && (self.at("|") || self.at("&") || self.at("with"))
    }

    /// `Record <- '{' JOIN((Field '=' Expected (',' Field '=' Expected)*)? '}')`
    fn record(&mut self) -> Parsed<Vec<ExpectedField>> {
        self.join("{", "}", |parser| {
            let start = parser.start();
            let field = parser.field()?;
            parser.want("=")?;
            let expected = parser.expected_part()?;
            Ok(ExpectedField { span: parser.span_from(start), field, expected })
        })
    }

    /// `Each <- '[' JOIN((Expected (',' Expected)*)? ']')`
    fn each(&mut self) -> Parsed<Vec<Expected>> {
        self.join("[", "]", Self::expected_part)
    }

    /// `Expected <- 'untouched' / OneOf / Record / Each / Value`
    fn expected_part(&mut self) -> Parsed<Expected> {
        let start = self.start();
        let kind = if self.at_value() {
            ExpectedKind::Value(self.value()?)
        } else if self.eat("untouched") {
            ExpectedKind::Untouched
        } else if self.at("one") {
            ExpectedKind::OneOf(self.one_of()?)
        } else {
            match self.pattern()? {
                Some(Pattern::Record(fields)) => ExpectedKind::Record(fields),
                Some(Pattern::Each(all)) => ExpectedKind::Each(all),
                Some(Pattern::Value(value)) => ExpectedKind::Value(value),
                None => return self.fail(EXPECTED),
            }
        };
        Ok(Expected { span: self.span_from(start), kind })
    }

    /// `Test <- Value (Compare (OneOf / Value))?`
    pub(super) fn test(&mut self) -> Parsed<Test> {
        let start = self.start();
        let left = self.value()?;
        let Some(comparison) = self.compare() else {
            if self.at("=") {
                self.advise("equality is asked with `==`");
            }
            self.hint("a comparison");
            return Ok(Test { span: self.span_from(start), left, right: None });
        };
        let operand = if self.at("one") { Operand::OneOf(self.one_of()?) } else { Operand::Value(self.value()?) };
        Ok(Test { span: self.span_from(start), left, right: Some(TestRight { comparison, operand }) })
    }

    /// `Compare <- '==' / '!=' / '<=' / '>=' / '<' / '>'`, if it is there.
    fn compare(&mut self) -> Option<Comparison> {
        Comparison::ALL.into_iter().find(|comparison| self.eat(comparison.symbol()))
    }
}
