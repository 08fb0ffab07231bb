//! From a document to the file's types, with every mistake of shape at once: what can't be read is told, taken out, and
//! the rest is read again.

use model::file;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use serde_path_to_error::{Path, Segment};

use super::document::{Document, Mistake, Step};
use crate::expr::nearest;

/// More mistakes than this in one part of a file help nobody.
const MOST: usize = 50;

/// Reads `json`, the part of the document at `at`, as a `T`; mistakes go to `mistakes`.
pub(super) fn read<T: DeserializeOwned>(
    doc: &mut Document<'_>,
    at: &[Step],
    json: Json,
    mistakes: &mut Vec<Mistake>,
) -> Option<T> {
    let mut json = json;
    let mut taken_out: Vec<Vec<Step>> = Vec::new();
    for _ in 0..MOST {
        let error = match serde_path_to_error::deserialize::<_, T>(&json) {
            Ok(read) => return Some(read),
            Err(error) => error,
        };
        let below = steps(error.path());
        let message = error.inner().to_string();
        // What was taken out is missing now; that it was wrong has been told.
        let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        let told = missing.is_some_and(|name| taken_out.contains(&with(&below, name)));
        let full: Vec<Step> = at.iter().cloned().chain(below.iter().cloned()).collect();
        if !told {
            mistakes.push(describe(doc, &full, &message));
        }
        if let Some(known) = message.strip_prefix("unknown variant ").and_then(|rest| backticked(rest).nth(1))
            && let Some(value) = find(&mut json, &below)
        {
            // Any value that is known lets the rest be read.
            *value = Json::from(known);
            continue;
        }
        match take_out(&mut json, &below, unknown_field(&message)) {
            Taken::Entry => taken_out.push(below),
            Taken::Item => {
                doc.leave_out(&full);
                taken_out.retain(|path| !path.starts_with(&below));
            }
            Taken::Nothing => return None,
        }
    }
    None
}

/// The elements of a page: each is told by the key that names its kind.
pub(super) fn element(doc: &mut Document<'_>, at: &[Step], json: &Json, mistakes: &mut Vec<Mistake>) -> Option<file::Element> {
    const KINDS: [&str; 11] =
        ["control", "kpi", "chart", "input_table", "form", "pivot", "text", "image", "container", "tabs", "table"];
    let Some(map) = json.as_object() else {
        mistakes.push(doc.mistake(at, "an element is a mapping, such as `{ kpi: revenue, … }`"));
        return None;
    };
    let Some(kind) = KINDS.into_iter().find(|kind| map.contains_key(*kind)) else {
        let mut mistake = doc.mistake(at, format!("an element needs one of: {}", KINDS.join(", ")));
        let near = map.keys().find_map(|key| nearest(key, KINDS));
        mistake.hint = near.map(|near| format!("did you mean `{near}`?"));
        mistakes.push(mistake);
        return None;
    };
    let json = json.clone();
    Some(match kind {
        "control" => file::Element::Control(control(doc, at, json, mistakes)?),
        "kpi" => file::Element::Kpi(read(doc, at, json, mistakes)?),
        "chart" => file::Element::Chart(read(doc, at, json, mistakes)?),
        "input_table" => file::Element::InputTable(read(doc, at, json, mistakes)?),
        "form" => file::Element::Form(read(doc, at, json, mistakes)?),
        "pivot" => file::Element::Pivot(read(doc, at, json, mistakes)?),
        "text" => file::Element::Text(read(doc, at, json, mistakes)?),
        "image" => file::Element::Image(read(doc, at, json, mistakes)?),
        "container" => file::Element::Container(read(doc, at, json, mistakes)?),
        "tabs" => file::Element::Tabs(read(doc, at, json, mistakes)?),
        _ => file::Element::Table(read(doc, at, json, mistakes)?),
    })
}

