//! Renders a checked expression as SQL with PostgreSQL's meaning: the traversal, which every dialect shares. What they do
//! differently is in `sqlite` and `postgres`.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use model::{Attribute, ColumnType, Principal, Value};

use super::ast::{Aggregate, BinaryOp, Expr, Function, Node, Window};
use super::check::scale_of;
use super::{postgres, sqlite};
use crate::sql::{Dialect, Sql, quote};

/// What the `@` names stand for, and under which alias the columns are.
#[derive(Clone, Copy, Debug)]
pub struct Binding<'a> {
    pub principal: &'a Principal,
    pub now: NaiveDateTime,
    pub alias: &'a str,
    pub dialect: Dialect,
    /// The dimensions of the marks that a window looks at: x, then what their colour is made of.
    pub dimensions: &'a [String],
    /// Columns under the alias whose own type is another than the catalog's, with its name in the engine.
    pub natives: Option<&'a Natives>,
}

/// What the marks of a year before are called, beside those that look back at them.
pub(crate) const BEFORE: &str = "b";

/// The engine's own types of columns, by column, where they differ from what the catalog says of them.
pub type Natives = BTreeMap<String, String>;

/// Renders `expr`; every value of the person or the author is a bind.
#[must_use]
pub fn render(expr: &Expr, binding: Binding<'_>) -> Sql {
    let mut sql = Sql::default();
    Renderer { binding, sql: &mut sql }.expr(expr);
    sql
}

pub(super) struct Renderer<'a> {
    binding: Binding<'a>,
    sql: &'a mut Sql,
}

