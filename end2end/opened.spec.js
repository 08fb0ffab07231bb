// Rows that are opened in a form: from a grid, from a mark, by the host, and from what one has filed oneself.
import { cell, chart, expect, isClean, test } from "./fixtures.js";

const report = (page) => page.locator('[data-element="month_report"]');
const row = (page) => page.locator('[data-element="forecast_row"]');

/** Files a month without lines, and gives what it was answered. */
async function file(demo, person, revenue) {
  const session = await demo.session(person);
  const cells = [{ column: "course", value: "better" }, { column: "cause", value: "A fair" }, { column: "revenue", value: revenue }];
  const batch = { batch_id: `filed-${Math.random().toString(36).slice(2, 12)}`, workbook: "sales_planning", form: "month_report", edits: [{ table: "month_reports", op: "insert", cells }] };
  const answer = await demo.call("edits", { batch }, { session });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.rows[0].key[0];
}

async function openPage(as, person, options = {}) {
  const page = await as(person, options);
  await page.getByRole("tab", { name: "Reports" }).click();
  await expect(report(page)).toBeVisible();
  return page;
}

test("what was filed has a number, is found again, and is changed while that may be", async ({ as, demo }) => {
  await demo.call("save_draft", { draft: { workbook: "sales_planning", form: "month_report", draft: null } }, { session: await demo.session("wendy") });
  const page = await openPage(as, "wendy", { options: { viewport: { width: 1400, height: 1000 } } });
  await report(page).getByLabel("How it went").selectOption("as planned");
  await report(page).getByRole("button", { name: "Next" }).click();
  await report(page).getByLabel("Revenue").fill("1000");
  await report(page).getByRole("button", { name: "Next" }).click();
  await report(page).getByRole("button", { name: "Add a line" }).click();
  await report(page).getByRole("combobox", { name: "Sub-category" }).fill("Chairs");
  await report(page).getByLabel("Units").fill("4");
  await report(page).getByRole("button", { name: "File the month" }).click();
  const thanks = report(page).locator(".form-thanks");
  await expect(thanks).toHaveText(/^Thank you\. .+ is filed with a result of \$900\.00, as number \d+\.$/);
  const number = (await thanks.textContent()).match(/number (\d+)/)[1];

  // It is found again, by him alone.
  await report(page).getByRole("button", { name: "What you have filed" }).click();
  const mine = report(page).getByRole("region", { name: "What you have filed" });
  await expect(mine.getByRole("row").nth(1)).toContainText("$900.00");
  await isClean(page, "what one has filed");
  await mine.getByRole("button", { name: number, exact: true }).click();
  await expect(report(page).locator(".form-of-what")).toContainText(`Number ${number}, `);
  await expect(report(page).getByRole("status", { name: "Revenue" })).toHaveText("$1,000.00");
  await expect(report(page).getByRole("group", { name: "Line 1" }).getByRole("status", { name: "Units" })).toHaveText("4");
  await expect(report(page).getByRole("textbox")).toHaveCount(0);
  await isClean(page, "a row that is looked at");

  // Changed with its lines, at once.
  await report(page).getByRole("button", { name: "Edit" }).click();
  await report(page).getByLabel("How it went").selectOption("better");
  await report(page).getByLabel("What it was").fill("A fair");
  await report(page).getByRole("button", { name: "Next" }).click();
  await expect(report(page).getByLabel("Revenue")).toHaveValue("1000");
  await report(page).getByLabel("Revenue").fill("1,200");
  await expect(report(page).getByLabel("Reserve"), "a default is for what is new").toHaveValue("100");
  await report(page).getByRole("button", { name: "Next" }).click();
  await report(page).getByLabel("Units").fill("5");
  await report(page).getByRole("button", { name: "Add a line" }).click();
  await report(page).getByRole("group", { name: "Line 2" }).getByRole("combobox", { name: "Sub-category" }).fill("Phones");
  await report(page).getByRole("group", { name: "Line 2" }).getByLabel("Units").fill("1");
  // A reload loses nothing of it.
  await expect(async () => {
    const kept = await page.evaluate(() => Object.entries(localStorage).filter(([name]) => name.startsWith("inlay-form")).map(([, text]) => text).join());
    expect(kept).toContain("Phones");
  }).toPass();
  await page.reload();
  await page.getByRole("tab", { name: "Reports" }).click();
  await report(page).getByRole("button", { name: "What you have filed" }).click();
  await report(page).getByRole("region", { name: "What you have filed" }).getByRole("button", { name: number, exact: true }).click();
  await expect(report(page).getByText("You began this earlier")).toBeVisible();
  await expect(report(page).getByRole("group", { name: "Line 2" }).getByLabel("Units")).toHaveValue("1");
  await report(page).getByRole("button", { name: "Save changes" }).click();
  await expect(report(page).locator(".form-said")).toContainText(`number ${number}`);
  await expect(report(page).getByRole("status", { name: "Revenue" })).toHaveText("$1,200.00");
  await expect(report(page).getByRole("group", { name: "Line 2" }).getByRole("status", { name: "Sub-category" })).toHaveText("Phones");
  await report(page).getByRole("button", { name: "Close" }).click();
  await expect(report(page).getByLabel("How it went")).toHaveValue("");

  // Her neighbour finds nothing of it, and a colleague looks without changing it.
  const key = await file(demo, "wendy", "50");
  const ed = await demo.session("ed");
  const asked = (session) => demo.call("form_row", { row: { workbook: "sales_planning", form: "month_report", row: [key] } }, { session });
  expect((await asked(ed)).body.code).toBe("WB008");
  expect((await asked(await demo.session("walt"))).body.may_edit).toBe(false);
  const of = (session) => demo.call("submissions", { submissions: { workbook: "sales_planning", form: "month_report" } }, { session });
  expect((await of(ed)).body.rows).toEqual([]);
  expect((await of(await demo.session("wendy"))).body.rows.length).toBeGreaterThan(1);
});

