//! Sources and input tables: their columns, keys, policies, measures and rules.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;
use model::file::{self, InputTable, RowPolicy, TypeName, column_type};
use model::{ColumnType, FileRules, FileType, Format, Pattern, Value, validate};

use super::{Compiler, ScopeColumns, below, humanize};
use crate::catalog::document::{Severity, Step, at};
use crate::catalog::select;
use crate::catalog::{
    Body, Column, Computed, Dataset, Input, InputColumn, InputKind, Lookup, Measure, Policy, ReadOnly, Rule, Source,
    SystemColumn, Workbook,
};
use crate::expr::{Expr, Natives, Use, nearest};
use crate::import::{FirstRows, MOST_FIRST_ROWS, first_rows};
use crate::sql::unqualified;
use crate::warehouse::{DescribedColumn, Warehouse};

/// Asking more often is what `inlay watch` is for.
const LEAST_REFRESH_S: u32 = 5;

/// Names and types, for expressions over these columns.
fn scope_of(columns: &[Column]) -> ScopeColumns {
    columns.iter().map(|column| (column.name.clone(), column.ty.clone())).collect()
}

/// Megabytes of a file, at most and if its author does not say.
const MOST_MB: u32 = 100;
const SOME_MB: u32 = 10;

impl Compiler<'_> {
    pub(super) async fn source(&mut self, name: &str, file: &file::Source, warehouse: &dyn Warehouse) -> Option<Source> {
        let at = at!["sources", name];
        self.identifier(&at, name);
        let body = match (&file.table, &file.sql) {
            (Some(table), None) => Body::Table(table.clone()),
            (None, Some(sql)) => Body::Sql(sql.trim().trim_end_matches(';').to_owned()),
            _ => {
                self.mistakes.push(self.doc.mistake_at_key(&at!["sources"], name, "a source has either `table` or `sql`"));
                return None;
            }
        };
        let found = match warehouse.describe(&body).await {
            Ok(found) => found,
            Err(error) => {
                let part = if file.table.is_some() { "table" } else { "sql" };
                self.mistake(&at!["sources", name, part], format!("the warehouse can't read this: {error}"));
                return None;
            }
        };
        let names: Vec<String> = found.columns.iter().map(|column| column.name.clone()).collect();
        let why = |column: &DescribedColumn| Some((column.name.clone(), column.read_only?));
        let read_only = ReadOnly { rows: found.read_only, columns: found.columns.iter().filter_map(why).collect() };
        for declared in file.columns.keys().filter(|declared| !names.contains(*declared)) {
            let mut mistake =
                self.doc.mistake_at_key(&at!["sources", name, "columns"], declared, format!("there is no column `{declared}`"));
            mistake.hint = nearest(declared, &names).map(|near| format!("did you mean `{near}`?"));
            self.mistakes.push(mistake);
        }
        let mut columns = Vec::new();
        let mut natives = Natives::new();
        let filled = found.columns.iter().filter(|column| column.filled).map(|column| column.name.clone()).collect();
        for found in found.columns {
            if let Some(column) = self.source_column(name, &found.name, found.ty.clone(), file.columns.get(&found.name)) {
                let same = found.ty.as_ref().is_some_and(|ty| ty == &column.ty || ty.is_text() && column.ty.is_text());
                natives.extend(found.native.filter(|_| !(found.plain && same)).map(|native| (found.name, native)));
                columns.push(column);
            }
        }
        for (i, key) in file.key.iter().enumerate().filter(|(_, key)| !names.contains(*key)) {
            self.unknown(&at!["sources", name, "key", i], "column", key, &names);
        }
        let scope = scope_of(&columns);
        let (read, write) = self.policies(&at!["sources", name, "rows"], file.rows.as_ref(), &scope);
        if file.rows.as_ref().is_some_and(|rows| rows.delete.is_some()) {
            self.mistake(&at!["sources", name, "rows", "delete"], "rows can be deleted from an empty input table only");
        }
        let (unique, tables) = self.look_into(name, &body, &file.key, found.unique);
        if file.refresh_s.is_some_and(|every| every < LEAST_REFRESH_S) {
            self.mistake(&at!["sources", name, "refresh_s"], format!("`refresh_s` is {LEAST_REFRESH_S} seconds or more"));
        }
        let (key, refresh_s) = (file.key.clone(), file.refresh_s);
        Some(Source {
            name: name.into(),
            body,
            key,
            read,
            write,
            columns,
            joins: Vec::new(),
            measures: Vec::new(),
            unique,
            tables,
            natives,
            filled,
            read_only,
            refresh_s,
        })
    }

    /// Whether the key is unique by construction, and which tables are read; warns if one key can't be asked for alone.
    fn look_into(
        &mut self,
        name: &str,
        body: &Body,
        key: &[String],
        mut unique: Vec<Vec<String>>,
    ) -> (bool, Option<BTreeSet<String>>) {
        let tables = match body {
            Body::Table(table) => Some(BTreeSet::from([unqualified(table).to_owned()])),
            Body::Sql(sql) => {
                let facts = select::facts(sql);
                unique.extend(facts.grouped_by);
                if let Some(why) = facts.reads_whole.filter(|_| !key.is_empty()) {
                    let mut warning = self.doc.mistake(
                        &at!["sources", name, "sql"],
                        format!("this SELECT has {why}, so every edit of one of its rows reads all of them"),
                    );
                    warning.severity = Severity::Warning;
                    self.warnings.push(warning);
                }
                facts.tables
            }
        };
        (unique.iter().any(|columns| columns.iter().all(|column| key.contains(column))), tables)
    }

    fn source_column(
        &mut self,
        source: &str,
        name: &str,
        found: Option<ColumnType>,
        declared: Option<&file::SourceColumn>,
    ) -> Option<Column> {
        let at = at!["sources", source, "columns", name];
        let default = file::SourceColumn::default();
        let declared = declared.unwrap_or(&default);
        let ty = match declared.ty {
            Some(ty) => match column_type(ty, declared.scale, declared.options.as_deref()) {
                Ok(ty) => ty,
                Err(message) => {
                    self.mistake(&at, message);
                    // The file is refused; a type all the same keeps this from being told again wherever the column is used.
                    ColumnType::Decimal { scale: 2 }
                }
            },
            None => match found {
                Some(ty) => ty,
                None => {
                    self.mistake(&at, format!("the warehouse gives no type for column `{name}`; declare one under `columns`"));
                    return None;
                }
            },
        };
        let hide_unless = declared
            .hide_unless
            .as_deref()
            .and_then(|text| self.condition(&at!["sources", source, "columns", name, "hide_unless"], text, &[], Use::Person));
        let label = declared.label.clone().unwrap_or_else(|| humanize(name));
        Some(Column { name: name.into(), label, ty, format: declared.format, hide_unless })
    }

    /// No `rows` is open; with `rows`, what is not said is denied.
    fn policies(&mut self, at: &[Step], rows: Option<&RowPolicy>, scope: &[(String, ColumnType)]) -> (Policy, Option<Policy>) {
        let Some(rows) = rows else {
            return (Policy::Open, None);
        };
        let mut one = |which: &str, text: &Option<String>| {
            let path: Vec<Step> = at.iter().cloned().chain([Step::from(which)]).collect();
            let text = text.as_deref()?;
            let rows = |expr| Policy::Rows { expr, text: text.to_owned() };
            Some(self.condition(&path, text, scope, Use::Row).map_or(Policy::Denied, rows))
        };
        let read = one("read", &rows.read).unwrap_or(Policy::Denied);
        (read, one("write", &rows.write))
    }

    pub(super) fn measures(&mut self, at: &[Step], file: &IndexMap<String, file::Measure>, of: Dataset<'_>) -> Vec<Measure> {
        let mut measures = Vec::new();
        for (name, measure) in file {
            let path: Vec<Step> = at.iter().cloned().chain([Step::from(name)]).collect();
            let Some(mut found) = self.measure(&path, name, measure.expression(), &measures, of) else {
                continue;
            };
            if let Some(filter) = measure.filter()
                && let Some(condition) = self.shown_condition(&below(&path, "filter"), filter, &of.scope())
            {
                found.expr = found.expr.only_where(&condition);
            }
            name.clone_into(&mut found.name);
            found.label = humanize(name);
            if let file::Measure::Described(described) = measure {
                found.label = described.label.clone().unwrap_or(found.label);
                found.format = described.format.or(found.format);
            }
            measures.push(found);
        }
        measures
    }

    /// A measure by name, or an aggregate expression; its format is that of the column it sums, if it says none.
    pub(super) fn measure(&mut self, at: &[Step], name: &str, text: &str, known: &[Measure], of: Dataset<'_>) -> Option<Measure> {
        let (text, label) = self.option_of(text);
        let labelled = |measure: Measure| Measure { label: label.clone().unwrap_or(measure.label), ..measure };
        if let Some(measure) = known.iter().find(|measure| measure.name == text) {
            return Some(labelled(measure.clone()));
        }
        let scope = of.scope();
        let looks_like_name = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if looks_like_name && !scope.iter().any(|(column, _)| *column == text) {
            self.unknown(at, "measure", &text, known.iter().map(|measure| &measure.name));
            return None;
        }
        let measures: Vec<(String, Expr)> = known.iter().map(|measure| (measure.name.clone(), measure.expr.clone())).collect();
        let expr = self.shown_expression(at, &text, &scope, &measures, Use::Measure)?;
        if !expr.is_aggregate() {
            self.mistake(at, "a measure is an aggregate, such as `sum(sales)`");
            return None;
        }
        if let Some(joined) = self.counted_often(&expr, of) {
            self.mistake(at, format!("`{joined}` is of a row that many rows may point at, and would count once for each of them; measure it where it is from"));
            return None;
        }
        let read = expr.columns();
        let format = match (&expr.ty, read.as_slice()) {
            _ if expr.is_share() => Some(Format::Percent),
            (ColumnType::Decimal { .. } | ColumnType::Float, [only]) => of.column(only).and_then(|column| column.format),
            _ => None,
        };
        Some(labelled(Measure { name: name.into(), label: humanize(name), format, expr }))
    }

    pub(super) fn input(&mut self, workbook: &Workbook, name: &str, file: &InputTable) -> Option<Input> {
        let at = at!["input_tables", name];
        self.identifier(&at, name);
        let kind = self.input_kind(workbook, name, file)?;
        let key = self.input_key(name, file, &kind);
        let mut input = Input {
            name: name.into(),
            table: match &kind {
                InputKind::Direct(source) => match &source.body {
                    Body::Table(table) => table.clone(),
                    Body::Sql(_) => String::new(),
                },
                _ => format!("{}__{name}", workbook.id),
            },
            kind,
            key,
            read: Policy::Open,
            write: Policy::Denied,
            forms_only: file.forms_only,
            first_rows: None,
            delete: Policy::Denied,
            columns: Vec::new(),
            computed: Vec::new(),
            rules: Vec::new(),
            measures: Vec::new(),
        };
        for (column, declared) in &file.columns {
            if let Some(column) = self.input_column(workbook, name, column, declared, &input) {
                input.columns.push(column);
            }
        }
        input.first_rows = self.first_rows(workbook, name, file, &input);
        (input.read, input.write) = self.input_policies(name, file, &input);
        input.delete = self.delete_policy(name, file, &input);
        for (column, computed) in &file.computed {
            let at = at!["input_tables", name, "computed", column];
            if computed.filter().is_some() {
                let at = at!["input_tables", name, "computed", column, "filter"];
                self.mistake(&at, "`filter` is for measures; a computed column has a value in every row");
            }
            let scope = own_scope(&input);
            if let Some(expr) = self.expression(&at, computed.expression(), &scope, Use::Row) {
                let (label, format) = match computed {
                    file::Measure::Described(described) => (described.label.clone(), described.format),
                    file::Measure::Expression(_) => (None, None),
                };
                let label = label.unwrap_or_else(|| humanize(column));
                let column = Column { name: column.clone(), label, ty: expr.ty.clone(), format, hide_unless: None };
                input.computed.push(Computed { column, expr });
            }
        }
        let scope = own_scope(&input);
        for (i, rule) in file.rules.iter().enumerate() {
            if let Some(check) = self.condition(&at!["input_tables", name, "rules", i, "check"], &rule.check, &scope, Use::Row) {
                input.rules.push(Rule { check, message: rule.message.clone() });
            }
        }
        input.measures = self.measures(&at!["input_tables", name, "measures"], &file.measures, Dataset::Input(&input));
        Some(input)
    }

    fn first_rows(&mut self, workbook: &Workbook, name: &str, file: &InputTable, input: &Input) -> Option<Arc<FirstRows>> {
        let first = file.first_rows.as_deref()?;
        let at = at!["input_tables", name, "first_rows"];
        if !input.adds() {
            self.mistake(&at, "the rows of a linked or direct table are its source's");
            return None;
        }
        let bytes = self.beside(&at, first, MOST_FIRST_ROWS)?;
        match first_rows(first, &bytes, &input.columns, &workbook.zone) {
            Ok(rows) => Some(Arc::new(rows)),
            Err(mistakes) => {
                mistakes.into_iter().for_each(|message| self.mistake(&at, message));
                None
            }
        }
    }

    fn input_kind(&mut self, workbook: &Workbook, name: &str, file: &InputTable) -> Option<InputKind> {
        let (field, target) = match (&file.linked_to, &file.direct_to) {
            (None, None) => return Some(InputKind::Empty),
            (Some(target), None) => ("linked_to", target),
            (None, Some(target)) => ("direct_to", target),
            (Some(_), Some(_)) => {
                self.mistake(&at!["input_tables", name, "direct_to"], "an input table is linked or direct, not both");
                return None;
            }
        };
        let at = at!["input_tables", name, field];
        let Some(source) = workbook.sources.iter().find(|source| source.name == *target).cloned() else {
            self.unknown(&at, "source", target, workbook.sources.iter().map(|source| &source.name));
            return None;
        };
        if source.key.is_empty() {
            self.mistake(&at, format!("source `{target}` needs a `key` before its rows can be typed into"));
            return None;
        }
        if field == "linked_to" {
            return Some(InputKind::Linked(source));
        }
        if !file.direct {
            self.mistake(&at, "this edits the source's own rows; say `direct: true` if that is meant");
        }
        if matches!(source.body, Body::Sql(_)) {
            self.mistake(&at, "only a `table:` source can be edited directly; link an input table to this one");
        }
        if let Some(why) = &source.read_only.rows {
            self.mistake(&at, format!("`{target}` can't be edited directly: {why}; link an input table to it"));
        }
        Some(InputKind::Direct(source))
    }

    fn input_key(&mut self, name: &str, file: &InputTable, kind: &InputKind) -> Vec<(String, ColumnType)> {
        match kind {
            InputKind::Empty => vec![(SystemColumn::Row.name().into(), ColumnType::Text)],
            InputKind::Linked(source) | InputKind::Direct(source) => {
                if file.rows.is_some() {
                    self.mistake(&at!["input_tables", name, "rows"], "its rows follow the source's policy; say `rows` there");
                }
                source.key_columns()
            }
        }
    }

    fn input_policies(&mut self, name: &str, file: &InputTable, input: &Input) -> (Policy, Policy) {
        match &input.kind {
            InputKind::Linked(source) => (source.read.clone(), source.write.clone().unwrap_or_else(|| source.read.clone())),
            InputKind::Direct(source) => (source.read.clone(), source.write.clone().unwrap_or(Policy::Denied)),
            InputKind::Empty => {
                let rows = file.rows.clone().unwrap_or_default();
                let (read, write) = self.policies(&at!["input_tables", name, "rows"], Some(&rows), &added(input));
                (read, write.unwrap_or(Policy::Denied))
            }
        }
    }

    /// Which rows of an empty table may be taken out of it: only such as may be written too.
    fn delete_policy(&mut self, name: &str, file: &InputTable, input: &Input) -> Policy {
        let declared = file.rows.as_ref().and_then(|rows| rows.delete.as_deref());
        let (InputKind::Empty, Policy::Rows { expr: write, text }) = (&input.kind, &input.write) else {
            return Policy::Denied;
        };
        let own = format!("{} = @user.id", SystemColumn::CreatedBy.name());
        let delete = declared.unwrap_or(&own);
        match self.condition(&at!["input_tables", name, "rows", "delete"], delete, &added(input), Use::Row) {
            Some(expr) => Policy::Rows { expr: write.clone().and(expr), text: format!("({text}) and ({delete})") },
            None => Policy::Denied,
        }
    }

    fn input_column(
        &mut self,
        workbook: &Workbook,
        table: &str,
        name: &str,
        file: &file::InputColumn,
        input: &Input,
    ) -> Option<InputColumn> {
        let at = at!["input_tables", table, "columns", name];
        let clash = input.source().is_some_and(|source| source.column(name).is_some());
        match (input.is_direct(), clash) {
            (false, true) => {
                self.mistakes.push(self.doc.mistake_at_key(&at[..3], name, format!("`{name}` is a column of the source already")))
            }
            (true, false) => {
                let names: Vec<String> =
                    input.source().into_iter().flat_map(|s| s.columns.iter().map(|c| c.name.clone())).collect();
                self.unknown(&at, "column", name, &names);
            }
            _ => self.identifier(&at, name),
        }
        let source = input.source().filter(|_| input.is_direct());
        if let Some(why) = source.and_then(|source| source.read_only.columns.get(name)) {
            self.mistakes.push(self.doc.mistake_at_key(&at[..3], name, format!("`{name}` can't be typed into: {why}")));
        }
        if input.is_direct() && input.key.iter().any(|(key, _)| key == name) {
            self.mistake(&at, "a key column can't be edited");
        }
        let files = self.files(&at, file, input);
        let as_kept = if file.ty == TypeName::File { TypeName::Text } else { file.ty };
        let ty = match column_type(as_kept, file.scale, file.options.as_deref()) {
            Ok(ty) => ty,
            Err(message) => {
                self.mistake(&at, message);
                return None;
            }
        };
        let edit = file
            .edit
            .as_deref()
            .and_then(|text| self.condition(&at!["input_tables", table, "columns", name, "edit"], text, &[], Use::Person));
        let constraints = file.constraints();
        if let Some(Err(problem)) = constraints.pattern.as_ref().map(Pattern::compile) {
            self.mistake(&at!["input_tables", table, "columns", name, "pattern"], problem);
        }
        let text_only = [
            (constraints.pattern.is_some() && ty != ColumnType::Text, "pattern"),
            (constraints.min_length.is_some() && ty != ColumnType::Text, "min_length"),
        ];
        for (_, part) in text_only.into_iter().filter(|(wrong, _)| *wrong) {
            self.mistake(&at!["input_tables", table, "columns", name, part], format!("`{part}` goes with type `text` only"));
        }
        if constraints.unique && input.is_direct() {
            let why = "whether values of a direct table are unique is for the warehouse's own constraint";
            self.mistake(&at!["input_tables", table, "columns", name, "unique"], why);
        }
        let lookup = file.lookup.as_ref().and_then(|lookup| self.lookup(workbook, &at, &ty, lookup));
        let label = file.label.clone().unwrap_or_else(|| humanize(name));
        let column = Column { name: name.into(), label, ty, format: file.format, hide_unless: None };
        let mut input = InputColumn {
            column,
            constraints,
            default: Value::Null,
            edit,
            help: file.help.clone(),
            lookup,
            file: files,
            was: file.was.clone(),
        };
        if let Some(default) = &file.default {
            match validate(&input.view(), default) {
                Ok(value) => input.default = value,
                Err(error) => self.mistake(&at!["input_tables", table, "columns", name, "default"], error.message.to_string()),
            }
        }
        Some(input)
    }
}

