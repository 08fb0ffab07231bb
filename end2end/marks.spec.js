// Marks: pressed to filter a page, gone down from, drawn over, looked under; what is drawn as values, pictures and files.
import { readFile } from "node:fs/promises";
import { cell, chart, expect, isClean, saved, test, typeInto } from "./fixtures.js";

const element = (place, id) => place.locator(`[data-element="${id}"]`);
const bar = (place, id) => element(place, id).getByRole("group", { name: "What is chosen in the chart" });
const marks = (place, id) => element(place, id).getByRole("listbox");
const chips = (place) => place.getByRole("group", { name: "Filters" }).locator(".chip bdi");
const open = async (place, page) => place.getByRole("tab", { name: page, exact: true }).click();

/** Where in a drawing, as shares of its width and height. */
async function at(place, id, x, y) {
  await element(place, id).scrollIntoViewIfNeeded();
  await expect(chart(place, id)).toBeVisible();
  const box = await chart(place, id).boundingBox();
  return [box.x + box.width * x, box.y + box.height * y];
}

for (const [name, path] of [["script tag", "/sales"], ["iframe", "/report"]]) {
  test(`a pressed bar filters its page until it is taken back, ${name}`, async ({ as }) => {
    const page = await as("ada", { path });
    const place = path === "/report" ? page.frameLocator("iframe") : page;
    await open(place, "Overview");
    const revenue = element(place, "overview_revenue").locator(".kpi-value");
    await expect(revenue).toHaveText("$733,215");
    await page.mouse.click(...(await at(place, "by_region", 0.9, 0.5)));
    await expect(chips(place)).toHaveText(["Revenue and profit by region: West"]);
    await expect(revenue).toHaveText("$250,128");
    await expect(chart(place, "by_segment_month")).toHaveAttribute("aria-label", /^16 values/);
    await expect(bar(place, "by_region")).toContainText("West");
    // The chart itself shows all of its marks, and which of them is chosen.
    await expect(chart(place, "by_region")).toHaveAttribute("aria-label", /^4 values from Central to West/);
    await page.mouse.click(...(await at(place, "by_region", 0.9, 0.5)));
    await expect(chips(place)).toHaveCount(0);
    await expect(revenue).toHaveText("$733,215");
    await page.mouse.click(...(await at(place, "by_region", 0.9, 0.5)));
    await page.keyboard.down("Control");
    await page.mouse.click(...(await at(place, "by_region", 0.2, 0.5)));
    await page.keyboard.up("Control");
    await expect(chips(place)).toHaveText(["Revenue and profit by region: West, Central"]);
    await page.reload();
    await expect(chips(place)).toHaveText(["Revenue and profit by region: West, Central"]);
    await place.getByRole("button", { name: /^Remove filter/ }).click();
    await expect(revenue).toHaveText("$733,215");
  });
}

test("the host chooses marks, and is told of those that are chosen", async ({ as }) => {
  const page = await as("ada");
  await open(page, "Overview");
  await expect(chart(page, "by_segment_month")).toBeVisible();
  await page.evaluate(() => {
    window.told = [];
    const element = document.querySelector("inlay-workbook");
    for (const type of ["inlay-filter", "inlay-error"]) element.addEventListener(type, ({ detail }) => window.told.push(detail));
    element.setFilters({ by_region: [{ x: ["East"] }], states: [{ x: [7] }] });
  });
  await expect(chips(page)).toHaveText(["Revenue and profit by region: East"]);
  await expect.poll(() => page.evaluate(() => window.told.map((detail) => detail.message ?? ""))).toEqual([expect.stringContaining("`states`")]);
  expect(await page.evaluate(() => document.querySelector("inlay-workbook").getState().filters.by_region)).toEqual([{ x: ["East"] }]);
  await marks(page, "by_segment_month").focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => page.evaluate(() => window.told.at(-1))).toEqual({ control: "by_segment_month", values: [{ x: ["2014-01-01"], by: ["Consumer"] }] });
});

