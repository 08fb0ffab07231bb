// Somebody types a forecast: the chart moves, a colleague sees it, nobody loses anything.
import { cell, chart, expect, saved, test, typeInto } from "./fixtures.js";

test("type a forecast and see the chart move", async ({ as }) => {
  const page = await as("wendy");
  const drawn = chart(page, "by_month");
  await expect(drawn).toHaveAttribute("aria-label", /12 values from Jan 2017 to Dec 2017/);
  const kpi = page.locator('[data-element="planned"] .kpi-value');
  const before = await kpi.textContent();
  const line = drawn.locator("svg path");
  const paths = await line.count();

  await typeInto(page, cell(page, "Accessories", "Mar 2017", "forecast"), "4,321.50");

  await expect(cell(page, "Accessories", "Mar 2017", "forecast")).toHaveText("$4,321.50");
  await expect(cell(page, "Accessories", "Mar 2017", "variance")).toHaveText("▲$1,699.80");
  await expect(saved(page)).toBeVisible();
  await expect(kpi).not.toHaveText(before);
  await expect(drawn).toHaveAttribute("aria-label", /Forecast is highest at Mar 2017/);
  expect(await line.count()).toBeGreaterThan(paths);
});

test("a second window shows a colleague's edit by itself", async ({ as }) => {
  const [wendy, walt] = [await as("wendy"), await as("walt")];
  await expect(cell(walt, "Accessories", "Apr 2017", "forecast")).toHaveText("");
  await typeInto(wendy, cell(wendy, "Accessories", "Apr 2017", "forecast"), "777");
  await expect(cell(walt, "Accessories", "Apr 2017", "forecast")).toHaveText("$777.00");
});

test("a page that is opened again shows what is there now", async ({ as, demo }) => {
  const walt = await as("walt");
  const target = cell(walt, "Accessories", "Dec 2017", "forecast");
  await expect(target).toHaveText("");
  await walt.getByRole("tab", { name: "Visits" }).click();
  await expect(walt.getByRole("button", { name: "File report" })).toBeVisible();
  const edit = { table: "forecast", key: ["West", "Accessories", "2017-12-01"], cells: [{ column: "forecast", value: "888", was: null }] };
  const batch = { batch_id: crypto.randomUUID(), workbook: "sales_planning", edits: [edit] };
  expect((await demo.call("edits", { batch }, { session: await demo.session("wendy") })).status).toBe(200);
  await walt.getByRole("tab", { name: "Planning" }).click();
  await expect(target).toHaveText("$888.00");
});

test("a stale edit is a conflict, and can be kept or given up", async ({ as, demo }) => {
  const walt = await as("walt", { allow: /409|ERR_FAILED/ });
  const target = cell(walt, "Accessories", "Jun 2017", "note");
  await expect(target).toBeVisible();
  // The stream is cut for Walt: he keeps seeing the old value.
  await walt.route("**/api/v1/query", (route) => route.abort());
  const session = await demo.session("wendy");
  const key = ["West", "Accessories", "2017-06-01"];
  const edit = (value, was) => ({ batch: { batch_id: crypto.randomUUID(), workbook: "sales_planning", edits: [{ table: "forecast", key, cells: [{ column: "note", value, was }] }] } });
  expect((await demo.call("edits", edit("by Wendy", null), { session })).status).toBe(200);

  await walt.evaluate(() => addEventListener("inlay-conflict", (e) => (window.conflict = e.detail)));
  await typeInto(walt, target, "by Walt");
  await expect(walt.getByText("1 cell needs your attention.")).toBeVisible();
  await target.click();
  const note = walt.locator(".grid-note");
  await expect(note).toContainText("Wendy West changed this cell in the meantime.");
  const told = await walt.evaluate(() => window.conflict.cells[0]);
  expect(told).toMatchObject({ table: "forecast", key, column: "note", code: "WB007", conflict: { by: "Wendy West", now: "by Wendy" } });
  // The time is that of the person's own clock.
  const at = await walt.evaluate((at) => new Date(at).toLocaleString(), told.conflict.at);
  await expect(note.locator("time")).toHaveText(at);
  await expect(note.getByRole("button", { name: /Use theirs: by Wendy/ })).toBeVisible();
  await note.getByRole("button", { name: /Keep mine: by Walt/ }).click();
  await expect(saved(walt)).toBeVisible();
  await expect(target).toHaveText("by Walt");

  const query = { query: { workbook: "sales_planning", element: "plan", filters: [{ column: "note", op: "equals", value: "by Walt" }] } };
  expect((await demo.call("query", query, { session })).body.total).toBe(1);
  await walt.unroute("**/api/v1/query");
});

