import type { Graph, Kind } from "./graph";

const SHAPES: { readonly [kind in Kind]: readonly [string, string] } = {
  client: ["([", "])"],
  container: ["[", "]"],
  volume: ["[(", ")]"],
  network: ["{{", "}}"],
  certificate: [">", "]"],
  folder: ["[/", "/]"],
};

/** The graph as text that GitHub and GitLab draw, also in comments. */
export function renderMermaid({ boxes, arrows }: Graph): string {
  const ids = new Map(boxes.map(({ id }, i) => [id, `n${i}`]));
  return [
    "flowchart LR",
    ...boxes.map(({ id, kind, title, lines }) => {
      const [open, close] = SHAPES[kind];
      return `  ${ids.get(id)}${open}"${quoted([title, ...lines].join("<br/>"))}"${close}`;
    }),
    ...arrows.map(
      ({ from, to, label, isDashed }) =>
        `  ${ids.get(from)} ${isDashed ? "-." : "--"} "${quoted(label)}" ${isDashed ? ".->" : "-->"} ${ids.get(to)}`,
    ),
  ].join("\n");
}

function quoted(text: string): string {
  return text.replace(/"/g, "#quot;");
}
