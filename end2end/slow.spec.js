// A warehouse that takes too long: the element says so and others live on; what nobody waits for is not worked on.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Demo } from "./demo.js";
import { expect, test } from "./fixtures.js";

/** It counts for hours, unless there is an action. */
const SLOW = `sources:
  slow:
    sql: |
      with recursive n(i) as (select 1 union all
        select i + 1 from n where i < (select case when exists (select 1 from inlay_sales_planning__actions) then 7 else 1000000000000 end))
      select count(*) as n, region from n, (select 'West' as region) group by region
    columns: { n: { type: integer }, region: { type: text } }
    measures: { counted: sum(n) }
`;

/** A demo whose second number is that count, and where a statement may take so long. */
async function counting(statement_timeout_ms, work) {
  const limit = (config) => config.replace("[connections.warehouse]", `$&\nstatement_timeout_ms = ${statement_timeout_ms}`);
  const demo = await Demo.make([], limit);
  try {
    const file = join(demo.folder, "workbooks/sales_planning.yaml");
    const text = (await readFile(file, "utf8")).replace("sources:\n", SLOW);
    await demo.stop();
    await writeFile(file, text.replace("{ kpi: profit, source: orders, measure: profit,", "{ kpi: profit, source: slow, measure: counted,"));
    await demo.start();
    await work(demo);
  } finally {
    await demo.stop();
    await demo.remove();
  }
}

test("an element that takes too long says so, and is asked again when one likes", async ({ browser }) => {
  test.slow();
  await counting(1_000, async (demo) => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${demo.host}/?person=wendy`);
    await page.goto(`${demo.host}/sales`);
    const card = page.locator('[data-element="profit"]');
    await expect(card).toContainText("The warehouse took too long and was stopped.");
    await expect(card).toContainText("Narrow it with a filter, or try again later.");
    await expect(page.locator('[data-element="revenue"]')).toContainText("$");
    await expect(page.locator("#plan-r0c0")).not.toHaveText("");
    const again = card.getByRole("button", { name: "Try again" });
    const refused = (response) => response.status() === 503 && response.request().postData()?.includes('"profit"');
    await Promise.all([page.waitForResponse(refused), again.click()]);
    await expect(card).toContainText("The warehouse took too long");
    const insert = { table: "actions", op: "insert", key: [], cells: [{ column: "action", value: "Count to seven", was: null }] };
    const batch = { batch_id: "count-to-seven", workbook: "sales_planning", edits: [insert] };
    const { body } = await demo.call("edits", { batch }, { session: await demo.session("ada") });
    expect(body.status).toBe("committed");
    // A page that has missed something asks by itself, and then there is nothing to press.
    await expect(async () => {
      if (await again.isVisible()) await again.click({ timeout: 1_000 });
      await expect(card.locator(".kpi-value")).toHaveText("7", { timeout: 2_000 });
    }).toPass();
    await expect(again).toHaveCount(0);
  });
});

test("what nobody waits for any more holds nobody up", async () => {
  test.slow();
  await counting(600_000, async (demo) => {
    const session = await demo.session("wendy");
    const headers = { "content-type": "application/json", authorization: `Bearer ${session}` };
    // More than there are connections, each with a filter of its own, since one question is asked once for all.
    for (let i = 0; i < 12; i++) {
      const query = { workbook: "sales_planning", element: "profit", filters: [{ column: "n", op: "at_least", value: i }] };
      const signal = AbortSignal.timeout(200);
      const asked = fetch(`${demo.inlay}/api/v1/query`, { method: "POST", headers, body: JSON.stringify({ query }), signal });
      await expect(asked).rejects.toThrow();
    }
    const query = { workbook: "sales_planning", element: "revenue" };
    const { status, body } = await demo.call("query", { query }, { session });
    expect([status, body.rows?.length]).toEqual([200, 1]);
  });
});
