// Rows that people add: typed or pasted below the others, taken back, kept over a reload, never twice.
import { expect, saved, test } from "./fixtures.js";

const grid = (page) => page.getByRole("grid", { name: "Actions" });
const rows = (page) => grid(page).getByRole("row");
const at = (page, row, col) => page.locator(`#actions-r${row}c${col}`);
const row = (page, text) => rows(page).filter({ hasText: text });
const paste = (page, text) =>
  grid(page).evaluate((grid, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    grid.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true, composed: true }));
  }, text);

async function open(as, person, options) {
  const page = await as(person, options);
  await page.getByRole("tab", { name: "Actions" }).click();
  await expect(grid(page)).toBeVisible();
  await expect(rows(page).filter({ hasText: "+" })).toBeVisible();
  return page;
}
/** Goes to the blank row and types its first cells. */
async function begin(page, ...texts) {
  await page.getByRole("button", { name: "Add row" }).click();
  for (const text of texts) {
    await page.keyboard.type(text);
    await page.keyboard.press("Tab");
  }
}
/** To the blank row below, which sends the one that was begun. */
const leave = (page) => page.keyboard.press("ArrowDown");

test("a row is added when one leaves it, seen by others, taken back and added again", async ({ as }) => {
  const [page, other] = [await open(as, "wendy"), await open(as, "walt")];
  const before = await rows(page).count();
  await begin(page, "Call the chair maker", "Furniture", "2018-03-01", "1500");
  await expect(page.getByText("1 new row, kept in this browser; it is saved when you leave it.")).toBeVisible();
  await expect(row(other, "Call the chair maker")).toHaveCount(0);
  await leave(page);
  await expect(saved(page)).toBeVisible();
  await expect(row(other, "Call the chair maker")).toContainText("$1,500.00");
  await expect(rows(page)).toHaveCount(before + 1);
  await page.keyboard.press("Control+z");
  await expect(row(other, "Call the chair maker")).toHaveCount(0);
  await expect(rows(page)).toHaveCount(before);
  await page.keyboard.press("Control+y");
  await expect(row(other, "Call the chair maker")).toContainText("Furniture");
  await expect(rows(page)).toHaveCount(before + 1);
});

test("a row without what it needs says so, waits over a reload, and is added once it is whole", async ({ as }) => {
  const page = await open(as, "wendy");
  await begin(page, "", "Technology");
  await leave(page);
  await expect(page.getByText("This row is not added yet: some of its cells need attention.").first()).toBeVisible();
  await page.reload();
  await page.getByRole("tab", { name: "Actions" }).click();
  const begun = row(page, "Technology").filter({ hasNotText: "Call" });
  await expect(begun).toHaveCount(1);
  await begun.getByRole("gridcell").first().click();
  await page.keyboard.type("Compare phones");
  await page.keyboard.press("Enter");
  await expect(saved(page)).toBeVisible();
  await page.reload();
  await page.getByRole("tab", { name: "Actions" }).click();
  await expect(row(page, "Compare phones")).toHaveCount(1);
  await expect(row(page, "Compare phones")).toContainText("Technology");
});

test("a block longer than the table adds rows, but for those that would be refused, and is undone as one", async ({ as }) => {
  const page = await open(as, "ed");
  const before = await rows(page).count();
  await page.getByRole("button", { name: "Add row" }).click();
  await paste(page, "Ask for prices\tFurniture\t2018-04-01\t10\n\tTechnology\t2018-04-02\t20\nSell more\tTechnology\t2018-04-03\t30");
  const preview = page.getByRole("dialog", { name: "Paste" });
  await expect(preview).toContainText("2 rows are added.");
  await expect(preview).toContainText("Action is required.");
  await page.getByRole("button", { name: "Paste only the 8 good cells" }).click();
  await expect(rows(page)).toHaveCount(before + 2);
  await expect(saved(page)).toBeVisible();
  await expect(row(page, "Ask for prices")).toContainText("$10.00");
  await expect(row(page, "Sell more")).toContainText("$30.00");
  await page.keyboard.press("Control+z");
  await expect(rows(page)).toHaveCount(before);
});

test("a row goes with Delete rows, unless somebody else added it", async ({ as }) => {
  const [page, other] = [await open(as, "wendy"), await open(as, "walt", { allow: /403/ })];
  await begin(page, "Only mine to delete");
  await leave(page);
  await expect(row(other, "Only mine to delete")).toHaveCount(1);
  await row(other, "Only mine to delete").getByRole("gridcell").first().click();
  await other.getByRole("button", { name: "Delete rows" }).click();
  await expect(other.getByText("Nothing was deleted: This row can't be changed by you.")).toBeVisible();
  await expect(row(other, "Only mine to delete")).toHaveCount(1);
  await row(page, "Only mine to delete").getByRole("gridcell").first().click();
  await page.keyboard.press("Control+Alt+-");
  await expect(row(other, "Only mine to delete")).toHaveCount(0);
  await page.keyboard.press("Control+z");
  await expect(row(other, "Only mine to delete")).toHaveCount(1);
});

test("a row that a colleague has changed since is not taken back", async ({ as }) => {
  const [page, other] = [await open(as, "wendy"), await open(as, "walt")];
  await begin(page, "Ours by now");
  await leave(page);
  await row(other, "Ours by now").getByRole("gridcell").nth(1).click();
  await other.keyboard.type("Furniture");
  await other.keyboard.press("Enter");
  await expect(row(page, "Ours by now")).toContainText("Furniture");
  await grid(page).focus();
  await page.keyboard.press("Control+z");
  await expect(page.getByText("Taken back, but for 1 row: Walt Weston changed this row in the meantime.")).toBeVisible();
  await expect(row(page, "Ours by now")).toHaveCount(1);
});

test("a row typed while the connection is gone is added once when it is back", async ({ as }) => {
  const page = await open(as, "wendy", { allow: /Failed to load|ERR_/ });
  await page.route("**/api/v1/edits", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await begin(page, "Once and no more");
  await leave(page);
  await expect(page.getByText(/Offline. 1 edit kept in this browser/)).toBeVisible();
  await page.unroute("**/api/v1/edits");
  await expect(saved(page)).toBeVisible({ timeout: 15_000 });
  await expect(row(page, "Once and no more")).toHaveCount(1);
  await page.reload();
  await page.getByRole("tab", { name: "Actions" }).click();
  await expect(row(page, "Once and no more")).toHaveCount(1);
});