/// A control: its type says which keys it takes.
fn control(doc: &mut Document<'_>, at: &[Step], json: Json, mistakes: &mut Vec<Mistake>) -> Option<file::Control> {
    const TYPES: [&str; 10] =
        ["list", "segmented", "checkbox", "number_range", "date_range", "text", "top", "grain", "measure", "parameter"];
    let given = json.get("type").and_then(Json::as_str).unwrap_or_default();
    Some(match given {
        "list" | "segmented" => file::Control::List(read(doc, at, json, mistakes)?),
        "checkbox" => file::Control::Checkbox(read(doc, at, json, mistakes)?),
        "number_range" | "date_range" | "text" => file::Control::Range(read(doc, at, json, mistakes)?),
        "top" => file::Control::Top(read(doc, at, json, mistakes)?),
        "grain" | "measure" => file::Control::Switch(read(doc, at, json, mistakes)?),
        "parameter" => file::Control::Parameter(read(doc, at, json, mistakes)?),
        given => {
            let there = json.get("type").is_some();
            let place = if there { with(at, "type") } else { at.to_vec() };
            let message =
                if there { format!("there is no control of type `{given}`") } else { "a control needs a `type`".into() };
            let mut mistake = doc.mistake(&place, message);
            mistake.hint = Some(match nearest(given, TYPES) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("expected one of: {}", TYPES.join(", ")),
            });
            mistakes.push(mistake);
            return None;
        }
    })
}

fn with(path: &[Step], name: &str) -> Vec<Step> {
    path.iter().cloned().chain([Step::from(name)]).collect()
}

fn steps(path: &Path) -> Vec<Step> {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Map { key } => Some(Step::Key(key.clone())),
            Segment::Seq { index } => Some(Step::Index(*index)),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

fn describe(doc: &Document<'_>, at: &[Step], message: &str) -> Mistake {
    let Some(field) = unknown_field(message) else {
        let known = message.strip_prefix("unknown variant ");
        let mut mistake = doc.mistake(at, known.map_or_else(|| message.to_owned(), |rest| format!("unknown value {rest}")));
        if let Some(rest) = known {
            let mut names = backticked(rest);
            let given = names.next().unwrap_or_default().to_owned();
            mistake.hint = nearest(&given, names).map(|near| format!("did you mean `{near}`?"));
        }
        return mistake;
    };
    // serde names the unknown key as the last step of the path
    let parent = if at.last() == Some(&Step::Key(field.to_owned())) { &at[..at.len() - 1] } else { at };
    let mut mistake = doc.mistake_at_key(parent, field, format!("unknown key `{field}`"));
    let expected: Vec<&str> = backticked(message).skip(1).collect();
    mistake.hint = Some(match nearest(field, &expected) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected one of: {}", expected.join(", ")),
    });
    mistake
}

fn unknown_field(message: &str) -> Option<&str> {
    message.strip_prefix("unknown field `")?.split('`').next()
}

fn backticked(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

enum Taken {
    /// An entry of a mapping.
    Entry,
    /// An item of a list: those after it have moved up.
    Item,
    Nothing,
}

/// Takes the faulty part out of `json`, unless nothing would be left to read.
fn take_out(json: &mut Json, below: &[Step], unknown: Option<&str>) -> Taken {
    let mut target = below.to_vec();
    if let Some(field) = unknown
        && target.last() != Some(&Step::Key(field.to_owned()))
    {
        target.push(Step::from(field));
    }
    let Some(last) = target.pop() else {
        return Taken::Nothing;
    };
    let Some(node) = find(json, &target) else {
        return Taken::Nothing;
    };
    match (last, node) {
        (Step::Key(key), Json::Object(map)) if map.contains_key(&key) => {
            map.shift_remove(&key);
            Taken::Entry
        }
        (Step::Index(index), Json::Array(items)) if index < items.len() => {
            items.remove(index);
            Taken::Item
        }
        _ => Taken::Nothing,
    }
}

fn find<'j>(json: &'j mut Json, path: &[Step]) -> Option<&'j mut Json> {
    path.iter().try_fold(json, |node, step| match step {
        Step::Key(key) => node.get_mut(key.as_str()),
        Step::Index(index) => node.get_mut(*index),
    })
}
