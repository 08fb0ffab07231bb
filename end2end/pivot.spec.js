// Pivot tables: totals that are the warehouse's, rows that open and close, cells and totals that are typed into.
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { Demo } from "./demo.js";
import { expect, openAdded, saved, test } from "./fixtures.js";

const money = (text) => Number(text.replace(/[$,]/g, ""));
const wide = { viewport: { width: 1700, height: 1000 } };

async function sold(page) {
  await page.getByRole("tab", { name: "Overview", exact: true }).click();
  await page.locator('[data-tabs="overview_places"]').getByRole("tab", { name: "Pivot" }).click();
  const pivot = page.locator('[data-element="sold_by"]');
  await expect(pivot.getByRole("grid")).toBeVisible();
  return pivot;
}
async function planned(as, person, { options = wide, allow } = {}) {
  const page = await as(person, { options, allow });
  await page.getByRole("tab", { name: "By month", exact: true }).click();
  const pivot = page.locator('[data-element="plan_by_month"]');
  await expect(pivot.getByRole("grid")).toBeVisible();
  return { page, pivot };
}
const row = (pivot, ...path) => pivot.locator(`tr[data-row='${JSON.stringify(path)}']`);
const cell = (row, column, value = 0) => row.locator(`td[data-column='${JSON.stringify(column)}'][data-value="${value}"]`);
const names = (pivot) => pivot.locator("tbody tr > th").allTextContents();

test("totals are those of the page, and rows and columns open and close", async ({ as }) => {
  const page = await as("wendy");
  const kpi = async (name) => (await page.locator(`[data-element="${name}"] .kpi-value`).textContent()).trim();
  const [revenue, margin] = [await kpi("revenue"), await kpi("margin")];
  const pivot = await sold(page);
  const whole = row(pivot);
  await expect(cell(whole, [])).toHaveText(revenue);
  await expect(cell(whole, [], 1)).toHaveText(margin);
  // A ratio's total is not what its cells come to.
  const ratios = await Promise.all(["Furniture", "Technology"].map((name) => cell(row(pivot, name), [], 1).textContent()));
  expect(ratios.every((ratio) => /^-?\d+\.\d%$/.test(ratio))).toBe(true);
  // Sorted by revenue, as its author says; then by a column, up and down and as they come.
  const tops = async () => (await pivot.locator("tr.is-group > th").allTextContents()).map((text) => text.replace(/[▾▸ ]/g, ""));
  expect(await tops()).toEqual(["Furniture", "Technology", "OfficeSupplies"]);
  const sorts = pivot.getByRole("button", { name: "Sort by Revenue", exact: true });
  await sorts.click();
  await expect(pivot.locator("th[aria-sort]")).toHaveAttribute("aria-sort", "ascending");
  expect(await tops()).toEqual(["OfficeSupplies", "Technology", "Furniture"]);
  await sorts.click();
  await expect(pivot.locator("th[aria-sort]")).toHaveCount(0);
  expect(await tops()).toEqual(["Furniture", "OfficeSupplies", "Technology"]);
  const count = await pivot.locator("tbody tr").count();
  await pivot.getByRole("button", { name: "Furniture" }).click();
  await expect(pivot.locator("tbody tr")).toHaveCount(count - 4);
  await expect(cell(whole, [])).toHaveText(revenue);
  const columns = await pivot.locator(".pivot-values th").count();
  await pivot.getByRole("button", { name: "2014", exact: true }).click();
  await expect(pivot.locator(".pivot-values th")).toHaveCount(columns - 8);
  // Only cells have a shade, and the largest has all of it.
  expect(await pivot.locator("td.is-total.is-scaled").count()).toBe(0);
  expect(await pivot.locator("td.is-scaled").evaluateAll((cells) => Math.max(...cells.map((c) => parseInt(c.style.getPropertyValue("--part") || 0))))).toBe(100);
});

