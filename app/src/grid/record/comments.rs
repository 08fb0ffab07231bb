//! What people say about a row: threads with answers, settled or open, with people named by `@`.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use model::{
    AccessMode, COMMENTS_SUFFIX, Comment, CommentChange, CommentsAnswer, CommentsRequest, MOST_TEXT, Person, Raw, SaveComment,
    Thread,
};
use serde_json::json;
use wasm_bindgen_futures::spawn_local;
use words::Message;

use super::mention;
use crate::api;
use crate::client::random_id;
use crate::grid::state::GridState;

/// What is known of a row's comments; a handle, cheap to copy.
#[derive(Clone, Copy)]
struct Talk {
    state: GridState,
    key: StoredValue<Vec<Raw>>,
    answer: RwSignal<Option<CommentsAnswer>>,
    problem: RwSignal<Option<Message>>,
    /// The thread that is being answered.
    answering: RwSignal<Option<String>>,
}

/// - `key`: the row's key values.
#[component]
pub fn Comments(state: GridState, key: Vec<Raw>) -> impl IntoView {
    let talk = Talk {
        state,
        key: StoredValue::new(key),
        answer: RwSignal::default(),
        problem: RwSignal::default(),
        answering: RwSignal::default(),
    };
    let tables: Vec<String> = state.table.get_value().map(|table| format!("{table}{COMMENTS_SUFFIX}")).into_iter().collect();
    Effect::new(move |_| {
        let _ = state.store.versions_of(&tables);
        talk.load();
    });
    let may_write = state.store.view.with_value(|view| view.person.mode == AccessMode::Edit);
    let threads = move || {
        let threads = talk.answer.with(|answer| answer.as_ref().map(|answer| answer.threads.clone()).unwrap_or_default());
        threads.into_iter().map(|thread| view_of(talk, thread, may_write)).collect_view()
    };
    let none = move || talk.answer.with(|answer| answer.as_ref().is_some_and(|answer| answer.threads.is_empty()));
    view! {
        {move || talk.problem.get().map(|message| view! { <p class="field-error" role="alert">{state.say(message)}</p> })}
        {move || none().then(|| view! { <p class="is-quiet">{state.say(words::comments_empty())}</p> })}
        <div class="record-threads">{threads}</div>
        {may_write.then(|| view! { <NewComment talk=talk thread=None/> })}
    }
}

impl Talk {
    fn place(self) -> (String, String, Vec<Raw>) {
        let workbook = self.state.store.view.with_value(|view| view.id.clone());
        (workbook, self.state.table.get_value().unwrap_or_default(), self.key.get_value())
    }

    fn load(self) {
        let Some(api) = self.state.store.api.get_value() else { return };
        let (workbook, table, key) = self.place();
        spawn_local(async move {
            match api.call(&api::Comments { comments: CommentsRequest { workbook, table, key } }).await {
                Ok(answer) => _ = self.answer.try_set(Some(answer)),
                Err(error) => _ = self.problem.try_set(Some(error.told())),
            }
        });
    }

    /// Sends a change; `done` is called once it is kept.
    fn save(self, id: String, change: CommentChange, done: impl FnOnce() + 'static) {
        let Some(api) = self.state.store.api.get_value() else { return };
        let (workbook, table, key) = self.place();
        self.problem.set(None);
        let comment = SaveComment { workbook: workbook.clone(), table: table.clone(), key: key.clone(), id: id.clone(), change };
        spawn_local(async move {
            match api.call(&api::SaveComment { comment: comment.clone() }).await {
                Ok(answer) => {
                    if let CommentChange::Say { thread, text, mentions } = comment.change {
                        let named: Vec<&Person> = answer.people.iter().filter(|person| mentions.contains(&person.user)).collect();
                        let detail = json!({
                            "workbook": workbook, "table": table, "key": key, "id": id, "thread": thread, "text": text, "mentions": named,
                        });
                        api.emit("inlay-comment", &detail);
                    }
                    let _ = self.answer.try_set(Some(answer));
                    done();
                }
                Err(error) => _ = self.problem.try_set(Some(error.told())),
            }
        });
    }
}

fn view_of(talk: Talk, thread: Thread, may_write: bool) -> impl IntoView {
    let id = StoredValue::new(thread.id.clone());
    let is_open = thread.resolved.is_none();
    let resolve = move |_| talk.save(id.get_value(), CommentChange::Resolve(is_open), || ());
    let settled = thread.resolved.map(|by| {
        view! { <p class="is-quiet">"✓ " {talk.state.say(words::settled_by(by.by, talk.state.store.local_time(by.at.as_str().unwrap_or_default())))}</p> }
    });
    let comments = thread.comments.into_iter().map(|comment| said(talk, comment)).collect_view();
    let answering = move || talk.answering.with(|thread| id.with_value(|id| thread.as_ref() == Some(id)));
    let buttons = may_write.then(|| {
        view! {
            <div class="record-thread-buttons">
                <button type="button" on:click=move |_| talk.answering.set(Some(id.get_value()))>{talk.state.say(words::answer())}</button>
                <button type="button" on:click=resolve>{talk.state.say(if is_open { words::settle() } else { words::open_again() })}</button>
            </div>
        }
    });
    view! {
        <article class="record-thread" class:is-settled=!is_open aria-label=talk.state.say(words::thread())>
            {comments}
            {settled}
            {move || if answering() { view! { <NewComment talk=talk thread=Some(id.get_value())/> }.into_any() } else { ().into_any() }}
            {buttons}
        </article>
    }
}

