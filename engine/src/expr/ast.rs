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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    Sum,
    Avg,
    Min,
    Max,
    Count,
    CountDistinct,
}

impl Expr {
    #[must_use]
    pub fn new(node: Node, ty: ColumnType) -> Self {
        Self { node, ty }
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

    /// `a or b`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::new(Node::Binary(BinaryOp::Or, Box::new(self), Box::new(other)), ColumnType::Boolean)
    }

    /// Calls `visit` for this node and all below it.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        match &self.node {
            Node::Not(x) | Node::Negate(x) | Node::IsNull(x) | Node::InAttribute(x, _) | Node::Aggregate(_, Some(x)) => {
                x.walk(visit);
            }
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

    #[must_use]
    pub fn is_aggregate(&self) -> bool {
        let mut found = false;
        self.walk(&mut |x| found |= matches!(x.node, Node::Aggregate(..)));
        found
    }
}
