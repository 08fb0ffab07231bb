//! A checked expression: every node knows its type, every decimal its scale.

use model::{ColumnType, Value};

#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    pub node: Node,
    pub ty: ColumnType,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Column(String),
    Literal(Value),
    /// `@user.name`, typed by what it is compared with; absent or ill-typed binds as NULL.
    Attribute(String),
    Tenant,
    UserId,
    Now,
    /// What is chosen in a control, by its id; put in when something is asked.
    Parameter(String),
    HasRole(String),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    IsNull(Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    InList(Box<Expr>, Vec<Expr>),
    /// `x in @user.regions`: the attribute is a list (a scalar counts as a list of one).
    InAttribute(Box<Expr>, String),
    Like(Box<Expr>, Box<Expr>),
    Case(Vec<(Expr, Expr)>, Option<Box<Expr>>),
    Call(Function, Vec<Expr>),
    Aggregate(Aggregate, Option<Box<Expr>>),
    /// A measure beside those of the other marks of a chart.
    Window(Window, Box<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    And,
    Or,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    /// Division by zero is NULL.
    Divide,
    Modulo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Coalesce,
    NullIf,
    /// To the scale of the result type, half away from zero.
    Round,
    Abs,
    Lower,
    Upper,
    Trim,
    Substr,
    Concat,
    Length,
    /// The unit is the first argument, a literal.
    DateTrunc,
    DatePart,
    /// What the clocks of a zone show at a point in time, and back. The zone is the second argument, a literal that was
    /// checked.
    ToZone,
    FromZone,
    /// The number at or below which a multiple of the second argument, a literal of the same type above nothing, begins.
    Bin,
    /// Some months after the first day of one, or some days later; the second argument is their number and the third the
    /// unit, both literals.
    Later,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    Sum,
    Avg,
    Min,
    Max,
    Count,
    CountDistinct,
    /// The mean of the two in the middle, or the one that is there.
    Median,
    /// The least value that at least so many ten-thousandths of the values are at or below.
    Percentile(u16),
}

/// What a measure is set beside: marks of the same colour in the order of x, or all marks of the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The sum from the first x to this one.
    RunningTotal,
    /// The sum of all marks.
    Total,
    /// 1 for the largest of its colour; those that are equal share a rank.
    Rank,
    /// That of the mark before.
    Previous,
    /// That of the same period, and colour, a year before.
    YearBefore,
}

impl Expr {
    #[must_use]
    pub fn new(node: Node, ty: ColumnType) -> Self {
        Self { node, ty }
    }