test("a row of a grid is opened in a form, and a colleague's change is not lost", async ({ as, demo }) => {
  const page = await as("wendy", { options: { viewport: { width: 1400, height: 1000 } }, allow: /status of 409/ });
  await cell(page, "Accessories", "Apr 2017", "note").click();
  await page.keyboard.press("Alt+Enter");
  await page.getByRole("complementary", { name: /^Row/ }).getByRole("button", { name: "Open in “One forecast”" }).click();
  await expect(page.getByRole("tab", { name: "Reports" })).toHaveAttribute("aria-selected", "true");
  await expect(row(page).getByRole("status", { name: "Sub-category" })).toHaveText("Accessories");
  await row(page).getByLabel("Forecast").fill("777");
  await row(page).getByLabel("Note").fill("From a form");

  // Walt is faster.
  const session = await demo.session("walt");
  const seen = await demo.call("form_row", { row: { workbook: "sales_planning", form: "forecast_row", row: ["West", "Accessories", "2017-04-01"] } }, { session });
  const was = seen.body.values.note;
  const edit = { table: "forecast", key: ["West", "Accessories", "2017-04-01"], cells: [{ column: "note", value: "Walt was here", was }] };
  const quick = await demo.call("edits", { batch: { batch_id: "walt-is-faster", workbook: "sales_planning", edits: [edit] } }, { session });
  expect(quick.status, JSON.stringify(quick.body)).toBe(200);
  await row(page).getByRole("button", { name: "Save changes" }).click();
  await expect(row(page).getByText("Walt Weston has changed this to Walt was here. Save again to put yours in its place.")).toBeVisible();
  await isClean(page, "a field that somebody else has changed");
  await row(page).getByRole("button", { name: "Take Walt was here" }).click();
  await expect(row(page).getByLabel("Note")).toHaveValue("Walt was here");
  await row(page).getByRole("button", { name: "Save changes" }).click();
  await expect(row(page).getByRole("status", { name: "Forecast" })).toHaveText("$777.00");
  await row(page).getByRole("button", { name: "Close" }).click();
  await expect(row(page).getByText("Choose a row to see it here.")).toBeVisible();
  await page.getByRole("tab", { name: "Planning" }).click();
  await expect(cell(page, "Accessories", "Apr 2017", "note")).toHaveText("Walt was here");
});

