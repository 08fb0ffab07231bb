//! Where the elements of a page are: beside each other, in containers, behind tabs.

use leptos::prelude::*;
use model::{Block, Container, PageView, TabSet};

use super::frame::Element;
use super::heading::heading;
use super::tabs::Tabs;
use crate::client::Store;

/// Parts of a page.
///
/// - `level`: of the headings of what is in it, as in `<h2>`.
#[component]
pub fn Blocks(store: Store, page: StoredValue<PageView>, blocks: Vec<Block>, level: u8) -> impl IntoView {
    let block = |block: Block| match block {
        Block::Element { id } => {
            let element = page.with_value(|page| page.elements.iter().find(|element| element.id == id).cloned());
            element.map(|element| view! { <Element store=store element=element level=level/> }).into_any()
        }
        Block::Container(container) => contained(store, page, container, level).into_any(),
        Block::Tabs(tabs) => tabbed(store, page, tabs, level).into_any(),
    };
    blocks.into_iter().map(block).collect_view()
}

fn contained(store: Store, page: StoredValue<PageView>, container: Container, level: u8) -> impl IntoView {
    let Container { id, title, width, blocks } = container;
    let label = title.clone();
    let inner = level + u8::from(title.is_some());
    view! {
        <section class="container" style=format!("--span:{width}") part="container" data-container=id aria-label=label>
            {title.map(|title| heading(level, "container-title".into(), title))}
            <div class="columns"><Blocks store=store page=page blocks=blocks level=inner/></div>
        </section>
    }
}

fn tabbed(store: Store, page: StoredValue<PageView>, tabs: TabSet, level: u8) -> impl IntoView {
    let TabSet { id, title, width, panes } = tabs;
    let label = title.clone();
    let inner = level + u8::from(title.is_some());
    let titles: Vec<String> = panes.iter().map(|pane| pane.title.clone()).collect();
    let (panes, key) = (StoredValue::new(panes), StoredValue::new(id.clone()));
    let last = titles.len().saturating_sub(1);
    let chosen = Memo::new(move |_| store.panes.with(|panes| key.with_value(|id| panes.get(id).copied().unwrap_or(0)).min(last)));
    let choose = Callback::new(move |i| store.panes.update(|panes| _ = panes.insert(key.get_value(), i)));
    let panel = store.view.with_value(|view| format!("{}-{id}", view.id));
    let name = move || panes.with_value(|panes| panes.get(chosen.get()).map(|pane| pane.title.clone()));
    let current = move || {
        let blocks = panes.with_value(|panes| panes.get(chosen.get()).map(|pane| pane.blocks.clone()).unwrap_or_default());
        view! { <Blocks store=store page=page blocks=blocks level=inner/> }
    };
    view! {
        <section class="container" style=format!("--span:{width}") part="tabs" data-tabs=id>
            {title.map(|title| heading(level, "container-title".into(), title))}
            <Tabs store=store label=label titles=titles chosen=chosen.into() choose=choose panel=panel.clone()/>
            <div class="columns" id=panel role="tabpanel" aria-label=name>{current}</div>
        </section>
    }
}
