//! Names and types: what may stand where. Anything that is not known is an error at load, not at query time.

use model::{ColumnType, Value};
use sqlparser::ast::{self as sql, Spanned};
use sqlparser::tokenizer::Location;
use words::Message;

use super::ast::{BinaryOp, Expr, Node};
use super::functions;
use super::parse::{ExprError, check};

/// For what an expression is used; it decides what may stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// One value per row.
    Row,
    /// One value per group: columns only inside aggregates.
    Measure,
    /// A condition about the person alone: no columns.
    Person,
    /// A value about the person and the time, which may be an attribute of his as it is: no columns.
    Choice,
    /// One value over the fields of a form, which may be an attribute of the person as it is.
    Form,
}

/// The names an expression may use.
#[derive(Debug)]
pub struct Scope<'a> {
    pub columns: &'a [(String, ColumnType)],
    /// Measures that another may be made of.
    pub measures: &'a [(String, Expr)],
    /// Controls that may be named, as `@name`.
    pub parameters: &'a [(String, Parameter)],
    pub used: Use,
    /// By whose clocks days and hours are counted; an IANA name that there is.
    pub zone: &'a str,
    /// The month that a fiscal year begins with, 1 to 12.
    pub fiscal_year_starts: u32,
}

/// What the name of a control stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum Parameter {
    /// A value that is known when something is asked.
    Value(ColumnType),
    /// A text, such as the unit of `date_trunc`.
    Text(String),
    /// A measure, as its author wrote it.
    Measure(String),
}

type Checked = Result<Expr, ExprError>;

pub(super) fn check_expr(expr: &sql::Expr, scope: &Scope<'_>) -> Checked {
    let checked = Checker { scope, in_aggregate: false }.check(expr)?;
    if matches!(checked.node, Node::Attribute(_)) && !matches!(scope.used, Use::Choice | Use::Form) {
        return Err(attribute_misplaced(place(expr)));
    }
    Ok(checked)
}

pub(super) struct Checker<'a> {
    pub scope: &'a Scope<'a>,
    pub in_aggregate: bool,
}

pub(super) fn place(expr: &sql::Expr) -> Location {
    expr.span().start
}

pub(super) fn attribute_misplaced(at: Location) -> ExprError {
    ExprError::at(at, words::expr_attribute_place())
}