test("from a year down to its weeks by keys, and up again", async ({ as }) => {
  const page = await as("ada");
  await open(page, "Charts");
  const list = marks(page, "shared");
  await element(page, "shared").scrollIntoViewIfNeeded();
  await expect(chart(page, "shared")).toBeVisible();
  await list.focus();
  await expect(list.getByRole("option")).toHaveAccessibleName(/^2014, Furniture: Revenue \$[\d,]+$/);
  await page.keyboard.press("ArrowRight");
  await expect(list.getByRole("option")).toHaveAccessibleName(/^2015, Furniture/);
  await page.keyboard.press("ArrowDown");
  await expect(list.getByRole("option")).toHaveAccessibleName(/^2015, Office Supplies/);
  await expect(element(page, "shared").locator(".chart-tip")).toContainText("2015");
  await page.keyboard.press("Enter");
  await expect(list.getByRole("option")).toHaveAttribute("aria-selected", "true");
  await expect(chips(page)).toHaveText(["Where each year's revenue came from: 2015 · Office Supplies"]);
  await page.keyboard.press("Alt+ArrowDown");
  await expect(chart(page, "shared")).toHaveAttribute("aria-label", /^4 values from Q1 2015 to Q4 2015/);
  await expect(chips(page)).toHaveCount(0);
  for (const said of [/^3 values from Jan 2015 to Mar 2015/, /^[45] values from /]) {
    await page.keyboard.press("Alt+ArrowDown");
    await expect(chart(page, "shared")).toHaveAttribute("aria-label", said);
  }
  const way = element(page, "shared").getByRole("navigation", { name: "Levels" });
  await expect(way).toHaveText(/All\s*›\s*2015\s*›\s*Q1 2015\s*›\s*Jan 2015/);
  await page.reload();
  await element(page, "shared").scrollIntoViewIfNeeded();
  await expect(way).toContainText("Jan 2015");
  await way.getByRole("button", { name: "2015", exact: true }).click();
  await expect(chart(page, "shared")).toHaveAttribute("aria-label", /^4 values from Q1 2015/);
  await way.getByRole("button", { name: "All" }).click();
  await expect(way).toHaveCount(0);
});

test("the rows under a number are opened, one is edited, and the chart follows", async ({ as }) => {
  const page = await as("wendy");
  await expect(chart(page, "by_month")).toHaveAttribute("aria-label", /^12 values from Jan 2017/);
  const list = marks(page, "by_month");
  await list.focus();
  for (let month = 1; month < 9; month++) await page.keyboard.press("ArrowRight");
  const option = list.getByRole("option");
  await expect(option).toHaveAccessibleName(/^Sep 2017: Actual \$[\d,.]+, Forecast/);
  const before = await option.textContent();
  await page.keyboard.press("Alt+Enter");
  const rows = page.getByRole("dialog", { name: "Rows of Forecast against actual, by month: Sep 2017" });
  await expect(rows.getByRole("row").filter({ hasText: "Chairs" })).toContainText("Sep 2017");
  await expect(rows.getByRole("row").filter({ hasText: "Aug 2017" })).toHaveCount(0);
  expect(await rows.locator("[aria-colindex='1']").allTextContents()).not.toContain("East");
  const heads = await rows.getByRole("columnheader").allTextContents();
  const column = heads.findIndex((head) => head.includes("Forecast")) + 1;
  await rows.getByRole("row").filter({ hasText: "Chairs" }).locator(`[aria-colindex="${column}"]`).click();
  await page.keyboard.type("4321");
  await page.keyboard.press("Enter");
  await expect(saved(page)).toBeVisible();
  await expect(option).not.toHaveText(before);
  await expect(option).toHaveText(/Forecast \$\d/);
  await rows.getByRole("button", { name: "Close" }).click();
  await expect(rows).toHaveCount(0);
  await expect(list).toBeFocused();
});

