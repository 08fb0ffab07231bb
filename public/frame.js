// The iframe's page: hydrates what the server has drawn, or asks its parent for a ticket and mounts.
//
// To the parent, by postMessage to its exact origin: {type: "inlay-token-needed"}, {type: "inlay-height", height}, and
// every event of the element as {type, detail}. From the parent: {type: "inlay-ticket", ticket}, {type: "inlay-refresh"},
// {type: "inlay-set-filters", filters}, {type: "inlay-open-row", form, row, mode}, {type: "inlay-get-state"} (answered by {type: "inlay-state", detail}). Messages of other origins and windows are not read.

import { loadApp, loadCharts, readError, readKey } from "./host.js";

const assets = new URL("./", import.meta.url);
const page = document.getElementById("inlay-boot");
const { boot, session, origins } = JSON.parse(page.textContent);
// The session is in memory only from here on.
page.remove();

const root = document.getElementById("inlay-root");
const TICKET_WAIT_MS = 30_000;

// Chromium and WebKit name the ancestors; elsewhere the referrer names the parent. Either must be an origin we know.
const named = location.ancestorOrigins?.[0] ?? (document.referrer ? new URL(document.referrer).origin : "");
const parentOrigin = origins.includes(named) ? named : undefined;

function tell(message) {
  if (parentOrigin && window.parent !== window) window.parent.postMessage(message, parentOrigin);
}

let resume;
let opened;
window.addEventListener("message", (event) => {
  if (event.source !== window.parent || event.origin !== parentOrigin) return;
  const { type, ticket, filters, form, row, mode } = event.data ?? {};
  if (type === "inlay-ticket") resume?.(ticket);
  if (type === "inlay-refresh") opened?.refresh();
  if (type === "inlay-set-filters") opened?.setFilters(JSON.stringify(filters));
  if (type === "inlay-open-row") opened?.openRow(form, JSON.stringify(row), mode ?? "edit");
  if (type === "inlay-get-state" && opened) tell({ type: "inlay-state", detail: JSON.parse(opened.getState()) });
});

function getTicket() {
  return new Promise((resolve) => {
    resume = resolve;
    setTimeout(() => resolve(null), TICKET_WAIT_MS);
    tell({ type: "inlay-token-needed" });
  });
}

const host = {
  getTicket,
  emit: (type, detail) => {
    // Renewal asks for its ticket itself.
    if (type !== "inlay-token-needed") tell({ type, detail });
  },
  charts: () => loadCharts(assets),
};

new ResizeObserver(() => tell({ type: "inlay-height", height: Math.ceil(root.getBoundingClientRect().height) })).observe(root);

try {
  const app = await loadApp(assets);
  opened = await app.open(root, JSON.stringify({ base: location.origin, ...boot, session }), host);
  // The address may name a row: ?form=visit_report&row=…&mode=view
  const address = new URLSearchParams(location.search);
  const [form, row] = [address.get("form"), address.get("row")];
  if (form && row) opened.openRow(form, JSON.stringify(readKey(row)), address.get("mode") ?? "edit");
} catch (error) {
  const failure = readError(error);
  const problem = document.createElement("div");
  problem.className = "element-problem";
  problem.setAttribute("role", "alert");
  problem.textContent = failure.message;
  root.replaceChildren(problem);
  tell({ type: "inlay-error", detail: failure });
}
