//! A total that somebody has typed, spread over the cells that it is made of: to the last digit, by a rule that is said.

use model::Decimal;

/// How a total goes to its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// As much of it as a cell has of the total now.
    Proportional,
    /// To each cell the same.
    Equal,
    /// The same to each blank cell of what the others leave.
    Blanks,
}

impl Rule {
    pub const ALL: [Self; 3] = [Self::Proportional, Self::Equal, Self::Blanks];

    /// The rules that can be used for these cells.
    #[must_use]
    pub fn fitting(cells: &[Option<Decimal>]) -> Vec<Self> {
        let has = |is: fn(&Decimal) -> bool| cells.iter().flatten().any(is);
        let above = has(|cell| cell.is_sign_positive() && !cell.is_zero());
        let below = has(|cell| cell.is_sign_negative() && !cell.is_zero());
        let fits = |rule: &Self| match rule {
            // Shares of nothing, or of what is partly below nothing, are no shares.
            Self::Proportional => above != below,
            Self::Equal => !cells.is_empty(),
            Self::Blanks => cells.iter().any(Option::is_none),
        };
        Self::ALL.into_iter().filter(fits).collect()
    }
}

/// The new values of the cells, in their order, `scale` digits behind the point: together they are exactly `total`. `None` where
/// the rule does not fit, or a number is too large.
#[must_use]
pub fn spread(total: Decimal, cells: &[Option<Decimal>], rule: Rule, scale: u32) -> Option<Vec<Option<Decimal>>> {
    if !Rule::fitting(cells).contains(&rule) {
        return None;
    }
    let ones = |count: usize| vec![Decimal::ONE; count];
    match rule {
        Rule::Equal => Some(parts(total, &ones(cells.len()), scale)?.into_iter().map(Some).collect()),
        Rule::Proportional => {
            let weights: Vec<Decimal> = cells.iter().map(|cell| cell.unwrap_or_default().abs()).collect();
            let parts = parts(total, &weights, scale)?;
            // What is blank has no share, and stays blank.
            Some(cells.iter().zip(parts).map(|(cell, part)| cell.map(|_| part)).collect())
        }
        Rule::Blanks => {
            let filled = cells.iter().flatten().try_fold(Decimal::ZERO, |sum, cell| sum.checked_add(*cell))?;
            let blanks = cells.iter().filter(|cell| cell.is_none()).count();
            let mut parts = parts(total.checked_sub(filled)?, &ones(blanks), scale)?.into_iter();
            Some(cells.iter().map(|cell| cell.or_else(|| parts.next())).collect())
        }
    }
}

/// `total` by weights, of which not all are zero. What rounding leaves over goes, one unit of the last digit each, to those
/// that were cut off most: the "largest remainder" method. <https://en.wikipedia.org/wiki/Quota_method>
fn parts(total: Decimal, weights: &[Decimal], scale: u32) -> Option<Vec<Decimal>> {
    let unit = Decimal::new(1, scale);
    let all = weights.iter().try_fold(Decimal::ZERO, |sum, weight| sum.checked_add(*weight))?;
    let mut parts = Vec::with_capacity(weights.len());
    let mut left = total;
    for weight in weights {
        let exact = total.checked_mul(weight.checked_div(all)?)?;
        let part = exact.trunc_with_scale(scale);
        left = left.checked_sub(part)?;
        parts.push((part, (exact - part).abs()));
    }
    let mut order: Vec<usize> = (0..parts.len()).filter(|i| !weights[*i].is_zero()).collect();
    order.sort_by(|a, b| parts[*b].1.cmp(&parts[*a].1));
    let step = if left.is_sign_negative() { -unit } else { unit };
    for place in order.into_iter().cycle() {
        if left.is_zero() {
            break;
        }
        // A total of more digits than its cells have can't be met.
        if left.abs() < unit {
            return None;
        }
        parts[place].0 += step;
        left -= step;
    }
    let scaled = |(mut part, _): (Decimal, Decimal)| {
        part.rescale(scale);
        part
    };
    Some(parts.into_iter().map(scaled).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn cells(texts: &[&str]) -> Vec<Option<Decimal>> {
        texts.iter().map(|text| (!text.is_empty()).then(|| d(text))).collect()
    }

    fn told(total: &str, of: &[&str], rule: Rule, scale: u32) -> Option<Vec<String>> {
        let found = spread(d(total), &cells(of), rule, scale)?;
        assert_eq!(found.iter().flatten().sum::<Decimal>(), d(total), "nothing is lost");
        Some(found.into_iter().map(|cell| cell.map(|cell| cell.to_string()).unwrap_or_default()).collect())
    }

    #[test]
    fn the_last_cent_goes_somewhere() {
        assert_eq!(told("100", &["", "1", ""], Rule::Equal, 2).unwrap(), ["33.34", "33.33", "33.33"]);
        assert_eq!(told("-100", &["", "1", ""], Rule::Equal, 2).unwrap(), ["-33.34", "-33.33", "-33.33"]);
        assert_eq!(told("2", &["", "", ""], Rule::Equal, 0).unwrap(), ["1", "1", "0"]);
        assert_eq!(told("0", &["5", "7"], Rule::Equal, 2).unwrap(), ["0.00", "0.00"]);
    }

    #[test]
    fn shares_are_kept() {
        assert_eq!(told("200", &["10", "30", ""], Rule::Proportional, 2).unwrap(), ["50.00", "150.00", ""]);
        assert_eq!(told("100", &["1", "1", "1"], Rule::Proportional, 0).unwrap(), ["34", "33", "33"]);
        assert_eq!(told("10", &["-1", "-3"], Rule::Proportional, 1).unwrap(), ["2.5", "7.5"]);
        assert_eq!(told("10", &["0", "5"], Rule::Proportional, 2).unwrap(), ["0.00", "10.00"]);
        assert_eq!(told("10", &["-1", "3"], Rule::Proportional, 2), None, "shares of what is partly below nothing");
        assert_eq!(told("10", &["0", ""], Rule::Proportional, 2), None);
    }

    #[test]
    fn blanks_get_what_the_others_leave() {
        assert_eq!(told("100", &["40", "", ""], Rule::Blanks, 2).unwrap(), ["40", "30.00", "30.00"]);
        assert_eq!(told("10", &["40", ""], Rule::Blanks, 2).unwrap(), ["40", "-30.00"]);
        assert_eq!(told("10", &["40", "1"], Rule::Blanks, 2), None);
    }

    #[test]
    fn what_can_not_be_met_is_not_pretended() {
        assert_eq!(told("0.005", &["", ""], Rule::Equal, 2), None);
        let huge = Decimal::MAX;
        assert_eq!(spread(huge, &[Some(huge), Some(huge)], Rule::Proportional, 2), None);
        assert!(Rule::fitting(&[]).is_empty());
    }

    #[test]
    fn many_cells_of_many_sizes_still_add_up() {
        let of: Vec<String> = (0..997).map(|i| format!("{}.{:02}", i * 7 % 91, i % 100)).collect();
        let of: Vec<&str> = of.iter().map(String::as_str).collect();
        for rule in [Rule::Proportional, Rule::Equal] {
            assert_eq!(told("1234567.89", &of, rule, 2).unwrap().len(), 997);
        }
    }
}