test("the rows under a cell of a pivot and under the last period of a number", async ({ as }) => {
  const page = await as("ed");
  await open(page, "Overview");
  await element(page, "overview_revenue").hover();
  await element(page, "overview_revenue").getByRole("button", { name: "More about Revenue" }).click();
  await page.getByRole("menuitem", { name: "Show rows" }).click();
  const rows = page.getByRole("dialog", { name: "Rows of Revenue: 2017" });
  await expect(rows.getByRole("row").nth(1)).toContainText("2017");
  await page.keyboard.press("Escape");
  await expect(rows).toHaveCount(0);
  await page.getByRole("tab", { name: "Pivot" }).click();
  const cell = element(page, "sold_by").locator(`tr[data-row='["Furniture","Chairs"]'] td[data-column='["2015-01-01"]'][data-value="0"]`);
  await cell.click();
  await page.keyboard.press("Alt+Enter");
  const under = page.getByRole("dialog", { name: "Rows of What was sold, where and when: Furniture · Chairs · 2015" });
  await expect(under.getByRole("row").nth(1)).toContainText("Chairs");
  for (const text of await under.getByRole("row").allTextContents()) expect(text).not.toContain("California");
});

test("a name or a cell of a pivot filters its page, by a press and by keys", async ({ as }) => {
  const page = await as("ada");
  await open(page, "Overview");
  const revenue = element(page, "overview_revenue").locator(".kpi-value");
  const all = "$733,215";
  await expect(revenue).toHaveText(all);
  await page.locator('[data-tabs="overview_places"]').getByRole("tab", { name: "Pivot" }).click();
  const pivot = element(page, "sold_by");
  const row = (...path) => pivot.locator(`tr[data-row='${JSON.stringify(path)}']`);
  const number = (place) => place.locator(`td[data-column='["2017-01-01"]'][data-value="0"]`);
  const group = row("Furniture").getByRole("rowheader");
  await expect(group).toBeVisible();
  const count = await pivot.locator("tbody tr").count();
  await group.click({ position: { x: 80, y: 16 } });
  await expect(chips(page)).toHaveText(["What was sold, where and when: Furniture"]);
  await expect(revenue).toHaveText(await number(row("Furniture")).textContent());
  await expect(group).toHaveAttribute("aria-selected", "true");
  await expect(pivot.locator("tbody tr"), "it is chosen, and not closed").toHaveCount(count);
  // What is below is of it; another is not.
  await expect(number(row("Furniture", "Chairs"))).toHaveAttribute("aria-selected", "true");
  await expect(number(row("Technology"))).toHaveAttribute("aria-selected", "false");
  await pivot.getByRole("button", { name: "Furniture" }).click();
  await expect(pivot.locator("tbody tr")).toHaveCount(count - 4);
  await number(row("Technology", "Phones")).click();
  await expect(chips(page)).toHaveText(["What was sold, where and when: Technology · Phones · 2017"]);
  await expect(revenue).toHaveText(await number(row("Technology", "Phones")).textContent());
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Shift+Space");
  await expect(chips(page)).toHaveText([/Phones · 2017, Technology · .+ · 2017$/]);
  await page.reload();
  await expect(chips(page)).toHaveText([/Phones · 2017, Technology · .+ · 2017$/]);
  await page.locator('[data-tabs="overview_places"]').getByRole("tab", { name: "Pivot" }).click();
  await pivot.getByRole("group", { name: "What was sold, where and when" }).focus();
  await page.keyboard.press("Escape");
  await expect(chips(page)).toHaveCount(0);
  await expect(revenue).toHaveText(all);
  // A column by its name, which is above what it is sorted by.
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Space");
  await expect(chips(page)).toHaveText(["What was sold, where and when: 2014 · Q1 2014"]);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Space");
  await expect(chips(page)).toHaveText(["What was sold, where and when: 2014"]);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(pivot.locator("tbody tr").first().locator("td").first()).toBeFocused();
});

test("what is typed into is typed into, though others follow its pivot", async ({ as }) => {
  const page = await as("ed", { options: { viewport: { width: 1700, height: 1000 } } });
  await open(page, "By month");
  const pivot = element(page, "plan_by_month");
  const input = pivot.locator("td.is-input:not(.is-total)").first();
  await input.click();
  await page.keyboard.press("Space");
  await expect(pivot.getByRole("textbox")).toBeVisible();
  await page.keyboard.press("Escape");
});

