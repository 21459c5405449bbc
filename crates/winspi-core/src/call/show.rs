//! Calls as text.

use std::fmt;

use crate::call::Call;
use crate::id::Handle;
use crate::signature::Kind;
use crate::value::Value;

/// Shows a call as a line of a scenario would write it, without what was left out.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.function())?;
        let parameters = self.function().declaration().parameters;
        let mut first = true;
        let mut in_order = true;
        for (name, value) in self.arguments() {
            let parameter = parameters.iter().find(|p| p.name == name);
            let positional = parameter.is_some_and(|p| p.positional);
            let left_out = matches!(value, Value::Null | Value::Room(0 | u32::MAX)) || value == Value::Number(0);
            if left_out && (!positional || !in_order || trailing(self, name)) {
                in_order &= !positional;
                continue;
            }
            if !first {
                f.write_str(", ")?;
            }
            first = false;
            let shown = match (parameter.map(|p| p.kind), &value) {
                (Some(Kind::Handle), Value::Number(n)) => Handle(n.cast_unsigned()).to_string(),
                _ => value.to_string(),
            };
            if positional && in_order { f.write_str(&shown)? } else { write!(f, "{name}={shown}")? }
        }
        f.write_str(")")
    }
}

/// Whether everything from this argument on is as if it were left out.
fn trailing(call: &Call, name: &str) -> bool {
    call.arguments()
        .iter()
        .skip_while(|(n, _)| *n != name)
        .all(|(_, v)| matches!(v, Value::Null | Value::Room(0 | u32::MAX)) || *v == Value::Number(0))
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
