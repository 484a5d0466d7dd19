import { QueryClient } from "@tanstack/react-query";
import { Problem } from "../api/problems";

const MOST_TRIES = 3;

/** What the pages ask, and how often they try again: a refusal is final, a server that is away is not. */
export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        networkMode: "always",
        retry: (failures, error) => failures < MOST_TRIES && error instanceof Problem && error.passing,
        retryDelay: (failures) => 400 * 2 ** failures,
      },
      mutations: { networkMode: "always" },
    },
  });
}
