//! Layers and their rules.

use super::parser::{Parsed, Parser};
use super::tree::{Layer, Notes, Rule, RuleAction, RuleKind};

impl Parser<'_> {
    /// `Layer <- 'layer' NAME Options? 'over' NAME (',' NAME)* Rules?`
    pub(super) fn layer(&mut self) -> Parsed<Layer> {
        let start = self.start();
        self.want("layer")?;
        let name = self.name("a name")?;
        let options = self.options_if_any()?;
        self.want("over")?;
        let over = self.listed(|parser| parser.name("a protocol or layer"))?;
        let rules = if self.at("{") {
            Some(self.braces(Self::rule, Self::rule)?)
        } else {
            self.hint("`{`");
            None
        };
        Ok(Layer { span: self.span_from(start), notes: Notes::default(), name, options, over, rules })
    }

    /// `Rule <- 'hooks' NAME (',' NAME)* / 'count' 'bytes' / 'breaks' WORD
    /// / 'on' NAME ('to' NETWORK)? ('=>' NAME / 'redirect' ADDRESS / 'transform' 'xor' NUMBER)`
    fn rule(&mut self) -> Parsed<Rule> {
        let start = self.start();
        let kind = if self.eat("hooks") {
            RuleKind::Hooks(self.listed(|parser| parser.name("a function"))?)
        } else if self.eat("count") {
            self.want("bytes")?;
            RuleKind::CountBytes
        } else if self.eat("breaks") {
            RuleKind::Breaks(self.word("the name of a duty")?)
        } else if self.eat("on") {
            let function = self.name("a function")?;
            let to = if self.eat("to") { Some(self.network("an address")?) } else { None };
            if to.is_none() {
                self.hint("`to`");
            }
            RuleKind::On { function, to, action: self.rule_action()? }
        } else {
            self.advise_near(&["hooks", "count", "breaks", "on"]);
            for word in ["`hooks`", "`on`", "`count`"] {
                self.hint(word);
            }
            return self.fail("`breaks`");
        };
        Ok(Rule { span: self.span_from(start), notes: Notes::default(), kind })
    }

    /// `('=>' NAME / 'redirect' ADDRESS / 'transform' 'xor' NUMBER)`
    fn rule_action(&mut self) -> Parsed<RuleAction> {
        if self.eat("=>") {
            return Ok(RuleAction::Answer(self.name("the name of an error")?));
        }
        if self.eat("redirect") {
            return Ok(RuleAction::Redirect(self.address("an address")?));
        }
        if self.eat("transform") {
            self.want("xor")?;
            return Ok(RuleAction::TransformXor(self.number("a number")?));
        }
        self.hint("`=>`");
        self.hint("`redirect`");
        self.fail("`transform`")
    }
}
