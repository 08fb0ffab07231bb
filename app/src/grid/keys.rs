//! What each key means, as in Excel and Google Sheets. Values only; `commands` does it.

use words::Message;

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
    /// What can be done about the active cell, if something is wrong with it.
    Note,
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
        ("arrowdown", false, true) => Some(Command::Note),
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
pub fn list() -> impl Iterator<Item = (Message, Vec<(Message, Message)>)> {
    [
        (
            words::keys_go(),
            vec![
                (words::key_arrows(), words::key_arrows_does()),
                (words::key_edge(), words::key_edge_does()),
                (words::key_row_ends(), words::key_row_ends_does()),
                (words::key_table_ends(), words::key_table_ends_does()),
                (words::key_screen(), words::key_screen_does()),
                (words::key_goto(), words::key_goto_does()),
                (words::key_find(), words::key_find_does()),
                (words::key_open_row(), words::key_open_row_does()),
                (words::key_comments(), words::key_comments_does()),
                (words::key_note(), words::key_note_does()),
                (words::key_group(), words::key_group_does()),
                (words::key_groups(), words::key_groups_does()),
                (words::key_menu(), words::key_menu_does()),
            ],
        ),
        (
            words::keys_select(),
            vec![
                (words::key_extend(), words::key_extend_does()),
                (words::key_add_range(), words::key_add_range_does()),
                (words::key_lines(), words::key_lines_does()),
                (words::key_all(), words::key_all_does()),
                (words::key_next_selected(), words::key_next_selected_does()),
            ],
        ),
        (
            words::keys_edit(),
            vec![
                (words::key_edit(), words::key_edit_does()),
                (words::key_take(), words::key_take_does()),
                (words::key_fill_selection(), words::key_fill_selection_does()),
                (words::key_escape(), words::key_escape_does()),
                (words::key_delete(), words::key_delete_does()),
                (words::key_fill(), words::key_fill_does()),
                (words::key_series(), words::key_series_does()),
                (words::key_set_all(), words::key_set_all_does()),
                (words::key_today(), words::key_today_does()),
                (words::key_rows(), words::key_rows_does()),
                (words::key_clipboard(), words::key_clipboard_does()),
                (words::key_undo(), words::key_undo_does()),
            ],
        ),
    ]
    .into_iter()
}

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
        check("Alt+ArrowDown", Some(Command::Note));
        check("Alt+Shift+ArrowDown", Some(Command::OpenGroups));
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
