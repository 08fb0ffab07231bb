// Both ways of embedding, their events, their looks.
import { cell, chart, expect, saved, test, typeInto } from "./fixtures.js";

test("script tag: events, filters and state for the host page", async ({ as }) => {
  const page = await as("wendy");
  await page.evaluate(() => {
    window.heard = [];
    for (const name of ["inlay-edit", "inlay-committed", "inlay-filter"]) addEventListener(name, (e) => heard.push([e.type, e.detail]));
  });
  await typeInto(page, cell(page, "Accessories", "Jan 2017", "note"), "heard");
  await expect(saved(page)).toBeVisible();
  expect((await page.evaluate(() => heard)).map(([name]) => name)).toEqual(["inlay-edit", "inlay-committed"]);
  await page.evaluate(() => document.querySelector("inlay-workbook").setFilters({ region: ["West"] }));
  await expect(page.getByRole("button", { name: "West", pressed: true })).toBeVisible();
  const state = await page.evaluate(() => document.querySelector("inlay-workbook").getState());
  // What is chosen at first is chosen too.
  expect(state).toEqual({ filters: { region: ["West"], area: ["West"], shown: ["revenue"], grain: ["quarter"], growth_rate: ["0.10"] }, page: "planning", unsaved: 0 });
});

test("script tag: an element that is moved keeps its session and what is typed", async ({ as }) => {
  const page = await as("wendy");
  await expect(cell(page, "Accessories", "Jan 2017", "forecast")).toBeVisible();
  let exchanges = 0;
  page.on("request", (request) => (exchanges += request.url().endsWith("/api/v1/session") ? 1 : 0));
  await page.evaluate(() => {
    const box = document.body.appendChild(document.createElement("div"));
    box.append(document.querySelector("inlay-workbook"));
  });
  await typeInto(page, cell(page, "Accessories", "Jan 2017", "status"), "s");
  await expect(saved(page)).toBeVisible();
  expect(exchanges).toBe(0);
});

test("script tag: two workbooks of two people on one page never mix", async ({ as, demo }) => {
  const page = await as("wendy");
  await expect(cell(page, "Accessories", "Jan 2017", "forecast")).toBeVisible();
  const ticket = await demo.ticket("ed");
  await page.evaluate((ticket) => {
    const second = document.createElement("inlay-workbook");
    second.id = "second";
    second.setAttribute("workbook", "sales_planning");
    second.token = ticket;
    document.body.append(second);
  }, ticket);
  const [first, second] = [page.locator("inlay-workbook").first(), page.locator("#second")];
  const region = (scope) => scope.locator('[data-element="region"] .segment');
  await expect(region(second)).toHaveText(["All", "East"]);
  await expect(region(first)).toHaveText(["All", "West"]);
  const both = [cell(first, "Accessories", "Nov 2017", "forecast"), cell(second, "Accessories", "Nov 2017", "forecast")];
  await typeInto(page, both[0], "11");
  await typeInto(page, both[1], "22");
  await expect(both[0]).toHaveText("$11.00");
  await expect(both[1]).toHaveText("$22.00");
  const stored = async (person) => {
    const filters = [{ column: "forecast", op: "at_least", value: "0" }, { column: "sub_category", op: "equals", value: "Accessories" }, { column: "month", op: "equals", value: "2017-11-01" }];
    const query = { workbook: "sales_planning", element: "plan", filters };
    const { body } = await demo.call("query", { query }, { session: await demo.session(person) });
    return body.rows.map((row) => row[body.columns.findIndex((column) => column.name === "forecast")]);
  };
  await expect.poll(() => stored("wendy")).toEqual(["11.00"]);
  await expect.poll(() => stored("ed")).toEqual(["22.00"]);
});

test("script tag: what a page sets before the script has arrived counts", async ({ as, demo }) => {
  const page = await as("wendy");
  const tickets = [await demo.ticket("ed"), await demo.ticket("ada")];
  await page.evaluate(([ed, ada]) => {
    // Of another document: not yet one of ours.
    const early = new DOMParser().parseFromString('<inlay-workbook id="a" workbook="sales_planning"></inlay-workbook><inlay-workbook id="b" workbook="sales_planning"></inlay-workbook>', "text/html");
    const [first, second] = early.querySelectorAll("inlay-workbook");
    first.token = ed;
    second.getToken = async () => ada;
    document.body.append(first, second);
  }, tickets);
  const buttons = (id) => page.locator(`#${id} [data-element="region"] .segment`);
  await expect(buttons("a")).toHaveText(["All", "East"]);
  await expect(buttons("b")).toHaveText(["All", "Central", "East", "South", "West"]);
});

