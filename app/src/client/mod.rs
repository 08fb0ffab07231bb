//! The browser's side of the way to the server: calls, session, outbox, change stream, and the state that elements share.

mod api;
mod chosen;
mod host;
mod inspected;
mod latest;
mod lines;
mod live;
mod looks;
mod opened;
mod outbox;
mod query;
mod storage;
mod store;

pub use api::{Api, Flight, Session, random_id};
pub use chosen::Choices;
pub use host::Host;
pub use inspected::{Inspected, Took};
pub use latest::Latest;
pub use live::follow;
pub use looks::{Look, Zoom};
pub use opened::OpenRow;
pub use outbox::{CellId, Draft, Mark, Outbox, Stage};
pub use query::{Asked, Remote, use_query};
pub use store::{Details, Loaded, MOST_ON_PAPER, Store};
