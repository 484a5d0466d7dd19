import { expect, it, vi } from "vitest";
import { learnStaffWords, speak, startLanguages } from ".";

const { fetched } = vi.hoisted(() => ({ fetched: vi.fn() }));
vi.mock("./korean-font.css", () => {
  fetched();
  return {};
});

it("has Korean letters for staff who read English: their candidates have Korean names", async () => {
  await startLanguages();
  await speak("en", false);
  expect(fetched).not.toHaveBeenCalled();
  await learnStaffWords();
  await vi.waitFor(() => expect(fetched).toHaveBeenCalled());
});
