// Nothing typed is lost: over a reload, a lost connection, a killed server.
import { cell, expect, saved, test, typeInto } from "./fixtures.js";

test("unsent edits survive a reload", async ({ as }) => {
  const page = await as("wendy", { allow: /Failed to load|ERR_/ });
  await expect(cell(page, "Accessories", "Nov 2017", "note")).toBeVisible();
  await page.route("**/api/v1/edits", (route) => route.abort());
  await typeInto(page, cell(page, "Accessories", "Nov 2017", "note"), "kept over a reload");
  await expect(page.getByText(/Offline. 1 edit kept in this browser/)).toBeVisible();
  await page.unroute("**/api/v1/edits");
  await page.reload();
  await expect(cell(page, "Accessories", "Nov 2017", "note")).toHaveText("kept over a reload");
  await expect(saved(page)).toBeVisible();
});

test("another person on the same browser neither sees nor sends them", async ({ as, demo }) => {
  const page = await as("wendy", { allow: /Failed to load|ERR_/ });
  await expect(cell(page, "Accessories", "Dec 2017", "note")).toBeVisible();
  await page.route("**/api/v1/edits", (route) => route.abort());
  await typeInto(page, cell(page, "Accessories", "Dec 2017", "note"), "only Wendy's");
  await expect(page.getByText(/Offline/)).toBeVisible();
  await page.unroute("**/api/v1/edits");
  await page.goto(`${demo.host}/?person=walt`);
  await expect(saved(page)).toBeVisible();
  await expect(page.getByText("Walt Weston", { exact: true }).last()).toBeVisible();
  await expect(cell(page, "Accessories", "Dec 2017", "note")).toHaveText("");
  await page.goto(`${demo.host}/?person=wendy`);
  await expect(cell(page, "Accessories", "Dec 2017", "note")).toHaveText("only Wendy's");
  await expect(saved(page)).toBeVisible();
});

test("a lost answer is asked for again and applied once", async ({ as, demo }) => {
  const page = await as("wendy", { allow: /Failed to load|ERR_/ });
  const target = cell(page, "Appliances", "Jan 2017", "note");
  await expect(target).toBeVisible();
  let lost = 0;
  await page.route("**/api/v1/edits", async (route) => {
    // The server applies it; its answer never arrives.
    if (lost++ < 2) {
      await route.fetch();
      await route.abort();
    } else await route.continue();
  });
  await typeInto(page, target, "once");
  await expect(saved(page)).toBeVisible({ timeout: 20_000 });
  expect(lost).toBeGreaterThan(2);
  await expect(target).toHaveText("once");
  const rows = await demo.call("query", { query: { workbook: "sales_planning", element: "plan", filters: [{ column: "note", op: "equals", value: "once" }] } }, { session: await demo.session("wendy") });
  expect(rows.body.total).toBe(1);
  expect(rows.body.meta[0].v).toBe(1);
});

test("a killed server loses no acknowledged edit, and the page carries on", async ({ as, demo }) => {
  const page = await as("wendy", { allow: /Failed to load|ERR_/ });
  await typeInto(page, cell(page, "Appliances", "Feb 2017", "note"), "before the kill");
  await expect(saved(page)).toBeVisible();
  await demo.stop("SIGKILL");
  await typeInto(page, cell(page, "Appliances", "Feb 2017", "forecast"), "12.34");
  await expect(page.getByText(/Offline. 1 edit/)).toBeVisible();
  await demo.start();
  await expect(saved(page)).toBeVisible({ timeout: 30_000 });
  await page.reload();
  await expect(cell(page, "Appliances", "Feb 2017", "note")).toHaveText("before the kill");
  await expect(cell(page, "Appliances", "Feb 2017", "forecast")).toHaveText("$12.34");
});

test("what is typed into a form stays while another page is shown, and what was sent is not sent again", async ({ as, demo }) => {
  const page = await as("wendy", { options: { viewport: { width: 1500, height: 1000 } } });
  const tab = (name) => page.getByRole("tab", { name });
  await tab("Visits").click();
  await page.getByRole("textbox", { name: "Customer" }).fill("Kept Example");
  await tab("Planning").click();
  await tab("Visits").click();
  await expect(page.getByRole("textbox", { name: "Customer" })).toHaveValue("Kept Example");
  await page.locator("#visit_report-visited_on").fill("2017-05-03");
  await page.locator("#visit_report-outcome").selectOption("won");
  await page.getByRole("button", { name: "File report" }).click();
  await tab("Planning").click();
  await tab("Visits").click();
  await expect(page.locator(".form-done")).toContainText("Thank you. The report is filed.");
  const query = { query: { workbook: "sales_planning", element: "filed", filters: [{ column: "customer", op: "equals", value: "Kept Example" }] } };
  await expect.poll(async () => (await demo.call("query", query, { session: await demo.session("ada") })).body.total).toBe(1);
});
