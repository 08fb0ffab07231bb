// From somebody's edit until every element of another browser's page that depends on it is drawn anew. Prints figures, asserts
// nothing. Both clocks are this machine's.
import { chromium } from "@playwright/test";
import { Demo } from "./demo.js";

const EDITS = 30;
const quantile = (list, share) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) * share)];
const ms = (n) => n.toFixed(1).padStart(8);

const demo = await Demo.make();
const browser = await chromium.launch({ executablePath: process.env.INLAY_CHROMIUM, args: ["--no-sandbox"] });
const other = await (await browser.newContext({ viewport: { width: 1360, height: 1000 } })).newPage();
await other.goto(`${demo.host}/?person=walt`);
await other.locator("#plan-r0c4").waitFor();
await other.waitForTimeout(1_000);
await other.evaluate(() => {
  const root = document.querySelector("inlay-workbook").shadowRoot;
  window.drawn = {};
  const elements = ["planned", "by_month", "by_sub_category", "plan"].map((id) => [id, root.querySelector(`[data-element="${id}"]`)]);
  for (const [id, element] of elements) {
    const note = () => requestAnimationFrame(() => (window.drawn[id] = performance.timeOrigin + performance.now()));
    new MutationObserver(note).observe(element, { subtree: true, childList: true, characterData: true, attributes: true });
  }
});
const redrawn = { planned: [], by_month: [], by_sub_category: [], plan: [] };
const wendys = await demo.session("wendy");
const first = (await demo.call("query", { query: { workbook: "sales_planning", element: "plan", limit: 1 } }, { session: wendys })).body;
const firstKey = ["region", "sub_category", "month"].map((name) => first.rows[0][first.columns.findIndex((column) => column.name === name)]);
let wasThere = first.rows[0][first.columns.findIndex((column) => column.name === "forecast")];
for (let i = 0; i < EDITS; i++) {
  await other.evaluate(() => (window.drawn = {}));
  const value = `${1000 + i}.00`;
  const cells = [{ column: "forecast", value, was: wasThere }];
  const batch = { batch_id: crypto.randomUUID(), workbook: "sales_planning", edits: [{ table: "forecast", key: firstKey, cells }] };
  const start = performance.timeOrigin + performance.now();
  const { status, body } = await demo.call("edits", { batch }, { session: wendys });
  if (status !== 200) throw new Error(JSON.stringify(body));
  wasThere = value;
  // Charts move to their new shapes for a while; the last that changes in an element is when it is there.
  await other.waitForTimeout(1_200);
  for (const [id, at] of Object.entries(await other.evaluate(() => window.drawn))) redrawn[id].push(at - start);
}
for (const [id, list] of Object.entries(redrawn)) {
  const name = `edit to redrawn elsewhere, ${id}`;
  console.log(`${name.padEnd(42)} p50 ${ms(quantile(list, 0.5))}   p95 ${ms(quantile(list, 0.95))} ms   (${list.length} of ${EDITS})`);
}
await browser.close();
await demo.stop();
await demo.remove();
