import type { ImmutableTags } from "../registry/immutable-tags";
import { IMMUTABLE_TAGS, IMMUTABLE_TAGS_SCRIPTS, immutableTagsFile, lockSweeper } from "./conf/immutable-tags";
import type { ProxyBinding } from "./proxy-part";
import { scriptBeside } from "./scripts";

/** What the proxy has beside nginx.conf for tags that stay. */
export function guardOfTags(rules: ImmutableTags[], upstreamTimeoutSeconds: number): ProxyBinding {
  const content = immutableTagsFile(rules);
  return {
    nginx: {},
    files: [{ path: IMMUTABLE_TAGS, content, review: content }, ...IMMUTABLE_TAGS_SCRIPTS.map(scriptBeside)],
    // A look and a write, each as long as the registry may take, and the wait for it to take writes again.
    everySecond: lockSweeper(2 * upstreamTimeoutSeconds + 120),
  };
}