test("a stroke along x chooses a span, which is zoomed into", async ({ as }) => {
  const page = await as("ada");
  await open(page, "Charts");
  await page.mouse.move(...(await at(page, "referred", 0.4, 0.5)));
  await page.mouse.down();
  await page.mouse.move(...(await at(page, "referred", 0.5, 0.5)), { steps: 4 });
  await page.mouse.move(...(await at(page, "referred", 0.62, 0.5)), { steps: 4 });
  await expect(element(page, "referred").locator(".chart-brush")).toBeVisible();
  await page.mouse.up();
  await expect(chips(page)).toHaveText([/^Orders each month: \w+ 201[45] to \w+ 201[56]$/]);
  await expect(element(page, "referred").locator(".chart-brush")).toHaveCount(0);
  const [chosen] = await chips(page).allTextContents();
  const [, from, to] = chosen.match(/: (\w+ \d+) to (\w+ \d+)/);
  await bar(page, "referred").getByRole("button", { name: "Zoom in" }).click();
  await expect(chips(page)).toHaveCount(0);
  await expect(element(page, "referred").locator("svg text", { hasText: from })).toBeVisible();
  await expect(element(page, "referred").locator("svg text", { hasText: "Jan 2014" })).toHaveCount(0);
  expect(to).not.toBe(from);
  // It stays so over another page and a reload, as what is switched off in a legend does.
  const legend = element(page, "shared").getByRole("group", { name: "Legend" });
  await element(page, "shared").scrollIntoViewIfNeeded();
  await legend.getByRole("button", { name: "Technology" }).click();
  await open(page, "Overview");
  await open(page, "Charts");
  await expect(legend.getByRole("button", { name: "Technology" })).toHaveAttribute("aria-pressed", "false");
  await page.reload();
  await element(page, "shared").scrollIntoViewIfNeeded();
  await expect(legend.getByRole("button", { name: "Technology" })).toHaveAttribute("aria-pressed", "false");
  await element(page, "referred").scrollIntoViewIfNeeded();
  await expect(element(page, "referred").locator("svg text", { hasText: from })).toBeVisible();
  await expect(element(page, "referred").locator("svg text", { hasText: "Jan 2014" })).toHaveCount(0);
  await bar(page, "referred").getByRole("button", { name: "Zoom out" }).click();
  await expect(element(page, "referred").locator("svg text", { hasText: "Jan 2014" })).toBeVisible();
});

test("a stroke over a scatter chooses the points in it", async ({ as }) => {
  const page = await as("ada");
  await open(page, "Charts");
  await page.mouse.move(...(await at(page, "pointed", 0.7, 0.2)));
  await page.mouse.down();
  await page.mouse.move(...(await at(page, "pointed", 0.98, 0.9)), { steps: 6 });
  await expect(element(page, "pointed").locator(".chart-brush")).toBeVisible();
  await page.mouse.up();
  await expect(element(page, "pointed").locator(".chart-brush")).toHaveCount(0);
  // What sells most.
  const said = await bar(page, "pointed").locator(".chart-picked").textContent();
  expect(said.split(", ").map((point) => point.split(" · ")[0]).sort()).toEqual(["Chairs", "Phones"]);
  // Nothing lies there, so nothing is chosen.
  await page.mouse.move(...(await at(page, "pointed", 0.6, 0.3)));
  await page.mouse.down();
  await page.mouse.move(...(await at(page, "pointed", 0.7, 0.4)), { steps: 6 });
  await page.mouse.up();
  await expect(bar(page, "pointed")).toHaveCount(0);
});

test("a finger that stays draws a span, and one that does not scrolls the page", async ({ as }) => {
  const page = await as("ada");
  await open(page, "Charts");
  await element(page, "referred").scrollIntoViewIfNeeded();
  const browser = await page.context().newCDPSession(page);
  await browser.send("Emulation.setTouchEmulationEnabled", { enabled: true });
  const finger = async (type, point) => {
    const touchPoints = point ? [{ x: point[0], y: point[1] }] : [];
    await browser.send("Input.dispatchTouchEvent", { type, touchPoints });
  };
  const points = [];
  for (const x of [0.4, 0.5, 0.62]) points.push(await at(page, "referred", x, 0.5));
  const before = await page.evaluate(() => window.scrollY);
  await finger("touchStart", points[0]);
  for (const up of [40, 80, 120]) await finger("touchMove", [points[0][0], points[0][1] - up]);
  await finger("touchEnd");
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(before);
  await page.evaluate((before) => window.scrollTo(0, before), before);
  await expect(element(page, "referred").locator(".chart-brush")).toHaveCount(0);
  await expect(chips(page)).toHaveCount(0);
  await finger("touchStart", points[0]);
  await expect(element(page, "referred").locator(".chart-brush")).toBeVisible();
  for (const point of points.slice(1)) await finger("touchMove", point);
  await finger("touchEnd");
  await expect(chips(page)).toHaveText([/^Orders each month: \w+ 201[45] to \w+ 201[56]$/]);
});

