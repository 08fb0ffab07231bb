//! An element's rows as a file, under the same policy, filters and sort as on screen.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::{ApiError, Code, Cube, ExportAnswer, ExportFile, ExportFormat, Order, Principal, QueryRequest, Value};
use rust_xlsxwriter::XlsxError;

use crate::asked::answer;
use crate::catalog::{Kind, Pivot};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::query::{Around, MOST_EXPORTED, Output, Plan, Shape, Window, crosstab, csv, plan, xlsx};
use crate::warehouse::Caller;

/// Lines of notes in a file, and characters of each.
const MOST_NOTES: usize = 50;
const MOST_NOTE: usize = 500;

impl Engine {
    /// All rows or marks of an element; of a pivot its innermost cells, in a workbook with their totals and laid out as they are seen.
    ///
    /// # Errors
    /// As [`Engine::query`]; `QY004` if there are more than a file holds, `RQ001` for notes that are too long.
    pub async fn export(
        &self,
        principal: &Principal,
        request: &QueryRequest,
        file: &ExportFile,
        request_id: &str,
    ) -> Result<ExportAnswer, EngineError> {
        if file.notes.len() > MOST_NOTES || file.notes.iter().chain(&file.total).any(|note| note.chars().count() > MOST_NOTE) {
            return Err(EngineError::Refused(ApiError::new(Code::BadRequest)));
        }
        let workbook = self.find(principal, &request.workbook)?;
        let caller = Caller { principal, workbook: &workbook.id, element: &request.element, request_id };
        let access = self.access(&caller, &workbook).await?;
        let element = workbook.element(&request.element).ok_or_else(|| EngineError::refused(Code::NotFound))?;
        let mut plan = plan(&workbook, element, request, &access, self.binding(principal))?;
        plan.from.clear();
        plan.window = Window { offset: 0, limit: MOST_EXPORTED + 1 };
        let rows = self.rows(&caller, &plan).await?;
        if rows.len() as u64 > MOST_EXPORTED {
            return Err(EngineError::refused(Code::TooManyRows));
        }
        let around = Around { title: &element.title, notes: &file.notes, zone: &workbook.zone };
        let failed = |error: XlsxError| {
            tracing::error!(%error, "a workbook could not be written");
            EngineError::refused(Code::Internal)
        };
        let laid_out = match (file.format, &element.kind) {
            (ExportFormat::Xlsx, Kind::Pivot(pivot)) => {
                let total = file.total.as_deref().unwrap_or("Total");
                laid_out(&plan, &rows, pivot, total, around).map_err(failed)?
            }
            _ => None,
        };
        let (columns, rows) = cells(&plan, rows);
        let mut answer = ExportAnswer { rows: rows.len() as u64, ..ExportAnswer::default() };
        match file.format {
            ExportFormat::Csv => {
                answer.file_name = format!("{}.csv", element.id);
                answer.csv = csv(columns, &rows);
            }
            ExportFormat::Xlsx => {
                let book = laid_out.map_or_else(|| xlsx(columns, &rows, around), Ok).map_err(failed)?;
                answer.file_name = format!("{}.xlsx", element.id);
                answer.xlsx = BASE64_STANDARD.encode(book);
            }
        }
        Ok(answer)
    }
}

/// A pivot's rows, columns and totals as they are seen, unless the rows of one of its cells were asked for.
fn laid_out(
    plan: &Plan<'_>,
    rows: &[Vec<Value>],
    pivot: &Pivot,
    total: &str,
    around: Around<'_>,
) -> Result<Option<Vec<u8>>, XlsxError> {
    let Shape::Pivot { rows: deep, columns: wide } = plan.shape else { return Ok(None) };
    let cube = Cube::new(Arc::new(answer(plan, rows)), deep, wide);
    let order = pivot.sort.as_ref().map(Order::of);
    crosstab((&plan.outputs, rows), &cube, order.as_ref(), total, around)
}

/// The columns that a person sees, and their rows: of a pivot those of its innermost cells, which its totals are made of.
fn cells<'p>(plan: &'p Plan<'_>, rows: Vec<Vec<Value>>) -> (&'p [Output], Vec<Vec<Value>>) {
    let Shape::Pivot { rows: deep, columns: wide } = plan.shape else { return (&plan.outputs[..plan.shown], rows) };
    let level = |value: Option<&Value>, of: usize| *value.unwrap_or(&Value::Null) == Value::Integer(of as i64);
    let inner = rows.into_iter().filter(|row| level(row.first(), deep) && level(row.get(1), wide));
    (&plan.outputs[2..], inner.map(|row| row.into_iter().skip(2).collect()).collect())
}
