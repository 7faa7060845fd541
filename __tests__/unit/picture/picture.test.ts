import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pictureOf } from "../../../bootstrap/picture";
import { shipped } from "../../../environments/shipped";
import { type Graph, graphOf } from "../../../picture/graph";
import { layout } from "../../../picture/layout";
import { renderMermaid } from "../../../picture/mermaid";
import { renderSvg } from "../../../picture/svg";
import { topologyOf } from "../../../picture/topology";

const LONG = `a-name-of-sixty-characters-${"W".repeat(33)}`;

/** A registry with all that can be drawn, as the synth would write it. */
const CONFIGURATION = {
  resource: {
    docker_container: {
      Proxy: {
        name: "p-proxy",
        volumes: [
          { volume_name: "${docker_volume.Config.name}", read_only: true },
          { volume_name: "${docker_volume.Socket.name}", read_only: true },
        ],
        networks_advanced: [{ name: "${docker_network.Own.name}" }, { name: "${docker_network.Metrics.name}" }],
        ports: [{ ip: "127.0.0.1", external: 5443 }],
        mounts: [{ source: "/srv/certificates" }],
      },
      Writer: {
        name: "p-writer",
        must_run: false,
        volumes: [{ volume_name: "${docker_volume.Config.name}" }],
        upload: [{ content: "${tls_locally_signed_cert.Server.cert_pem} ${tls_private_key.Server.private_key_pem}" }],
      },
      Registry: {
        name: LONG,
        volumes: [{ volume_name: "${docker_volume.Socket.name}", read_only: false }],
        networks_advanced: [{ name: "${docker_network.Metrics.name}" }],
      },
    },
    docker_volume: {
      Config: { name: "p-config" },
      Socket: { name: "p-socket", driver_opts: { type: "tmpfs" }, lifecycle: { prevent_destroy: true } },
    },
    docker_network: { Own: { name: "p-own" }, Metrics: { name: "p-metrics", internal: true } },
    tls_self_signed_cert: { CA: { subject: [{ common_name: "p CA" }], private_key_pem: "${tls_private_key.CA.x}" } },
    tls_cert_request: { Server: { dns_names: ["a.example.com"], private_key_pem: "${tls_private_key.Server.x}" } },
    tls_locally_signed_cert: {
      Server: {
        cert_request_pem: "${tls_cert_request.Server.cert_request_pem}",
        ca_cert_pem: "${tls_self_signed_cert.CA.cert_pem}",
      },
    },
  },
};

const graph = graphOf(topologyOf(CONFIGURATION));

describe("what is drawn of an environment", () => {
  test("is each container, shared network, volume, certificate and folder, but no writer", () => {
    expect(graph.boxes.map(({ kind, title, lines }) => [kind, title, ...lines])).toEqual([
      ["client", "clients"],
      ["container", LONG, "container"],
      ["container", "p-proxy", "container", "network p-own"],
      ["volume", "p-socket", "volume in memory", "protected: no plan may destroy it"],
      ["network", "p-metrics", "internal network"],
      ["certificate", "p CA", "certificate authority"],
      ["certificate", "a.example.com", "certificate"],
      ["folder", "/srv/certificates", "folder of the engine's machine"],
    ]);
  });

  test("is who reaches whom, by which port, volume or network", () => {
    expect(graph.arrows.map(({ from, label, to }) => `${from} ${label} ${to}`)).toEqual([
      "clients 127.0.0.1:5443 p-proxy",
      `${LONG} reads, writes volume p-socket`,
      "p-proxy reads volume p-socket",
      `${LONG} is on network p-metrics`,
      "p-proxy is on network p-metrics",
      "p-proxy reads folder /srv/certificates",
      "tls_locally_signed_cert.Server is served by p-proxy",
      "tls_self_signed_cert.CA issues tls_locally_signed_cert.Server",
    ]);
  });

  test("can be had as a text that GitHub and GitLab draw", () => {
    expect(renderMermaid(graph).split("\n").slice(0, 4)).toEqual([
      "flowchart LR",
      '  n0(["clients"])',
      `  n1["${LONG}<br/>container"]`,
      '  n2["p-proxy<br/>container<br/>network p-own"]',
    ]);
    expect(renderMermaid(graph)).toContain('  n0 -- "127.0.0.1:5443" --> n2');
  });
});

/** Each box with the texts that lie in it, from the SVG itself. */
function boxesOf(svg: string) {
  const numbers = (tag: string) =>
    Object.fromEntries([...tag.matchAll(/([\w-]+)="(-?[\d.]+)"/g)].map(([, name, value]) => [name, Number(value)]));
  const texts = [...svg.matchAll(/<text [^>]*>(?=([^<]*))/g)].map(
    ([tag, words]) => ({ ...numbers(tag), words }) as any,
  );
  return [...svg.matchAll(/<rect x=[^>]*>/g)].map(([tag]) => {
    const { x, y, width, height } = numbers(tag);
    const inside = texts.filter((text) => text.x >= x && text.x < x + width && text.y > y && text.y < y + height);
    return { x, y, width, height, inside };
  });
}

describe("a picture", () => {
  test("keeps a text of 60 characters in its box, however wide the letters of a font are", async () => {
    expect(LONG).toHaveLength(60);
    const boxes = boxesOf(renderSvg(await layout(graph), "test"));
    expect(boxes).toHaveLength(graph.boxes.length);
    expect(boxes.some(({ inside }) => inside.some(({ words }) => words === LONG))).toBe(true);
    for (const { x, width, inside } of boxes) {
      expect(inside.length).toBeGreaterThan(0);
      // textLength presses whatever font is there into this width.
      expect(inside.filter((text) => text.x + text.textLength > x + width - 8)).toEqual([]);
    }
  });

  test("has no boxes that lie on each other", async () => {
    const { boxes } = await layout(graph);
    const overlaps = boxes.flatMap((a, i) =>
      boxes
        .slice(i + 1)
        .filter((b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height),
    );
    expect(overlaps).toEqual([]);
  });

  test("is the same each time, and harmless whatever a name is", async () => {
    const odd: Graph = { boxes: [{ id: "a", kind: "volume", title: "<script>&", lines: [] }], arrows: [] };
    const render = async (one: Graph) => renderSvg(await layout(one), "test");
    expect(await render(odd)).toContain("&lt;script&gt;&amp;");
    expect(await render(graph)).toBe(await render(graph));
  });

  test.each(Object.entries(shipped))(
    "of %s is the committed one: npm run picture -- %s",
    async (name, _environment) => {
      const file = join(__dirname, "..", "..", "..", "docs", "pictures", "environments", `${name}.svg`);
      expect(existsSync(file) && readFileSync(file, "utf8")).toBe(await pictureOf(name, shipped[name]));
    },
  );
});
