// Filling: by the corner of the selection, by keys, and all rows that a filter shows at once.
import { cell, expect, saved, test } from "./fixtures.js";

const at = (page, row, col) => page.locator(`#plan-r${row}c${col}`);
const column = { forecast: 4, status: 6, note: 7 };

/** Shows one sub-category only: one row for each month, January first. */
async function only(page, subCategory) {
  await page.getByRole("button", { name: "Filter Sub-category" }).click();
  await page.getByRole("textbox", { name: "Value" }).fill(subCategory);
  await page.keyboard.press("Enter");
  await expect(at(page, 0, 0)).toHaveText(subCategory);
}
async function type(page, row, name, text) {
  await at(page, row, column[name]).click();
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}
/** The selection's corner. */
const corner = (page) => page.locator(".grid-corner-grip");
async function dragCornerTo(page, target, options = {}) {
  await corner(page).hover();
  await page.mouse.down();
  await target.hover();
  if (options.key) await page.keyboard.down(options.key);
  await page.mouse.up();
  if (options.key) await page.keyboard.up(options.key);
}
const texts = (page, name, rows) => Promise.all(rows.map((row) => at(page, row, column[name]).textContent()));

test("two numbers go on as a series, down and up again, as one batch", async ({ as }) => {
  const page = await as("wendy");
  await only(page, "Chairs");
  await type(page, 2, "forecast", "200");
  await type(page, 3, "forecast", "250.5");
  await at(page, 2, column.forecast).click();
  await page.keyboard.press("Shift+ArrowDown");
  await dragCornerTo(page, at(page, 6, column.forecast));
  await expect(at(page, 6, column.forecast)).toHaveText("$402.00");
  expect(await texts(page, "forecast", [4, 5, 6])).toEqual(["$301.00", "$351.50", "$402.00"]);
  await dragCornerTo(page, at(page, 0, column.forecast));
  await expect(at(page, 0, column.forecast)).toHaveText("$99.00");
  await expect(at(page, 1, column.forecast)).toHaveText("$149.50");
  await expect(saved(page)).toBeVisible();
  await page.keyboard.press("Control+z");
  await expect(at(page, 0, column.forecast)).toHaveText("");
  await page.keyboard.press("Control+z");
  await expect(at(page, 4, column.forecast)).toHaveText("");
  expect(await texts(page, "forecast", [2, 3, 5, 6])).toEqual(["$200.00", "$250.50", "", ""]);
});

test("a double click on the corner fills as far as the column beside it goes", async ({ as }) => {
  const page = await as("wendy");
  await only(page, "Machines");
  const rows = await page.getByRole("grid").getAttribute("aria-rowcount");
  await type(page, 0, "note", "Week 9");
  await at(page, 0, column.note).click();
  await corner(page).dblclick();
  const last = Number(rows) - 2;
  await expect(at(page, last, column.note)).toHaveText(`Week ${9 + last}`);
  await expect(saved(page)).toBeVisible();
  await page.keyboard.press("Control+z");
  await expect(at(page, last, column.note)).toHaveText("");
});

test("Ctrl copies, Ctrl+Shift+D goes on with a series by keys", async ({ as }) => {
  const page = await as("wendy");
  await only(page, "Tables");
  await type(page, 0, "forecast", "10");
  await type(page, 1, "forecast", "20");
  await at(page, 0, column.forecast).click();
  for (let i = 0; i < 4; i++) await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Control+Shift+D");
  await expect(at(page, 4, column.forecast)).toHaveText("$50.00");
  await at(page, 0, column.forecast).click();
  await page.keyboard.press("Shift+ArrowDown");
  await dragCornerTo(page, at(page, 5, column.forecast), { key: "Control" });
  await expect(at(page, 5, column.forecast)).toHaveText("$20.00");
  expect(await texts(page, "forecast", [2, 3, 4, 5])).toEqual(["$10.00", "$20.00", "$10.00", "$20.00"]);
  await expect(saved(page)).toBeVisible();
});

const preview = (page, name = "Set all") => page.getByRole("dialog", { name });
/** Says what the forecast is set to in all rows that are shown. */
async function setAll(page, text) {
  await at(page, 0, column.forecast).click();
  await page.keyboard.press("Control+Shift+Enter");
  await page.getByRole("dialog", { name: "Set Forecast" }).getByRole("textbox").fill(text);
  await page.keyboard.press("Enter");
}

test("a column is set in all rows that a filter shows, by an expression, after one has seen it, and undone as one", async ({ as }) => {
  const page = await as("wendy");
  await only(page, "Phones");
  await setAll(page, "= round(actual * 1.1, 0)");
  await expect(preview(page)).toContainText("12 cells will change.");
  await expect(preview(page)).toContainText("Phones · Jan 2017");
  await expect(at(page, 0, column.forecast)).toHaveText("");
  await page.getByRole("button", { name: "Set 12 cells" }).click();
  const money = (text) => Number(text.replace(/[$,]/g, ""));
  await expect(at(page, 11, column.forecast)).not.toHaveText("");
  for (const row of [0, 11]) {
    const [actual, forecast] = [await at(page, row, 3).textContent(), await at(page, row, column.forecast).textContent()];
    expect(Math.abs(money(forecast) - money(actual) * 1.1)).toBeLessThanOrEqual(0.51);
  }
  await expect(saved(page)).toBeVisible();
  await page.keyboard.press("Control+z");
  await expect(at(page, 0, column.forecast)).toHaveText("");
  await expect(at(page, 11, column.forecast)).toHaveText("");
});

test("what can't be set says why: in the field, or in the preview", async ({ as }) => {
  const page = await as("wendy", { allow: /422/ });
  await only(page, "Furnishings");
  await setAll(page, "many");
  await expect(page.getByText("“many” is not a number.")).toBeVisible();
  await page.keyboard.press("Escape");
  await setAll(page, "= 2 * actul");
  await expect(page.getByText(/At character 5: .*actul.*did you mean `actual`/)).toBeVisible();
  await page.keyboard.press("Escape");
  await setAll(page, "= actual * 150");
  await expect(preview(page)).toContainText("The forecast is more than a hundred times the actual.");
  await expect(page.getByRole("button", { name: "Nothing to set" })).toBeDisabled();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(at(page, 0, column.forecast)).toHaveText("");
});

test("a cross-tab finds its rows by the keys at its edges", async ({ as }) => {
  const page = await as("wendy");
  await expect(at(page, 0, 0)).not.toHaveText("");
  await at(page, 0, column.forecast).click();
  const block = "\tFeb 2017\t2017-03-01\tMar 2030\nPaper\t11\t12\t13\nArt\t21\t22\t23";
  await page.getByRole("grid").evaluate((grid, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    grid.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true, composed: true }));
  }, block);
  await expect(preview(page, "Paste")).toContainText("4 cells will change.");
  await expect(preview(page, "Paste")).toContainText("Paper · Mar 2030 fits no row.");
  await page.getByRole("button", { name: "Paste 4 cells" }).click();
  await only(page, "Paper");
  await expect(cell(page, "Paper", "Feb 2017", "forecast")).toHaveText("$11.00");
  await expect(cell(page, "Paper", "Mar 2017", "forecast")).toHaveText("$12.00");
  await page.getByRole("button", { name: "Filter Sub-category" }).click();
  await page.getByRole("button", { name: "Clear" }).click();
  await only(page, "Art");
  await expect(cell(page, "Art", "Mar 2017", "forecast")).toHaveText("$22.00");
  await expect(saved(page)).toBeVisible();
});
