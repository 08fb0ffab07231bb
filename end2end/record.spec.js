// A row beside its grid: all its fields, what happened to it and back again, what people say about it.
import { expect, saved, test } from "./fixtures.js";

const grid = (page) => page.getByRole("grid", { name: "Forecast" });
const at = (page, row, col) => page.locator(`#plan-r${row}c${col}`);
const panel = (page) => page.getByRole("complementary", { name: "Row" });
const part = (page, name) => panel(page).getByRole("tab", { name }).click();
const field = (page, name) => panel(page).getByRole("button", { name: new RegExp(`^${name}:`) });

async function open(as, person = "wendy", options = { viewport: { width: 1500, height: 1000 } }) {
  const page = await as(person, { options });
  await expect(at(page, 0, 0)).not.toHaveText("");
  return page;
}
/** Leaves only the rows of one product, so that tests don't meet. */
async function only(page, product) {
  await page.getByRole("button", { name: "Filter Sub-category" }).click();
  const dialog = page.getByRole("dialog", { name: "Filter Sub-category" });
  await dialog.getByRole("textbox").first().fill(product);
  await page.keyboard.press("Enter");
  await expect(at(page, 0, 0)).toHaveText(product);
  await expect.poll(async () => Number(await grid(page).getAttribute("aria-rowcount"))).toBeLessThan(20);
}

test("a row opens beside the grid, hidden columns included, and follows the selection", async ({ as }) => {
  const page = await open(as);
  await page.getByRole("button", { name: "Menu of Region" }).click();
  await page.getByRole("menuitem", { name: "Hide Region" }).click();
  await at(page, 1, 3).click();
  await page.keyboard.press("Alt+Enter");
  await expect(panel(page)).toBeFocused();
  const title = panel(page).getByRole("heading");
  const first = await at(page, 1, 1).textContent();
  await expect(title).toContainText(first);
  await expect(panel(page).getByText("Region")).toBeVisible();
  await panel(page).getByRole("button", { name: "Row below" }).click();
  await expect(title).toContainText(await at(page, 2, 1).textContent());
  await expect(at(page, 2, 3)).toHaveClass(/is-active/);
  await at(page, 4, 2).click();
  await expect(title).toContainText(await at(page, 4, 1).textContent());
  // What can't be typed into is no button.
  await expect(field(page, "Actual")).toHaveCount(0);
  await expect(field(page, "Forecast")).toBeVisible();
  await panel(page).getByRole("button", { name: "Close the row" }).click();
  await expect(panel(page)).toHaveCount(0);
  await expect(grid(page)).toBeFocused();
  // The mouse finds it at the row's number.
  await at(page, 3, 2).hover();
  await page.locator("[data-row='3'] .grid-open").click();
  await expect(title).toContainText(await at(page, 3, 1).textContent());
  await page.keyboard.press("Escape");
  await expect(panel(page)).toHaveCount(0);
});

test("fields are typed into one after the other, with the same checks as in the grid", async ({ as }) => {
  const page = await open(as);
  await only(page, "Bookcases");
  await at(page, 0, 4).click();
  await page.keyboard.press("Alt+Enter");
  await field(page, "Forecast").click();
  const text = panel(page).getByRole("textbox", { name: "Forecast" });
  await expect(text).toBeFocused();
  await text.fill("-5");
  await expect(panel(page).getByText("Must be between 0 and 1000000.")).toBeVisible();
  await text.fill("=2*600");
  await page.keyboard.press("Enter");
  // On to the next field: a choice with its list.
  await expect(panel(page).getByRole("combobox", { name: "Status" })).toBeFocused();
  await page.keyboard.type("sub");
  await page.keyboard.press("Tab");
  const note = panel(page).getByRole("textbox", { name: "Note" });
  await expect(note).toBeFocused();
  await note.fill("from the panel");
  await page.keyboard.press("Control+Enter");
  await expect(saved(page)).toBeVisible();
  await expect(at(page, 0, 4)).toHaveText("$1,200.00");
  await expect(field(page, "Status")).toHaveText("submitted");
  await expect(field(page, "Note")).toHaveText("from the panel");
  // Escape leaves the field as it was, and then the panel.
  await field(page, "Note").click();
  await page.keyboard.type(" never");
  await page.keyboard.press("Escape");
  await expect(field(page, "Note")).toHaveText("from the panel");
});

