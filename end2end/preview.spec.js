// An author looks at his forms as the people in inlay.toml; a host page shows one element of a workbook alone.
import { spawn } from "node:child_process";
import { BINARY, freePort } from "./demo.js";
import { expect, isClean, test } from "./fixtures.js";

/** `inlay preview` over the demo's folder: its first page, and how to end it. */
async function preview(demo) {
  const listen = `127.0.0.1:${await freePort()}`;
  const server = spawn(BINARY, ["preview", demo.folder, "--listen", listen], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, INLAY_LOG: "warn" } });
  const address = await new Promise((resolve, reject) => {
    let said = "";
    server.once("exit", () => reject(new Error(said)));
    server.stdout.on("data", (text) => {
      said += text;
      const [found] = /http:\/\/\S+/.exec(said) ?? [];
      if (found) resolve(found);
    });
  });
  return { address, listen, end: () => server.kill() };
}

test("an author sees each form as each person finds it", async ({ demo, browser }) => {
  const shown = await preview(demo);
  try {
    const page = await (await browser.newContext({ viewport: { width: 1200, height: 900 } })).newPage();
    const problems = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.goto(shown.address);
    const forms = page.getByRole("navigation").getByRole("list", { name: "Form" }).getByRole("link");
    await expect(forms).toHaveCount(4);
    await forms.filter({ hasText: "Report a month" }).click();
    const frame = page.frameLocator("iframe");
    // Nothing of the workbook but the form; what the person has by his claims is in it.
    await expect(frame.getByRole("group", { name: "The month" })).toBeVisible();
    await expect(frame.getByRole("status", { name: "Region" })).toHaveText("West");
    await expect(frame.getByRole("tab")).toHaveCount(0);
    await expect(frame.locator(".element")).toHaveCount(1);
    await isClean(page, "who looks, and how", "nav");
    const height = async () => (await page.locator("iframe").boundingBox()).height;
    await expect.poll(height).toBeGreaterThan(300);

    // As somebody who may only look, on a phone, in the dark, in German.
    await page.getByRole("link", { name: /Vic Viewer/ }).click();
    await expect(frame.getByText("You can't file this form.")).toBeVisible();
    await page.getByRole("link", { name: /Wendy West/ }).click();
    await page.getByRole("link", { name: "Phone" }).click();
    await page.getByRole("link", { name: "Dark" }).click();
    await page.getByRole("link", { name: "Deutsch" }).click();
    await expect(frame.getByRole("button", { name: "Weiter" })).toBeVisible();
    expect((await page.locator("iframe").boundingBox()).width).toBe(390);
    expect(await frame.locator("#inlay-root").getAttribute("data-theme")).toBe("dark");
    await expect(page.getByRole("link", { name: "Phone" })).toHaveAttribute("aria-current", "true");
    expect(problems).toEqual([]);

    // Whoever does not know the address gets nothing, and no ticket.
    const [, base] = /(\/preview\/[0-9a-f]+)/.exec(shown.address);
    const ask = async (path) => (await fetch(`http://${shown.listen}${path}`)).status;
    expect(await ask(`${base}/ticket/0/sales_planning`)).toBe(200);
    for (const path of ["/preview/0000000000000000/", "/preview/ticket/0/sales_planning", `${base}/ticket/9/sales_planning`, `${base}/sales_planning/nothing`]) {
      expect(await ask(path), path).toBe(404);
    }
    // Its tickets are good there, and not at the product's own server.
    const { ticket } = await (await fetch(`http://${shown.listen}${base}/ticket/0/sales_planning`)).json();
    const exchange = (origin) => fetch(`${origin}/api/v1/session`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ ticket }) });
    expect((await exchange(demo.inlay)).status).toBe(401);
    expect((await exchange(`http://${shown.listen}`)).status).toBe(200);
  } finally {
    shown.end();
  }
});

test("a host page shows one element alone, by its attribute and in its iframe", async ({ as, demo }) => {
  const page = await as("wendy", { allow: /status of 404/ });
  const workbook = page.locator("inlay-workbook");
  await workbook.evaluate((element) => element.setAttribute("only", "by_month"));
  await expect(page.getByRole("tab")).toHaveCount(0);
  await expect(page.locator('[data-element="by_month"]')).toBeVisible();
  await expect(page.locator(".element")).toHaveCount(1);
  // It is filtered by the control that is not there, as the host sets it.
  await workbook.evaluate((element) => element.setFilters({ region: ["West"] }));
  expect(await workbook.evaluate((element) => element.getState().filters)).toEqual({ region: ["West"] });
  await workbook.evaluate((element) => element.setAttribute("only", "nothing"));
  await expect(page.getByRole("alert")).toHaveText("This does not exist, or you may not see it.");
  await workbook.evaluate((element) => element.removeAttribute("only"));
  await expect(page.getByRole("tab").first()).toBeVisible();

  const framed = await as("wendy", { path: "/report" });
  await framed.evaluate(async (inlay) => {
    const { ticket } = await (await fetch("/inlay-ticket")).json();
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: `${inlay}/embed/sales_planning?only=visit_report`, target: "alone" });
    form.innerHTML = '<input type="hidden" name="ticket">';
    form.firstChild.value = ticket;
    const frame = Object.assign(document.createElement("iframe"), { name: "alone" });
    document.body.append(frame, form);
    form.submit();
  }, demo.inlay);
  const alone = framed.frameLocator('iframe[name="alone"]');
  await expect(alone.getByRole("button", { name: "File report" })).toBeVisible();
  await expect(alone.locator(".element")).toHaveCount(1);
  await expect(alone.getByRole("tab")).toHaveCount(0);
});
