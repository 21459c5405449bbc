//! The section "values" of the grammar.

use super::cursor::Place;
use super::parser::{Parsed, Parser};
use super::tree::{Argument, Field, FieldValue, Name, Path, PathStep, Value, ValueKind};

const A_VALUE: &str = "a value";

impl Parser<'_> {
    /// `Arguments <- '(' JOIN((Argument (',' Argument)*)? ')')`, those by name behind the others.
    pub(super) fn arguments(&mut self) -> Parsed<Vec<Argument>> {
        self.enter("(", true)?;
        let mut arguments = Vec::new();
        if !self.at(")") {
            self.next_argument(&mut arguments)?;
            while self.eat(",") {
                self.next_argument(&mut arguments)?;
            }
            self.hint("`,`");
        }
        self.leave(")")?;
        Ok(arguments)
    }

    fn next_argument(&mut self, arguments: &mut Vec<Argument>) -> Parsed<()> {
        let start = self.start();
        let argument = self.argument()?;
        if argument.name.is_none() && arguments.last().is_some_and(|before| before.name.is_some()) {
            return self.refuse_order(start, arguments);
        }
        arguments.push(argument);
        Ok(())
    }

    fn refuse_order(&mut self, start: Place, before: &[Argument]) -> Parsed<()> {
        let name = before.last().and_then(|argument| argument.name.as_ref()).map_or("", Name::as_str);
        let advice = format!("put it before `{name}=`, or give it by name");
        self.refuse(
            start,
            self.last,
            "an argument without a name stands behind one with a name".to_string(),
            Some(advice),
        )
    }

    /// `Argument <- FIELD '=' Value / Value`
    fn argument(&mut self) -> Parsed<Argument> {
        let start = self.start();
        let name = self.field_name_and_equal();
        let value = self.value()?;
        Ok(Argument { span: self.span_from(start), name, value })
    }

    /// `Value <- Both ('|' Both)*`
    pub(super) fn value(&mut self) -> Parsed<Value> {
        self.operands("|", Self::both, ValueKind::Or)
    }

    /// `Both <- Altered ('&' Altered)*`
    fn both(&mut self) -> Parsed<Value> {
        self.operands("&", Self::altered, ValueKind::And)
    }

    fn operands(
        &mut self,
        operator: &str,
        operand: fn(&mut Self) -> Parsed<Value>,
        all: fn(Vec<Value>) -> ValueKind,
    ) -> Parsed<Value> {
        let start = self.start();
        let first = operand(self);
        if first.is_err() || !self.at(operator) {
            return first;
        }
        let mut values: Vec<Value> = first.into_iter().collect();
        while self.eat(operator) {
            values.push(operand(self)?);
        }
        Ok(Value { span: self.span_from(start), kind: all(values) })
    }

    /// `Altered <- Plain ('with' Struct)?`
    fn altered(&mut self) -> Parsed<Value> {
        let start = self.start();
        let value = self.plain();
        if value.is_err() || !self.at("with") { value } else { self.with(start, value?) }
    }

    /// `'with' Struct`
    fn with(&mut self, start: Place, value: Value) -> Parsed<Value> {
        self.want("with")?;
        let value = Box::new(value);
        let changes = self.structure()?;
        Ok(Value { span: self.span_from(start), kind: ValueKind::With { value, changes } })
    }

    /// `Plain <- 'guid' STRING / STRING / ADDRESS / VERSION / TIME / NUMBER / List / Struct / '(' JOIN(Value ')') / CONSTANT / Path`
    fn plain(&mut self) -> Parsed<Value> {
        let start = self.start();
        // What nests is apart from what does not, so that little stack is taken for each level.
        let kind = match self.cursor.byte() {
            Some(b'[') if !self.at_ip6() => self.list().map(ValueKind::List),
            Some(b'{') => self.structure().map(ValueKind::Struct),
            Some(b'(') => self.group(),
            _ if self.at_name() => self.path(),
            _ => self.leaf(),
        };
        kind.map(|kind| Value { span: self.span_from(start), kind })
    }

    /// `'guid' STRING / STRING / ADDRESS / VERSION / TIME / NUMBER / CONSTANT`
    fn leaf(&mut self) -> Parsed<ValueKind> {
        match self.cursor.byte() {
            Some(b'"') => return self.string(A_VALUE).map(ValueKind::String),
            Some(b'0'..=b'9' | b'-') => return self.numeric(),
            Some(b'[') => return self.address(A_VALUE).map(ValueKind::Address),
            _ => {}
        }
        if self.eat("guid") {
            return self.string("a string").map(ValueKind::Guid);
        }
        match self.constant() {
            Some(constant) => Ok(constant),
            // Here it fails, and says why.
            None => self.path(),
        }
    }

    /// `CONSTANT <- 'TRUE' / 'FALSE' / 'NULL' / 'bad'`
    fn constant(&mut self) -> Option<ValueKind> {
        let constants = [
            ("TRUE", ValueKind::True),
            ("FALSE", ValueKind::False),
            ("NULL", ValueKind::Null),
            ("bad", ValueKind::Bad),
        ];
        constants.into_iter().find(|(word, _)| self.eat(word)).map(|(_, kind)| kind)
    }

    /// `'(' JOIN(Value ')')`
    fn group(&mut self) -> Parsed<ValueKind> {
        self.enter("(", true)?;
        let value = self.value()?;
        self.leave(")")?;
        Ok(ValueKind::Group(Box::new(value)))
    }

    /// `Path <- NAME Arguments? ('.' FIELD / '[' JOIN(Value ']'))*`
    fn path(&mut self) -> Parsed<ValueKind> {
        let name = self.name(A_VALUE)?;
        let mut path = Path { name, arguments: None, steps: Vec::new() };
        if self.at("(") {
            path.arguments = Some(self.arguments()?);
        }
        while let Some(step) = self.step()? {
            path.steps.push(step);
        }
        Ok(ValueKind::Path(path))
    }

    /// `'.' FIELD / '[' JOIN(Value ']')`, if it is there.
    fn step(&mut self) -> Parsed<Option<PathStep>> {
        if self.eat(".") {
            return self.field_name("a field").map(|name| Some(PathStep::Field(name)));
        }
        if self.at("[") { self.index().map(|index| Some(PathStep::Index(index))) } else { Ok(None) }
    }

    /// `'[' JOIN(Value ']')`
    fn index(&mut self) -> Parsed<Value> {
        self.enter("[", true)?;
        let value = self.value()?;
        self.leave("]")?;
        Ok(value)
    }

    /// `List <- '[' JOIN((Value (',' Value)*)? ']')`
    fn list(&mut self) -> Parsed<Vec<Value>> {
        self.join("[", "]", Self::value)
    }

    /// `Struct <- '{' JOIN((Field '=' Value (',' Field '=' Value)*)? '}')`
    fn structure(&mut self) -> Parsed<Vec<FieldValue>> {
        self.join("{", "}", |parser| {
            let start = parser.start();
            let field = parser.field()?;
            parser.want("=")?;
            let value = parser.value()?;
            Ok(FieldValue { span: parser.span_from(start), field, value })
        })
    }

    /// `Field <- FIELD ('[' JOIN(Value ']'))?`
    pub(super) fn field(&mut self) -> Parsed<Field> {
        let start = self.start();
        let name = self.field_name("a field")?;
        let index = if self.at("[") { Some(self.index()?) } else { None };
        Ok(Field { span: self.span_from(start), name, index })
    }

    /// A value that stands where a list or structure would be read in another way: it gets parentheses.
    pub(super) fn value_in_group(&mut self) -> Parsed<Value> {
        let start = self.start();
        // No bracket stands here: lines are joined only where they were already.
        self.deeper(start, "(", false)?;
        let value = self.value()?;
        self.shallower();
        let kind = ValueKind::Group(Box::new(value));
        Ok(Value { span: self.span_from(start), kind })
    }
}
