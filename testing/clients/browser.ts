import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";

/** A browser that sees some ports of this machine and nothing else. */
export interface IsolatedBrowser {
  readonly browser: Browser;
  readonly close: () => Promise<void>;
}

/**
 * Debian's Chromium without a window, in a network of its own: it gives up whatever it is loading when an address of its
 * machine changes, and here containers come and go.
 *
 * @param folder for its sockets
 * @param ports of 127.0.0.1 that it may reach, under the same numbers
 */
export async function launchBrowser(folder: string, ports: readonly number[]): Promise<IsolatedBrowser> {
  fs.mkdirSync(folder, { recursive: true });
  const doors = await Promise.all(ports.map((port) => openDoor(path.join(folder, `${port}.sock`), port)));
  const start = path.join(folder, "chromium");
  const inside = path.join(__dirname, "browser-network.mjs");
  const script = `#!/bin/sh\nexec unshare --net -- '${process.execPath}' '${inside}' '${folder}' ${CHROMIUM} "$@"\n`;
  fs.writeFileSync(start, script, { mode: 0o755 });
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
  // Root needs --no-sandbox; its pages are the tests' own.
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", ...quiet];
  const browser = await chromium.launch({ executablePath: start, args });
  const close = async () => {
    await browser.close();
    for (const door of doors) {
      door.close();
    }
  };
  return { browser, close };
}

function openDoor(socket: string, port: number): Promise<net.Server> {
  const server = net.createServer((client) => {
    const registry = net.connect(port, "127.0.0.1");
    client.pipe(registry).pipe(client);
    client.on("error", () => registry.destroy());
    registry.on("error", () => client.destroy());
  });
  return new Promise((resolve) => server.listen(socket, () => resolve(server)));
}

/** A page that remembers what it should never see. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of scripts, what the content security policy stopped, and requests to other addresses. */
  readonly faults: string[];
  /** Whether the browser would have asked for a password by a window of its own. */
  readonly prompts: string[];
  /** Paths that were asked for, with their methods. */
  readonly asked: string[];
}

/** A new page as a person has it who was never there: without cookies, cache or storage. */
export async function watchedPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  // The authority is one of the test's own.
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const watched: WatchedPage = { page, faults: [], prompts: [], asked: [] };
  page.on("pageerror", (error) => watched.faults.push(error.message));
  page.on("console", (message) => {
    // A status is no fault of the page's.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      watched.faults.push(message.text());
    }
  });
  page.on("request", (request) => {
    const { origin: asked, pathname, search } = new URL(request.url());
    watched.asked.push(`${request.method()} ${pathname}${search}`);
    if (asked !== origin) {
      watched.faults.push(`a request to ${asked}`);
    }
  });
  return watched;
}

/** Looks out for the window in which a browser asks for a password; it holds each request up for a moment. */
export async function watchPrompts({ page, prompts }: WatchedPage): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  // Fails for a request that the page has given up meanwhile.
  const answer = (what: "Fetch.continueRequest" | "Fetch.continueWithAuth", how: { requestId: string }) =>
    devTools.send(what, how as never).catch(() => {});
  devTools.on("Fetch.requestPaused", ({ requestId }) => answer("Fetch.continueRequest", { requestId }));
  devTools.on("Fetch.authRequired", ({ requestId, request }) => {
    prompts.push(request.url);
    const how = { requestId, authChallengeResponse: { response: "CancelAuth" } };
    return answer("Fetch.continueWithAuth", how);
  });
  await devTools.send("Fetch.enable", { handleAuthRequests: true });
}

const AXE = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds wrong with a page, a line each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // Through the debugger, as the page lets no script in.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: axe is there since the line before.
    const { violations } = await (globalThis as any).axe.run();
    return violations.map(
      ({ id, nodes }: { id: string; nodes: { html: string }[] }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`,
    );
  });
}