test("the keyboard goes everywhere in it", async ({ as }) => {
  const page = await as("wendy");
  const pivot = await sold(page);
  await pivot.getByRole("group", { name: "What was sold, where and when" }).focus();
  await page.keyboard.press("ArrowDown");
  await expect(row(pivot, "Furniture").locator("th")).toBeFocused();
  const count = await pivot.locator("tbody tr").count();
  await page.keyboard.press("ArrowLeft");
  await expect(pivot.locator("tbody tr")).toHaveCount(count - 4);
  await expect(row(pivot, "Furniture").locator("th")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(pivot.locator("tbody tr")).toHaveCount(count);
  await page.keyboard.press("ArrowRight");
  await expect(row(pivot, "Furniture").locator("td").first()).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(pivot.locator(".pivot-values button").first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(pivot.locator("th[aria-sort]")).toHaveAttribute("aria-sort", "descending");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Control+End");
  await expect(cell(row(pivot), [], 1)).toBeFocused();
  // It is not typed into.
  await page.keyboard.type("7");
  await expect(pivot.locator("input")).toHaveCount(0);
});

test("what is typed into a cell is its row's, and is seen by everybody", async ({ as }) => {
  const { page, pivot } = await planned(as, "ed");
  const other = await as("ed", { options: wide });
  const machines = row(pivot, "East", "Technology", "Machines");
  const target = machines.locator("td.is-input:not(.is-total)").first();
  const column = JSON.parse(await target.getAttribute("data-column"));
  await target.click();
  await page.keyboard.type("1200");
  await page.keyboard.press("Enter");
  await expect(cell(machines, column)).toHaveText("$1,200.00");
  await expect(saved(page)).toBeVisible();
  await expect.poll(async () => money(await cell(machines, []).textContent())).toBeGreaterThanOrEqual(1200);
  await other.getByRole("tab", { name: "By month", exact: true }).click();
  await expect(cell(row(other.locator('[data-element="plan_by_month"]'), "East", "Technology", "Machines"), column)).toHaveText("$1,200.00");
  // Arithmetic, a mistake, and what was there before.
  await cell(machines, column).click();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("-5");
  await page.keyboard.press("Enter");
  const trouble = pivot.locator(".pivot-trouble");
  await expect(trouble).toContainText("East · Machines");
  await expect(trouble).toContainText("Must be between 0 and 1000000.");
  await trouble.getByRole("button", { name: "Discard" }).click();
  await expect(cell(machines, column)).toHaveText("$1,200.00");
  await cell(machines, column).click();
  await page.keyboard.press("Delete");
  await expect(cell(machines, column)).toHaveText("");
  await expect(saved(page)).toBeVisible();
  await page.keyboard.press("Control+z");
  await expect(cell(machines, column)).toHaveText("$1,200.00");
});

test("a colleague who was faster is not overwritten", async ({ as, demo }) => {
  const { page, pivot } = await planned(as, "ed", { allow: /409|ERR_FAILED/ });
  const labels = row(pivot, "East", "Office Supplies", "Labels");
  const target = labels.locator("td.is-input:not(.is-total)").first();
  const [month] = JSON.parse(await target.getAttribute("data-column"));
  const was = await target.textContent();
  // He begins to type, and his colleague saves first.
  await target.dblclick();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("70");
  await page.route("**/api/v1/changes", (route) => route.abort());
  await page.route("**/api/v1/query", (route) => route.abort());
  const session = await demo.session("ed");
  const edit = { table: "forecast", key: ["East", "Labels", month], cells: [{ column: "forecast", value: "55.00", was: was ? was.replace(/[$,]/g, "") : null }] };
  const batch = { batch_id: crypto.randomUUID(), workbook: "sales_planning", edits: [edit] };
  expect((await demo.call("edits", { batch }, { session })).status).toBe(200);
  await page.keyboard.press("Enter");
  const trouble = pivot.locator(".pivot-trouble.is-conflict");
  await expect(trouble).toContainText("Labels");
  await expect(trouble.getByRole("button", { name: /55\.00/ })).toBeVisible();
  await page.unroute("**/api/v1/query");
  await page.unroute("**/api/v1/changes");
  // The same value typed once more is meant still.
  await cell(labels, [month]).click();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("70");
  await page.keyboard.press("Enter");
  await expect(trouble).toHaveCount(0);
  await expect(saved(page)).toBeVisible();
  await expect(cell(labels, [month])).toHaveText("$70.00");
});

test("a total is spread over its cells by a rule, once one has seen what becomes of them", async ({ as }) => {
  const { page, pivot } = await planned(as, "ed");
  const phones = row(pivot, "East", "Technology", "Phones");
  const inputs = phones.locator("td.is-input:not(.is-total)");
  const count = await inputs.count();
  expect(count).toBeGreaterThan(5);
  const total = cell(phones, []);
  await total.click();
  await page.keyboard.type("1000");
  await page.keyboard.press("Enter");
  const dialog = pivot.getByRole("dialog", { name: `Spread $1,000.00 over ${count} cells` });
  await expect(dialog).toBeVisible();
  await dialog.getByRole("button", { name: "Equally" }).click();
  await expect(dialog.getByRole("button", { name: "Equally" })).toHaveAttribute("aria-pressed", "true");
  await expect(dialog.locator("tbody tr")).toHaveCount(count);
  const after = await dialog.locator("tbody tr > :last-child").allTextContents();
  expect(after.reduce((sum, text) => sum + Math.round(money(text) * 100), 0)).toBe(100_000);
  // Nothing is done yet, and what is no number is said to be none.
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(total).toBeFocused();
  await page.keyboard.type("much");
  await page.keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  await expect(page.locator(".status")).toContainText("number");
  expect((await inputs.allTextContents()).every((text) => text === "")).toBe(true);
  await page.keyboard.type("1000");
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: `Set ${count} cells` }).click();
  await expect(total).toHaveText("$1,000.00");
  await expect(saved(page)).toBeVisible();
  expect((await inputs.allTextContents()).reduce((sum, text) => sum + Math.round(money(text) * 100), 0)).toBe(100_000);
  // In proportion: twice as much of each, and more than a column takes is not done at all.
  await total.click();
  await page.keyboard.type("2000");
  await page.keyboard.press("Enter");
  await expect(pivot.getByRole("dialog").getByRole("button", { name: "In proportion" })).toHaveAttribute("aria-pressed", "true");
  await pivot.getByRole("button", { name: `Set ${count} cells` }).click();
  await expect(total).toHaveText("$2,000.00");
  await expect(saved(page)).toBeVisible();
  await total.click();
  await page.keyboard.type("99999999");
  await page.keyboard.press("Enter");
  const refused = pivot.getByRole("dialog");
  await expect(refused).toContainText("Must be between 0 and 1000000.");
  await expect(refused.getByRole("button", { name: /^Set/ })).toBeDisabled();
  await refused.getByRole("button", { name: "Cancel" }).click();
  await expect(total).toBeFocused();
  // One step back for all of it.
  await page.keyboard.press("Control+z");
  await expect(total).toHaveText("$1,000.00");
  await page.keyboard.press("Control+z");
  await expect(total).toHaveText("");
});

