/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-cloudtrail"
import { refuse } from "../AwsFault.ts"
import { eventOf, regionOf, type TrailEvent } from "../CloudTrailEvent.ts"
import { jsonFamily } from "../Family.ts"
import { draw, unit } from "../Hash.ts"
import * as Paging from "../Paging.ts"
import { awsJson } from "../Protocol.ts"
import { type Call, make } from "../Service.ts"

/** What CloudTrail keeps. */
const historyMs = 90 * 24 * 3_600_000

/** AWS delivers an event about five minutes after the call, some sooner, some later, and not in their order. */
const delayOf = (seed: number, number: number): number => (2 + 12 * unit(draw(seed, number), 80) ** 2) * 60_000

/** The events of the caller's account and Region that have been delivered by now, the newest first. */
const delivered = ({ accountId, estate, now, partition, region }: Call): ReadonlyArray<TrailEvent> =>
  estate.history.all()
    .map((change, number) => ({ change, number }))
    .filter(({ change, number }) =>
      change.resource.accountId === accountId && regionOf(change, partition) === region &&
      change.at + delayOf(estate.seed, number) <= now && change.at > now - historyMs
    )
    .toSorted((a, b) => b.change.at - a.change.at || b.number - a.number)
    .map(({ change, number }) => eventOf(change, number, { seed: estate.seed, partition }))

const attributes: Readonly<Record<Sdk.LookupAttributeKey, (event: TrailEvent, value: string) => boolean>> = {
  AccessKeyId: (event, value) => event.AccessKeyId === value,
  EventId: (event, value) => event.EventId === value,
  EventName: (event, value) => event.EventName === value,
  EventSource: (event, value) => event.EventSource === value,
  ReadOnly: (event, value) => event.ReadOnly === value,
  ResourceName: (event, value) => event.Resources.some(({ ResourceName }) => ResourceName === value),
  ResourceType: (event, value) => event.Resources.some(({ ResourceType }) => ResourceType === value),
  Username: (event, value) => event.Username === value
}

const lookupEvents = (input: Sdk.LookupEventsRequest, call: Call): Sdk.LookupEventsResponse => {
  const asked = input.LookupAttributes ?? []
  const [attribute] = asked
  const isKnown = attribute === undefined ||
    (attribute.AttributeKey !== undefined && Object.hasOwn(attributes, attribute.AttributeKey))
  if (asked.length > 1 || !isKnown) {
    throw refuse("InvalidLookupAttributesException", 400, "The lookup attributes are not valid.")
  }
  const from = input.StartTime?.getTime() ?? 0
  const until = input.EndTime?.getTime() ?? Number.POSITIVE_INFINITY
  if (!(from <= until)) throw refuse("InvalidTimeRangeException", 400, "The start time is after the end time.")
  const matches = attribute?.AttributeKey === undefined ? () => true : attributes[attribute.AttributeKey]
  const events = delivered(call).filter((event) =>
    event.EventTime.getTime() >= from && event.EventTime.getTime() <= until &&
    matches(event, attribute?.AttributeValue ?? "")
  )
  const { items, token } = Paging.page(call, {
    size: input.MaxResults,
    min: 1,
    max: 50,
    byDefault: 50,
    token: input.NextToken,
    bind: [asked, from, until],
    badSize: () => refuse("InvalidMaxResultsException", 400, "The number of results must be between 1 and 50."),
    badToken: () => refuse("InvalidNextTokenException", 400, "The token is not valid, or the request is another one.")
  }, Paging.sliceOf(events))
  return { Events: items.map((event) => ({ ...event, Resources: [...event.Resources] })), NextToken: token }
}

export const CloudTrail = make({
  signingName: "cloudtrail",
  iamPrefix: "cloudtrail",
  scope: "regional",
  protocol: awsJson({
    version: "1.1",
    target: "CloudTrail_20131101",
    namespace: "com.amazonaws.cloudtrail.v20131101"
  }),
  family: jsonFamily,
  refusals: {
    size: ["InvalidMaxResultsException", 400],
    token: ["InvalidNextTokenException", 400],
    missing: ["ResourceNotFoundException", 400]
  },
  load: () => import("@aws-sdk/client-cloudtrail"),
  ragged: ["LookupEvents"],
  operations: { LookupEvents: lookupEvents }
})
