//! Whether an outcome is the expected one, and whether a test holds.

use winspi_core::Value;
use winspi_core::call::Call;
use winspi_core::outcome::{Out, Outcome, Refusal};
use winspi_types::ErrorCode;

use crate::question;
use crate::scope::{Scope, Stop, Used};
use crate::syntax::tree::{self, Comparison, ExpectationKind, ExpectedKind, ValueKind};

/// What an outcome is to a scenario: its primary part, and the record.
#[derive(Clone, Debug)]
pub struct Seen<'o> {
    /// The primary part; for a failure what the function returns then.
    pub primary: Value,
    /// The code, where the call failed with one.
    pub error: Option<ErrorCode>,
    /// Whether it succeeded.
    pub ok: bool,
    /// What the record is made of when it is asked for; nothing for a part of an outcome.
    outcome: Option<&'o Outcome>,
}

impl Seen<'_> {
    /// What an outcome is to a scenario. A function that gives a handle returns INVALID_SOCKET when it fails, all
    /// others SOCKET_ERROR; but see [`Seen::of_call`].
    pub fn of(outcome: &Outcome) -> Seen<'_> {
        let (primary, error) = match &outcome.result {
            Ok(out) => (out.primary(), None),
            Err(Refusal::Code { code, .. }) => (Value::Number(-1), Some(*code)),
            Err(Refusal::NotModelled(_)) => (Value::Number(-1), None),
        };
        Seen { primary, error, ok: outcome.result.is_ok(), outcome: Some(outcome) }
    }

    /// `value`, `error` and what was written.
    pub fn record(&self) -> Vec<(String, Value)> {
        let (value, number, written) = match self.outcome.map(|outcome| &outcome.result) {
            Some(Ok(out)) => (out.value(), 0, out.written()),
            Some(Err(Refusal::Code { code, written, .. })) => {
                (self.primary.clone(), i64::from(code.number()), written.clone())
            }
            Some(Err(Refusal::NotModelled(_))) => (Value::Number(-1), -1, Vec::new()),
            None => return Vec::new(),
        };
        let mut record = vec![("value".to_owned(), value), ("error".to_owned(), Value::Number(number))];
        record.extend(written);
        record
    }
}

impl<'o> Seen<'o> {
    /// The same for the outcome of a call: some functions return their code.
    pub fn of_call(call: &Call, outcome: &'o Outcome) -> Seen<'o> {
        let mut seen = Seen::of(outcome);
        if let (Some(code), Call::WSPStartup(_) | Call::WSAStartup(_)) = (seen.error, call) {
            seen.primary = Value::Number(i64::from(code.number()));
        }
        seen
    }
}

/// What an outcome looks like in a message.
pub fn describe(outcome: &Outcome) -> String {
    match &outcome.result {
        Ok(Out::Done) => "success".to_owned(),
        Ok(out) => describe_value(out),
        Err(Refusal::Code { code, basis, .. }) => format!("{code} ({basis})"),
        Err(Refusal::NotModelled(gap)) => format!("not modelled: {gap}"),
    }
}

fn describe_value(out: &Out) -> String {
    match out {
        Out::Handle(handle) => handle.to_string(),
        Out::Accepted(accepted) => accepted.s.to_string(),
        other => other.primary().to_string(),
    }
}

impl Scope<'_> {
    /// Checks an outcome; the error says what was expected instead.
    pub fn check(&self, call: &Call, outcome: &Outcome, expected: Option<&tree::Outcome>) -> Result<(), String> {
        let seen = Seen::of_call(call, outcome);
        let Some(expected) = expected else {
            return if seen.ok { Ok(()) } else { Err(format!("expected success, found {}", describe(outcome))) };
        };
        if !self.holds(&seen, &expected.expectation).map_err(stopped)? {
            let text = crate::script::print_outcome(expected);
            return Err(format!("expected {text}, found {}", describe(outcome)));
        }
        if let Some(by) = &expected.by {
            let basis = outcome.basis().map(|b| b.to_string());
            if basis.as_deref() != Some(by.text.as_str()) {
                let found = basis.unwrap_or_else(|| "no rule".to_owned());
                return Err(format!("expected it to rest on {by}, it rests on {found}"));
            }
        }
        if let Some(from) = &expected.from {
            let found = question::who_answered(self.world, outcome);
            if found.as_deref() != Some(from.text.as_str()) {
                let found = found.unwrap_or_else(|| "nobody".to_owned());
                return Err(format!("expected an answer from {from}, {found} answered"));
            }
        }
        Ok(())
    }

    /// Whether an outcome is one that a `repeat until` waits for.
    pub(crate) fn fits(&self, outcome: &Outcome, expectation: &tree::Expectation) -> Result<bool, Stop> {
        self.holds(&Seen::of(outcome), expectation)
    }

    fn holds(&self, seen: &Seen<'_>, expectation: &tree::Expectation) -> Result<bool, Stop> {
        Ok(match &expectation.kind {
            ExpectationKind::Ok => seen.ok,
            ExpectationKind::Any | ExpectationKind::Blocks | ExpectationKind::BlocksForEver => true,
            ExpectationKind::Pending => seen.error == Some(ErrorCode::WSA_IO_PENDING),
            // What is not modelled has not failed.
            ExpectationKind::Fails(None) => seen.error.is_some(),
            ExpectationKind::Fails(Some(n)) => seen.error.is_some_and(|e| i128::from(e.number()) == n.value),
            ExpectationKind::AsValue(value) => {
                seen.ok && self.equal(&seen.primary, &self.value(value, &mut Used::default())?)
            }
            ExpectationKind::OneOf(list) => {
                let mut any = false;
                for one in list {
                    any |= self.holds(seen, one)?;
                }
                any
            }
            ExpectationKind::Record(fields) => {
                let free = fields.iter().any(|f| ["error", "value"].contains(&f.field.name.text.as_str()));
                // What is not modelled has no code, and is neither success nor failure.
                (seen.ok || (free && seen.error.is_some()))
                    && self.fields_hold(&Value::Record(seen.record()), fields)?
            }
            ExpectationKind::Each(items) => seen.ok && self.each_holds(&seen.primary, items)?,
            ExpectationKind::Compare(comparison, value) => {
                seen.ok && self.compare(&seen.primary, *comparison, &self.value(value, &mut Used::default())?)
            }
            ExpectationKind::Value(value) => match error_name(value) {
                Some(code) => seen.error == Some(code),
                None => seen.ok && self.equal(&seen.primary, &self.value(value, &mut Used::default())?),
            },
        })
    }

