// A demo of its own for each worker (server, host product, database), and people who are signed in to it.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect } from "@playwright/test";

const BINARY = process.env.INLAY_BINARY ?? new URL("../target/release/inlay", import.meta.url).pathname;

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** A running demo: where it is, and how to stop and start it again over the same data. */
class Demo {
  #process;

  constructor(folder, inlayPort, hostPort) {
    this.folder = folder;
    this.inlay = `http://127.0.0.1:${inlayPort}`;
    this.host = `http://127.0.0.1:${hostPort}`;
  }

  static async make() {
    const folder = await mkdtemp(join(tmpdir(), "inlay-test-"));
    const demo = new Demo(folder, await freePort(), await freePort());
    const source = new URL("../demo/inlay.toml", import.meta.url);
    const config = (await readFile(source, "utf8"))
      .replace("127.0.0.1:4600", demo.inlay.slice(7))
      .replace(/origins = .*/, `origins = ["${demo.host}"]`);
    await writeFile(join(folder, "inlay.toml"), config);
    await demo.start();
    return demo;
  }

  async start() {
    const env = { ...process.env, INLAY_DEMO_LISTEN: this.host.slice(7), INLAY_LOG: "warn" };
    this.#process = spawn(BINARY, ["demo", this.folder], { env, stdio: ["ignore", "ignore", "inherit"] });
    for (let i = 0; i < 300; i++) {
      const ready = await fetch(`${this.inlay}/readyz`).catch(() => undefined);
      if (ready?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("the demo did not start");
  }

  /** Ends the server: `SIGTERM` asks it to, `SIGKILL` does not. */
  async stop(signal = "SIGTERM") {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill(signal);
    await ended;
  }

  /** A ticket as the host product signs it. */
  async ticket(person) {
    const response = await fetch(`${this.host}/inlay-ticket`, { headers: { cookie: `northwind_person=${person}` } });
    return (await response.json()).ticket;
  }

  /** A call to the API as a script would make it. */
  async call(path, body, { session, headers } = {}) {
    const response = await fetch(`${this.inlay}/api/v1/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(session && { authorization: `Bearer ${session}` }), ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }

  async session(person) {
    const { body } = await this.call("session", { ticket: await this.ticket(person) });
    return body.session;
  }
}

export const test = base.extend({
  demo: [
    async ({}, use) => {
      const demo = await Demo.make();
      await use(demo);
      await demo.stop();
      await rm(demo.folder, { recursive: true, force: true });
    },
    { scope: "worker" },
  ],

  /** Opens a page as one of the five people; fails the test on any error in its console. */
  as: async ({ browser, demo }, use) => {
    const contexts = [];
    const problems = [];
    await use(async (person, { path = "/sales", options = {}, allow } = {}) => {
      const context = await browser.newContext(options);
      contexts.push(context);
      const page = await context.newPage();
      const note = (text) => allow?.test(text) || problems.push(text);
      page.on("console", (message) => message.type() === "error" && note(message.text()));
      page.on("pageerror", (error) => note(String(error)));
      await page.goto(`${demo.host}/?person=${person}`);
      await page.goto(demo.host + path);
      return page;
    });
    for (const context of contexts) await context.close();
    expect(problems, "errors in the console").toEqual([]);
  },
});

/** The forecast's cell in the row of a sub-category and month, by the grid's own words. */
export function cell(page, subCategory, month, column) {
  const row = page.getByRole("row").filter({ hasText: subCategory }).filter({ hasText: month });
  const index = { forecast: 5, variance: 6, status: 7, note: 8 }[column];
  return row.first().locator(`[aria-colindex="${index}"]`);
}

/** Types into a cell as a person does: click, type, Enter. */
export async function typeInto(page, target, text) {
  await target.click();
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

export function saved(page) {
  return page.getByText("All changes saved");
}

/** The chart's summary for those who don't see it; it changes with what is drawn. */
export function chart(page, element) {
  return page.locator(`[data-element="${element}"] [role="img"][data-ready="true"]`);
}

export { expect };
