import path from "node:path";
import execa from "execa";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import {
  accessibilityFaults,
  type IsolatedBrowser,
  launchBrowser,
  type WatchedPage,
  watchedPage,
  watchPrompts,
} from "../../testing/clients/browser";
import { request } from "../../testing/clients/http";
import { blobFile } from "../../testing/clients/images";
import { plant } from "../../testing/clients/planted";
import { fillShowcase, HTML, type ShowcaseContent } from "../../testing/clients/showcase-content";
import { freePorts } from "../../testing/machine/ports";
import { BrowsedRegistry } from "../../testing/stacks/browsed-registry";

describe("the page of a registry", () => {
  let registry: BrowsedRegistry;
  let content: ShowcaseContent;
  let isolated: IsolatedBrowser;
  let browser: Browser;
  const opened: WatchedPage[] = [];

  async function open(origin: string, hash = "", options: BrowserContextOptions = {}): Promise<Page> {
    const watched = await watchedPage(browser, origin, options);
    opened.push(watched);
    if (origin !== registry.open) {
      await watchPrompts(watched);
    }
    await watched.page.goto(`${origin}/${hash}`);
    return watched.page;
  }

  const row = (page: Page, name: string) =>
    page.getByRole("row").filter({ has: page.getByText(name, { exact: true }) });
  const shownTags = (page: Page) =>
    page.locator(".tags .row:not(.head) .main").evaluateAll((all) => all.map((one) => one.textContent));

  async function logIn(page: Page, user: string, password = registry.users[user]): Promise<void> {
    await page.getByLabel("Name", { exact: true }).fill(user);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("dialog").getByRole("button", { name: "Log in" }).click();
  }

  beforeAll(async () => {
    const [tokens, basic, open] = await freePorts(3);
    registry = new BrowsedRegistry("browser", { tokens, basic, open });
    const folder = path.join(registry.deployment.directory, "browser");
    [isolated] = await Promise.all([launchBrowser(folder, [tokens, basic, open]), registry.deploy()]);
    browser = isolated.browser;
    content = await fillShowcase(registry.open, {});
    const { config, layers } = content.image;
    const blobs = [config, ...layers].map(({ digest }) => digest);
    const tags = Array.from({ length: 1000 }, (_, i) => `1.${i}.0`);
    await plant(registry.container, { digest: content.image.digest, blobs }, new Map([["many/tags", tags]]));
    const data = `/var/lib/registry${blobFile(content.broken.digest)}`;
    await execa("docker", ["exec", registry.container, "rm", data]);
  });
  afterEach(async () => {
    const pages = opened.splice(0);
    await Promise.all(pages.map(({ page }) => page.context().close()));
    expect(pages.flatMap(({ faults }) => faults)).toEqual([]);
    expect(pages.flatMap(({ prompts }) => prompts)).toEqual([]);
  });
  afterAll(async () => {
    await isolated?.close();
    await registry?.deployment.cleanUp();
  });

  describe("shows everybody", () => {
    it("repositories as a tree, with tags, sizes and the last push", async () => {
      const page = await open(registry.open);
      await page.getByText("4 repositories").waitFor();
      const api = row(page, "api");
      await api.getByText("1.8 MB").waitFor();
      expect(await api.innerText()).toMatch(/^api\s+2\s+1\.8 MB\s+(just now|\d+ minutes? ago)$/);
      await page.getByRole("button", { name: "data" }).click();
      await page.getByText("loader", { exact: true }).waitFor({ state: "detached" });
    });

    it("what was searched for, also after a look at it", async () => {
      const page = await open(registry.open);
      await row(page, "worker").waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type("SHOP ap");
      await page.getByRole("link", { name: "shop/api" }).click();
      await page.getByRole("heading", { name: "shop/api" }).waitFor();
      await page.getByRole("link", { name: "Repositories" }).click();
      expect(await page.getByLabel("Search repositories").inputValue()).toBe("SHOP ap");
      expect(await page.getByRole("row").count()).toBe(2);
    });

    it("tags by version, or by the time of their push", async () => {
      const page = await open(registry.open, "#/shop/web");
      await row(page, "1.9.0").waitFor();
      expect(await shownTags(page)).toEqual(["latest", "2.1", "2.1.0", "2.0.0", "2.0.0-rc.1", "1.10.0", "1.9.0"]);
      await page.getByRole("button", { name: "Pushed" }).click();
      expect((await shownTags(page))[0]).toBe("1.9.0");
      await row(page, "2.1").getByText("linux/arm64").waitFor();
      expect(await row(page, "2.1").innerText()).toContain("3.5 MB");
    });

    it("the platforms of an index, and what is attached to it", async () => {
      const page = await open(registry.open, "#/shop/web:2.1.0");
      await page.getByRole("heading", { name: "Attached" }).waitFor();
      for (const name of ["signature", "SBOM", "Attestation of linux/amd64", "Attestation of linux/arm64"]) {
        await page.getByRole("link", { name, exact: true }).waitFor();
      }
      await page.getByRole("link", { name: "linux/arm64", exact: true }).click();
      await page.getByText("COPY dist/ ./").waitFor();
      expect(await page.getByRole("main").innerText()).toMatch(/Platform\s+linux\/arm64/);
    });

    it("layers with their history, configuration and labels of an image", async () => {
      const page = await open(registry.open, "#/shop/api:stable");
      await page.getByText("org.opencontainers.image.revision").waitFor();
      const layers = page.getByRole("region", { name: "Layers and history" }).getByRole("listitem");
      expect(await layers.count()).toBe(8);
      expect(await layers.nth(4).innerText()).toMatch(/^RUN npm ci --omit=dev\s+sha256:[0-9a-f]{12}\s+486 kB$/);
      expect(await page.getByRole("region", { name: "Configuration" }).innerText()).toMatch(/User\s+1000/);
      expect(await page.getByRole("region", { name: "Annotations" }).innerText()).toContain("Shop API");
    });

    it("artifacts, with the line of the client that pulls them", async () => {
      const page = await open(registry.open, "#/charts/shop:0.4.0");
      await page.getByText("shop-0.4.0.tgz", { exact: true }).waitFor();
      const host = registry.open.replace("http://", "");
      await page.getByText(`helm pull oci://${host}/charts/shop --version 0.4.0`).waitFor();
      expect(await page.getByRole("region", { name: "Overview" }).innerText()).toMatch(/Kind\s+Helm chart/);
    });

    it("lines to copy, with the digest", async () => {
      const permissions = ["clipboard-read", "clipboard-write"];
      const page = await open(registry.open, "#/shop/api:3.4.2", { permissions });
      await page.getByRole("button", { name: "Copy pull line with digest" }).click();
      await page.getByText("Copied").waitFor();
      const line = `docker pull ${registry.open.replace("http://", "")}/shop/api@${content.image.digest}`;
      expect(await page.evaluate("navigator.clipboard.readText()")).toBe(line);
    });

    it("names that hold HTML as they are", async () => {
      const page = await open(registry.open, "#/odd/html:1");
      await page.getByRole("heading", { name: "Labels" }).waitFor();
      await page.getByText("Manifest", { exact: true }).click();
      expect(await page.getByText(HTML).count()).toBeGreaterThanOrEqual(5);
      await page.goto(`${registry.open}/#/<img src="/x" onerror="document.title='taken over'">`);
      await page.getByRole("heading", { name: "Not found" }).waitFor();
      expect(await page.title()).not.toContain("taken over");
      expect(await page.locator("img, main script").count()).toBe(0);
      expect(opened[0].asked.filter((path) => path.includes("/x"))).toEqual([]);
    });

    it("that a manifest cannot be read, and everything else", async () => {
      const page = await open(registry.open, "#/odd/broken");
      await row(page, "1").getByText("cannot be read").waitFor();
      await page.getByRole("link", { name: "1", exact: true }).click();
      const alert = page.getByRole("alert");
      expect(await alert.innerText()).toMatch(/The manifest cannot be read[\s\S]*MANIFEST/);
      await page.getByRole("link", { name: "Repositories" }).click();
      await row(page, "api").getByText("1.8 MB").waitFor();
    });

    it("a thousand tags, of which it asks for those in sight", async () => {
      const page = await open(registry.open, "#/many/tags");
      await page.getByText("1,000 tags").waitFor();
      await row(page, "1.999.0").getByText("linux/amd64").waitFor();
      expect(await page.getByRole("row").count()).toBeLessThan(60);
      await page.getByLabel("Search tags").fill("1.42");
      await row(page, "1.42.0").waitFor();
      expect(await page.getByRole("row").count()).toBe(12);
      await page.getByLabel("Search tags").fill("");
      await page.keyboard.press("End");
      await page.evaluate("scrollTo(0, document.body.scrollHeight)");
      await row(page, "1.0.0").getByText("linux/amd64").waitFor();
    });
  });

  describe("is for everybody", () => {
    it.each([
      ["a desk, light", { viewport: { width: 1200, height: 800 }, colorScheme: "light" }],
      ["a phone, dark", { viewport: { width: 360, height: 740 }, colorScheme: "dark" }],
    ] as const)("with %s: nothing that axe finds, nothing beside the screen", async (_, options) => {
      const page = await open(registry.open, "", options);
      const places: [string, string][] = [
        ["#/", "4 repositories"],
        ["#/shop/web", "1.9.0"],
        ["#/shop/web:2.1.0", "Attached"],
        ["#/shop/api:3.4.2", "Labels"],
        ["#/odd/html:1", "Labels"],
        ["#/odd/broken:1", "Try again"],
      ];
      for (const [hash, text] of places) {
        await page.goto(`${registry.open}/${hash}`);
        await page.getByText(text, { exact: true }).first().waitFor();
        expect(await accessibilityFaults(page)).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
      }
      await page.goto(`${registry.open}/#/shop/web`);
      await page.getByRole("button", { name: "Delete 2.1", exact: true }).click();
      await page.getByRole("button", { name: "Cancel" }).waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
    });

    it("without a mouse", async () => {
      const page = await open(registry.open);
      await row(page, "api").waitFor();
      await page.getByRole("button", { name: "charts" }).focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await row(page, "0.4.0").getByText("Helm chart").waitFor();
      expect(await page.evaluate("document.activeElement.tagName")).toBe("H1");
      await page.getByRole("button", { name: "Delete 0.4.0" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    });
  });

  describe("lets nothing in", () => {
    it("but its own files, whatever is written into it", async () => {
      const watched = await watchedPage(browser, registry.open);
      await watched.page.goto(registry.open);
      await row(watched.page, "api").waitFor();
      await watched.page.evaluate(`
        const script = document.createElement("script");
        script.append("document.title = 'taken over'");
        document.body.append(script);
      `);
      expect(await watched.page.title()).not.toContain("taken over");
      expect(watched.faults.join()).toMatch(/Content Security Policy|TrustedScript/);
      await watched.page.context().close();
    });

    it("and keeps what it is told in memory", async () => {
      const page = await open(registry.withBasic);
      await logIn(page, "reader");
      await row(page, "api").waitFor();
      expect(await page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")).toEqual([0, 0, ""]);
      await page.reload();
      await page.getByRole("dialog").waitFor();
    });

    it("with what is not among its files, and by no method but those of reading", async () => {
      const paths = ["/browser/", "/browser/none.js", "/browser/../nginx.conf", "/browser/%2e%2e/nginx.conf"];
      for (const path of paths) {
        expect((await request(`${registry.open}${path}`)).status).toBeGreaterThanOrEqual(400);
      }
      expect((await request(`${registry.open}/`, { method: "POST" })).status).toBe(405);
    });
  });

  describe("with tokens", () => {
    it("shows who has not logged in what everybody may see", async () => {
      const page = await open(registry.withTokens);
      await row(page, "base").getByText("1.8 MB").waitFor();
      expect(await page.getByRole("status").first().innerText()).toBe("2 repositories");
      expect(await page.getByRole("dialog").count()).toBe(0);
      await page.goto(`${registry.withTokens}/#/shop/api`);
      await page.getByText("This registry asks for a login.").waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
    });

    it("takes a login by its form, and says when it is wrong", async () => {
      const page = await open(registry.withTokens);
      await page.getByRole("button", { name: "Log in" }).click();
      await logIn(page, "reader", "wrong");
      await page.getByText("The name or the password is wrong.").waitFor();
      await logIn(page, "reader");
      await row(page, "api").getByText("1.8 MB").waitFor();
      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByText("2 repositories", { exact: true }).first().waitFor();
    });

    it("offers deletes where the right is there, and nowhere else", async () => {
      const page = await open(registry.withTokens);
      await page.getByRole("button", { name: "Log in" }).click();
      await logIn(page, "team");
      await row(page, "scratch").waitFor();
      expect(await page.getByText("loader").count()).toBe(0);
      await page.goto(`${registry.withTokens}/#/shop/scratch`);
      await page.getByRole("button", { name: "Delete 1.0.0" }).waitFor();
      await page.goto(`${registry.withTokens}/#/shop/web`);
      await row(page, "2.1").getByText("linux/arm64").waitFor();
      expect(await page.getByRole("button", { name: /^Delete/ }).count()).toBe(0);
    });

    it("tells nobody more of a repository than clients get", async () => {
      const facts = (repository: string, user?: string) =>
        request(`${registry.withTokens}/v2/${repository}/tags/list?facts`, {
          ca: registry.ca,
          headers: user ? { Authorization: registry.authorization(user) } : {},
        });
      expect(JSON.parse((await facts("shop/api", "team")).text)).toMatchObject({
        tags: [{ name: "3.4.2", digest: content.image.digest }, { name: "stable" }],
        bytes: expect.any(Number),
      });
      expect((await facts("data/loader", "team")).status).toBe(403);
      expect((await facts("data/loader")).status).toBe(401);
      expect((await facts("no/such", "reader")).status).toBe(404);
    });
  });

  describe("deletes", () => {
    it("an image with the other tags that it named before, or one tag alone", async () => {
      const page = await open(registry.withTokens, "#/shop/web:2.1.0");
      await logIn(page, "admin");
      await page.getByRole("button", { name: "Delete" }).click();
      await page.getByText("2 other tags are the same image and would go too:").waitFor();
      await page.getByRole("button", { name: "Remove this tag only" }).click();
      await page.getByRole("heading", { name: "shop/web", exact: true }).waitFor();
      await row(page, "2.1").waitFor();
      expect(await shownTags(page)).not.toContain("2.1.0");

      await page.getByRole("button", { name: "Delete latest" }).click();
      await page.getByText("1 other tag is the same image and would go too:").waitFor();
      expect(await page.getByRole("dialog").getByRole("listitem").allInnerTexts()).toEqual(["2.1"]);
      await page.getByRole("button", { name: "Delete all 2" }).click();
      await row(page, "latest").waitFor({ state: "detached" });
      expect(await shownTags(page)).toEqual(["2.0.0", "2.0.0-rc.1", "1.10.0", "1.9.0"]);
      const gone = await request(`${registry.open}/v2/shop/web/manifests/${content.index.digest}`);
      expect(gone.status).toBe(404);
    });

    it("with a Basic login too, for who may push and not for who may pull", async () => {
      const page = await open(registry.withBasic, "#/data/reports");
      await logIn(page, "reader");
      await row(page, "1.0.0").getByText("linux/amd64").waitFor();
      expect(await page.getByRole("button", { name: /^Delete/ }).count()).toBe(0);
      await page.getByRole("button", { name: "Log out" }).click();
      await logIn(page, "admin");
      await page.getByRole("button", { name: "Delete 1.0.0" }).click();
      await page.getByText("No other tag is the same image.").waitFor();
      await page.getByRole("button", { name: "Delete", exact: true }).click();
      await page.getByText("This repository has no tags.").waitFor();
    });
  });

  it("asks again when a login has come to its end, and goes on where one was", async () => {
    const page = await open(registry.withTokens, "#/many/tags");
    await logIn(page, "reader");
    await row(page, "1.999.0").waitFor();
    await page.getByLabel("Search tags").fill("1.77");
    await row(page, "1.77.0").getByText("linux/amd64").waitFor();
    const before = registry.users.reader;
    await registry.deploy(registry.stack("2"));
    expect(registry.users.reader).not.toBe(before);
    await page.getByRole("link", { name: "1.77.0" }).click();
    await page.getByText("Your login is not accepted any more.").waitFor();
    await logIn(page, "reader");
    await page.getByText("COPY dist/ ./").waitFor();
    expect(new URL(page.url()).hash).toBe("#/many/tags:1.77.0");
  });
});
