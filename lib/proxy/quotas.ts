import { join } from "node:path";
import { renderScript } from "../core/script";
import { CONFIG_FOLDER, EXECUTABLES } from "../docker/config-volume";
import type { IRepositoryQuotas } from "../registry/quotas";
import type { RepositoryQuota } from "../registry/repository-quota";
import { COUNTED_FOLDER, QUOTAS, QUOTAS_SCRIPTS, quotasFile } from "./conf/quotas";
import type { ProxyBinding } from "./proxy-part";
import { scriptBeside } from "./scripts";

const COUNT = `${EXECUTABLES}/count-quotas`;

/** What an image for nginx must have to count. */
export const QUOTA_COMMANDS = ["awk", "cmp", "find", "stat", "xargs"];

/**
 * What the proxy has beside nginx.conf for quotas.
 *
 * @param isMounted whether the proxy has the registry's data anyway
 */
export function quotasBinding({ quotas, data }: IRepositoryQuotas, isMounted: boolean): ProxyBinding {
  const rules = quotasFile(quotas);
  const count = countScript(quotas, data.containerPath);
  return {
    nginx: {},
    files: [
      { path: QUOTAS, content: rules, review: rules },
      { path: COUNT, content: count, review: count },
      ...QUOTAS_SCRIPTS.map(scriptBeside),
    ],
    mounts: isMounted ? [] : [data],
    // Beside everything else that is to be done each second; one at a time.
    everySecond: `
mkdir -p ${COUNTED_FOLDER}
counter=$(cat ${COUNTED_FOLDER}/counter 2>/dev/null)
if [ -z "$counter" ] || ! grep -q count-quotas "/proc/$counter/cmdline" 2>/dev/null; then
  ${CONFIG_FOLDER}/current/${COUNT} &
  echo $! >${COUNTED_FOLDER}/counter
fi
`,
  };
}

/** The script that counts; patterns of repositories are expressions in it. */
export function countScript(quotas: RepositoryQuota[], data: string, folder = COUNTED_FOLDER): string {
  return `${renderScript(join(__dirname, "shell"), "count-quotas.sh", {
    data,
    folder,
    roots: rootsOf(quotas.map(({ repositories }) => repositories)).join(" "),
    quotas: quotas
      .map(({ repositories, maxMiB = 0, maxTags = 0 }) =>
        [repositories, repositoryExpression(repositories), maxMiB, maxTags].join(" "),
      )
      .join("\n"),
  })}\n`;
}

/** As the proxy's scripts read it: `**` stands for any number of components, at the end for one at least. */
export function repositoryExpression(pattern: string): string {
  const stars: { readonly [star: string]: string } = { "**/": "([^/]+/)*", "**": ".+", "*": "[^/]*" };
  return pattern.replace(/\./g, "[.]").replace(/\*\*\/|\*\*|\*/g, (star) => stars[star]);
}

/** Folders that hold all repositories of some patterns, none within another. */
function rootsOf(patterns: string[]): string[] {
  const roots = patterns.map((pattern) => {
    const components = pattern.split("/");
    const star = components.findIndex((component) => component.includes("*"));
    return star < 0 ? pattern : components.slice(0, star).join("/") || ".";
  });
  const isWithin = (root: string, other: string) => root !== other && (other === "." || root.startsWith(`${other}/`));
  return [...new Set(roots)].filter((root) => !roots.some((other) => isWithin(root, other))).sort();
}
