// For every hand and eye: fingers, 200 % zoom, the system's own colours, less motion.
import { expect, test } from "./fixtures.js";

const at = (page, row, col) => page.locator(`#plan-r${row}c${col}`);
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

async function open(as, options, person = "wendy") {
  const page = await as(person, { options, allow: /422/ });
  await expect(at(page, 0, 0)).not.toHaveText("");
  return page;
}

/** What can be pressed and is smaller than a finger: of fields in a label the label counts, of the grid its cells. */
function small(page) {
  return page.evaluate(() => {
    const root = document.querySelector("inlay-workbook").shadowRoot;
    const pressed = "button, select, textarea, input, [role=option], [role=menuitem], .grid-td";
    const found = [];
    for (const element of root.querySelectorAll(pressed)) {
      const box = (element.closest("label") ?? element).getBoundingClientRect();
      const style = getComputedStyle(element);
      if (!box.width || style.visibility === "hidden" || style.pointerEvents === "none" || element.disabled) continue;
      if (box.height < 43.5 || box.width < 43.5) found.push(`${element.className || element.tagName} ${Math.round(box.width)}x${Math.round(box.height)} ${element.textContent.slice(0, 20)}`);
    }
    return [...new Set(found)];
  });
}

for (const [name, options] of [["a phone", phone], ["a tablet", { viewport: { width: 1024, height: 1366 }, hasTouch: true, isMobile: true }]]) {
  test(`nothing that is pressed is smaller than a finger on ${name}`, async ({ as }) => {
    const page = await open(as, options);
    const check = async (state) => expect.soft(await small(page), state).toEqual([]);
    await check("as it opens");
    await page.getByRole("button", { name: "Menu of Sub-category" }).tap();
    await expect(page.getByRole("menuitem").first()).toBeVisible();
    await check("a menu");
    await page.getByRole("menuitem", { name: "Filter …" }).tap();
    await expect(page.getByRole("dialog", { name: "Filter Sub-category" }).getByRole("checkbox").first()).toBeVisible();
    await check("a filter");
    await page.keyboard.press("Escape");
    await at(page, 1, 0).tap();
    await page.getByRole("button", { name: "Open row" }).tap();
    await check("a row as a form");
    await page.getByRole("button", { name: /^Status:/ }).tap();
    await expect(page.getByRole("option").first()).toBeVisible();
    await check("a list of choices");
    await page.keyboard.press("Escape");
    await page.getByRole("tab", { name: "Comments" }).tap();
    await check("comments");
    await page.getByRole("button", { name: "Close the row" }).tap();
    await page.getByRole("button", { name: "Keys" }).tap();
    await check("the keys");
  });
}

test("a cell is tapped, typed into by way of its row, and saved", async ({ as }) => {
  const page = await open(as, phone);
  await at(page, 5, 0).tap();
  const [first, second] = [await at(page, 5, 0).boundingBox(), await at(page, 6, 0).boundingBox()];
  expect([first.height, second.y - first.y]).toEqual([44, 44]);
  await page.getByRole("button", { name: "Open row" }).tap();
  await page.getByRole("button", { name: /^Forecast:/ }).tap();
  await page.keyboard.type("4711");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Forecast: $4,711.00" })).toBeVisible();
  await expect(page.getByText("All changes saved")).toBeVisible();
});

