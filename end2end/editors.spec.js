// Editors by type: each has a field that keeps the keyboard, and below it what helps and what would be wrong.
import { expect, saved, test } from "./fixtures.js";

const column = { action: 0, area: 1, due_on: 2, effect: 3, done: 4, product: 5, means: 6, reference: 7, discussed_at: 8, notes: 9, chance: 10 };
const grid = (page) => page.getByRole("grid", { name: "Actions" });
const at = (page, row, name) => page.locator(`#actions-r${row}c${column[name]}`);
const field = (page) => page.locator("#actions-editor");
const options = (page) => page.getByRole("listbox").getByRole("option");

/** Goes to a cell by keys, so that its column comes into sight. */
async function go(page, row, name) {
  await grid(page).focus();
  await page.keyboard.press("Control+Home");
  for (let i = 0; i < row; i++) await page.keyboard.press("ArrowDown");
  for (let i = 0; i < column[name]; i++) await page.keyboard.press("ArrowRight");
  await expect(at(page, row, name)).toHaveClass(/is-active/);
}

/** The page of actions with one row of one's own at its end, and that row's number. */
async function open(as, person, name) {
  const page = await as(person, { options: { viewport: { width: 1600, height: 900 } }, allow: /422/ });
  await page.getByRole("tab", { name: "Actions" }).click();
  await expect(grid(page).getByRole("row").filter({ hasText: "+" })).toBeVisible();
  await page.getByRole("button", { name: "Add row" }).click();
  await page.keyboard.type(name);
  await page.keyboard.press("Enter");
  await expect(saved(page)).toBeVisible();
  const row = (await grid(page).getByRole("row").filter({ hasText: name }).getAttribute("aria-rowindex")) - 2;
  await at(page, row, "action").click();
  return [page, row];
}

