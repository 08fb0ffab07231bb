// By user task, in Debian's Chromium, against the release binary; each worker has its own server and database.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.js",
  outputDir: "results/artifacts",
  timeout: 60_000,
  expect: { timeout: 10_000 },
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  // A busy machine may be slow once; what needed its second try is listed as flaky.
  retries: process.env.CI ? 1 : 0,
  reporter: [["list"], ["./plain-reporter.js"]],
  use: {
    browserName: "chromium",
    launchOptions: { executablePath: process.env.INLAY_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] },
    viewport: { width: 1360, height: 1000 },
    locale: "en-US",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
  },
});
