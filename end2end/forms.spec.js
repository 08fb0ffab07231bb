// A form of several steps: conditions, defaults, lines and totals while one types, and all of it saved at once.
import { expect, isClean, test } from "./fixtures.js";

const filed = async (demo, person = "ada") => {
  const session = await demo.session(person);
  const rows = async (element) => (await demo.call("query", { query: { workbook: "sales_planning", element } }, { session })).body.rows;
  return { months: await rows("month_filed"), returns: await rows("returns_filed") };
};

/** The page of the form, with nothing begun. */
async function open(as, demo, { person = "wendy", ...options } = {}) {
  const draft = { workbook: "sales_planning", form: "month_report", draft: null };
  await demo.call("save_draft", { draft }, { session: await demo.session(person) });
  const page = await as(person, options);
  await page.getByRole("tab", { name: "Reports" }).click();
  await expect(page.getByRole("group", { name: "The month" })).toBeVisible();
  return page;
}

const form = (page) => page.locator('[data-element="month_report"]');
const next = (page) => form(page).getByRole("button", { name: "Next" });

test("a report of three steps fills a row and its lines", async ({ as, demo }) => {
  const page = await open(as, demo, { options: { viewport: { width: 1400, height: 1000 } } });
  const field = (name) => form(page).getByLabel(name, { exact: false }).first();
  // What nobody types is there at once.
  await expect(form(page).getByRole("status", { name: "Region" })).toHaveText("West");
  const today = new Date(new Date().toLocaleString("en-US", { timeZone: "America/New_York" }));
  await expect(field("Month")).toHaveValue(`${today.getFullYear()}-${String(today.getMonth() + 1).padStart(2, "0")}-01`);
  await expect(form(page).getByRole("listitem").filter({ hasText: "The month" })).toHaveAttribute("aria-current", "step");

  // A step is checked before the next; the keyboard goes to what is wrong.
  await next(page).click();
  await expect(form(page).getByText("How it went is required.")).toBeVisible();
  await expect(field("How it went")).toBeFocused();

  // Fields come and go, and are asked for, by what is typed.
  await expect(field("What it was")).toHaveCount(0);
  await field("How it went").selectOption("better");
  await expect(field("What it was")).toBeVisible();
  await expect(field("What it was")).not.toHaveAttribute("aria-required", "true");
  await field("How it went").selectOption("worse");
  await expect(field("What it was")).toHaveAttribute("aria-required", "true");
  await field("What it was").fill("A strike");
  await form(page).getByRole("group", { name: "Where it was felt" }).getByLabel("phone").check();
  await next(page).click();

  await expect(form(page).getByRole("group", { name: "Its numbers" })).toBeVisible();
  await expect(field("Revenue")).toBeFocused();
  await expect(field("Costs")).toHaveValue("0");
  await field("Revenue").fill("1,000");
  await expect(field("Reserve")).toHaveValue("100");
  await expect(form(page).getByRole("status", { name: "Result" })).toHaveText("$900.00");
  await field("Revenue").fill("2000");
  await expect(field("Reserve")).toHaveValue("200");
  await field("Reserve").fill("=300+50");
  await field("Revenue").fill("1500");
  await expect(field("Reserve")).toHaveValue("=300+50");
  await expect(form(page).getByRole("status", { name: "Result" })).toHaveText("$1,150.00");
  await expect(form(page).getByLabel("Phone")).toHaveCount(0);
  await field("Costs").fill("5000");
  await expect(form(page).getByLabel("Call me about it")).toBeChecked();
  await expect(form(page).getByLabel("Phone")).toHaveAttribute("aria-required", "true");
  await field("Costs").fill("500");
  await expect(form(page).getByLabel("Phone")).toHaveCount(0);
  await next(page).click();

  // Lines: looked up, summed up, taken away again.
  await form(page).getByRole("button", { name: "Add a line" }).click();
  const line = (n) => form(page).getByRole("group", { name: `Line ${n}`, exact: true });
  await line(1).getByRole("combobox", { name: "Sub-category" }).fill("chai");
  await page.getByRole("option", { name: /Chairs/ }).click();
  await expect(line(1).getByRole("combobox", { name: "Sub-category" })).toHaveValue("Chairs");
  await expect(line(1).locator(".field-facts")).toHaveText("CategoryFurniture");
  await line(1).getByLabel("Units").fill("4");
  await line(1).getByLabel("Value of each").fill("25.50");
  await expect(line(1).getByRole("status", { name: "Worth" })).toHaveText("$102.00");
  await form(page).getByRole("button", { name: "Add a line" }).click();
  await line(2).getByRole("combobox", { name: "Sub-category" }).click();
  await page.keyboard.type("Phon");
  await expect(line(2).getByRole("listbox").getByRole("option")).toHaveText([/Phones/]);
  await page.keyboard.press("Enter");
  await expect(line(2).getByRole("combobox", { name: "Sub-category" })).toHaveValue("Phones");
  await line(2).getByLabel("Units").fill("12");
  await line(2).getByLabel("Value of each").fill("10");
  await expect(line(2).getByLabel("Reason")).toHaveAttribute("aria-required", "true");
  await expect(form(page).locator(".form-totals")).toHaveText("Units16Worth$222.00");
  await form(page).getByRole("button", { name: "Add a line" }).click();
  await form(page).getByRole("button", { name: "Remove line 3" }).click();
  await form(page).getByRole("button", { name: "File the month" }).click();
  await expect(line(2).getByText("Reason is required.")).toBeVisible();
  await line(2).getByLabel("Reason").selectOption("broken");
  await form(page).getByRole("button", { name: "File the month" }).dblclick();
  await expect(form(page).locator(".form-done")).toContainText(/is filed with a result of \$650\.00, as number \d+\./);

  const { months, returns } = await filed(demo);
  // Other tests file months too.
  const ours = months.filter((row) => row[3] === "A strike");
  // Region, course, cause, revenue and result: neither the month, nor the file and the key that it is asked for by.
  expect(ours.map((row) => row.slice(0, 1).concat(row.slice(2, 6)))).toEqual([["West", "worse", "A strike", "1500.00", "650.00"]]);
  const lines = returns.filter((row) => row[2] !== null);
  expect(lines).toEqual([
    ["Chairs", 4, "25.50", "102.00", null],
    ["Phones", 12, "10.00", "120.00", "broken"],
  ]);
  // Who files it elsewhere, and who looks elsewhere, finds nothing of it.
  expect(await filed(demo, "ed")).toEqual({ months: [], returns: [] });
  await form(page).getByRole("button", { name: "File another" }).click();
  await expect(field("How it went")).toHaveValue("");
});

