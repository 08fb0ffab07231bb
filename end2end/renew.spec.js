// The author changes the workbook under an open page: it says so, waits, and keeps what was typed.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Demo } from "./demo.js";
import { expect, saved, test } from "./fixtures.js";

const at = (page, row, col) => page.locator(`#plan-r${row}c${col}`);

/** A demo that looks at its files, and what changes the workbook's text. */
async function watching(work) {
  const demo = await Demo.make(["--watch"]);
  const file = join(demo.folder, "workbooks/sales_planning.yaml");
  const change = async (from, to) => {
    const text = await readFile(file, "utf8");
    expect(text).toContain(from);
    await writeFile(file, text.replaceAll(from, to));
  };
  try {
    await work(demo, change);
  } finally {
    await demo.stop();
    await demo.remove();
  }
}
async function open(browser, demo, path = "/sales") {
  const page = await (await browser.newContext({ viewport: { width: 1500, height: 1000 } })).newPage();
  await page.goto(`${demo.host}/?person=wendy`);
  await page.goto(demo.host + path);
  return page;
}

test("an open page waits until nothing is being typed, and keeps what still fits", async ({ browser }) => {
  test.slow();
  await watching(async (demo, change) => {
    const page = await open(browser, demo);
    await page.getByRole("tab", { name: "Actions" }).click();
    const actions = page.getByRole("grid", { name: "Actions" });
    // A row that is begun, and can't be added yet.
    await actions.locator("[data-row='0'] [aria-colindex='8']").scrollIntoViewIfNeeded();
    await actions.locator("[data-row='0'] [aria-colindex='8']").click();
    await page.keyboard.type("AB-999");
    await page.keyboard.press("Enter");
    await page.getByRole("tab", { name: "Planning" }).click();
    await page.getByRole("button", { name: "West", exact: true }).click();
    await at(page, 0, 4).click();
    await page.keyboard.type("12");
    await change("title: Sales planning", "title: Sales plan 2018");
    const news = page.getByText("This workbook has been changed.").first();
    await expect(news).toBeVisible();
    await page.waitForTimeout(1_500);
    await expect(page.getByRole("heading", { name: "Sales planning", level: 1 }).last()).toBeVisible();
    await page.keyboard.type("34");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Sales plan 2018" })).toBeVisible();
    await expect(news).toHaveCount(0);
    await expect(at(page, 0, 4)).toHaveText("$1,234.00");
    await expect(page.getByRole("button", { name: "West", exact: true })).toHaveClass(/is-on/);
    await page.getByRole("tab", { name: "Actions" }).click();
    await expect(actions.getByText("AB-999")).toBeVisible();
    // It goes on hearing of others, and sending.
    await page.getByRole("tab", { name: "Planning" }).click();
    const session = await demo.session("walt");
    const edit = { table: "forecast", key: ["West", "Accessories", "2017-02-01"], cells: [{ column: "forecast", value: "777", was: null }] };
    const batch = { batch_id: crypto.randomUUID(), workbook: "sales_planning", edits: [edit] };
    expect((await demo.call("edits", { batch }, { session })).status).toBe(200);
    await expect(at(page, 1, 4)).toHaveText("$777.00");
    // The column of what was begun is no more: it is told, with its text. Not at once: it is shown anew twice a minute at most.
    await change("reference:\n", "reference_no:\n");
    await expect(page.getByText("Left out, since the workbook has been changed: “AB-999” (reference).")).toBeVisible({ timeout: 45_000 });
  });
});

test("a form that is half filled in is waited for", async ({ browser }) => {
  await watching(async (demo, change) => {
    const page = await open(browser, demo);
    await page.getByRole("tab", { name: "Visits" }).click();
    const customer = page.getByRole("textbox", { name: "Customer" });
    const title = page.locator(".workbook-title");
    await customer.fill("Ann Example");
    await title.click();
    await change("title: Sales planning", "title: Sales plan 2018");
    await expect(page.getByText("This workbook has been changed.").first()).toBeVisible();
    await page.waitForTimeout(2_000);
    await expect(customer).toHaveValue("Ann Example");
    await customer.fill("");
    await title.click();
    await expect(title).toHaveText("Sales plan 2018");
  });
});

