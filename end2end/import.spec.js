// Files that are loaded into input tables: dropped or chosen, read as they are written, tried, loaded as one batch, taken back.
import { expect, isClean, test } from "./fixtures.js";

const panel = (page) => page.getByRole("dialog", { name: /^Load a file into/ });
const csv = (text, name = "plan.csv") => ({ name, mimeType: "text/csv", buffer: Buffer.isBuffer(text) ? text : Buffer.from(text) });

async function open(page, element) {
  await page.locator(`[data-element="${element}"] .tools-button`).click();
  await page.getByRole("menuitem", { name: "Load a file…" }).click();
  await expect(panel(page)).toBeVisible();
}

async function choose(page, file) {
  await panel(page).locator('input[type="file"]').setInputFiles(file);
}

const history = async (demo, key) =>
  (await demo.call("history", { history: { workbook: "sales_planning", table: "forecast", key, column: "note" } }, { session: await demo.session("wendy") })).body.entries;

const GERMAN = `Region;Sub-category;Monat;Forecast;Bemerkung
West;Binders;01.02.2017;1.234,50;aus der Datei
West;Chairs;01.02.2017;2.000,00;aus der Datei
East;Chairs;01.02.2017;3,00;nicht meine
West;Phones;01.02.2017;viel;kein Betrag
West;Phones;01.03.2017;1
`;

test("a file is read as it is written, shown before it is loaded, loaded as one batch, and taken back", async ({ as, demo }) => {
  const page = await as("wendy");
  await open(page, "plan");
  await isClean(page, "a file is to be chosen");
  await choose(page, csv(Buffer.from(GERMAN, "latin1")));
  await expect(panel(page).getByLabel("Numbers and dates")).toHaveValue("de-DE");
  await expect(panel(page).getByLabel("“Forecast” goes to")).toHaveValue("forecast");
  // What its name does not say the person says.
  await expect(panel(page).getByLabel("“Monat” goes to")).toHaveValue("");
  await panel(page).getByLabel("“Monat” goes to").selectOption("month");
  await panel(page).getByLabel("“Bemerkung” goes to").selectOption("note");
  await isClean(page, "where its columns go");
  await panel(page).getByRole("button", { name: "See what would happen" }).click();
  await expect(panel(page).getByText("2 rows changed")).toBeVisible();
  await expect(panel(page).getByText("3 lines refused")).toBeVisible();
  await expect(panel(page).getByRole("region", { name: "Refused lines" })).toContainText("“viel” is not a number.");
  await isClean(page, "what would happen");
  const key = ["West", "Binders", "2017-02-01"];
  const before = (await history(demo, key)).length;

  const [saved] = await Promise.all([page.waitForEvent("download"), panel(page).getByRole("button", { name: "Save the refused lines" }).click()]);
  expect(saved.suggestedFilename()).toBe("plan - refused.csv");
  const text = Buffer.concat(await (await saved.createReadStream()).toArray()).toString();
  expect(text.split("\r")[0].split("\n")[0]).toBe("\ufeffRegion,Sub-category,Monat,Forecast,Bemerkung,Line,Why it was refused");
  expect(text).toContain("East,Chairs,01.02.2017,\"3,00\",nicht meine,4,");

  await panel(page).getByRole("button", { name: "Load 2 lines" }).click();
  await expect(panel(page).getByText("2 lines are loaded.")).toBeVisible();
  const entries = await history(demo, key);
  expect(entries.length).toBe(before + 1);
  expect([entries[0].origin, entries[0].new]).toEqual(["import", "aus der Datei"]);
  await panel(page).getByRole("button", { name: "Take it back" }).click();
  await expect(panel(page).getByText("2 rows are as they were.")).toBeVisible();
  expect((await history(demo, key))[0].origin).toBe("undo");
  await panel(page).getByRole("button", { name: "Finish" }).click();
  await expect(panel(page)).toHaveCount(0);

  // The next file of the kind goes where this one went.
  await open(page, "plan");
  await choose(page, csv(Buffer.from(GERMAN, "latin1")));
  await expect(panel(page).getByText("The columns go where you sent them last time.")).toBeVisible();
  await expect(panel(page).getByLabel("“Monat” goes to")).toHaveValue("month");
  await page.keyboard.press("Escape");
  await expect(panel(page)).toHaveCount(0);
});

