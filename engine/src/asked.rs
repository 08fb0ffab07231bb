//! What elements show: their rows, and what is counted and told of all of them.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures::future::{try_join, try_join_all};
use model::{
    AnswerColumn, Code, ColumnSummary, ColumnType, Extent, FactsAnswer, FactsRequest, Group, Inspection, LookupAnswer,
    LookupOption, LookupRequest, MOST_LISTED, Place, Principal, QueryAnswer, QueryRequest, RowMeta, Total, Value, ValueCount,
};
use words::Message;

use crate::catalog::{Dataset, Input, Kind, SystemColumn, form_for};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::expr::Expr;
use crate::inspect::noting;
use crate::query::{
    Output, Plan, Shape, compile, compile_duplicates, compile_find, compile_places, compile_reduced, compile_summary,
    compile_totals, distance, nested, plan, plan_facts, plan_lookup,
};
use crate::sql::Sql;
use crate::warehouse::{Caller, Rows};

impl Engine {
    /// What an element shows to this person.
    ///
    /// Rows x columns of the window asked for; `total` is counted for tables only, else it is the number of rows.
    ///
    /// # Errors
    /// `AC004`, `QY001`, `QY002`, `QY003`, `QY005`, or the warehouse's.
    pub async fn query(
        &self,
        principal: &Principal,
        request: &QueryRequest,
        request_id: &str,
    ) -> Result<QueryAnswer, EngineError> {
        self.query_within(principal, request, request_id, Duration::MAX).await
    }

    /// The same, uncounted if counting takes longer than `patience`.
    ///
    /// # Errors
    /// As [`Engine::query`].
    pub async fn query_within(
        &self,
        principal: &Principal,
        request: &QueryRequest,
        request_id: &str,
        patience: Duration,
    ) -> Result<QueryAnswer, EngineError> {
        if !principal.inspects {
            return self.answer_within(principal, request, request_id, patience).await;
        }
        let begun = Instant::now();
        let (answer, statements) = noting(self.answer_within(principal, request, request_id, patience)).await;
        let server_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(QueryAnswer { inspection: Some(Inspection { statements, server_us }), ..answer? })
    }

    async fn answer_within(
        &self,
        principal: &Principal,
        request: &QueryRequest,
        request_id: &str,
        patience: Duration,
    ) -> Result<QueryAnswer, EngineError> {
        let workbook = self.find(principal, &request.workbook)?;
        let caller = Caller { principal, workbook: &workbook.id, element: &request.element, request_id };
        let access = self.access(&caller, &workbook).await?;
        let element = workbook.element(&request.element).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let mut plan = plan(&workbook, element, request, &access, self.binding(principal))?;
        let of_rows = request.under.is_some() || matches!(element.kind, Kind::Table { .. } | Kind::InputTable { .. });
        if request.values.is_some() && of_rows {
            return Ok(QueryAnswer {
                values: self.rows(&caller, &plan).await?.iter().map(|row| value_count(row)).collect(),
                ..QueryAnswer::default()
            });
        }
        if let Some(search) = &plan.find {
            let found = self.number(&caller, compile_find(&plan, search)).await?;
            return Ok(QueryAnswer { found, ..QueryAnswer::default() });
        }
        if !plan.summary.is_empty() {
            return Ok(QueryAnswer { summary: self.summary(&caller, &plan).await?, ..QueryAnswer::default() });
        }
        // One more than is given tells whether there are more.
        let most = plan.window.limit;
        plan.window.limit += u64::from(plan.shape != Shape::Rows);
        let counted = async {
            if plan.shape != Shape::Rows || request.uncounted && !request.places {
                return Ok(Counted::default());
            }
            let counting = self.counted(&caller, &plan);
            tokio::time::timeout(patience, counting).await.unwrap_or_else(|_| Ok(Counted::default()))
        };
        let (mut rows, Counted { total, totals, groups, extents }) = try_join(self.rows(&caller, &plan), counted).await?;
        let mut more = plan.shape != Shape::Rows && rows.len() as u64 > most;
        let mut drawn_from = None;
        if let Some(sql) = compile_reduced(&plan).filter(|_| more) {
            (rows, drawn_from) = self.reduced(&caller, &plan, sql).await?;
            more = rows.len() as u64 > most;
        }
        rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        let total = if plan.shape == Shape::Rows { total } else { Some(rows.len() as u64) };
        let sorted = !plan.sort.is_empty();
        let places = match total.and_then(distance).filter(|_| request.places && sorted) {
            Some(every) => Some(self.places(&caller, &plan, every).await?),
            None => None,
        };
        let meta = self.meta(&caller, &plan, &rows).await?;
        Ok(QueryAnswer { total, more, drawn_from, totals, groups, extents, places, meta, ..answer(&plan, &rows) })
    }