test("who may only look types nothing, and a phone shows it", async ({ as }) => {
  const { page, pivot } = await planned(as, "vic", { options: { viewport: { width: 390, height: 844 } } });
  await expect(pivot.locator("td.is-input")).toHaveCount(0);
  await pivot.locator("tbody td").first().dblclick();
  await expect(pivot.locator("input")).toHaveCount(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect((await names(pivot)).at(-1)).toBe("Total");
});

test("thousands of rows are drawn as one comes to them, and what is too much is said", async ({ browser }) => {
  const demo = await Demo.make(["--watch"]);
  const page = await (await browser.newContext({ viewport: { width: 1500, height: 1000 } })).newPage();
  try {
    await appendFile(join(demo.folder, "workbooks/sales_planning.yaml"), `
  - title: Many
    elements:
      - { pivot: many, source: orders, rows: [order_id], values: [revenue] }
      - { pivot: too_many, source: orders, rows: [row_id], columns: [segment], values: [revenue] }
`);
    const many = await openAdded(page, demo, "Many");
    const revenue = (await page.locator('[data-element="revenue"] .kpi-value').textContent()).trim();
    await many.click();
    const pivot = page.locator('[data-element="many"]');
    await expect(cell(row(pivot), [])).toHaveText(revenue);
    await expect(pivot.locator("tbody tr")).toHaveCount(201);
    await expect(pivot.locator(".chart-note")).toHaveCount(0);
    await pivot.locator(".pivot").evaluate((frame) => frame.scrollTo(0, frame.scrollHeight));
    await expect(pivot.locator("tbody tr")).toHaveCount(401);
    // Sorted by the warehouse's numbers, all of them.
    await pivot.getByRole("button", { name: "Sort by Revenue" }).click();
    const top = money(await pivot.locator("tbody tr").first().locator("td").textContent());
    expect(top).toBeGreaterThan(20_000);
    const much = page.locator('[data-element="too_many"]');
    await expect(much.locator(".chart-note")).toHaveText("Only the first 10,000 totals and cells are here; there are more. A filter leaves fewer.");
    await expect(cell(row(much), [])).toHaveText(revenue);
  } finally {
    await page.context().close();
    await demo.stop();
    await demo.remove();
  }
});
