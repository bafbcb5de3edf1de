// Drives a Chromium for the tests: one JSON command a line in, one JSON answer a line out.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const browser = await chromium.launch({ executablePath: process.argv[2], args: ["--disable-dev-shm-usage"] });
let context;
let page;
let faults = [];

const commands = {
  async open({ dark, width, height, scripts }) {
    await context?.close();
    faults = [];
    context = await browser.newContext({
      colorScheme: dark ? "dark" : "light", viewport: { width, height }, javaScriptEnabled: scripts, reducedMotion: "reduce", timezoneId: "Europe/Berlin", locale: "en-GB",
    });
    page = await context.newPage();
    // What a content security policy blocks is a console error, too.
    page.on("console", (message) => message.type() === "error" && faults.push(`${message.text()} ${message.location().url}`));
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("dialog", (dialog) => {
      faults.push(`dialog: ${dialog.message()}`);
      return dialog.dismiss();
    });
    page.on("request", (request) => {
      if (context.origin && new URL(request.url()).origin !== context.origin) {
        faults.push(`asks elsewhere: ${request.url()}`);
      }
    });
  },
  async goto({ url }) {
    context.origin = new URL(url).origin;
    return (await page.goto(url))?.status();
  },
  fill: ({ selector, value }) => page.fill(selector, value),
  click: ({ selector }) => page.click(selector),
  type: ({ value }) => page.keyboard.type(value),
  press: ({ key }) => page.keyboard.press(key),
  async pressAndGo({ key }) {
    const before = page.url();
    await page.keyboard.press(key);
    await page.waitForURL((url) => url.href !== before);
  },
  url: () => page.url(),
  text: ({ selector }) => page.innerText(selector),
  count: ({ selector }) => page.locator(selector).count(),
  focused: () => page.evaluate(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    return `${element.tagName.toLowerCase()}|${(element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 60)}|${element.name ?? ""}|${style.outlineStyle}`;
  }),
  overflow: () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
  async axe() {
    // Brought in from outside the page, past its content security policy, which stays in force for the page itself.
    const session = await context.newCDPSession(page);
    const { readFile } = await import("node:fs/promises");
    await session.send("Runtime.evaluate", { expression: await readFile(axe, "utf8") });
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
      expression: `axe.run(document, { runOnly: ${JSON.stringify(rules)} }).then((found) => JSON.stringify(
        found.violations.map((rule) => rule.id + ": " + rule.help + " @ " + rule.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", "))))`,
      awaitPromise: true, returnByValue: true,
    });
    await session.detach();
    if (exceptionDetails) {
      throw new Error(`axe failed: ${exceptionDetails.text}`);
    }
    return JSON.parse(result.value);
  },
  screenshot: ({ path }) => page.screenshot({ path, scale: "css", fullPage: false }).then(() => true),
  faults: () => faults,
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await commands[command.do](command)) ?? null };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
