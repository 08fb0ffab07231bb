//! What can be known of a source's SELECT without running it: which tables it reads, whether its key is unique, and
//! whether asking for one key reads one group.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, GroupByExpr, Query, Select, SelectItem, SetExpr, SetOperator, SetQuantifier, Statement, Value, visit_expressions,
    visit_relations,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

/// Facts of one SELECT; what can't be told is not claimed.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Facts {
    /// Names of the tables that it reads, without schemas; `None` if that can't be told.
    pub tables: Option<BTreeSet<String>>,
    /// Output columns that together are unique, because it groups by them.
    pub grouped_by: Option<Vec<String>>,
    /// Why a condition on its rows can't be moved into it, so that every edit would read all of it.
    pub reads_whole: Option<&'static str>,
}

/// Looks at the author's text; an engine may understand more than this parser does, so a failure is no mistake.
pub(super) fn facts(sql: &str) -> Facts {
    let Ok(statements) = Parser::parse_sql(&GenericDialect {}, sql) else {
        return Facts::default();
    };
    let [Statement::Query(query)] = statements.as_slice() else {
        return Facts::default();
    };
    let mut tables = BTreeSet::new();
    let _ = visit_relations(query, |name| {
        let last = name.0.last().and_then(|part| part.as_ident());
        tables.extend(last.map(|ident| ident.value.clone()));
        ControlFlow::<()>::Continue(())
    });
    let select = if let SetExpr::Select(select) = query.body.as_ref() { Some(select.as_ref()) } else { None };
    Facts { tables: Some(tables), grouped_by: select.and_then(grouped_by), reads_whole: reads_whole(query, select) }
}

/// The names of the outputs that the GROUP BY stands for, by place, alias or the very expression.
fn grouped_by(select: &Select) -> Option<Vec<String>> {
    let GroupByExpr::Expressions(groups, modifiers) = &select.group_by else {
        return None;
    };
    if groups.is_empty() || !modifiers.is_empty() {
        return None;
    }
    groups.iter().map(|group| select.projection.iter().enumerate().find_map(|(i, item)| output(group, i, item))).collect()
}

fn output(group: &Expr, place: usize, item: &SelectItem) -> Option<String> {
    let (expr, name) = match item {
        SelectItem::UnnamedExpr(expr) => (expr, column(expr)?),
        SelectItem::ExprWithAlias { expr, alias } => (expr, alias.value.clone()),
        _ => return None,
    };
    let by_place = matches!(group, Expr::Value(v) if matches!(&v.value, Value::Number(n, _) if *n == (place + 1).to_string()));
    let by_name = column(group).is_some_and(|group| group == name);
    (by_place || by_name || group == expr).then_some(name)
}

fn column(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(ident) => Some(ident.value.clone()),
        Expr::CompoundIdentifier(parts) => parts.last().map(|ident| ident.value.clone()),
        _ => None,
    }
}

fn reads_whole(query: &Query, select: Option<&Select>) -> Option<&'static str> {
    if query.limit_clause.is_some() || query.fetch.is_some() {
        return Some("a LIMIT");
    }
    let mut window = false;
    let _ = visit_expressions(query, |expr| {
        window |= matches!(expr, Expr::Function(function) if function.over.is_some());
        ControlFlow::<()>::Continue(())
    });
    if window {
        return Some("a window function");
    }
    let all = |query: &Query| {
        matches!(query.body.as_ref(), SetExpr::SetOperation { op: SetOperator::Union, set_quantifier: SetQuantifier::All, .. })
    };
    if select.is_none() && !all(query) {
        return Some("a set operation other than UNION ALL");
    }
    query.with.as_ref().filter(|with| with.recursive).map(|_| "a recursive WITH")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sql: &str, tables: &[&str], grouped_by: Option<&[&str]>, reads_whole: Option<&'static str>) {
        let expect = Facts {
            tables: Some(tables.iter().map(|name| (*name).to_owned()).collect()),
            grouped_by: grouped_by.map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
            reads_whole,
        };
        assert_eq!(facts(sql), expect, "{sql}");
    }

    #[test]
    fn a_grouping_is_found_by_place_alias_and_expression() {
        check(
            "select region, date(d) as month, sum(x) as y from orders group by 1, 2",
            &["orders"],
            Some(&["region", "month"]),
            None,
        );
        check(
            "select o.region, date(d) as m, sum(x) as y from s.orders o group by o.region, m",
            &["orders"],
            Some(&["region", "m"]),
            None,
        );
        check("select date(d) as m, sum(x) from a join b on a.id = b.id group by date(d)", &["a", "b"], Some(&["m"]), None);
    }

    #[test]
    fn a_grouping_by_what_is_not_shown_is_no_key() {
        check("select sum(x) as y from orders group by region", &["orders"], None, None);
        check("select region, sum(x) as y from orders group by rollup(region)", &["orders"], None, None);
        check("select region from orders", &["orders"], None, None);
    }

    #[test]
    fn what_keeps_a_condition_outside_is_named() {
        check("select a from t limit 5", &["t"], None, Some("a LIMIT"));
        check("select a, row_number() over (order by a) as n from t", &["t"], None, Some("a window function"));
        check("select a from t union select a from u", &["t", "u"], None, Some("a set operation other than UNION ALL"));
        check("select a from t union all select a from (select a from u) x", &["t", "u"], None, None);
    }

    #[test]
    fn nothing_is_claimed_of_what_is_not_understood() {
        assert_eq!(facts("select a from t where ("), Facts::default());
        assert_eq!(facts("delete from t"), Facts::default());
    }
}
