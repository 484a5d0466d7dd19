interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** The items of all pages. `page` is given the cursor; empty for the first one. */
export async function everyPage<T>(page: (cursor: string) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor = "";
  for (;;) {
    const found = await page(cursor);
    items.push(...found.items);
    if (found.next_cursor === null) return items;
    cursor = found.next_cursor;
  }
}