test("a finger goes along a row, fills by the end of a cell, and begins to type by two taps there", async ({ as }) => {
  const page = await open(as, phone, "walt");
  await at(page, 1, 0).tap();
  // What the keyboard goes to is brought into sight, beside the one column that stays.
  for (let col = 1; col <= 4; col++) {
    await page.keyboard.press("ArrowRight");
    const { x, width } = await at(page, 1, col).boundingBox();
    expect(x + width, `column ${col}`).toBeLessThanOrEqual(360);
  }
  const texts = () => Promise.all([1, 2, 3, 4].map((row) => at(page, row, 4).textContent()));
  const before = await texts();
  await page.keyboard.type("815");
  await page.keyboard.press("Enter");
  await expect(at(page, 1, 4)).toHaveText("$815.00");
  await page.keyboard.press("ArrowUp");
  // Beside the corner that is to be seen, but within 44 px of it.
  const { x, y, width, height } = await at(page, 1, 4).boundingBox();
  const from = { x: x + width - 36, y: y + height - 30 };
  const cdp = await page.context().newCDPSession(page);
  const touch = (type, touchPoints) => cdp.send("Input.dispatchTouchEvent", { type, touchPoints });
  await touch("touchStart", [from]);
  for (const down of [20, 50, 88]) await touch("touchMove", [{ x: from.x, y: from.y + down }]);
  await touch("touchEnd", []);
  await expect.poll(texts).toEqual(["$815.00", "$815.00", "$815.00", before[3]]);
  await page.keyboard.press("Control+z");
  await expect.poll(texts).toEqual(["$815.00", ...before.slice(1)]);
  for (let i = 0; i < 2; i++) await page.touchscreen.tap(from.x, from.y);
  await expect(page.locator(".grid-editor-field")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+z");
  await expect.poll(texts).toEqual(before);
});

for (const [zoom, viewport] of [["200 %", { width: 640, height: 512 }], ["400 %", { width: 320, height: 480 }]]) {
  test(`at ${zoom} nothing is cut off and every dialog can be used`, async ({ as }) => {
    const page = await open(as, { viewport });
    const fits = async (state) => expect.soft(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), state).toBeLessThanOrEqual(0);
    await fits("as it opens");
    await at(page, 1, 0).click();
    for (const [keys, dialog, button] of [
      ["?", page.getByRole("dialog", { name: "Keys" }), "Close"],
      ["Control+f", page.getByRole("search"), "Close"],
      ["Alt+Enter", page.getByRole("complementary", { name: "Row" }), "Close the row"],
    ]) {
      await page.keyboard.press(keys);
      await expect(dialog).toBeVisible();
      await fits(keys);
      await dialog.getByRole("button", { name: button, exact: true }).click();
      await expect(dialog).toHaveCount(0);
    }
    await page.getByRole("button", { name: "Menu of Sub-category" }).click();
    await page.getByRole("menuitem", { name: "Filter …" }).click();
    const filter = page.getByRole("dialog", { name: "Filter Sub-category" });
    await filter.getByRole("button", { name: "Apply" }).click();
    await expect(filter).toHaveCount(0);
    await fits("a filter");
  });
}

test("in the system's own colours it is seen where one is, what is selected, and what is wrong", async ({ as }) => {
  const page = await open(as, { viewport: { width: 1500, height: 1000 }, forcedColors: "active" });
  const style = (locator, name) => locator.evaluate((element, name) => getComputedStyle(element)[name], name);
  await at(page, 1, 4).click();
  expect(await style(at(page, 1, 4), "outlineStyle")).toBe("solid");
  const plain = await style(at(page, 8, 4), "backgroundColor");
  await page.keyboard.press("Shift+ArrowDown");
  expect(await style(at(page, 2, 4), "backgroundColor")).not.toBe(plain);
  await at(page, 3, 4).click();
  await page.keyboard.type("many");
  await page.keyboard.press("Enter");
  expect(await style(at(page, 3, 4), "textDecorationStyle")).toBe("wavy");
  await page.getByRole("button", { name: "West", exact: true }).click();
  const [on, off] = [page.getByRole("button", { name: "West", exact: true }), page.getByRole("button", { name: "East", exact: true })];
  if (await off.count()) expect(await style(on, "backgroundColor")).not.toBe(await style(off, "backgroundColor"));
});

test("who wants less motion sees none", async ({ as }) => {
  const page = await open(as, { viewport: { width: 1500, height: 1000 }, reducedMotion: "reduce" });
  await at(page, 9, 4).click();
  await page.keyboard.type("9");
  await page.keyboard.press("Enter");
  await expect(at(page, 9, 4)).toHaveClass(/is-saved/);
  const moving = await page.evaluate(() => {
    const root = document.querySelector("inlay-workbook").shadowRoot;
    return root.getAnimations?.().length ?? document.getAnimations().length;
  });
  expect(moving).toBe(0);
  await expect(at(page, 9, 4)).toHaveCSS("transition-property", "none");
});
