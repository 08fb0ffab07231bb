// What people choose: filters of every type, switches, values to calculate with; and who else may choose for them.
import { chart, expect, test } from "./fixtures.js";

const open = async (place) => {
  await place.getByRole("tab", { name: "Explore", exact: true }).click();
  await expect(place.locator('[data-element="explored"] .kpi-value')).toContainText("$");
};
const control = (place, id) => place.locator(`[data-element="${id}"]`);
const opened = async (place, id) => {
  await control(place, id).getByRole("button").click();
  return control(place, id).getByRole("dialog");
};
const chips = (place) => place.getByRole("group", { name: "Filters" }).locator(".chip bdi");
const lines = (place) => place.locator('[data-element="explored_lines"]');
const column = (place, index) => lines(place).locator(`.grid-row [aria-colindex="${index}"]`);
const REGION = 2;
const STATE = 3;

test("lists are searched on the server, and one follows the other", async ({ as }) => {
  const page = await as("ada");
  await open(page);
  await expect(page.getByRole("group", { name: "Filters" })).toContainText("No filters");
  const states = await opened(page, "place");
  await expect(states.getByRole("option", { name: "Alabama" })).toBeVisible();
  const asked = page.waitForRequest((request) => request.url().endsWith("/query") && request.postData().includes('"contains"'));
  await page.keyboard.type("new");
  expect((await asked).postDataJSON().query.filters).toEqual([{ column: "state", op: "contains", value: "new" }]);
  await expect(states.getByRole("option")).toHaveText(["New Hampshire", "New Jersey", "New Mexico", "New York"]);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(chips(page)).toHaveText(["State: New Jersey, New York"]);
  await page.keyboard.press("Escape");
  await expect(control(page, "place").getByRole("button", { name: "State: New Jersey, New York" })).toBeFocused();
  await expect(column(page, STATE).first()).toHaveText(/New (Jersey|York)/);

  const regions = await opened(page, "area");
  await regions.getByRole("option", { name: "South" }).click();
  await page.keyboard.press("Escape");
  // Neither of the two is in the South.
  await expect(chips(page)).toHaveText(["Region: South"]);
  const fewer = await opened(page, "place");
  await expect(fewer.getByRole("option").first()).toHaveText("Alabama");
  await expect(fewer.getByRole("option", { name: "California" })).toHaveCount(0);
  await fewer.getByRole("option", { name: "Florida" }).click();
  await expect.poll(() => column(page, STATE).allTextContents()).toEqual(expect.arrayContaining(["Florida"]));
  await page.mouse.click(2, 2);
  await expect(fewer).toHaveCount(0);
  await page.getByRole("button", { name: "Remove filter State: Florida" }).click();
  await expect(chips(page)).toHaveText(["Region: South"]);
});

test("what is chosen at first comes from the person, and is gone back to", async ({ as }) => {
  const page = await as("ed");
  await open(page);
  await expect(chips(page)).toHaveText(["Region: East"]);
  await expect(page.getByRole("button", { name: "Reset" })).toHaveCount(0);
  await page.getByRole("button", { name: "Remove filter Region: East" }).click();
  await expect(page.getByRole("group", { name: "Filters" })).toBeFocused();
  await expect(chips(page)).toHaveCount(0);
  await control(page, "at_a_loss").getByRole("checkbox").check();
  await expect(chips(page)).toHaveText(["Only lines at a loss"]);
  await page.getByRole("button", { name: "Reset" }).click();
  await expect(chips(page)).toHaveText(["Region: East"]);
  await expect(control(page, "at_a_loss").getByRole("checkbox")).not.toBeChecked();
});

test("numbers and days are chosen by their ends, days by a span too, and what makes no sense is said", async ({ as }) => {
  const page = await as("ada");
  await open(page);
  const worth = await opened(page, "worth");
  await expect(worth).toContainText("There are values from $0.44 to $22,638.48.");
  await worth.getByLabel("From").fill("12,000");
  await worth.getByLabel("To", { exact: true }).fill("1");
  await page.keyboard.press("Enter");
  await expect(worth.getByRole("alert")).toHaveText("The first end is above the second one.");
  await worth.getByLabel("To", { exact: true }).fill("");
  await worth.getByRole("button", { name: "Apply" }).click();
  await expect(chips(page)).toHaveText(["Line value: from $12,000.00"]);
  await expect(lines(page).locator(".grid-row")).toHaveCount(3);

  const days = await opened(page, "ordered");
  await expect(days).toContainText("There are values from 1/3/2014 to 12/30/2017.");
  await days.getByRole("button", { name: "last 3 full months" }).click();
  await expect(lines(page).locator(".grid-row")).toHaveCount(0);
  await expect(chips(page)).toHaveText(["Ordered: last 3 full months", "Line value: from $12,000.00"]);
  await opened(page, "ordered");
  await expect(days.getByRole("button", { name: "last 3 full months" })).toHaveAttribute("aria-pressed", "true");
  await days.getByLabel("To", { exact: true }).fill("2014-12-31");
  await page.keyboard.press("Enter");
  await expect(lines(page).locator(".grid-row")).toHaveCount(1);
  await expect(chips(page).first()).toHaveText("Ordered: up to 12/31/2014");
  await opened(page, "worth");
  await worth.getByRole("button", { name: "Clear" }).click();
  await control(page, "named").getByRole("searchbox").fill("%_");
  await expect(lines(page).locator(".grid-row")).toHaveCount(0);
  await control(page, "named").getByRole("searchbox").fill("TELEPRESENCE");
  await expect.poll(() => lines(page).locator(".grid-row").count()).toBeGreaterThan(0);
});

