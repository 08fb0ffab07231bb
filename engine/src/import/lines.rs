//! A file's lines as values of a table's columns.

use std::collections::HashSet;
use std::ops::ControlFlow;

use model::{ApiError, Code, ColumnType, ColumnView, ImportFormat, Locale, Raw, RefusedCell, Value, ValueError, validate};
use tokio::sync::mpsc;

use super::read::{Content, Record, each};
use crate::writeback::{Chunk, Line, MOST_TOLD, Refused, hash_of};

/// Lines that come at once, and bytes of them.
const CHUNK: usize = 5_000;
const CHUNK_BYTES: usize = 384 << 10;

/// Where a line's values go.
#[derive(Debug)]
pub struct Lines {
    pub format: ImportFormat,
    /// With the zone that its times are of.
    pub locale: Locale,
    /// Values that are written, and their places in the file.
    pub columns: Vec<(usize, ColumnView)>,
    /// Values that rows are found by.
    pub key: Vec<(usize, KeyColumn)>,
    /// How many columns the file has.
    pub width: usize,
}

/// A column that rows are found by.
#[derive(Debug)]
pub struct KeyColumn {
    pub name: String,
    pub ty: ColumnType,
}

impl Lines {
    /// Reads all of a file into `chunks`, and says so at its end.
    ///
    /// # Errors
    /// `IM001`; what was read before it has gone into `chunks`, but not their end.
    pub fn read(&self, content: Content, chunks: &mpsc::Sender<Chunk>) -> Result<(), ApiError> {
        let done = content.done.clone();
        let mut reading = Reading::of(self);
        let mut is_first = self.format.header;
        let mut given_up = false;
        let send = |reading: &mut Reading<'_>| {
            let (lines, refused) = (std::mem::take(&mut reading.good), std::mem::take(&mut reading.refused));
            reading.bytes = 0;
            let bytes = done.load(std::sync::atomic::Ordering::Relaxed);
            chunks.blocking_send(Chunk::Lines { lines, refused, bytes }).is_err()
        };
        each(content, &self.format, &mut |record| {
            if std::mem::take(&mut is_first) {
                return ControlFlow::Continue(());
            }
            reading.take(record);
            if reading.is_full() && send(&mut reading) {
                given_up = true;
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        // Whoever takes the chunks has gone, and says why himself.
        if !given_up && !send(&mut reading) {
            let _ = chunks.blocking_send(Chunk::End);
        }
        Ok(())
    }

    /// All lines of a small file at once, and those that are refused.
    ///
    /// # Errors
    /// `IM001`.
    pub fn all(&self, content: Content) -> Result<(Vec<Line>, Vec<Refused>), ApiError> {
        let mut reading = Reading::of(self);
        let mut is_first = self.format.header;
        each(content, &self.format, &mut |record| {
            if !std::mem::take(&mut is_first) {
                reading.take(record);
            }
            ControlFlow::Continue(())
        })?;
        Ok((reading.good, reading.refused))
    }
}

struct Reading<'a> {
    lines: &'a Lines,
    /// Keys, and values that no two rows may have, that have been.
    seen: HashSet<u64>,
    good: Vec<Line>,
    refused: Vec<Refused>,
    bytes: usize,
}

impl<'a> Reading<'a> {
    fn of(lines: &'a Lines) -> Self {
        Self { lines, seen: HashSet::new(), good: Vec::new(), refused: Vec::new(), bytes: 0 }
    }

    fn is_full(&self) -> bool {
        self.good.len() + self.refused.len() >= CHUNK || self.bytes >= CHUNK_BYTES
    }

    fn take(&mut self, record: Record) {
        self.bytes += record.texts.as_slice().len();
        match self.typed(&record) {
            Ok((key, values)) => self.good.push(Line { number: record.number, key, values, texts: record.texts }),
            Err(why) => self.refused.push(Refused { number: record.number, texts: record.texts, why }),
        }
    }

