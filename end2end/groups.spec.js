// Rows in groups: their heads and subtotals, opened and closed, by keys too, and edited as any others.
import { expect, saved, test } from "./fixtures.js";

const grid = (page) => page.getByRole("grid", { name: "Forecast" });
const at = (page, row, col) => page.locator(`#plan-r${row}c${col}`);
const head = (page, name) => grid(page).getByRole("button", { name });
const item = (page, name) => page.getByRole("menuitem", { name, exact: true });

async function open(as, person = "wendy", allow) {
  const page = await as(person, { options: { viewport: { width: 1500, height: 1000 } }, allow });
  await expect(at(page, 0, 0)).not.toHaveText("");
  return page;
}
async function menu(page, column, action) {
  await page.getByRole("button", { name: `Menu of ${column}` }).click();
  await item(page, action).click();
}
const money = (text) => Number(text.replace(/[^0-9.-]/g, ""));
/** The subtotal on the line of a head, by the number of its column. */
const subtotal = (page, name, col) => page.getByRole("row").filter({ has: page.getByRole("button", { name }) }).locator(`[role=gridcell][aria-colindex="${col}"]`).last();

test("a column's menu groups by it: each group has its rows, their number and subtotals that add up", async ({ as }) => {
  const page = await open(as);
  const all = "188";
  await expect(grid(page)).toHaveAttribute("aria-rowcount", all);
  await menu(page, "Sub-category", "Group by this");
  await expect(head(page, /Sub-category: Accessories/)).toBeVisible();
  const count = Number((await head(page, /Sub-category: Accessories/).locator(".grid-group-count").textContent()).replace(/\D/g, ""));
  expect(count).toBeGreaterThan(1);
  // The rows below the head are its own, and their amounts come to what it says.
  let sum = 0;
  for (let row = 0; row < count; row++) {
    await expect(at(page, row, 0)).toHaveText("Accessories");
    sum += money(await at(page, row, 3).textContent());
  }
  await expect(at(page, count, 0)).not.toHaveText("Accessories");
  expect(Math.abs(money(await subtotal(page, /: Accessories/, 4).textContent()) - sum)).toBeLessThan(0.1);
  // Every head is a line more.
  await menu(page, "Sub-category", "Close all groups");
  // The 17 sub-categories, and the header.
  await expect(grid(page)).toHaveAttribute("aria-rowcount", "18");
  await expect(head(page, /: Art/)).toHaveAttribute("aria-expanded", "false");
  await expect(grid(page).locator("[data-row]")).toHaveCount(0);
  await menu(page, "Sub-category", "Group by nothing");
  await expect(grid(page)).toHaveAttribute("aria-rowcount", all);
  await expect(grid(page).locator(".grid-group")).toHaveCount(0);
});

test("a press on a head closes its group where it is, and opens it again", async ({ as }) => {
  const page = await open(as);
  await menu(page, "Sub-category", "Group by this");
  const first = head(page, /: Accessories/);
  const before = await subtotal(page, /: Accessories/, 4).textContent();
  await first.click();
  await expect(first).toHaveAttribute("aria-expanded", "false");
  await expect(at(page, 0, 0)).not.toHaveText("Accessories");
  await expect(subtotal(page, /: Accessories/, 4)).toHaveText(before);
  // The total of all rows stays what it is: what is closed is not left out of it.
  const total = page.locator(".grid-totals [aria-colindex='4']");
  const whole = await total.textContent();
  await first.click();
  await expect(at(page, 0, 0)).toHaveText("Accessories");
  await expect(total).toHaveText(whole);
});

test("the keyboard goes from rows to heads, closes and opens, and back", async ({ as }) => {
  const page = await open(as);
  await at(page, 0, 3).click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("Alt+Shift+ArrowRight");
  await expect(head(page, /: Accessories/)).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await expect(head(page, /: Accessories/)).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(at(page, 0, 0)).toHaveClass(/is-active/);
  await page.keyboard.press("ArrowUp");
  await expect(head(page, /: Accessories/)).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await expect(head(page, /: Accessories/)).toHaveAttribute("aria-expanded", "false");
  await page.keyboard.press("ArrowDown");
  await expect(head(page, /: Appliances/)).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(at(page, 0, 0)).toHaveText("Appliances");
  await expect(at(page, 0, 0)).toHaveClass(/is-active/);
  await page.keyboard.press("Alt+Shift+ArrowUp");
  await expect(head(page, /: Appliances/)).toHaveAttribute("aria-expanded", "false");
  await expect(head(page, /: Appliances/)).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(head(page, /: Appliances/)).toHaveAttribute("aria-expanded", "true");
  await page.keyboard.press("Escape");
  await expect(grid(page)).toBeFocused();
  await page.keyboard.press("Alt+Shift+ArrowLeft");
  await expect(grid(page).locator(".grid-group")).toHaveCount(0);
});

test("groups within groups come with a view, and what is typed changes the subtotals of both", async ({ as }) => {
  const page = await open(as, "ada");
  await page.getByRole("button", { name: "Views" }).click();
  await item(page, "By region and product").click();
  await expect(head(page, /Region: Central/)).toBeVisible();
  await expect(head(page, /Sub-category: Accessories/).first()).toBeVisible();
  await head(page, /Region: Central/).click();
  await expect(head(page, /Region: East/)).toBeVisible();
  await expect(at(page, 0, 0)).toHaveText("Accessories");
});

test("a row of a group is edited as any other, and its subtotal follows", async ({ as }) => {
  const page = await open(as);
  await menu(page, "Sub-category", "Group by this");
  await expect(head(page, /: Accessories/)).toBeVisible();
  await head(page, /: Accessories/).click();
  await expect(at(page, 0, 0)).toHaveText("Appliances");
  const before = money((await subtotal(page, /: Appliances/, 5).textContent()) || "0");
  const own = money((await at(page, 1, 4).textContent()) || "0");
  await at(page, 1, 4).click();
  await page.keyboard.type(String(own + 321));
  await page.keyboard.press("Enter");
  await expect(saved(page)).toBeVisible();
  await expect.poll(async () => money(await subtotal(page, /: Appliances/, 5).textContent())).toBeCloseTo(before + 321, 0);
  // The selection and the closed group stay as they are.
  await expect(head(page, /: Accessories/)).toHaveAttribute("aria-expanded", "false");
  await expect(at(page, 2, 4)).toHaveClass(/is-active/);
  await page.keyboard.press("Control+z");
  await expect.poll(async () => money(await subtotal(page, /: Appliances/, 5).textContent() || "0")).toBeCloseTo(before, 0);
});

test("too many groups are said, and can be taken back", async ({ as }) => {
  const page = await open(as, "ada", /422/);
  await page.getByRole("tab", { name: "Orders" }).click();
  const orders = page.getByRole("grid").first();
  await expect(orders.locator("[data-row='0'] [role=gridcell]").first()).not.toHaveText("");
  await page.getByRole("button", { name: "Menu of Order id" }).click();
  await item(page, "Group by this").click();
  await expect(orders.getByText("more than 500 groups")).toBeVisible();
  await page.getByRole("button", { name: "Menu of Order id" }).click();
  await item(page, "Group by nothing").click();
  await expect(orders.locator("[data-row='0'] [role=gridcell]").first()).not.toHaveText("");
  await expect(orders.getByText("more than 500 groups")).toHaveCount(0);
});
