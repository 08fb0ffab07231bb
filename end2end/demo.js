// A running demo (server, host product, database) in a folder of its own.
import { spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const BINARY = process.env.INLAY_BINARY ?? new URL("../target/release/inlay", import.meta.url).pathname;

export function freePort() {
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
export class Demo {
  #process;

  constructor(folder, inlayPort, hostPort, options) {
    this.folder = folder;
    this.options = options;
    this.inlay = `http://127.0.0.1:${inlayPort}`;
    this.host = `http://127.0.0.1:${hostPort}`;
  }

  /** A demo of its own; `options` are those of `inlay demo`, `configure` changes the text of its configuration. */
  static async make(options = [], configure = (config) => config) {
    const folder = await mkdtemp(join(tmpdir(), "inlay-test-"));
    const demo = new Demo(folder, await freePort(), await freePort(), options);
    const source = new URL("../demo/inlay.toml", import.meta.url);
    const config = (await readFile(source, "utf8"))
      .replace("127.0.0.1:4600", demo.inlay.slice(7))
      .replace("http://127.0.0.1:4601/inlay", `${demo.host}/inlay`)
      .replace(/origins = .*/, `origins = ["${demo.host}"]`);
    await writeFile(join(folder, "inlay.toml"), configure(config));
    await demo.start();
    return demo;
  }

  async start() {
    const env = { ...process.env, INLAY_DEMO_LISTEN: this.host.slice(7), INLAY_LOG: "warn" };
    this.#process = spawn(BINARY, ["demo", this.folder, ...this.options], { env, stdio: ["ignore", "ignore", "inherit"] });
    for (let i = 0; i < 1_200; i++) {
      const ready = await fetch(`${this.inlay}/readyz`).catch(() => undefined);
      if (ready?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("the demo did not start");
  }

  get pid() {
    return this.#process.pid;
  }

  async remove() {
    await rm(this.folder, { recursive: true, force: true });
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

  /** The same with other claims, signed with the key that the host product and Inlay share. */
  async ticketWith(person, claims) {
    const [header, payload] = (await this.ticket(person)).split(".");
    const body = { ...JSON.parse(Buffer.from(payload, "base64url")), ...claims, jti: randomUUID() };
    const signed = `${header}.${Buffer.from(JSON.stringify(body)).toString("base64url")}`;
    const key = await readFile(join(this.folder, "var/northwind-crm.secret"));
    return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
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
