// Pages of texts, pictures, containers and tabs.
import { chart, expect, test } from "./fixtures.js";

const open = async (page) => {
  await page.getByRole("tab", { name: "Overview", exact: true }).click();
  await expect(chart(page, "by_region")).toBeVisible();
};

test("a text says what the KPIs say, and follows a control", async ({ as }) => {
  const page = await as("wendy");
  const revenue = (await page.locator('[data-element="revenue"] .kpi-value').textContent()).trim();
  await open(page);
  const text = page.locator('[data-element="summary"]');
  await expect(text.getByRole("heading", { level: 2, name: "How it stands" })).toBeVisible();
  await expect(text.locator("strong")).toHaveText(revenue);
  await page.locator('[data-element="segment"]').getByRole("button", { name: "Corporate" }).click();
  await expect(text.locator("strong")).not.toHaveText(revenue);
  await expect(text.locator("strong")).toHaveText(/^\$[\d,]+$/);
  await page.locator('[data-element="segment"]').getByRole("button", { name: "All" }).click();
  await expect(text.locator("strong")).toHaveText(revenue);
  const link = page.getByRole("link", { name: "Ask the planners" });
  await expect(link).toHaveAttribute("href", "mailto:planning@northwind.example");
  await expect(link).toHaveAttribute("rel", "noopener noreferrer");
});

test("tabs on a page open one at a time, by the keyboard too, and ask for what is in sight", async ({ as }) => {
  const page = await as("wendy");
  const asked = [];
  page.on("request", (request) => {
    const element = request.url().endsWith("/api/v1/query") && request.postDataJSON().query.element;
    if (element) asked.push(element);
  });
  await open(page);
  const places = page.locator('[data-tabs="overview_places"]');
  await expect(places.getByRole("tabpanel", { name: "Regions" })).toBeVisible();
  expect(asked).not.toContain("states");
  await places.getByRole("tab", { name: "Regions" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await expect(chart(page, "states")).toBeVisible();
  await expect(places.getByRole("tabpanel", { name: "States" })).toBeVisible();
  expect(asked).toContain("states");
  expect(asked).not.toContain("top_states");
  await places.getByRole("tab", { name: "Lines" }).click();
  await expect(places.getByRole("gridcell").first()).toBeVisible();
  // Another page and back: the tab that was open is open.
  await page.getByRole("tab", { name: "Growth", exact: true }).click();
  await page.getByRole("tab", { name: "Overview", exact: true }).click();
  await expect(places.getByRole("tab", { name: "Lines" })).toHaveAttribute("aria-selected", "true");
});

for (const path of ["/sales", "/report"]) {
  test(`a picture is shown on ${path}, and by its own name only`, async ({ as, demo }) => {
    const page = await as("wendy", { path });
    const place = path === "/report" ? page.frameLocator("iframe") : page;
    await place.getByRole("tab", { name: "Overview", exact: true }).click();
    const logo = place.getByRole("img", { name: "Northwind", exact: true });
    await expect.poll(() => logo.evaluate((image) => image.naturalWidth)).toBeGreaterThan(0);
    const address = await logo.evaluate((image) => image.src);
    const answer = await fetch(address);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/svg+xml"]);
    expect(answer.headers.get("content-security-policy")).toContain("sandbox");
    for (const name of ["northwind.svg", "sales_planning.yaml", "..%2Finlay.toml", "0".repeat(32) + ".svg"]) {
      expect((await fetch(`${demo.inlay}/pictures/${name}`)).status, name).toBe(404);
    }
  });
}

test("beside each other where there is room, below each other on a phone", async ({ as }) => {
  const box = async (page, name) => page.locator(`[data-container="${name}"]`).boundingBox();
  const wide = await as("wendy");
  await open(wide);
  const [drawn, numbers] = [await box(wide, "overview_drawn"), await box(wide, "overview_numbers")];
  expect(numbers.x).toBeGreaterThan(drawn.x + drawn.width);
  expect(drawn.width / numbers.width).toBeCloseTo(2, 0);
  const phone = await as("wendy", { options: { viewport: { width: 390, height: 844 } } });
  await open(phone);
  const [above, below] = [await box(phone, "overview_drawn"), await box(phone, "overview_numbers")];
  expect(below.y).toBeGreaterThan(above.y + above.height);
  expect(below.width).toBeCloseTo(above.width, 0);
  await phone.getByRole("tab", { name: "Planning", exact: true }).click();
  const [chartBox, gridBox] = [await phone.locator('[data-element="by_month"]').boundingBox(), await phone.locator('[data-element="plan"]').boundingBox()];
  expect(chartBox.width).toBeCloseTo(gridBox.width, 0);
  expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});

test("what draws charts is loaded when one of them comes near", async ({ as }) => {
  const loaded = [];
  const page = await as("wendy", { path: "/", options: { viewport: { width: 390, height: 160 } } });
  page.on("request", (request) => /\/assets\/charts-/.test(request.url()) && loaded.push(request.url()));
  await page.goto(new URL("/sales", page.url()).href);
  await expect(page.locator('[data-element="revenue"] .kpi-value')).toContainText("$");
  const place = page.locator('[data-element="by_month"] [role="img"]');
  expect((await place.boundingBox()).y).toBeGreaterThan(160 + 300);
  await page.waitForTimeout(500);
  expect(loaded).toEqual([]);
  await page.locator('[data-element="planned"]').scrollIntoViewIfNeeded();
  await expect(chart(page, "by_month")).toBeAttached();
  expect(loaded.length).toBeGreaterThan(0);
});
