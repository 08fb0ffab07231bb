//! Renders a checked expression for SQLite, with PostgreSQL's meaning.
//!
//! Decimals are integers of minor units, so every operation aligns scales itself; dates and timestamps are fixed-width
//! text, so they compare as text; `like` is case-sensitive by a pragma that each connection sets; `inlay_lower`,
//! `inlay_upper` and `inlay_divide` are ours (`warehouse/functions.rs`). <https://www.sqlite.org/lang_corefunc.html>

use chrono::NaiveDateTime;
use model::{Attribute, ColumnType, Principal, Value};

use super::ast::{Aggregate, BinaryOp, Expr, Function, Node};
use super::check::scale_of;
use crate::sql::{Sql, quote};

/// What the `@` names stand for, and under which alias the columns are.
#[derive(Clone, Copy, Debug)]
pub struct Binding<'a> {
    pub principal: &'a Principal,
    pub now: NaiveDateTime,
    pub alias: &'a str,
}

/// Renders `expr`; every value of the person or the author is a bind.
#[must_use]
pub fn render(expr: &Expr, binding: Binding<'_>) -> Sql {
    let mut sql = Sql::default();
    Renderer { binding, sql: &mut sql }.expr(expr);
    sql
}

struct Renderer<'a> {
    binding: Binding<'a>,
    sql: &'a mut Sql,
}

