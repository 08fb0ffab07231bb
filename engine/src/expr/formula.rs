//! A checked expression as a formula that needs no warehouse, for forms: the browser evaluates it while somebody types, and
//! the server again.

use model::{Attribute, Calculation, ColumnType, Comparison, Formula, Principal, Raw, Unit, Value};

use super::ast::{BinaryOp, Expr, Function, Node};
use super::render::literal_of;

/// Whether a form can hold the expression.
///
/// # Errors
/// What in it is a matter for the warehouse alone.
pub fn check_formula(expr: &Expr) -> Result<(), &'static str> {
    let mut found = Ok(());
    expr.walk(&mut |x| {
        let left_out = match &x.node {
            // Both are as the database's locale has them.
            Node::Binary(op, a, _) if comparison(*op).is_some_and(is_order) && a.ty.is_text() => "which of two texts comes first",
            Node::Call(Function::Lower | Function::Upper, _) => "`lower` and `upper`",
            Node::Call(Function::Later | Function::Bin, _) => "fiscal periods",
            _ => return,
        };
        found = Err(left_out);
    });
    found
}

/// The expression with what it says of the person as values. What [`check_formula`] refuses becomes null.
#[must_use]
pub fn formula(expr: &Expr, person: &Principal) -> Formula {
    let one = |x: &Expr| Box::new(formula(x, person));
    let many = |list: &[Expr]| list.iter().map(|x| formula(x, person)).collect::<Vec<_>>();
    let null = || Formula::Literal(Raw::Null, expr.ty.clone());
    match &expr.node {
        Node::Column(name) => Formula::Field(name.clone()),
        Node::Literal(value) => Formula::Literal(value.to_wire(), expr.ty.clone()),
        Node::Attribute(name) => match person.attributes.get(name) {
            Some(Attribute::One(raw)) => Formula::Literal(raw.clone(), expr.ty.clone()),
            _ => null(),
        },
        Node::Tenant => text(&person.tenant),
        Node::UserId => text(&person.user),
        Node::Now => Formula::Now,
        Node::Parameter(name) => Formula::Control(name.clone()),
        Node::HasRole(role) => Formula::Literal(Raw::Bool(person.has_role(role)), ColumnType::Boolean),
        Node::Not(x) => Formula::Not(one(x)),
        Node::Negate(x) => Formula::Negate(one(x)),
        Node::IsNull(x) => Formula::IsNull(one(x)),
        Node::Binary(BinaryOp::And, a, b) => Formula::And(one(a), one(b)),
        Node::Binary(BinaryOp::Or, a, b) => Formula::Or(one(a), one(b)),
        Node::Binary(op, a, b) => match (comparison(*op), calculation(*op)) {
            (Some(how), _) => Formula::Compare(how, one(a), one(b)),
            (_, Some(how)) => Formula::Calculate(how, one(a), one(b), expr.ty.clone()),
            _ => null(),
        },
        Node::InList(x, list) => Formula::In(one(x), many(list)),
        Node::InAttribute(x, name) => {
            let raws = person.attributes.get(name).map(Attribute::raws).unwrap_or_default();
            let mut list: Vec<Formula> = raws.iter().map(|raw| Formula::Literal(raw.clone(), x.ty.clone())).collect();
            // As in the warehouse: nobody is in an empty list, and not in what is not known either.
            if list.is_empty() {
                list.push(Formula::Literal(Raw::Null, x.ty.clone()));
            }
            Formula::In(one(x), list)
        }
        Node::Like(value, pattern) => Formula::Like(one(value), one(pattern)),
        Node::Case(branches, otherwise) => {
            let branches = branches.iter().map(|(when, then)| (formula(when, person), formula(then, person))).collect();
            Formula::Case(branches, otherwise.as_deref().map(one), expr.ty.clone())
        }
        Node::Call(function, args) => match (function, args.as_slice()) {
            (Function::Coalesce, args) => Formula::Coalesce(many(args), expr.ty.clone()),
            (Function::NullIf, [a, b]) => Formula::NullIf(one(a), one(b)),
            (Function::Round, [x, ..]) => {
                Formula::Round(one(x), if let ColumnType::Decimal { scale } = expr.ty { scale } else { 0 })
            }
            (Function::Abs, [x]) => Formula::Abs(one(x)),
            (Function::Trim, [x]) => Formula::Trim(one(x)),
            (Function::Length, [x]) => Formula::Length(one(x)),
            (Function::Concat, args) => Formula::Concat(many(args)),
            (Function::Substr, [x, rest @ ..]) => {
                let mut numbers = rest.iter().map(|arg| match &arg.node {
                    Node::Literal(Value::Integer(n)) => usize::try_from(*n).unwrap_or(0),
                    _ => 0,
                });
                Formula::Substr(one(x), numbers.next().unwrap_or(1), numbers.next())
            }
            (Function::DateTrunc, [cut, x]) => unit(cut).map_or_else(null, |unit| Formula::Trunc(unit, one(x))),
            (Function::DatePart, [part, x]) => unit(part).map_or_else(null, |unit| Formula::Part(unit, one(x))),
            (Function::ToZone, [x, _]) => Formula::Local(one(x)),
            (Function::FromZone, [x, _]) => Formula::Utc(one(x)),
            _ => null(),
        },
        Node::Aggregate(..) | Node::Window(..) => null(),
    }
}

fn text(text: &str) -> Formula {
    Formula::Literal(Raw::from(text), ColumnType::Text)
}

fn is_order(how: Comparison) -> bool {
    !matches!(how, Comparison::Equal | Comparison::NotEqual)
}

fn comparison(op: BinaryOp) -> Option<Comparison> {
    Some(match op {
        BinaryOp::Equal => Comparison::Equal,
        BinaryOp::NotEqual => Comparison::NotEqual,
        BinaryOp::Less => Comparison::Less,
        BinaryOp::LessOrEqual => Comparison::LessOrEqual,
        BinaryOp::Greater => Comparison::Greater,
        BinaryOp::GreaterOrEqual => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

fn calculation(op: BinaryOp) -> Option<Calculation> {
    Some(match op {
        BinaryOp::Add => Calculation::Add,
        BinaryOp::Subtract => Calculation::Subtract,
        BinaryOp::Multiply => Calculation::Multiply,
        BinaryOp::Divide => Calculation::Divide,
        BinaryOp::Modulo => Calculation::Modulo,
        _ => return None,
    })
}

fn unit(expr: &Expr) -> Option<Unit> {
    Some(match literal_of(expr) {
        "year" => Unit::Year,
        "quarter" => Unit::Quarter,
        "month" => Unit::Month,
        "week" => Unit::Week,
        "day" => Unit::Day,
        "dow" => Unit::Dow,
        "hour" => Unit::Hour,
        "minute" => Unit::Minute,
        _ => return None,
    })
}
