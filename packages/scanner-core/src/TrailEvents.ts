/**
 * CloudTrail's event history, a page at a time: what was changed in one Region,
 * the latest first.
 *
 * It is on in every account and free to ask; two calls a second are let through
 * in each Region.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 * @since 0.1.0
 */
import { Aws } from "@cadastre/client-factory"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"

/**
 * What CloudTrail keeps, milliseconds: 90 days.
 *
 * @category configuration
 * @since 0.1.0
 */
export const historyMs = 90 * 24 * 3_600_000

/**
 * Events that a page has at most.
 *
 * @category configuration
 * @since 0.1.0
 */
export const pageSize = 50

/** Larger than any record that CloudTrail writes. */
const maxRecordCharacters = 1_048_576

/**
 * An event as `LookupEvents` writes it, each part of it absent or not.
 *
 * @category models
 * @since 0.1.0
 */
export interface LookedUp {
  readonly EventName?: string | undefined
  readonly EventSource?: string | undefined
  readonly EventTime?: Date | undefined
  readonly Resources?:
    | ReadonlyArray<{ readonly ResourceType?: string | undefined; readonly ResourceName?: string | undefined }>
    | undefined
  readonly CloudTrailEvent?: string | undefined
}

/**
 * CloudTrail's own record of an event; the empty text where it is larger than any.
 *
 * @category getters
 * @since 0.1.0
 */
export const recordOf = ({ CloudTrailEvent = "" }: LookedUp): string =>
  CloudTrailEvent.length > maxRecordCharacters ? "" : CloudTrailEvent

/**
 * A page of the events that changed something between two times, milliseconds
 * since the epoch, in the current account and Region. `next` leads to the page
 * after it, and is absent on the last.
 *
 * Needs `cloudtrail:LookupEvents`.
 *
 * @category calls
 * @since 0.1.0
 */
export const page = Effect.fnUntraced(function*(
  times: { readonly from: number; readonly until: number },
  next: string | undefined
) {
  const { CloudTrailClient, LookupEventsCommand } = yield* Effect.promise(() => import("@aws-sdk/client-cloudtrail"))
  const answer = yield* Aws.send(
    CloudTrailClient,
    new LookupEventsCommand({
      LookupAttributes: [{ AttributeKey: "ReadOnly", AttributeValue: "false" }],
      StartTime: dateOf(times.from),
      EndTime: dateOf(times.until),
      MaxResults: pageSize,
      ...(next === undefined ? {} : { NextToken: next })
    })
  )
  const events: ReadonlyArray<LookedUp> = answer.Events ?? []
  return { events, next: answer.NextToken === "" ? undefined : answer.NextToken }
})

const dateOf = (milliseconds: number): Date => DateTime.toDateUtc(DateTime.makeUnsafe(milliseconds))
