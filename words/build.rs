//! Makes a function of every message of the English catalogue, so that a name that is not there, or an argument that is
//! forgotten, does not compile.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Message, Pattern, PatternElement};
use fluent_syntax::{parser, serializer};

const CATALOGUE: &str = "messages/en.ftl";

fn main() {
    println!("cargo::rerun-if-changed={CATALOGUE}");
    let text = fs::read_to_string(CATALOGUE).expect("the English catalogue is beside this file");
    let resource = parser::parse(text.as_str()).unwrap_or_else(|(_, errors)| panic!("{CATALOGUE}: {errors:?}"));
    let functions: String = resource
        .body
        .iter()
        .filter_map(|entry| match entry {
            // Codes of refusals are said by `Message::of_code`.
            Entry::Message(message) if !message.id.name.starts_with("code-") => Some(function(message)),
            _ => None,
        })
        .collect();
    let place = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("messages.rs");
    fs::write(place, functions).expect("OUT_DIR can be written");
}

fn function(message: &Message<&str>) -> String {
    let (id, mut variables) = (message.id.name, Vec::new());
    of_pattern(message.value.as_ref().expect("every message has a text"), &mut variables);
    let source = serializer::serialize(&fluent_syntax::ast::Resource { body: vec![Entry::Message(message.clone())] });
    let name = id.replace('-', "_");
    let mut out = String::new();
    for line in source.trim().lines() {
        let _ = writeln!(out, "/// `{}`\n///", line.trim().replace('`', "'"));
    }
    let takes: Vec<String> = variables.iter().map(|variable| format!("{variable}: impl Into<Arg>")).collect();
    let gives: Vec<String> = variables.iter().map(|variable| format!("(\"{variable}\", {variable}.into())")).collect();
    let (takes, gives) = (takes.join(", "), gives.join(", "));
    let _ = writeln!(out, "#[must_use]\npub fn {name}({takes}) -> Message {{\n    Message::named(\"{id}\", [{gives}])\n}}");
    out
}

/// The variables of a text, each once, in the order of the text.
fn of_pattern<'s>(pattern: &Pattern<&'s str>, found: &mut Vec<&'s str>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            of_expression(expression, found);
        }
    }
}

fn of_expression<'s>(expression: &Expression<&'s str>, found: &mut Vec<&'s str>) {
    let inline = match expression {
        Expression::Inline(inline) => inline,
        Expression::Select { selector, .. } => selector,
    };
    match inline {
        InlineExpression::VariableReference { id } if !found.contains(&id.name) => found.push(id.name),
        InlineExpression::Placeable { expression } => of_expression(expression, found),
        _ => {}
    }
    if let Expression::Select { variants, .. } = expression {
        variants.iter().for_each(|variant| of_pattern(&variant.value, found));
    }
}
