import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Construct } from "constructs";
import type { ConfigFile } from "../docker/config-volume";
import type { IProxyPart, ProxyBinding, ProxyContext } from "../proxy/proxy-part";
import { pageLocations } from "./page-locations";

/** Built from `browser/`: by `npm run build` for the package, and before each synth in the repository itself. */
const PAGE = join(__dirname, "page");

/** Where the page lies, beside nginx.conf; what belongs to it is in a folder of it. */
const FOLDER = "page";
const INDEX = "index.html";

/**
 * A page at the registry's own address that shows what is in it: repositories, tags, images with their layers, what is
 * attached to them, and the lines that pull them. Who may delete can do it there.
 *
 * `new NginxProxy(…, { parts: [new RegistryBrowser()] })`, or `browser: true` of a `PrivateRegistry`.
 *
 * The page asks the registry's API as any client does, with the login that its user gives it: it shows nobody more than
 * clients get. nginx serves it as files; nothing comes from other addresses. Where nginx answers pulls by itself, the page
 * also knows when tags were pushed and how large repositories are.
 *
 * @example
 * import { NginxProxy, PublicEndpoint, RegistryBrowser, RegistryContainer } from "cdktf-docker-registry";
 *
 * const registry = new RegistryContainer(stack, "Registry");
 * const endpoint = PublicEndpoint.http({ host: "localhost", port: 5000 });
 * new NginxProxy(stack, "Proxy", { endpoint, registry, parts: [new RegistryBrowser()] });
 */
export class RegistryBrowser implements IProxyPart {
  /**
   * Adds the page to a proxy.
   *
   * @param _scope the proxy
   * @param _context what a part may want to know of it
   */
  public bindToProxy(_scope: Construct, _context: ProxyContext): ProxyBinding {
    return { nginx: { locations: pageLocations(FOLDER), repositoryFacts: true }, files: pageFiles() };
  }
}

/** In a plan one sees the page itself: it names the others, and their names hold digests of what is in them. */
function pageFiles(): ConfigFile[] {
  return readdirSync(PAGE)
    .sort()
    .map((name) => {
      const content = readFileSync(join(PAGE, name), "utf8");
      return name === INDEX
        ? { path: `${FOLDER}/${name}`, content, review: content }
        : { path: `${FOLDER}/browser/${name}`, content };
    });
}
