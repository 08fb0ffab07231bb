// A million rows and sixty columns: opened, scrolled, jumped about in and typed into, without a wait or a blank.
import { Demo } from "./demo.js";
import { expect, saved, test as base, typeInto } from "./fixtures.js";

const ROWS = 1_000_000;
const test = base.extend({
  demo: [
    async ({}, use) => {
      const demo = await Demo.make(["--rows", String(ROWS)]);
      await use(demo);
      await demo.stop();
      await demo.remove();
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

const open = async (as, person = "ada") => {
  const page = await as(person, { path: "/ledger" });
  await expect(page.locator("#entries-r0c0")).toHaveText("1");
  return page;
};
const counted = (page) => page.getByRole("button", { name: "1,000,000 rows" });

async function goTo(page, row) {
  await page.getByRole("grid").press("Control+g");
  await page.getByRole("textbox", { name: "Go to row" }).fill(String(row));
  await page.keyboard.press("Enter");
}

test("go to any row, and to the last one", async ({ as }) => {
  const page = await open(as);
  await expect(counted(page)).toBeVisible();
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", String(ROWS + 1));
  await expect(page.getByRole("grid")).toHaveAttribute("aria-colcount", "60");
  await page.locator("#entries-r0c0").click();
  for (const row of [900_001, 500_000, 12_345]) {
    await goTo(page, row);
    const cell = page.locator(`#entries-r${row - 1}c0`);
    await expect(cell).toHaveText(String(row));
    await expect(cell).toBeInViewport();
    await expect(cell).toHaveClass(/is-active/);
  }
  await page.keyboard.press("Control+End");
  await expect(page.locator(`#entries-r${ROWS - 1}c59`)).toBeInViewport();
  await expect(page.locator(`#entries-r${ROWS - 1}c0`)).toHaveText("1000000");
  await page.keyboard.press("ArrowDown");
  await expect(page.locator(`#entries-r${ROWS - 1}c59`)).toHaveClass(/is-active/);
  await page.keyboard.press("Control+Home");
  await expect(page.locator("#entries-r0c0")).toBeInViewport();
});

test("scrolled by hand and by its bar, rows arrive, little is drawn and nothing piles up", async ({ as }) => {
  const page = await open(as);
  await expect(counted(page)).toBeVisible();
  const grid = page.getByRole("grid");
  const walked = await grid.evaluate(async (grid) => {
    let nodes = 0;
    const seen = new Set();
    const walk = async (steps, to) => {
      for (let i = 0; i < steps; i++) {
        grid.scrollTop = to(i);
        await new Promise(requestAnimationFrame);
        nodes = Math.max(nodes, grid.querySelectorAll("*").length);
        grid.querySelectorAll(".grid-row:not(.is-loading)").forEach((row) => seen.add(row.ariaRowIndex));
      }
    };
    await walk(200, () => grid.scrollTop + 60);
    await walk(120, (i) => (((i >> 2) * 7919) % 100) * (grid.scrollHeight / 100));
    return { nodes, seen: seen.size };
  });
  expect(walked.seen).toBeGreaterThan(200);
  expect(walked.nodes).toBeLessThan(3_000);
  await expect(grid.locator(".grid-row.is-loading")).toHaveCount(0);
  // Sideways too.
  await grid.evaluate((grid) => (grid.scrollLeft = grid.scrollWidth));
  await expect(page.getByRole("columnheader", { name: "Remark" })).toBeInViewport();
  expect(await grid.locator(".grid-row").first().locator(".grid-td").count()).toBeLessThan(20);
});

test("rows keep under the hand, and the bar is put right afterwards", async ({ as }) => {
  const page = await open(as);
  await expect(counted(page)).toBeVisible();
  await page.locator("#entries-r0c0").click();
  await goTo(page, 400_000);
  const cell = page.locator("#entries-r399999c0");
  await expect(cell).toHaveText("400000");
  const before = (await cell.boundingBox()).y;
  await page.mouse.move(600, before);
  await page.mouse.wheel(0, -64);
  await expect.poll(async () => (await cell.boundingBox()).y).toBe(before + 64);
  await page.waitForTimeout(300);
  expect((await cell.boundingBox()).y).toBe(before + 64);
  const share = await page.getByRole("grid").evaluate((grid) => grid.scrollTop / grid.scrollHeight);
  expect(share).toBeCloseTo(0.4, 3);
});

test("a cell far down is typed into, and a filter and a sort still reach every row", async ({ as }) => {
  const page = await open(as);
  await expect(counted(page)).toBeVisible();
  await page.locator("#entries-r0c0").click();
  await goTo(page, 765_432);
  await page.keyboard.press("End");
  const remark = page.locator("#entries-r765431c59");
  await typeInto(page, remark, "far down");
  await expect(saved(page)).toBeVisible();
  await expect(remark).toHaveText("far down");

  await page.getByRole("button", { name: "Filter Remark" }).click();
  await page.getByRole("textbox", { name: "Value" }).fill("far");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "1 row", exact: true })).toBeVisible();
  await expect(page.locator("#entries-r0c0")).toHaveText("765432");
  await page.getByRole("button", { name: "Filter Remark" }).click();
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(counted(page)).toBeVisible();
  // Back and forth before anything is counted.
  for (let i = 0; i < 2; i++) {
    await page.getByRole("button", { name: "Filter Remark" }).click();
    await page.getByRole("textbox", { name: "Value" }).fill("far");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Filter Remark" }).click();
    await page.getByRole("button", { name: "Clear" }).click();
  }
  await expect(counted(page)).toBeVisible();

  await page.getByRole("grid").press("Control+Home");
  for (let i = 0; i < 9; i++) await page.keyboard.press("ArrowRight");
  await page.getByRole("button", { name: "Sort by Amount" }).click();
  await expect(page.getByRole("columnheader", { name: "Amount" })).toHaveAttribute("aria-sort", "ascending");
  await expect(page.locator("#entries-r0c8")).toHaveText(/^-€89,99/);
  await expect(counted(page)).toBeVisible();
  await page.getByRole("grid").press("Control+End");
  await page.keyboard.press("Home");
  for (let i = 0; i < 8; i++) await page.keyboard.press("ArrowRight");
  await expect(page.locator(`#entries-r${ROWS - 1}c8`)).toHaveText("€109,999.96");
});

test("one person's rows are counted and reached as if there were no others", async ({ as }) => {
  const page = await as("wendy", { path: "/ledger" });
  await expect(page.locator("#entries-r0c0")).toHaveText("4");
  await expect(page.getByRole("button", { name: "250,000 rows" })).toBeVisible();
  await page.locator("#entries-r0c0").click();
  await goTo(page, 200_000);
  await expect(page.locator("#entries-r199999c0")).toHaveText("800000");
});