impl Checker<'_> {
    pub fn check(&self, expr: &sql::Expr) -> Checked {
        let at = place(expr);
        match expr {
            sql::Expr::Nested(inner) => self.check(inner),
            sql::Expr::Identifier(ident) => self.identifier(ident),
            sql::Expr::CompoundIdentifier(parts) => self.compound(parts, at),
            sql::Expr::Value(value) => literal(&value.value, at),
            sql::Expr::UnaryOp { op, expr: inner } => self.unary(*op, inner, at),
            sql::Expr::BinaryOp { left, op, right } => self.binary(left, op, right, at),
            sql::Expr::IsNull(inner) => self.is_null(inner),
            sql::Expr::IsNotNull(inner) => Ok(not(self.is_null(inner)?)),
            sql::Expr::IsTrue(inner) => self.is_truth(inner, true),
            sql::Expr::IsFalse(inner) => self.is_truth(inner, false),
            sql::Expr::Between { expr, negated, low, high } => {
                let above = self.compare(expr, BinaryOp::GreaterOrEqual, low)?;
                let below = self.compare(expr, BinaryOp::LessOrEqual, high)?;
                Ok(negate_if(*negated, above.and(below)))
            }
            sql::Expr::InList { expr, list, negated } => Ok(negate_if(*negated, self.in_list(expr, list, at)?)),
            sql::Expr::Like { negated, any: false, expr, pattern, escape_char: None } => {
                let (text, pattern) = (self.text(expr)?, self.text(pattern)?);
                Ok(negate_if(*negated, boolean(Node::Like(Box::new(text), Box::new(pattern)))))
            }
            sql::Expr::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), at)
            }
            sql::Expr::Function(function) => functions::call(self, function, at),
            sql::Expr::Substring { expr, substring_from, substring_for, .. } => {
                functions::substring(self, expr, substring_from.as_deref(), substring_for.as_deref(), at)
            }
            sql::Expr::Trim { trim_where: None, trim_what: None, expr, trim_characters: None } => functions::trim(self, expr),
            other => Err(ExprError::at(at, words::expr_not_part(other.to_string()))),
        }
    }

    fn identifier(&self, ident: &sql::Ident) -> Checked {
        let at = ident.span.start;
        match ident.value.as_str() {
            "@tenant" => return Ok(Expr::new(Node::Tenant, ColumnType::Text)),
            "@now" if self.scope.used == Use::Person => {
                return Err(ExprError::at(at, words::expr_now_place()));
            }
            "@now" => return Ok(Expr::new(Node::Now, ColumnType::Timestamp)),
            _ => {}
        }
        match ident.value.strip_prefix('@') {
            Some(parameter) => self.parameter(parameter, at),
            None => self.named(&ident.value, at),
        }
    }

    fn parameter(&self, name: &str, at: Location) -> Checked {
        let known = self.scope.parameters.iter().find(|(known, _)| known == name).map(|(_, parameter)| parameter);
        match known {
            Some(Parameter::Value(ty)) => Ok(Expr::new(Node::Parameter(name.to_owned()), ty.clone())),
            Some(Parameter::Text(text)) => Ok(Expr::text(text)),
            Some(Parameter::Measure(text)) if self.in_aggregate || self.scope.used != Use::Measure => {
                Err(ExprError::at(at, words::expr_measure_place(name, text)))
            }
            Some(Parameter::Measure(text)) => {
                let values = |(_, parameter): &&(String, Parameter)| !matches!(parameter, Parameter::Measure(_));
                let parameters: Vec<_> = self.scope.parameters.iter().filter(values).cloned().collect();
                // Its place in its own text is none in this one.
                let measure = check(text, &Scope { parameters: &parameters, ..*self.scope });
                measure.map_err(|error| ExprError::at(at, words::expr_of_option(text, error.message)))
            }
            None => {
                let names = self.scope.parameters.iter().map(|(known, _)| format!("@{known}"));
                let name = format!("@{name}");
                Err(ExprError::at(at, words::expr_unknown_name(name.as_str())).did_you_mean(&name, names))
            }
        }
    }

    fn named(&self, name: &str, at: Location) -> Checked {
        if self.scope.used == Use::Measure
            && !self.in_aggregate
            && let Some((_, measure)) = self.scope.measures.iter().find(|(measure, _)| measure == name)
        {
            return Ok(measure.clone());
        }
        match self.scope.used {
            Use::Person | Use::Choice => Err(ExprError::at(at, words::expr_column_place(name))),
            Use::Measure if !self.in_aggregate && self.knows(name) => Err(ExprError::at(at, words::expr_needs_aggregate(name))),
            _ => match self.scope.columns.iter().find(|(column, _)| column == name) {
                Some((_, ty)) => Ok(Expr::column(name, ty.clone())),
                None => {
                    let names = self.scope.columns.iter().map(|(column, _)| column);
                    Err(ExprError::at(at, words::expr_no_column(name)).did_you_mean(name, names))
                }
            },
        }
    }

    fn knows(&self, name: &str) -> bool {
        self.scope.columns.iter().any(|(column, _)| column == name)
    }

    /// An attribute of the person, or a column of a joined source.
    fn compound(&self, parts: &[sql::Ident], at: Location) -> Checked {
        match parts {
            [user, name] if user.value == "@user" && name.value == "id" => Ok(Expr::new(Node::UserId, ColumnType::Text)),
            [user, name] if user.value == "@user" => Ok(Expr::new(Node::Attribute(name.value.clone()), ColumnType::Text)),
            [join, column] if !join.value.starts_with('@') => self.named(&format!("{}.{}", join.value, column.value), at),
            _ => Err(ExprError::at(at, words::expr_dotted_name())),
        }
    }

    fn unary(&self, op: sql::UnaryOperator, inner: &sql::Expr, at: Location) -> Checked {
        match op {
            sql::UnaryOperator::Not => Ok(not(self.condition(inner)?)),
            sql::UnaryOperator::Plus => self.number(inner),
            sql::UnaryOperator::Minus => {
                let value = self.number(inner)?;
                let ty = value.ty.clone();
                Ok(Expr::new(Node::Negate(Box::new(value)), ty))
            }
            other => Err(ExprError::at(at, words::expr_operator(other.to_string()))),
        }
    }

    fn binary(&self, left: &sql::Expr, op: &sql::BinaryOperator, right: &sql::Expr, at: Location) -> Checked {
        use sql::BinaryOperator as B;
        let op = match op {
            B::And | B::Or => {
                let op = if *op == B::And { BinaryOp::And } else { BinaryOp::Or };
                let (a, b) = (self.condition(left)?, self.condition(right)?);
                return Ok(boolean(Node::Binary(op, Box::new(a), Box::new(b))));
            }
            B::Eq => return self.compare(left, BinaryOp::Equal, right),
            B::NotEq => return self.compare(left, BinaryOp::NotEqual, right),
            B::Lt => return self.compare(left, BinaryOp::Less, right),
            B::LtEq => return self.compare(left, BinaryOp::LessOrEqual, right),
            B::Gt => return self.compare(left, BinaryOp::Greater, right),
            B::GtEq => return self.compare(left, BinaryOp::GreaterOrEqual, right),
            B::Plus => BinaryOp::Add,
            B::Minus => BinaryOp::Subtract,
            B::Multiply => BinaryOp::Multiply,
            B::Divide => BinaryOp::Divide,
            B::Modulo => BinaryOp::Modulo,
            other => {
                return Err(ExprError::at(at, words::expr_operator(other.to_string())));
            }
        };
        let (a, b) = (self.number(left)?, self.number(right)?);
        let ty = arithmetic_type(op, &a.ty, &b.ty).map_err(|message| ExprError::at(at, message))?;
        Ok(Expr::new(Node::Binary(op, Box::new(a), Box::new(b)), ty))
    }

    fn compare(&self, left: &sql::Expr, op: BinaryOp, right: &sql::Expr) -> Checked {
        let (a, b) = self.same_kind(self.check(left)?, self.check(right)?, place(left))?;
        Ok(boolean(Node::Binary(op, Box::new(a), Box::new(b))))
    }

    /// Brings two sides to comparable types: an attribute takes the other side's, a text literal may be a date.
    pub fn same_kind(&self, a: Expr, b: Expr, at: Location) -> Result<(Expr, Expr), ExprError> {
        let (a, b) = match (&a.node, &b.node) {
            (Node::Attribute(_), _) => (Expr { ty: b.ty.clone(), ..a }, b),
            (_, Node::Attribute(_)) => {
                let ty = a.ty.clone();
                (a, Expr { ty, ..b })
            }
            (Node::Literal(_), _) => (coerce_literal(a, &b.ty, at)?, b),
            (_, Node::Literal(_)) => {
                let ty = a.ty.clone();
                (a, coerce_literal(b, &ty, at)?)
            }
            _ => (a, b),
        };
        if comparable(&a.ty, &b.ty) {
            Ok((a, b))
        } else {
            Err(ExprError::at(at, words::expr_incomparable(a.ty.said(), b.ty.said())))
        }
    }

    fn in_list(&self, expr: &sql::Expr, list: &[sql::Expr], at: Location) -> Checked {
        let mut needle = self.check(expr)?;
        if matches!(needle.node, Node::Attribute(_)) {
            needle.ty = ColumnType::Text;
        }
        if let [only] = list
            && let Node::Attribute(name) = self.check(only)?.node
        {
            return Ok(boolean(Node::InAttribute(Box::new(needle), name)));
        }
        let items = list
            .iter()
            .map(|item| Ok(self.same_kind(needle.clone(), self.check(item)?, at)?.1))
            .collect::<Result<Vec<_>, ExprError>>()?;
        Ok(boolean(Node::InList(Box::new(needle), items)))
    }

    fn is_null(&self, inner: &sql::Expr) -> Checked {
        Ok(boolean(Node::IsNull(Box::new(self.value(inner)?))))
    }

    fn is_truth(&self, inner: &sql::Expr, truth: bool) -> Checked {
        let condition = self.condition(inner)?;
        no_attributes(&condition, place(inner))?;
        let literal = |flag| Expr::new(Node::Literal(Value::Boolean(flag)), ColumnType::Boolean);
        let tested = if truth { condition } else { not(condition) };
        Ok(boolean(Node::Case(vec![(tested, literal(true))], Some(Box::new(literal(false))))))
    }

    fn case(&self, operand: Option<&sql::Expr>, whens: &[sql::CaseWhen], otherwise: Option<&sql::Expr>, at: Location) -> Checked {
        let mut conditions = Vec::new();
        let mut results = Vec::new();
        for when in whens {
            let condition = match operand {
                Some(operand) => self.compare(operand, BinaryOp::Equal, &when.condition)?,
                None => self.condition(&when.condition)?,
            };
            no_attributes(&condition, place(&when.condition))?;
            conditions.push(condition);
            results.push(self.value(&when.result)?);
        }
        if let Some(otherwise) = otherwise {
            results.push(self.value(otherwise)?);
        }
        let (mut results, ty) = unify(results, at)?;
        let otherwise = otherwise.map(|_| Box::new(results.pop().expect("pushed above")));
        Ok(Expr::new(Node::Case(conditions.into_iter().zip(results).collect(), otherwise), ty))
    }

    /// Any value that is not a bare attribute.
    pub fn value(&self, expr: &sql::Expr) -> Checked {
        let checked = self.check(expr)?;
        no_attributes(&checked, place(expr))?;
        Ok(checked)
    }

    pub fn condition(&self, expr: &sql::Expr) -> Checked {
        let checked = self.check(expr)?;
        match (&checked.node, &checked.ty) {
            (Node::Attribute(_), _) => Err(attribute_misplaced(place(expr))),
            (_, ColumnType::Boolean) => Ok(checked),
            (Node::Literal(Value::Null), _) => Ok(Expr { ty: ColumnType::Boolean, ..checked }),
            (_, other) => Err(ExprError::at(place(expr), words::expr_expected_condition(other.said()))),
        }
    }

    pub fn number(&self, expr: &sql::Expr) -> Checked {
        let checked = self.value(expr)?;
        if checked.ty.is_numeric() || checked.node == Node::Literal(Value::Null) {
            Ok(checked)
        } else {
            Err(ExprError::at(place(expr), words::expr_expected_number(checked.ty.said())))
        }
    }

    pub fn text(&self, expr: &sql::Expr) -> Checked {
        let checked = self.value(expr)?;
        match checked.ty {
            ColumnType::Text | ColumnType::Choice { .. } | ColumnType::Choices { .. } => Ok(checked),
            other => Err(ExprError::at(place(expr), words::expr_expected_text(other.said()))),
        }
    }
}