impl Compiler<'_> {
    /// What files a column takes.
    fn files(&mut self, at: &[Step], file: &file::InputColumn, input: &Input) -> Option<FileRules> {
        let path = |part: &str| at.iter().cloned().chain([Step::from(part)]).collect::<Vec<_>>();
        if file.ty != TypeName::File {
            for (given, part) in [(file.accept.is_some(), "accept"), (file.max_mb.is_some(), "max_mb")] {
                if given {
                    self.mistake(&path(part), format!("`{part}` goes with type `file` only"));
                }
            }
            return None;
        }
        if input.is_direct() {
            self.mistake(&path("type"), "a file is kept beside an input table of ours, not in a table of the source's");
        }
        let others = [
            (file.lookup.is_some(), "lookup"),
            (file.unique, "unique"),
            (file.default.is_some(), "default"),
            (file.pattern.is_some(), "pattern"),
            (file.max_length.is_some(), "max_length"),
        ];
        for (_, part) in others.into_iter().filter(|(given, _)| *given) {
            self.mistake(&path(part), format!("a file has no `{part}`"));
        }
        let most = file.max_mb.unwrap_or(SOME_MB);
        if !(1..=MOST_MB).contains(&most) {
            self.mistake(&path("max_mb"), format!("`max_mb` is 1 to {MOST_MB}"));
        }
        let usual = || vec![FileType::Pdf, FileType::Png, FileType::Jpeg, FileType::Webp];
        let types = file.accept.clone().filter(|types| !types.is_empty()).unwrap_or_else(usual);
        Some(FileRules { types, most_bytes: u64::from(most) << 20 })
    }

    /// Where the values of an input column come from.
    fn lookup(&mut self, workbook: &Workbook, at: &[Step], ty: &ColumnType, file: &file::Lookup) -> Option<Lookup> {
        let path = |part: &str| at.iter().cloned().chain([Step::from("lookup"), Step::from(part)]).collect::<Vec<_>>();
        let Some(source) = workbook.sources.iter().find(|source| source.name == file.source) else {
            self.unknown(&path("source"), "source", &file.source, workbook.sources.iter().map(|source| &source.name));
            return None;
        };
        let names: Vec<String> = source.columns.iter().map(|column| column.name.clone()).collect();
        for (part, name) in [("value", Some(&file.value)), ("label", file.label.as_ref())] {
            if let Some(name) = name.filter(|name| !names.contains(name)) {
                self.unknown(&path(part), "column", name, &names);
                return None;
            }
        }
        let value = source.column(&file.value)?;
        if value.ty != *ty && !(value.ty.is_text() && *ty == ColumnType::Text) {
            let message = format!("`{}` holds {}, which this column does not", value.name, value.ty.noun());
            self.mistake(&path("value"), message);
        }
        Some(Lookup { source: source.clone(), value: file.value.clone(), label: file.label.clone() })
    }
}

/// What is there when a row has just been written: nothing of what its source is joined to.
fn own_scope(input: &Input) -> ScopeColumns {
    input.all_columns().into_iter().map(|column| (column.name.clone(), column.ty.clone())).collect()
}

/// What a policy over an empty table's rows may speak of.
fn added(input: &Input) -> ScopeColumns {
    let mut scope: ScopeColumns = input.columns.iter().map(|c| (c.column.name.clone(), c.column.ty.clone())).collect();
    scope.push((SystemColumn::CreatedBy.name().into(), ColumnType::Text));
    scope.push((SystemColumn::CreatedAt.name().into(), ColumnType::Timestamp));
    scope
}

/// What may be said of a row as it is stored: all but what is computed.
pub(super) fn stored(input: &Input) -> ScopeColumns {
    match &input.kind {
        InputKind::Empty => added(input),
        InputKind::Linked(_) | InputKind::Direct(_) => {
            let computed = |name: &str| input.computed(name).is_some();
            own_scope(input).into_iter().filter(|(name, _)| !computed(name)).collect()
        }
    }
}