impl Renderer<'_> {
    fn expr(&mut self, expr: &Expr) {
        match &expr.node {
            Node::Column(name) => {
                let column = format!("{}.{}", self.binding.alias, quote(name));
                self.sql.push(&column);
            }
            Node::Literal(value) => self.bind(value.clone()),
            Node::Attribute(name) => self.bind(self.attribute(name, &expr.ty)),
            Node::Tenant => self.bind(Value::Text(self.binding.principal.tenant.clone())),
            Node::UserId => self.bind(Value::Text(self.binding.principal.user.clone())),
            Node::Now => self.bind(Value::Timestamp(self.binding.now)),
            Node::HasRole(role) => self.bind(Value::Boolean(self.binding.principal.has_role(role))),
            Node::Not(x) => self.wrapped("(not ", &[x], ")"),
            Node::Negate(x) => self.wrapped("(-", &[x], ")"),
            Node::IsNull(x) => self.wrapped("(", &[x], " is null)"),
            Node::Like(text, pattern) => {
                self.wrapped("(", &[text], " like ");
                self.wrapped("", &[pattern], " escape '\\')");
            }
            Node::InList(x, list) => self.in_list(x, list),
            Node::InAttribute(x, name) => self.in_attribute(x, name),
            Node::Binary(op, a, b) => self.binary(*op, a, b, &expr.ty),
            Node::Case(branches, otherwise) => self.case(branches, otherwise.as_deref(), &expr.ty),
            Node::Call(function, args) => self.call(*function, args, &expr.ty),
            Node::Aggregate(kind, arg) => self.aggregate(*kind, arg.as_deref(), &expr.ty),
        }
    }

    fn bind(&mut self, value: Value) {
        self.sql.bind(value);
    }

    fn push(&mut self, text: &str) {
        self.sql.push(text);
    }

    fn wrapped(&mut self, before: &str, list: &[&Expr], after: &str) {
        self.push(before);
        for (i, expr) in list.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.expr(expr);
        }
        self.push(after);
    }

    /// One attribute as a value of `ty`; anything else than a fitting scalar is NULL.
    fn attribute(&self, name: &str, ty: &ColumnType) -> Value {
        match self.binding.principal.attributes.get(name) {
            Some(Attribute::One(raw)) => Value::from_wire(raw, ty).unwrap_or(Value::Null),
            _ => Value::Null,
        }
    }

    fn in_attribute(&mut self, x: &Expr, name: &str) {
        let raws = match self.binding.principal.attributes.get(name) {
            Some(Attribute::Many(raws)) => raws.clone(),
            Some(Attribute::One(raw)) => vec![raw.clone()],
            None => Vec::new(),
        };
        let values: Vec<Value> =
            raws.iter().filter_map(|raw| Value::from_wire(raw, &x.ty).ok()).filter(|v| !v.is_null()).collect();
        if values.is_empty() {
            // Nobody is in an empty list; NULL rather than FALSE, so that `not` admits nobody either.
            self.wrapped("(", &[x], " in (");
            self.bind(Value::Null);
            return self.push("))");
        }
        self.wrapped("(", &[x], " in (");
        for (i, value) in values.into_iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.bind(value);
        }
        self.push("))");
    }

    fn in_list(&mut self, x: &Expr, list: &[Expr]) {
        let scale = list.iter().map(|item| scale_of(&item.ty)).max().unwrap_or(0).max(scale_of(&x.ty));
        let ty = common(&x.ty, scale, list.iter().any(|item| item.ty == ColumnType::Float));
        self.push("(");
        self.cast(x, &ty);
        self.push(" in (");
        for (i, item) in list.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.cast(item, &ty);
        }
        self.push("))");
    }

    fn binary(&mut self, op: BinaryOp, a: &Expr, b: &Expr, ty: &ColumnType) {
        let word = match op {
            BinaryOp::And => " and ",
            BinaryOp::Or => " or ",
            BinaryOp::Equal => " = ",
            BinaryOp::NotEqual => " <> ",
            BinaryOp::Less => " < ",
            BinaryOp::LessOrEqual => " <= ",
            BinaryOp::Greater => " > ",
            BinaryOp::GreaterOrEqual => " >= ",
            BinaryOp::Add => " + ",
            BinaryOp::Subtract => " - ",
            BinaryOp::Multiply => " * ",
            BinaryOp::Modulo => " % ",
            BinaryOp::Divide => return self.divide(a, b, ty),
        };
        let operand = match op {
            BinaryOp::Add | BinaryOp::Subtract => ty.clone(),
            // A product of minor units has the sum of the scales; only floats need both sides alike.
            BinaryOp::Multiply if *ty != ColumnType::Float => {
                self.push("(");
                self.expr(a);
                self.push(word);
                self.expr(b);
                return self.push(")");
            }
            BinaryOp::Multiply | BinaryOp::Modulo => ty.clone(),
            _ if a.ty.is_numeric() && b.ty.is_numeric() => {
                let float = a.ty == ColumnType::Float || b.ty == ColumnType::Float;
                common(&a.ty, scale_of(&a.ty).max(scale_of(&b.ty)), float)
            }
            _ => a.ty.clone(),
        };
        self.push("(");
        self.cast(a, &operand);
        self.push(word);
        self.cast(b, &operand);
        self.push(")");
    }

    fn divide(&mut self, a: &Expr, b: &Expr, ty: &ColumnType) {
        match ty {
            ColumnType::Decimal { scale } => {
                let power = 10_i128.pow(scale + scale_of(&b.ty) - scale_of(&a.ty));
                self.wrapped("inlay_divide(", &[a, b], &format!(", {power})"));
            }
            _ => {
                self.push("(");
                self.cast(a, ty);
                self.push(" / nullif(");
                self.cast(b, ty);
                self.push(", 0))");
            }
        }
    }

    fn case(&mut self, branches: &[(Expr, Expr)], otherwise: Option<&Expr>, ty: &ColumnType) {
        self.push("case");
        for (when, then) in branches {
            self.push(" when ");
            self.expr(when);
            self.push(" then ");
            self.cast(then, ty);
        }
        if let Some(otherwise) = otherwise {
            self.push(" else ");
            self.cast(otherwise, ty);
        }
        self.push(" end");
    }

    /// Renders `expr` in the representation of `ty`: more decimals, or a float.
    fn cast(&mut self, expr: &Expr, ty: &ColumnType) {
        let from = scale_of(&expr.ty);
        match ty {
            ColumnType::Float if expr.ty != ColumnType::Float => {
                self.wrapped("(", &[expr], &format!(" / 1{}.0)", "0".repeat(from as usize)));
            }
            ColumnType::Decimal { scale } if expr.ty.is_numeric() && *scale > from => {
                self.wrapped("(", &[expr], &format!(" * 1{})", "0".repeat((scale - from) as usize)));
            }
            _ => self.expr(expr),
        }
    }

    fn call(&mut self, function: Function, args: &[Expr], ty: &ColumnType) {
        let name = match function {
            Function::Coalesce => return self.coalesce(args, ty),
            Function::NullIf => return self.null_if(&args[0], &args[1]),
            Function::Round => return self.round(&args[0], scale_of(ty)),
            Function::DateTrunc => return self.date_trunc(&args[0], &args[1]),
            Function::DatePart => return self.date_part(&args[0], &args[1]),
            Function::Abs => "abs(",
            Function::Lower => "inlay_lower(",
            Function::Upper => "inlay_upper(",
            Function::Trim => "trim(",
            Function::Substr => "substr(",
            Function::Concat => "concat(",
            Function::Length => "length(",
        };
        self.wrapped(name, &args.iter().collect::<Vec<_>>(), ")");
    }

    fn coalesce(&mut self, args: &[Expr], ty: &ColumnType) {
        if let [only] = args {
            return self.cast(only, ty);
        }
        self.push("coalesce(");
        for (i, arg) in args.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.cast(arg, ty);
        }
        self.push(")");
    }

    fn null_if(&mut self, a: &Expr, b: &Expr) {
        self.push("(case when ");
        self.binary(BinaryOp::Equal, a, b, &ColumnType::Boolean);
        self.wrapped(" then null else ", &[a], " end)");
    }

    fn round(&mut self, x: &Expr, digits: u32) {
        let power = 10_i64.pow(scale_of(&x.ty) - digits);
        self.wrapped("inlay_divide(", &[x], &format!(", {power}, 1)"));
    }

    fn date_trunc(&mut self, unit: &Expr, x: &Expr) {
        let modifiers = match unit_of(unit) {
            "year" => ", 'start of year')",
            "month" => ", 'start of month')",
            "week" => ", '-6 days', 'weekday 1')",
            "quarter" => {
                self.wrapped("date(", &[x], ", 'start of month', printf('-%d months', (cast(strftime('%m', ");
                self.wrapped("", &[x], ") as integer) - 1) % 3))");
                return self.end_of_trunc(x);
            }
            _ => ")",
        };
        self.wrapped("date(", &[x], modifiers);
        self.end_of_trunc(x);
    }

    fn end_of_trunc(&mut self, x: &Expr) {
        if x.ty == ColumnType::Timestamp {
            self.push(" || 'T00:00:00.000000Z'");
        }
    }

    fn date_part(&mut self, unit: &Expr, x: &Expr) {
        let format = match unit_of(unit) {
            "year" => "%Y",
            "month" => "%m",
            "week" => "%V",
            "day" => "%d",
            "dow" => "%w",
            "hour" => "%H",
            "minute" => "%M",
            _ => return self.wrapped("((cast(strftime('%m', ", &[x], ") as integer) + 2) / 3)"),
        };
        self.wrapped(&format!("cast(strftime('{format}', "), &[x], ") as integer)");
    }

    fn aggregate(&mut self, kind: Aggregate, arg: Option<&Expr>, ty: &ColumnType) {
        let Some(arg) = arg else {
            return self.push("count(*)");
        };
        let open = match kind {
            Aggregate::Sum => "sum(",
            Aggregate::Min => "min(",
            Aggregate::Max => "max(",
            Aggregate::Count => "count(",
            Aggregate::CountDistinct => "count(distinct ",
            Aggregate::Avg if *ty == ColumnType::Float => "avg(",
            Aggregate::Avg => return self.average(arg, scale_of(ty)),
        };
        self.wrapped(open, &[arg], ")");
    }

    fn average(&mut self, arg: &Expr, scale: u32) {
        let power = 10_i64.pow(scale - scale_of(&arg.ty));
        self.wrapped("inlay_divide(sum(", &[arg], "), count(");
        self.wrapped("", &[arg], &format!("), {power})"));
    }
}

fn common(ty: &ColumnType, scale: u32, float: bool) -> ColumnType {
    match ty {
        _ if float => ColumnType::Float,
        ty if !ty.is_numeric() => ty.clone(),
        ColumnType::Float => ColumnType::Float,
        _ if scale > 0 => ColumnType::Decimal { scale },
        ty => ty.clone(),
    }
}

fn unit_of(expr: &Expr) -> &str {
    match &expr.node {
        Node::Literal(Value::Text(text)) => text,
        _ => unreachable!("the checker admits literal units only"),
    }
}
