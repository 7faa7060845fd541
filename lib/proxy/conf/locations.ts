import { block } from "./block";
import type { NginxFragment } from "./fragment";

/** Lines that a location repeats which adds headers of its own: it would inherit none. */
export function addedHeaders(fragments: NginxFragment[], extraServerDirectives: string[]): string[] {
  const lines = [...fragments.flatMap(({ server }) => server ?? []), ...extraServerDirectives];
  return lines.filter((line) => /^add_header\s/.test(line));
}

/** The locations of the public server beside the registry's. */
export function furtherLocations(fragments: NginxFragment[], headers: string[]): string[] {
  return fragments
    .flatMap(({ locations }) => locations ?? [])
    .flatMap(({ match, lines }) => ["", ...block(`location ${match}`, [...headers, ...lines])]);
}
