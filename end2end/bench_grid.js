// The grid over a million rows of sixty columns, beside AG Grid Community and Perspective over the same rows from the same
// server, in the same browser, one after the other. Prints figures, asserts nothing.
import { readFileSync } from "node:fs";
import { chromium } from "@playwright/test";
import { Demo } from "./demo.js";

const ROWS = 1_000_000;
const ROUNDS = 3;
const JUMPS = 40;
const quantile = (list, share) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) * share)];
const median = (list) => quantile(list, 0.5);

const demo = await Demo.make(["--rows", String(ROWS)]);
const browser = await chromium.launch({
  executablePath: process.env.INLAY_CHROMIUM,
  args: ["--no-sandbox", "--js-flags=--expose-gc"],
});
const COMPARED = new URL("compared/node_modules/", import.meta.url);
const LIBRARY = new URL("ag-grid-community/dist/ag-grid-community.min.js", COMPARED);
const TYPES = { js: "text/javascript", wasm: "application/wasm", css: "text/css" };

// AG Grid's infinite row model, asking our API for windows as our own grid does; its count is given to it.
async function agGrid(page) {
  const session = await demo.session("ada");
  const { body } = await demo.call("query", { query: { workbook: "ledger", element: "entries", limit: 1, uncounted: true } }, { session });
  const columns = body.columns.filter(({ name }) => !name.startsWith("_")).map(({ name, label }) => ({ field: name, headerName: label }));
  await page.route("**/ag", (route) => route.fulfill({ contentType: "text/html", body: "<body style='margin:0'><div id=grid style='width:1160px;height:448px'></div>" }));
  await page.goto(`${demo.inlay}/ag`);
  const start = await page.evaluate(() => performance.now());
  await page.addScriptTag({ content: readFileSync(LIBRARY, "utf8") });
  await page.evaluate(
    ({ session, columns, rows }) => {
      const ask = async (offset, limit) => {
        const query = { workbook: "ledger", element: "entries", offset, limit, uncounted: true };
        const headers = { "content-type": "application/json", authorization: `Bearer ${session}` };
        const answer = await (await fetch("/api/v1/query", { method: "POST", headers, body: JSON.stringify({ query }) })).json();
        return answer.rows.map((row) => Object.fromEntries(answer.columns.map(({ name }, i) => [name, row[i]])));
      };
      agGrid.createGrid(document.getElementById("grid"), {
        columnDefs: columns, rowModelType: "infinite", cacheBlockSize: 100, maxBlocksInCache: 24, rowHeight: 32, headerHeight: 32,
        datasource: { getRows: ({ startRow, endRow, successCallback }) => ask(startRow, endRow - startRow).then((got) => successCallback(got, rows)) },
      });
    },
    { session, columns, rows: ROWS },
  );
  await page.waitForFunction(() => document.querySelector(".ag-cell")?.textContent);
  return { first: (await page.evaluate(() => performance.now())) - start, scroller: "#grid" };
}