impl Renderer<'_> {
    pub(super) fn expr(&mut self, expr: &Expr) {
        match &expr.node {
            Node::Column(name) => {
                let native = self.binding.natives.and_then(|natives| natives.get(name));
                let column = column(self.binding.dialect, self.binding.alias, name, &expr.ty, native);
                self.sql.push(&column);
            }
            Node::Literal(value) => self.bind(value.clone(), &expr.ty),
            Node::Attribute(name) => self.bind(self.attribute(name, &expr.ty), &expr.ty),
            Node::Tenant => self.bind(Value::Text(self.binding.principal.tenant.clone()), &expr.ty),
            Node::UserId => self.bind(Value::Text(self.binding.principal.user.clone()), &expr.ty),
            Node::Now => self.bind(Value::Timestamp(self.binding.now), &expr.ty),
            // The plan has put the values in; one that it forgot is no value.
            Node::Parameter(_) => self.bind(Value::Null, &expr.ty),
            Node::HasRole(role) => self.bind(Value::Boolean(self.binding.principal.has_role(role)), &expr.ty),
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
            Node::Window(kind, measure) => self.window(*kind, measure),
        }
    }

    /// A null keeps its type where the engine asks for one.
    fn bind(&mut self, value: Value, ty: &ColumnType) {
        match self.binding.dialect {
            Dialect::Postgres if value.is_null() => drop(self.sql.push("null::").push(postgres::type_name(ty))),
            _ => drop(self.sql.bind(value)),
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.sql.push(text);
    }

    pub(super) fn wrapped(&mut self, before: &str, list: &[&Expr], after: &str) {
        self.push(before);
        self.list(list, |renderer, expr| renderer.expr(expr));
        self.push(after);
    }

    /// `items` with commas between them.
    fn list<T>(&mut self, items: impl IntoIterator<Item = T>, each: impl Fn(&mut Self, T)) {
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            each(self, item);
        }
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
        let mut values: Vec<Value> = raws.iter().map(|raw| Value::from_wire(raw, &x.ty).unwrap_or(Value::Null)).collect();
        if values.is_empty() {
            // Nobody is in an empty list; NULL rather than FALSE, so that `not` admits nobody either. An item that does not
            // fit is NULL too, for the same reason.
            values.push(Value::Null);
        }
        self.wrapped("(", &[x], " in (");
        self.list(values, |renderer, value| renderer.bind(value, &x.ty));
        self.push("))");
    }

    fn in_list(&mut self, x: &Expr, list: &[Expr]) {
        let scale = list.iter().map(|item| scale_of(&item.ty)).max().unwrap_or(0).max(scale_of(&x.ty));
        let ty = common(&x.ty, scale, list.iter().any(|item| item.ty == ColumnType::Float));
        self.push("(");
        self.cast(x, &ty);
        self.push(" in (");
        self.list(list, |renderer, item| renderer.cast(item, &ty));
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
            BinaryOp::Modulo if self.binding.dialect == Dialect::Postgres => return postgres::modulo(self, a, b, ty),
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
        match self.binding.dialect {
            Dialect::Sqlite => sqlite::divide(self, a, b, ty),
            Dialect::Postgres => postgres::divide(self, a, b, ty),
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
    pub(super) fn cast(&mut self, expr: &Expr, ty: &ColumnType) {
        match self.binding.dialect {
            Dialect::Sqlite => sqlite::cast(self, expr, ty),
            Dialect::Postgres => postgres::cast(self, expr, ty),
        }
    }

    fn call(&mut self, function: Function, args: &[Expr], ty: &ColumnType) {
        match function {
            Function::Coalesce => return self.coalesce(args, ty),
            Function::NullIf => return self.null_if(&args[0], &args[1]),
            _ => {}
        }
        match self.binding.dialect {
            Dialect::Sqlite => sqlite::call(self, function, args, ty),
            Dialect::Postgres => postgres::call(self, function, args, ty),
        }
    }

    fn coalesce(&mut self, args: &[Expr], ty: &ColumnType) {
        if let [only] = args {
            return self.cast(only, ty);
        }
        self.push("coalesce(");
        self.list(args, |renderer, arg| renderer.cast(arg, ty));
        self.push(")");
    }

    fn null_if(&mut self, a: &Expr, b: &Expr) {
        self.push("(case when ");
        self.binary(BinaryOp::Equal, a, b, &ColumnType::Boolean);
        self.wrapped(" then null else ", &[a], " end)");
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
            Aggregate::Median => return self.median(arg, ty),
            Aggregate::Percentile(share) => return self.percentile(arg, share),
        };
        self.wrapped(open, &[arg], ")");
    }

    /// <https://www.postgresql.org/docs/current/functions-window.html>, which SQLite follows.
    fn window(&mut self, kind: Window, measure: &Expr) {
        let column = |name: &String| format!("{}.{}", self.binding.alias, quote(name));
        let mut dimensions = self.binding.dimensions.iter().map(column);
        let x = dimensions.next().map_or_else(String::new, |x| format!("order by {x} nulls last"));
        let colours: Vec<String> = dimensions.collect();
        let of_colour = if colours.is_empty() { String::new() } else { format!("partition by {} ", colours.join(", ")) };
        match kind {
            Window::RunningTotal => {
                let frame = "rows between unbounded preceding and current row";
                self.wrapped("sum(", &[measure], &format!(") over ({of_colour}{x} {frame})"));
            }
            Window::Total => self.wrapped("sum(", &[measure], ") over ()"),
            Window::YearBefore => {
                self.sql.append(render(measure, Binding { alias: BEFORE, ..self.binding }));
            }
            Window::Previous => self.wrapped("lag(", &[measure], &format!(") over ({of_colour}{x})")),
            Window::Rank => {
                self.wrapped("case when ", &[measure], &format!(" is not null then rank() over ({of_colour}order by "));
                self.wrapped("", &[measure], " desc nulls last) end");
            }
        }
    }

    fn median(&mut self, arg: &Expr, ty: &ColumnType) {
        match self.binding.dialect {
            Dialect::Sqlite => sqlite::median(self, arg, ty),
            Dialect::Postgres => postgres::median(self, arg, ty),
        }
    }

    /// `share` in ten-thousandths.
    fn percentile(&mut self, arg: &Expr, share: u16) {
        match self.binding.dialect {
            Dialect::Sqlite => self.wrapped("inlay_percentile(", &[arg], &format!(", {share})")),
            Dialect::Postgres => postgres::percentile(self, arg, share),
        }
    }

    fn average(&mut self, arg: &Expr, scale: u32) {
        match self.binding.dialect {
            Dialect::Sqlite => sqlite::average(self, arg, scale),
            Dialect::Postgres => self.wrapped("round(avg(", &[arg], &format!("), {scale})")),
        }
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

/// How much later `Later` is, as both engines write an interval.
pub(super) fn interval_of(args: &[Expr]) -> String {
    match &args[1].node {
        Node::Literal(Value::Integer(count)) => format!("{count:+} {}", literal_of(&args[2])),
        _ => unreachable!("the checker puts a literal there"),
    }
}

/// A column as the catalog types it.
pub(crate) fn column(dialect: Dialect, alias: &str, name: &str, ty: &ColumnType, native: Option<&String>) -> String {
    let plain = format!("{alias}.{}", quote(name));
    match (dialect, native) {
        (Dialect::Postgres, Some(native)) => postgres::from_native(&plain, ty, native),
        _ => plain,
    }
}

/// A unit or a zone.
pub(super) fn literal_of(expr: &Expr) -> &str {
    match &expr.node {
        Node::Literal(Value::Text(text)) => text,
        _ => unreachable!("the checker admits only literals there"),
    }
}
