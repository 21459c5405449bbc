//! Defines: a common opening, put in the place of the statement that uses it.
//!
//! A parameter stands for what is given for it, a name to be bound or a value. Every other name that a define binds is
//! its own, and is set apart with a number that no file can write.

use crate::script::walk;
use crate::syntax::tree::{self, ActKind, Value, ValueKind};

/// What stands between a define's own name and its number: nothing that can be written or is ever printed.
const APART: char = '\u{1f}';

/// A name or text as people wrote it.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(APART) {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        out.push_str(before);
        if digits == 0 {
            out.push(APART);
        }
        rest = &after[digits..];
    }
    out + rest
}

/// What a statement that uses a define says, or what is wrong with it and where.
pub(super) type Expanded = Result<Vec<tree::Act>, Vec<(tree::Span, String)>>;

/// Puts a define in the place of a call of it. `number` sets its own names apart from those of all other uses; the names
/// that `is_common` knows, such as processes and constants, mean the same everywhere.
pub(super) fn expand(
    define: &tree::Define,
    call: &tree::Call,
    number: usize,
    is_common: &dyn Fn(&str) -> bool,
) -> Expanded {
    let mut errors = Vec::new();
    for (what, span) in [
        ("nothing is bound to", call.bind.as_ref().map(|b| b.span)),
        ("no expectation belongs to", call.outcome.as_ref().map(|o| o.span)),
        ("no provider calls", call.provider.as_ref().map(|p| p.span)),
    ] {
        if let Some(span) = span {
            errors.push((span, format!("{what} a `define`; each of its statements speaks for itself")));
        }
    }
    let values = arguments(define, call, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut place = Place { define, values, number, is_common, errors };
    let acts = define.body.items.iter().map(|act| place.act(act)).collect();
    if place.errors.is_empty() { Ok(acts) } else { Err(place.errors) }
}

/// What is given for each parameter.
fn arguments<'a>(
    define: &tree::Define,
    call: &'a tree::Call,
    errors: &mut Vec<(tree::Span, String)>,
) -> Vec<Option<&'a Value>> {
    let mut values: Vec<Option<&Value>> = vec![None; define.parameters.len()];
    for (position, argument) in call.arguments.iter().enumerate() {
        let place = match &argument.name {
            None => (position < values.len()).then_some(position),
            Some(name) => define.parameters.iter().position(|p| p.text == name.text),
        };
        match (place, &argument.name) {
            (Some(place), _) if values[place].is_none() => values[place] = Some(&argument.value),
            (Some(place), _) => {
                errors.push((argument.span, format!("`{}` is given twice", define.parameters[place])));
            }
            (None, Some(name)) => {
                errors.push((name.span, format!("`{}` has no parameter `{name}`", define.name)));
            }
            (None, None) => {
                errors.push((argument.span, format!("`{}` takes {} arguments", define.name, values.len())));
            }
        }
    }
    if let Some(place) = values.iter().position(Option::is_none) {
        errors.push((call.function.span, format!("`{}` needs `{}`", define.name, define.parameters[place])));
    }
    values
}

struct Place<'a> {
    define: &'a tree::Define,
    values: Vec<Option<&'a Value>>,
    number: usize,
    is_common: &'a dyn Fn(&str) -> bool,
    errors: Vec<(tree::Span, String)>,
}

impl Place<'_> {
    fn act(&mut self, act: &tree::Act) -> tree::Act {
        let mut act = act.clone();
        match &mut act.kind {
            ActKind::Expect(test) => walk::test(test, &mut |v| self.value(v)),
            ActKind::Return(_) => {
                self.errors.push((act.span, "a `define` is no function: nothing is returned from it".to_owned()));
            }
            ActKind::Call(call) => {
                if let Some(bind) = &mut call.bind {
                    self.bind(bind);
                }
                walk::call(call, &mut |v| self.value(v));
            }
        }
        act
    }

    fn given(&self, name: &str) -> Option<&Value> {
        let place = self.define.parameters.iter().position(|p| p.text == name)?;
        self.values[place]
    }

    /// A name to be bound: a parameter's argument has to be one, too.
    fn bind(&mut self, bind: &mut tree::Name) {
        let Some(given) = self.given(&bind.text) else {
            bind.text = format!("{}{APART}{}", bind.text, self.number);
            return;
        };
        match &given.kind {
            ValueKind::Path(path) if path.arguments.is_none() && path.steps.is_empty() => *bind = path.name.clone(),
            _ => {
                let span = given.span;
                let message = format!("`{}` binds `{bind}`: a name has to be given for it", self.define.name);
                self.errors.push((span, message));
            }
        }
    }

    /// A value that begins with a name.
    fn value(&mut self, value: &mut Value) {
        let ValueKind::Path(path) = &mut value.kind else { return };
        if path.arguments.is_some() {
            return;
        }
        let Some(given) = self.given(&path.name.text) else {
            if !(self.is_common)(path.name.as_str()) {
                path.name.text = format!("{}{APART}{}", path.name.text, self.number);
            }
            return;
        };
        match &given.kind {
            ValueKind::Path(inner) => {
                let mut inner = inner.clone();
                inner.steps.append(&mut path.steps);
                *path = inner;
            }
            _ if path.steps.is_empty() => *value = grouped(given),
            _ => {
                let message =
                    format!("`{}` asks for a field of `{}`: a name has to be given", self.define.name, path.name);
                self.errors.push((given.span, message));
            }
        }
    }
}

/// A value that can stand wherever a name can.
fn grouped(value: &Value) -> Value {
    match value.kind {
        ValueKind::Or(_) | ValueKind::And(_) | ValueKind::With { .. } | ValueKind::List(_) | ValueKind::Struct(_) => {
            Value { span: value.span, kind: ValueKind::Group(Box::new(value.clone())) }
        }
        _ => value.clone(),
    }
}
