import { Kind } from "./contender";
import { of, type Results } from "./report";
import { median } from "./statistics";

const PANELS: { readonly title: string; readonly measure: string; readonly kind: Kind; readonly unit: string }[] = [
  { title: "Pull of one big blob over HTTP", measure: "pull", kind: Kind.HTTP, unit: "MB/s" },
  { title: "Pull of one big blob over TLS", measure: "pull", kind: Kind.TLS, unit: "MB/s" },
  { title: "Push of one big blob over HTTP", measure: "push", kind: Kind.HTTP, unit: "MB/s" },
  { title: "Push of one big blob over TLS", measure: "push", kind: Kind.TLS, unit: "MB/s" },
  { title: "32 parallel pulls over HTTP", measure: "parallel", kind: Kind.HTTP, unit: "MB/s" },
  { title: "32 parallel pulls over TLS", measure: "parallel", kind: Kind.TLS, unit: "MB/s" },
  { title: "Manifests a second, with a password", measure: "manifest-get", kind: Kind.USERS, unit: "/s" },
  { title: "Manifests a second over HTTP", measure: "manifest-get", kind: Kind.HTTP, unit: "/s" },
  { title: "Blobs of 10 kB a second over HTTP", measure: "blob-get", kind: Kind.HTTP, unit: "/s" },
  { title: "New TLS connections a second", measure: "handshakes", kind: Kind.TLS, unit: "/s" },
];

const WIDTH = 880;
const PANEL = { width: 430, bar: 18, gap: 6, head: 34, label: 150, value: 70 };

/** Medians as bars, readable on light and dark pages. */
export function chart(results: Results): string {
  const rows: string[] = [];
  let y = 10;
  const panels = PANELS.filter(({ measure }) => results.samples.some((sample) => sample.measure === measure));
  for (let i = 0; i < panels.length; i += 2) {
    const pair = panels.slice(i, i + 2).map((panel, column) => drawPanel(results, panel, column * (WIDTH / 2) + 5, y));
    rows.push(...pair.map(({ svg }) => svg));
    y += Math.max(...pair.map(({ height }) => height)) + 14;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="system-ui, sans-serif" font-size="12">`,
    "<title>This project's stacks beside hand-made configurations and the registry alone; longer is better</title>",
    "<style>text{fill:#24292f}.ours{fill:#1a7f64}.theirs{fill:#8c959f}.title{font-weight:600}",
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.ours{fill:#3fb68b}.theirs{fill:#6e7681}}</style>",
    ...rows,
    "</svg>",
    "",
  ].join("\n");
}

function drawPanel(results: Results, panel: (typeof PANELS)[number], x: number, y: number) {
  const bars = results.contenders
    .filter(({ kind }) => kind === panel.kind)
    .map(({ name, isOurs }) => ({
      name,
      isOurs,
      value: median(of(results, panel.measure, name).map(({ value }) => value)),
    }))
    .sort((a, b) => b.value - a.value);
  const most = Math.max(...bars.map(({ value }) => value));
  const room = PANEL.width - PANEL.label - PANEL.value;
  const svg = [
    `<text class="title" x="${x}" y="${y + 16}">${panel.title} (${panel.unit})</text>`,
    ...bars.flatMap(({ name, isOurs, value }, i) => {
      const top = y + PANEL.head - 8 + i * (PANEL.bar + PANEL.gap);
      const length = Math.max(1, (value / most) * room);
      return [
        `<text x="${x + PANEL.label - 8}" y="${top + 13}" text-anchor="end">${label(name, isOurs)}</text>`,
        `<rect class="${isOurs ? "ours" : "theirs"}" x="${x + PANEL.label}" y="${top}" width="${length.toFixed(1)}" height="${PANEL.bar}" rx="2"/>`,
        `<text x="${(x + PANEL.label + length + 6).toFixed(1)}" y="${top + 13}">${Math.round(value).toLocaleString("en")}</text>`,
      ];
    }),
  ].join("\n");
  return { svg, height: PANEL.head + bars.length * (PANEL.bar + PANEL.gap) };
}

function label(name: string, isOurs: boolean): string {
  if (isOurs) {
    return "this project";
  }
  if (name === "zot") {
    return name;
  }
  return name === "registry" ? "registry alone" : `hand-made ${name.replace(" users", "")}`;
}