fn said(talk: Talk, comment: Comment) -> impl IntoView {
    let at = comment.at.as_str().unwrap_or_default().to_owned();
    let when = talk.state.store.local_time(&at);
    let text = match &comment.text {
        Some(text) => {
            let part = |(is_name, text): (bool, String)| {
                if is_name { view! { <mark>{text}</mark> }.into_any() } else { text.into_any() }
            };
            let parts = mention::parts(text, &comment.mentions).into_iter().map(part).collect_view();
            view! { <p class="record-said">{parts}</p> }.into_any()
        }
        None => view! { <p class="record-said is-quiet">{talk.state.say(words::comment_taken_back())}</p> }.into_any(),
    };
    let take_back = (comment.own && comment.text.is_some()).then(|| {
        let id = comment.id.clone();
        let back = move |_| talk.save(id.clone(), CommentChange::TakeBack, || ());
        view! { <button type="button" class="record-back" title=talk.state.say(words::take_back()) aria-label=talk.state.say(words::take_comment_back()) on:click=back>"×"</button> }
    });
    view! {
        <div class="record-comment">
            <p class="record-by"><b>{comment.by.name}</b> " " <time datetime=at>{when}</time> {take_back}</p>
            {text}
        </div>
    }
}

/// Where one writes. What is not sent yet stays if it can't be sent.
///
/// - `thread`: the one that is answered; `None` begins one.
#[component]
fn NewComment(talk: Talk, thread: Option<String>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let caret = RwSignal::new(0_usize);
    let picked = RwSignal::new(0_usize);
    // Sent again it is the same comment.
    let id = StoredValue::new(random_id());
    let area: NodeRef<html::Textarea> = NodeRef::new();
    let is_begun = move || text.with(|text| !text.trim().is_empty());
    talk.state.store.hold_while(is_begun);
    talk.state.store.warn_while(is_begun);
    let is_answer = thread.is_some();
    let thread = StoredValue::new(thread);
    if is_answer {
        crate::components::focused(area);
    }
    let people = move || talk.answer.with(|answer| answer.as_ref().map(|answer| answer.people.clone()).unwrap_or_default());
    let offered = Memo::new(move |_| {
        let begun = text.with(|text| mention::begun(text, caret.get()));
        begun.map(|(_, typed)| mention::offered(&people(), &typed)).unwrap_or_default()
    });
    let read = move || {
        if let Some(area) = area.get_untracked() {
            let value = area.value();
            // The caret is counted in UTF-16.
            let units = area.selection_start().ok().flatten().unwrap_or(0) as usize;
            let before: Vec<u16> = value.encode_utf16().take(units).collect();
            caret.set(String::from_utf16_lossy(&before).chars().count());
            text.set(value);
            picked.set(0);
        }
    };
    let name = move |person: &Person| {
        let now = text.get_untracked();
        if let Some((at, _)) = mention::begun(&now, caret.get_untracked()) {
            let (with_name, behind) = mention::named(&now, at, caret.get_untracked(), person);
            text.set(with_name.clone());
            caret.set(behind);
            if let Some(area) = area.get_untracked() {
                area.set_value(&with_name);
                let units = with_name.chars().take(behind).map(char::len_utf16).sum::<usize>();
                let units = u32::try_from(units).unwrap_or(0);
                let _ = area.set_selection_range(units, units);
                let _ = area.focus();
            }
        }
    };
    let send = move || {
        let words = text.get_untracked();
        if words.trim().is_empty() {
            return;
        }
        let people = people();
        let mentions = mention::in_text(&words, &people).into_iter().map(|person| person.user.clone()).collect();
        let change = CommentChange::Say { thread: thread.get_value(), text: words, mentions };
        talk.save(id.get_value(), change, move || {
            id.try_set_value(random_id());
            let _ = text.try_set(String::new());
            if is_answer {
                let _ = talk.answering.try_set(None);
            }
        });
    };
    let on_key = move |event: KeyboardEvent| {
        event.stop_propagation();
        let list = offered.get_untracked();
        let count = list.len();
        match (event.key().as_str(), count > 0) {
            ("Enter", _) if event.ctrl_key() || event.meta_key() => send(),
            ("Enter" | "Tab", true) => list.get(picked.get_untracked()).into_iter().for_each(name),
            ("ArrowDown", true) => picked.update(|picked| *picked = (*picked + 1) % count),
            ("ArrowUp", true) => picked.update(|picked| *picked = (*picked + count - 1) % count),
            ("Escape", true) => caret.set(0),
            ("Escape", false) if is_answer => talk.answering.set(None),
            ("Escape", false) => talk.state.close_record(),
            _ => return,
        }
        event.prevent_default();
    };
    let names = move || {
        let list = offered.get();
        let item = move |(i, person): (usize, Person)| {
            let label = person.name.clone();
            view! {
                <li
                    role="option" class:is-on=move || picked.get() == i aria-selected=move || (picked.get() == i).to_string()
                    on:mousedown=move |event| { event.prevent_default(); name(&person) }
                >
                    {label}
                </li>
            }
        };
        (!list.is_empty()).then(|| {
            view! { <ul class="options editor-aid" role="listbox" aria-label=talk.state.say(words::people())>{list.into_iter().enumerate().map(item).collect_view()}</ul> }
        })
    };
    let (label, button) = if is_answer { (words::answer(), words::answer()) } else { (words::new_comment(), words::comment()) };
    view! {
        <div class="record-new">
            <textarea
                rows="2" node_ref=area aria-label=talk.state.say(label) placeholder=talk.state.say(words::comment_placeholder()) maxlength=MOST_TEXT.to_string()
                prop:value=text on:input=move |_| read() on:click=move |_| read() on:keydown=on_key
            ></textarea>
            {names}
            <button type="button" class="is-primary" disabled=move || text.with(|text| text.trim().is_empty()) on:click=move |_| send()>
                {talk.state.say(button)}
            </button>
        </div>
    }
}
