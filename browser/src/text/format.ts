const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Bytes in the units of `docker images`: a kB is 1000 bytes. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit > 0 && value < 99.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86400],
  ["month", 30 * 86400],
  ["week", 7 * 86400],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** How long ago a time is, such as `3 days ago`; both in milliseconds since 1970. */
export function formatAge(time: number, now: number): string {
  const seconds = (time - now) / 1000;
  const [unit, length] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? [];
  return unit && length ? relative.format(Math.round(seconds / length), unit) : "just now";
}

/** The whole time, in UTC, as `2026-01-31 12:00 UTC`. */
export function formatTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Milliseconds since 1970; nothing for what is no time, and for the one that reproducible builds write. */
export function parseTime(text: unknown): number | undefined {
  const time = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) || time <= 0 ? undefined : time;
}

/** Enough of a digest to tell it apart. */
export function shortDigest(digest: string): string {
  const [algorithm, hex = ""] = digest.split(":");
  return `${algorithm}:${hex.slice(0, 12)}`;
}

export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** A media type in a few words, for people. */
export function formatMediaType(type: string): string {
  const words: [RegExp, string][] = [
    [/image\.index|manifest\.list/, "Image index"],
    [/image\.manifest|manifest\.v2/, "Image"],
    [/helm.*config/, "Helm chart"],
    [/in-toto/, "in-toto attestation"],
    [/cosign|sigstore/, "Signature"],
    [/notary.*signature/, "Signature"],
    [/spdx|cyclonedx/, "SBOM"],
    [/wasm/, "WebAssembly"],
  ];
  return words.find(([pattern]) => pattern.test(type))?.[1] ?? type;
}
