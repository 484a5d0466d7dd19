/** Where the keyboard goes on when a trouble is over. */
import { useEffect, useRef } from "react";
import type { Trouble } from "./callState";

/** The button that was pressed went with the trouble: the focus goes to what `selector` finds, and not to the top of the
 * page. Whoever has moved it elsewhere meanwhile keeps it there. */
export function useFocusBack(trouble: Trouble | null, selector: string): void {
  const before = useRef(trouble);
  useEffect(() => {
    const over = before.current !== null && trouble === null;
    before.current = trouble;
    if (!over || document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>(selector)?.focus();
  }, [trouble, selector]);
}
