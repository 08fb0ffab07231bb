//! Texts in Markdown: taken apart when they are loaded, so that the browser gets words and never HTML.

use std::iter::Peekable;

use model::{TextPart, Words, file};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::{Compiler, below};
use crate::catalog::document::Step;
use crate::catalog::{Dataset, Kind, Measure};

/// Lists and quotes within each other.
const DEEPEST: usize = 32;
/// A value's number stands between these two while Markdown is read: letters to it, in no text that people write.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

impl Compiler<'_> {
    /// A text, with what it measures of `dataset`.
    pub(super) fn text(&mut self, at: &[Step], dataset: Option<Dataset<'_>>, x: &file::Text) -> Option<Kind> {
        let at = below(at, "markdown");
        let (marked, texts) = marked(&x.markdown).map_err(|wrong| self.mistake(&at, wrong)).ok()?;
        let mut values: Vec<Measure> = Vec::new();
        for (i, text) in texts.iter().enumerate() {
            let Some(dataset) = dataset else {
                self.mistake(&at, format!("`{{{text}}}` is measured of a `source`, which this text does not name"));
                return None;
            };
            let mut value = self.measure(&at, "value", text, dataset.measures(), dataset)?;
            if value.expr.has_window() {
                self.mistake(&at, "this is set beside other marks of a chart; a text has one");
                return None;
            }
            value.name = format!("value{i}");
            values.push(value);
        }
        let mut reader = Reader { texts: &texts, mistakes: Vec::new() };
        let events: Vec<Event<'_>> = Parser::new_ext(&marked, Options::ENABLE_STRIKETHROUGH).collect();
        let parts = if depth(&events) > DEEPEST {
            reader.mistakes.push(format!("lists and quotes are at most {DEEPEST} deep in each other"));
            Vec::new()
        } else {
            reader.parts(&mut events.into_iter().peekable())
        };
        for mistake in reader.mistakes {
            self.mistake(&at, mistake);
        }
        Some(Kind::Text { parts, values })
    }
}

fn depth(events: &[Event<'_>]) -> usize {
    let mut deepest = 0;
    events.iter().fold(0_usize, |depth, event| {
        deepest = deepest.max(depth);
        match event {
            Event::Start(_) => depth + 1,
            Event::End(_) => depth.saturating_sub(1),
            _ => depth,
        }
    });
    deepest
}

/// The Markdown with a mark for each value, and what the values are, each once.
fn marked(markdown: &str) -> Result<(String, Vec<String>), String> {
    let mut texts: Vec<String> = Vec::new();
    let mut marked = String::with_capacity(markdown.len());
    let mut rest = markdown.chars().filter(|c| ![OPEN, CLOSE].contains(c)).peekable();
    while let Some(c) = rest.next() {
        match c {
            '{' | '}' if rest.peek() == Some(&c) => {
                marked.push(c);
                rest.next();
            }
            '{' => {
                let mut text = String::new();
                loop {
                    match rest.next() {
                        Some('}') => break,
                        Some(c) => text.push(c),
                        None => return Err("a `{` begins a value, and this one has no end; a brace itself is `{{`".into()),
                    }
                }
                let text = text.trim().to_owned();
                let number = texts.iter().position(|known| *known == text).unwrap_or(texts.len());
                if number == texts.len() {
                    texts.push(text);
                }
                marked.push_str(&format!("{OPEN}{number}{CLOSE}"));
            }
            c => marked.push(c),
        }
    }
    Ok((marked, texts))
}

struct Reader<'a> {
    texts: &'a [String],
    mistakes: Vec<String>,
}

