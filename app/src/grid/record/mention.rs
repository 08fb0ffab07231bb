//! Names of people within a comment: found while one types after an `@`, and again in what was said. Values only.

use model::Person;

/// The most names that are offered.
const MOST: usize = 6;

/// What is typed of a name before the caret: where its `@` is, in characters, and the letters so far.
#[must_use]
pub fn begun(text: &str, caret: usize) -> Option<(usize, String)> {
    let before: Vec<char> = text.chars().take(caret).collect();
    let at = before.iter().rposition(|c| *c == '@')?;
    let starts_a_word = at == 0 || !before[at - 1].is_alphanumeric();
    let typed: String = before[at + 1..].iter().collect();
    // A name has few words; after a line's end nobody goes on with one.
    let is_name = typed.split(' ').count() <= 3 && !typed.contains('\n') && !typed.starts_with(' ');
    (starts_a_word && is_name).then_some((at, typed))
}

/// People whose name begins with what is typed, or a word of it.
#[must_use]
pub fn offered(people: &[Person], typed: &str) -> Vec<Person> {
    let typed = typed.to_lowercase();
    let fits = |person: &&Person| {
        let name = person.name.to_lowercase();
        name.starts_with(&typed) || name.split(' ').any(|word| word.starts_with(&typed))
    };
    // A name that is there already is not asked for.
    let whole = people.iter().any(|person| typed.trim_end() == person.name.to_lowercase() && typed.ends_with(' '));
    if whole { Vec::new() } else { people.iter().filter(fits).take(MOST).cloned().collect() }
}

/// The text with a person's name put in for what was typed from `at` to `caret`, in characters, and the caret behind it.
#[must_use]
pub fn named(text: &str, at: usize, caret: usize, person: &Person) -> (String, usize) {
    let before: String = text.chars().take(at).collect();
    let after: String = text.chars().skip(caret).collect();
    let with_name = format!("{before}@{} ", person.name);
    let caret = with_name.chars().count();
    (with_name + after.trim_start_matches(' '), caret)
}

/// Those of `people` who are named in a text.
#[must_use]
pub fn in_text<'a>(text: &str, people: &'a [Person]) -> Vec<&'a Person> {
    people.iter().filter(|person| text.contains(&format!("@{}", person.name))).collect()
}

/// A text cut at the names in it; true for a name.
#[must_use]
pub fn parts(text: &str, people: &[Person]) -> Vec<(bool, String)> {
    let mut parts: Vec<(bool, String)> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let found = people.iter().filter_map(|person| {
            let name = format!("@{}", person.name);
            rest.find(&name).map(|at| (at, name.len()))
        });
        // The first one, and of those that begin there the longest.
        let Some((at, length)) = found.min_by_key(|(at, length)| (*at, usize::MAX - length)) else {
            parts.push((false, rest.to_owned()));
            break;
        };
        if at > 0 {
            parts.push((false, rest[..at].to_owned()));
        }
        parts.push((true, rest[at..at + length].to_owned()));
        rest = &rest[at + length..];
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people() -> Vec<Person> {
        ["Ada Admin", "Walt West", "Walt West Junior", "Wendy West"]
            .map(|name| Person { user: name.to_lowercase(), name: name.into() })
            .to_vec()
    }

    #[test]
    fn a_name_is_begun_with_an_at_sign_at_the_start_of_a_word() {
        assert_eq!(begun("Look @we", 8), Some((5, "we".into())));
        assert_eq!(begun("Look @we and more", 8), Some((5, "we".into())));
        assert_eq!(begun("@", 1), Some((0, String::new())));
        assert_eq!(begun("a@b.example", 11), None, "an address");
        assert_eq!(begun("Look @wendy west and so on", 26), None);
        assert_eq!(begun("@x\ny", 4), None);
        assert_eq!(begun("nobody", 3), None);
    }

    #[test]
    fn names_are_offered_by_any_of_their_words() {
        let names = |typed: &str| offered(&people(), typed).into_iter().map(|person| person.name).collect::<Vec<_>>();
        assert_eq!(names("wE"), ["Walt West", "Walt West Junior", "Wendy West"]);
        assert_eq!(names("walt west "), [""; 0], "it is there already");
        assert_eq!(names("adm"), ["Ada Admin"]);
        assert_eq!(names("x"), [""; 0]);
        let wendy = &people()[3];
        assert_eq!(named("Ask @we, ü", 4, 7, wendy), ("Ask @Wendy West , ü".to_owned(), 16));
        assert_eq!(named("@we", 0, 3, wendy), ("@Wendy West ".to_owned(), 12));
    }

    #[test]
    fn a_text_is_cut_at_the_names_in_it() {
        let told: Vec<(bool, String)> = parts("Hi @Walt West Junior, @Nobody", &people());
        assert_eq!(told, [(false, "Hi ".into()), (true, "@Walt West Junior".into()), (false, ", @Nobody".into())]);
        assert_eq!(in_text("Hi @Wendy West", &people()).iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["Wendy West"]);
        assert_eq!(parts("", &people()), []);
    }
}