    async fn number(&self, caller: &Caller<'_>, sql: Sql) -> Result<Option<u64>, EngineError> {
        let rows = self.read(caller, sql, vec![ColumnType::Integer]).await?;
        Ok(rows.first().and_then(|row| counted(&row[0])))
    }

    /// What the columns asked for come to over the plan's window.
    async fn summary(&self, caller: &Caller<'_>, plan: &Plan<'_>) -> Result<Vec<ColumnSummary>, EngineError> {
        let types: Vec<ColumnType> = plan.summary.iter().flat_map(|(_, exprs)| exprs).map(|expr| expr.ty.clone()).collect();
        let rows = self.read(caller, compile_summary(plan), types).await?;
        let mut values = rows.into_iter().next().unwrap_or_default().into_iter();
        let column = |(column, exprs): &(String, Vec<Expr>)| {
            let mut found: Vec<Value> = values.by_ref().take(exprs.len()).collect();
            found.resize(4, Value::Null);
            let count = counted(&found[0]).unwrap_or(0);
            let [sum, min, max] = [&found[1], &found[2], &found[3]].map(Value::to_wire);
            ColumnSummary { column: column.clone(), count, sum, min, max }
        };
        Ok(plan.summary.iter().map(column).collect())
    }

    /// Rows of a table at even distances.
    async fn places(&self, caller: &Caller<'_>, plan: &Plan<'_>, every: u64) -> Result<Vec<Place>, EngineError> {
        let mut types: Vec<ColumnType> = plan.sort.iter().map(|sort| sort.expr.ty.clone()).collect();
        types.push(ColumnType::Integer);
        let rows = self.read(caller, compile_places(plan, every), types).await?;
        let place = |mut row: Vec<Value>| {
            let before = row.pop();
            let row_number = before.as_ref().and_then(counted).unwrap_or(0);
            Place { row: row_number, from: row.iter().map(Value::to_wire).collect() }
        };
        Ok(rows.into_iter().map(place).collect())
    }

    pub(crate) async fn rows(&self, caller: &Caller<'_>, plan: &Plan<'_>) -> Result<Vec<Vec<Value>>, EngineError> {
        let types: Vec<ColumnType> = plan.outputs.iter().map(|output| output.expr.ty.clone()).collect();
        self.read(caller, compile(plan), types).await
    }

    /// The marks that a line of very many is drawn from, and how many there are.
    async fn reduced(&self, caller: &Caller<'_>, plan: &Plan<'_>, sql: Sql) -> Result<(Rows, Option<u64>), EngineError> {
        let types = plan.outputs.iter().map(|output| output.expr.ty.clone()).chain([ColumnType::Integer]).collect();
        let mut rows = self.read(caller, sql, types).await?;
        let mut all = None;
        for row in &mut rows {
            all = row.pop();
        }
        Ok((rows, all.as_ref().and_then(counted)))
    }

    /// One statement of an element's; whoever asks the same meanwhile gets the same answer.
    async fn read(&self, caller: &Caller<'_>, sql: Sql, types: Vec<ColumnType>) -> Result<Rows, EngineError> {
        self.flights.read(&self.warehouse, caller, sql, types, self.heard.load(Ordering::SeqCst)).await
    }

