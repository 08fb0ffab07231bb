// Who sees what, and who may not: in the page and at the API.
import { cell, expect, saved, test, typeInto } from "./fixtures.js";

const query = (element, more) => ({ query: { workbook: "sales_planning", element, ...more } });

test("a person of another region sees none of it, in the page and at the API", async ({ as, demo }) => {
  const wendy = await as("wendy");
  await typeInto(wendy, cell(wendy, "Accessories", "Oct 2017", "note"), "secret of the West");
  await expect(saved(wendy)).toBeVisible();

  const ed = await as("ed");
  await expect(ed.getByText(/rows/).first()).toBeVisible();
  await expect(ed.getByRole("gridcell", { name: "East", exact: true }).first()).toBeVisible();
  await expect(ed.getByText("West", { exact: true })).toHaveCount(0);
  await expect(ed.getByText("secret of the West")).toHaveCount(0);

  const session = await demo.session("ed");
  for (const element of ["plan", "lines", "by_month", "by_sub_category", "region"]) {
    const follows = !["lines", "region"].includes(element);
    const controls = follows ? { region: ["West"] } : {};
    const answer = await demo.call("query", query(element, { controls, limit: 1000 }), { session });
    expect(answer.status).toBe(200);
    expect(answer.body.rows.flat()).not.toContain("West");
    expect(answer.body.rows.flat()).not.toContain("secret of the West");
  }
  const filtered = query("plan", { filters: [{ column: "note", op: "contains", value: "secret" }] });
  expect((await demo.call("query", filtered, { session })).body.total).toBe(0);

  const edit = (key) => ({ batch: { batch_id: crypto.randomUUID(), workbook: "sales_planning", edits: [{ table: "forecast", key, cells: [{ column: "note", value: "x" }] }] } });
  const hidden = await demo.call("edits", edit(["West", "Accessories", "2017-10-01"]), { session });
  const absent = await demo.call("edits", edit(["Mars", "Accessories", "2017-10-01"]), { session });
  expect(hidden.status).toBe(404);
  const bare = ({ body }) => ({ ...body, outcome: { ...body.outcome, batch_id: "", rows: body.outcome.rows.map((row) => ({ ...row, key: [] })) } });
  expect(bare(hidden)).toEqual(bare(absent));
});

test("a viewer can't edit, and the page says so", async ({ as, demo }) => {
  const vic = await as("vic");
  await expect(vic.getByText("view only")).toBeVisible();
  const target = cell(vic, "Accessories", "Jan 2017", "forecast");
  await target.click();
  await vic.keyboard.type("5");
  await expect(vic.getByRole("textbox")).toHaveCount(0);
  await expect(target).toHaveAttribute("aria-readonly", "true");
  await expect(vic.getByText("Forecast can't be changed here.").first()).toBeVisible();

  const session = await demo.session("vic");
  const batch = { batch_id: crypto.randomUUID(), workbook: "sales_planning", edits: [{ table: "forecast", key: ["West", "Accessories", "2017-01-01"], cells: [{ column: "forecast", value: "5" }] }] };
  expect((await demo.call("edits", { batch }, { session })).status).toBe(403);
});

test("a hidden column does not exist", async ({ as, demo }) => {
  const [wendy, ada] = [await demo.session("wendy"), await demo.session("ada")];
  const names = async (session) => (await demo.call("query", query("lines", { limit: 1 }), { session })).body.columns.map((c) => c.name);
  expect(await names(ada)).toContain("customer_name");
  expect(await names(wendy)).not.toContain("customer_name");
  const asked = (column) => query("lines", { filters: [{ column, op: "contains", value: "a" }] });
  const hidden = await demo.call("query", asked("customer_name"), { session: wendy });
  const absent = await demo.call("query", asked("no_such_column"), { session: wendy });
  expect(hidden).toEqual(absent);
});

test("no page of another origin gets in", async ({ demo }) => {
  const headers = { origin: "https://evil.example" };
  const refused = await demo.call("workbook", { workbook: "sales_planning" }, { session: await demo.session("wendy"), headers });
  expect(refused.status).toBe(403);
  const preflight = await fetch(`${demo.inlay}/api/v1/query`, { method: "OPTIONS", headers });
  expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
  const page = await fetch(`${demo.inlay}/embed/sales_planning`);
  expect(page.headers.get("content-security-policy")).toContain(`frame-ancestors 'self' ${demo.host}`);
  expect(page.headers.get("cache-control")).toBe("no-store");
});

test("a control filters every element that it targets", async ({ as }) => {
  const ada = await as("ada");
  const revenue = ada.locator('[data-element="revenue"] .kpi-value');
  await expect(revenue).toHaveText("$2,297,201");
  await ada.getByRole("button", { name: "East" }).click();
  await expect(revenue).toHaveText("$678,781");
  await expect(ada.getByRole("gridcell", { name: "West", exact: true })).toHaveCount(0);
});
