//! What Inlay says to people, in every language that it speaks.
//!
//! Each sentence stands once, in `messages/en.ftl`, with its translation in `messages/de.ftl`, in the notation of
//! [Project Fluent](https://projectfluent.org/fluent/guide/). `build.rs` makes a function of each, which answers a [`Message`]:
//! a sentence by its name, that whoever shows it says in the reader's language. What the workbook's author wrote is not ours
//! to translate; it is a message that is [given](Message::given).
//!
//! This room knows nothing of the others. Numbers are grouped by the sign that the caller names.

mod catalogue;
mod message;

pub use catalogue::Language;
pub use message::{Arg, Message};

/// One function for each message.
mod every {
    use super::{Arg, Message};

    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}

pub use every::*;