test("a row under a mark is opened in a form", async ({ as }) => {
  const page = await as("wendy", { options: { viewport: { width: 1400, height: 1000 } } });
  await expect(chart(page, "by_month")).toBeVisible();
  await page.locator('[data-element="by_month"]').getByRole("listbox").focus();
  await page.keyboard.press("Alt+Enter");
  const rows = page.getByRole("dialog", { name: /^Rows of/ });
  await rows.getByRole("row").nth(1).getByRole("gridcell").first().click();
  await page.keyboard.press("Alt+Enter");
  await rows.getByRole("button", { name: "Open in “One forecast”" }).click();
  await expect(rows).toHaveCount(0);
  await expect(row(page).getByRole("button", { name: "Save changes" })).toBeVisible();
});

test("the host opens a row by its page's address", async ({ as, demo }) => {
  const key = await file(demo, "wendy", "123");
  const page = await as("wendy");
  await expect(page.getByRole("tab", { name: "Reports" })).toBeVisible();
  await page.evaluate((key) => {
    const workbook = document.querySelector("inlay-workbook");
    workbook.setAttribute("form", "month_report");
    workbook.setAttribute("mode", "view");
    workbook.setAttribute("row", key);
  }, key);
  await expect(report(page).getByRole("status", { name: "Revenue" })).toHaveText("$123.00");
  // To be changed, and a form that opens no rows.
  const told = page.evaluate(() => new Promise((resolve) => document.querySelector("inlay-workbook").addEventListener("inlay-error", (event) => resolve(event.detail.code), { once: true })));
  await page.evaluate(() => document.querySelector("inlay-workbook").openRow("forecast_row", ["West", "Chairs", "2017-04-01"]));
  await expect(row(page).getByRole("button", { name: "Save changes" })).toBeVisible();
  await page.evaluate(() => document.querySelector("inlay-workbook").openRow("plan", ["West", "Chairs", "2017-04-01"]));
  expect(await told).toBe("AC004");

  // In the iframe by the address of the frame, before anything was pressed; a key of nobody's is told.
  const framed = await as("wendy", { path: "/report", allow: /status of 404/ });
  const open = (row) => framed.evaluate((row) => {
    const frame = document.querySelector("iframe");
    frame.contentWindow.postMessage({ type: "inlay-open-row", form: "month_report", row, mode: "view" }, new URL(document.getElementById("open").action).origin);
  }, row);
  const frame = framed.frameLocator("iframe").first();
  await expect(frame.getByRole("tab", { name: "Reports" })).toBeVisible();
  const inside = frame.locator('[data-element="month_report"]');
  await expect(async () => {
    await open(key);
    await expect(inside.getByRole("status", { name: "Revenue" })).toHaveText("$123.00", { timeout: 1000 });
  }).toPass();
  await open("0000ffffffffffffffffffffffffffff");
  await expect(inside.getByRole("alert")).toBeVisible();
  await inside.getByRole("button", { name: "Close" }).click();
  await expect(inside.getByLabel("How it went")).toBeVisible();
});

for (const [name, options] of [
  ["dark", { viewport: { width: 1300, height: 900 }, colorScheme: "dark" }],
  ["on a phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
]) {
  test(`nothing is wrong with an open row for whoever can't see it: ${name}`, async ({ as, demo }) => {
    const key = await file(demo, "walt", "77");
    const page = await openPage(as, "walt", { options });
    await page.evaluate((dark) => dark && document.documentElement.style.setProperty("color-scheme", "dark"), name === "dark");
    await page.evaluate((key) => document.querySelector("inlay-workbook").openRow("month_report", key, "view"), key);
    await expect(report(page).getByRole("button", { name: "Edit" })).toBeVisible();
    await isClean(page, "a row that is looked at");
    await report(page).getByRole("button", { name: "Edit" }).click();
    await expect(report(page).getByLabel("What it was")).toHaveValue("A fair");
    await isClean(page, "a row that is changed");
    const box = await report(page).boundingBox();
    expect(box.x + box.width).toBeLessThanOrEqual(options.viewport.width);
  });
}
