// A form of a hundred fields with thirty conditions: from a key to the fields that follow it, and from the button to the
// confirmation beside the server's own time. Prints figures, asserts nothing.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { Demo } from "./demo.js";

const FIELDS = 100;
const CONDITIONS = 30;
const KEYS = 200;
const quantile = (list, share) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) * share)];
const figures = (name, list) =>
  console.log(`${name.padEnd(44)} p50 ${quantile(list, 0.5).toFixed(1).padStart(6)}   p95 ${quantile(list, 0.95).toFixed(1).padStart(6)} ms`);

const numbers = Array.from({ length: FIELDS }, (_, i) => i);
const columns = numbers.map((i) => `      n${i}: { type: decimal, scale: 2, min: 0 }`).join("\n");
// Every third field follows the one before it: it is there by a condition, and adds to it by its default.
const field = (i) =>
  i > 0 && i % 3 === 0 && i <= CONDITIONS * 3
    ? `          - { field: n${i}, show: n${i - 1} is null or n${i - 1} >= 0, default: { expression: 'coalesce(n0, 0) + ${i}' } }`
    : `          - n${i}`;
const demo = await Demo.make(["--watch"]);
const file = join(demo.folder, "workbooks/sales_planning.yaml");
const table = `input_tables:\n  wide:\n    rows: { read: "true", write: "true" }\n    columns:\n${columns}\n`;
const page = `pages:\n  - title: Wide\n    elements:\n      - form: wide\n        table: wide\n        columns: 4\n        width: 12\n        fields:\n${numbers.map(field).join("\n")}\n`;
const text = (await readFile(file, "utf8")).replace("input_tables:\n", table).replace("pages:\n", page);
await writeFile(file, text);
const session = await demo.session("wendy");
for (let i = 0; i < 200; i++) {
  const { body } = await demo.call("workbook", { workbook: "sales_planning" }, { session });
  if (body.pages?.[0].title === "Wide") break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}

const browser = await chromium.launch({ executablePath: process.env.INLAY_CHROMIUM, args: ["--no-sandbox"] });
const tab = await (await browser.newContext({ viewport: { width: 1400, height: 1000 } })).newPage();
await tab.goto(`${demo.host}/?person=wendy`);
await tab.goto(`${demo.host}/sales`);
await tab.locator("#wide-n0").waitFor();
console.log(`\na form of ${FIELDS} fields, ${CONDITIONS} conditions and as many defaults`);
// The input event's own work, and the frame after which the last field shows what follows from it.
const typed = await tab.evaluate(
  async ({ keys, last }) => {
    const root = document.querySelector("inlay-workbook").shadowRoot;
    const [first, follows] = [root.querySelector("#wide-n0"), root.querySelector(last)];
    const [worked, painted] = [[], []];
    for (let i = 0; i < keys; i++) {
      await new Promise(requestAnimationFrame);
      const expected = String(90 + i);
      const start = performance.now();
      first.value = String(i);
      first.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true }));
      while (follows.value !== expected) await Promise.resolve();
      worked.push(performance.now() - start);
      await new Promise(requestAnimationFrame);
      painted.push(performance.now() - start);
    }
    return { worked, painted };
  },
  { keys: KEYS, last: `#wide-n${CONDITIONS * 3}` },
);
figures("a key to the last field that follows it", typed.worked);
figures("a key to the next frame", typed.painted);

// Over HTTP, one after the other: a form beside a plain batch that adds the same row.
const times = { form: [], plain: [] };
const cells = numbers.filter((i) => i % 3 !== 0 || i === 0).map((i) => ({ column: `n${i}`, value: "1.00" }));
for (let i = 0; i < 60; i++) {
  for (const kind of ["form", "plain"]) {
    const edits = [{ table: "wide", op: "insert", cells }];
    const batch = { batch_id: crypto.randomUUID(), workbook: "sales_planning", edits, ...(kind === "form" ? { form: "wide" } : {}) };
    const start = performance.now();
    const { status } = await demo.call("edits", { batch }, { session });
    if (status !== 200) throw new Error(`status ${status}`);
    times[kind].push(performance.now() - start);
  }
}
figures("a form over HTTP", times.form);
figures("the same row as a plain batch", times.plain);
await browser.close();
await demo.stop();
await demo.remove();