test("the legend switches series off, and leaves one alone", async ({ as }) => {
  const page = await as("ada");
  await open(page, "Charts");
  await element(page, "shared").scrollIntoViewIfNeeded();
  const legend = element(page, "shared").getByRole("group", { name: "Legend" });
  const pressed = () => legend.getByRole("button").evaluateAll((all) => all.map((one) => one.getAttribute("aria-pressed")));
  await expect(legend.getByRole("button")).toHaveText(["Furniture", "Office Supplies", "Technology"]);
  const colours = () => element(page, "shared").locator("svg path[fill]").evaluateAll((all) => [...new Set(all.map((one) => one.getAttribute("fill")))].filter((fill) => fill.startsWith("rgb")).length);
  await expect.poll(colours).toBe(3);
  await legend.getByRole("button", { name: "Technology" }).click();
  expect(await pressed()).toEqual(["true", "true", "false"]);
  await expect.poll(colours).toBe(2);
  await legend.getByRole("button", { name: "Technology" }).dblclick();
  expect(await pressed()).toEqual(["false", "false", "true"]);
  await expect.poll(colours).toBe(1);
  await legend.getByRole("button", { name: "Technology" }).click({ modifiers: ["Alt"] });
  expect(await pressed()).toEqual(["true", "true", "true"]);
  // One stop for the keyboard, from which the arrows go on.
  await page.keyboard.press("ArrowLeft");
  await expect(legend.getByRole("button", { name: "Office Supplies" })).toBeFocused();
  await page.keyboard.press("Alt+Enter");
  expect(await pressed()).toEqual(["false", "true", "false"]);
  await page.keyboard.press("Alt+Enter");
  await page.keyboard.press("Enter");
  expect(await pressed()).toEqual(["true", "false", "true"]);
  await page.keyboard.press("Tab");
  await expect(marks(page, "shared")).toBeFocused();
  await page.keyboard.press("F6");
  await expect(marks(page, "referred")).toBeFocused();
  await page.keyboard.press("Shift+F6");
  await expect(marks(page, "shared")).toBeFocused();
});

test("what a person has made of a chart stays when its numbers change", async ({ as }) => {
  const page = await as("walt");
  await expect(chart(page, "by_month")).toBeVisible();
  const actual = element(page, "by_month").getByRole("group", { name: "Legend" }).getByRole("button", { name: "Actual" });
  await actual.click();
  const list = marks(page, "by_month");
  await list.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await expect(chips(page)).toHaveText(["Forecast against actual, by month: Dec 2017"]);
  const option = list.getByRole("option");
  const before = await option.textContent();
  const target = cell(page, "Envelopes", "Dec 2017", "forecast");
  await typeInto(page, target, String(100 + Math.floor(Math.random() * 400)));
  await expect(saved(page)).toBeVisible();
  await expect(option).not.toHaveText(before);
  await expect(option).toHaveAccessibleName(/^Dec 2017/);
  await expect(option).toHaveAttribute("aria-selected", "true");
  await expect(actual).toHaveAttribute("aria-pressed", "false");
  await expect(chips(page)).toHaveText(["Forecast against actual, by month: Dec 2017"]);
});

