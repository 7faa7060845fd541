import ELK, { type ElkNode } from "elkjs";
import type { Arrow, Box, Graph } from "./graph";
import { textWidth } from "./text";

export const TITLE = 14;
export const LINE = 11;
export const LINE_HEIGHT = 16;
export const PADDING = 12;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedBox extends Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedArrow extends Arrow {
  readonly points: Point[];
  /** The top left corner of its label. */
  readonly at: Point;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: PlacedBox[];
  readonly arrows: PlacedArrow[];
}

const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.spacing.nodeNode": "24",
  "elk.spacing.edgeNode": "16",
  "elk.layered.spacing.nodeNodeBetweenLayers": "48",
  "elk.edgeLabels.inline": "false",
  "elk.padding": "[top=24,left=24,bottom=24,right=24]",
  "elk.randomSeed": "1",
};

/** Finds a place for each box and each arrow; the same graph always has the same places. */
export async function layout({ boxes, arrows }: Graph): Promise<Layout> {
  const graph: ElkNode = {
    id: "picture",
    layoutOptions: OPTIONS,
    children: boxes.map((box) => ({ id: box.id, ...sizeOf(box) })),
    edges: arrows.map(({ from, to, label }, i) => ({
      id: `arrow ${i}`,
      sources: [from],
      targets: [to],
      labels: [{ id: `label ${i}`, text: label, width: textWidth(label, LINE), height: LINE_HEIGHT }],
    })),
  };
  const placed = await new ELK().layout(graph);
  const rounded = (value: number | undefined) => Math.round(value ?? 0);
  const point = ({ x, y }: { x?: number; y?: number }): Point => ({ x: rounded(x), y: rounded(y) });
  return {
    width: rounded(placed.width),
    height: rounded(placed.height),
    boxes: boxes.map((box, i) => ({ ...box, ...sizeOf(box), ...point(placed.children?.[i] ?? {}) })),
    arrows: arrows.map((arrow, i) => {
      const { sections = [], labels = [] } = placed.edges?.[i] ?? {};
      const points = sections.flatMap(({ startPoint, bendPoints = [], endPoint }) =>
        [startPoint, ...bendPoints, endPoint].map(point),
      );
      return { ...arrow, points, at: point(labels[0] ?? {}) };
    }),
  };
}

/** As wide as its longest text. */
function sizeOf({ title, lines }: Box): { width: number; height: number } {
  // Bold letters are up to an eighth wider.
  const widths = [boldWidth(title), ...lines.map((line) => textWidth(line, LINE))];
  return { width: Math.max(...widths) + 2 * PADDING, height: 2 * PADDING + TITLE + lines.length * LINE_HEIGHT };
}

export function boldWidth(title: string): number {
  return Math.ceil(textWidth(title, TITLE) * 1.125);
}
