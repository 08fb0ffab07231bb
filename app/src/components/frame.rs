//! What every element has: a card with its title, and its words when there is nothing to show.

use leptos::prelude::*;
use model::{ApiError, Code, ElementKind, ElementView, Locale};

use super::chart::Chart;
use super::control::Control;
use super::form::Form;
use super::heading::heading;
use super::image::Image;
use super::import::{drops, table_of};
use super::inspector::Inspector;
use super::kpi::Kpi;
use super::pivot::Pivot;
use super::text::Text;
use super::tools::{Tools, ToolsButton, has_tools};
use crate::client::{Asked, Store};
use crate::grid::Grid;

/// One element of a page.
///
/// - `level`: of its heading.
#[component]
pub fn Element(store: Store, element: ElementView, level: u8) -> impl IntoView {
    let height = element.height.map(|height| format!(";--height:{height}px")).unwrap_or_default();
    let style = format!("--span:{}{height}", element.width);
    let kind = element.kind.clone();
    let title = element.title.clone();
    let (class, titled) = match &kind {
        ElementKind::Control(_) => ("element is-control", false),
        ElementKind::Kpi(_) => ("element is-kpi", false),
        ElementKind::Chart(_) => ("element is-chart", true),
        ElementKind::Table(_) | ElementKind::InputTable(_) => ("element is-grid", true),
        ElementKind::Form(_) => ("element is-form", true),
        ElementKind::Pivot(_) => ("element is-pivot", true),
        ElementKind::Text(_) => ("element is-text", false),
        ElementKind::Image(_) => ("element is-image", false),
    };
    let (id, inspected) = (element.id.clone(), element.id.clone());
    let tools = Tools::new(store, &element);
    let is_over = RwSignal::new(false);
    let (takes, (over, drop)) = (table_of(&element).is_some(), drops(store, StoredValue::new(element.id.clone()), is_over));
    let can = has_tools(&kind);
    let inspects = element.asks() && store.view.with_value(|view| view.person.inspects);
    let body = match kind {
        ElementKind::Control(control) => view! { <Control store=store element=element control=control/> }.into_any(),
        ElementKind::Kpi(kpi) => view! { <Kpi store=store element=element kpi=kpi tools=tools/> }.into_any(),
        ElementKind::Chart(chart) => view! { <Chart store=store element=element chart=chart tools=tools/> }.into_any(),
        ElementKind::Form(form) => view! { <Form store=store id=element.id form=form/> }.into_any(),
        ElementKind::Pivot(pivot) => view! { <Pivot store=store element=element pivot=pivot tools=tools/> }.into_any(),
        ElementKind::Text(text) => view! { <Text store=store element=element text=text level=level/> }.into_any(),
        ElementKind::Image(image) => view! { <Image store=store image=image height=element.height/> }.into_any(),
        ElementKind::Table(table) => {
            let (files, key) = table.files.map(|of| (of.table, of.key)).unzip();
            view! {
                <Grid store=store element=element table=None key=key.unwrap_or_default() columns=table.columns frozen=0 files=files tools=tools/>
            }
            .into_any()
        }
        ElementKind::InputTable(input) => view! {
            <Grid store=store element=element table=Some(input.table) key=input.key columns=input.columns frozen=input.frozen tools=tools/>
        }
        .into_any(),
    };
    view! {
        <section class=class class:is-dropped-on=is_over class:is-full=move || tools.is_full() class:has-tools=can style=style part="element" data-element=id node_ref=tools.frame() on:fullscreenchange=move |_| tools.screen_changed() on:dragover=move |event| if takes { over(event) } on:dragleave=move |_| is_over.set(false) on:drop=move |event| if takes { drop(event) }>
            {titled.then(|| heading(level, "element-title".into(), title))}
            {body}
            {can.then(|| view! { <ToolsButton tools=tools/> })}
            {inspects.then(|| view! { <Inspector store=store id=inspected/> })}
        </section>
    }
}

impl Asked {
    /// What keeps the element from being shown, if something does.
    pub fn problem(self) -> impl IntoView {
        let again = Callback::new(move |()| self.ask());
        let error = move || self.remote.with(|remote| remote.error.clone());
        move || error().map(|error| view! { <Problem error=error locale=self.store.locale again=again/> })
    }
}

/// An error in the words of the person it concerns; what may pass can be asked for `again`.
#[component]
pub fn Problem(error: ApiError, locale: StoredValue<Locale>, #[prop(optional)] again: Option<Callback<()>>) -> impl IntoView {
    let say = move |message| locale.with_value(|locale| locale.say(&message));
    let advice = match error.code {
        Code::NotFound | Code::NotAllowed => words::ask_for_access(),
        Code::NotSignedIn | Code::TicketRefused => words::reload_to_sign_in(),
        Code::Offline => words::tried_again(),
        Code::WarehouseTooSlow => words::narrow_or_try_again(),
        _ => words::try_again(),
    };
    let again = again.filter(|_| error.status() >= 500);
    let incident = error.incident.clone().map(|id| format!(" ({})", say(words::incident(id))));
    view! {
        <div class="element-problem" role="status">
            <p>{say(error.told())}</p>
            <p class="is-quiet">{say(advice)} {incident}</p>
            {again.map(|again| view! { <button type="button" on:click=move |_| again.run(())>{say(words::try_again_now())}</button> })}
        </div>
    }
}