test("small charts have one scale, a logarithmic one leaves out what has no place", async ({ as }) => {
  const page = await as("ada");
  await open(page, "Charts");
  await element(page, "by_each").scrollIntoViewIfNeeded();
  await expect(element(page, "by_each").locator(".chart-facet")).toHaveText(["Central", "East", "South", "West"]);
  const tops = () => element(page, "by_each").locator(".chart-canvas").evaluateAll((all) => all.map((one) => [...one.querySelectorAll("text")].map((text) => text.textContent).filter((text) => text.startsWith("$")).at(-1)));
  await expect.poll(async () => new Set(await tops()).size).toBe(1);
  await element(page, "sizes").scrollIntoViewIfNeeded();
  for (const step of ["$100", "$10K"]) await expect(element(page, "sizes").locator("svg text", { hasText: new RegExp(`^\\${step}$`) })).toBeVisible();
});

test("a chart is shown as its values, and saved as pictures and files", async ({ as }) => {
  const page = await as("ada");
  await open(page, "Overview");
  await page.mouse.click(...(await at(page, "by_region", 0.9, 0.5)));
  await expect(chips(page)).toHaveText(["Revenue and profit by region: West"]);
  const one = element(page, "by_segment_month");
  const choose = async (name) => {
    await one.hover();
    await one.getByRole("button", { name: "More about Revenue by quarter and segment" }).click();
    await page.getByRole("menuitem", { name }).click();
  };
  const save = async (name) => {
    const [download] = await Promise.all([page.waitForEvent("download"), choose(name)]);
    return [download.suggestedFilename(), await readFile(await download.path())];
  };
  const stem = "Revenue by quarter and segment (Revenue and profit by region- West)";
  const [svgName, svg] = await save("Save as SVG");
  expect(svgName).toBe(`${stem}.svg`);
  expect(svg.toString()).toContain("Revenue and profit by region: West</text>");
  expect(svg.toString()).toMatch(/>Home Office<\/text>/);
  const [pngName, png] = await save("Save as PNG");
  expect(pngName).toBe(`${stem}.png`);
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect(png.readUInt32BE(16)).toBeGreaterThan(800);
  const [csvName, csv] = await save("Save as CSV");
  expect(csvName).toBe(`${stem}.csv`);
  expect(csv.toString()).toMatch(/^\ufeffOrder date,Segment,Revenue\r\n2014-01-01,Consumer,\d+\.\d{4}\r\n/);
  const [xlsxName, xlsx] = await save("Save as Excel workbook");
  expect(xlsxName).toBe(`${stem}.xlsx`);
  expect(xlsx.subarray(0, 2).toString()).toBe("PK");
  await expect(page.getByText(/^\d+ rows were saved\.$/)).toBeAttached();
  await choose("Show as table");
  const values = one.getByRole("region", { name: "Revenue by quarter and segment" });
  await expect(values.getByRole("columnheader")).toHaveText(["Quarter", "Segment", "Revenue"]);
  await expect(values.getByRole("row").nth(1)).toHaveText(/^Q1 2014Consumer\$[\d,]+$/);
  await choose("Show as chart");
  await expect(chart(page, "by_segment_month")).toBeVisible();
  await choose("Full screen");
  await expect(one).toHaveClass(/is-full/);
  await one.getByRole("button", { name: /^More about/ }).click();
  await page.getByRole("menuitem", { name: "Leave full screen" }).click();
  await expect(one).not.toHaveClass(/is-full/);
});

test("what is not one's own is under no mark and in no file", async ({ as }) => {
  const page = await as("ed");
  await open(page, "Overview");
  const one = element(page, "by_region");
  await one.hover();
  await one.getByRole("button", { name: /^More about/ }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "Save as CSV" }).click()]);
  const csv = (await readFile(await download.path())).toString();
  expect(csv).toContain("East");
  for (const region of ["West", "South", "Central"]) expect(csv).not.toContain(region);
});

