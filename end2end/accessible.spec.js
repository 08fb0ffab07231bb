// What axe-core finds in each state of the workbook: nothing. Light and dark, wide and on a phone, from right to left.
import { expect, isClean, test } from "./fixtures.js";

const at = (page, row, col) => page.locator(`#plan-r${row}c${col}`);
const wide = { viewport: { width: 1500, height: 1000 } };

async function open(as, { person = "wendy", options = wide, allow } = {}) {
  const page = await as(person, { options, allow });
  await expect(at(page, 0, 0)).not.toHaveText("");
  return page;
}

for (const [name, options] of [
  ["light", wide],
  ["dark", { ...wide, colorScheme: "dark" }],
  ["on a phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
]) {
  test(`the first page, ${name}`, async ({ as }) => {
    const page = await open(as, { options });
    await page.evaluate((dark) => dark && document.documentElement.style.setProperty("color-scheme", "dark"), name === "dark");
    await isClean(page, "as it opens");
    await at(page, 1, 0).click();
    await isClean(page, "a cell that can't be typed into");
    await page.keyboard.press("Alt+Enter");
    await isClean(page, "a row beside the grid");
    await page.getByRole("tab", { name: "History" }).click();
    await isClean(page, "its history");
    await page.getByRole("tab", { name: "Comments" }).click();
    await isClean(page, "its comments");
  });
}

test("every dialog, menu and list of the grid", async ({ as }) => {
  test.slow();
  const page = await open(as, { allow: /422/ });
  await at(page, 0, 4).click();
  await page.keyboard.type("1");
  await isClean(page, "a number being typed");
  await page.keyboard.type("x");
  await isClean(page, "a number that is none");
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowUp");
  await isClean(page, "why it was refused");
  await page.keyboard.press("Escape");
  await at(page, 1, 6).click();
  await page.keyboard.press("F2");
  await isClean(page, "a list of choices");
  await page.keyboard.press("Escape");
  for (const [keys, state] of [
    ["Shift+F10", "the menu of a column"],
    ["Control+f", "the search"],
    ["Control+g", "a row by its number"],
    ["?", "the keys"],
    ["Control+Shift+Enter", "set all"],
  ]) {
    await at(page, 1, 4).click();
    await page.keyboard.press(keys);
    await page.waitForTimeout(100);
    await isClean(page, state);
    await page.keyboard.press("Escape");
  }
  await page.getByRole("button", { name: "Filter Sub-category" }).click();
  await expect(page.getByRole("dialog", { name: "Filter Sub-category" }).getByRole("checkbox").first()).toBeVisible();
  await isClean(page, "a filter");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Views" }).click();
  await expect(page.getByRole("menuitem").first()).toBeVisible();
  await isClean(page, "views");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Menu of Sub-category" }).click();
  await page.getByRole("menuitem", { name: "Group by this" }).click();
  await expect(page.getByRole("button", { name: /: Accessories/ })).toBeVisible();
  await isClean(page, "groups");
});

test("the other pages: rows to add, a calendar, charts, a form", async ({ as }) => {
  const page = await open(as, { person: "ada" });
  await page.getByRole("tab", { name: "Actions" }).click();
  const actions = page.getByRole("grid", { name: "Actions" });
  await expect(actions).toBeVisible();
  await isClean(page, "a table that takes new rows");
  await actions.locator("[data-row] [aria-colindex='3']").last().click();
  await page.keyboard.press("F2");
  await page.keyboard.press("ArrowDown");
  await isClean(page, "a calendar");
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: "Orders" }).click();
  await expect(page.locator("[role=img][data-ready=true]").first()).toBeVisible();
  await isClean(page, "charts");
  await page.getByRole("tab", { name: "Visits" }).click();
  await isClean(page, "a form, and a table without rows");
});

test("the first page, from right to left", async ({ as }) => {
  const page = await open(as);
  await page.evaluate(() => (document.documentElement.dir = "rtl"));
  await at(page, 1, 0).click();
  await isClean(page, "a cell");
  await page.keyboard.press("Alt+Enter");
  await isClean(page, "a row beside the grid");
});

test("what a field is and what is wrong with it is told with it", async ({ as }) => {
  const page = await open(as);
  await page.getByRole("tab", { name: "Visits" }).click();
  const customer = page.getByRole("textbox", { name: "Customer" });
  await expect(customer).toHaveAttribute("aria-required", "true");
  await expect(customer).toHaveAccessibleDescription("Who was visited");
  await page.getByRole("button", { name: "File report" }).click();
  await expect(customer).toHaveAccessibleDescription("Customer is required. Who was visited");
  await isClean(page, "a form with something wrong");
});

for (const [name, options] of [
  ["light", wide],
  ["dark", { ...wide, colorScheme: "dark" }],
  ["on a phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
]) {
  test(`pages of texts, tabs and pivots, ${name}`, async ({ as }) => {
    test.slow();
    const page = await open(as, { person: "ed", options });
    await page.evaluate((dark) => dark && document.documentElement.style.setProperty("color-scheme", "dark"), name === "dark");
    await page.getByRole("tab", { name: "Overview", exact: true }).click();
    await expect(page.locator('[data-element="summary"] strong')).toContainText("$");
    await isClean(page, "texts and pictures");
    await page.getByRole("tab", { name: "Pivot" }).click();
    await expect(page.getByRole("grid", { name: "What was sold, where and when" })).toBeVisible();
    await isClean(page, "a pivot with shades");
    await page.getByRole("tab", { name: "By month", exact: true }).click();
    const pivot = page.locator('[data-element="plan_by_month"]');
    const total = pivot.locator(`tr[data-row='["East","Technology","Accessories"]'] td[data-column='[]'][data-value="0"]`);
    await total.dblclick();
    await isClean(page, "a total being typed");
    await page.keyboard.type("500");
    await page.keyboard.press("Enter");
    await expect(pivot.getByRole("dialog")).toBeVisible();
    await isClean(page, "what becomes of its cells");
    await page.keyboard.press("Escape");
    const first = pivot.locator("td.is-input:not(.is-total)").first();
    await first.dblclick();
    await page.keyboard.type("-1");
    await page.keyboard.press("Enter");
    await expect(pivot.locator(".pivot-trouble")).toBeVisible();
    await isClean(page, "what was refused");
    await pivot.getByRole("button", { name: "Discard" }).click();
  });
}

for (const [name, options] of [
  ["light", wide],
  ["dark", { ...wide, colorScheme: "dark" }],
  ["on a phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
]) {
  test(`controls and charts, ${name}`, async ({ as }) => {
    test.slow();
    const page = await open(as, { person: "ed", options });
    await page.evaluate((dark) => dark && document.documentElement.style.setProperty("color-scheme", "dark"), name === "dark");
    await page.getByRole("tab", { name: "Explore", exact: true }).click();
    await expect(page.getByRole("group", { name: "Filters" })).toContainText("Region: East");
    await isClean(page, "controls and what they filter by");
    for (const [id, shown] of [["place", "option"], ["ordered", "button"], ["worth", "textbox"]]) {
      const control = page.locator(`[data-element="${id}"]`);
      await control.getByRole("button").click();
      await expect(control.getByRole("dialog").getByRole(shown).first()).toBeVisible();
      await isClean(page, `the open control ${id}`);
      await page.keyboard.press("Escape");
      await expect(control.getByRole("dialog")).toHaveCount(0);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(options.viewport.width);
    await page.getByRole("tab", { name: "Charts", exact: true }).click();
    await expect(page.locator('[data-element="combined"] [role="img"][data-ready="true"]')).toBeVisible();
    await isClean(page, "charts");
  });
}
