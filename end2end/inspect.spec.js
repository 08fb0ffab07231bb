// How an element's answer came about, for whoever's ticket says that he may see it.
import { expect, test } from "./fixtures.js";

test("whoever may inspect sees statements, values and times", async ({ as }) => {
  const page = await as("ada");
  const card = page.locator('[data-element="revenue"]');
  await expect(card).toContainText("$");
  await card.getByRole("button", { name: "How this came about" }).click();
  const panel = card.getByRole("region", { name: "How this came about" });
  await expect(panel).toContainText("Came with the page");
  await expect(panel.locator("pre")).toContainText('select sum(q."sales")');
  await expect(panel.getByRole("list", { name: "Values" })).toContainText("true");
  // Asked again, it says what that took.
  await page.locator('[data-element="region"]').getByRole("button", { name: "East" }).click();
  await expect(panel).toContainText(/Asked \d+ s ago/);
  await expect(panel).toContainText(/On the way.*ms/);
  await expect(panel).toContainText(/Until drawn.*ms/);
  await expect(panel).toContainText(/1 row in [\d.]+ ms, after waiting [\d.]+ ms/);
  await expect(panel.getByRole("list", { name: "Values" })).toContainText("'East'");
  const grid = page.locator('[data-element="plan"]');
  await grid.getByRole("button", { name: "How this came about" }).click();
  await expect(grid.locator(".inspector pre").first()).toContainText("inlay_sales_planning__forecast");
});

test("nobody else is told anything of it", async ({ as }) => {
  const page = await as("wendy");
  const answered = page.waitForResponse((response) => response.url().includes("/api/v1/query"));
  await page.locator('[data-element="region"]').getByRole("button", { name: "West" }).click();
  const answer = await (await answered).text();
  expect(answer).toContain("rows");
  expect(answer).not.toContain("inspection");
  await expect(page.getByRole("button", { name: "How this came about" })).toHaveCount(0);
});