fn boolean(node: Node) -> Expr {
    Expr::new(node, ColumnType::Boolean)
}

fn not(expr: Expr) -> Expr {
    boolean(Node::Not(Box::new(expr)))
}

fn negate_if(negated: bool, expr: Expr) -> Expr {
    if negated { not(expr) } else { expr }
}

/// Attributes under `case`, `coalesce`, `nullif` or `is null` could turn "absent" into "all".
pub(super) fn no_attributes(expr: &Expr, at: Location) -> Result<(), ExprError> {
    let mut found = false;
    expr.walk(&mut |x| found |= matches!(x.node, Node::Attribute(_) | Node::InAttribute(..)));
    if found { Err(attribute_misplaced(at)) } else { Ok(()) }
}

fn literal(value: &sql::Value, at: Location) -> Checked {
    Ok(match value {
        sql::Value::Number(text, _) => match text.parse::<i64>() {
            Ok(n) => Expr::integer(n),
            Err(_) => {
                let scale = text.split_once('.').map_or(0, |(_, fraction)| fraction.len() as u32);
                let value = Value::decimal(text, scale).map_err(|e| ExprError::at(at, e.message().clone()))?;
                Expr::new(Node::Literal(value), ColumnType::Decimal { scale })
            }
        },
        sql::Value::SingleQuotedString(text) => Expr::text(text),
        sql::Value::Boolean(flag) => Expr::new(Node::Literal(Value::Boolean(*flag)), ColumnType::Boolean),
        sql::Value::Null => Expr::new(Node::Literal(Value::Null), ColumnType::Text),
        other => {
            return Err(ExprError::at(at, words::expr_not_part(other.to_string())));
        }
    })
}

