// How a person arranges a table: widths, order, hidden and frozen columns, several sorts, filters by type, and views of it.
import { expect, test } from "./fixtures.js";

const grid = (page) => page.getByRole("grid", { name: "Forecast" });
const headers = (page) => grid(page).getByRole("columnheader");
const header = (page, name) => headers(page).filter({ hasText: name });
const names = async (page) => (await headers(page).locator(".grid-name").allTextContents()).map((name) => name.replace("✎", ""));
const at = (page, row, col) => page.locator(`#plan-r${row}c${col}`);
const item = (page, name) => page.getByRole("menuitem", { name, exact: true });

async function open(as, person = "wendy", options = { viewport: { width: 1500, height: 1000 } }) {
  const page = await as(person, { options });
  await expect(at(page, 0, 0)).not.toHaveText("");
  return page;
}
async function menu(page, column, action) {
  await page.getByRole("button", { name: `Menu of ${column}` }).click();
  await item(page, action).click();
}

test("columns are hidden, shown again, moved and frozen, and keep their values", async ({ as }) => {
  const page = await open(as);
  const before = await names(page);
  const actual = await at(page, 2, 3).textContent();
  await menu(page, "Region", "Hide Region");
  await expect(header(page, "Region")).toHaveCount(0);
  await expect(grid(page)).toHaveAttribute("aria-colcount", "8");
  await expect(at(page, 2, 2)).toHaveText(actual);
  await menu(page, "Actual", "Move to the left");
  await expect(header(page, "Actual")).toHaveAttribute("aria-colindex", "2");
  await expect(at(page, 2, 1)).toHaveText(actual);
  await expect(header(page, "Actual")).toHaveClass(/is-frozen/);
  await expect(header(page, "Month")).not.toHaveClass(/is-frozen/);
  await menu(page, "Actual", "Freeze nothing");
  await expect(header(page, "Sub-category")).not.toHaveClass(/is-frozen/);
  await menu(page, "Month", "Freeze up to here");
  await expect(header(page, "Month")).toHaveClass(/is-frozen/);
  await menu(page, "Actual", "Show Region");
  await page.getByRole("button", { name: "Views" }).click();
  await item(page, "As the author has it").click();
  expect(await names(page)).toEqual(before);
  await expect(header(page, "Month")).toHaveClass(/is-frozen/);
  await expect(at(page, 2, 3)).toHaveText(actual);
});

test("an edge is dragged to a width, and a double click fits it", async ({ as }) => {
  const page = await open(as);
  const width = async () => (await header(page, "Actual").boundingBox()).width;
  const edge = header(page, "Actual").locator(".grid-resize");
  const before = await width();
  const box = await edge.boundingBox();
  await page.mouse.move(box.x + 4, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x - 60, box.y + 10, { steps: 4 });
  await page.mouse.up();
  expect(Math.abs((await width()) - (before - 64))).toBeLessThan(2);
  expect((await at(page, 0, 3).boundingBox()).width).toBe(await width());
  await edge.dblclick();
  expect(await width()).not.toBe(before - 64);
  // The name is still there to be read.
  const name = header(page, "Actual").locator(".grid-name span").last();
  expect(await name.evaluate((name) => name.scrollWidth <= name.clientWidth)).toBe(true);
});

test("the name of a selected column is dragged to another place", async ({ as }) => {
  const page = await open(as);
  const name = (column) => header(page, column).locator(".grid-name");
  await name("Region").click();
  await name("Region").hover();
  await page.mouse.down();
  await name("Forecast").hover();
  await expect(header(page, "Forecast")).toHaveClass(/is-dropping/);
  await page.mouse.up();
  const after = await names(page);
  expect(after.slice(2, 5)).toEqual(["Actual", "Forecast", "Region"]);
  await expect(at(page, 1, 4)).toHaveText("West");
  // A column that is not selected is only selected by a drag.
  await name("Month").hover();
  await page.mouse.down();
  await name("Actual").hover();
  await page.mouse.up();
  expect(await names(page)).toEqual(after);
});

test("rows are sorted by several columns, and it is told which comes first", async ({ as }) => {
  const page = await open(as);
  await page.getByRole("button", { name: "Sort by Month" }).click();
  await page.getByRole("button", { name: "Sort by Actual" }).click({ modifiers: ["Shift"] });
  await page.getByRole("button", { name: "Sort by Actual" }).click({ modifiers: ["Shift"] });
  await expect(header(page, "Month")).toContainText("↑1");
  await expect(header(page, "Actual")).toContainText("↓2");
  await expect(at(page, 0, 1)).toHaveText("Jan 2017");
  const money = async (row) => Number((await at(page, row, 3).textContent()).replace(/[$,]/g, ""));
  await expect.poll(async () => (await money(0)) > (await money(1)) && (await money(1)) > (await money(2))).toBe(true);
});