test("a file that is dropped on a grid is loaded into it, and its rows can be taken out again", async ({ as, demo }) => {
  const page = await as("wendy");
  const lines = Array.from({ length: 3000 }, (_, i) => `call ${i},Chairs`).join("\n");
  const transfer = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "actions.csv", { type: "text/csv" }));
    return transfer;
  }, `action,product\n${lines}\n`);
  await page.getByRole("tab", { name: "Actions" }).click();
  const grid = page.locator('[data-element="actions"]');
  await grid.scrollIntoViewIfNeeded();
  await grid.dispatchEvent("dragover", { dataTransfer: transfer });
  await grid.dispatchEvent("drop", { dataTransfer: transfer });
  await expect(panel(page).getByLabel("“action” goes to")).toHaveValue("action");
  await panel(page).getByRole("button", { name: "See what would happen" }).click();
  await expect(panel(page).getByText("3,000 new rows")).toBeVisible();
  await panel(page).getByRole("button", { name: "Load 3,000 lines" }).click();
  await expect(panel(page).getByText("3,000 lines are loaded.")).toBeVisible();
  await panel(page).getByRole("button", { name: "Take it back" }).click();
  await expect(panel(page).getByText("3,000 rows are as they were.")).toBeVisible();
});

test("what is no table says so, and what is lost on the way is sent again", async ({ as }) => {
  const page = await as("wendy", { allow: /422|ERR_FAILED/ });
  await open(page, "plan");
  await choose(page, csv(Buffer.from("PK\u0003\u0004 and nothing else"), "plan.xlsx"));
  await expect(panel(page).getByRole("alert")).toContainText("This file can't be read");
  let lost = 0;
  await page.route("**/api/v1/import_part", (route) => (lost++ < 1 ? route.abort() : route.continue()));
  await choose(page, csv("region,sub_category,month,note\nWest,Chairs,2017-04-01,once\n"));
  await expect(panel(page).getByLabel("“note” goes to")).toHaveValue("note");
  expect(lost).toBeGreaterThan(1);
  await panel(page).getByRole("button", { name: "See what would happen" }).click();
  await expect(panel(page).getByText("1 row changed")).toBeVisible();
  // Its answer is lost: it is asked again, and loaded once.
  let asked = 0;
  await page.route("**/api/v1/import", async (route) => {
    if (asked++ > 0) return route.continue();
    await route.fetch();
    await route.abort();
  });
  await panel(page).getByRole("button", { name: "Load 1 line" }).click();
  await expect(panel(page).getByText("1 line is loaded.")).toBeVisible();
  expect(asked).toBe(2);
  await panel(page).getByRole("button", { name: "Take it back" }).click();
  await expect(panel(page).getByText("1 row is as it was.")).toBeVisible();
});

test("whoever only looks is offered no file to load", async ({ as }) => {
  const page = await as("vic");
  await page.locator('[data-element="plan"] .tools-button').click();
  await expect(page.getByRole("menuitem", { name: "Full screen" })).toBeVisible();
  await expect(page.getByRole("menuitem", { name: "Load a file…" })).toHaveCount(0);
});

for (const [name, options] of Object.entries({
  dark: { options: { colorScheme: "dark" } },
  "on a phone": { options: { viewport: { width: 390, height: 844 }, hasTouch: true } },
  "in German": { options: { locale: "de-DE" } },
})) {
  test(`nothing is wrong with a load for whoever can't see it: ${name}`, async ({ as }) => {
    const page = await as("wendy", options);
    const german = name === "in German";
    await page.locator('[data-element="plan"] .tools-button').click();
    await page.getByRole("menuitem", { name: german ? "Datei laden …" : "Load a file…" }).click();
    const dialog = page.getByRole("dialog", { name: german ? /laden$/ : /^Load a file into/ });
    await dialog.locator('input[type="file"]').setInputFiles(csv("region,sub_category,month,note\nWest,Chairs,2017-04-01,n\nWest,Nothing,2017-04-01,n\n"));
    await expect(dialog.locator("select").first()).toBeVisible();
    await isClean(page, `${name}: where columns go`);
    await dialog.getByRole("button", { name: german ? "Zeigen, was geschähe" : "See what would happen" }).click();
    await expect(dialog.locator(".import-reasons")).toBeVisible();
    await isClean(page, `${name}: what would happen`);
  });
}