/// A text literal beside a date is a date, or a mistake; NULL is of every type.
fn coerce_literal(expr: Expr, ty: &ColumnType, at: Location) -> Checked {
    let Node::Literal(value) = &expr.node else {
        return Ok(expr);
    };
    match (value, ty) {
        (Value::Null, _) => Ok(Expr { ty: ty.clone(), ..expr }),
        (Value::Text(text), ColumnType::Date | ColumnType::Timestamp) => {
            let value = Value::from_wire(&text.as_str().into(), ty)
                .map_err(|_| ExprError::at(at, words::expr_is_not(text, ty.said())))?;
            Ok(Expr::new(Node::Literal(value), ty.clone()))
        }
        (Value::Text(text), ColumnType::Choice { options }) if !options.contains(text) => {
            Err(ExprError::at(at, words::expr_not_one_of(text, options.join(", "))).did_you_mean(text, options))
        }
        _ => Ok(expr),
    }
}

fn is_text(ty: &ColumnType) -> bool {
    matches!(ty, ColumnType::Text | ColumnType::Choice { .. } | ColumnType::Choices { .. })
}

fn comparable(a: &ColumnType, b: &ColumnType) -> bool {
    a == b || (a.is_numeric() && b.is_numeric()) || (is_text(a) && is_text(b))
}

