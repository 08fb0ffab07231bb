// Points in time by the workbook's clocks (New York), wherever the person is; dates that never shift.
import { expect, saved, test } from "./fixtures.js";

const panel = (page) => page.getByRole("complementary", { name: "Row" });
const field = (page, name) => panel(page).getByRole("button", { name: new RegExp(`^${name}:`) });

async function added(demo, name, discussed) {
  const session = await demo.session("wendy");
  const cells = { action: name, due_on: "2025-03-09", discussed_at: discussed };
  const edit = { table: "actions", op: "insert", key: [], cells: Object.entries(cells).map(([column, value]) => ({ column, value, was: null })) };
  const batch = { batch_id: crypto.randomUUID(), workbook: "sales_planning", edits: [edit] };
  expect((await demo.call("edits", { batch }, { session })).status).toBe(200);
  return async () => {
    const filters = [{ column: "action", op: "equals", value: name }];
    const { body } = await demo.call("query", { query: { workbook: "sales_planning", element: "actions", filters } }, { session });
    return body.rows[0][body.columns.findIndex((column) => column.name === "discussed_at")];
  };
}
async function open(as, name, timezoneId) {
  const page = await as("wendy", { options: { viewport: { width: 1500, height: 1000 }, timezoneId }, allow: /422/ });
  await page.getByRole("tab", { name: "Actions" }).click();
  const row = page.getByRole("grid", { name: "Actions" }).getByRole("row").filter({ hasText: name });
  await row.locator("[aria-colindex='1']").click();
  await page.keyboard.press("Alt+Enter");
  await expect(field(page, "Action")).toHaveText(name);
  return page;
}

for (const place of ["Asia/Tokyo", "Pacific/Midway"]) {
  test(`who is in ${place} reads what somebody in New York reads`, async ({ as, demo }) => {
    const name = `clocks ${place}`;
    await added(demo, name, "2025-07-01T02:30:00Z");
    const page = await open(as, name, place);
    await expect(field(page, "Discussed at")).toHaveText("6/30/2025 22:30");
    await expect(field(page, "Due on")).toHaveText("3/9/2025");
  });
}

test("an hour that was there twice or never is said while one types, and stored as it is meant", async ({ as, demo }) => {
  const stored = await added(demo, "changed clocks", null);
  const page = await open(as, "changed clocks", "Europe/Berlin");
  await field(page, "Discussed at").click();
  const text = panel(page).getByRole("combobox", { name: "Discussed at" });
  await text.fill("3/9/2025 2:30");
  await expect(panel(page).getByText("“3/9/2025 2:30” does not exist in America/New_York: clocks were put forward over it.")).toBeVisible();
  await text.fill("11/2/2025 1:30");
  await expect(panel(page).getByText("was there twice in America/New_York, as clocks were put back: add -04:00 or -05:00.")).toBeVisible();
  await text.fill("11/2/2025 1:30 -05:00");
  await expect(panel(page).getByText("was there twice")).toHaveCount(0);
  await page.keyboard.press("Enter");
  await expect(saved(page)).toBeVisible();
  await expect(field(page, "Discussed at")).toHaveText("11/2/2025 01:30 -05:00");
  expect(await stored()).toBe("2025-11-02T06:30:00.000000Z");
  // Opened and left it is what it was.
  await field(page, "Discussed at").click();
  await page.keyboard.press("Enter");
  await field(page, "Discussed at").click();
  await text.fill("2025-07-01 9:00");
  await page.keyboard.press("Control+Enter");
  await expect(field(page, "Discussed at")).toHaveText("7/1/2025 09:00");
  await expect(saved(page)).toBeVisible();
  expect(await stored()).toBe("2025-07-01T13:00:00.000000Z");
});
