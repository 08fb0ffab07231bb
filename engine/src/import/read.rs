//! The lines of a file, one after the other, however large it is.

use std::io::{self, Read, Seek, Write};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use calamine::{Data, DataRef, DataType, Reader, Xlsx, XlsxError};
use csv::{ByteRecord, StringRecord};
use encoding_rs::{CoderResult, Decoder, Encoding};
use model::{ApiError, Code, ImportFormat, SheetKind};

/// A line may not be larger: what is, has a quotation mark that nobody closes.
const MOST_LINE: u64 = 32 << 20;
/// What an XLSX file may unpack to, its sheets and the texts that they share.
const MOST_UNPACKED: u64 = 4 << 30;
const MOST_SHARED: u64 = 256 << 20;
/// Columns of a file.
const MOST_COLUMNS: usize = 16_384;

/// A line of a file.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Counted from 1.
    pub number: u64,
    pub texts: StringRecord,
    /// For a sheet: which of them are no texts there, so that they are written our way and in no locale's.
    pub plain: Vec<bool>,
    /// Places of those that are no text in the file's encoding.
    pub unreadable: Vec<usize>,
}

/// A file's content, and how far it is read.
pub struct Content {
    pub read: Box<dyn Read + Send>,
    pub done: Arc<AtomicU64>,
}

impl Content {
    pub fn new(read: impl Read + Send + 'static) -> Self {
        let done = Arc::new(AtomicU64::new(0));
        Self { read: Box::new(Counting { read, done: done.clone() }), done }
    }
}

struct Counting<R> {
    read: R,
    done: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.read.read(buffer)?;
        self.done.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

fn unreadable(why: impl Into<String>) -> ApiError {
    ApiError::say(Code::UnreadableFile, words::import_unreadable(why.into()))
}

fn broken(error: &io::Error) -> ApiError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<ApiError>()) {
        Some(told) => told.clone(),
        None => unreadable(error.to_string()),
    }
}

/// Gives `take` each line of a file until it breaks.
///
/// # Errors
/// `IM001` for a file that is not what `format` says.
pub fn each(content: Content, format: &ImportFormat, take: &mut dyn FnMut(Record) -> ControlFlow<()>) -> Result<(), ApiError> {
    match format.kind {
        SheetKind::Csv => each_of_csv(content, format, take),
        SheetKind::Xlsx => each_of_workbook(content, format.sheet.as_deref(), take).map(drop),
    }
}

/// The same for a sheet of a workbook, its first if none is said or there is none of that name; gives the names of all.
///
/// # Errors
/// As [`each`].
pub fn each_of_workbook(
    content: Content,
    sheet: Option<&str>,
    take: &mut dyn FnMut(Record) -> ControlFlow<()>,
) -> Result<Vec<String>, ApiError> {
    let mut workbook = open(content)?;
    let sheets = workbook.sheet_names();
    let name = sheets.iter().find(|name| Some(name.as_str()) == sheet).or(sheets.first());
    each_of_sheet(&mut workbook, name.ok_or_else(|| unreadable(""))?, take)?;
    Ok(sheets)
}

