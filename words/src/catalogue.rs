//! The texts, read once by each thread that says something.

use std::cell::{Cell, OnceCell};

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::Arg;
use crate::message::Args;

/// A language that Inlay speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    #[default]
    English,
    German,
}

thread_local! {
    static ENGLISH: OnceCell<FluentBundle<FluentResource>> = const { OnceCell::new() };
    static GERMAN: OnceCell<FluentBundle<FluentResource>> = const { OnceCell::new() };
    /// What stands between thousands while a sentence is made; the library's formatter is a plain function.
    static GROUP: Cell<char> = const { Cell::new(',') };
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// The language of a BCP 47 tag, if Inlay speaks it.
    #[must_use]
    pub fn spoken(tag: &str) -> Option<Self> {
        let wanted = tag.split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(wanted))
    }

    /// The same, and English for every other language.
    #[must_use]
    pub fn of(tag: &str) -> Self {
        Self::spoken(tag).unwrap_or_default()
    }

    /// BCP 47, as `lang` of what is said.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("../messages/en.ftl"),
            Self::German => include_str!("../messages/de.ftl"),
        }
    }

    /// Whether the language's own catalogue has a message.
    #[must_use]
    pub fn has(self, id: &str) -> bool {
        self.with(|bundle| bundle.has_message(id))
    }

    /// The sentence, else the English one; `None` if neither is there.
    pub(crate) fn say(self, id: &str, args: &Args, group: char) -> Option<String> {
        if !self.has(id) {
            return if self == Self::English { None } else { Self::English.say(id, args, group) };
        }
        let mut filled = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            match arg {
                Arg::Number(count) => filled.set(name.as_ref(), *count),
                Arg::Text(text) => filled.set(name.as_ref(), text.as_str()),
                Arg::Said(part) => filled.set(name.as_ref(), part.say(self, group)),
            }
        }
        GROUP.set(group);
        self.with(|bundle| {
            let pattern = bundle.get_message(id)?.value()?;
            Some(bundle.format_pattern(pattern, Some(&filled), &mut Vec::new()).into_owned())
        })
    }

    fn with<T>(self, read: impl FnOnce(&FluentBundle<FluentResource>) -> T) -> T {
        let cell = match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
        };
        cell.with(|cell| read(cell.get_or_init(|| bundle(self))))
    }
}

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let tag: LanguageIdentifier = language.tag().parse().expect("the tag is one of ours");
    let mut bundle = FluentBundle::new(vec![tag]);
    // Screens and screen readers get the same text; the page sets the direction of what people wrote.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) => Some(grouped(number.value)),
        _ => None,
    }));
    // A test reads both catalogues; what stands in a line that can't be read is left out and not the rest with it.
    let resource = FluentResource::try_new(language.source().to_owned()).unwrap_or_else(|(resource, _)| resource);
    let _ = bundle.add_resource(resource);
    bundle
}

/// Counts are whole.
fn grouped(count: f64) -> String {
    let (digits, group) = (format!("{:.0}", count.abs()), GROUP.get());
    let mut out = String::from(if count < 0.0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(group);
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;
    use std::{fs, io};

    use fluent_syntax::ast::{Entry, Resource};
    use fluent_syntax::parser;

    use super::*;

    fn read(language: Language) -> Resource<&'static str> {
        parser::parse(language.source()).unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", language.tag()))
    }

    /// Each message with the variables that its text names.
    fn messages(language: Language) -> BTreeMap<&'static str, BTreeSet<String>> {
        let entries = read(language).body.into_iter();
        let messages = entries.filter_map(|entry| if let Entry::Message(message) = entry { Some(message) } else { None });
        messages
            .map(|message| {
                let text = format!("{:?}", message.value.expect("a text"));
                let names = text.split("VariableReference { id: Identifier { name: \"").skip(1);
                (message.id.name, names.filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect())
            })
            .collect()
    }

    #[test]
    fn both_catalogues_say_the_same_things() {
        let (english, german) = (messages(Language::English), messages(Language::German));
        let ids = |of: &BTreeMap<&'static str, _>| of.keys().copied().collect::<BTreeSet<_>>();
        assert_eq!(ids(&german).symmetric_difference(&ids(&english)).collect::<Vec<_>>(), Vec::<&&str>::new());
        for (id, variables) in &english {
            assert_eq!(&german[id], variables, "the variables of {id}");
        }
    }

    #[test]
    fn every_message_is_said_somewhere() {
        let mut sources = String::new();
        for room in ["app", "model", "engine", "server", "frontend"] {
            collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(room).join("src"), &mut sources).unwrap();
        }
        let named: BTreeSet<&str> = sources.split("words::").skip(1).map(|rest| &rest[..name_length(rest)]).collect();
        let said = |id: &&&str| id.starts_with("code-") || named.contains(id.replace('-', "_").as_str());
        let messages = messages(Language::English);
        assert_eq!(messages.keys().filter(|id| !said(id)).collect::<Vec<_>>(), Vec::<&&str>::new());
    }

    fn name_length(text: &str) -> usize {
        text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
    }

    /// What a view says in words of its own would be said in English to everybody.
    #[test]
    fn no_view_has_words_of_its_own() {
        let mut sources = String::new();
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src"), &mut sources).unwrap();
        let begins = [">\"", "aria-label=\"", "title=\"", "placeholder=\"", "announcement.set(\""];
        let begins_with_words = |rest: &str| rest.starts_with(|c: char| c.is_uppercase());
        let own = |line: &&str| begins.iter().any(|begin| line.split(begin).skip(1).any(begins_with_words));
        assert_eq!(sources.lines().filter(own).collect::<Vec<_>>(), Vec::<&str>::new());
    }

    fn collect(folder: &Path, into: &mut String) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                collect(&path, into)?;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                *into += &fs::read_to_string(&path)?;
            }
        }
        Ok(())
    }

    #[test]
    fn numbers_are_grouped() {
        GROUP.set('.');
        assert_eq!((grouped(7.0), grouped(1_000.0), grouped(-1_234_567.0)), ("7".into(), "1.000".into(), "-1.234.567".into()));
    }
}