test("what the server refuses is told at its field, in its step", async ({ as, demo }) => {
  const page = await open(as, demo, { allow: /status of 422/ });
  await form(page).getByLabel("How it went").selectOption("as planned");
  await next(page).click();
  await form(page).getByLabel("Revenue").fill("100");
  await form(page).getByLabel("Reserve").fill("200");
  await form(page).getByLabel("Call me about it").uncheck();
  await next(page).click();
  await form(page).getByRole("button", { name: "File the month" }).click();
  // A rule of the table, which only the warehouse checks.
  await expect(form(page).getByText("The reserve is more than the revenue").first()).toBeVisible();
  await expect(form(page).getByRole("group", { name: "Its numbers" })).toBeVisible();
  await expect(form(page).getByLabel("Revenue")).toHaveValue("100");
});

test("a summary leads to each of several mistakes", async ({ as, demo }) => {
  const page = await open(as, demo);
  await form(page).getByLabel("How it went").selectOption("worse");
  await form(page).getByLabel("Month").fill("");
  await next(page).click();
  const summary = form(page).locator(".form-summary");
  await expect(summary).toContainText("Some fields need attention.");
  await expect(summary.getByRole("button")).toHaveText(["Month is required.", "What it was is required."]);
  await summary.getByRole("button").nth(1).click();
  await expect(form(page).getByLabel("What it was")).toBeFocused();
  await isClean(page, "a form with several mistakes");
  await page.keyboard.type("Rain");
  await expect(summary).toHaveCount(0);
});

