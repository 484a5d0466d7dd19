import { useState } from "react";
import { keep, kept } from "./onDevice";

/** A text that is kept while it is written; `forget` once it is sent. */
export function useKeptText(name: string): [string, (text: string) => void, () => void] {
  const [text, setText] = useState(() => {
    const found = kept(name);
    return typeof found === "string" ? found : "";
  });
  const change = (to: string) => {
    setText(to);
    keep(name, to === "" ? null : to);
  };
  return [text, change, () => keep(name, null)];
}
