//! The words of Inlay, and nothing else: values, columns, edits, queries, principals, validation and error codes.
//!
//! Pure: no IO, no clock, no randomness, so the very same code runs in the browser and in the server. The arrow of the
//! workspace starts here (`model <- engine <- app(ssr) <- server`, `model <- app <- frontend`).

mod attachment;
mod error;
mod value;

mod arithmetic;
mod chart;
mod column;
mod comment;
mod control;
mod cube;
mod format;
mod validate;

mod edit;
mod form;
mod formula;
mod history;
mod import;
mod inspection;
mod layout;
mod mark;
mod packed;
mod presence;
mod principal;
mod query;
mod span;
mod text;
mod view;
mod zone;

#[cfg(feature = "file")]
pub mod file;

pub use attachment::{FilePlace, FileRef, FileRequest, FileRules, FileType};
pub use chart::{ChartKind, ChartLevel, ChartSeries, ChartView, ReferenceAt, ReferenceBand, ReferenceLine, Stack, drawn_number};
pub use column::{Affix, ColumnRole, ColumnType, ColumnView, Constraints, Format, NumberFormat, Pattern};
pub use comment::{
    COMMENTS_SUFFIX, Comment, CommentChange, CommentsAnswer, CommentsRequest, MOST_COMMENTS, MOST_PEOPLE, MOST_TEXT, Person,
    Resolved, SaveComment, Thread,
};
pub use control::{ControlKind, ControlView, SwitchOption};
pub use cube::{Cube, Head, Node, Opened, Order, Tree, dimensions_of};
pub use edit::{
    Batch, BatchOutcome, BatchStatus, CellEdit, CellOutcome, Conflict, Edit, EditMode, MOST_EACH, MOST_EDITS, Operation, Origin,
    RowOutcome, is_client_id,
};
pub use error::{ApiError, CellError, Code};
pub use form::{
    DraftAnswer, DraftRequest, FieldRole, Filing, Filled, FormDraft, FormField, FormLines, FormRow, FormRowRequest, FormSection,
    FormView, LineRow, Next, SaveDraft, Submission, SubmissionsAnswer, SubmissionsRequest,
};
pub use format::{Locale, Notation};
pub use formula::{Calculation, Comparison, Formula, Incalculable, Surroundings, Unit};
pub use history::{HistoryAnswer, HistoryEntry, HistoryRequest};
pub use import::{
    ChangedCell, ChangedLine, DELIMITERS, ENCODINGS, FileColumn, ImportEvent, ImportFormat, ImportOutcome, ImportReason,
    ImportRequest, ImportTarget, LOCALES, LookAnswer, LookRequest, MOST_EXAMPLES, MOST_REASONS, Mapping, PART_BYTES, RefusedCell,
    RefusedLine, SheetKind, UndoRequest, UploadPart, UploadPlace,
};
pub use inspection::{InspectedStatement, Inspection};
pub use layout::{Block, Container, Pane, TabSet};
pub use mark::{MOST_MARKED, Mark, MarkAxis, can_span};
pub use packed::PackedColumn;
pub use presence::{CellPlace, PRESENCE_SUFFIX, PresenceRequest, Present, SAID_EVERY_S};
pub use principal::{AccessMode, Attribute, Principal};
pub use query::{
    AnswerColumn, ColumnSummary, Compute, ExportAnswer, ExportFile, ExportFormat, ExportRequest, Extent, FactsAnswer,
    FactsRequest, Filter, FilterOp, Find, Group, Grouping, LookupAnswer, LookupOption, LookupRequest, MOST_GROUPS, MOST_LEVELS,
    MOST_LISTED, MOST_VALUES, Place, QueryAnswer, QueryRequest, RowMeta, Sort, Total, ValueCount, ValuesOf,
};
pub use rust_decimal::Decimal;
pub use span::{Period, Span, UnknownSpan};
pub use text::{TextPart, Words};
pub use validate::{megabytes, validate};
pub use value::{Raw, Value, ValueError};
pub use view::{
    Against, Better, CellFormat, DetailsView, ElementKind, ElementView, FilesOf, ImageView, InputTableView, KpiView, Look,
    OpenAnswer, OpenRequest, PageView, PersonView, PivotSort, PivotTable, PivotValue, PivotView, SaveView, SavedView, TableShape,
    TableView, TextView, Toward, ViewsRequest, WorkbookView,
};
pub use zone::{Moment, Zone};
