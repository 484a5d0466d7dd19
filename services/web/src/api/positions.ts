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

/** Make a draft. */
export function createPosition(spec: PositionSpec): Promise<Position> {
  return demand(client.POST("/api/v1/positions", { body: spec }));
}

function building(position: Position) {
  return {
    path: { position_id: position.position_id },
    header: { "If-Match": `"${position.revision}"` },
  };
}

/** Change a draft; what is given is the state that the change builds on. */
export function updatePosition(position: Position, spec: PositionSpec): Promise<Position> {
  return demand(client.PUT("/api/v1/positions/{position_id}", { params: building(position), body: spec }));
}

/** Freeze a draft as it was read. */
export function publishPosition(position: Position): Promise<Position> {
  return demand(client.POST("/api/v1/positions/{position_id}/publish", { params: building(position) }));
}

/** Take a position out of use; its interviews go on. */
export function archivePosition(positionId: string): Promise<Position> {
  return demand(
    client.POST("/api/v1/positions/{position_id}/archive", { params: { path: { position_id: positionId } } }),
  );
}

/** A first question for a competency, as a candidate could meet it. Another seed may give another one. */
export function previewQuestion(positionId: string, competencyId: string, seed: number): Promise<Question> {
  const params = { path: { position_id: positionId } };
  const body = { competency_id: competencyId, fallback: "", seed };
  return demand(client.POST("/api/v1/positions/{position_id}/preview-question", { params, body }));
}
