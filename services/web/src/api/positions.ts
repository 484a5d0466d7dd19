/** Positions over REST. */
import { client, demand } from "./client";
import { everyPage } from "./paging";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Position = Schemas["Position"];
export type PositionSpec = Schemas["PositionSpec"];
export type PublishState = NonNullable<Position["state"]>;
export type Mode = PositionSpec["mode"];
export type InterviewLanguage = PositionSpec["language"];
export type Question = Schemas["GeneratedQuestion"];

const PAGE = 200;

/** All positions, newest first. */
export function listPositions(): Promise<Position[]> {
  return everyPage((cursor) =>
    demand(client.GET("/api/v1/positions", { params: { query: { limit: PAGE, cursor } } })),
  );
}

/** One position. */
export function getPosition(positionId: string): Promise<Position> {
  return demand(
    client.GET("/api/v1/positions/{position_id}", { params: { path: { position_id: positionId } } }),
  );
}