test("a refused value keeps what was typed and says why", async ({ as }) => {
  const page = await as("wendy", { allow: /422/ });
  const target = cell(page, "Accessories", "Jul 2017", "forecast");
  await typeInto(page, target, "-5");
  await expect(target).toHaveText("-5");
  await target.click();
  await expect(page.locator(".grid-note")).toHaveText(/Must be between 0 and 1000000\./);

  await page.keyboard.press("F2");
  await expect(page.getByRole("textbox", { name: "Forecast" })).toHaveValue("-5");
  await page.keyboard.press("Escape");

  // A rule that only the warehouse can evaluate.
  await target.click();
  await page.keyboard.type("900000");
  await page.keyboard.press("Enter");
  await expect(target).toHaveText(/900/);
  await target.click();
  await expect(page.locator(".grid-note")).toContainText("more than a hundred times the actual");
  await page.keyboard.press("Escape");
  await expect(target).toHaveText("");
  await expect(saved(page)).toBeVisible();
});

test("undo and redo take one's own edits back and forth", async ({ as }) => {
  const page = await as("wendy");
  const target = cell(page, "Accessories", "Aug 2017", "forecast");
  await typeInto(page, target, "100");
  await expect(target).toHaveText("$100.00");
  await expect(saved(page)).toBeVisible();
  await page.keyboard.press("Control+z");
  await expect(target).toHaveText("");
  await expect(saved(page)).toBeVisible();
  await page.keyboard.press("Control+y");
  await expect(target).toHaveText("$100.00");
});

/** Another person's edit, past the page. */
async function edits(demo, person, key, column, value, was) {
  const edit = { table: "forecast", key: ["West", ...key], cells: [{ column, value, was }] };
  const batch = { batch_id: crypto.randomUUID(), workbook: "sales_planning", edits: [edit] };
  expect((await demo.call("edits", { batch }, { session: await demo.session(person) })).status).toBe(200);
}

test("undo takes back what nobody has changed since, and says what somebody has", async ({ as, demo }) => {
  const page = await as("wendy");
  const note = (month) => cell(page, "Art", month, "note");
  await page.getByRole("button", { name: "Filter Sub-category" }).click();
  await page.getByRole("textbox", { name: "Value" }).fill("Art");
  await page.keyboard.press("Enter");
  await cell(page, "Art", "Jan 2017", "status").click();
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  await page.getByRole("grid").evaluate((grid) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", "submitted\tmine");
    grid.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true, composed: true }));
  });
  await expect(note("Mar 2017")).toHaveText("mine");
  await expect(saved(page)).toBeVisible();
  await edits(demo, "walt", ["Art", "2017-02-01"], "note", "his", "mine");
  await expect(note("Feb 2017")).toHaveText("his");

  await page.keyboard.press("Control+z");
  await expect(page.getByText("Taken back, but for 1 cell that Walt Weston has changed since.")).toBeVisible();
  await expect(note("Jan 2017")).toHaveText("");
  await expect(note("Mar 2017")).toHaveText("");
  await expect(note("Feb 2017")).toHaveText("his");
  // The other cell of that row is one's own still.
  for (const month of ["Jan 2017", "Feb 2017", "Mar 2017"]) await expect(cell(page, "Art", month, "status")).toHaveText("draft");

  await page.keyboard.press("Control+y");
  await expect(note("Jan 2017")).toHaveText("mine");
  await expect(note("Feb 2017")).toHaveText("his");
  for (const month of ["Jan 2017", "Feb 2017", "Mar 2017"]) await expect(cell(page, "Art", month, "status")).toHaveText("submitted");
  await expect(saved(page)).toBeVisible();
  await page.keyboard.press("Control+z");
  for (const month of ["Jan 2017", "Feb 2017", "Mar 2017"]) await expect(cell(page, "Art", month, "status")).toHaveText("draft");
  await expect(saved(page)).toBeVisible();
});

test("undo right after typing takes back what was typed, not what was before it", async ({ as }) => {
  const page = await as("wendy");
  const [first, second] = ["Feb 2017", "Mar 2017"].map((month) => cell(page, "Accessories", month, "note"));
  await typeInto(page, first, "stays");
  await expect(saved(page)).toBeVisible();
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/api/v1/edits", async (route) => {
    await held;
    await route.continue();
  });
  await typeInto(page, second, "goes");
  await page.keyboard.press("Control+z");
  await expect(second).toHaveText("goes");
  release();
  await expect(second).toHaveText("");
  await expect(first).toHaveText("stays");
  await expect(saved(page)).toBeVisible();
  await page.keyboard.press("Control+z");
  await expect(first).toHaveText("");
  await expect(saved(page)).toBeVisible();
});

