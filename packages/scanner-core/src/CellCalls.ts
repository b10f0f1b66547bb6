/**
 * The calls that one cell takes.
 *
 * @since 0.1.0
 */
import type { ResourceType } from "@cadastre/model"

/**
 * The calls of one action in one cell.
 *
 * - `service`: the SigV4 signing name, as rate limits and prices have it
 * - `atOnce`: how many of them may be under way together; 1 for the pages of a list
 *
 * @category models
 * @since 0.1.0
 */
export interface CallsOfCell {
  readonly action: string
  readonly service: string
  readonly operation: string
  readonly calls: number
  readonly atOnce: number
}

/** Resources of one call to the tagging API, as `TaggingApi` asks for them. */
const tagBatch = 100

/** Batches of tags that one cell asks for at once. */
const batchesAtOnce = 4

/** Where the catalogue does not say how large a page is. */
const typicalPage = 100

/**
 * The calls that a cell takes, in the order of its actions.
 *
 * With a last count they are as many as then, divided by what is known of
 * their kinds: a call to the tagging API for each hundred resources, one list
 * call for each page, the rest for details. Without one, the cell is taken for
 * one page: one call of each action.
 *
 * @category constructors
 * @since 0.1.0
 */
export const callsOf = (
  entry: Pick<ResourceType.ResourceTypeInfo, "actions" | "tagSource">,
  last?: { readonly resources: number; readonly calls: number }
): ReadonlyArray<CallsOfCell> => {
  const tagging = entry.tagSource === "tagging-api"
  const own = entry.actions.filter((action) => !(tagging && action === taggingAction))
  const [list, ...details] = own
  if (list === undefined) return []
  if (last === undefined) {
    return [
      stepOf(list, 1, 1),
      ...details.map((action) => stepOf(action, 1, Number.POSITIVE_INFINITY)),
      ...(tagging ? [stepOf(taggingAction, 1, batchesAtOnce)] : [])
    ]
  }
  // Where tags were read one by one, there were fewer batches than resources would need: never more calls than counted.
  const batches = tagging ? Math.min(Math.ceil(last.resources / tagBatch), Math.max(0, last.calls - 1)) : 0
  const others = last.calls - batches
  const pages = details.length === 0 ? others : Math.min(others, Math.max(1, Math.ceil(last.resources / typicalPage)))
  const rest = others - pages
  return [
    stepOf(list, pages, 1),
    ...details.map((action, index) =>
      stepOf(action, Math.floor((rest + index) / details.length), Number.POSITIVE_INFINITY)
    ),
    ...(tagging ? [stepOf(taggingAction, batches, batchesAtOnce)] : [])
  ].filter(({ calls }) => calls > 0)
}

const taggingAction = "tag:GetResources"

const stepOf = (action: string, calls: number, atOnce: number): CallsOfCell => {
  const [prefix = "", name = ""] = action.split(":")
  return {
    action,
    service: Object.hasOwn(signingNames, prefix) ? signingNames[prefix]! : prefix,
    operation: Object.hasOwn(operations, action) ? operations[action]! : name,
    calls,
    atOnce
  }
}

/** IAM's prefixes that are not the service's signing name. */
const signingNames: Readonly<Record<string, string>> = { cloudwatch: "monitoring", tag: "tagging" }

/** IAM's names of operations that are called otherwise. */
const operations: Readonly<Record<string, string>> = { "s3:ListAllMyBuckets": "ListBuckets" }
