import { type Contender, Kind } from "./contender";
import type { DeployTimes } from "./deploying";
import type { Measure } from "./measures";
import type { Sample } from "./rounds";
import { median, ratioByRound, summary } from "./statistics";

export interface Results {
  readonly rounds: number;
  readonly sizes: { readonly bigBlob: number; readonly sharedBlob: number; readonly image: number };
  readonly contenders: { readonly name: string; readonly kind: Kind; readonly isOurs: boolean }[];
  readonly samples: Sample[];
  readonly deploys: DeployTimes[];
  readonly synths: { readonly one: number[]; readonly fifty: number[]; readonly cdktf: number[] };
}

export interface Goal {
  readonly text: string;
  readonly value: number;
  readonly isMet: boolean;
}

/** Compared with, but hand-made by nobody: registries without a proxy, nginx without a registry, and ours of before. */
const REFERENCES = [
  "registry",
  "zot",
  "only files",
  "without direct pulls",
  "users without direct pulls",
  "tokens without direct pulls",
];

export function reference(contender: Contender): Results["contenders"][number] {
  return { name: contender.name, kind: contender.kind, isOurs: contender.isOurs };
}

/** All figures, for people, as Markdown. */
export function table(results: Results, measures: Measure[]): string {
  const lines: string[] = [];
  for (const measure of measures) {
    const taking = results.contenders.filter(({ kind }) => measure.kinds.includes(kind));
    lines.push("", `### ${measure.title} (${measure.unit})`, "");
    lines.push("| | | median | least – most | ours is × | CPU | proxy wrote | proxy memory | all memory |");
    lines.push("|---|---|---|---|---|---|---|---|---|");
    for (const { name, kind, isOurs } of taking) {
      const samples = of(results, measure.id, name);
      const { median: middle, min, max } = summary(samples.map(({ value }) => value));
      const ours = oursOf(results, kind);
      const ratio = isOurs ? "" : ratioOf(results, measure.id, ours, name).toFixed(2);
      const bytes = samples[0].bytes;
      lines.push(
        `| ${kind} | ${name} | **${rounded(middle)}** | ${rounded(min)} – ${rounded(max)} | ${ratio} | ${[
          bytes > 0
            ? `${median(samples.map(cpuPerGiB)).toFixed(2)} s/GiB`
            : `${Math.round(median(samples.map(cpuPerAnswer)))} µs each`,
          bytes > 0 ? `${Math.round((100 * median(samples.map((one) => one.proxyDiskBytes))) / bytes)} %` : "",
          mebibytes(Math.max(...samples.map((one) => one.proxyMemory))),
          mebibytes(Math.max(...samples.map((one) => one.serverMemory))),
        ].join(" | ")} |`,
      );
    }
  }
  if (results.deploys.length > 0) {
    lines.push("", "### Deploying (seconds)", "", "| step | median | least – most |", "|---|---|---|");
    for (const step of Object.keys(results.deploys[0]) as (keyof DeployTimes)[]) {
      lines.push(
        row(
          step,
          results.deploys.map((times) => times[step]),
        ),
      );
    }
    lines.push(row("process that synthesises one environment", results.synths.one));
    lines.push(row("process that synthesises fifty", results.synths.fifty));
    lines.push(row("cdktf synth of all environments of this project", results.synths.cdktf));
  }
  return lines.join("\n");
}