test("the history tells who changed what, and a value or the whole row is put back", async ({ as }) => {
  const wendy = await open(as);
  await only(wendy, "Storage");
  const cell = async (page, col, text) => {
    await at(page, 1, col).click();
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
    await expect(saved(page)).toBeVisible();
  };
  await cell(wendy, 4, "100");
  await cell(wendy, 4, "250");
  await cell(wendy, 7, "so it is");
  const page = await open(as, "walt");
  await only(page, "Storage");
  await cell(page, 4, "300");
  await at(page, 1, 4).click();
  await page.keyboard.press("Alt+Enter");
  await part(page, "History");
  const changes = panel(page).getByRole("list", { name: "History" }).locator("> li");
  await expect(changes).toHaveCount(4);
  await expect(changes.nth(0)).toContainText("Walt Weston");
  await expect(changes.nth(0)).toContainText("Forecast: $250.00 → $300.00");
  await expect(changes.nth(1)).toContainText("Wendy West");
  await expect(changes.nth(1)).toContainText("Note: blank → so it is");
  await expect(changes.nth(3)).toContainText("Forecast: blank → $100.00");
  // One value.
  await changes.nth(0).getByRole("button", { name: "Put back $250.00" }).click();
  await expect(at(page, 1, 4)).toHaveText("$250.00");
  await expect(changes).toHaveCount(5);
  await expect(changes.nth(0)).toContainText("put back");
  // The row as it was after the first change: 100, and no note yet.
  await changes.last().getByRole("button", { name: "Put the row back to this" }).click();
  await expect(at(page, 1, 4)).toHaveText("$100.00");
  await expect(at(wendy, 1, 7)).toHaveText("");
  await expect(changes).toHaveCount(6);
  await expect(changes.nth(0)).toContainText("Note: so it is → blank");
  // Others see it happen, and it is taken back as any edit.
  await expect(at(wendy, 1, 4)).toHaveText("$100.00");
  await at(page, 1, 4).click();
  await page.keyboard.press("Control+z");
  await expect(at(wendy, 1, 7)).toHaveText("so it is");
  await expect(at(page, 1, 4)).toHaveText("$250.00");
});

test("people talk about a row: named, answered, settled, and told to the host page", async ({ as, demo }) => {
  // Whoever was here can be named.
  const walt = await open(as, "walt");
  await only(walt, "Envelopes");
  const page = await open(as);
  await only(page, "Envelopes");
  await page.evaluate(() => addEventListener("inlay-comment", (e) => (window.said = e.detail)));
  await at(page, 2, 4).click();
  await page.keyboard.press("Shift+F2");
  await expect(panel(page).getByText("Nobody has said anything about this row yet.")).toBeVisible();
  const text = panel(page).getByRole("textbox", { name: "New comment" });
  await text.click();
  await page.keyboard.type("Too high? Ask @wal");
  await expect(panel(page).getByRole("option", { name: "Walt Weston" })).toBeVisible();
  await expect(panel(page).getByRole("option", { name: "Ed Eastman" })).toHaveCount(0);
  await page.keyboard.press("Enter");
  await expect(text).toHaveValue("Too high? Ask @Walt Weston ");
  await page.keyboard.type("<b>please</b>");
  await page.keyboard.press("Control+Enter");
  const thread = panel(page).getByRole("article");
  await expect(thread).toContainText("Too high? Ask @Walt Weston <b>please</b>");
  await expect(thread.locator("mark")).toHaveText("@Walt Weston");
  await expect(text).toHaveValue("");
  const said = await page.evaluate(() => window.said);
  expect(said).toMatchObject({ table: "forecast", mentions: [{ user: "walt", name: "Walt Weston" }], thread: null });
  expect(said.key[1]).toBe("Envelopes");

  // A colleague sees that there is something, without asking, and answers.
  await expect(walt.locator("[data-row='2'] .grid-threads")).toHaveText("1");
  await at(walt, 2, 4).click();
  await walt.locator("[data-row='2'] .grid-open").click();
  await expect(panel(walt).getByRole("article")).toContainText("Too high?");
  await panel(walt).getByRole("button", { name: "Answer" }).click();
  await walt.keyboard.type("No, it fits.");
  await walt.keyboard.press("Control+Enter");
  await expect(thread).toContainText("No, it fits.");
  await thread.getByRole("button", { name: "Settle" }).click();
  await expect(panel(walt).getByText("Settled by Wendy West")).toBeVisible();
  await expect(walt.locator("[data-row='2'] .grid-threads")).toHaveCount(0);
  // Only one's own can be taken back.
  await expect(panel(walt).getByRole("button", { name: "Take this comment back" })).toHaveCount(1);
  await panel(walt).getByRole("button", { name: "Take this comment back" }).click();
  await expect(thread).toContainText("Taken back.");

  const key = { key: ["West", "Envelopes", said.key[2]], workbook: "sales_planning", table: "forecast" };
  const asked = (person) => demo.session(person).then((session) => demo.call("comments", { comments: key }, { session }));
  expect((await asked("ed")).body.code).toBe("WB008");
  expect((await asked("vic")).body.threads).toHaveLength(1);
});

