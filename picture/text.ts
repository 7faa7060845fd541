/** Widths of the printable ASCII characters from the blank on, in thousandths of the size: those of Helvetica and Arial. */
const WIDTHS = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
  556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
  722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
  556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
  260, 334, 584,
];
const WIDEST = 1015;

/** How wide a text is. The picture says it to whoever draws it, so that no other font makes it wider than its box. */
export function textWidth(text: string, size: number): number {
  const thousandths = [...text].reduce((sum, c) => sum + (WIDTHS[(c.codePointAt(0) ?? 0) - 32] ?? WIDEST), 0);
  return Math.ceil((thousandths * size) / 1000);
}
