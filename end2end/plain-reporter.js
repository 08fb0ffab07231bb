// Ends a run with one plain line that any reader of logs understands.
export default class PlainReporter {
  #passed = 0;
  #failed = 0;

  onTestEnd(test, result) {
    if (result.status === "passed") this.#passed++;
    else if (result.status !== "skipped" && result.retry === test.retries) this.#failed++;
  }

  onEnd() {
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
  }

  printsToStdio() {
    return false;
  }
}