fn each_of_csv(content: Content, format: &ImportFormat, take: &mut dyn FnMut(Record) -> ControlFlow<()>) -> Result<(), ApiError> {
    let encoding = Encoding::for_label(format.encoding.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    let is_utf8 = encoding == encoding_rs::UTF_8;
    let left = Arc::new(AtomicU64::new(MOST_LINE));
    let bytes: Box<dyn Read> = if is_utf8 {
        Box::new(WithoutMark { read: content.read, begun: false })
    } else {
        Box::new(Decoded::new(content.read, encoding.new_decoder()))
    };
    let delimiter = format.delimiter.and_then(|c| u8::try_from(c).ok()).unwrap_or(b',');
    let reading = Limited { read: bytes, left: left.clone() };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(1 << 16)
        .from_reader(reading);
    let mut record = ByteRecord::new();
    loop {
        let more = reader.read_byte_record(&mut record).map_err(|error| match error.kind() {
            csv::ErrorKind::Io(error) => broken(error),
            _ => unreadable(error.to_string()),
        })?;
        if !more {
            return Ok(());
        }
        left.store(MOST_LINE, Ordering::Relaxed);
        if record.len() > MOST_COLUMNS {
            return Err(unreadable(format!("{} columns", record.len())));
        }
        let number = record.position().map_or(0, csv::Position::line);
        let (texts, unreadable) = match StringRecord::from_byte_record(std::mem::take(&mut record)) {
            // A decoder that meets what is no text says so with this character.
            Ok(texts) if is_utf8 => (texts, Vec::new()),
            Ok(texts) => {
                let marked = texts.iter().enumerate().filter(|(_, text)| text.contains('\u{fffd}')).map(|(i, _)| i).collect();
                (texts, marked)
            }
            Err(error) => {
                let bytes = error.into_byte_record();
                let bad = bytes.iter().enumerate().filter(|(_, bytes)| std::str::from_utf8(bytes).is_err()).map(|(i, _)| i);
                let bad = bad.collect();
                (StringRecord::from_byte_record_lossy(bytes), bad)
            }
        };
        if take(Record { number, texts, plain: Vec::new(), unreadable }).is_break() {
            return Ok(());
        }
    }
}

/// A workbook, of which it is known what it unpacks to.
fn open(mut content: Content) -> Result<Xlsx<io::BufReader<std::fs::File>>, ApiError> {
    let mut file = tempfile::tempfile().map_err(|error| broken(&error))?;
    io::copy(&mut content.read, &mut file).map_err(|error| broken(&error))?;
    file.flush().and_then(|()| file.rewind()).map_err(|error| broken(&error))?;
    let copy = file.try_clone().map_err(|error| broken(&error))?;
    unpacks(&copy)?;
    file.rewind().map_err(|error| broken(&error))?;
    Xlsx::new(io::BufReader::new(file)).map_err(|error| of_xlsx(&error))
}

fn of_xlsx(error: &XlsxError) -> ApiError {
    unreadable(error.to_string())
}

/// Unpacks an archive for nothing but its size: what it says of that itself may be a lie.
fn unpacks(file: &std::fs::File) -> Result<(), ApiError> {
    let mut archive = zip::ZipArchive::new(io::BufReader::new(file)).map_err(|error| unreadable(error.to_string()))?;
    let mut all = 0;
    for i in 0..archive.len() {
        let entry = archive.by_index(i).map_err(|error| unreadable(error.to_string()))?;
        let most = if entry.name_raw().ends_with(b"sharedStrings.xml") { MOST_SHARED } else { MOST_UNPACKED };
        let packed = entry.compressed_size();
        let most = most.min(MOST_UNPACKED.saturating_sub(all)).min(packed.saturating_mul(MOST_RATIO).max(FREE_UNPACKED));
        let n = io::copy(&mut entry.take(most + 1), &mut io::sink()).map_err(|error| broken(&error))?;
        if n > most {
            return Err(ApiError::say(Code::UnreadableFile, words::import_unpacks_too_large()));
        }
        all += n;
    }
    Ok(())
}

/// How much smaller a part may be packed; sheets of numbers pack to a tenth, such of nothing but blanks to a hundredth.
const MOST_RATIO: u64 = 400;
/// Whatever it is packed to.
const FREE_UNPACKED: u64 = 16 << 20;

fn each_of_sheet<R: Read + Seek>(
    workbook: &mut Xlsx<R>,
    name: &str,
    take: &mut dyn FnMut(Record) -> ControlFlow<()>,
) -> Result<(), ApiError> {
    let mut cells = workbook.worksheet_cells_reader(name).map_err(|error| of_xlsx(&error))?;
    let mut row = Row { width: (cells.dimensions().end.1 as usize + 1).min(MOST_COLUMNS), ..Row::default() };
    while let Some(cell) = cells.next_cell().map_err(|error| of_xlsx(&error))? {
        let (number, column) = cell.get_position();
        let (number, column) = (u64::from(number) + 1, column as usize);
        if number != row.number && row.end(number, take).is_break() {
            return Ok(());
        }
        if column >= MOST_COLUMNS {
            return Err(unreadable(format!("{} columns", column + 1)));
        }
        let (text, plain) = shown(cell.get_value());
        row.put(column, text, plain);
    }
    let _ = row.end(0, take);
    Ok(())
}

/// The row of a sheet that is read.
#[derive(Default)]
struct Row {
    number: u64,
    width: usize,
    cells: Vec<(String, bool)>,
}

impl Row {
    fn put(&mut self, column: usize, text: String, plain: bool) {
        if self.cells.len() <= column {
            self.cells.resize(column + 1, (String::new(), true));
        }
        self.cells[column] = (text, plain);
        self.width = self.width.max(self.cells.len());
    }

    /// Gives what has come together, but for rows of nothing, and begins another.
    fn end(&mut self, next: u64, take: &mut dyn FnMut(Record) -> ControlFlow<()>) -> ControlFlow<()> {
        let number = std::mem::replace(&mut self.number, next);
        let mut cells = std::mem::take(&mut self.cells);
        if cells.iter().all(|(text, _)| text.is_empty()) {
            return ControlFlow::Continue(());
        }
        cells.resize(self.width.max(cells.len()), (String::new(), true));
        let (texts, plain): (Vec<String>, Vec<bool>) = cells.into_iter().unzip();
        take(Record { number, texts: StringRecord::from(texts), plain, unreadable: Vec::new() })
    }
}

/// A cell's value as text, and whether it is written our way.
fn shown(value: &DataRef<'_>) -> (String, bool) {
    match value {
        DataRef::Empty => (String::new(), true),
        DataRef::String(text) => (text.clone(), false),
        DataRef::SharedString(text) => ((*text).to_owned(), false),
        DataRef::Int(n) => (n.to_string(), true),
        DataRef::Float(f) => (number(*f), true),
        DataRef::Bool(flag) => (flag.to_string(), true),
        DataRef::DateTime(time) if time.is_duration() => (number(time.as_f64()), true),
        DataRef::DateTime(_) => (value.as_datetime().map_or_else(String::new, moment), true),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => (text.clone(), true),
        DataRef::Error(_) => (Data::from(value.clone()).to_string(), false),
    }
}

/// A day, or a day and a time.
fn moment(time: chrono::NaiveDateTime) -> String {
    // A sheet counts days; a second is not exact in that.
    let time = time + chrono::TimeDelta::milliseconds(500);
    let text = time.format("%Y-%m-%d %H:%M:%S").to_string();
    text.strip_suffix(" 00:00:00").map(str::to_owned).unwrap_or(text)
}

/// A number with the fifteen digits that a sheet has, in full.
fn number(f: f64) -> String {
    let rounded = format!("{f:.14e}").parse::<f64>().unwrap_or(f);
    format!("{rounded}")
}

/// Leaves out the mark that UTF-8 may begin with.
struct WithoutMark<R> {
    read: R,
    begun: bool,
}

impl<R: Read> Read for WithoutMark<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.begun || buffer.len() < 3 {
            return self.read.read(buffer);
        }
        self.begun = true;
        let mut n = 0;
        while n < 3 {
            match self.read.read(&mut buffer[n..3])? {
                0 => break,
                more => n += more,
            }
        }
        if buffer[..n] == *b"\xef\xbb\xbf" { self.read.read(buffer) } else { Ok(n) }
    }
}