test("edits of one cell are taken back one after the other, and done again", async ({ as }) => {
  const page = await as("wendy");
  const note = cell(page, "Appliances", "Mar 2017", "note");
  for (const text of ["one", "two", "three"]) {
    await typeInto(page, note, text);
    await expect(saved(page)).toBeVisible();
  }
  for (const text of ["two", "one", ""]) {
    await page.keyboard.press("Control+z");
    await expect(note).toHaveText(text);
    await expect(saved(page)).toBeVisible();
  }
  for (const text of ["one", "two", "three"]) {
    await page.keyboard.press("Control+y");
    await expect(note).toHaveText(text);
    await expect(saved(page)).toBeVisible();
  }
});

test("a block is copied to and pasted from a spreadsheet", async ({ as }) => {
  const page = await as("wendy", { options: { permissions: ["clipboard-read", "clipboard-write"] } });
  const first = cell(page, "Appliances", "Mar 2017", "forecast");
  await first.click();
  await page.evaluate(() => navigator.clipboard.writeText("1,000.25\n2000\n3000"));
  await page.keyboard.press("Control+v");
  await expect(first).toHaveText("$1,000.25");
  await expect(cell(page, "Appliances", "Apr 2017", "forecast")).toHaveText("$2,000.00");
  await expect(saved(page)).toBeVisible();

  await first.click();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Control+c");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("1000.25\n2000");

  await page.keyboard.press("Control+x");
  await expect(first).toHaveText("");
  await expect(cell(page, "Appliances", "Apr 2017", "forecast")).toHaveText("");
  await expect(cell(page, "Appliances", "May 2017", "forecast")).toHaveText("$3,000.00");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("1000.25\n2000");
});

test("the keyboard moves, edits and leaves", async ({ as }) => {
  const page = await as("wendy");
  const target = cell(page, "Accessories", "Sep 2017", "status");
  await target.click();
  await expect(target).toHaveClass(/is-active/);
  await page.keyboard.press("F2");
  await page.keyboard.press("s");
  await page.keyboard.press("Enter");
  await expect(target).toHaveText("submitted");
  await page.keyboard.press("Control+Home");
  await expect(page.locator(".is-active")).toHaveText("Accessories");
  await page.keyboard.press("Control+End");
  await expect(page.locator(".is-active")).toBeInViewport();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("x");
  await expect(page.getByRole("textbox")).toHaveCount(0);
});

test("totals stand under their columns and follow edits and filters", async ({ as }) => {
  const page = await as("wendy");
  const total = (label) => page.locator(".grid-total").filter({ hasText: label });
  const forecast = page.locator('.grid-total[aria-colindex="5"]');
  await expect(page.locator('.grid-total[aria-colindex="4"]')).toHaveText(/^\$250,128\.\d\dSum$/);
  await page.getByRole("button", { name: "Filter Sub-category" }).click();
  await page.getByRole("textbox", { name: "Value" }).fill("copiers");
  await page.keyboard.press("Enter");
  await expect(total("Sum").first()).not.toHaveText(/250,128/);
  await expect(forecast).toHaveText("Sum");
  await typeInto(page, page.locator("#plan-r0c4"), "12.5");
  await typeInto(page, page.locator("#plan-r1c4"), "30");
  await expect(forecast).toHaveText(/^\$42\.50/);
  await expect(forecast).toBeInViewport();
});

test("a filter and a sort ask the warehouse", async ({ as }) => {
  const page = await as("wendy");
  await expect(page.getByRole("button", { name: "187 rows" })).toBeVisible();
  await page.getByRole("button", { name: "Filter Sub-category" }).click();
  await page.getByRole("textbox", { name: "Value" }).fill("chai");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "12 rows" })).toBeVisible();
  await page.getByRole("button", { name: "Sort by Actual" }).click();
  await expect(page.getByRole("columnheader", { name: "Actual" })).toHaveAttribute("aria-sort", "ascending");
  // The order is told at once, the rows come when the warehouse has answered.
  await expect(async () => {
    const amounts = await page.locator('.grid-td[aria-colindex="4"]').allTextContents();
    const numbers = amounts.map((text) => Number(text.replace(/[$,]/g, "")));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  }).toPass({ timeout: 10_000 });
});
