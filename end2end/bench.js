// What a person waits for, in a cold browser against the release binary. Prints figures, asserts nothing.
import { readFileSync } from "node:fs";
import { chromium } from "@playwright/test";
import { Demo } from "./demo.js";

const ROUNDS = 7;
const EDITS = 40;
const quantile = (list, share) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) * share)];
const ms = (n) => n.toFixed(1).padStart(8);

const begun = performance.now();
const demo = await Demo.make();
console.log(`\nfirst start with loading the data  ${ms(performance.now() - begun)} ms`);
await demo.stop();
const again = performance.now();
await demo.start();
console.log(`server start                       ${ms(performance.now() - again)} ms`);
const status = readFileSync(`/proc/${demo.pid}/status`, "utf8");
console.log(`server memory after start          ${ms(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024)} MiB`);

const browser = await chromium.launch({ executablePath: process.env.INLAY_CHROMIUM, args: ["--no-sandbox"] });
for (const [name, path] of [["script tag", "/sales"], ["iframe", "/report"]]) {
  const times = [];
  for (let i = 0; i < ROUNDS; i++) {
    const context = await browser.newContext({ viewport: { width: 1360, height: 1000 } });
    const page = await context.newPage();
    await page.goto(`${demo.host}/?person=wendy`, { waitUntil: "commit" });
    await page.goto("about:blank");
    const start = performance.now();
    await page.goto(demo.host + path, { waitUntil: "commit" });
    const scope = path === "/report" ? page.frameLocator("iframe") : page;
    await scope.getByRole("gridcell").first().waitFor();
    times.push(performance.now() - start);
    await context.close();
  }
  console.log(`first data cell, ${name.padEnd(12)} p50   ${ms(quantile(times, 0.5))} ms   worst ${ms(Math.max(...times))} ms`);
}

const page = await (await browser.newContext()).newPage();
await page.goto(`${demo.host}/?person=wendy`);
await page.getByRole("gridcell").first().waitFor();
const seen = [];
const answered = [];
page.on("requestfinished", (request) => {
  if (request.url().endsWith("/edits")) answered.push(request.timing().responseEnd);
});
for (let i = 0; i < EDITS; i++) {
  const cell = page.locator(`#plan-r${i % 10}c4`);
  await cell.click();
  await page.keyboard.type(String(100 + i));
  seen.push(
    await page.evaluate(async (id) => {
      const root = document.querySelector("inlay-workbook").shadowRoot;
      const target = root.querySelector(id);
      const start = performance.now();
      const editor = root.querySelector(".grid-editor");
      editor.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, composed: true }));
      await new Promise((resolve) => {
        const look = () => (target.classList.contains("is-saved") ? resolve() : requestAnimationFrame(look));
        look();
      });
      return performance.now() - start;
    }, `#plan-r${i % 10}c4`),
  );
  await page.waitForTimeout(20);
}
for (const [name, list] of [["key press to saved mark", seen], ["request to answer", answered]]) {
  console.log(`${name.padEnd(30)} p50 ${ms(quantile(list, 0.5))}   p95 ${ms(quantile(list, 0.95))}   p99 ${ms(quantile(list, 0.99))} ms`);
}
await browser.close();
await demo.stop();
await demo.remove();