/// Reads another encoding as UTF-8; what is no text in it becomes U+FFFD.
struct Decoded<R> {
    read: R,
    decoder: Decoder,
    raw: Vec<u8>,
    /// What of it is not decoded yet.
    rest: std::ops::Range<usize>,
    ended: bool,
    finished: bool,
}

impl<R: Read> Decoded<R> {
    fn new(read: R, decoder: Decoder) -> Self {
        Self { read, decoder, raw: vec![0; 1 << 16], rest: 0..0, ended: false, finished: false }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.finished {
            if self.rest.is_empty() && !self.ended {
                let n = self.read.read(&mut self.raw)?;
                (self.rest, self.ended) = (0..n, n == 0);
            }
            let (result, read, written, _) = self.decoder.decode_to_utf8(&self.raw[self.rest.clone()], buffer, self.ended);
            self.rest.start += read;
            self.finished = self.ended && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

/// Refuses to read on where a line has no end.
struct Limited<R> {
    read: R,
    left: Arc<AtomicU64>,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.read.read(buffer)?;
        let left = self.left.load(Ordering::Relaxed);
        if left < n as u64 {
            return Err(io::Error::other(ApiError::say(Code::UnreadableFile, words::import_line_without_end(MOST_LINE >> 20))));
        }
        self.left.store(left - n as u64, Ordering::Relaxed);
        Ok(n)
    }
}
