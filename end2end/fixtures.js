// A demo of its own for each worker (server, host product, database), and people who are signed in to it.
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect } from "@playwright/test";
import { Demo } from "./demo.js";

export const test = base.extend({
  demo: [
    async ({}, use) => {
      const demo = await Demo.make();
      await use(demo);
      await demo.stop();
      await demo.remove();
    },
    { scope: "worker" },
  ],

  /** Opens a page as one of the five people; fails the test on any error in its console. */
  as: async ({ browser, demo }, use) => {
    const contexts = [];
    const problems = [];
    await use(async (person, { path = "/sales", options = {}, allow } = {}) => {
      const context = await browser.newContext(options);
      contexts.push(context);
      const page = await context.newPage();
      const note = (text) => allow?.test(text) || problems.push(text);
      page.on("console", (message) => message.type() === "error" && note(message.text()));
      page.on("pageerror", (error) => note(String(error)));
      await page.goto(`${demo.host}/?person=${person}`);
      await page.goto(demo.host + path);
      return page;
    });
    for (const context of contexts) await context.close();
    expect(problems, "errors in the console").toEqual([]);
  },
});

/** The forecast's cell in the row of a sub-category and month, by the grid's own words. */
export function cell(page, subCategory, month, column) {
  const row = page.getByRole("row").filter({ hasText: subCategory }).filter({ hasText: month });
  const index = { forecast: 5, variance: 6, status: 7, note: 8 }[column];
  return row.first().locator(`[aria-colindex="${index}"]`);
}

/** Types into a cell as a person does: click, type, Enter. */
export async function typeInto(page, target, text) {
  await target.click();
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

export function saved(page) {
  return page.getByText("All changes saved");
}

/** The chart's summary for those who don't see it; it changes with what is drawn. */
export function chart(page, element) {
  return page.locator(`[data-element="${element}"] [role="img"][data-ready="true"]`);
}

/** That axe-core finds nothing, in the workbook alone if nothing else is said: the page around it is the host's. */
export async function isClean(page, state, within = "inlay-workbook") {
  const found = await new AxeBuilder({ page }).include(within).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
  const told = found.violations.map((rule) => `${rule.id}: ${rule.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} (${node.failureSummary?.split("\n").slice(1, 2).join("").trim()})`).join(" | ")}`);
  expect.soft(told, state).toEqual([]);
}

export { expect };

/** Opens a page that has just been written into the workbook of a demo that watches its files; gives its tab. */
export async function openAdded(page, demo, title) {
  await page.goto(`${demo.host}/?person=ada`);
  const tab = page.getByRole("tab", { name: title });
  await expect(async () => {
    await page.goto(`${demo.host}/sales`);
    await expect(tab).toBeVisible({ timeout: 2_000 });
  }).toPass();
  return tab;
}
