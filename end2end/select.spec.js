// Selecting and going about as in a spreadsheet, with the keyboard and with the mouse.
import { cell, expect, saved, test } from "./fixtures.js";

const at = (page, row, col) => page.locator(`#plan-r${row}c${col}`);
const selected = (page) => page.locator(".grid-td.is-selected");
const summary = (page) => page.locator(".grid-summary");
const open = async (as, person = "wendy") => {
  const page = await as(person);
  await expect(at(page, 0, 0)).toBeVisible();
  return page;
};

test("Shift extends, the active cell stays, and the bar below sums up", async ({ as }) => {
  const page = await open(as);
  await at(page, 2, 3).click();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowLeft");
  await expect(selected(page)).toHaveCount(4);
  await expect(at(page, 2, 3)).toHaveClass(/is-active/);
  await expect(summary(page)).toHaveText("Sum $3,216.05 · Average $1,608.03 · Min $594.35 · Max $2,621.70 · Count 4");
  await expect(page.getByText("187 rows · 4 cells selected")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(selected(page)).toHaveCount(1);
  await expect(summary(page)).toBeEmpty();
});

test("whole rows, whole columns and all, by key and by mouse", async ({ as }) => {
  const page = await open(as);
  await at(page, 1, 4).click();
  await page.keyboard.press("Shift+ ");
  await expect(page.getByText("9 cells selected")).toBeVisible();
  await page.keyboard.press("Control+ ");
  await expect(page.getByText("1,683 cells selected")).toBeVisible();
  await page.getByRole("columnheader", { name: "Actual" }).locator(".grid-name").click();
  await expect(page.getByText("187 cells selected")).toBeVisible();
  // More rows than are here: the warehouse adds up.
  await expect(summary(page)).toHaveText(/^Sum \$250,128\.\d\d · .* · Count 187$/);
  await page.locator(".grid-row .grid-number").nth(3).click();
  await page.locator(".grid-row .grid-number").nth(5).click({ modifiers: ["Shift"] });
  await expect(page.getByText("27 cells selected")).toBeVisible();
  await page.locator(".grid-corner").first().click();
  await expect(page.getByText("1,683 cells selected")).toBeVisible();
});

test("several ranges with Ctrl, and a drag that scrolls on beyond the edge", async ({ as }) => {
  const page = await open(as);
  await at(page, 1, 3).click();
  await at(page, 3, 3).click({ modifiers: ["Control"] });
  await at(page, 4, 4).click({ modifiers: ["Shift"] });
  await expect(page.getByText("5 cells selected")).toBeVisible();
  await expect(at(page, 3, 3)).toHaveClass(/is-active/);

  const from = await at(page, 1, 4).boundingBox();
  const grid = await page.getByRole("grid").boundingBox();
  await page.mouse.move(from.x + 8, from.y + 8);
  await page.mouse.down();
  await page.mouse.move(from.x + 40, grid.y + grid.height + 60, { steps: 4 });
  const many = async () => Number(/(\d+) cells selected/.exec(await page.locator(".grid-goto").textContent())?.[1]);
  await expect.poll(many).toBeGreaterThan(40);
  await page.mouse.up();
  await expect(at(page, 1, 4)).not.toBeInViewport();
  const count = await many();
  await page.mouse.move(from.x, grid.y + 100);
  await page.waitForTimeout(200);
  expect(await many()).toBe(count);
});

test("Enter and Tab go through the selection, Ctrl+Enter, Ctrl+D, Ctrl+R and Delete fill and empty it", async ({ as }) => {
  const page = await open(as);
  const note = (row) => at(page, row, 7);
  await note(2).click();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  for (const text of ["one", "two", "three"]) {
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
  }
  await expect(note(4)).toHaveText("three");
  await expect(note(2)).toHaveClass(/is-active/);
  await expect(selected(page)).toHaveCount(3);

  await page.keyboard.type("same");
  await page.keyboard.press("Control+Enter");
  for (const row of [2, 3, 4]) await expect(note(row)).toHaveText("same");
  await expect(saved(page)).toBeVisible();
  // One gesture, one undo.
  await page.keyboard.press("Control+z");
  await expect(note(4)).toHaveText("three");
  await expect(note(2)).toHaveText("one");
  await expect(saved(page)).toBeVisible();

  await page.keyboard.press("Control+d");
  await expect(note(4)).toHaveText("one");
  await page.keyboard.press("Delete");
  await expect(note(3)).toHaveText("");
  await expect(note(4)).toHaveText("");
  await expect(saved(page)).toBeVisible();

  // To the right, text from a choice; and from nothing but what is before it.
  await at(page, 2, 6).click();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowRight");
  const states = await Promise.all([at(page, 2, 6), at(page, 3, 6)].map((cell) => cell.textContent()));
  await page.keyboard.press("Control+r");
  await expect(note(2)).toHaveText(states[0]);
  await expect(note(3)).toHaveText(states[1]);
  await page.keyboard.press("Control+z");
  await expect(note(3)).toHaveText("");
  await expect(saved(page)).toBeVisible();

  // Of one cell: what is above it.
  await at(page, 1, 7).click();
  await page.keyboard.type("above");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+d");
  await expect(note(2)).toHaveText("above");
  await page.keyboard.press("Control+;");
  // A day in a text is written so that everybody reads it alike; it is the one of the workbook's clocks.
  const today = await page.evaluate(() => new Date().toLocaleDateString("sv", { timeZone: "America/New_York" }));
  await expect(note(2)).toHaveText(today);
  await expect(saved(page)).toBeVisible();
  await page.keyboard.press("Delete");
  await at(page, 1, 7).click();
  await page.keyboard.press("Delete");
  await expect(saved(page)).toBeVisible();
});

test("Ctrl with an arrow goes from block to block, Home and Page Down as ever", async ({ as }) => {
  const page = await open(as);
  await at(page, 0, 3).click();
  await page.keyboard.press("Control+ArrowRight");
  await expect(at(page, 0, 6)).toHaveClass(/is-active/);
  await page.keyboard.press("Home");
  await expect(at(page, 0, 0)).toHaveClass(/is-active/);
  await page.keyboard.press("Control+ArrowDown");
  await expect(at(page, 186, 0)).toHaveClass(/is-active/);
  await page.keyboard.press("PageUp");
  await expect(page.locator(".grid-td.is-active")).toBeInViewport();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Control+Shift+End");
  await expect(page.getByText("1,683 cells selected")).toBeVisible();
});

test("find goes to text, numbers and what is far away, and begins again", async ({ as }) => {
  const page = await open(as);
  await at(page, 0, 0).click();
  await page.keyboard.press("Control+f");
  const field = page.getByRole("textbox", { name: "Find" });
  await field.fill("tables");
  await page.keyboard.press("Enter");
  const active = page.locator(".grid-td.is-active");
  await expect(active).toHaveText("Tables");
  await expect(active).toBeInViewport();
  const first = await active.getAttribute("id");
  await page.keyboard.press("Enter");
  await expect(active).not.toHaveId(first);
  await page.keyboard.press("Shift+Enter");
  await expect(active).toHaveId(first);
  await page.keyboard.press("Shift+Enter");
  await expect(page.getByText(/^From the other end: row/)).toBeVisible();
  await field.fill("2,621.70");
  await page.keyboard.press("Enter");
  await expect(active).toHaveText("$2,621.70");
  await field.fill("nowhere to be seen");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Not found")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("grid")).toBeFocused();
});

test("the keys are listed, and nothing typed is lost to it", async ({ as }) => {
  const page = await open(as);
  await at(page, 0, 0).click();
  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Keys" });
  await expect(keys).toContainText("Fills the selection with what was typed");
  await page.keyboard.press("Escape");
  await expect(keys).toHaveCount(0);
  // In a text a question mark is a question mark.
  await at(page, 0, 7).click();
  await page.keyboard.press("?");
  await expect(page.getByRole("textbox", { name: "Note" })).toHaveValue("?");
  await page.keyboard.press("Escape");
});

test("a selection too large to change says so and changes nothing", async ({ as, demo }) => {
  const page = await as("ada");
  await page.getByRole("tab", { name: "Orders" }).click();
  await page.locator("#lines-r0c2").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await expect(page.locator(".grid-foot-hint").filter({ hasText: /109,934 cells are selected; up to 50,000 can be changed or copied at once\./ })).toBeVisible();
  const query = { query: { workbook: "sales_planning", element: "lines", filters: [{ column: "status", op: "blank" }] } };
  expect((await demo.call("query", query, { session: await demo.session("ada") })).body.total).toBe(0);
});

test("a colleague's edit while one types is a conflict, not a loss", async ({ as, demo }) => {
  const walt = await as("walt", { allow: /409/ });
  const target = cell(walt, "Accessories", "Oct 2017", "note");
  const was = (await target.textContent()) || null;
  await target.click();
  await walt.keyboard.type("mine");
  const key = ["West", "Accessories", "2017-10-01"];
  const edits = [{ table: "forecast", key, cells: [{ column: "note", value: "hers", was }] }];
  const batch = { batch_id: crypto.randomUUID(), workbook: "sales_planning", edits };
  expect((await demo.call("edits", { batch }, { session: await demo.session("wendy") })).status).toBe(200);
  await expect(target).toHaveText("hers");
  await expect(walt.getByRole("textbox", { name: "Note" })).toHaveValue("mine");
  await walt.keyboard.press("Enter");
  await target.click();
  await expect(walt.locator(".grid-note")).toContainText("Wendy West changed this cell in the meantime.");
  await walt.locator(".grid-note").getByRole("button", { name: /Use theirs/ }).click();
  await expect(target).toHaveText("hers");
});