// Perspective draws what its own engine holds, so it takes in all rows first. Its first cell is that of the first thousand;
// its engine is a worker, whose memory the heap does not have.
async function perspective(page) {
  const session = await demo.session("ada");
  await page.route("**/npm/**", (route) => {
    const path = new URL(new URL(route.request().url()).pathname.replace("/npm/", ""), COMPARED);
    return route.fulfill({ contentType: TYPES[path.pathname.split(".").pop()], body: readFileSync(path) });
  });
  const body = "<link rel=stylesheet href='/npm/@perspective-dev/viewer/dist/css/pro.css'><body style='margin:0'><perspective-viewer id=grid style='display:block;width:1160px;height:448px'></perspective-viewer>";
  await page.route("**/perspective", (route) => route.fulfill({ contentType: "text/html", body }));
  await page.goto(`${demo.inlay}/perspective`);
  const first = await page.evaluate(
    async ({ session, rows }) => {
      const start = performance.now();
      const from = (path) => import(`/npm/@perspective-dev/${path}`);
      const { default: client } = await from("client/dist/cdn/perspective.js");
      await from("viewer/dist/cdn/perspective-viewer.js");
      await from("viewer-datagrid/dist/cdn/perspective-viewer-datagrid.js");
      const ask = async (entry) => {
        const query = { workbook: "ledger", element: "entries", from: [entry], limit: 1_000, uncounted: true };
        const headers = { "content-type": "application/json", authorization: `Bearer ${session}` };
        const answer = await (await fetch("/api/v1/query", { method: "POST", headers, body: JSON.stringify({ query }) })).json();
        const own = ({ name }) => !name.startsWith("_");
        return Object.fromEntries(answer.columns.map((column, i) => [column, i]).filter(([column]) => own(column)).map(([column, i]) => [column.name, answer.rows.map((row) => row[i])]));
      };
      const worker = await client.worker();
      const table = await worker.table(await ask(1), { name: "entries" });
      const viewer = document.getElementById("grid");
      await viewer.load(worker);
      await viewer.restore({ table: "entries", plugin: "Datagrid" });
      const first = performance.now() - start;
      for (let entry = 1_001; entry <= rows; entry += 1_000) await table.update(await ask(entry));
      return first;
    },
    { session, rows: ROWS },
  );
  await page.waitForTimeout(2_000);
  return { first, scroller: "#grid" };
}

async function inlay(page) {
  await page.goto(`${demo.host}/?person=ada`);
  await page.goto(`${demo.host}/ledger`, { waitUntil: "commit" });
  await page.waitForFunction(() => document.querySelector("inlay-workbook")?.shadowRoot?.querySelector(".grid-td")?.textContent);
  const first = await page.evaluate(() => performance.now());
  await page.getByRole("button", { name: "1,000,000 rows" }).waitFor();
  return { first, scroller: ".grid" };
}

/** Scrolls for ten seconds, from reading pace to the whole table in a sweep, and looks at every frame. */
async function scroll(page, { scroller }) {
  const seen = await page.evaluate(
    async ({ scroller }) => {
      const root = document.querySelector("inlay-workbook")?.shadowRoot ?? document;
      const whole = root.querySelector(scroller);
      // What a shadow root holds is drawn too.
      const within = (part) => [part, ...part.children, ...(part.shadowRoot?.children ?? [])].flatMap((child) => (child === part ? [part] : within(child)));
      const grid = within(whole).find((part) => part.scrollHeight > 100 * part.clientHeight && /auto|scroll/.test(getComputedStyle(part).overflowY));
      const frames = [];
      let nodes = 0;
      let last = performance.now();
      const begun = last;
      while (last - begun < 10_000) {
        const share = (last - begun) / 10_000;
        grid.scrollTop += share < 0.3 ? 60 : share < 0.6 ? 600 : grid.scrollHeight / 240;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        frames.push(now - last);
        last = now;
        if (frames.length % 30 === 0) nodes = Math.max(nodes, within(whole).length);
      }
      window.gc?.();
      return { fps: frames.length / 10, worst: Math.max(...frames), nodes };
    },
    { scroller },
  );
  // What scripts hold and what the browser holds for them, a module's memory included.
  const heap = await (await page.context().newCDPSession(page)).send("Runtime.getHeapUsage");
  return { ...seen, heap: (heap.usedSize + (heap.embedderHeapUsedSize ?? 0) + (heap.backingStorageSize ?? 0)) / 2 ** 20 };
}

for (const [name, open, rounds] of [["Inlay", inlay, ROUNDS], ["AG Grid Community", agGrid, ROUNDS], ["Perspective", perspective, 1]]) {
  const [first, fps, worst, heap] = [[], [], [], []];
  let nodes = 0;
  for (let i = 0; i < rounds; i++) {
    const context = await browser.newContext({ viewport: { width: 1360, height: 900 } });
    const page = await context.newPage();
    const opened = await open(page);
    const seen = await scroll(page, opened);
    first.push(opened.first);
    fps.push(seen.fps);
    worst.push(seen.worst);
    heap.push(seen.heap);
    nodes = Math.max(nodes, seen.nodes);
    await context.close();
  }
  console.log(
    `${name.padEnd(18)} first cell ${median(first).toFixed(0).padStart(5)} ms   ${median(fps).toFixed(1).padStart(5)} frames per second, longest ` +
      `${median(worst).toFixed(0).padStart(4)} ms   ${String(nodes).padStart(5)} nodes   heap ${median(heap).toFixed(1).padStart(6)} MiB`,
  );
}

