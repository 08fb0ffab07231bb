//! How a page is laid out: elements beside each other in twelve columns, in containers and behind tabs.

use serde::{Deserialize, Serialize};

/// A part of a page or of what is on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    /// One of the page's elements, by its id.
    Element {
        id: String,
    },
    Container(Container),
    Tabs(TabSet),
}

/// Parts in twelve columns of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    pub id: String,
    pub title: Option<String>,
    /// Columns of what it is in.
    pub width: u8,
    pub blocks: Vec<Block>,
}

/// Parts of which some are shown at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabSet {
    pub id: String,
    pub title: Option<String>,
    /// Columns of what it is in.
    pub width: u8,
    pub panes: Vec<Pane>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pane {
    pub title: String,
    pub blocks: Vec<Block>,
}

impl Block {
    /// What is left of `blocks` without the elements that `known` does not know; what has nothing in it goes too.
    #[must_use]
    pub fn of_known(blocks: &[Self], known: &impl Fn(&str) -> bool) -> Vec<Self> {
        let left = |block: &Self| match block {
            Self::Element { id } => known(id).then(|| block.clone()),
            Self::Container(container) => {
                let blocks = Self::of_known(&container.blocks, known);
                (!blocks.is_empty()).then(|| Self::Container(Container { blocks, ..container.clone() }))
            }
            Self::Tabs(tabs) => {
                let pane = |pane: &Pane| Pane { title: pane.title.clone(), blocks: Self::of_known(&pane.blocks, known) };
                let panes: Vec<Pane> = tabs.panes.iter().map(pane).filter(|pane| !pane.blocks.is_empty()).collect();
                (!panes.is_empty()).then(|| Self::Tabs(TabSet { panes, ..tabs.clone() }))
            }
        };
        blocks.iter().filter_map(left).collect()
    }

    /// The ids of the elements that are in sight before anybody has opened another tab.
    #[must_use]
    pub fn first_shown(blocks: &[Self]) -> Vec<&str> {
        fn shown(block: &Block) -> Vec<&str> {
            match block {
                Block::Element { id } => vec![id.as_str()],
                Block::Container(container) => Block::first_shown(&container.blocks),
                Block::Tabs(tabs) => tabs.panes.first().map(|pane| Block::first_shown(&pane.blocks)).unwrap_or_default(),
            }
        }
        blocks.iter().flat_map(shown).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(id: &str) -> Block {
        Block::Element { id: id.into() }
    }

    fn page() -> Vec<Block> {
        let pane = |title: &str, blocks| Pane { title: title.into(), blocks };
        let tabs = TabSet {
            id: "t".into(),
            title: None,
            width: 12,
            panes: vec![pane("One", vec![element("b"), element("c")]), pane("Two", vec![element("d")])],
        };
        let container = Container { id: "k".into(), title: Some("K".into()), width: 6, blocks: vec![Block::Tabs(tabs)] };
        vec![element("a"), Block::Container(container)]
    }

    #[test]
    fn the_first_tab_is_in_sight() {
        assert_eq!(Block::first_shown(&page()), ["a", "b", "c"]);
    }

    #[test]
    fn what_has_nothing_in_it_is_left_out() {
        assert_eq!(Block::of_known(&page(), &|_| true), page());
        let left = Block::of_known(&page(), &|id| id == "a" || id == "d");
        assert_eq!(Block::first_shown(&left), ["a", "d"], "the only tab left is the first one");
        assert_eq!(Block::of_known(&page(), &|id| id == "a"), [element("a")]);
    }
}
