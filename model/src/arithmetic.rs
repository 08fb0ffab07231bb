//! What a person may work out in a cell: `=1200*1.05`, `=(3+4)/2`, `=250*8%`. Exact, with the usual precedence.

use std::iter::Peekable;
use std::str::Chars;

use rust_decimal::Decimal;
use words::Message;

/// Parentheses within parentheses, at most: whoever needs more has another tool.
const DEEPEST: usize = 32;

/// Works out `text`, whose numbers have this decimal sign and whose groups may be parted by `group`.
///
/// # Errors
/// What is wrong with it.
pub fn calculate(text: &str, decimal: char, group: char) -> Result<Decimal, Message> {
    let mut reader = Reader { chars: text.chars().peekable(), decimal, group, depth: 0 };
    let value = reader.sum()?;
    match reader.next() {
        None => Ok(value),
        Some(c) => Err(words::sum_stray_sign(c.to_string())),
    }
}

struct Reader<'t> {
    chars: Peekable<Chars<'t>>,
    decimal: char,
    group: char,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<char> {
        while self.chars.next_if(|c| c.is_whitespace()).is_some() {}
        self.chars.peek().copied()
    }

    fn next(&mut self) -> Option<char> {
        self.peek()?;
        self.chars.next()
    }

    fn take(&mut self, wanted: &[char]) -> Option<char> {
        self.peek().filter(|c| wanted.contains(c))?;
        self.chars.next()
    }

    fn sum(&mut self) -> Result<Decimal, Message> {
        let mut value = self.product()?;
        while let Some(sign) = self.take(&['+', '-', '−']) {
            let next = self.product()?;
            value = if sign == '+' { value.checked_add(next) } else { value.checked_sub(next) }.ok_or_else(too_large)?;
        }
        Ok(value)
    }

    fn product(&mut self) -> Result<Decimal, Message> {
        let mut value = self.factor()?;
        while let Some(sign) = self.take(&['*', '/', '×', '÷']) {
            let next = self.factor()?;
            value = match sign {
                '*' | '×' => value.checked_mul(next).ok_or_else(too_large)?,
                _ if next.is_zero() => return Err(words::sum_divides_by_zero()),
                _ => value.checked_div(next).ok_or_else(too_large)?,
            };
        }
        Ok(value)
    }

    fn factor(&mut self) -> Result<Decimal, Message> {
        let mut negative = false;
        while let Some(sign) = self.take(&['+', '-', '−']) {
            negative ^= sign != '+';
        }
        let mut value = if self.take(&['(']).is_some() { self.nested()? } else { self.number()? };
        while self.take(&['%']).is_some() {
            value /= Decimal::ONE_HUNDRED;
        }
        Ok(if negative { -value } else { value })
    }

    fn nested(&mut self) -> Result<Decimal, Message> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(words::sum_too_deep());
        }
        let value = self.sum()?;
        self.depth -= 1;
        self.take(&[')']).ok_or_else(words::sum_parenthesis_missing)?;
        Ok(value)
    }

    fn number(&mut self) -> Result<Decimal, Message> {
        let first = self.peek();
        let mut text = String::new();
        while let Some(c) = self.chars.peek().copied() {
            match c {
                '0'..='9' => text.push(c),
                c if c == self.decimal && !text.contains('.') => text.push('.'),
                // A group counts three digits, so that `1,5` is never read as 15.
                c if c == self.group && !text.contains('.') && self.three_follow() => {}
                _ => break,
            }
            self.chars.next();
        }
        match first {
            _ if text.bytes().any(|b| b.is_ascii_digit()) => text.parse().map_err(|_| too_large()),
            Some(c) => Err(words::sum_expected_number(c.to_string())),
            None => Err(words::sum_ends_early()),
        }
    }

    fn three_follow(&self) -> bool {
        let digits = self.chars.clone().skip(1).take_while(char::is_ascii_digit).count();
        digits == 3
    }
}

fn too_large() -> Message {
    words::number_too_large()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn is(text: &str, expect: &str) {
        assert_eq!(calculate(text, '.', ',').map(|value| value.normalize().to_string()), Ok(expect.to_owned()), "{text}");
    }

    #[test]
    fn it_is_exact_and_knows_what_goes_first() {
        is("1200*1.05", "1260");
        is("0.1 + 0.2", "0.3");
        is("2 + 3 * 4 - 1", "13");
        is("(2 + 3) * -4", "-20");
        is("--3", "3");
        is("250 * 8%", "20");
        is("1,200 / 4 / 3", "100");
        is(".5", "0.5");
        assert_eq!(calculate("1.200,5*2", ',', '.').map(|value| value.normalize().to_string()), Ok("2401".to_owned()));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, expect) in [
            ("", "Something is missing at the end."),
            ("2 +", "Something is missing at the end."),
            ("1 / (2 - 2)", "This divides by zero."),
            ("(1 + 2", "A “)” is missing."),
            ("1 + x", "Expected a number, not “x”."),
            ("1 2", "“2” does not belong there."),
            ("1,5", "“,” does not belong there."),
            ("99999999999999999999 * 99999999999999999999", "This number is too large."),
        ] {
            assert_eq!(calculate(text, '.', ',').map_err(|error| error.to_string()), Err(expect.to_owned()), "{text}");
        }
        assert_eq!(calculate(&"(".repeat(10_000), '.', ','), Err(words::sum_too_deep()));
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_panics(text in "[-+*/()%0-9., x]{0,40}") {
            let _ = calculate(&text, '.', ',');
            let _ = calculate(&text, ',', '.');
        }

        #[test]
        fn whole_numbers_come_out_as_they_do_elsewhere(a in -9_999_i64..9_999, b in -9_999_i64..9_999, c in -9_999_i64..9_999) {
            let found = calculate(&format!("{a}*{b}+({c}-{a})*{b}"), '.', ',').unwrap();
            prop_assert_eq!(found, Decimal::from(a * b + (c - a) * b));
        }
    }
}
