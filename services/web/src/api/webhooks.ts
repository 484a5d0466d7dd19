/** Webhooks and their deliveries, over REST. */
import { client, demand } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Webhook = Schemas["Webhook"];
export type WebhookWithSecret = Schemas["WebhookWithSecret"];
export type WebhookEvent = Schemas["WebhookIn"]["events"][number];
export type WebhookChange = Required<Schemas["WebhookChange"]>;
export type Delivery = Schemas["WebhookDelivery"];
export type WholeDelivery = Schemas["WholeDelivery"];
export type Attempt = Schemas["DeliveryAttempt"];
export type DeliveryPage = Schemas["Page_WebhookDelivery_"];
export type DeliveryState = NonNullable<Delivery["state"]>;

const named = (webhookId: string) => ({ path: { webhook_id: webhookId } });
const ONE = "/api/v1/webhooks/{webhook_id}";

/** All of them, oldest first. */
export async function listWebhooks(): Promise<Webhook[]> {
  return (await demand(client.GET("/api/v1/webhooks"))).items;
}

/** One, and how it fares. */
export function getWebhook(webhookId: string): Promise<Webhook> {
  return demand(client.GET(ONE, { params: named(webhookId) }));
}

/** Subscribe; the secret is told this once. */
export function createWebhook(change: WebhookChange): Promise<WebhookWithSecret> {
  const { url, description, events } = change;
  return demand(client.POST("/api/v1/webhooks", { body: { url, description, events } }));
}

/** Change it, pause it, or let it go on. */
export function updateWebhook(webhookId: string, body: WebhookChange): Promise<Webhook> {
  return demand(client.PUT(ONE, { params: named(webhookId), body }));
}

/** Remove it with its deliveries. */
export async function deleteWebhook(webhookId: string): Promise<void> {
  await demand(client.DELETE(ONE, { params: named(webhookId) }));
}

/** A new secret, told this once; the old one signs too for so many seconds. */
export function rotateSecret(webhookId: string, overlapSeconds: number): Promise<WebhookWithSecret> {
  const body = { overlap_seconds: overlapSeconds };
  return demand(client.POST(`${ONE}/secret`, { params: named(webhookId), body }));
}

/** Send a test. */
export function pingWebhook(webhookId: string): Promise<Delivery> {
  return demand(client.POST(`${ONE}/ping`, { params: named(webhookId) }));
}

/** One page of the log, newest first. */
export function listDeliveries(
  webhookId: string,
  state: DeliveryState | null,
  cursor: string,
): Promise<DeliveryPage> {
  const query = { limit: 50, cursor, state };
  return demand(client.GET(`${ONE}/deliveries`, { params: { ...named(webhookId), query } }));
}

/** One delivery with what is sent and each attempt. */
export function getDelivery(webhookId: string, deliveryId: string): Promise<WholeDelivery> {
  const params = { path: { webhook_id: webhookId, delivery_id: deliveryId } };
  return demand(client.GET(`${ONE}/deliveries/{delivery_id}`, { params }));
}

/** Send one again. */
export async function replayDelivery(webhookId: string, deliveryId: string): Promise<number> {
  const body = { delivery_id: deliveryId, failed_only: false };
  return (await demand(client.POST(`${ONE}/replays`, { params: named(webhookId), body }))).replayed;
}

/** Send those of events within a range of time again; how many. */
export async function replayRange(
  webhookId: string,
  since: Date,
  until: Date,
  failedOnly: boolean,
): Promise<number> {
  const body = { since: since.toISOString(), until: until.toISOString(), failed_only: failedOnly };
  return (await demand(client.POST(`${ONE}/replays`, { params: named(webhookId), body }))).replayed;
}
