// Several people in one table: who types where, rows that come and go, conflicts of many cells.
import { expect, saved, test } from "./fixtures.js";

const grid = (page) => page.getByRole("grid", { name: "Forecast" });
const at = (page, row, col) => page.locator(`#plan-r${row}c${col}`);

async function open(as, person, allow) {
  const page = await as(person, { options: { viewport: { width: 1500, height: 1000 } }, allow });
  await expect(at(page, 0, 0)).not.toHaveText("");
  return page;
}
async function only(page, product) {
  await page.getByRole("button", { name: "Filter Sub-category" }).click();
  await page.getByRole("dialog", { name: "Filter Sub-category" }).getByRole("textbox").first().fill(product);
  await page.keyboard.press("Enter");
  await expect(at(page, 0, 0)).toHaveText(product);
}
const change = (edits) => ({ batch: { batch_id: crypto.randomUUID(), workbook: "sales_planning", edits } });

test("the cell that a colleague types into shows who it is, until he leaves it", async ({ as }) => {
  const walt = await open(as, "walt");
  const wendy = await open(as, "wendy");
  const ed = await open(as, "ed");
  await only(walt, "Furnishings");
  await only(wendy, "Furnishings");
  await at(walt, 1, 7).click();
  await walt.keyboard.type("thinking");
  const typist = at(wendy, 1, 7).locator(".grid-typist");
  await expect(typist).toHaveText("WW(Walt Weston types here)");
  await expect(wendy.locator(".grid-typist")).toHaveCount(1);
  // On to the next cell, and away.
  await walt.keyboard.press("Enter");
  await walt.keyboard.type("more");
  await expect(at(wendy, 2, 7).locator(".grid-typist")).toBeVisible();
  await expect(typist).toHaveCount(0);
  await expect(ed.locator(".grid-typist")).toHaveCount(0);
  await expect(walt.locator(".grid-typist")).toHaveCount(0);
  await walt.keyboard.press("Escape");
  await expect(wendy.locator(".grid-typist")).toHaveCount(0);
});

test("rows that others add and delete leave the person where he is, with what he types", async ({ as, demo }) => {
  const session = await demo.session("walt");
  const add = (name) => ({ table: "actions", op: "insert", key: [], cells: [{ column: "action", value: name, was: null }] });
  const added = await demo.call("edits", change([add("together m"), add("together z")]), { session });
  expect(added.status).toBe(200);
  const page = await open(as, "wendy");
  await page.getByRole("tab", { name: "Actions" }).click();
  const actions = page.getByRole("grid", { name: "Actions" });
  await page.getByRole("button", { name: "Sort by Action" }).click();
  const row = (name) => actions.getByRole("row").filter({ hasText: name });
  const number = async (name) => Number(await row(name).getAttribute("data-row"));
  await expect(row("together m")).toBeVisible();
  await row("together m").locator("[aria-colindex='2']").click();
  const before = await number("together m");
  const first = (await demo.call("edits", change([add("together a"), add("together b")]), { session })).body;
  await expect.poll(() => number("together m")).toBe(before + 2);
  await expect(row("together m").locator(".is-active")).toHaveCount(1);
  // The same while he types.
  await row("together m").locator("[aria-colindex='4']").click();
  await page.keyboard.type("12");
  const gone = first.rows.map((row) => ({ table: "actions", op: "delete", key: row.key, version: row.version, cells: [] }));
  expect((await demo.call("edits", change(gone), { session })).status).toBe(200);
  await expect.poll(() => number("together m")).toBe(before);
  await page.keyboard.type("34");
  await page.keyboard.press("Enter");
  await expect(row("together m").locator("[aria-colindex='4']")).toHaveText("$1,234.00");
  await expect(saved(page)).toBeVisible();
});

test("conflicts of many cells are settled one by one, or all at once", async ({ as, demo }) => {
  const session = await demo.session("wendy");
  const query = { workbook: "sales_planning", element: "plan", limit: 3, filters: [{ column: "sub_category", op: "equals", value: "Labels" }] };
  const { rows, columns } = (await demo.call("query", { query }, { session })).body;
  const of = (row, name) => row[columns.findIndex((column) => column.name === name)];
  const keys = rows.map((row) => ["region", "sub_category", "month"].map((name) => of(row, name)));
  for (const [settle, expected] of [["Keep all of mine", "mine"], ["Use all of theirs", "again"]]) {
    const walt = await open(as, "walt", /409|ERR_FAILED/);
    await only(walt, "Labels");
    const was = (await at(walt, 0, 7).textContent()) ? "mine" : null;
    // The news do not reach him.
    await walt.route("**/api/v1/query", (route) => route.abort());
    const edits = keys.map((key, i) => ({ table: "forecast", key, cells: [{ column: "note", value: `theirs ${i}`, was }] }));
    expect((await demo.call("edits", change(edits), { session })).status).toBe(200);
    await at(walt, 0, 7).click();
    await at(walt, 2, 7).click({ modifiers: ["Shift"] });
    await walt.keyboard.type(expected);
    await walt.keyboard.press("Control+Enter");
    const bar = walt.getByRole("group", { name: "Conflicts" });
    await expect(bar).toContainText("3 cells were changed by others");
    await bar.getByRole("button", { name: "Next" }).click();
    await expect(walt.locator(".grid-note")).toContainText("Wendy West changed this cell in the meantime.");
    await walt.unroute("**/api/v1/query");
    await bar.getByRole("button", { name: settle }).click();
    await expect(bar).toHaveCount(0);
    await expect(saved(walt)).toBeVisible();
    for (const row of [0, 1, 2]) await expect(at(walt, row, 7)).toHaveText(expected === "mine" ? "mine" : `theirs ${row}`);
  }
});
