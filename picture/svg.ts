import type { Kind } from "./graph";
import { boldWidth, type Layout, LINE, LINE_HEIGHT, PADDING, type PlacedArrow, type PlacedBox, TITLE } from "./layout";
import { textWidth } from "./text";

/** Fill and border. */
const COLOURS: { readonly [kind in Kind]: readonly [string, string] } = {
  client: ["#ffffff", "#57606a"],
  container: ["#ddf4ff", "#0969da"],
  volume: ["#fff8c5", "#9a6700"],
  network: ["#dafbe1", "#1a7f37"],
  certificate: ["#fbefff", "#8250df"],
  folder: ["#f6f8fa", "#57606a"],
};

const INK = "#1f2328";
const ARROW = "#57606a";

/** The text of an SVG file. */
export function renderSvg(layout: Layout, title: string): string {
  const { width, height } = layout;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="Helvetica, Arial, sans-serif">`,
    `<title>${escaped(title)}</title>`,
    `<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="${ARROW}"/></marker></defs>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...layout.arrows.map(arrow),
    ...layout.boxes.flatMap(box),
    ...layout.arrows.map(label),
    "</svg>",
  ].join("\n")}\n`;
}

function box({ kind, title, lines, x, y, width, height }: PlacedBox): string[] {
  const [fill, border] = COLOURS[kind];
  const radius = { volume: 14, container: 4 }[kind as string] ?? 8;
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" fill="${fill}" stroke="${border}" stroke-width="1.5"/>`,
    text(title, x + PADDING, y + PADDING + TITLE - 2, TITLE, boldWidth(title), ' font-weight="bold"'),
    ...lines.map((line, i) =>
      text(line, x + PADDING, y + PADDING + TITLE + (i + 1) * LINE_HEIGHT - 4, LINE, textWidth(line, LINE)),
    ),
  ];
}

function arrow({ points, isDashed }: PlacedArrow): string {
  const path = points.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${x} ${y}`).join("");
  return `<path d="${path}" fill="none" stroke="${ARROW}"${isDashed ? ' stroke-dasharray="5 4"' : ""} marker-end="url(#arrow)"/>`;
}

function label({ label: words, at }: PlacedArrow): string {
  const halo = ' paint-order="stroke" stroke="#ffffff" stroke-width="4"';
  return text(words, at.x, at.y + LINE, LINE, textWidth(words, LINE), halo);
}

/** Of a width that is said: another font is pressed into it. */
function text(words: string, x: number, y: number, size: number, width: number, more = ""): string {
  return `<text x="${x}" y="${y}" font-size="${size}" textLength="${width}" lengthAdjust="spacingAndGlyphs" fill="${INK}"${more}>${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
