// @vitest-environment node
// jsdom's File has no bytes to ask for.
import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { dropFile, dropFiles, keepFile, keptFile } from "./keptFile";
import { forgetAll } from "./onDevice";

const resume = new File(["I ran the payments."], "me.txt", { type: "text/plain" });

describe("the file that was chosen", () => {
  beforeEach(() => dropFiles());

  it("is kept for its interview alone, until it is dropped", async () => {
    await keepFile("one", resume);
    const found = await keptFile("one");
    expect([found?.name, found?.type, await found?.text()]).toEqual([
      "me.txt",
      "text/plain",
      "I ran the payments.",
    ]);
    expect(await keptFile("two")).toBeNull();
    await dropFile("one");
    expect(await keptFile("one")).toBeNull();
  });

  it("goes with everything else of the candidate's", async () => {
    await keepFile("one", resume);
    forgetAll();
    await vi.waitFor(async () => expect(await keptFile("one")).toBeNull());
  });
});
