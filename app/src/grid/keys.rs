//! What each key means, as in Excel and Google Sheets. Values only; `commands` does it.

use super::selection::Step;

/// A key with what is held down beside it. Command on a Mac counts as Control.
#[derive(Clone, Copy, Debug, Default)]
pub struct Key<'a> {
    pub key: &'a str,
    pub control: bool,
    pub shift: bool,
    pub alt: bool,
}

/// Where to go from a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    /// To the next cell.
    Step(Step),
    /// To the end of a run of cells with or without values.
    Edge(Step),
    /// To what is a screen away.
    Screen(Step),
    RowStart,
    RowEnd,
    First,
    Last,
}

/// Whether a movement takes the selection along or makes it larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Move,
    Extend,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Go(Go, How),
    /// Enter or Tab: to the next cell of the selection.
    Next(Step),
    /// Opens the editor with what is there.
    Edit,
    /// Opens the editor with what was typed.
    Type(String),
    Clear,
    SelectAll,
    SelectRows,
    SelectColumns,
    FillDown,
    FillRight,
    FillSeries,
    SetAll,
    /// By the active column, within the groups that there are.
    GroupBy,
    Ungroup,
    CloseGroup,
    OpenGroups,
    AddRow,
    DeleteRows,
    Today,
    Undo,
    Redo,
    GoToRow,
    Find,
    Help,
    /// The active row, with all its fields.
    OpenRow,
    /// What people say about it.
    Comment,
    /// Of the active cell's column.
    Menu,
    Escape,
}

/// What a key on the grid means; `None` is left to the browser.
#[must_use]
pub fn command(key: Key<'_>) -> Option<Command> {
    let how = if key.shift { How::Extend } else { How::Move };
    let go = |to| Some(Command::Go(to, how));
    let lower = key.key.to_ascii_lowercase();
    match (lower.as_str(), key.control, key.alt) {
        ("arrowdown", control, false) => go(towards(Step::Down, control)),
        ("arrowup", control, false) => go(towards(Step::Up, control)),
        ("arrowright", control, false) => go(towards(Step::Right, control)),
        ("arrowleft", control, false) => go(towards(Step::Left, control)),
        ("arrowright", false, true) if key.shift => Some(Command::GroupBy),
        ("arrowleft", false, true) if key.shift => Some(Command::Ungroup),
        ("arrowup", false, true) if key.shift => Some(Command::CloseGroup),
        ("arrowdown", false, true) if key.shift => Some(Command::OpenGroups),
        ("pagedown", false, false) => go(Go::Screen(Step::Down)),
        ("pageup", false, false) => go(Go::Screen(Step::Up)),
        ("pagedown", false, true) => go(Go::Screen(Step::Right)),
        ("pageup", false, true) => go(Go::Screen(Step::Left)),
        ("home", false, false) => go(Go::RowStart),
        ("end", false, false) => go(Go::RowEnd),
        ("home", true, false) => go(Go::First),
        ("end", true, false) => go(Go::Last),
        ("enter", true, false) if key.shift => Some(Command::SetAll),
        ("tab", false, false) => Some(Command::Next(if key.shift { Step::Left } else { Step::Right })),
        ("enter", false, false) => Some(Command::Next(if key.shift { Step::Up } else { Step::Down })),
        ("f2", false, false) if key.shift => Some(Command::Comment),
        ("enter", false, true) => Some(Command::OpenRow),
        ("f2", false, false) => Some(Command::Edit),
        ("delete" | "backspace", false, false) => Some(Command::Clear),
        ("escape", false, false) => Some(Command::Escape),
        (" ", true, false) => Some(Command::SelectColumns),
        (" ", false, false) if key.shift => Some(Command::SelectRows),
        ("a", true, false) => Some(Command::SelectAll),
        ("d", true, false) if key.shift => Some(Command::FillSeries),
        ("d", true, false) => Some(Command::FillDown),
        ("r", true, false) if !key.shift => Some(Command::FillRight),
        ("=" | "+", true, true) => Some(Command::AddRow),
        // With Alt a Mac types a dash.
        ("-" | "–", true, true) => Some(Command::DeleteRows),
        (";", true, false) => Some(Command::Today),
        ("z", true, false) => Some(if key.shift { Command::Redo } else { Command::Undo }),
        ("y", true, false) => Some(Command::Redo),
        ("g", true, false) => Some(Command::GoToRow),
        ("f", true, false) => Some(Command::Find),
        ("contextmenu", false, false) => Some(Command::Menu),
        ("f10", false, false) if key.shift => Some(Command::Menu),
        ("/", true, false) => Some(Command::Help),
        // With Alt a Mac types letters, and Control with Alt is AltGr elsewhere.
        _ if (!key.control || key.alt) && key.key.chars().count() == 1 => Some(Command::Type(key.key.to_owned())),
        _ => None,
    }
}

