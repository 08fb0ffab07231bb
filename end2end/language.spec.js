// The workbook in German: everything that Inlay says is said in it, from the first paint to the refusals of the server.
import { readFile } from "node:fs/promises";
import { expect, test } from "./fixtures.js";

const at = (page, row, col) => page.locator(`#plan-r${row}c${col}`);
const german = { locale: "de-DE", viewport: { width: 1500, height: 1000 } };

async function open(as, { person = "wendy", options = german, path, allow } = {}) {
  const page = await as(person, { options, path, allow });
  await expect(at(page, 0, 0)).not.toHaveText("");
  return page;
}
/** English sentences without anything to fill in, that have a German one of their own. */
async function english() {
  const read = async (language) => {
    const text = await readFile(new URL(`../words/messages/${language}.ftl`, import.meta.url), "utf8");
    return new Map([...text.matchAll(/^([a-z][\w-]*) = (.+)$/gm)].map(([, id, words]) => [id, words]));
  };
  const [ours, theirs] = [await read("en"), await read("de")];
  const plain = [...ours].filter(([id, words]) => !words.includes("{") && theirs.get(id) !== words);
  return new Set(plain.map(([, words]) => words));
}
/** All that is said on the screen, and to those who don't see it. */
function said(page) {
  return page.evaluate(() => {
    const root = document.querySelector("inlay-workbook").shadowRoot;
    const texts = [];
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) texts.push(walk.currentNode.data.trim());
    for (const element of root.querySelectorAll("[aria-label], [title], [placeholder]"))
      for (const name of ["aria-label", "title", "placeholder"]) texts.push(element.getAttribute(name)?.trim() ?? "");
    return texts.filter(Boolean);
  });
}

test("nothing of what is said is English", async ({ as }) => {
  test.slow();
  const sentences = await english();
  expect(sentences.size).toBeGreaterThan(150);
  const page = await open(as, { allow: /422/ });
  const check = async (state) => {
    const left = (await said(page)).filter((words) => sentences.has(words));
    expect.soft([...new Set(left)], state).toEqual([]);
  };
  await check("as it opens");
  for (const [keys, state] of [
    ["?", "the keys"],
    ["Control+f", "the search"],
    ["Control+g", "a row by its number"],
    ["Shift+F10", "the menu of a column"],
    ["Control+Shift+Enter", "set all"],
  ]) {
    await at(page, 1, 4).click();
    await page.keyboard.press(keys);
    await page.waitForTimeout(150);
    await check(state);
    await page.keyboard.press("Escape");
  }
  await page.getByRole("button", { name: "Sub-category filtern" }).click();
  await expect(page.getByRole("dialog", { name: "Sub-category filtern" }).getByRole("checkbox").first()).toBeVisible();
  await check("a filter");
  await page.keyboard.press("Escape");
  await at(page, 0, 4).click();
  await page.keyboard.type("viel");
  await check("a number that is none");
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowUp");
  await check("why it was refused");
  await page.getByRole("button", { name: "Verwerfen" }).click();
  await page.keyboard.press("Control+g");
  await page.keyboard.type("72");
  await page.keyboard.press("Enter");
  await page.getByRole("row").filter({ hasText: "Copiers" }).first().getByRole("gridcell").first().click();
  await page.keyboard.press("Alt+Enter");
  await check("a row beside the grid");
  await page.getByRole("tab", { name: "Verlauf" }).click();
  // What another test may have done to all rows is told in German too.
  const untouched = page.getByText("Noch niemand hat diese Zeile geändert.");
  await expect(untouched.or(page.locator(".record-history > li")).first()).toBeVisible();
  await check("its history");
  await page.getByRole("tab", { name: "Kommentare" }).click();
  await check("its comments");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Ansichten" }).click();
  await expect(page.getByRole("menuitem").first()).toBeVisible();
  await check("views");
  await page.keyboard.press("Escape");
  const titles = await page.getByRole("tab").allTextContents();
  for (const title of titles.slice(1)) {
    await page.getByRole("tab", { name: title }).click();
    await page.waitForTimeout(500);
    await check(title);
  }
});

test("numbers, dates and refusals are those of the reader", async ({ as, demo }) => {
  const page = await open(as, { allow: /409|422/ });
  await expect(page.getByText("Alles gespeichert")).toBeVisible();
  await at(page, 2, 4).click();
  await page.keyboard.type("1.234,5");
  await page.keyboard.press("Enter");
  await expect(at(page, 2, 4)).toHaveText("1.234,50\u00a0$");
  await at(page, 2, 4).click();
  await page.keyboard.type("viel");
  await expect(page.locator(".editor-problem")).toHaveText("„viel“ ist keine Zahl.");
  await page.keyboard.press("Escape");
  // A colleague is faster: what the server says of it is said in German too.
  const key = ["West", "Accessories", "2017-04-01"];
  await at(page, 3, 4).click();
  await page.keyboard.type("5");
  const session = await demo.session("walt");
  const filters = [{ column: "sub_category", op: "equals", value: key[1] }, { column: "month", op: "equals", value: key[2] }];
  const { columns, rows } = (await demo.call("query", { query: { workbook: "sales_planning", element: "plan", filters } }, { session })).body;
  const was = rows[0][columns.findIndex(({ name }) => name === "forecast")];
  const cells = [{ column: "forecast", value: "8123.45", was }];
  const batch = { batch_id: crypto.randomUUID(), workbook: "sales_planning", edits: [{ table: "forecast", key, cells }] };
  expect((await demo.call("edits", { batch }, { session })).status).toBe(200);
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("alert").filter({ hasText: "Walt Weston hat diese Zelle inzwischen geändert." })).toBeVisible();
  await page.getByRole("button", { name: /^Fremden Wert nehmen: 8\.123,45/ }).click();
  await expect(at(page, 3, 4)).toHaveText("8.123,45\u00a0$");
  // So is what is wrong with an expression.
  await page.keyboard.press("Control+Shift+Enter");
  await page.keyboard.type("= 2 * actul");
  await page.keyboard.press("Enter");
  await expect(page.getByText("An Zeichen 5: es gibt keine Spalte `actul` (meinten Sie `actual`?).")).toBeVisible();
});

test("the iframe is drawn in the reader's language by the server already", async ({ as }) => {
  const page = await as("wendy", { options: german, path: "/report" });
  const frame = page.frameLocator("iframe").first();
  await expect(frame.getByText("Alles gespeichert")).toBeVisible();
  await expect(frame.locator(".workbook")).toHaveAttribute("lang", "de");
});

test("what Inlay does not speak reads English, with the numbers and dates of the place", async ({ as }) => {
  const page = await open(as, { options: { ...german, locale: "fr-FR" } });
  await expect(page.getByText("All changes saved")).toBeVisible();
  // Its own words are English, and the author's are not: the page says which language it is in.
  await expect(page.locator(".workbook")).not.toHaveAttribute("lang");
});
