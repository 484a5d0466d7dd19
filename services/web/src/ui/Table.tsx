import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useLayoutEffect, useRef, useState } from "react";
import "./table.css";

export interface Column<Row> {
  key: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** Names the row: read out with each of its cells. One column has it. */
  head?: boolean;
  numeric?: boolean;
  /** Present where the table can be sorted by it. `active`: it is, so. */
  sort?: { active: "ascending" | "descending" | null; onSort: () => void };
}

/** From so many rows on only those near the window are drawn. */
const MANY = 80;
const ROW_HEIGHT = 56;

/** A table; on a phone each row is a card. Thousands of rows are fine: what is out of sight is not drawn. */
export function Table<Row>({
  caption,
  columns,
  rows,
  rowKey,
}: {
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
}) {
  const many = rows.length > MANY;
  const body = useRef<HTMLTableSectionElement>(null);
  const [above, setAbove] = useState(0);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    enabled: many,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    scrollMargin: above,
    getItemKey: (index) => rowKey(rows[index] as Row),
  });
  useLayoutEffect(() => {
    const top = body.current?.getBoundingClientRect().top ?? 0;
    setAbove(Math.round(top + window.scrollY));
  }, []);
  const items = virtual.getVirtualItems();
  const shown = many
    ? items.map(({ index }) => ({ index, row: rows[index] as Row }))
    : rows.map((row, index) => ({ index, row }));
  const before = many ? (items[0]?.start ?? above) - above : 0;
  const after = many ? virtual.getTotalSize() - ((items.at(-1)?.end ?? above) - above) : 0;
  return (
    <table className="table" data-many={many || undefined} aria-rowcount={many ? rows.length + 1 : undefined}>
      <caption className="hidden">{caption}</caption>
      <thead>
        <tr aria-rowindex={many ? 1 : undefined}>
          {columns.map((column) => (
            <Heading key={column.key} column={column} />
          ))}
        </tr>
      </thead>
      <tbody ref={body}>
        <Gap height={before} columns={columns.length} />
        {shown.map(({ index, row }) => (
          <tr
            key={rowKey(row)}
            data-index={index}
            ref={many ? virtual.measureElement : undefined}
            aria-rowindex={many ? index + 2 : undefined}
          >
            {columns.map((column) => (
              <Cell key={column.key} column={column} row={row} />
            ))}
          </tr>
        ))}
        <Gap height={after} columns={columns.length} />
      </tbody>
    </table>
  );
}

function Heading<Row>({ column }: { column: Column<Row> }) {
  const { title, numeric, sort } = column;
  return (
    <th scope="col" data-numeric={numeric} aria-sort={sort?.active ?? undefined}>
      {sort === undefined ? (
        title
      ) : (
        <button type="button" className="sort" data-active={sort.active ?? undefined} onClick={sort.onSort}>
          {title}
          <span aria-hidden="true">
            {sort.active === null ? "↕" : sort.active === "ascending" ? "↑" : "↓"}
          </span>
        </button>
      )}
    </th>
  );
}

function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  const content = (
    <>
      <span className="cell-title" aria-hidden="true">
        {column.title}
      </span>
      <div>{column.cell(row)}</div>
    </>
  );
  if (column.head) return <th scope="row">{content}</th>;
  return <td data-numeric={column.numeric}>{content}</td>;
}

/** Stands for the rows that are not drawn. */
function Gap({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr className="gap">
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}