test("switches change what is shown, a slider what is calculated, a top how much", async ({ as }) => {
  const page = await as("ada");
  await open(page);
  const summary = (id) => chart(page, id).getAttribute("aria-label");
  await expect.poll(() => summary("over_time")).toMatch(/^16 values from Q1 2014 to Q4 2017. Revenue/);
  await control(page, "grain").getByRole("button", { name: "Year" }).click();
  await expect.poll(() => summary("over_time")).toMatch(/^4 values from 2014 to 2017. Revenue/);
  await control(page, "shown").getByRole("button", { name: "Margin" }).click();
  await expect.poll(() => summary("over_time")).toMatch(/Margin is highest at \d{4}, [\d.]+%/);
  await expect(control(page, "explored").locator(".kpi-value")).toHaveText(/%$/);
  await control(page, "shown").getByRole("button", { name: "Orders" }).click();
  await expect(control(page, "explored").locator(".kpi-value")).toHaveText(/^[\d,]+$/);
  await expect.poll(() => summary("by_product")).toMatch(/^17 values from Binders/);
  await control(page, "largest").getByRole("button", { name: "Top 3" }).click();
  await expect.poll(() => summary("by_product")).toMatch(/^3 values from Binders/);
  await expect(chips(page)).toHaveText(["Sub-categories: Top 3"]);
  const number = async () => Number((await control(page, "supposed").locator(".kpi-value").textContent()).replace(/[^\d]/g, ""));
  const grown = await number();
  const slider = control(page, "growth_rate").getByRole("slider");
  await expect(slider).toHaveAttribute("aria-valuetext", "10%");
  await slider.focus();
  await page.keyboard.press("End");
  await expect(slider).toHaveAttribute("aria-valuetext", "100%");
  await expect.poll(async () => Math.round((await number()) / grown * 100)).toBe(Math.round(200 / 1.1));
  const field = control(page, "growth_rate").getByRole("textbox");
  await field.fill("250%");
  await page.keyboard.press("Enter");
  await expect(control(page, "growth_rate").getByRole("alert")).not.toBeEmpty();
  await expect(slider).toHaveAttribute("aria-valuetext", "100%");
  await field.fill("0");
  await page.keyboard.press("Enter");
  await expect.poll(async () => Math.round((await number()) / grown * 110)).toBe(100);
});

for (const path of ["/sales", "/report"]) {
  test(`what is chosen outlives a reload on ${path}, for this person only`, async ({ as, demo }) => {
    const page = await as("ed", { path });
    const place = path === "/report" ? page.frameLocator("iframe") : page;
    await open(place);
    await control(place, "at_a_loss").getByRole("checkbox").check();
    await control(place, "grain").getByRole("button", { name: "Month" }).click();
    await expect(chips(place)).toHaveText(["Region: East", "Only lines at a loss"]);
    const shown = await control(place, "explored").locator(".kpi-value").textContent();
    await page.reload();
    await expect(chips(place)).toHaveText(["Region: East", "Only lines at a loss"]);
    await expect(control(place, "explored").locator(".kpi-value")).toHaveText(shown);
    await expect(control(place, "grain").getByRole("button", { name: "Month" })).toHaveAttribute("aria-pressed", "true");
    await expect(control(place, "at_a_loss").getByRole("checkbox")).toBeChecked();
    await page.goto(`${demo.host}/?person=walt`);
    await page.goto(demo.host + path);
    await expect(place.locator('[data-element="revenue"] .kpi-value')).toContainText("$");
    await open(place);
    await expect(chips(place)).toHaveText(["Region: West"]);
  });
}

