// A file of 1 GB with 500 columns, sent, tried and loaded: how long each takes, and how much memory the server has meanwhile
// above what it has when nothing happens. Prints figures, asserts nothing.
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Demo } from "./demo.js";

const COLUMNS = 500;
/** Of 200 KB each. */
const LINES = Number(process.env.INLAY_BENCH_LINES ?? 5_000);
const PART = 4 << 20;
const TEXT = "lorem ipsum dolor sit amet ".repeat(15);

const names = Array.from({ length: COLUMNS }, (_, i) => `c${i}`);
const columns = names.map((name) => `      ${name}: { type: text }`).join("\n");
const rows = `{ read: "@user.id <> ''", write: "@user.id <> ''" }`;
const workbook = `workbook: wide\ntitle: Wide\ninput_tables:\n  wide:\n    rows: ${rows}\n    columns:\n${columns}\npages:\n  - title: One\n    elements:\n      - { input_table: wide, table: wide }\n`;

const demo = await Demo.make([], (config) => config.replace("\n[", '\n[files]\nfolder = "files"\n\n['));
await demo.stop();
await writeFile(join(demo.folder, "workbooks/wide.yaml"), workbook);
await demo.start();
const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${demo.pid}/status`, "utf8"))[1]) / 1024;
const { session } = (await demo.call("session", { ticket: await demo.ticketWith("wendy", { workbooks: ["wide"] }) })).body;
await demo.call("query", { query: { workbook: "wide", element: "wide" } }, { session });
const idle = memory();

/** Prints how long something takes, and the most memory meanwhile. */
async function measured(what, run) {
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, memory())), 100);
  const start = performance.now();
  const said = await run();
  clearInterval(timer);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${what.padEnd(8)} ${seconds.padStart(7)} s   ${(most - idle).toFixed(0).padStart(4)} MiB above idle   ${said}`);
}

const authorization = `Bearer ${session}`;
const upload = "a-large-file";
let part = 0;
async function send(content) {
  const place = encodeURIComponent(JSON.stringify({ workbook: "wide", table: "wide", upload, part: part++ }));
  const headers = { authorization, "content-type": "application/octet-stream", "inlay-file": place };
  const response = await fetch(`${demo.inlay}/api/v1/import_part`, { method: "POST", headers, body: content });
  if (!response.ok) throw new Error(await response.text());
}

async function sendAll() {
  let waiting = Buffer.from(`${names.join(",")}\n`);
  let bytes = 0;
  for (let line = 0; line < LINES; line++) {
    waiting = Buffer.concat([waiting, Buffer.from(`${names.map((_, i) => `${line} ${i} ${TEXT}`).join(",")}\n`)]);
    for (; waiting.length >= PART || (line === LINES - 1 && waiting.length > 0); waiting = waiting.subarray(PART)) {
      await send(waiting.subarray(0, PART));
      bytes += Math.min(PART, waiting.length);
    }
  }
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

async function load(trial) {
  const look = { workbook: "wide", table: "wide", upload, name: "a.csv", locale: "en" };
  const { format, mapping } = (await demo.call("look_into", { look }, { session })).body;
  const asked = { workbook: "wide", table: "wide", batch_id: "a-large-load", upload, format, mapping, names: [], language: "en", trial };
  const headers = { authorization, "content-type": "application/json" };
  const response = await fetch(`${demo.inlay}/api/v1/import`, { method: "POST", headers, body: JSON.stringify({ import: asked }) });
  const { outcome, ...rest } = JSON.parse((await response.text()).trim().split("\n").at(-1));
  return outcome ? `${outcome.inserted} rows, ${outcome.cells} cells` : JSON.stringify(rest);
}

try {
  console.log(`\na file of ${LINES} lines and ${COLUMNS} columns, idle at ${idle.toFixed(0)} MiB`);
  await measured("sent", sendAll);
  await measured("tried", () => load(true));
  await measured("loaded", () => load(false));
} finally {
  await demo.stop();
  await demo.remove();
}
