import { basicAuth } from "../../testing/clients/http";
import { eventually } from "../../testing/machine/eventually";
import { maintain } from "../../testing/rounds/collectors";
import { WatchedRegistry } from "../../testing/stacks/watched-registry";

describe("a registry that is watched", () => {
  let watched: WatchedRegistry;
  beforeAll(async () => {
    watched = await WatchedRegistry.deploy("watched");
  });
  afterAll(() => watched?.deployment.cleanUp());

  it("shows the metrics of all its parts behind one endpoint, and nothing secret", async () => {
    await watched.docker("exec", watched.container("backup"), "/config/current/bin/backup", "now");
    expect((await maintain(watched.container("registry"), "collect")).exitCode).toBe(0);
    const text = await eventually(async () => {
      const shown = await watched.scrape();
      expect(shown).toContain("registry_cache_hits_total");
      return shown;
    }, 20_000);
    const families = [
      "http_requests_total",
      "disk_free_bytes",
      "maintenance_failed",
      "backup_failed",
      "cache_hits_total",
    ];
    for (const family of [...families, "nginx_requests_total", "nginx_certificate_not_after_timestamp_seconds"]) {
      expect(text).toMatch(new RegExp(`^registry_${family}(\\{.*\\})? \\d`, "m"));
    }
    const comments = text.split("\n").filter((line) => line.startsWith("# TYPE"));
    expect(comments.filter((line, i) => comments.indexOf(line) !== i)).toEqual([]);
    const made = [...watched.deployment.state().matchAll(/"result": "([^"]{20,})"/g)].map(([, value]) => value);
    const secrets = [watched.password, ...made];
    expect(secrets.length).toBeGreaterThan(3);
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  });

  it("keeps what it has counted over a reload of the proxy", async () => {
    const total = async () => {
      const counted = [...(await watched.scrape()).matchAll(/^registry_nginx_requests_total\{.*\} (\d+)$/gm)];
      return counted.reduce((sum, [, value]) => sum + Number(value), 0);
    };
    const before = await total();
    await watched.docker("exec", watched.container("proxy"), "sh", "-c", 'kill -HUP "$(cat /tmp/nginx.pid)"');
    for (let i = 0; i < 10; i++) {
      await watched.ask("/v2/");
    }
    expect((await total()) - before).toBe(10);
  });

  it("alerts of failed logins, until they end", async () => {
    for (let i = 0; i < 12; i++) {
      await watched.ask("/v2/", { headers: { Authorization: basicAuth("ci", `wrong ${i}`) } });
    }
    await watched.fires("RegistryLoginFailures");
    await watched.resolves("RegistryLoginFailures");
  });

  it("alerts of a registry that is down and of the errors that it makes, until it is up", async () => {
    await watched.docker("stop", watched.container("registry"));
    const asking = setInterval(() => void watched.ask("/v2/team/app/tags/list").catch(() => undefined), 100);
    try {
      await watched.fires("RegistryDown");
      await watched.fires("RegistryErrors");
      expect(await watched.scrape()).toContain("registry_disk_free_bytes");
    } finally {
      clearInterval(asking);
      await watched.docker("start", watched.container("registry"));
    }
    await watched.resolves("RegistryDown");
    await watched.resolves("RegistryErrors");
  });

  it("has alerts in which promtool finds nothing", async () => {
    const check =
      "promtool check rules --lint-fatal /config/current/rules.yml && promtool check config --lint-fatal /config/current/prometheus.yml";
    expect(await watched.inside("prometheus", check)).toMatch(/SUCCESS: \d+ rules found[\s\S]*SUCCESS/);
  });

  it("leaves nothing when it is destroyed", async () => {
    await watched.deployment.destroy();
    expect(await watched.deployment.leftovers()).toEqual([]);
  });
});
