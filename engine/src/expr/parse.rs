//! From text to a checked expression, or to a mistake with its place in the text.

use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};
use words::Message;

use super::ast::Expr;
use super::check::{Scope, check_expr};

/// What is wrong with an expression. `line` and `column` count from 1 within the expression's own text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExprError {
    pub message: Message,
    pub hint: Option<Message>,
    pub line: u64,
    pub column: u64,
}

impl ExprError {
    pub(super) fn at(place: Location, message: Message) -> Self {
        Self { message, hint: None, line: place.line.max(1), column: place.column.max(1) }
    }

    pub(super) fn did_you_mean(mut self, name: &str, candidates: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.hint = nearest(name, candidates).map(words::expr_did_you_mean);
        self
    }
}

/// Parses `text` and checks it against `scope`.
///
/// # Errors
/// The first thing that is not an expression of the language, not known, or not of a fitting type.
pub fn check(text: &str, scope: &Scope<'_>) -> Result<Expr, ExprError> {
    let start = Location::new(1, 1);
    let dialect = GenericDialect {};
    let tokens = Tokenizer::new(&dialect, text)
        .tokenize_with_location()
        .map_err(|error| ExprError::at(error.location, words::expr_unreadable(error.message)))?;
    let end = tokens.last().map_or(start, |token| token.span.end);
    let mut parser = Parser::new(&dialect).with_tokens_with_locations(wrap_in_lists(tokens)).with_recursion_limit(64);
    let parsed = parser.parse_expr().map_err(|error| syntax_error(&error.to_string(), end))?;
    let rest = parser.peek_token();
    if rest.token != Token::EOF {
        return Err(ExprError::at(rest.span.start, words::expr_unexpected(rest.token.to_string())));
    }
    check_expr(&parsed, scope)
}

/// `x in @user.regions` becomes `x in (@user.regions)`, which the parser knows.
fn wrap_in_lists(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len() + 2);
    let mut open = false;
    let mut after_in = false;
    for token in tokens {
        let word = if let Token::Word(word) = &token.token { Some(word.value.clone()) } else { None };
        if open && word.is_none() && token.token != Token::Period {
            out.push(TokenWithSpan::new(Token::RParen, token.span));
            open = false;
        }
        if after_in && word.as_deref().is_some_and(|w| w.starts_with('@')) {
            out.push(TokenWithSpan::new(Token::LParen, token.span));
            open = true;
        }
        if !matches!(token.token, Token::Whitespace(_)) {
            after_in = word.as_deref().is_some_and(|w| w.eq_ignore_ascii_case("in"));
        }
        out.push(token);
    }
    if open && let Some(last) = out.last() {
        let span = last.span;
        out.push(TokenWithSpan::new(Token::RParen, span));
    }
    out
}

/// sqlparser says its places only inside its text: "... at Line: 1, Column: 9".
fn syntax_error(text: &str, end: Location) -> ExprError {
    let message = text.trim_start_matches("sql parser error: ");
    let Some((what, place)) = message.split_once(" at Line: ") else {
        return ExprError::at(end, words::expr_unreadable(message));
    };
    let mut numbers = place.split(", Column: ").filter_map(|n| n.trim().parse().ok());
    let (line, column) = (numbers.next().unwrap_or(1), numbers.next().unwrap_or(1));
    ExprError::at(Location::new(line, column), words::expr_unreadable(what))
}

/// The candidate most like `name`, if one is near enough to be meant.
pub(crate) fn nearest(name: &str, candidates: impl IntoIterator<Item = impl AsRef<str>>) -> Option<String> {
    candidates
        .into_iter()
        .map(|c| (strsim::jaro_winkler(name, c.as_ref()), c.as_ref().to_owned()))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, c)| c)
}