/// The type that holds every one of `exprs`; decimals are brought to the largest scale when rendered.
pub(super) fn unify(mut exprs: Vec<Expr>, at: Location) -> Result<(Vec<Expr>, ColumnType), ExprError> {
    let typed = exprs.iter().find(|x| x.node != Node::Literal(Value::Null)).map_or(ColumnType::Text, |x| x.ty.clone());
    let mut ty = typed;
    for expr in &mut exprs {
        if expr.node == Node::Literal(Value::Null) {
            continue;
        }
        *expr = coerce_literal(expr.clone(), &ty, at)?;
        ty = match (&ty, &expr.ty) {
            (a, b) if a == b => ty,
            (a, b) if is_text(a) && is_text(b) => ColumnType::Text,
            (a, b) if a.is_numeric() && b.is_numeric() => widest(a, b),
            (a, b) => {
                return Err(ExprError::at(at, words::expr_apart(a.said(), b.said())));
            }
        };
    }
    for expr in exprs.iter_mut().filter(|x| x.node == Node::Literal(Value::Null)) {
        expr.ty = ty.clone();
    }
    Ok((exprs, ty))
}

/// What a division that must not lose its fraction gives, even one of whole numbers.
pub(super) fn ratio(a: Expr, b: Expr) -> Expr {
    let ty = match widest(&a.ty, &b.ty) {
        ColumnType::Float => ColumnType::Float,
        _ => ColumnType::Decimal { scale: scale_of(&a.ty).max(6) },
    };
    Expr::new(Node::Binary(BinaryOp::Divide, Box::new(a), Box::new(b)), ty)
}

pub(super) fn scale_of(ty: &ColumnType) -> u32 {
    if let ColumnType::Decimal { scale } = ty { *scale } else { 0 }
}

fn widest(a: &ColumnType, b: &ColumnType) -> ColumnType {
    match (a, b) {
        (ColumnType::Float, _) | (_, ColumnType::Float) => ColumnType::Float,
        (ColumnType::Integer, ColumnType::Integer) => ColumnType::Integer,
        _ => ColumnType::Decimal { scale: scale_of(a).max(scale_of(b)) },
    }
}

/// Decimals: `+ -` keep the larger scale, `*` adds the scales, `/` has the left scale but at least 6.
fn arithmetic_type(op: BinaryOp, a: &ColumnType, b: &ColumnType) -> Result<ColumnType, Message> {
    let both = widest(a, b);
    match (op, &both) {
        (BinaryOp::Modulo, ColumnType::Integer) => Ok(both),
        (BinaryOp::Modulo, _) => Err(words::expr_modulo()),
        (BinaryOp::Multiply, ColumnType::Decimal { .. }) => match scale_of(a) + scale_of(b) {
            scale @ 0..=12 => Ok(ColumnType::Decimal { scale }),
            scale => Err(words::expr_product_decimals(scale)),
        },
        (BinaryOp::Divide, ColumnType::Decimal { .. }) => Ok(ColumnType::Decimal { scale: scale_of(a).max(6) }),
        _ => Ok(both),
    }
}