    #[must_use]
    pub fn integer(n: i64) -> Self {
        Self::new(Node::Literal(Value::Integer(n)), ColumnType::Integer)
    }

    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::new(Node::Literal(Value::Text(text.to_owned())), ColumnType::Text)
    }

    #[must_use]
    pub fn column(name: &str, ty: ColumnType) -> Self {
        Self::new(Node::Column(name.to_owned()), ty)
    }

    /// `a and b`, or the one that is there.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::new(Node::Binary(BinaryOp::And, Box::new(self), Box::new(other)), ColumnType::Boolean)
    }

    /// Whether a column has a value.
    #[must_use]
    pub fn column_is(name: &str, ty: ColumnType, value: Value) -> Self {
        let (column, value) = (Self::column(name, ty.clone()), Self::new(Node::Literal(value), ty));
        Self::new(Node::Binary(BinaryOp::Equal, Box::new(column), Box::new(value)), ColumnType::Boolean)
    }

    /// `a or b`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::new(Node::Binary(BinaryOp::Or, Box::new(self), Box::new(other)), ColumnType::Boolean)
    }

    /// Calls `visit` for this node and all below it.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        match &self.node {
            Node::Not(x)
            | Node::Negate(x)
            | Node::IsNull(x)
            | Node::InAttribute(x, _)
            | Node::Aggregate(_, Some(x))
            | Node::Window(_, x) => x.walk(visit),
            Node::Binary(_, a, b) | Node::Like(a, b) => {
                a.walk(visit);
                b.walk(visit);
            }
            Node::InList(x, list) => {
                x.walk(visit);
                list.iter().for_each(|item| item.walk(visit));
            }
            Node::Case(branches, otherwise) => {
                for (when, then) in branches {
                    when.walk(visit);
                    then.walk(visit);
                }
                if let Some(x) = otherwise {
                    x.walk(visit);
                }
            }
            Node::Call(_, args) => args.iter().for_each(|arg| arg.walk(visit)),
            Node::Column(_)
            | Node::Literal(_)
            | Node::Attribute(_)
            | Node::Tenant
            | Node::UserId
            | Node::Now
            | Node::Parameter(_)
            | Node::HasRole(_)
            | Node::Aggregate(_, None) => {}
        }
    }

    /// Names of the columns it reads.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.walk(&mut |x| {
            if let Node::Column(name) = &x.node {
                names.push(name.as_str());
            }
        });
        names
    }

    /// Names of the columns that its values are made of, and not only conditions on them.
    #[must_use]
    pub fn value_columns(&self) -> Vec<&str> {
        match &self.node {
            _ if self.ty == ColumnType::Boolean => Vec::new(),
            Node::Case(branches, otherwise) => {
                let values = branches.iter().map(|(_, then)| then).chain(otherwise.as_deref());
                values.flat_map(Self::value_columns).collect()
            }
            Node::Binary(_, a, b) => [a, b].into_iter().flat_map(|part| part.value_columns()).collect(),
            Node::Call(_, args) => args.iter().flat_map(Self::value_columns).collect(),
            _ => self.columns(),
        }
    }

    /// Ids of the controls that it calculates with.
    #[must_use]
    pub fn parameters(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.walk(&mut |x| {
            if let Node::Parameter(name) = &x.node {
                names.push(name.as_str());
            }
        });
        names
    }

    /// The same with what is chosen in its place.
    #[must_use]
    pub fn with_parameters(self, chosen: &impl Fn(&str) -> Value) -> Self {
        match &self.node {
            Node::Parameter(name) => Self::new(Node::Literal(chosen(name)), self.ty),
            _ => self.map_parts(|part| part.with_parameters(chosen)),
        }
    }

    /// Of an expression that cuts dates to periods: what they are cut to, such as `month`; for a fiscal one, which is made of
    /// months, `fiscal`.
    #[must_use]
    pub fn grain(&self) -> Option<&str> {
        let Node::Call(function, args) = &self.node else { return None };
        match (function, args.as_slice()) {
            (Function::FromZone, [local, _]) => local.grain(),
            (Function::Later, [cut, ..]) => cut.grain().map(|_| "fiscal"),
            (Function::DateTrunc, [Self { node: Node::Literal(Value::Text(unit)), .. }, _]) => Some(unit),
            _ => None,
        }
    }

    #[must_use]
    pub fn is_aggregate(&self) -> bool {
        self.has(|node| matches!(node, Node::Aggregate(..)))
    }

    /// Whether it sets a mark beside others, and so means nothing where there is only one.
    #[must_use]
    pub fn has_window(&self) -> bool {
        self.has(|node| matches!(node, Node::Window(..)))
    }

    /// Whether it looks at the marks of a year before.
    #[must_use]
    pub fn looks_back(&self) -> bool {
        self.has(|node| matches!(node, Node::Window(Window::YearBefore, _)))
    }

    /// Whether it is a part of what it is set beside: a share of the total, a change in percent.
    #[must_use]
    pub fn is_share(&self) -> bool {
        matches!(&self.node, Node::Binary(BinaryOp::Divide, _, by) if by.has_window())
    }

    pub(super) fn has(&self, is: impl Fn(&Node) -> bool) -> bool {
        let mut found = false;
        self.walk(&mut |x| found |= is(&x.node));
        found
    }

    /// Of an expression that cuts dates to periods, or numbers to bins: the beginning of the next one after the one that begins with
    /// `column`. `None` for any other expression.
    #[must_use]
    pub fn next_period(&self, column: &str) -> Option<Self> {
        if let Node::Call(Function::Bin, args) = &self.node {
            let begun = Box::new(Self::column(column, self.ty.clone()));
            let next = Node::Binary(BinaryOp::Add, begun, Box::new(args.get(1)?.clone()));
            return Some(Self::new(next, self.ty.clone()));
        }
        let next = |unit: &str| match unit {
            "year" => Some((12, "months")),
            "quarter" => Some((3, "months")),
            "month" => Some((1, "months")),
            "week" => Some((7, "days")),
            _ => Some((1, "days")),
        };
        self.later_than(Self::column(column, self.ty.clone()), &next)
    }

    /// Of an expression that cuts dates to months or what is made of them: the beginning of the same period a year before the
    /// one that begins with `column`. `None` for any other expression: weeks and leap days have no such period.
    #[must_use]
    pub fn year_before(&self, column: &str) -> Option<Self> {
        let before = |unit: &str| matches!(unit, "year" | "quarter" | "month").then_some((-12, "months"));
        self.later_than(Self::column(column, self.ty.clone()), &before)
    }

    /// `begun`, which is the beginning of a period, as much later as `step` says for the unit.
    fn later_than<'u>(&self, begun: Self, step: &impl Fn(&str) -> Option<(i64, &'u str)>) -> Option<Self> {
        let Node::Call(function, args) = &self.node else { return None };
        let in_zone = |function, x, zone: &Self| Self::new(Node::Call(function, vec![x, zone.clone()]), ColumnType::Timestamp);
        match (function, args.as_slice()) {
            (Function::FromZone, [local, zone]) => {
                let next = local.later_than(in_zone(Function::ToZone, begun, zone), step)?;
                Some(in_zone(Function::FromZone, next, zone))
            }
            (Function::Later, [cut, ..]) => cut.later_than(begun, step),
            (Function::DateTrunc, [Self { node: Node::Literal(Value::Text(unit)), .. }, _]) => {
                step(unit).map(|(count, unit)| begun.later(count, unit))
            }
            _ => None,
        }
    }

    /// So many `months` (of the first day of one) or `days` later.
    #[must_use]
    pub fn later(self, count: i64, unit: &str) -> Self {
        if count == 0 {
            return self;
        }
        let ty = self.ty.clone();
        Self::new(Node::Call(Function::Later, vec![self, Self::integer(count), Self::text(unit)]), ty)
    }

    /// The same expression with `change` made of each part that is right below it.
    #[must_use]
    pub fn map_parts(self, mut change: impl FnMut(Self) -> Self) -> Self {
        let mut boxed = |x: Box<Self>| Box::new(change(*x));
        let node = match self.node {
            Node::Not(x) => Node::Not(boxed(x)),
            Node::Negate(x) => Node::Negate(boxed(x)),
            Node::IsNull(x) => Node::IsNull(boxed(x)),
            Node::InAttribute(x, name) => Node::InAttribute(boxed(x), name),
            Node::Aggregate(kind, x) => Node::Aggregate(kind, x.map(boxed)),
            Node::Window(kind, x) => Node::Window(kind, boxed(x)),
            Node::Binary(op, a, b) => Node::Binary(op, boxed(a), boxed(b)),
            Node::Like(a, b) => Node::Like(boxed(a), boxed(b)),
            Node::InList(x, list) => Node::InList(boxed(x), list.into_iter().map(change).collect()),
            Node::Case(branches, otherwise) => {
                let otherwise = otherwise.map(&mut boxed);
                Node::Case(branches.into_iter().map(|(when, then)| (change(when), change(then))).collect(), otherwise)
            }
            Node::Call(function, args) => Node::Call(function, args.into_iter().map(change).collect()),
            node @ (Node::Column(_)
            | Node::Literal(_)
            | Node::Attribute(_)
            | Node::Tenant
            | Node::UserId
            | Node::Now
            | Node::Parameter(_)
            | Node::HasRole(_)) => node,
        };
        Self { node, ty: self.ty }
    }

    /// An aggregate of the values where `condition` is true only.
    #[must_use]
    pub fn only_where(self, condition: &Self) -> Self {
        let Node::Aggregate(kind, arg) = self.node else {
            return self.map_parts(|part| part.only_where(condition));
        };
        // Aggregates pass nulls over, so that a value which is null elsewhere is not there.
        let arg = arg.map_or_else(|| Self::integer(1), |arg| *arg);
        let ty = arg.ty.clone();
        let arg = Self::new(Node::Case(vec![(condition.clone(), arg)], None), ty);
        Self { node: Node::Aggregate(kind, Some(Box::new(arg))), ty: self.ty }
    }

    /// Where a row counts in any of its aggregates; `None` if all do in one of them.
    #[must_use]
    pub fn counts_where(&self) -> Option<Self> {
        let (mut all, mut conditions) = (false, Vec::new());
        self.walk(&mut |part| {
            let Node::Aggregate(_, arg) = &part.node else { return };
            match arg.as_ref().map(|arg| &arg.node) {
                Some(Node::Case(cases, None)) => conditions.extend(cases.iter().map(|(condition, _)| condition.clone())),
                _ => all = true,
            }
        });
        conditions.into_iter().reduce(Self::or).filter(|_| !all)
    }
}
