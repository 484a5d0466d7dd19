/** The caret of a field into which text comes that nobody types there. */
import { type RefObject, useLayoutEffect } from "react";

/** Keeps the selection at its words; a browser puts it to the end of what a program writes. */
export function useCaret(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  // Read while rendering: once the new text is in the field it is too late.
  const shown = field.current;
  const before = shown && { text: shown.value, start: shown.selectionStart, end: shown.selectionEnd };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what stood there before this text
  useLayoutEffect(() => {
    const now = field.current;
    if (now === null || before === null || before.text === text || document.activeElement !== now) return;
    now.setSelectionRange(moved(before.text, text, before.start), moved(before.text, text, before.end));
  }, [field, text]);
}

/** Where a place in a text is after something was put into it, or added: what comes at the place itself is before it. */
export function moved(before: string, after: string, place: number): number {
  const shifted = place + after.length - before.length;
  if (place === before.length) return shifted;
  let same = 0;
  while (same < place && before[same] === after[same]) same += 1;
  return same < place || after.endsWith(before.slice(place)) ? shifted : place;
}
