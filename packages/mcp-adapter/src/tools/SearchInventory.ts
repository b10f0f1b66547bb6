/** @since 0.1.0 */
import type { InventoryResult } from "@cadastre/compliance"
import { Untrusted } from "@cadastre/report"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { answerBytes, clipped, firstLines, sizeOf, within } from "../Budget.ts"
import * as Engine from "../Engine.ts"
import { safe } from "../ErrorSanitiser.ts"
import * as Memory from "../Memory.ts"
import * as ResourceAnswer from "../ResourceAnswer.ts"
import * as ScanArguments from "../ScanArguments.ts"
import { make } from "../Tool.ts"
import { RequestRefused } from "../ToolFailure.ts"

const Found = Schema.Struct({
  ...ResourceAnswer.fields,
  state: Schema.optionalKey(Schema.String),
  current_tags: Schema.NullOr(ResourceAnswer.TagsAnswer).annotate({ description: "null where they could not be read." }),
  first_seen: Schema.String,
  last_seen: Schema.String
})

const Output = Schema.Struct({
  resources: Schema.Array(Found).annotate({
    description: "By ARN, as scans saw them last: not as they are now. What no scan saw is not among them."
  }),
  count: Schema.Natural,
  next_cursor: Schema.optionalKey(Schema.String),
  is_empty: Schema.Boolean.annotate({ description: "Whether nothing was ever scanned into the inventory." })
})

/**
 * Searches what earlier scans saw.
 *
 * @category tools
 * @since 0.1.0
 */
export const searchInventory = make({
  name: "search_inventory",
  title: "Search the inventory",
  description: "Searches the resources that earlier scans saw, by words (in ARN, id, name, state and tags) and by filters. " +
    "Makes no call to AWS: what it answers is as old as its last_seen.",
  openWorld: false,
  input: {
    query: Schema.optionalKey(Schema.String.annotate({ description: "Words, each of which must be there, in any case." })),
    resource_types: ScanArguments.resourceTypes,
    filters: ScanArguments.filters,
    limit: Schema.optionalKey(
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 })).annotate({ description: "1 to 1000, 50 by default." })
    ),
    cursor: Schema.optionalKey(Schema.String.annotate({ description: "The next_cursor of an earlier answer to the same search." }))
  },
  output: Output,
  call: Effect.fn("search_inventory")(function*({ cursor, filters, limit = 50, query, resource_types = [] }) {
    const { Compliance } = yield* Engine.compliance
    const compliance = yield* Compliance
    const types = resource_types.length === 0
      ? undefined
      : (yield* resolved(resource_types)).map(({ type }): string => type)
    const { account_id = [], account_ids = [], region = [], regions = [], tags = {} } = filters ?? {}
    const named = yield* Effect.forEach(Object.entries(tags), ([key, [value = "*", ...more]]) =>
      more.length === 0
        ? Effect.succeed([key, value === "*" ? null : value] as const)
        : Effect.fail(
          new RequestRefused({ why: "filters.tags has several values for one key.", remedy: "Give one value, or * for any." })
        ))
    const accounts = yield* exactly("accounts", [...account_id, ...account_ids])
    const places = yield* exactly("Regions", [...region, ...regions])
    const request = {
      ...(query === undefined ? {} : { text: query }),
      ...(types === undefined || types.length === 0 ? {} : { types }),
      ...(accounts.length === 0 ? {} : { accounts }),
      ...(places.length === 0 ? {} : { regions: places }),
      ...(named.length === 0 ? {} : { tags: Object.fromEntries(named) }),
      ...(cursor === undefined ? {} : { after: cursor.trim() })
    }
    const search = (limit: number) =>
      compliance.inventory({ ...request, limit }).pipe(Effect.catchTags({
        NoMemoryError: Memory.refused,
        StoreError: ({ problem, remedy }) =>
          Effect.fail(
            new RequestRefused({
              why: `The inventory could not be searched: ${safe(problem, 300)}.`,
              remedy: `${safe(remedy, 300)}.`
            })
          )
      }))
    const found = yield* search(limit)
    const shown = within(found.resources.map(foundOf), answerBytes - 12_000)
    // What does not fit comes with the next page.
    const page = shown.length === found.resources.length || shown.length === 0 ? found : yield* search(shown.length)
    return answerOf(page, cursor !== undefined)
  })
})

const exactly = (what: string, names: ReadonlyArray<string>) => {
  const all = names.map((name) => name.trim().toLowerCase()).filter((name) => name !== "all" && name !== "*")
  return all.some((name) => name.includes("*"))
    ? Effect.fail(
      new RequestRefused({ why: `The inventory is searched for ${what} by their whole names, not by wildcards.`, remedy: "Name each of them." })
    )
    : Effect.succeed(all)
}

const foundOf = ({ firstSeen, lastSeen, resource }: InventoryResult["resources"][number]): typeof Found.Type => ({
  ...ResourceAnswer.make(resource),
  ...(resource.state === undefined ? {} : { state: ResourceAnswer.text(resource.state, 100) }),
  current_tags: resource.tags === null ? null : ResourceAnswer.tags(resource.tags),
  first_seen: firstSeen,
  last_seen: lastSeen
})

const answerOf = (page: InventoryResult, isLater: boolean) => {
  const resources = page.resources.map(foundOf)
  const isEmpty = page.estate === undefined
  const structured: typeof Output.Type = {
    resources,
    count: resources.length,
    ...(page.next === undefined ? {} : { next_cursor: page.next }),
    is_empty: isEmpty
  }
  const text = [
    isEmpty
      ? "**Nothing was ever scanned into the inventory**: that nothing is found means nothing. Scan first."
      : `${resources.length} resources${page.next === undefined ? "" : " on this page; there are more"}, as scans saw them last.`,
    ...(isEmpty || resources.length > 0 || isLater ? [] : [
      "That does not say that there are none: what no scan looked at, or could see, is not in the inventory. " +
      "`cadastre://coverage/last` tells what the last scan could not see; check_tag_compliance looks."
    ]),
    ...(page.next === undefined ? [] : [`The same search with \`cursor\` \`${page.next}\` shows the next page.`]),
    ...page.resources.slice(0, 20).map(({ lastSeen, resource: { arn } }) =>
      `- ${Untrusted.code(clipped(arn, 300))}, last seen ${lastSeen}`
    ),
    ...(resources.length > 20 ? [`- and ${resources.length - 20} others: see \`resources\``] : [])
  ].join("\n")
  return { structured, text: firstLines(text, Math.min(8000, answerBytes - sizeOf(structured) - 2000)) }
}

/** What the types mean. The engine is loaded when it is first needed, so that the server starts at once. */
const resolved = Effect.fnUntraced(function*(types: ReadonlyArray<string>) {
  const { ScannerRegistry } = yield* Engine.scannerCore
  return yield* (yield* ScannerRegistry).resolve(types)
})