test("a table that its author groups opens in groups, in the script tag and in the server's first paint", async ({ browser }) => {
  await watching(async (demo, change) => {
    await change("input_table: plan\n", "input_table: plan\n        group: [sub_category]\n");
    await expect.poll(async () => (await demo.call("workbook", { workbook: "sales_planning" }, { session: await demo.session("wendy") })).body.pages[0].elements.find(({ id }) => id === "plan").group).toEqual(["sub_category"]);
    const page = await open(browser, demo);
    await expect(page.getByRole("button", { name: /^Sub-category: Accessories/ })).toBeVisible();
    const report = await open(browser, demo, "/report");
    await expect(report.frameLocator("iframe").first().getByRole("button", { name: /^Sub-category: Accessories/ })).toBeVisible();
  });
});

test("the iframe is shown anew too", async ({ browser }) => {
  await watching(async (demo, change) => {
    const page = await open(browser, demo, "/report");
    const frame = page.frameLocator("iframe").first();
    await expect(frame.getByRole("heading", { level: 1 })).toHaveText("Sales planning");
    await page.waitForTimeout(1_500);
    await change("title: Sales planning", "title: Sales plan 2018");
    await expect(frame.getByRole("heading", { level: 1 })).toHaveText("Sales plan 2018");
    await expect(frame.getByText("All changes saved")).toBeVisible();
  });
});

test("texts, tabs, pictures and pivots are in the server's first paint, and a changed picture is taken up", async ({ browser }) => {
  await watching(async (demo, change) => {
    const file = join(demo.folder, "workbooks/sales_planning.yaml");
    const [head, ...pages] = (await readFile(file, "utf8")).split(/\n(?= {2}- title: )/);
    const first = (page) => (/^ {2}- title: (Overview|By month)/.test(page) ? 0 : 1);
    pages.sort((a, b) => first(a) - first(b));
    // The pivot's tab is the one in sight.
    const text = [head, ...pages].join("\n").replace("- title: By month\n", "- title: Overview months\n");
    await writeFile(file, text);
    const titles = async () => {
      const session = await demo.session("ed");
      return (await demo.call("workbook", { workbook: "sales_planning" }, { session })).body.pages.map((page) => page.title);
    };
    await expect.poll(async () => (await titles())[0]).toBe("Overview months");
    const context = await browser.newContext({ viewport: { width: 1500, height: 1000 } });
    const page = await context.newPage();
    const problems = [];
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.goto(`${demo.host}/?person=ed`);
    // What the server has drawn, before a script has run.
    const painted = page.waitForResponse((response) => response.url().includes("/embed/sales_planning") && response.request().method() === "POST");
    await page.goto(`${demo.host}/report`);
    const html = await (await painted).text();
    expect(html).toContain("pivot-cell");
    expect(html).toMatch(/is-whole.*\$[\d,]+\.\d\d/s);
    const frame = page.frameLocator("iframe");
    const cell = frame.locator("td.is-input:not(.is-total)").first();
    await cell.dblclick();
    await page.keyboard.type("321");
    await page.keyboard.press("Enter");
    await expect(cell).toHaveText("$321.00");
    await expect(saved(frame)).toBeVisible();
    await frame.getByRole("tab", { name: "Overview", exact: true }).click();
    const logo = frame.getByRole("img", { name: "Northwind", exact: true });
    const before = await logo.getAttribute("src");
    await writeFile(join(demo.folder, "workbooks/northwind.svg"), "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 1'><rect width='4' height='1' fill='teal'/></svg>");
    await expect.poll(() => logo.getAttribute("src"), { timeout: 20_000 }).not.toBe(before);
    await expect.poll(() => logo.evaluate((image) => image.naturalWidth > 0)).toBe(true);
    expect(problems).toEqual([]);
    // A mistake keeps what is served.
    await change("file: northwind.svg", "file: nothing.svg");
    await page.waitForTimeout(1_200);
    expect((await titles())[0]).toBe("Overview months");
    await context.close();
  });
});
