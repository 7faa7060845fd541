import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import type { TerraformStack } from "cdktf";
import {
  HtpasswdAuth,
  HtpasswdUser,
  MirrorContainer,
  NginxProxy,
  type NginxProxyProps,
  Permission,
  PrivateRegistry,
  type PrivateRegistryProps,
  PublicEndpoint,
  RegistryBrowser,
  RegistryContainer,
} from "../../../lib";
import { resources, reviewed, synth } from "../synth";

const page = path.join(__dirname, "..", "..", "..", "lib", "browser", "page");
const endpoint = PublicEndpoint.http({ host: "registry.example.com", port: 5080 });

function proxy(stack: TerraformStack, props: Partial<NginxProxyProps> = {}): void {
  const registry = new RegistryContainer(stack, "Registry");
  new NginxProxy(stack, "Proxy", { endpoint, registry, parts: [new RegistryBrowser()], ...props });
}

function filesOf(build: (stack: TerraformStack) => void): { [name: string]: string } {
  const { upload } = resources(synth(build), "docker_container").Proxy_Config_Writer;
  return Object.fromEntries(
    upload.map(({ file, content }: { file: string; content: string }) => [file.replace("/staged/", ""), content]),
  );
}

function filesOfRegistry(props: Partial<PrivateRegistryProps>): { [name: string]: string } {
  return filesOf((stack) => {
    new LocalProvider(stack, "Local");
    new PrivateRegistry(stack, "Default", { endpoint, ...props });
  });
}

const pathOf = (name: string): string => (name === "index.html" ? `page/${name}` : `page/browser/${name}`);

const location = (conf: string, match: string): string =>
  conf.slice(conf.indexOf(`        location ${match} {`)).split("\n        }\n")[0];

describe("the page of a registry", () => {
  test("comes with its files, which the address and each other name", () => {
    const files = filesOf((stack) => proxy(stack));
    const names = readdirSync(page);
    expect(Object.keys(files)).toEqual(expect.arrayContaining(names.map(pathOf)));
    const named = [...files["page/index.html"].matchAll(/"\/browser\/([^"]+)"/g)].map(([, name]) => name);
    expect(named).toHaveLength(3);
    expect(names).toEqual(expect.arrayContaining(named));
    expect(named.every((name) => /-[0-9a-f]{12}\.(js|css|svg)$/.test(name))).toBe(true);
  });

  test("takes scripts and styles from its own address, and none that is written in it", () => {
    const { "nginx.conf": conf, "page/index.html": html } = filesOf((stack) => proxy(stack));
    for (const match of ["= /", "/browser/"]) {
      expect(location(conf, match)).toMatch(
        /Content-Security-Policy "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; [^"]*frame-ancestors 'none'/,
      );
      expect(location(conf, match)).toContain("add_header X-Content-Type-Options nosniff always;");
    }
    expect(html).not.toMatch(/<style|<script[^>]*>[^<]|\son\w+=|style=/);
  });

  test("repeats the headers that the proxy adds to all its answers", () => {
    const extraServerDirectives = ["add_header X-Robots-Tag none always;"];
    const { "nginx.conf": conf } = filesOf((stack) => proxy(stack, { extraServerDirectives }));
    expect(location(conf, "= /")).toContain("add_header X-Robots-Tag none always;");
  });

  test("reads names in plans, not scripts", () => {
    const shown = reviewed(
      synth((stack) => proxy(stack)),
      "Proxy_Config",
    );
    expect(Object.keys(shown).filter((name) => name.startsWith("page/"))).toEqual(["page/index.html"]);
  });

  test("has less than 150 kB of script, compressed, and says whose it is in part", () => {
    const files = filesOf((stack) => proxy(stack));
    const script = Object.entries(files).find(([name]) => /^page.*js$/.test(name))?.[1] ?? "";
    expect(script.length).toBeGreaterThan(10_000);
    expect(gzipSync(script).length).toBeLessThan(150_000);
    const licences = /licences-\w+\.txt/.exec(script)?.[0];
    expect(files[`page/browser/${licences}`]).toMatch(/preact 11[\s\S]*MIT/);
  });

  test("reaches Terraform byte for byte", () => {
    const files = filesOf((stack) => proxy(stack));
    for (const name of readdirSync(page)) {
      const text = files[pathOf(name)].replaceAll("$${", "${").replaceAll("%%{", "%{");
      expect(text).toBe(readFileSync(path.join(page, name), "utf8"));
    }
  });

  test("is not there, and changes nothing, unless it is asked for", () => {
    const without = filesOf((stack) => proxy(stack, { parts: [] }));
    const left = filesOf((stack) => proxy(stack, { parts: undefined }));
    expect(left).toEqual(without);
    expect(Object.keys(without).filter((name) => name.includes("page"))).toEqual([]);
    expect(without["nginx.conf"]).not.toMatch(/\/browser\/|facts|gzip/);
  });

  test("is one word of a whole registry", () => {
    expect(Object.keys(filesOfRegistry({ browser: true }))).toContain("page/index.html");
    expect(Object.keys(filesOfRegistry({}))).not.toContain("page/index.html");
  });

  test("keeps the parts that a registry's options name", () => {
    const part = { bindToProxy: () => ({ nginx: { server: ["# mine"] } }) };
    const files = filesOfRegistry({ browser: true, proxyOptions: { parts: [part] } });
    expect(files["nginx.conf"]).toContain("        # mine\n");
    expect(Object.keys(files)).toContain("page/index.html");
  });
});

describe("what the page learns of repositories from the registry's files", () => {
  const facts = "location = /_direct/facts";

  test("is asked past the same checks as everything below /v2/", () => {
    const { "nginx.conf": conf, ...others } = filesOf((stack) => {
      const users = [HtpasswdUser.generated("team", { permissions: [Permission.pull("team/**")] })];
      proxy(stack, { auth: new HtpasswdAuth(stack, "Users", { users }) });
    });
    expect(location(conf, "= /_direct/facts")).toContain("auth_request /_login;");
    expect(location(conf, "= /_direct/facts")).toContain("internal;");
    expect(Object.keys(others)).toContain("repository-facts.js");
  });

  test("is left out where nginx does not answer pulls by itself", () => {
    expect(filesOf((stack) => proxy(stack, { directPulls: false }))["nginx.conf"]).not.toContain(facts);
    const mirror = filesOf((stack) => {
      const registry = new MirrorContainer(stack, "Mirror", { upstream: { url: "https://registry.example.com" } });
      new NginxProxy(stack, "Proxy", { endpoint, registry, parts: [new RegistryBrowser()] });
    });
    expect(mirror["nginx.conf"]).not.toContain(facts);
    expect(mirror["nginx.conf"]).toContain("location /browser/");
  });
});
