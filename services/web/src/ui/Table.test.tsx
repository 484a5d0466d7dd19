import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Column, Table } from "./Table";

interface Row {
  id: string;
}

const rows = (count: number): Row[] => Array.from({ length: count }, (_, index) => ({ id: `row ${index}` }));
const column: Column<Row> = { key: "id", title: "Name", head: true, cell: ({ id }) => id };

function show(count: number, columns = [column]) {
  render(<Table caption="People" columns={columns} rows={rows(count)} rowKey={({ id }) => id} />);
  return screen.getByText("People").closest("table") as HTMLTableElement;
}

const drawnIn = (table: HTMLTableElement) => [...table.querySelectorAll("tbody th[scope=row]")];

describe("a table", () => {
  beforeEach(() => {
    // jsdom lays nothing out.
    vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(56);
    vi.stubGlobal(
      "ResizeObserver",
      class {
        observe() {}
        unobserve() {}
        disconnect() {}
      },
    );
  });

  it("draws a few rows all", () => {
    expect(drawnIn(show(30))).toHaveLength(30);
  });

  it("draws of a thousand rows those near the window, and says how many there are", () => {
    const table = show(1000);
    const drawn = drawnIn(table);
    expect(drawn.length).toBeGreaterThan(5);
    expect(drawn.length).toBeLessThan(80);
    expect(table).toHaveAttribute("aria-rowcount", "1001");
    expect(drawn[0]?.closest("tr")).toHaveAttribute("aria-rowindex", "2");
  });

  it("is sorted by its headings, which say how it is sorted", async () => {
    const onSort = vi.fn();
    const table = show(3, [{ ...column, sort: { active: "ascending", onSort } }]);
    expect(table.querySelector("th")).toHaveAttribute("aria-sort", "ascending");
    await userEvent.click(screen.getByRole("button", { name: /Name/ }));
    expect(onSort).toHaveBeenCalledOnce();
  });
});
