//! Layers as declared.

use winspi_core::ws2_32::catalog::Fault;

use crate::script::build::Builder;
use crate::script::{LayerDeclaration, function, nearest};
use crate::syntax::tree;

impl Builder<'_> {
    pub(super) fn layer(&mut self, layer: &tree::Layer) {
        if self.script.layers.iter().any(|l| l.name == layer.name.text) {
            self.error(layer.name.span, format!("layer `{}` is declared twice", layer.name), None);
        }
        let mut ifs = None;
        for option in &layer.options {
            match option.name.as_str() {
                "ifs" if option.value.is_none() => ifs = Some(true),
                "non-ifs" if option.value.is_none() => ifs = Some(false),
                other => {
                    let what = format!("the option `{other}` of a layer");
                    self.not_carried_out(option.span, &what);
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
            self.script.layers.push(LayerDeclaration { name, ifs, over, hooks, breaks, span: layer.span });
        } else {
            self.not_carried_out(layer.span, "a layer over several protocols");
        }
    }
}
