import path from "node:path";
import type { Browser } from "playwright-core";
import { type IsolatedBrowser, launchBrowser, watchedPage } from "../../testing/clients/browser";
import { plant } from "../../testing/clients/planted";
import { Showcase } from "../../testing/clients/showcase";
import { freePorts } from "../../testing/machine/ports";
import { BrowsedRegistry } from "../../testing/stacks/browsed-registry";

const REPOSITORIES = 10_000;
const VIEWS = 5;

/** Half a minute of files: too long for every run of the tests. */
describe("the page of a registry with ten thousand repositories", () => {
  let registry: BrowsedRegistry;
  let isolated: IsolatedBrowser;
  let browser: Browser;

  beforeAll(async () => {
    const [tokens, basic, open] = await freePorts(3);
    registry = new BrowsedRegistry("browsed-fleet", { tokens, basic, open });
    const folder = path.join(registry.deployment.directory, "browser");
    [isolated] = await Promise.all([launchBrowser(folder, [tokens, basic, open]), registry.deploy()]);
    browser = isolated.browser;
    const image = await new Showcase(registry.open, {}).image("origin", { steps: [] });
    const names = Array.from({ length: REPOSITORIES }, (_, i) => `fleet/team-${i % 50}/service-${i}`);
    await plant(
      registry.container,
      { digest: image.digest, blobs: [image.config.digest] },
      new Map(names.map((name) => [name, ["1.0.0"]])),
    );
  });
  afterAll(async () => {
    await isolated?.close();
    await registry?.deployment.cleanUp();
  });

  it("is there within a second, knows them all soon after, and searches them at once", async () => {
    const views: { first: number; all: number; search: number }[] = [];
    for (let i = 0; i < VIEWS; i++) {
      const { page, faults } = await watchedPage(browser, registry.open);
      const now = () => page.evaluate<number>("performance.now()");
      await page.goto(registry.open, { waitUntil: "commit" });
      await page.getByText("fleet", { exact: true }).waitFor();
      const first = await now();
      await page.getByText("10,001 repositories").waitFor({ timeout: 60_000 });
      // Folders that are closed: rows are for those in sight only.
      await page.getByText("10,000 repositories").waitFor();
      const all = await now();
      await page.getByLabel("Search repositories").fill("team-49/service-99");
      await page.getByText("fleet/team-49/service-9999", { exact: true }).waitFor();
      views.push({ first, all, search: (await now()) - all });
      expect(await page.getByRole("row").count()).toBeLessThan(80);
      expect(faults).toEqual([]);
      await page.context().close();
    }
    console.log(views.map((view) => Object.values(view).map(Math.round).join(" ms, ")).join("; "));
    const median = (key: "first" | "all" | "search") =>
      views.map((view) => view[key]).sort((a, b) => a - b)[Math.floor(VIEWS / 2)];
    expect(median("first")).toBeLessThan(1000);
    expect(median("all")).toBeLessThan(15_000);
    expect(median("search")).toBeLessThan(500);
  });
});
