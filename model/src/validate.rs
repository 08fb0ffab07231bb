//! Typed validation of one cell: the same code at the cell while typing and in the server before any transaction.

use std::cell::RefCell;
use std::collections::HashMap;

use regex_lite::Regex;
use rust_decimal::Decimal;
use words::Message;

use crate::{CellError, Code, ColumnType, ColumnView, FileRef, FileType, Pattern, Raw, Value, ValueError};

/// Reads `raw` as a value of `column` and checks it against the column's constraints.
///
/// # Errors
/// A [`CellError`] with the first thing that is wrong: `WB001` type, `WB002` range, `WB003` and `WB015` length, `WB004`
/// option, `WB005` required, `WB016` form.
pub fn validate(column: &ColumnView, raw: &Raw) -> Result<Value, CellError> {
    let error = |code: Code, message: Message| CellError { column: column.name.clone(), code, message };
    let value = Value::from_wire(raw, &column.ty).map_err(|problem| match problem {
        ValueError::WrongType(message) => error(Code::WrongType, message),
        ValueError::OutOfRange(message) => error(Code::OutOfRange, message),
    })?;
    let rules = &column.constraints;
    let blank = value.is_blank();
    if blank && rules.required {
        return Err(error(Code::Required, words::required(&column.label)));
    }
    if let Some(number) = value.as_decimal() {
        in_range(number, rules.min, rules.max).map_err(|message| error(Code::OutOfRange, message))?;
    }
    if let (Value::Text(text), Some(max)) = (&value, rules.max_length) {
        let length = text.chars().count();
        if length > max as usize {
            return Err(error(Code::TooLong, words::at_most_characters(max, length)));
        }
    }
    if let (Value::Text(text), Some(min), false) = (&value, rules.min_length, blank) {
        let length = text.chars().count();
        if length < min as usize {
            return Err(error(Code::TooShort, words::at_least_characters(min, length)));
        }
    }
    if let (Value::Text(text), Some(pattern), false) = (&value, &rules.pattern, blank)
        && !pattern.fits(text)
    {
        let message = pattern.message.as_ref().map_or_else(|| Code::WrongForm.message(), Message::given);
        return Err(error(Code::WrongForm, message));
    }
    if let (Some(files), false) = (&column.file, blank) {
        let file = FileRef::of(raw).ok_or_else(|| error(Code::WrongType, words::file_not_one()))?;
        if FileType::of_media(&file.media).is_none_or(|ty| !files.types.contains(&ty)) {
            return Err(error(Code::WrongFile, words::file_types(files.said())));
        }
        if file.size > files.most_bytes {
            return Err(error(Code::TooLong, words::file_too_large(megabytes(files.most_bytes))));
        }
    }
    if let (Value::Text(text), ColumnType::Choices { options }) = (&value, &column.ty) {
        let chosen: Vec<String> = serde_json::from_str(text).unwrap_or_default();
        if let Some(other) = chosen.iter().find(|one| !options.contains(one)) {
            return Err(error(Code::NotAnOption, words::not_all_options(other, options.join(", "))));
        }
    }
    if let (Value::Text(text), ColumnType::Choice { options }) = (&value, &column.ty)
        && !options.contains(text)
    {
        return Err(error(Code::NotAnOption, words::not_an_option(options.join(", "))));
    }
    Ok(value)
}

/// So many bytes in megabytes, of which a column's limit is a whole number.
#[must_use]
pub fn megabytes(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

impl Pattern {
    /// Reads the expression.
    ///
    /// # Errors
    /// What is wrong with it, in the words of the parser.
    pub fn compile(&self) -> Result<Regex, String> {
        Regex::new(&format!("^(?:{})$", self.expression)).map_err(|error| error.to_string())
    }

    /// Whether the whole text has this form. An expression that is none, which no workbook is served with, fits nothing.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        thread_local! {
            /// A block of thousands of cells is checked by few expressions.
            static KNOWN: RefCell<HashMap<String, Option<Regex>>> = RefCell::default();
        }
        KNOWN.with_borrow_mut(|known| {
            if known.len() > 100 {
                known.clear();
            }
            let regex = known.entry(self.expression.clone()).or_insert_with(|| self.compile().ok());
            regex.as_ref().is_some_and(|regex| regex.is_match(text))
        })
    }
}

