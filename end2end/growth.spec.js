// Measures set beside each other: they are made of the numbers that the rest of the workbook shows.
import { chart, expect, test } from "./fixtures.js";

const money = (text) => Number(text.match(/\$([\d,]+)/)[1].replaceAll(",", ""));

for (const person of ["wendy", "ed"]) {
  test(`what ${person} sees adds up to his own revenue`, async ({ as }) => {
    const page = await as(person);
    const revenue = page.locator('[data-element="revenue"]');
    await expect(revenue).toContainText("$");
    const all = money(await revenue.textContent());
    await page.getByRole("tab", { name: "Growth" }).click();
    const running = await chart(page, "running").getAttribute("aria-label");
    expect(running).toContain("48 values from Jan 2014 to Dec 2017");
    expect(running).toContain("highest at Dec 2017");
    expect(money(running.split("highest at")[1])).toBe(all);
    const growth = await chart(page, "growth").getAttribute("aria-label");
    expect(growth).toContain("16 values from Jan 2014 to Oct 2017");
    expect(growth).toMatch(/On the quarter before is highest at .*%.*On the year before is highest at .*%/);
    const against = await chart(page, "against").getAttribute("aria-label");
    expect(against).toMatch(/12 values from Jan 2017 to Dec 2017.*Actual is highest at .*Year before is highest at/);
    expect(await chart(page, "shares").getAttribute("aria-label")).toMatch(/Share is highest at \w+, \d\d?(\.\d+)? ?%/);
    expect(await chart(page, "line_value").getAttribute("aria-label")).toMatch(/Median is highest at .*9 of 10 are below is highest at/);
    await expect(page.locator('[data-element="return_rate"]')).toContainText("%");
    const quarter = page.locator('[data-element="this_quarter"]');
    await expect(quarter).toContainText("Revenue Q4 2017");
    await expect(quarter).toContainText(/[▲▼] \d+\.\d% (more|less) than \$[\d,]+ in the period before/);
    await expect(quarter).toContainText(/(more|less) than \$[\d,]+ a year before/);
    await expect(quarter.locator("polyline")).toHaveCount(1);
    await expect(page.locator('[data-element="orders_now"]')).toContainText(/% (more|less) than the target of 60/);
  });
}