fn towards(step: Step, control: bool) -> Go {
    if control { Go::Edge(step) } else { Go::Step(step) }
}

/// The keys that a person may look up, by what they are for.
pub const LIST: &[(&str, &[(&str, &str)])] = &[
    (
        "Go",
        &[
            ("Arrows", "To the next cell"),
            ("Ctrl+Arrows", "To the end of the filled or blank cells"),
            ("Home, End", "To the first or last column"),
            ("Ctrl+Home, Ctrl+End", "To the first or last cell"),
            ("Page Up, Page Down", "A screen up or down; with Alt left or right"),
            ("Ctrl+G", "To a row by its number"),
            ("Ctrl+F", "To the next cell with a text"),
            ("Alt+Enter", "Open the row with all its fields and its history"),
            ("Shift+F2", "Comments on the row"),
            ("Alt+Shift+→, ←", "Group by this column, group by nothing"),
            ("Alt+Shift+↑, ↓", "Close the group, open all groups"),
            ("Shift+F10", "Menu of the column: sort, filter, group, freeze, resize, move, hide"),
        ],
    ),
    (
        "Select",
        &[
            ("Shift+any of these", "Selects up to there"),
            ("Ctrl+click", "Selects one more range"),
            ("Shift+Space, Ctrl+Space", "Whole rows, whole columns"),
            ("Ctrl+A", "Everything"),
            ("Enter, Tab", "Goes through the selection; with Shift backwards"),
        ],
    ),
    (
        "Edit",
        &[
            ("F2, or just type", "Edits the cell"),
            ("Enter, Tab", "Takes what was typed and goes on"),
            ("Ctrl+Enter", "Fills the selection with what was typed"),
            ("Escape", "Leaves the cell as it was"),
            ("Delete", "Empties the selection"),
            ("Ctrl+D, Ctrl+R", "Fills down, fills to the right"),
            ("Ctrl+Shift+D", "Goes on with the series that the selection begins with"),
            ("Ctrl+Shift+Enter", "Sets the column in all rows that are shown"),
            ("Ctrl+;", "Today"),
            ("Ctrl+Alt+=, Ctrl+Alt+−", "Adds a row, deletes the selected ones, where the table allows it"),
            ("Ctrl+C, Ctrl+X, Ctrl+V", "Copy, cut, paste"),
            ("Ctrl+Z, Ctrl+Y", "Undo, redo"),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(keys: &str, expect: Option<Command>) {
        let mut parts: Vec<&str> = keys.split('+').collect();
        let key = parts.pop().unwrap_or_default();
        let held = |name| parts.contains(&name);
        assert_eq!(command(Key { key, control: held("Ctrl"), shift: held("Shift"), alt: held("Alt") }), expect, "{keys}");
    }

    #[test]
    fn keys_mean_what_they_mean_in_a_spreadsheet() {
        check("ArrowDown", Some(Command::Go(Go::Step(Step::Down), How::Move)));
        check("Ctrl+Shift+ArrowRight", Some(Command::Go(Go::Edge(Step::Right), How::Extend)));
        check("Shift+End", Some(Command::Go(Go::RowEnd, How::Extend)));
        check("Alt+PageDown", Some(Command::Go(Go::Screen(Step::Right), How::Move)));
        check("Shift+Tab", Some(Command::Next(Step::Left)));
        check("Ctrl+Shift+Z", Some(Command::Redo));
        check("Shift+ ", Some(Command::SelectRows));
        check("Ctrl+;", Some(Command::Today));
        check("Ctrl+Alt+-", Some(Command::DeleteRows));
        check(" ", Some(Command::Type(" ".into())));
        check("Shift+X", Some(Command::Type("X".into())));
        check("Ctrl+Alt+@", Some(Command::Type("@".into())));
        for browsers in ["Ctrl+t", "Ctrl+Shift+R", "F5", "Shift", "Ctrl+c", "Ctrl+v", "Alt+ArrowLeft"] {
            check(browsers, None);
        }
    }
}
