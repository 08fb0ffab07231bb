// <inlay-workbook workbook="sales_planning" token-url="/inlay-ticket"></inlay-workbook>
//
// Attributes: workbook, only (an element's id, to show it alone), token-url, locale, theme (light | dark | auto; without it the page's
// own color-scheme counts), form, row and mode (edit | view): the row of this key is open in this form at first.
// Properties: token (a ticket, used once), getToken (async () => ticket).
// Methods: refresh(), setFilters({control: [values] or null}), openRow(form, row, mode), getState().
// Events: inlay-ready, inlay-edit, inlay-committed, inlay-rejected, inlay-conflict, inlay-submitted, inlay-comment, inlay-filter,
// inlay-navigate, inlay-error, inlay-token-needed. They bubble and cross the shadow root.

import { loadApp, loadCharts, readError, readKey, styleUrl } from "./host.js";

const origin = new URL(import.meta.url).origin;
const assets = new URL("./assets/", import.meta.url);

// An element that is moved leaves the page for a moment; only one that stays away is closed.
const CLOSE_AFTER_MS = 2000;
// How long a workbook waits for its host to set `token` after `inlay-token-needed`.
const TOKEN_WAIT_MS = 30_000;

class InlayWorkbook extends HTMLElement {
  static observedAttributes = ["workbook", "only", "theme", "locale", "form", "row", "mode"];

  #root = this.attachShadow({ mode: "open" });
  #container;
  #opened;
  #closing;
  #generation = 0;
  #ticket;
  #waiting = [];
  #filters;
  #row;

  set token(ticket) {
    this.#ticket = ticket;
    const waiting = this.#waiting.splice(0);
    for (const resume of waiting) resume(this.#takeTicket());
  }

  connectedCallback() {
    clearTimeout(this.#closing);
    // A page that set it before this script had arrived has put it beside the class's own; `getToken` is no field of the
    // class, since that would put it away.
    if (Object.hasOwn(this, "token")) {
      const ticket = this.token;
      delete this.token;
      this.token = ticket;
    }
    if (!this.#container) this.#open();
  }

  disconnectedCallback() {
    this.#closing = setTimeout(() => this.#close(), CLOSE_AFTER_MS);
  }

  attributeChangedCallback(name, before, now) {
    if (!this.#container || before === now) return;
    if (name === "theme") this.#applyTheme();
    else if (["form", "row", "mode"].includes(name)) this.#openNamedRow();
    else {
      this.#close();
      this.#open();
    }
  }

  refresh() {
    this.#opened?.refresh();
  }

  setFilters(filters) {
    if (this.#opened) this.#opened.setFilters(JSON.stringify(filters));
    else this.#filters = { ...this.#filters, ...filters };
  }

  openRow(form, row, mode = "edit") {
    if (this.#opened) this.#opened.openRow(form, JSON.stringify(row), mode);
    else this.#row = [form, row, mode];
  }

  getState() {
    return this.#opened ? JSON.parse(this.#opened.getState()) : { filters: this.#filters ?? {}, page: null, unsaved: 0 };
  }

  async #open() {
    const generation = ++this.#generation;
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = styleUrl(assets);
    this.#container = document.createElement("div");
    this.#container.className = "inlay";
    this.#container.innerHTML = '<div class="workbook is-opening" aria-busy="true"><div class="skeleton-rows"></div></div>';
    this.#root.replaceChildren(style, this.#container);
    this.#applyTheme();
    const options = {
      base: origin,
      workbook: this.getAttribute("workbook") ?? "",
      only: this.getAttribute("only"),
      locale: this.getAttribute("locale") ?? navigator.language,
    };
    try {
      // Ticket, session and first page are asked for while the app is loaded.
      const mayBegin = this.getAttribute("token-url") && !this.#ticket && !this.getToken;
      const [app, begun] = await Promise.all([loadApp(assets), mayBegin ? this.#begin(options) : undefined]);
      const opened = await app.open(this.#container, JSON.stringify({ ...options, ...begun }), this.#host());
      if (generation !== this.#generation) return opened.close();
      this.#opened = opened;
      if (this.#filters) this.setFilters(this.#filters);
      this.#filters = undefined;
      this.#openNamedRow();
      if (this.#row) this.openRow(...this.#row);
      this.#row = undefined;
    } catch (error) {
      if (generation === this.#generation) this.#fail(readError(error));
    }
  }

  /** The row that the attributes name; attributes that are set one after the other count once they are all there. */
  #openNamedRow() {
    queueMicrotask(() => {
      const [form, row, mode] = ["form", "row", "mode"].map((name) => this.getAttribute(name));
      if (form && row) this.#opened?.openRow(form, JSON.stringify(readKey(row)), mode ?? "edit");
    });
  }

  #close() {
    this.#generation++;
    this.#opened?.close();
    this.#opened = undefined;
    this.#container = undefined;
    this.#root.replaceChildren();
  }

  #fail(error) {
    const problem = document.createElement("div");
    problem.className = "element-problem";
    problem.setAttribute("role", "alert");
    problem.textContent = error.message;
    this.#container.replaceChildren(problem);
    this.#emit("inlay-error", error);
  }

  #applyTheme() {
    const theme = this.getAttribute("theme");
    if (theme) this.#container.dataset.theme = theme;
    else delete this.#container.dataset.theme;
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  #takeTicket() {
    const ticket = this.#ticket;
    this.#ticket = undefined;
    return ticket;
  }

  #host() {
    return {
      getTicket: () => this.#getTicket(),
      emit: (name, detail) => this.#emit(name, detail),
      charts: () => loadCharts(assets),
    };
  }

  async #fetchTicket() {
    const options = { credentials: "same-origin", headers: { accept: "application/json" } };
    const response = await fetch(this.getAttribute("token-url"), options).catch(() => undefined);
    return response?.ok ? (await response.json()).ticket : null;
  }

  /** What opening begins with; nothing if anything is refused, since the app asks again and tells it better. */
  async #begin({ workbook, only }) {
    const post = async (path, body, session) => {
      const headers = { "content-type": "application/json", ...(session && { authorization: `Bearer ${session}` }) };
      const response = await fetch(`${origin}/api/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      return response.ok ? response.json() : Promise.reject(new Error(response.statusText));
    };
    try {
      const ticket = await this.#fetchTicket();
      const session = ticket && (await post("session", { ticket }));
      return session && { session, opened: await post("open", { open: { workbook, only } }, session.session) };
    } catch {
      return undefined;
    }
  }

  async #getTicket() {
    const ticket = this.#takeTicket();
    if (ticket) return ticket;
    if (this.getToken) return (await this.getToken()) ?? null;
    if (this.getAttribute("token-url")) return this.#fetchTicket();
    this.#emit("inlay-token-needed", {});
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      setTimeout(() => resolve(null), TOKEN_WAIT_MS);
    });
  }
}

if (!customElements.get("inlay-workbook")) customElements.define("inlay-workbook", InlayWorkbook);