    /// How many questions were answered by the read of another.
    #[must_use]
    pub fn joined(&self) -> u64 {
        self.flights.joined()
    }

    /// What the rows of an input table carry beside their cells.
    async fn meta(&self, caller: &Caller<'_>, plan: &Plan<'_>, rows: &[Vec<Value>]) -> Result<Vec<RowMeta>, EngineError> {
        let Dataset::Input(input) = plan.relation.dataset else {
            return Ok(Vec::new());
        };
        if plan.shape != Shape::Rows {
            return Ok(Vec::new());
        }
        let place = |name: &str| plan.outputs.iter().position(|output| output.name == name);
        let places: Vec<usize> = input.key.iter().filter_map(|(name, _)| place(name)).collect();
        let keys: Vec<Vec<Value>> = rows.iter().map(|row| places.iter().map(|i| row[*i].clone()).collect()).collect();
        let (read_only, threads) =
            try_join(self.read_only(caller, plan, input, &keys), self.threads(caller, input, &keys)).await?;
        let version = place(SystemColumn::Version.name());
        let version_of = |row: &[Value]| version.and_then(|i| if let Value::Integer(n) = row[i] { Some(n) } else { None });
        let meta = |((row, reason), threads): ((&Vec<Value>, Option<Message>), u64)| RowMeta {
            version: version_of(row).unwrap_or(0),
            read_only: reason.as_ref().map(Message::to_string),
            said: reason,
            threads,
        };
        Ok(rows.iter().zip(read_only).zip(threads).map(meta).collect())
    }

    /// Why nobody can type into rows of these keys.
    async fn read_only(
        &self,
        caller: &Caller<'_>,
        plan: &Plan<'_>,
        input: &Input,
        keys: &[Vec<Value>],
    ) -> Result<Vec<Option<Message>>, EngineError> {
        let incomplete = |key: &Vec<Value>| key.iter().any(Value::is_null);
        let complete: Vec<Vec<Value>> = keys.iter().filter(|key| !incomplete(key)).cloned().collect();
        let mut twice = Vec::new();
        if let Some(source) = input.source().filter(|source| !source.unique && !complete.is_empty()) {
            let types: Vec<ColumnType> = input.key.iter().map(|(_, ty)| ty.clone()).collect();
            twice = self.read(caller, compile_duplicates(plan, source, &complete), types).await?;
        }
        let reason = |key: &Vec<Value>| match () {
            () if incomplete(key) => Some(words::row_key_incomplete()),
            () if twice.contains(key) => Some(words::row_key_not_unique()),
            () => None,
        };
        Ok(keys.iter().map(reason).collect())
    }

    /// What a person may choose in a column that looks its values up in another source.
    ///
    /// # Errors
    /// `AC004` for a table, `QY001` for a column that the person may not know, or that looks nothing up.
    pub async fn lookup(
        &self,
        principal: &Principal,
        request: &LookupRequest,
        request_id: &str,
    ) -> Result<LookupAnswer, EngineError> {
        let workbook = self.find(principal, &request.workbook)?;
        let caller = Caller { principal, workbook: &workbook.id, element: &request.table, request_id };
        let access = self.access(&caller, &workbook).await?;
        let input = workbook.input(&request.table).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let plan = plan_lookup(input, request, &access, self.binding(principal))?;
        let mut rows = self.rows(&caller, &plan).await?;
        let more = rows.len() > MOST_LISTED;
        rows.truncate(MOST_LISTED);
        let option = |row: Vec<Value>| LookupOption {
            value: row.first().map_or(model::Raw::Null, Value::to_wire),
            label: row.get(1).map(Value::to_wire),
        };
        Ok(LookupAnswer { options: rows.into_iter().map(option).collect(), more })
    }

