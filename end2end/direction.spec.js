// A page that reads from right to left: the grid, its keys, the pointer and the editors go with it.
import { expect, test } from "./fixtures.js";

const at = (page, row, col) => page.locator(`#plan-r${row}c${col}`);
const active = (page) => page.locator(".grid-td.is-active");

async function open(as, options = { viewport: { width: 900, height: 1000 } }) {
  const page = await as("wendy", { options });
  await page.evaluate(() => (document.documentElement.dir = "rtl"));
  await page.reload();
  await page.evaluate(() => (document.documentElement.dir = "rtl"));
  await expect(at(page, 0, 0)).not.toHaveText("");
  // The direction is looked at when the keyboard comes.
  await at(page, 0, 0).click();
  return page;
}

test("arrows go where they point, Tab where the row goes", async ({ as }) => {
  const page = await open(as);
  const number = await page.locator(".grid-number").nth(1).boundingBox();
  const first = await at(page, 0, 0).boundingBox();
  const second = await at(page, 0, 1).boundingBox();
  expect(number.x).toBeGreaterThan(first.x);
  expect(first.x).toBeGreaterThan(second.x);
  await page.keyboard.press("ArrowLeft");
  await expect(active(page)).toHaveAttribute("aria-colindex", "2");
  await page.keyboard.press("ArrowRight");
  await expect(active(page)).toHaveAttribute("aria-colindex", "1");
  await page.keyboard.press("Shift+ArrowLeft");
  await expect(page.locator(".grid-td.is-selected")).toHaveCount(2);
  await page.keyboard.press("Tab");
  await expect(active(page)).toHaveAttribute("aria-colindex", "2");
});

test("columns far along the row come into sight, by keys and by the scroll bar", async ({ as }) => {
  const page = await open(as);
  const last = Number(await page.getByRole("grid", { name: "Forecast" }).getAttribute("aria-colcount"));
  const inside = async (cell) => {
    const [box, grid] = [await cell.boundingBox(), await page.getByRole("grid", { name: "Forecast" }).boundingBox()];
    expect(box.x).toBeGreaterThanOrEqual(grid.x - 1);
    expect(box.x + box.width).toBeLessThanOrEqual(grid.x + grid.width + 1);
  };
  await page.keyboard.press("End");
  await expect(active(page)).toHaveAttribute("aria-colindex", String(last));
  await inside(active(page));
  await page.keyboard.press("Home");
  await expect(active(page)).toHaveAttribute("aria-colindex", "1");
  await inside(active(page));
  await page.getByRole("grid", { name: "Forecast" }).evaluate((grid) => (grid.scrollLeft = -10_000));
  await expect(at(page, 0, last - 1)).toBeVisible();
  await inside(at(page, 0, last - 1));
});

test("the pointer selects and widens what it is on", async ({ as }) => {
  const page = await open(as);
  const [from, to] = [await at(page, 1, 0).boundingBox(), await at(page, 3, 1).boundingBox()];
  await page.mouse.move(from.x + 20, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(to.x + 20, to.y + 10, { steps: 4 });
  await page.mouse.up();
  await expect(page.locator(".grid-td.is-selected")).toHaveCount(6);
  const header = page.locator('[role=columnheader][aria-colindex="1"]').first();
  const before = await header.boundingBox();
  await page.mouse.move(before.x + 1, before.y + 10);
  await page.mouse.down();
  await page.mouse.move(before.x - 59, before.y + 10, { steps: 4 });
  await page.mouse.up();
  expect(Math.round((await header.boundingBox()).width - before.width)).toBe(60);
  await page.keyboard.press("Shift+F10");
  await expect(page.getByRole("menu")).toBeVisible();
  await expect(page.getByRole("menuitem", { name: "Move to the left" })).toHaveCount(1);
  await expect(page.getByRole("menuitem", { name: "Move to the right" })).toHaveCount(0);
});

test("numbers stay as they are written, and the editor lies over its cell", async ({ as }) => {
  const page = await open(as, { viewport: { width: 1500, height: 1000 } });
  await at(page, 2, 4).click();
  await page.keyboard.type("-12.5");
  const field = page.locator(".grid-editor-field");
  const [cell, box] = [await at(page, 2, 4).boundingBox(), await field.boundingBox()];
  expect(Math.abs(cell.x - box.x)).toBeLessThanOrEqual(2);
  await page.keyboard.press("Escape");
  await expect(at(page, 2, 4)).toHaveCSS("unicode-bidi", "plaintext");
  await expect(at(page, 2, 4)).toHaveCSS("text-align", "left");
});

test("an iframe for a language from the right is one", async ({ as, demo }) => {
  const page = await as("wendy", { options: { locale: "ar-EG" }, path: "/report" });
  await expect(page.frameLocator("iframe").first().locator("html")).toHaveAttribute("dir", "rtl");
});
