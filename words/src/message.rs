//! A sentence by its name, with what is filled in.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Language;

/// A sentence for a person, in no language yet.
///
/// On the wire it is `{"id": "at-most-characters", "args": {"max": 3, "length": 4}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Named { id: Cow<'static, str>, args: Args },
    Given(String),
}

pub(crate) type Args = BTreeMap<Cow<'static, str>, Arg>;

/// What is filled into a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Arg {
    /// Counts: grouped as the reader's region does, and what plurals go by.
    Number(i64),
    Text(String),
    /// A part that is a message itself, said in the same language.
    Said(Box<Message>),
}

impl Message {
    pub(crate) fn named<const N: usize>(id: &'static str, args: [(&'static str, Arg); N]) -> Self {
        Self(Kind::Named { id: id.into(), args: args.into_iter().map(|(name, arg)| (name.into(), arg)).collect() })
    }

    /// The sentence of a code of refusal, such as `WB001`.
    #[must_use]
    pub fn of_code(code: &str) -> Self {
        Self(Kind::Named { id: format!("code-{code}").into(), args: Args::new() })
    }

    /// A sentence in somebody else's words, which is said as it is in every language.
    #[must_use]
    pub fn given(text: impl Into<String>) -> Self {
        Self(Kind::Given(text.into()))
    }

    /// The name in the catalogue; none of a sentence that was given.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match &self.0 {
            Kind::Named { id, .. } => Some(id),
            Kind::Given(_) => None,
        }
    }

    /// Whether it is the sentence of a code of refusal, which says no more than the code does.
    #[must_use]
    pub fn is_of_code(&self) -> bool {
        self.id().is_some_and(|id| id.starts_with("code-"))
    }

    /// The sentence in a language, its numbers with `group` between thousands.
    ///
    /// A name that the catalogue lacks, as one of a newer server's may be, is said as it is.
    #[must_use]
    pub fn say(&self, language: Language, group: char) -> String {
        match &self.0 {
            Kind::Named { id, args } => language.say(id, args, group).unwrap_or_else(|| id.clone().into_owned()),
            Kind::Given(text) => text.clone(),
        }
    }

    /// Whether this catalogue can say it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        match &self.0 {
            Kind::Named { id, .. } => Language::English.has(id),
            Kind::Given(_) => true,
        }
    }
}

/// In English, for the log and for the API's `message`.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(Language::English, ','))
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Kind::Given(text) => serializer.serialize_str(text),
            Kind::Named { id, args } => {
                let mut out = serializer.serialize_struct("Message", 2)?;
                out.serialize_field("id", id)?;
                out.serialize_field("args", args)?;
                out.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Wire {
            Named {
                id: String,
                #[serde(default)]
                args: BTreeMap<String, Arg>,
            },
            Given(String),
        }
        Ok(Self(match Wire::deserialize(deserializer)? {
            Wire::Named { id, args } => {
                let args = args.into_iter().map(|(name, arg)| (name.into(), arg)).collect();
                Kind::Named { id: id.into(), args }
            }
            Wire::Given(text) => Kind::Given(text),
        }))
    }
}

impl From<Message> for Arg {
    fn from(part: Message) -> Self {
        Self::Said(Box::new(part))
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Arg {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

macro_rules! counts {
    ($($from:ty)*) => { $(impl From<$from> for Arg {
        fn from(count: $from) -> Self {
            Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
        }
    })* };
}

counts! { usize u64 u32 i64 i32 }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_goes_over_the_wire_and_back() {
        for message in [crate::at_most_characters(3, 1_204_usize), Message::given("Ask Ada.")] {
            let wire = serde_json::to_string(&message).unwrap();
            assert_eq!(serde_json::from_str::<Message>(&wire).unwrap(), message, "{wire}");
        }
    }

    #[test]
    fn it_is_said_in_the_readers_language_and_with_his_signs() {
        let message = crate::at_most_characters(3, 1_204_usize);
        assert_eq!(message.to_string(), "At most 3 characters; this has 1,204.");
        assert_eq!(message.say(Language::of("de-DE"), '.'), "Höchstens 3 Zeichen; das hier sind 1.204.");
        assert_eq!(message.say(Language::of("fr"), ' '), "At most 3 characters; this has 1 204.", "what is not spoken");
    }

    #[test]
    fn what_is_not_in_the_catalogue_is_known_to_be_missing() {
        let newer: Message = serde_json::from_str(r#"{"id": "of-next-year"}"#).unwrap();
        assert!(!newer.is_known());
        assert_eq!(newer.to_string(), "of-next-year");
    }
}