fn in_range(number: Decimal, min: Option<Decimal>, max: Option<Decimal>) -> Result<(), Message> {
    match (min, max) {
        (Some(min), Some(max)) if number < min || number > max => Err(words::between_numbers(min.to_string(), max.to_string())),
        (Some(min), None) if number < min => Err(words::number_or_more(min.to_string())),
        (None, Some(max)) if number > max => Err(words::number_or_less(max.to_string())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{ColumnRole, Constraints};

    fn column(ty: ColumnType, constraints: Constraints) -> ColumnView {
        ColumnView {
            name: "forecast".into(),
            label: "Forecast".into(),
            ty,
            role: ColumnRole::Input,
            format: None,
            editable: true,
            constraints,
            help: None,
            lookup: false,
            file: None,
        }
    }

    #[track_caller]
    fn check(ty: ColumnType, constraints: Constraints, raw: Raw, expect: Result<(), Code>) {
        let got = validate(&column(ty, constraints), &raw);
        assert_eq!(got.map(drop).map_err(|error| error.code), expect, "{raw}");
    }

    #[test]
    fn each_constraint_has_its_code() {
        let money = ColumnType::Decimal { scale: 2 };
        let choice = ColumnType::Choice { options: vec!["draft".into()] };
        let positive = Constraints { min: Some(Decimal::ZERO), ..Default::default() };
        let short = Constraints { max_length: Some(3), ..Default::default() };
        let required = Constraints { required: true, ..Default::default() };
        check(money.clone(), positive.clone(), Raw::from("12.50"), Ok(()));
        check(money.clone(), positive.clone(), Raw::from("-1"), Err(Code::OutOfRange));
        check(money.clone(), positive, Raw::from("abc"), Err(Code::WrongType));
        check(money.clone(), Constraints::default(), Raw::from(true), Err(Code::WrongType));
        check(ColumnType::Text, short.clone(), Raw::from("äöü"), Ok(()));
        check(ColumnType::Text, short, Raw::from("four"), Err(Code::TooLong));
        check(choice.clone(), Constraints::default(), Raw::from("done"), Err(Code::NotAnOption));
        check(choice, Constraints::default(), Raw::from("draft"), Ok(()));
        check(ColumnType::Text, required.clone(), Raw::from("  "), Err(Code::Required));
        check(money, required, Raw::Null, Err(Code::Required));
        let code = Constraints {
            min_length: Some(3),
            pattern: Some(Pattern { expression: "[A-Z]+-[0-9]+|none".into(), message: None }),
            ..Default::default()
        };
        check(ColumnType::Text, code.clone(), Raw::from("A1"), Err(Code::TooShort));
        check(ColumnType::Text, code.clone(), Raw::from("ABC-12"), Ok(()));
        check(ColumnType::Text, code.clone(), Raw::from("none"), Ok(()));
        check(ColumnType::Text, code.clone(), Raw::from("xABC-12"), Err(Code::WrongForm));
        check(ColumnType::Text, code, Raw::Null, Ok(()));
        let several = ColumnType::Choices { options: vec!["a".into(), "b".into()] };
        check(several.clone(), Constraints::default(), serde_json::json!(["b", "a"]), Ok(()));
        check(several.clone(), Constraints::default(), Raw::from("[\"c\"]"), Err(Code::NotAnOption));
        check(several.clone(), Constraints::default(), Raw::from("a"), Err(Code::WrongType));
        check(several, Constraints { required: true, ..Default::default() }, serde_json::json!([]), Err(Code::Required));
    }

    proptest! {
        #[test]
        fn validating_anything_never_panics(text in ".*", number in any::<f64>(), scale in 0u32..=28, min in any::<i64>()) {
            let constraints =
                Constraints { required: true, min: Some(Decimal::from(min)), max_length: Some(5), ..Default::default() };
            for ty in ColumnType::examples(scale) {
                let column = column(ty, constraints.clone());
                let _ = validate(&column, &Raw::from(text.clone()));
                let _ = validate(&column, &Raw::from(number));
                let _ = validate(&column, &serde_json::json!([text.clone(), {"a": number}]));
            }
        }
    }
}