for (const [name, options] of [
  ["light", { viewport: { width: 1400, height: 1000 } }],
  ["dark", { viewport: { width: 1400, height: 1000 }, colorScheme: "dark" }],
  ["on a phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
]) {
  test(`axe finds nothing where marks are chosen, looked under and shown as values, ${name}`, async ({ as }) => {
    const page = await as("ada", { options });
    await page.evaluate((dark) => dark && document.documentElement.style.setProperty("color-scheme", "dark"), name === "dark");
    await open(page, "Overview");
    await element(page, "by_region").scrollIntoViewIfNeeded();
    await expect(chart(page, "by_region")).toBeVisible();
    await marks(page, "by_region").focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Alt+ArrowDown");
    await expect(element(page, "by_region").getByRole("navigation", { name: "Levels" })).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(bar(page, "by_region").getByRole("button", { name: "Show rows" })).toBeVisible();
    await isClean(page, "a chosen mark");
    await page.keyboard.press("Alt+Enter");
    await expect(page.getByRole("dialog", { name: /^Rows of/ }).getByRole("row").nth(1)).toBeVisible();
    await isClean(page, "rows");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(options.viewport.width);
    await page.keyboard.press("Escape");
    await element(page, "by_region").getByRole("button", { name: /^More about/ }).click();
    await isClean(page, "the menu");
    await page.getByRole("menuitem", { name: "Show as table" }).click();
    await isClean(page, "values");
  });
}

for (const [name, path, colorScheme] of [["script tag", "/sales", "light"], ["iframe, dark", "/report", "dark"]]) {
  test(`the page that is open is printed as it is, alone, ${name}`, async ({ as }) => {
    const page = await as("ada", { path: "/", options: { colorScheme } });
    // The browser's own window to print from is no part of the page.
    await page.addInitScript(() => {
      window.print = () => {
        const root = document.querySelector(".inlay");
        const box = document.querySelector(".chart-canvas svg").getBoundingClientRect();
        window.top.postMessage({ printed: { title: document.title, text: document.body.innerText, theme: root.dataset.theme, ground: getComputedStyle(document.querySelector(".element.is-chart")).backgroundColor, drawn: Math.round(box.width) } }, "*");
      };
      window.addEventListener("message", ({ data }) => data?.printed && (window.printed = data.printed));
    });
    await page.goto(new URL(path, page.url()).href);
    const place = path === "/report" ? page.frameLocator("iframe") : page;
    await open(place, "Overview");
    await expect(chart(place, "by_segment_month")).toBeVisible();
    await place.getByRole("button", { name: "PDF" }).click();
    await expect.poll(() => page.evaluate(() => window.printed?.title)).toBe("Sales planning - Overview");
    const printed = await page.evaluate(() => window.printed);
    expect(printed.theme).toBe("light");
    expect(printed.ground).toBe("rgb(255, 255, 255)");
    expect(printed.text).toContain("Revenue by quarter and segment");
    expect(printed.text).toContain("$733,215");
    expect(printed.text).not.toContain("Northwind CRM");
    expect(printed.drawn).toBeGreaterThan(400);
  });
}

test("a long table is printed from its first row on, and what is too long says so", async ({ as }) => {
  const page = await as("ada", { path: "/" });
  await page.addInitScript(() => {
    window.print = () => {
      const rows = [...document.querySelectorAll(".grid-row")];
      const grid = document.querySelector(".grid");
      const seen = grid.getBoundingClientRect().height > 400 * rows[0].getBoundingClientRect().height;
      window.top.postMessage({ printed: { rows: rows.length, first: rows[0].ariaRowIndex, blank: rows.filter((row) => row.classList.contains("is-loading")).length, seen, wide: grid.scrollWidth <= 1.01 * grid.clientWidth, text: document.body.innerText } }, "*");
    };
    window.addEventListener("message", ({ data }) => data?.printed && (window.printed = data.printed));
  });
  await page.goto(new URL("/sales", page.url()).href);
  const grid = page.getByRole("grid").first();
  const last = () => grid.locator(".grid-row").last().getAttribute("data-row");
  await page.getByRole("gridcell").first().click();
  await page.keyboard.press("Control+End");
  await expect.poll(async () => Number(await last())).toBeGreaterThan(500);
  const before = await last();
  await page.getByRole("button", { name: "PDF" }).click();
  await expect.poll(() => page.evaluate(() => window.printed?.rows)).toBe(500);
  const { first, blank, seen, wide, text } = await page.evaluate(() => window.printed);
  expect({ first, blank, seen, wide }).toEqual({ first: "2", blank: 0, seen: true, wide: true });
  expect(text).toMatch(/The first 500 of [\d,]+ rows\./);
  // Whoever printed is where he was.
  await expect.poll(last).toBe(before);
  await expect(page.getByText(/^The first 500/)).toHaveCount(0);
});