impl Reader<'_> {
    /// Parts until the end of what they are in.
    fn parts<'e>(&mut self, events: &mut Peekable<impl Iterator<Item = Event<'e>>>) -> Vec<TextPart> {
        let mut parts = Vec::new();
        while let Some(event) = events.peek() {
            let inline = !is_part(event);
            if inline {
                // An item of a tight list has its words without a paragraph around them.
                let words = self.words(events, |event| is_part(event));
                if !words.is_empty() {
                    parts.push(TextPart::Paragraph { words });
                }
                if !matches!(events.peek(), Some(event) if is_part(event)) {
                    return parts;
                }
                continue;
            }
            match events.next() {
                None | Some(Event::End(_)) => return parts,
                Some(Event::Rule) => parts.push(TextPart::Rule),
                Some(Event::Start(tag)) => parts.extend(self.part(&tag, events)),
                Some(_) => self.html(),
            }
        }
        parts
    }

    fn part<'e>(&mut self, tag: &Tag<'e>, events: &mut Peekable<impl Iterator<Item = Event<'e>>>) -> Option<TextPart> {
        Some(match tag {
            Tag::Heading { level, .. } => TextPart::Heading { level: number(*level), words: self.line(events) },
            Tag::BlockQuote(_) => TextPart::Quote { parts: self.parts(events) },
            Tag::List(first) => {
                let mut items = Vec::new();
                while let Some(Event::Start(Tag::Item)) = events.next() {
                    items.push(self.parts(events));
                }
                TextPart::List { first: *first, items }
            }
            Tag::CodeBlock(_) => TextPart::Code { text: self.verbatim(events) },
            Tag::HtmlBlock => {
                self.html();
                self.verbatim(events);
                return None;
            }
            _ => TextPart::Paragraph { words: self.line(events) },
        })
    }

    /// The words of a part, and its end.
    fn line<'e>(&mut self, events: &mut Peekable<impl Iterator<Item = Event<'e>>>) -> Vec<Words> {
        let words = self.words(events, |event| matches!(event, Event::End(_)));
        events.next();
        words
    }

    /// Words until an event that is `over` them, which is left.
    fn words<'e>(
        &mut self,
        events: &mut Peekable<impl Iterator<Item = Event<'e>>>,
        over: impl Fn(&Event<'e>) -> bool,
    ) -> Vec<Words> {
        let mut words: Vec<Words> = Vec::new();
        while let Some(event) = events.next_if(|event| !over(event)) {
            match event {
                Event::Text(text) => self.plain(&text, &mut words),
                Event::Code(text) => words.push(Words::Code { text: self.as_written(&text) }),
                Event::SoftBreak => self.plain(" ", &mut words),
                Event::HardBreak => words.push(Words::Break),
                Event::Start(tag) => {
                    let inner = self.line(events);
                    match tag {
                        Tag::Strong => words.push(Words::Strong { words: inner }),
                        Tag::Emphasis => words.push(Words::Emphasis { words: inner }),
                        Tag::Strikethrough => words.push(Words::Struck { words: inner }),
                        Tag::Link { dest_url, .. } => words.push(Words::Link { to: self.address(&dest_url), words: inner }),
                        Tag::Image { .. } => {
                            self.mistakes.push("a picture is an element of its own: `{ image: …, file: … }`".into())
                        }
                        _ => words.extend(inner),
                    }
                }
                Event::InlineHtml(_) | Event::Html(_) => self.html(),
                _ => {}
            }
        }
        words
    }

    fn html(&mut self) {
        let mistake = "a text has no HTML; a `<` that is meant is written `\\<`";
        if self.mistakes.iter().all(|known| known != mistake) {
            self.mistakes.push(mistake.into());
        }
    }

    fn address(&mut self, to: &str) -> String {
        let scheme = to.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
        if to.contains(OPEN) {
            self.mistakes.push("there are no values in the address of a link".into());
        } else if !matches!(scheme.as_deref(), Some("https" | "http" | "mailto")) {
            self.mistakes
                .push(format!("a link goes to an address that begins with `https:`, `http:` or `mailto:`, not to `{to}`"));
        }
        to.to_owned()
    }

    /// Adds text with the values in it; text goes along with the text before.
    fn plain(&self, text: &str, words: &mut Vec<Words>) {
        for (i, piece) in text.split(OPEN).enumerate() {
            let (value, rest) =
                if i == 0 { (None, piece) } else { piece.split_once(CLOSE).map_or((None, piece), |(n, rest)| (Some(n), rest)) };
            words.extend(value.and_then(|n| n.parse().ok()).map(|column| Words::Value { column }));
            match words.last_mut() {
                _ if rest.is_empty() => {}
                Some(Words::Plain { text }) => text.push_str(rest),
                _ => words.push(Words::Plain { text: rest.to_owned() }),
            }
        }
    }

    /// Code is not text that values are put into.
    fn as_written(&self, text: &str) -> String {
        let mut written = text.to_owned();
        for (i, value) in self.texts.iter().enumerate() {
            written = written.replace(&format!("{OPEN}{i}{CLOSE}"), &format!("{{{value}}}"));
        }
        written
    }

    fn verbatim<'e>(&mut self, events: &mut impl Iterator<Item = Event<'e>>) -> String {
        let mut text = String::new();
        for event in events.take_while(|event| !matches!(event, Event::End(_))) {
            if let Event::Text(more) = event {
                text.push_str(&more);
            }
        }
        self.as_written(text.trim_end_matches('\n'))
    }
}