test("arithmetic is worked out, and what is wrong is said while typing", async ({ as }) => {
  const [page, row] = await open(as, "wendy", "Arithmetic");
  await go(page, row, "effect");
  await page.keyboard.type("=1,200*1.05");
  await page.keyboard.press("Enter");
  await expect(at(page, row, "effect")).toHaveText("$1,260.00");
  await go(page, row, "effect");
  await page.keyboard.type("=1/(2-");
  await expect(page.locator(".editor-problem, [role=alert]").filter({ hasText: "Something is missing at the end." })).toBeVisible();
  await page.keyboard.type("2)");
  await expect(page.locator(".editor-problem, [role=alert]").filter({ hasText: "This divides by zero." })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(at(page, row, "effect")).toHaveText("$1,260.00");
  await go(page, row, "reference");
  await page.keyboard.type("ab");
  await expect(page.locator(".editor-problem, [role=alert]").filter({ hasText: "Two capital letters, a dash, three digits: AB-123." })).toBeVisible();
  await page.keyboard.press("Escape");
});

test("a percentage is typed as it is shown", async ({ as }) => {
  const [page, row] = await open(as, "wendy", "Percents");
  await go(page, row, "chance");
  await page.keyboard.type("12.5");
  await page.keyboard.press("Enter");
  await expect(at(page, row, "chance")).toHaveText("12.5%");
  await go(page, row, "chance");
  await page.keyboard.press("F2");
  await expect(field(page)).toHaveValue("12.5%");
  await page.keyboard.press("Escape");
  await page.keyboard.type("120");
  await expect(page.locator(".editor-problem, [role=alert]").filter({ hasText: "Must be between 0 and 1." })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(at(page, row, "chance")).toHaveText("12.5%");
});

test("a choice is found by typing, with the keys or the mouse", async ({ as }) => {
  const [page, row] = await open(as, "wendy", "Choices");
  await go(page, row, "area");
  await page.keyboard.type("sup");
  await expect(options(page)).toHaveText(["Office Supplies"]);
  await page.keyboard.press("Enter");
  await expect(at(page, row, "area")).toHaveText("Office Supplies");
  await go(page, row, "area");
  await page.keyboard.press("F2");
  await expect(options(page)).toHaveCount(3);
  await expect(field(page)).toHaveAttribute("aria-activedescendant", "actions-editor-option-1");
  await page.keyboard.press("ArrowDown");
  await expect(field(page)).toHaveValue("Technology");
  await page.keyboard.press("Escape");
  await expect(at(page, row, "area")).toHaveText("Office Supplies");
  await page.keyboard.press("F2");
  await options(page).filter({ hasText: "Furniture" }).click();
  await expect(at(page, row, "area")).toHaveText("Furniture");
  await expect(saved(page)).toBeVisible();
});

test("several choices are switched one by one", async ({ as }) => {
  const [page, row] = await open(as, "wendy", "Several");
  await go(page, row, "means");
  await page.keyboard.press("F2");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await expect(at(page, row, "means")).toHaveText("price, stock");
  await page.keyboard.press("ArrowUp");
  await go(page, row, "means");
  await page.keyboard.press("F2");
  await options(page).filter({ hasText: "price" }).click();
  await options(page).filter({ hasText: "training" }).click();
  await page.keyboard.press("Enter");
  await expect(at(page, row, "means")).toHaveText("stock, training");
  await expect(saved(page)).toBeVisible();
});

test("a day is picked from the calendar by keys", async ({ as }) => {
  const [page, row] = await open(as, "wendy", "A day from the calendar");
  await go(page, row, "due_on");
  await page.keyboard.type("1/31/2018");
  await expect(page.getByRole("grid", { name: "Calendar" })).toBeVisible();
  await expect(page.getByText("January 2018")).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("PageDown");
  await expect(page.getByText("February 2018")).toBeVisible();
  await expect(field(page)).toHaveValue("2018-02-28");
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("gridcell", { name: "Thursday 1 March 2018" })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(at(page, row, "due_on")).toHaveText("3/1/2018");
  await go(page, row, "discussed_at");
  await page.keyboard.type("3/1/2018 2:30 pm");
  await page.keyboard.press("Enter");
  await go(page, row, "discussed_at");
  await page.keyboard.press("F2");
  await page.getByRole("gridcell", { name: "Friday 2 March 2018" }).click();
  await expect(at(page, row, "discussed_at")).toHaveText("3/2/2018 14:30");
  await expect(saved(page)).toBeVisible();
});

test("a yes or no is switched by the space bar and by its box", async ({ as }) => {
  const [page, row] = await open(as, "wendy", "Switch");
  await expect(at(page, row, "done")).toHaveText("No");
  await go(page, row, "done");
  await page.keyboard.press("Space");
  await expect(at(page, row, "done")).toHaveText("Yes");
  await at(page, row, "done").locator(".grid-check").click();
  await expect(at(page, row, "done")).toHaveText("No");
  await page.keyboard.press("Enter");
  await expect(at(page, row, "done")).toHaveText("No");
  await expect(saved(page)).toBeVisible();
});

test("a long text has lines", async ({ as }) => {
  const [page, row] = await open(as, "wendy", "Lines");
  await go(page, row, "notes");
  await page.keyboard.type("first");
  await page.keyboard.press("Alt+Enter");
  await page.keyboard.type("second");
  await expect(field(page)).toHaveValue("first\nsecond");
  await page.keyboard.press("Enter");
  await expect(saved(page)).toBeVisible();
  await go(page, row, "notes");
  await page.keyboard.press("F2");
  await expect(field(page)).toHaveValue("first\nsecond");
  await page.keyboard.press("Escape");
});

test("a looked up value is one of those that the server lists, and nothing else", async ({ as }) => {
  const [page, row] = await open(as, "wendy", "Lookup");
  await go(page, row, "product");
  await page.keyboard.type("cha");
  await expect(options(page)).toHaveText(["ChairsFurniture"]);
  await page.keyboard.press("Enter");
  await expect(at(page, row, "product")).toHaveText("Chairs");
  await expect(saved(page)).toBeVisible();
  await go(page, row, "product");
  await page.keyboard.type("chair stuff");
  await expect(page.getByText("Nothing fits.")).toBeVisible();
  await page.keyboard.press("Enter");
  await go(page, row, "product");
  await expect(page.locator(".editor-problem, [role=alert]").filter({ hasText: "This is not one of the values to choose from." })).toBeVisible();
  await page.getByRole("button", { name: "Discard" }).click();
  await expect(at(page, row, "product")).toHaveText("Chairs");
});

test("a value that another row has is said while typing", async ({ as }) => {
  const [page, row] = await open(as, "wendy", "Unique one");
  await go(page, row, "reference");
  await page.keyboard.type("UQ-001");
  await page.keyboard.press("Enter");
  await expect(saved(page)).toBeVisible();
  const [other, second] = await open(as, "walt", "Unique two");
  await go(other, second, "reference");
  await other.keyboard.type("UQ-001");
  await expect(other.locator(".editor-problem, [role=alert]").filter({ hasText: "Another row has this value already." })).toBeVisible();
  await other.keyboard.press("Enter");
  await go(other, second, "reference");
  await other.keyboard.press("F2");
  await expect(field(other)).toHaveValue("UQ-001");
  await other.keyboard.press("Escape");
  await go(page, row, "reference");
  await page.keyboard.press("F2");
  await page.waitForTimeout(400);
  await expect(page.locator(".editor-problem, [role=alert]").filter({ hasText: "Another row" })).toHaveCount(0);
});