test("script tag: a session is extended with a fresh ticket before it ends", async ({ browser, demo }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.clock.install();
  const exchanges = [];
  page.on("response", async (response) => {
    if (response.url().endsWith("/api/v1/session") && response.request().method() === "POST") {
      const { authorization } = await response.request().allHeaders();
      exchanges.push({ current: authorization, ...(await response.json()) });
    }
  });
  await page.goto(`${demo.host}/?person=wendy`);
  await expect(cell(page, "Accessories", "Jan 2017", "forecast")).toBeVisible();
  await expect.poll(() => exchanges.length).toBe(1);
  const [granted] = exchanges;
  await page.clock.fastForward((granted.expires_in - 55) * 1000);
  await expect.poll(() => exchanges.length).toBe(2);
  expect(exchanges[1]).toMatchObject({ current: `Bearer ${granted.session}`, session: granted.session });
  await context.close();
});

test("iframe: values are there before any script has run", async ({ browser, demo }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.route("**/*.wasm", (route) => route.abort());
  await page.route("**/frame-*.js", (route) => route.abort());
  await page.goto(`${demo.host}/?person=wendy`);
  await page.goto(`${demo.host}/report`);
  const frame = page.frameLocator("iframe");
  await expect(frame.locator('[data-element="revenue"] .kpi-value')).toHaveText("$725,458");
  await expect(cell(frame, "Accessories", "Jan 2017", "variance")).toBeVisible();
  await context.close();
});

test("iframe: hydrated, edited, live", async ({ as }) => {
  const page = await as("wendy", { path: "/report" });
  const frame = page.frameLocator("iframe");
  await expect(chart(frame, "by_month")).toBeVisible();
  const target = cell(frame, "Appliances", "May 2017", "forecast");
  await target.click();
  await page.keyboard.type("55");
  await page.keyboard.press("Enter");
  await expect(target).toHaveText("$55.00");
  await expect(saved(frame)).toBeVisible();
  const frames = page.frames().map((f) => f.url());
  expect(frames.join()).not.toMatch(/ticket|session/);
});

test("iframe: a page without a ticket asks its parent for one", async ({ as, demo }) => {
  const page = await as("wendy", { path: "/report" });
  await page.evaluate((inlay) => (document.querySelector("iframe").src = `${inlay}/embed/sales_planning`), demo.inlay);
  const frame = page.frameLocator("iframe");
  await expect(frame.locator('[data-element="revenue"] .kpi-value')).toHaveText("$725,458");
  await expect(cell(frame, "Accessories", "Jan 2017", "variance")).toBeVisible();
});

test("a form is filed by somebody who can't read what was filed", async ({ as, demo }) => {
  const page = await as("wendy");
  await page.getByRole("tab", { name: "Visits" }).click();
  await page.getByRole("button", { name: "File report" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "Customer is required." })).toBeVisible();
  await page.getByRole("textbox", { name: "Customer" }).fill("Acme Ltd");
  await page.locator("#visit_report-visited_on").fill("2017-05-03");
  await page.locator("#visit_report-outcome").selectOption("won");
  await page.getByRole("textbox", { name: "Amount" }).fill("twelve");
  await page.getByRole("button", { name: "File report" }).click();
  await expect(page.getByText("“twelve” is not a number.")).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Customer" })).toHaveValue("Acme Ltd");
  await page.getByRole("textbox", { name: "Amount" }).fill("1,200.50");
  await page.getByRole("button", { name: "File report" }).dblclick();
  await expect(page.locator(".form-done")).toBeVisible();
  await expect(page.getByText("There are no rows here that you may see.")).toBeVisible();

  const filed = async (person) => (await demo.call("query", { query: { workbook: "sales_planning", element: "filed" } }, { session: await demo.session(person) })).body;
  expect((await filed("wendy")).total).toBe(0);
  const mine = (await filed("ada")).rows.filter(([customer]) => customer === "Acme Ltd");
  expect(mine).toEqual([["Acme Ltd", "2017-05-03", "won", "1200.50", null]]);
});

test("a direct table edits the source's own rows", async ({ as }) => {
  const page = await as("wendy");
  await page.getByRole("tab", { name: "Orders" }).click();
  await expect(page.getByRole("button", { name: "3,203 rows" })).toBeVisible();
  const first = page.locator('#lines-r0c2');
  await expect(first).not.toHaveText("");
  const now = await first.textContent();
  const next = now === "open" ? "returned" : "open";
  await typeInto(page, first, next[0]);
  await expect(first).toHaveText(next);
  await expect(saved(page)).toBeVisible();
});

for (const scheme of ["light", "dark"]) {
  for (const [name, width] of [["wide", 1360], ["phone", 390]]) {
    test(`looks: ${scheme}, ${name}`, async ({ as }) => {
      const page = await as("wendy", { path: "/report", options: { colorScheme: scheme, viewport: { width, height: 900 } } });
      const frame = page.frameLocator("iframe");
      await expect(chart(frame, "by_sub_category")).toBeVisible();
      await expect(frame.getByRole("gridcell", { name: "Jan 2017" }).first()).toBeVisible();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      expect(overflow, "the page scrolls sideways").toBe(false);
      await page.waitForTimeout(500);
      await page.screenshot({ path: `end2end/results/looks-${scheme}-${name}.png`, fullPage: true });
    });
  }
}