// From a jump to the row being there.
const page = await (await browser.newContext()).newPage();
await inlay(page);
const jump = (row) =>
  page.evaluate(async (row) => {
    const root = document.querySelector("inlay-workbook").shadowRoot;
    const grid = root.querySelector(".grid");
    const start = performance.now();
    grid.scrollTop = (row / 1_000_000) * (grid.scrollHeight - grid.clientHeight);
    for (;;) {
      await new Promise(requestAnimationFrame);
      const rows = [...root.querySelectorAll(".grid-row")];
      if (rows.length && rows.every((row) => !row.classList.contains("is-loading")) && Math.abs(rows[0].ariaRowIndex - row) < 2_000) {
        return performance.now() - start;
      }
    }
  }, row);
for (const [name, most] of [["a jump within the first thousand rows", 1_000], ["a jump within a million rows", ROWS - 1_000]]) {
  const times = [];
  for (let i = 0; i < JUMPS; i++) times.push(await jump(Math.floor(Math.random() * most)));
  console.log(`${name.padEnd(38)} p50 ${median(times).toFixed(1).padStart(6)}   p95 ${quantile(times, 0.95).toFixed(1).padStart(6)} ms`);
}
// From the key to the cell that shows it, and from the clipboard to the preview and to the warehouse's word.
await page.evaluate(() => {
  const grid = document.querySelector("inlay-workbook").shadowRoot.querySelector(".grid");
  grid.scrollTop = 0;
  grid.scrollLeft = grid.scrollWidth;
});
const remark = (row) => page.locator(`#entries-r${row}c59`);
const painted = [];
for (let i = 0; i < 40; i++) {
  await remark(i % 10).click();
  await page.keyboard.type(`note ${i}`);
  painted.push(
    await page.evaluate(async ({ id, text }) => {
      const root = document.querySelector("inlay-workbook").shadowRoot;
      const start = performance.now();
      root.querySelector(".grid-editor-field").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, composed: true }));
      while (root.querySelector(id).textContent !== text) await new Promise(requestAnimationFrame);
      return performance.now() - start;
    }, { id: `#entries-r${i % 10}c59`, text: `note ${i}` }),
  );
}
console.log(`${"a key to the cell that shows it".padEnd(38)} p50 ${median(painted).toFixed(1).padStart(6)}   p95 ${quantile(painted, 0.95).toFixed(1).padStart(6)} ms`);
await page.locator("#entries-r10c57").click();
const block = Array.from({ length: 16_666 }, (_, i) => `checked\t${i}.25\tremark ${i}`).join("\n");
const pasted = await page.evaluate(async (block) => {
  const root = document.querySelector("inlay-workbook").shadowRoot;
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", block);
  const start = performance.now();
  root.querySelector(".grid").dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true, composed: true }));
  const until = async (done) => {
    while (!done()) await new Promise(requestAnimationFrame);
    return performance.now() - start;
  };
  const preview = await until(() => root.querySelector(".grid-paste"));
  const tried = await until(() => !root.querySelector(".grid-paste").textContent.includes("being asked"));
  root.querySelector(".grid-paste button.is-primary").click();
  const confirmed = performance.now() - start;
  const allSaved = () => root.querySelector(".status").textContent.includes("All changes saved");
  await until(() => !allSaved());
  const saved = (await until(allSaved)) - confirmed;
  return { preview, tried, saved };
}, block);
console.log(`49,998 cells pasted: previewed after ${pasted.preview.toFixed(0)} ms, tried after ${pasted.tried.toFixed(0)} ms, saved in ${pasted.saved.toFixed(0)} ms`);
await browser.close();
await demo.stop();
await demo.remove();