for (const [name, options] of [
  ["wide, light", { viewport: { width: 1300, height: 900 } }],
  ["dark", { viewport: { width: 1300, height: 900 }, colorScheme: "dark" }],
  ["on a phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
]) {
  test(`nothing is wrong for whoever can't see it: ${name}`, async ({ as, demo }) => {
    const page = await open(as, demo, { options });
    await page.evaluate((dark) => dark && document.documentElement.style.setProperty("color-scheme", "dark"), name === "dark");
    await isClean(page, "the first step");
    await form(page).getByLabel("How it went").selectOption("worse");
    await form(page).getByLabel("What it was").fill("Rain");
    await next(page).click();
    await form(page).getByLabel("Revenue").fill("10");
    await isClean(page, "numbers");
    await next(page).click();
    await form(page).getByRole("button", { name: "Add a line" }).click();
    await form(page).getByRole("combobox", { name: "Sub-category" }).click();
    await expect(page.getByRole("option", { name: /Chairs/ })).toBeVisible();
    await isClean(page, "a line with its list open");
    const box = await form(page).boundingBox();
    expect(box.x + box.width).toBeLessThanOrEqual(options.viewport.width);
  });
}

test("in the iframe, in German", async ({ as, demo }) => {
  await demo.call("save_draft", { draft: { workbook: "sales_planning", form: "month_report", draft: null } }, { session: await demo.session("wendy") });
  const page = await as("wendy", { path: "/report", options: { locale: "de-DE" } });
  const frame = page.frameLocator("iframe").first();
  await frame.getByRole("tab", { name: "Reports" }).click();
  const report = frame.locator('[data-element="month_report"]');
  await expect(report.getByRole("button", { name: "Weiter" })).toBeVisible();
  await report.getByLabel("How it went").selectOption("as planned");
  await report.getByRole("button", { name: "Weiter" }).click();
  await report.getByLabel("Revenue").fill("1.000,50");
  await expect(report.getByLabel("Reserve")).toHaveValue("100,05");
  await report.getByRole("button", { name: "Zurück" }).click();
  await expect(report.getByLabel("How it went")).toHaveValue("as planned");
});

test("what was begun comes back after a reload and on another device, for nobody else, and is gone once it is filed", async ({ as, demo }) => {
  const begun = async (person) => {
    const answer = await demo.call("draft", { draft: { workbook: "sales_planning", form: "month_report" } }, { session: await demo.session(person) });
    return answer.body.draft;
  };
  const hers = await begun("wendy");
  const page = await open(as, demo, { person: "walt" });
  await form(page).getByLabel("How it went").selectOption("better");
  await form(page).getByLabel("What it was").fill("A fair");
  // At once, in this browser.
  await page.reload();
  await page.getByRole("tab", { name: "Reports" }).click();
  await expect(form(page).getByLabel("What it was")).toHaveValue("A fair");
  await expect(form(page).getByText("You began this earlier")).toBeVisible();
  await next(page).click();
  await form(page).getByLabel("Revenue").fill("12");
  await next(page).click();
  await form(page).getByRole("button", { name: "Add a line" }).click();
  await form(page).getByLabel("Units").fill("3");
  await expect.poll(async () => (await begun("walt"))?.lines.month_returns).toEqual([{ units: "3" }]);
  expect(await begun("wendy")).toEqual(hers);

  // Another device: its storage is empty. It is where one was.
  const phone = await as("walt", { options: { viewport: { width: 390, height: 844 } } });
  await phone.getByRole("tab", { name: "Reports" }).click();
  await expect(form(phone).getByRole("group", { name: "What came back" })).toBeVisible();
  await expect(form(phone).getByLabel("Units")).toHaveValue("3");
  await form(phone).getByRole("button", { name: "Remove line 1" }).click();
  await form(phone).getByRole("button", { name: "File the month" }).click();
  await expect(form(phone).locator(".form-done")).toBeVisible();
  await expect.poll(() => begun("walt")).toBe(null);
  await page.reload();
  await page.getByRole("tab", { name: "Reports" }).click();
  await expect(form(page).getByLabel("How it went")).toHaveValue("");
});

test("what was sent without a network is sent once, by the page that comes after", async ({ as, demo }) => {
  const page = await open(as, demo, { allow: /Failed to load resource/ });
  await form(page).getByLabel("How it went").selectOption("better");
  await form(page).getByLabel("What it was").fill("Twice pressed");
  await next(page).click();
  await form(page).getByLabel("Revenue").fill("77");
  await next(page).click();
  await page.route("**/api/v1/edits", (route) => route.abort());
  await form(page).getByRole("button", { name: "File the month" }).click();
  await expect(form(page).getByRole("button", { name: "Kept here, sent when online" })).toBeDisabled();
  await page.unroute("**/api/v1/edits");
  await page.reload();
  await page.getByRole("tab", { name: "Reports" }).click();
  const ours = async () => (await filed(demo)).months.filter((row) => row[3] === "Twice pressed").length;
  await expect.poll(ours).toBe(1);
  await expect(form(page).locator(".form-done").or(form(page).getByRole("button", { name: "Next" }))).toBeVisible();
  await page.reload();
  await page.getByRole("tab", { name: "Reports" }).click();
  await expect(form(page).getByLabel("How it went")).toHaveValue("");
  expect(await ours()).toBe(1);
});

test("a session that is ended in the middle of a step loses nothing, and is asked for again", async ({ as, demo }) => {
  const page = await open(as, demo, { allow: /status of 401|Failed to load resource/ });
  let bearer;
  page.on("request", (request) => (bearer = request.headers().authorization ?? bearer));
  await form(page).getByLabel("How it went").selectOption("better");
  await form(page).getByLabel("What it was").fill("Ended in between");
  await expect.poll(() => bearer).toBeTruthy();
  // An admin ends it, and the host has no ticket for her any more.
  await page.route("**/inlay-ticket", (route) => route.fulfill({ status: 401, body: "" }));
  const ended = await demo.call("session/end", {}, { headers: { authorization: bearer } });
  expect(ended.status).toBe(200);
  await next(page).click();
  await form(page).getByLabel("Revenue").fill("88");
  await next(page).click();
  await form(page).getByRole("button", { name: "File the month" }).click();
  await expect(form(page).locator(".form-thanks")).toHaveCount(0);
  const ours = async () => (await filed(demo)).months.filter((row) => row[3] === "Ended in between").length;
  expect(await ours()).toBe(0);
  // She signs in again: it is sent, once.
  await page.unroute("**/inlay-ticket");
  await page.reload();
  await expect.poll(ours).toBe(1);
  await page.getByRole("tab", { name: "Reports" }).click();
  await expect(form(page).locator(".form-thanks").or(form(page).getByRole("button", { name: "Next" }))).toBeVisible();
  expect(await ours()).toBe(1);
});

test("starting over takes two presses, and leaves nothing to come back", async ({ as, demo }) => {
  const page = await open(as, demo, { person: "ed" });
  await form(page).getByLabel("How it went").selectOption("better");
  await form(page).getByLabel("What it was").fill("Not so");
  await form(page).getByRole("button", { name: "Start over" }).click();
  await expect(form(page).getByLabel("What it was")).toHaveValue("Not so");
  await form(page).getByRole("button", { name: "Really start over?" }).click();
  await expect(form(page).getByLabel("How it went")).toHaveValue("");
  await page.reload();
  await page.getByRole("tab", { name: "Reports" }).click();
  await expect(form(page).getByLabel("How it went")).toHaveValue("");
});

test("what the host's product refuses is told at its field, and what it has taken is there and in the product", async ({ as, demo }) => {
  const page = await as("walt", { allow: /status of 422/ });
  await page.getByRole("tab", { name: "Visits" }).click();
  const order = page.locator('[data-element="sample_order"]');
  await order.getByLabel("For").fill("Adler & <Sons>");
  await order.getByRole("combobox", { name: "Sample" }).fill("Chairmat");
  await order.getByRole("option").first().click();
  await order.getByLabel("Pieces").fill("21");
  await order.getByLabel("Deliver on").fill("2017-05-03");
  const send = order.getByRole("button", { name: "Order samples" });
  await send.click();
  await expect(order.getByText("We give away 20 of a product at most")).toBeVisible();
  await expect(order.getByLabel("Pieces")).toBeFocused();
  await order.getByLabel("Pieces").fill("20");
  await send.click();
  await expect(order.getByText(/The CRM has it: 20 of .*, as number \d+\./)).toBeVisible();
  await page.goto(`${demo.host}/samples`);
  const taken = page.getByRole("row").filter({ hasText: "Adler & <Sons>" });
  await expect(taken).toHaveCount(1);
  await expect(taken.getByRole("cell", { name: "Walt Weston" })).toBeVisible();
  await expect(taken.getByRole("cell", { name: "20", exact: true })).toBeVisible();
});