test("a filter fits its column: a list of values with counts, between, days, blank", async ({ as }) => {
  const page = await open(as);
  const dialog = (name) => page.getByRole("dialog", { name: `Filter ${name}` });
  await page.getByRole("button", { name: "Filter Sub-category" }).click();
  await expect(dialog("Sub-category").locator("label").filter({ hasText: "Chairs" })).toContainText("12");
  await dialog("Sub-category").getByRole("searchbox").fill("pap");
  await expect(dialog("Sub-category").getByRole("checkbox")).toHaveCount(1);
  await dialog("Sub-category").getByRole("checkbox", { name: "Paper" }).check();
  await dialog("Sub-category").getByRole("searchbox").fill("");
  await dialog("Sub-category").getByRole("checkbox", { name: "Chairs" }).check();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "24 rows" })).toBeVisible();
  await page.getByRole("button", { name: "Filter Actual" }).click();
  await dialog("Actual").getByRole("combobox", { name: "Comparison" }).selectOption("is between");
  await dialog("Actual").getByRole("textbox", { name: "Value" }).fill("1,000");
  await dialog("Actual").getByRole("button", { name: "Apply" }).click();
  await expect(dialog("Actual")).toContainText("Say both ends.");
  await dialog("Actual").getByRole("textbox", { name: "And" }).fill("2,000");
  await dialog("Actual").getByRole("button", { name: "Apply" }).click();
  await expect(page.getByRole("button", { name: "24 rows" })).toHaveCount(0);
  const texts = await grid(page).getByRole("row").locator('[aria-colindex="4"]').allTextContents();
  for (const text of texts.slice(1, -1)) expect(Number(text.replace(/[$,]/g, ""))).toBeGreaterThanOrEqual(1000);
  await page.getByRole("button", { name: "Filter Month" }).click();
  await dialog("Month").getByRole("combobox", { name: "Comparison" }).selectOption("is within");
  await dialog("Month").getByRole("combobox", { name: "Span of days" }).selectOption("this month");
  await dialog("Month").getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("No row fits these filters.")).toBeVisible();
  for (const name of ["Month", "Actual", "Sub-category"]) {
    await page.getByRole("button", { name: `Filter ${name}` }).click();
    await dialog(name).getByRole("button", { name: "Clear" }).click();
  }
  await expect(at(page, 0, 0)).toHaveText("Accessories");
});

test("a view is saved for oneself and found again on another device, and the author's are there", async ({ as }) => {
  const page = await open(as);
  await menu(page, "Region", "Hide Region");
  await page.getByRole("button", { name: "Sort by Actual" }).click();
  await page.getByRole("button", { name: "Views" }).click();
  await item(page, "Save as a view …").click();
  await page.getByRole("textbox", { name: "Name of the view" }).fill("Small first");
  await page.keyboard.press("Enter");
  await expect(page.getByText("View Small first is saved.").first()).toBeVisible();
  const other = await open(as);
  await expect(header(other, "Region")).toHaveCount(1);
  await other.getByRole("button", { name: "Views" }).click();
  await item(other, "Small first (yours)").click();
  await expect(header(other, "Region")).toHaveCount(0);
  await expect(header(other, "Actual")).toHaveAttribute("aria-sort", "ascending");
  await other.getByRole("button", { name: "Views" }).click();
  await item(other, "Without a forecast").click();
  expect(await names(other)).toEqual(["Sub-category", "Month", "Actual", "Forecast", "Note"]);
  await expect(header(other, "Actual")).toHaveAttribute("aria-sort", "descending");
  const walt = await open(as, "walt");
  await walt.getByRole("button", { name: "Views" }).click();
  await expect(item(walt, "Without a forecast")).toBeVisible();
  await expect(item(walt, "Small first (yours)")).toHaveCount(0);
  await page.getByRole("button", { name: "Views" }).click();
  await item(page, "Delete Small first").click();
  await expect(page.getByText("View Small first is deleted.").first()).toBeVisible();
});

test("the menu of a column is reached and left by keys", async ({ as }) => {
  const page = await open(as);
  await at(page, 0, 3).click();
  await page.keyboard.press("Shift+F10");
  await expect(page.getByRole("menu", { name: "Actual" })).toBeVisible();
  await expect(item(page, "Sort upwards")).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(header(page, "Actual")).toHaveAttribute("aria-sort", "descending");
  await expect(grid(page)).toBeFocused();
  await page.keyboard.press("Shift+F10");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toHaveCount(0);
  await expect(grid(page)).toBeFocused();
});

test("cells look as the author says, and follow an edit", async ({ as }) => {
  const page = await open(as, "walt");
  await page.getByRole("button", { name: "Filter Sub-category" }).click();
  await page.getByRole("textbox", { name: "Value" }).fill("Supplies");
  await page.keyboard.press("Enter");
  await expect(at(page, 0, 0)).toHaveText("Supplies");
  const variance = at(page, 0, 5);
  await expect(variance).not.toHaveClass(/looks-/);
  await expect(at(page, 0, 3)).toHaveClass(/is-bar/);
  await at(page, 0, 4).click();
  await page.keyboard.type("1");
  await page.keyboard.press("Enter");
  await expect(variance).toHaveClass(/looks-bad/);
  await expect(variance.locator(".grid-icon")).toHaveText("▼");
  await at(page, 0, 4).click();
  await page.keyboard.type("=999");
  await page.keyboard.press("Enter");
  await expect(variance).toHaveClass(/looks-good/);
  await at(page, 0, 4).click();
  await page.keyboard.press("Delete");
  await expect(variance).not.toHaveClass(/looks-/);
});
