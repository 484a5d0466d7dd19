/** The typed client of the gateway; its types are made from the gateway's description at each build. */
import createClient from "openapi-fetch";
import { problemFrom, problemOf } from "./problems";
import type { paths } from "./schema";

const client = createClient<paths>({ baseUrl: "", credentials: "same-origin" });

client.use({
  onRequest({ request }) {
    request.headers.set("X-Viva-CSRF", "1");
    // A POST that is sent again, because the line broke, does nothing twice.
    if (request.method === "POST" && !request.headers.has("Idempotency-Key")) {
      request.headers.set("Idempotency-Key", crypto.randomUUID());
    }
    return request;
  },
});

export { client };

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What was asked for; throws a Problem otherwise. */
export async function demand<T>(asked: Promise<Answered<T>>): Promise<T> {
  let answered: Answered<T>;
  try {
    answered = await asked;
  } catch (error) {
    throw problemOf(error);
  }
  if (!answered.response.ok) throw problemFrom(answered.response.status, answered.error);
  return answered.data as T;
}