/// Whether it begins or ends what stands on lines of its own.
fn is_part(event: &Event<'_>) -> bool {
    match event {
        Event::Start(tag) => {
            !matches!(tag, Tag::Strong | Tag::Emphasis | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. })
        }
        Event::End(end) => {
            !matches!(end, TagEnd::Strong | TagEnd::Emphasis | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image)
        }
        Event::Rule | Event::Html(_) => true,
        _ => false,
    }
}

fn number(level: HeadingLevel) -> u8 {
    level as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(markdown: &str) -> (Vec<TextPart>, Vec<String>) {
        let (marked, texts) = marked(markdown).unwrap();
        let mut reader = Reader { texts: &texts, mistakes: Vec::new() };
        let parts =
            reader.parts(&mut Parser::new_ext(&marked, Options::ENABLE_STRIKETHROUGH).collect::<Vec<_>>().into_iter().peekable());
        (parts, reader.mistakes)
    }

    fn plain(text: &str) -> Words {
        Words::Plain { text: text.into() }
    }

    fn paragraph(words: impl Into<Vec<Words>>) -> TextPart {
        TextPart::Paragraph { words: words.into() }
    }

    #[test]
    fn values_stand_where_they_are_named() {
        let (parts, mistakes) = read("## Of {revenue}\n**{ sum(a * b) }** and {revenue}, `{revenue}`, {{not}}");
        let value = |column| Words::Value { column };
        assert!(mistakes.is_empty(), "{mistakes:?}");
        assert_eq!(parts[0], TextPart::Heading { level: 2, words: vec![plain("Of "), value(0)] });
        let code = Words::Code { text: "{revenue}".into() };
        let strong = Words::Strong { words: vec![value(1)] };
        assert_eq!(parts[1], paragraph([strong, plain(" and "), value(0), plain(", "), code, plain(", {not}")]));
    }

    #[test]
    fn lists_are_tight_or_loose_and_have_lists_in_them() {
        let (parts, _) = read("3. one\n   - *in*\n4. two\n\n---\n\n> said\n\n- a\n\n- b");
        let inner = TextPart::List { first: None, items: vec![vec![paragraph([Words::Emphasis { words: vec![plain("in")] }])]] };
        let items = vec![vec![paragraph([plain("one")]), inner], vec![paragraph([plain("two")])]];
        assert_eq!(parts[0], TextPart::List { first: Some(3), items });
        assert_eq!(parts[1..3], [TextPart::Rule, TextPart::Quote { parts: vec![paragraph([plain("said")])] }]);
        assert_eq!(
            parts[3],
            TextPart::List { first: None, items: vec![vec![paragraph([plain("a")])], vec![paragraph([plain("b")])]] }
        );
    }

    #[test]
    fn nothing_comes_alive() {
        for alive in [
            "<script>alert(1)</script>",
            "a <b>c</b>",
            "<div>\n\nx\n\n</div>",
            "[a](javascript:alert(1))",
            "[a](/x)",
            "![a](https://x.y/z.png)",
        ] {
            assert!(!read(alive).1.is_empty(), "{alive}");
        }
        for quiet in ["1 < 2 and 3 > 2", "\\<b>", "[a](https://x.y) <mailto:a@b.c> ~~b~~", "`<b>`", "    <b>"] {
            assert_eq!(read(quiet).1, Vec::<String>::new(), "{quiet}");
        }
        assert!(marked("a { b").is_err());
    }
}