    fn fields_hold(&self, record: &Value, fields: &[tree::ExpectedField]) -> Result<bool, Stop> {
        for field in fields {
            let name = field.field.name.text.as_str();
            let found = match record {
                Value::Record(_) => record.field(name).cloned(),
                _ => None,
            };
            let found = match &field.field.index {
                None => found,
                Some(index) => self.element(found, index)?,
            };
            let holds = match (&field.expected.kind, found) {
                (ExpectedKind::Untouched, found) => found.is_none(),
                (_, None) => false,
                (expected, Some(found)) => self.expected_holds(&found, expected)?,
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// An element of a field. A member of an array that the call did not write is none.
    fn element(&self, found: Option<Value>, index: &tree::Value) -> Result<Option<Value>, Stop> {
        let at = self.value(index, &mut Used::default())?.number().and_then(|at| usize::try_from(at).ok());
        Ok(match (found, at) {
            (Some(Value::List(items)), Some(at)) => items.into_iter().nth(at).filter(|item| *item != Value::Null),
            _ => None,
        })
    }

    fn each_holds(&self, found: &Value, items: &[tree::Expected]) -> Result<bool, Stop> {
        let Value::List(list) = found else { return Ok(false) };
        if list.len() != items.len() {
            return Ok(false);
        }
        for (found, item) in list.iter().zip(items) {
            if !self.expected_holds(found, &item.kind)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn expected_holds(&self, found: &Value, expected: &ExpectedKind) -> Result<bool, Stop> {
        Ok(match expected {
            ExpectedKind::Untouched => false,
            ExpectedKind::Record(fields) => self.fields_hold(found, fields)?,
            ExpectedKind::Each(items) => self.each_holds(found, items)?,
            ExpectedKind::Value(value) => self.equal(found, &self.value(value, &mut Used::default())?),
            ExpectedKind::OneOf(list) => {
                let seen = Seen { primary: found.clone(), error: None, ok: true, outcome: None };
                let mut any = false;
                for one in list {
                    any |= match &one.kind {
                        // Inside a record an error name is the value of the field `error`.
                        ExpectationKind::Value(value) => self.equal(found, &self.value(value, &mut Used::default())?),
                        _ => self.holds(&seen, one)?,
                    };
                }
                any
            }
        })
    }

    fn compare(&self, found: &Value, comparison: Comparison, wanted: &Value) -> bool {
        let numbers = found.number().zip(wanted.number());
        match comparison {
            Comparison::Equal => self.equal(found, wanted),
            Comparison::NotEqual => !self.equal(found, wanted),
            Comparison::AtMost => numbers.is_some_and(|(a, b)| a <= b),
            Comparison::AtLeast => numbers.is_some_and(|(a, b)| a >= b),
            Comparison::Less => numbers.is_some_and(|(a, b)| a < b),
            Comparison::More => numbers.is_some_and(|(a, b)| a > b),
        }
    }

    /// Whether a test holds; the text says what was found.
    pub fn test(&self, test: &tree::Test) -> Result<(bool, String), Stop> {
        if let Some(elements) = question::every(self, &test.left)? {
            for (place, element) in elements.iter().enumerate() {
                if !self.test_value(element, test)? {
                    return Ok((false, format!("element {place} is {element}")));
                }
            }
            return Ok((true, format!("all {} are", elements.len())));
        }
        let left = self.asked(&test.left)?;
        Ok((self.test_value(&left, test)?, format!("it is {left}")))
    }

    fn test_value(&self, left: &Value, test: &tree::Test) -> Result<bool, Stop> {
        let Some(right) = &test.right else {
            return Ok(left.number().is_some_and(|n| n != 0));
        };
        match &right.operand {
            tree::Operand::Value(value) => Ok(self.compare(left, right.comparison, &self.asked(value)?)),
            tree::Operand::OneOf(list) => {
                let any = self.expected_holds(left, &ExpectedKind::OneOf(list.clone()))?;
                Ok(any == (right.comparison == Comparison::Equal))
            }
        }
    }

    /// The value of a side of a test, which may be a question.
    fn asked(&self, value: &tree::Value) -> Result<Value, Stop> {
        match question::answer(self, value)? {
            Some(answer) => Ok(answer),
            None => self.value(value, &mut Used::default()),
        }
    }
}

/// The code of an error name; a name that is bound in no process is always one.
fn error_name(value: &tree::Value) -> Option<ErrorCode> {
    match &value.ungrouped().kind {
        ValueKind::Path(path) if path.arguments.is_none() && path.steps.is_empty() => {
            ErrorCode::from_name(&path.name.text)
        }
        _ => None,
    }
}

/// What a value that cannot be had looks like in a message.
pub fn stopped(stop: Stop) -> String {
    match stop {
        Stop::Call(call) => format!("{} cannot be called here", call.function()),
        Stop::Bad(message, _) => message,
    }
}
