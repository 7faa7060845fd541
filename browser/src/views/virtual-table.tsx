import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** Rows above and below those in sight: the next ones are there for the keyboard. */
const MORE = 8;

const narrow = matchMedia("(max-width: 640px)");

interface Props<T> {
  readonly label: string;
  readonly kind: string;
  readonly columns: ComponentChildren;
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly heights: { readonly wide: number; readonly narrow: number };
  readonly children: (row: T) => ComponentChildren;
}

/** A table of any length, of which only the rows in sight are there; it scrolls with the page. */
export function VirtualTable<T>({ label, kind, columns, rows, keyOf, heights, children }: Props<T>) {
  const body = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(narrow.matches ? heights.narrow : heights.wide);
  const [range, setRange] = useState({ from: 0, to: 40 });

  useEffect(() => {
    const look = () => {
      const rowHeight = narrow.matches ? heights.narrow : heights.wide;
      const above = -(body.current?.getBoundingClientRect().top ?? 0);
      const from = Math.max(0, Math.floor(above / rowHeight) - MORE);
      const to = Math.ceil((above + innerHeight) / rowHeight) + MORE;
      setHeight(rowHeight);
      setRange((was) => (was.from === from && was.to === to ? was : { from, to }));
    };
    look();
    addEventListener("scroll", look, { passive: true });
    addEventListener("resize", look);
    return () => {
      removeEventListener("scroll", look);
      removeEventListener("resize", look);
    };
  }, [rows.length]);

  const from = Math.min(range.from, rows.length);
  const shown = rows.slice(from, range.to);
  const below = Math.max(0, rows.length - from - shown.length);
  return (
    <div class={`table ${kind}`} role="table" aria-label={label} aria-rowcount={rows.length + 1} onKeyDown={moveFocus}>
      <div role="rowgroup">
        <div class="row head" role="row" aria-rowindex={1}>
          {columns}
        </div>
      </div>
      <div
        role="rowgroup"
        ref={body}
        style={{ paddingTop: `${from * height}px`, paddingBottom: `${below * height}px` }}
      >
        {shown.map((row, i) => (
          <div class="row" role="row" aria-rowindex={from + i + 2} key={keyOf(row)} style={{ height: `${height}px` }}>
            {children(row)}
          </div>
        ))}
      </div>
    </div>
  );
}

/** Up and down go from row to row. */
function moveFocus(event: KeyboardEvent): void {
  const row = event.target instanceof Element ? event.target.closest(".row") : null;
  const next = { ArrowDown: row?.nextElementSibling, ArrowUp: row?.previousElementSibling }[event.key];
  const target = next?.querySelector<HTMLElement>("a, button");
  if (target) {
    event.preventDefault();
    target.focus();
  }
}
