import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { Problem } from "../api/problems";

const MOST_TRIES = 3;
/** Who of the staff is signed in. */
export const ME = ["staff", "me"];

/** What the pages ask, and how often they try again: a refusal is final, a server that is away is not. */
export function createQueries(): QueryClient {
  // Whatever says that nobody is signed in makes the pages look again, and ask for the password where they are.
  const refused = (error: Error) => {
    if (error instanceof Problem && error.status === 401) void queries.invalidateQueries({ queryKey: ME });
  };
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError: refused }),
    mutationCache: new MutationCache({ onError: refused }),
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
  return queries;
}