    /// What a form shows of the row that a value is looked up in; nothing where several rows would say different things.
    ///
    /// # Errors
    /// `AC004` for a form or a table of it that the person may not know, `QY001` for a field without facts.
    pub async fn facts(
        &self,
        principal: &Principal,
        request: &FactsRequest,
        request_id: &str,
    ) -> Result<FactsAnswer, EngineError> {
        let workbook = self.find(principal, &request.workbook)?;
        let caller = Caller { principal, workbook: &workbook.id, element: &request.form, request_id };
        let access = self.access(&caller, &workbook).await?;
        let (table, _, sections) =
            form_for(&workbook, principal, &access, &request.form).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let fields = sections.iter().flat_map(|section| section.fields_of(table, &request.table));
        let field = fields.into_iter().find(|field| field.column.name == request.column && !field.facts.is_empty());
        let facts = field.ok_or_else(|| EngineError::refused(Code::UnknownColumn))?.facts.iter().map(|fact| fact.name.clone());
        let facts: Vec<String> = facts.collect();
        let input = workbook.input(&request.table).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let plan = plan_facts(input, request, &facts, &access, self.binding(principal))?;
        let mut rows = self.rows(&caller, &plan).await?;
        let only = if rows.len() == 1 { rows.pop() } else { None };
        Ok(FactsAnswer { facts: only.map(|row| row.iter().map(Value::to_wire).collect()) })
    }

    /// What is told of all rows of a table.
    async fn counted(&self, caller: &Caller<'_>, plan: &Plan<'_>) -> Result<Counted, EngineError> {
        let levels = (0..plan.levels).map(|level| async move { self.rows(caller, &plan.groups(level)).await });
        let (counted, levels) = try_join(self.totals(caller, plan), try_join_all(levels)).await?;
        Ok(Counted { groups: nested(levels)?, ..counted })
    }

    /// How many rows of a table there are, and the plan's totals and extents over them.
    async fn totals(&self, caller: &Caller<'_>, plan: &Plan<'_>) -> Result<Counted, EngineError> {
        let mut types = vec![ColumnType::Integer];
        types.extend(plan.totals.iter().map(|total| total.expr.ty.clone()));
        types.extend(plan.extents.iter().flat_map(|(_, ends)| ends).map(|end| end.ty.clone()));
        let rows = self.read(caller, compile_totals(plan), types).await?;
        let mut values = rows.into_iter().next().unwrap_or_default().into_iter();
        let total = values.next().as_ref().and_then(counted);
        let mut next = || values.next().as_ref().map_or(model::Raw::Null, Value::to_wire);
        let one = |total: &Output| Total {
            column: total.name.clone(),
            label: total.label.clone(),
            ty: total.expr.ty.clone(),
            format: total.format,
            value: next(),
        };
        let totals = plan.totals.iter().map(one).collect();
        let extent = |(column, _): &(String, [Expr; 2])| Extent { column: column.clone(), min: next(), max: next() };
        let extents = plan.extents.iter().map(extent).collect();
        Ok(Counted { total, totals, groups: Vec::new(), extents })
    }
}

/// What is told of all rows of a table.
#[derive(Default)]
struct Counted {
    total: Option<u64>,
    totals: Vec<Total>,
    groups: Vec<Group>,
    extents: Vec<Extent>,
}

/// A number of rows, as a warehouse tells it.
fn counted(value: &Value) -> Option<u64> {
    if let Value::Integer(n) = value { Some(n.unsigned_abs()) } else { None }
}

fn value_count(row: &[Value]) -> ValueCount {
    let count = row.get(1).and_then(counted).unwrap_or(0);
    ValueCount { value: row.first().map_or(model::Raw::Null, Value::to_wire), count }
}

pub(crate) fn answer(plan: &Plan<'_>, rows: &[Vec<Value>]) -> QueryAnswer {
    let column = |output: &Output| AnswerColumn {
        name: output.name.clone(),
        label: output.label.clone(),
        ty: output.expr.ty.clone(),
        format: output.format,
    };
    let columns = plan.outputs.iter().map(column).collect();
    let rows = rows.iter().map(|row| row.iter().map(Value::to_wire).collect()).collect();
    QueryAnswer { columns, rows, offset: plan.window.offset, ..QueryAnswer::default() }
}
