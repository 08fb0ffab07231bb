// What a person waits for, in a cold browser against the release binary. Prints figures, asserts nothing.
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { chromium } from "@playwright/test";
import { Demo } from "./demo.js";

const ROUNDS = 7;
const EDITS = 40;
const quantile = (list, share) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) * share)];
const ms = (n) => n.toFixed(1).padStart(8);

const begun = performance.now();
const demo = await Demo.make();
console.log(`\nfirst start with loading the data  ${ms(performance.now() - begun)} ms`);
await demo.stop();
const again = performance.now();
await demo.start();
console.log(`server start                       ${ms(performance.now() - again)} ms`);
const status = readFileSync(`/proc/${demo.pid}/status`, "utf8");
console.log(`server memory after start          ${ms(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024)} MiB`);

const browser = await chromium.launch({ executablePath: process.env.INLAY_CHROMIUM, args: ["--no-sandbox"] });
for (const [name, path] of [["script tag", "/sales"], ["iframe", "/report"]]) {
  const times = [];
  for (let i = 0; i < ROUNDS; i++) {
    const context = await browser.newContext({ viewport: { width: 1360, height: 1000 } });
    const page = await context.newPage();
    await page.goto(`${demo.host}/?person=wendy`, { waitUntil: "commit" });
    await page.goto("about:blank");
    // Asked in the page itself, frame by frame: the first one after which a cell with a value is on screen.
    await page.addInitScript(() => {
      const look = () => {
        const root = document.querySelector("inlay-workbook")?.shadowRoot ?? document;
        const cell = root.querySelector(".grid-td:not(:empty)");
        if (!cell?.textContent) return requestAnimationFrame(look);
        requestAnimationFrame(() => (window.firstCell = performance.timeOrigin + performance.now()));
      };
      look();
    });
    await page.goto(demo.host + path, { waitUntil: "commit" });
    const start = await page.evaluate(() => performance.timeOrigin);
    await page.waitForFunction(() => window.firstCell || document.querySelector("iframe"));
    const frame = path === "/report" ? await (await page.waitForSelector("iframe")).contentFrame() : page.mainFrame();
    await frame.waitForFunction(() => window.firstCell);
    times.push((await frame.evaluate(() => window.firstCell)) - start);
    await context.close();
  }
  console.log(`first data cell, ${name.padEnd(12)} p50   ${ms(quantile(times, 0.5))} ms   worst ${ms(Math.max(...times))} ms`);
}

const page = await (await browser.newContext()).newPage();
await page.goto(`${demo.host}/?person=wendy`);
await page.getByRole("gridcell").first().waitFor();
const seen = [];
const answered = [];
page.on("requestfinished", (request) => {
  if (request.url().endsWith("/edits")) answered.push(request.timing().responseEnd);
});
for (let i = 0; i < EDITS; i++) {
  const cell = page.locator(`#plan-r${i % 10}c4`);
  await cell.click();
  await page.keyboard.type(String(100 + i));
  seen.push(
    await page.evaluate(async (id) => {
      const root = document.querySelector("inlay-workbook").shadowRoot;
      const start = performance.now();
      const editor = root.querySelector(".grid-editor-field");
      editor.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, composed: true }));
      await new Promise((resolve) => {
        // Asked for anew in each frame: a row's cells are written as text, which makes new ones.
        const look = () => (root.querySelector(id).classList.contains("is-saved") ? resolve() : requestAnimationFrame(look));
        look();
      });
      return performance.now() - start;
    }, `#plan-r${i % 10}c4`),
  );
  await page.waitForTimeout(20);
}
for (const [name, list] of [["key press to saved mark", seen], ["request to answer", answered]]) {
  console.log(`${name.padEnd(30)} p50 ${ms(quantile(list, 0.5))}   p95 ${ms(quantile(list, 0.95))}   p99 ${ms(quantile(list, 0.99))} ms`);
}
await browser.close();

// Over HTTP without a browser: each client edits a row of its own, one edit after the other, as fast as it is answered.
const session = await demo.session("wendy");
const plan = { query: { workbook: "sales_planning", element: "plan", offset: 100, limit: 32 } };
const { columns, rows } = (await demo.call("query", plan, { session })).body;
const keyAt = ["region", "sub_category", "month"].map((name) => columns.findIndex((column) => column.name === name));
const agent = new Agent({ keepAlive: true, maxSockets: 32 });

function post(body) {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${session}`, "content-length": Buffer.byteLength(body) };
    const call = request(`${demo.inlay}/api/v1/edits`, { method: "POST", agent, headers }, (answer) => {
      answer.resume();
      answer.on("end", () => (answer.statusCode === 200 ? resolve() : reject(new Error(`status ${answer.statusCode}`))));
    });
    call.on("error", reject);
    call.end(body);
  });
}

async function client(row, run, edits, times) {
  const key = keyAt.map((i) => row[i]);
  let was = run === 0 ? null : `run ${run - 1}`;
  for (let i = 0; i < edits; i++) {
    const value = i === edits - 1 ? `run ${run}` : `${run}.${i}`;
    const edit = { table: "forecast", key, cells: [{ column: "note", value, was }] };
    const start = performance.now();
    await post(JSON.stringify({ batch: { batch_id: crypto.randomUUID(), workbook: "sales_planning", edits: [edit] } }));
    times.push(performance.now() - start);
    was = value;
  }
}

for (const [run, clients, edits] of [[0, 32, 20], [1, 1, 400], [2, 32, 60]]) {
  const times = [];
  const start = performance.now();
  // A run of one client must leave the other rows as the next run expects them.
  await Promise.all(rows.slice(0, clients).map((row) => client(row, run, edits, times)));
  await Promise.all(rows.slice(clients).map((row) => client(row, run, 1, [])));
  const seconds = (performance.now() - start) / 1000;
  if (run === 0) continue; // a warm-up
  const name = `edit over HTTP, ${clients} client${clients === 1 ? "" : "s"}`;
  const rate = `${Math.round(times.length / seconds)} per second`.padStart(17);
  console.log(`${name.padEnd(30)} p50 ${ms(quantile(times, 0.5))}   p95 ${ms(quantile(times, 0.95))}   p99 ${ms(quantile(times, 0.99))} ms${rate}`);
}
agent.destroy();
await demo.stop();
await demo.remove();