test("a comment that can't be sent stays, and is sent once", async ({ as }) => {
  const page = await as("wendy", { options: { viewport: { width: 1500, height: 1000 } }, allow: /ERR_FAILED/ });
  await expect(at(page, 0, 0)).not.toHaveText("");
  await only(page, "Fasteners");
  await at(page, 0, 4).click();
  await page.keyboard.press("Shift+F2");
  const text = panel(page).getByRole("textbox", { name: "New comment" });
  await text.fill("Once");
  // It arrives, and its answer is lost.
  await page.route("**/api/v1/save_comment", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await panel(page).getByRole("button", { name: "Comment", exact: true }).click();
  await expect(panel(page).getByRole("alert")).toContainText("can't be reached");
  await expect(text).toHaveValue("Once");
  await page.unroute("**/api/v1/save_comment");
  await panel(page).getByRole("button", { name: "Comment", exact: true }).click();
  await expect(text).toHaveValue("");
  await expect(panel(page).getByRole("article")).toHaveCount(1);
});

test("the browser asks before it leaves a page with a comment that is not sent", async ({ as }) => {
  const page = await open(as, "wendy", { viewport: { width: 1500, height: 1000 } });
  await at(page, 0, 4).click();
  await page.keyboard.press("Shift+F2");
  const text = panel(page).getByRole("textbox", { name: "New comment" });
  await text.pressSequentially("Soon");
  const asked = page.waitForEvent("dialog");
  await page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.dismiss();
  await expect(text).toHaveValue("Soon");
  // Nothing is asked where nothing would be lost.
  await text.fill("");
  await page.close({ runBeforeUnload: true });
  await expect.poll(() => page.isClosed()).toBe(true);
});

test("on a phone a row opens as a form over the grid", async ({ as }) => {
  const page = await open(as, "wendy", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await at(page, 0, 0).tap();
  await page.getByRole("button", { name: "Open row" }).tap();
  await expect(field(page, "Note")).toBeVisible();
  const covers = await panel(page).evaluate((panel) => {
    const [own, grid] = [panel.getBoundingClientRect(), panel.parentElement.querySelector("[role=grid]").getBoundingClientRect()];
    return own.left <= grid.left && own.right >= grid.right && own.top <= grid.top && own.bottom >= grid.bottom;
  });
  expect(covers).toBe(true);
  for (const button of await panel(page).getByRole("button").all()) {
    expect((await button.boundingBox()).height).toBeGreaterThanOrEqual(44);
  }
  await field(page, "Note").tap();
  await panel(page).getByRole("textbox", { name: "Note" }).fill("from a phone");
  await panel(page).getByRole("heading").tap();
  await expect(field(page, "Note")).toHaveText("from a phone");
  await expect(saved(page)).toBeVisible();
  await panel(page).getByRole("button", { name: "Close the row" }).tap();
  await expect(panel(page)).toHaveCount(0);
});