test("the host reads and sets what is chosen, and hears of what does not fit", async ({ as }) => {
  const page = await as("ada");
  await open(page);
  await page.evaluate(() => {
    window.heard = [];
    const element = document.querySelector("inlay-workbook");
    for (const name of ["inlay-filter", "inlay-error"]) element.addEventListener(name, (event) => window.heard.push([name, event.detail]));
    element.setFilters({ area: ["East", "West"], ordered: ["last_10_years"], planet: ["Mars"], worth: ["5.00", "1.00"] });
  });
  await expect(chips(page)).toHaveText(["Region: East, West", "Ordered: last 10 full years"]);
  const state = () => page.evaluate(() => document.querySelector("inlay-workbook").getState());
  expect(await state()).toMatchObject({ page: "explore", unsaved: 0, filters: { area: ["East", "West"], ordered: ["last_10_years"] } });
  const heard = await page.evaluate(() => window.heard);
  expect(heard).toEqual([
    ["inlay-error", { code: "QY002", message: "There is no control `planet` here." }],
    ["inlay-error", { code: "QY002", message: "Control `worth`: The first end is above the second one." }],
  ]);
  await page.evaluate(() => document.querySelector("inlay-workbook").setFilters({ area: [], ordered: null }));
  await expect(chips(page)).toHaveCount(0);
  await control(page, "at_a_loss").getByRole("checkbox").check();
  await expect.poll(() => page.evaluate(() => window.heard.at(-1))).toEqual(["inlay-filter", { control: "at_a_loss", values: [true] }]);
});

test("iframe: its host reads what is chosen by a message", async ({ as }) => {
  const page = await as("ada", { path: "/report" });
  const frame = page.frameLocator("iframe");
  await open(frame);
  const ask = (message) =>
    page.evaluate((message) => {
      const frame = document.querySelector("iframe");
      return new Promise((resolve) => {
        window.addEventListener("message", ({ data }) => data.type === "inlay-state" && resolve(data.detail), { once: false });
        for (const one of message) frame.contentWindow.postMessage(one, "*");
      });
    }, message);
  const detail = await ask([{ type: "inlay-set-filters", filters: { area: ["South"] } }, { type: "inlay-get-state" }]);
  expect(detail).toMatchObject({ page: "explore", filters: { area: ["South"] } });
  await expect(chips(frame)).toHaveText(["Region: South"]);
});

test("what a ticket sets is nowhere in the browser, and can't be lifted", async ({ as, demo }) => {
  const page = await as("ada");
  const ticket = await demo.ticketWith("ada", { inspect: false, filters: { area: ["South"], shown: ["orders"] } });
  const answers = [];
  page.on("response", async (response) => /\/api\/v1\/(open|query)$/.test(response.url()) && answers.push(await response.text().catch(() => "")));
  await page.evaluate((ticket) => {
    const element = document.createElement("inlay-workbook");
    element.setAttribute("workbook", "sales_planning");
    element.token = ticket;
    document.querySelector("inlay-workbook").replaceWith(element);
  }, ticket);
  await page.getByRole("tab", { name: "Explore", exact: true }).click();
  await expect(control(page, "explored").locator(".kpi-value")).toHaveText(/^\d+$/);
  await expect(control(page, "area")).toHaveCount(0);
  await expect(control(page, "shown")).toHaveCount(0);
  await expect.poll(async () => new Set(await column(page, REGION).allTextContents())).toEqual(new Set(["South"]));
  await expect(page.getByRole("group", { name: "Filters" })).toContainText("No filters");
  const { view } = JSON.parse(answers.filter((text) => text.includes('"view"')).at(-1));
  const elements = view.pages.flatMap((page) => page.elements);
  const known = [...elements.map((element) => element.id), ...elements.flatMap((element) => element.controls)];
  expect(known).toContain("ordered");
  for (const gone of ["area", "shown"]) expect(known).not.toContain(gone);
  await page.evaluate(() => document.querySelector("inlay-workbook").setFilters({ area: [] }));
  const { body } = await demo.call("session", { ticket: await demo.ticketWith("ada", { filters: { area: ["South"] } }) });
  const ask = (controls) => demo.call("query", { query: { workbook: "sales_planning", element: "explored_lines", controls } }, { session: body.session });
  const { status, body: refused } = await ask({ area: ["West"] });
  expect([status, refused.code]).toEqual([422, "QY002"]);
  const all = await ask({});
  expect(all.body.total).toBeGreaterThan(1_000);
  expect(all.body.total).toBeLessThan(2_000);
  for (const filters of [{ planet: ["Mars"] }, { area: [] }, { area: "South" }]) {
    const { status, body } = await demo.call("session", { ticket: await demo.ticketWith("ada", { filters }) });
    const opened = status === 200 ? (await demo.call("open", { open: { workbook: "sales_planning" } }, { session: body.session })).status : status;
    expect([401, 404]).toContain(opened);
  }
});