/** What was promised, and what came out. */
export function goals(results: Results): Goal[] {
  const theirs = (kind: Kind) =>
    results.contenders
      .filter((one) => one.kind === kind && !one.isOurs && !REFERENCES.includes(one.name))
      .map(({ name }) => name);
  const speed = (id: string, kind: Kind, others = theirs(kind)) =>
    Math.min(...others.map((name) => ratioOf(results, id, oursOf(results, kind), name)));
  const cpu = (kind: Kind) =>
    Math.max(
      ...theirs(kind).map((name) =>
        ratioByRound(
          of(results, "parallel", oursOf(results, kind)).map(cpuPerGiB),
          of(results, "parallel", name).map(cpuPerGiB),
        ),
      ),
    );
  const proxyOf = (id: string, field: "proxyDiskBytes" | "proxyMemory") =>
    Math.max(
      ...[Kind.HTTP, Kind.TLS].flatMap((kind) => of(results, id, oursOf(results, kind)).map((one) => one[field])),
    );
  const users = median(of(results, "manifest-get", oursOf(results, Kind.USERS)).map(({ value }) => value));
  const open = median(of(results, "manifest-get", oursOf(results, Kind.TLS)).map(({ value }) => value));
  const deploy = (step: keyof DeployTimes) => median(results.deploys.map((times) => times[step]));
  return [
    atLeast("pull of one big blob over TLS, times the best hand-made", speed("pull", Kind.TLS), 1.4),
    atLeast("pull of one big blob over HTTP, times the hand-made", speed("pull", Kind.HTTP), 3),
    atLeast("pull of one big blob over HTTP, times the registry alone", speed("pull", Kind.HTTP, ["registry"]), 1.2),
    atLeast("push of one big blob over TLS, times the best hand-made", speed("push", Kind.TLS), 2),
    atLeast("push of one big blob over HTTP, times the hand-made", speed("push", Kind.HTTP), 2),
    atMost("bytes of a push that the proxy writes to the disk", proxyOf("push", "proxyDiskBytes"), 0),
    atLeast("parallel pulls over TLS, times the best hand-made", speed("parallel", Kind.TLS), 1.5),
    atLeast("parallel pulls over HTTP, times the hand-made", speed("parallel", Kind.HTTP), 3.5),
    atMost("CPU of parallel pulls over TLS, of the thriftiest hand-made's", cpu(Kind.TLS), 0.4),
    atMost("CPU of parallel pulls over HTTP, of the hand-made's", cpu(Kind.HTTP), 0.1),
    atMost("memory of the proxy in parallel pulls, MiB", proxyOf("parallel", "proxyMemory") / 1024 ** 2, 64),
    atLeast("GET of a manifest with a password, times the best hand-made", speed("manifest-get", Kind.USERS), 100),
    atLeast("GET of a manifest with a password, of the one without", users / open, 0.7),
    atLeast("GET of a manifest over HTTP, times the registry alone", speed("manifest-get", Kind.HTTP, ["registry"]), 2),
    atLeast(
      "GET of a blob of 10 kB over HTTP, times the registry alone",
      speed("blob-get", Kind.HTTP, ["registry"]),
      10,
    ),
    ...[
      { id: "manifest-get", bound: 2 },
      { id: "blob-get", bound: 2.5 },
      { id: "pull-small-image", bound: 1.4 },
    ].map(({ id, bound }) =>
      atLeast(
        `${id} over TLS, times the same without direct pulls`,
        speed(id, Kind.TLS, ["without direct pulls"]),
        bound,
      ),
    ),
    ...["users", "tokens"].map((how) =>
      atLeast(
        `manifest-get with ${how}, of the one without, both without direct pulls`,
        ratioOf(results, "manifest-get", `${how} without direct pulls`, "without direct pulls"),
        0.8,
      ),
    ),
    ...(results.contenders.some(({ name }) => name === "zot")
      ? ["manifest-get", "blob-get"].map((id) =>
          atLeast(`${id} over HTTP, times zot`, speed(id, Kind.HTTP, ["zot"]), 1),
        )
      : []),
    ...(results.deploys.length > 0
      ? [
          atMost("apply from nothing, of a script of docker commands", deploy("apply") / deploy("dockerRun"), 2),
          atMost("synth of one stack, s", deploy("synth"), 1),
          atMost("synth of fifty environments, of one's", median(results.synths.fifty) / median(results.synths.one), 5),
        ]
      : []),
  ];
}

export function of(results: Results, measure: string, contender: string): Sample[] {
  return results.samples.filter((sample) => sample.measure === measure && sample.contender === contender);
}

export function oursOf(results: Results, kind: Kind): string {
  return results.contenders.find((one) => one.isOurs && one.kind === kind)?.name ?? "";
}

function ratioOf(results: Results, measure: string, ours: string, theirs: string): number {
  const values = (name: string) => of(results, measure, name).map(({ value }) => value);
  return ratioByRound(values(ours), values(theirs));
}

function cpuPerGiB({ cpuSeconds, bytes }: Sample): number {
  return (cpuSeconds * 1024 ** 3) / bytes;
}

/** In microseconds. */
function cpuPerAnswer({ cpuSeconds, answers }: Sample): number {
  return (cpuSeconds * 1e6) / answers;
}

function atLeast(text: string, value: number, bound: number): Goal {
  return { text: `${text}: ${rounded(value)} (at least ${bound})`, value, isMet: value >= bound };
}

function atMost(text: string, value: number, bound: number): Goal {
  return { text: `${text}: ${rounded(value)} (at most ${bound})`, value, isMet: value <= bound };
}

function row(title: string, values: number[]): string {
  const { median: middle, min, max } = summary(values);
  return `| ${title} | **${middle.toFixed(2)}** | ${min.toFixed(2)} – ${max.toFixed(2)} |`;
}

function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(value >= 10 ? 1 : 2);
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MiB`;
}