    fn typed(&mut self, record: &Record) -> Result<(Vec<Value>, Vec<Value>), Vec<RefusedCell>> {
        let whole = |code: Code| vec![RefusedCell::new(None, "", code, &code.message())];
        // Some write a delimiter too many at the end of each line.
        let is_blank = |i: usize| record.texts.get(i).is_none_or(str::is_empty);
        if record.texts.len() < self.lines.width || (self.lines.width..record.texts.len()).any(|i| !is_blank(i)) {
            let message = words::import_ragged(record.texts.len(), self.lines.width);
            return Err(vec![RefusedCell::new(None, "", Code::RaggedLine, &message)]);
        }
        let mut why = Vec::new();
        let mut values = Vec::with_capacity(self.lines.columns.len());
        for (place, column) in &self.lines.columns {
            match self
                .value(record, *place, &column.ty)
                .and_then(|raw| validate(column, &raw).map_err(|error| (error.code, error.message)))
            {
                Ok(value) => values.push(value),
                Err((code, message)) => why.push(refused(record, *place, &column.name, code, &message)),
            }
        }
        let mut key = Vec::with_capacity(self.lines.key.len());
        for (place, column) in &self.lines.key {
            let typed = self.value(record, *place, &column.ty).and_then(|raw| {
                Value::from_wire(&raw, &column.ty).map_err(|problem| (Code::WrongType, problem.message().clone()))
            });
            match typed {
                Ok(Value::Null) => why.push(refused(record, *place, &column.name, Code::Required, &words::import_no_key())),
                Ok(value) => key.push(value),
                // A column that is written too has told it.
                Err(_) if why.iter().any(|cell| cell.column.as_ref() == Some(&column.name)) => {}
                Err((code, message)) => why.push(refused(record, *place, &column.name, code, &message)),
            }
        }
        if !why.is_empty() {
            return Err(why);
        }
        if !key.is_empty() && !self.seen.insert(hash_of(&key)) {
            return Err(whole(Code::TwiceInFile));
        }
        let unique =
            self.lines.columns.iter().zip(&values).filter(|((_, column), value)| column.constraints.unique && !value.is_null());
        for ((place, column), value) in unique {
            let name = Value::Text(column.name.clone());
            if !self.seen.insert(hash_of(&[name, value.clone()])) {
                why.push(refused(record, *place, &column.name, Code::NotUnique, &Code::NotUnique.message()));
            }
        }
        if why.is_empty() { Ok((key, values)) } else { Err(why) }
    }

    /// The wire form of what is at a place.
    fn value(&self, record: &Record, place: usize, ty: &ColumnType) -> Result<Raw, (Code, words::Message)> {
        if record.unreadable.contains(&place) {
            return Err((Code::UnreadableText, Code::UnreadableText.message()));
        }
        let text = record.texts.get(place).unwrap_or_default();
        if text.is_empty() {
            return Ok(Raw::Null);
        }
        // A text is what it is, to the last blank.
        if matches!(ty, ColumnType::Text) {
            return Ok(Raw::from(text));
        }
        let told = |problem: ValueError| match problem {
            ValueError::WrongType(message) => (Code::WrongType, message),
            ValueError::OutOfRange(message) => (Code::OutOfRange, message),
        };
        // What a sheet has a number for is no matter of how people write it.
        if ty.is_numeric() && record.plain.get(place).copied().unwrap_or(false) {
            return plain(text, ty).map_err(told);
        }
        // In a cell a person may work something out; in a file nobody sees what came of it.
        if ty.is_numeric() && text.trim_start().starts_with('=') {
            return Err(told(ValueError::WrongType(words::text_is_not_type(text, ty.kind()))));
        }
        self.lines.locale.parse(text, ty).map_err(told)
    }
}

/// A number of a sheet.
fn plain(text: &str, ty: &ColumnType) -> Result<Raw, ValueError> {
    let number = || text.parse::<f64>().map(Raw::from).unwrap_or_else(|_| Raw::from(text));
    let raw = if *ty == ColumnType::Float { number() } else { Raw::from(text) };
    Value::from_wire(&raw, ty).map(|_| raw)
}

fn refused(record: &Record, place: usize, column: &str, code: Code, message: &words::Message) -> RefusedCell {
    let text: String = record.texts.get(place).unwrap_or_default().chars().take(MOST_TOLD).collect();
    RefusedCell::new(Some(column), &text, code, message)
}
