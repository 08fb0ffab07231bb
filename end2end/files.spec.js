// Files that are attached in a form: sent when chosen, told by their content, made smaller, and served to whoever sees the row.
import { expect, isClean, test } from "./fixtures.js";

const report = (page) => page.locator('[data-element="month_report"]');

async function openLastStep(as, demo, options = {}) {
  await demo.call("save_draft", { draft: { workbook: "sales_planning", form: "month_report", draft: null } }, { session: await demo.session("wendy") });
  const page = await as("wendy", options);
  await page.getByRole("tab", { name: "Reports" }).click();
  await report(page).getByLabel("How it went").selectOption("as planned");
  await report(page).getByRole("button", { name: "Next" }).click();
  await report(page).getByLabel("Revenue").fill("500");
  await report(page).getByRole("button", { name: "Next" }).click();
  await expect(report(page).getByText("PDF, PNG, JPG, WEBP, at most 5 MB")).toBeVisible();
  return page;
}

const proof = (page) => report(page).locator('input[type="file"]');

/** A picture of so many pixels, as a browser makes it. */
async function picture(page, width, height) {
  const data = await page.evaluate(([width, height]) => {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d");
    for (let i = 0; i < 400; i++) {
      context.fillStyle = `hsl(${i * 47} 70% 50%)`;
      context.fillRect((i * 97) % width, (i * 61) % height, width / 9, height / 7);
    }
    return canvas.toDataURL("image/png");
  }, [width, height]);
  return { name: "shelf.png", mimeType: "image/png", buffer: Buffer.from(data.split(",")[1], "base64") };
}

test("a large picture is made smaller, filed with the row, and saved by whoever sees it", async ({ as, demo }) => {
  const page = await openLastStep(as, demo, { options: { viewport: { width: 1400, height: 1000 } } });
  await isClean(page, "a field for a file");
  await proof(page).setInputFiles(await picture(page, 3000, 1500));
  await expect(report(page).locator(".attach.is-full")).toContainText("shelf.jpg");
  await isClean(page, "a file is attached");
  // It is part of what was begun.
  await page.reload();
  await page.getByRole("tab", { name: "Reports" }).click();
  await expect(report(page).locator(".attach.is-full")).toContainText("shelf.jpg");
  await report(page).getByRole("button", { name: "File the month" }).click();
  await expect(report(page).locator(".form-thanks")).toBeVisible();
  await report(page).getByRole("button", { name: "Look at it" }).click();
  const [saved] = await Promise.all([page.waitForEvent("download"), report(page).getByRole("button", { name: "Save shelf.jpg" }).click()]);
  expect(saved.suggestedFilename()).toBe("shelf.jpg");
  const bytes = await (await saved.createReadStream()).toArray();
  const jpeg = Buffer.concat(bytes).toString("base64");
  const size = await page.evaluate(async (jpeg) => {
    const image = Object.assign(new Image(), { src: `data:image/jpeg;base64,${jpeg}` });
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
  }, jpeg);
  expect(size).toEqual([2000, 1000]);

  // By the row alone: a colleague of the region has it, others and other ways don't.
  const key = (await demo.call("submissions", { submissions: { workbook: "sales_planning", form: "month_report" } }, { session: await demo.session("wendy") })).body.rows[0].key;
  const asked = async (person) => {
    const session = await demo.session(person);
    return fetch(`${demo.inlay}/api/v1/file`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${session}` },
      body: JSON.stringify({ file: { workbook: "sales_planning", table: "month_reports", key, column: "proof" } }),
    });
  };
  const answer = await asked("walt");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("image/jpeg");
  expect(answer.headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''shelf%2Ejpg");
  expect(answer.headers.get("content-security-policy")).toContain("sandbox");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect((await asked("ed")).status).toBe(404);

  // Another one in its place.
  await report(page).getByRole("button", { name: "Edit" }).click();
  await report(page).getByRole("button", { name: "Next" }).click();
  await report(page).getByRole("button", { name: "Next" }).click();
  await report(page).getByRole("button", { name: "Remove shelf.jpg" }).click();
  await proof(page).setInputFiles({ name: "letter.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\nA letter") });
  await report(page).getByRole("button", { name: "Save changes" }).click();
  await expect(report(page).getByRole("button", { name: "Save letter.pdf" })).toBeVisible();

  // From the table of what was filed too: by its cell, and beside it.
  const filed = page.locator('[data-element="month_filed"]');
  const cell = filed.getByRole("gridcell", { name: "letter.pdf" });
  const download = async (way) => {
    const [saved] = await Promise.all([page.waitForEvent("download"), way()]);
    expect(saved.suggestedFilename()).toBe("letter.pdf");
    expect(Buffer.concat(await (await saved.createReadStream()).toArray()).toString()).toBe("%PDF-1.7\nA letter");
  };
  await cell.scrollIntoViewIfNeeded();
  await download(() => cell.dblclick());
  await download(() => page.keyboard.press("Enter"));
  await page.keyboard.press("Alt+Enter");
  await download(() => filed.getByRole("button", { name: "Save letter.pdf" }).click());
  await isClean(page, "a file in a table");
});

test("a file that is not what it says, or too large, is told at its field", async ({ as, demo }) => {
  const page = await openLastStep(as, demo, { allow: /status of 422/ });
  await proof(page).setInputFiles({ name: "letter.pdf", mimeType: "application/pdf", buffer: Buffer.from("MZ\x90\0 a program") });
  await expect(report(page).getByText("Only PDF, PNG, JPG, WEBP can be attached here.")).toBeVisible();
  await isClean(page, "a file that is not taken");
  await proof(page).setInputFiles({ name: "long.pdf", mimeType: "application/pdf", buffer: Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.alloc(6 << 20)]) });
  await expect(report(page).getByText("A file has at most 5 MB here.")).toBeVisible();
  // Dropped, and this time a good one.
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["%PDF-1.7\nA letter"], "dropped.pdf", { type: "application/pdf" }));
    return transfer;
  });
  await report(page).locator(".attach").dispatchEvent("drop", { dataTransfer: data });
  await expect(report(page).locator(".attach.is-full")).toContainText("dropped.pdf");
  await expect(report(page).getByText("A file has at most 5 MB here.")).toHaveCount(0);
});

test("a file is attached on a phone, in the dark, by the keyboard", async ({ as, demo }) => {
  const page = await openLastStep(as, demo, { options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: "dark" } });
  await page.evaluate(() => document.documentElement.style.setProperty("color-scheme", "dark"));
  await isClean(page, "a field for a file on a phone");
  await proof(page).focus();
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Enter")]);
  await chooser.setFiles({ name: "letter.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\nA letter") });
  await expect(report(page).locator(".attach.is-full")).toContainText("letter.pdf");
  await isClean(page, "a file on a phone");
  const box = await report(page).boundingBox();
  expect(box.x + box.width).toBeLessThanOrEqual(390);
});
