//! Layers as declared.

use winspi_core::ws2_32::catalog::Fault;
use winspi_types::{Field, FieldValue, Version};

use crate::script::build::Builder;
use crate::script::{LayerDeclaration, constant_of, function, nearest};
use crate::syntax::tree::{self, SettingValue, ValueKind};

/// The options of a layer beside its kind.
const OPTIONS: [&str; 3] = ["versions", "description", "info"];

impl Builder<'_> {
    pub(super) fn layer(&mut self, layer: &tree::Layer) {
        if self.script.layers.iter().any(|l| l.name == layer.name.text) {
            self.error(layer.name.span, format!("layer `{}` is declared twice", layer.name), None);
        }
        let mut ifs = None;
        let (mut versions, mut description, mut info) = (None, None, Vec::new());
        for option in &layer.options {
            let value = match &option.value {
                Some(SettingValue::Value(value)) => Some(value),
                _ => None,
            };
            match (option.name.as_str(), value) {
                ("ifs", None) if option.value.is_none() => ifs = Some(true),
                ("non-ifs", None) if option.value.is_none() => ifs = Some(false),
                ("versions", Some(value)) => match versions_of(value) {
                    Some(range) => versions = Some(range),
                    None => self.error(
                        value.span,
                        "`versions` is one like 2.2, or the lowest and highest: [1.0, 1.1]",
                        None,
                    ),
                },
                ("description", Some(value)) => match fixed(value) {
                    Some(FieldValue::Text(text)) => description = Some((text, value.span)),
                    _ => self.error(value.span, "a description is a text", None),
                },
                ("info", Some(value)) => info = self.members(value),
                (name, _) if OPTIONS.contains(&name) => {
                    self.error(option.span, format!("`{name}` needs a value"), None);
                }
                (name, _) => {
                    let near = nearest(name, OPTIONS.into_iter().chain(["ifs", "non-ifs"]));
                    self.error(option.span, format!("a layer has no option `{name}`"), near);
                }
            }
        }
        let Some(ifs) = ifs else {
            self.error(layer.span, "a layer is (ifs) or (non-ifs)", None);
            return;
        };
        let (mut hooks, mut breaks) = (Vec::new(), Vec::new());
        for rule in layer.rules.iter().flat_map(|r| &r.items) {
            match &rule.kind {
                tree::RuleKind::Hooks(names) if ifs => {
                    for name in names {
                        match function(&name.text) {
                            Some(function) => hooks.push(function),
                            None => self.unknown_function(name),
                        }
                    }
                }
                tree::RuleKind::Hooks(names) => {
                    let span = names.first().map_or(rule.span, |n| n.span);
                    self.error(span, "every call passes a non-IFS layer: only an IFS layer has hooks", None);
                }
                tree::RuleKind::Breaks(name) => match Fault::ALL.iter().find(|f| f.name() == name.text) {
                    Some(fault) => breaks.push(*fault),
                    None => {
                        let near = nearest(&name.text, Fault::ALL.map(Fault::name));
                        self.error(name.span, format!("no duty is called `{name}`"), near);
                    }
                },
                tree::RuleKind::CountBytes => self.not_carried_out(rule.span, "`count bytes`"),
                tree::RuleKind::On { .. } => self.not_carried_out(rule.span, "`on` rules of a layer"),
            }
        }
        if let [over] = layer.over.as_slice() {
            let (name, over) = (layer.name.text.clone(), over.text.clone());
            let span = layer.span;
            let layer = LayerDeclaration { name, ifs, over, hooks, breaks, versions, description, info, span };
            self.script.layers.push(layer);
        } else {
            self.not_carried_out(layer.span, "a layer over several protocols");
        }
    }

    /// `info={member=value, ...}`
    fn members(&mut self, value: &tree::Value) -> Vec<(String, FieldValue, tree::Span)> {
        let ValueKind::Struct(fields) = &value.ungrouped().kind else {
            self.error(value.span, "`info` is members of a protocol info: {version=2}", None);
            return Vec::new();
        };
        let mut members = Vec::new();
        for field in fields {
            let name = field.field.name.text.as_str();
            if Field::find(name).is_none() {
                let near = nearest(name, winspi_types::FIELDS.iter().map(|f| f.name));
                self.error(field.span, format!("a protocol info has no member `{name}`"), near);
            } else if let Some(value) = fixed(&field.value) {
                members.push((name.to_owned(), value, field.span));
            } else {
                self.error(field.value.span, "a member is a number, a constant, a text or a GUID", None);
            }
        }
        members
    }
}

/// A value that is known before anything runs.
fn fixed(value: &tree::Value) -> Option<FieldValue> {
    Some(match &value.ungrouped().kind {
        ValueKind::Number(n) => FieldValue::Number(i64::try_from(n.value).ok()?),
        ValueKind::String(bytes) => FieldValue::Text(String::from_utf8(bytes.0.clone()).ok()?),
        ValueKind::Guid(text) => FieldValue::Guid(std::str::from_utf8(&text.0).ok()?.parse().ok()?),
        ValueKind::Path(path) if path.arguments.is_none() && path.steps.is_empty() => {
            FieldValue::Number(constant_of(&path.name.text)?)
        }
        ValueKind::Or(items) => {
            let mut all = 0;
            for item in items {
                match fixed(item)? {
                    FieldValue::Number(n) => all |= n,
                    _ => return None,
                }
            }
            FieldValue::Number(all)
        }
        _ => return None,
    })
}

/// One version, or the lowest and the highest.
fn versions_of(value: &tree::Value) -> Option<(Version, Version)> {
    let one = |value: &tree::Value| match &value.ungrouped().kind {
        ValueKind::Version(major, minor) => Some(Version::new(u8::try_from(*major).ok()?, u8::try_from(*minor).ok()?)),
        _ => None,
    };
    let (lowest, highest) = match &value.ungrouped().kind {
        ValueKind::List(range) => match range.as_slice() {
            [lowest, highest] => (one(lowest)?, one(highest)?),
            _ => return None,
        },
        _ => (one(value)?, one(value)?),
    };
    (lowest <= highest).then_some((lowest, highest))
}
