//! Which rule lets a person do something with a table, or stops him: the workbook's rules with how many rows each leaves,
//! then the warehouse's own.

use model::{AccessMode, Code, ColumnType, Principal, Value};

use crate::catalog::{Access, Body, Dataset, Input, Policy, Source, Workbook};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::query::Relation;
use crate::sql::Dialect;
use crate::warehouse::Caller;

impl Engine {
    /// Lines of text about every source and input table that is called `table`, or that reads it.
    ///
    /// # Errors
    /// `AC004` if no workbook that the person may open has such a table, or the warehouse's.
    pub async fn explain(&self, principal: &Principal, table: &str) -> Result<Vec<String>, EngineError> {
        let mut lines = vec![format!(
            "{} of {}, roles {}, may {}",
            principal.user,
            principal.tenant,
            if principal.roles.is_empty() { "none".to_owned() } else { principal.roles.join(", ") },
            if principal.mode == AccessMode::Edit { "look and edit" } else { "look only" }
        )];
        for id in self.workbooks().iter().filter(|id| principal.workbooks.contains(id)) {
            let workbook = self.find(principal, id)?;
            let caller = Caller { principal, workbook: id, element: table, request_id: "explain-access" };
            let access = self.rights(&caller, &workbook).await?;
            let sources = workbook.sources.iter().map(Dataset::Source);
            for dataset in sources.chain(workbook.inputs.iter().map(Dataset::Input)) {
                if name(dataset) == table || table_of(dataset).is_some_and(|of| of == table) {
                    lines.push(String::new());
                    lines.extend(self.of_dataset(&caller, &workbook, dataset, &access).await?);
                }
            }
        }
        if lines.len() == 1 { Err(EngineError::refused(Code::NotFound)) } else { Ok(lines) }
    }

    async fn of_dataset(
        &self,
        caller: &Caller<'_>,
        workbook: &Workbook,
        dataset: Dataset<'_>,
        access: &Access,
    ) -> Result<Vec<String>, EngineError> {
        let (kind, read, write) = rules(dataset);
        let mut lines = vec![format!("{kind} {} of {}", name(dataset), workbook.id)];
        let relation = Relation::new(dataset, self.binding(caller.principal));
        let types = [ColumnType::Integer, ColumnType::Integer];
        let counts = self.warehouse().read(Some(caller), &relation.count(write), &types).await;
        let (may_read, may_write) = match counts {
            Ok(rows) => match rows.first().map(Vec::as_slice) {
                Some([Value::Integer(read), Value::Integer(write)]) => (format!("{read} rows"), format!("{write} of them")),
                _ => Default::default(),
            },
            Err(error) => (format!("the warehouse refuses: {error}"), "none".to_owned()),
        };
        lines.push(format!("  read   {}: {may_read}", spoken(read)));
        lines.push(format!("  write  {}: {may_write}", spoken(write)));
        if caller.principal.mode != AccessMode::Edit && !matches!(dataset, Dataset::Source(_)) {
            lines.push("  the ticket's mode is `view`, so nothing is written".into());
        }
        for column in dataset.readable() {
            if access.hides(name(dataset), &column.name) {
                lines.push(format!("  column {}: hidden", column.name));
            } else if let Dataset::Input(input) = dataset
                && input.column(&column.name).is_some()
            {
                let may = if access.locks(&input.name, &column.name) { "may not be typed into" } else { "may be typed into" };
                lines.push(format!("  column {}: {may}", column.name));
            }
        }
        for table in tables(self.warehouse().dialect(), dataset) {
            let own = self.warehouse().explain(caller, &table).await?;
            if !own.is_empty() {
                lines.push(format!("  warehouse, {table}"));
                lines.extend(own.into_iter().map(|line| format!("    {line}")));
            }
        }
        Ok(lines)
    }
}

fn name<'a>(dataset: Dataset<'a>) -> &'a str {
    match dataset {
        Dataset::Source(source) => &source.name,
        Dataset::Input(input) => &input.name,
    }
}

/// The warehouse's table behind it, as the author calls it.
fn table_of<'a>(dataset: Dataset<'a>) -> Option<&'a str> {
    match dataset.source().map(|source| &source.body) {
        Some(Body::Table(table)) => Some(table),
        _ => None,
    }
}

fn rules<'a>(dataset: Dataset<'a>) -> (&'static str, &'a Policy, &'a Policy) {
    match dataset {
        Dataset::Source(Source { read, write, .. }) => ("source", read, write.as_ref().unwrap_or(&Policy::Denied)),
        Dataset::Input(Input { read, write, kind, .. }) => {
            let (read, word) = match kind {
                crate::catalog::InputKind::Linked(source) => (&source.read, "linked input table"),
                crate::catalog::InputKind::Direct(source) => (&source.read, "direct input table"),
                crate::catalog::InputKind::Empty => (read, "input table"),
            };
            (word, read, write)
        }
    }
}

fn spoken(policy: &Policy) -> String {
    match policy {
        Policy::Open => "everybody".into(),
        Policy::Denied => "nobody, since no rule says who".into(),
        Policy::Rows { text, .. } => format!("where {text}"),
    }
}

/// The quoted names of the tables that are read and written.
fn tables(dialect: Dialect, dataset: Dataset<'_>) -> Vec<String> {
    let mut tables: Vec<String> = table_of(dataset).map(|table| dialect.table(table)).into_iter().collect();
    if let Dataset::Input(input) = dataset
        && !input.is_direct()
    {
        tables.push(dialect.own(&input.table));
    }
    tables
}
