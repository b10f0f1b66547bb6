/**
 * What the tag policies of an organization come to for an account, as `DescribeEffectivePolicy` tells it.
 *
 * Written for the simulator alone, from the rules that AWS documents: a check of the merge that it is compared with.
 */
import type { Organization } from "./Organization.ts"

type Node = { readonly [key: string]: unknown }

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && !Array.isArray(value)

const listOf = (value: unknown): ReadonlyArray<string> => Array.isArray(value) ? value.map(String) : [String(value)]

const every = ["@@assign", "@@append", "@@remove"]

const controlName = "@@operators_allowed_for_child_policies"

/** The operators that a node allows to the levels below it. */
const allowedBy = (node: Node): ReadonlyArray<string> => {
  const control = node[controlName]
  if (control === undefined) return every
  const named = listOf(control)
  return named.includes("@@all") ? every : every.filter((operator) => named.includes(operator))
}

const common = (lists: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> =>
  every.filter((operator) => lists.every((list) => list.includes(operator)))

/** A document whose policy keys are in lower case. */
const readTags = (content: string): Node => {
  const document: unknown = JSON.parse(content)
  const tags = isNode(document) && isNode(document["tags"]) ? document["tags"] : {}
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [key.startsWith("@@") ? key : key.toLowerCase(), value]))
}

/** The nodes at a path, level by level, each level in the order of attachment. */
const nodesAt = (levels: ReadonlyArray<ReadonlyArray<Node>>, path: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<Node>> =>
  levels.map((nodes) =>
    nodes.flatMap((node) => {
      const found = path.reduce<unknown>((at, key) => isNode(at) && Object.hasOwn(at, key) ? at[key] : undefined, node)
      return isNode(found) ? [found] : []
    }))

/** From which level on nothing new may come to a node; none: `Infinity`. */
const closedFrom = (levels: ReadonlyArray<ReadonlyArray<Node>>): number => {
  let allowed: ReadonlyArray<string> = every
  for (const [level, nodes] of levels.entries()) {
    if (allowed.length === 0) return level
    allowed = common([allowed, ...nodes.map(allowedBy)])
  }
  return allowed.length === 0 ? levels.length : Number.POSITIVE_INFINITY
}

const firstLevel = (levels: ReadonlyArray<ReadonlyArray<Node>>): number => levels.findIndex((nodes) => nodes.length > 0)

const settle = (levels: ReadonlyArray<ReadonlyArray<Node>>): ReadonlyArray<string> => {
  let allowed: ReadonlyArray<string> = every
  let values: ReadonlyArray<string> = []
  for (const nodes of levels) {
    const said = (operator: string) =>
      allowed.includes(operator) ? nodes.flatMap((node) => operator in node ? [listOf(node[operator])] : []) : []
    const [assigned] = said("@@assign")
    const removed = new Set(said("@@remove").flat())
    values = [...new Set([...assigned ?? values, ...said("@@append").flat()])].filter((value) => !removed.has(value))
    allowed = common([allowed, ...nodes.map(allowedBy)])
  }
  return values
}

/** The effective document; `undefined` when no tag policy reaches the account, or the type is off. */
export const effectiveTagPolicy = (organization: Organization, accountId: string): string | undefined => {
  const path: Array<string> = []
  for (let at: string | undefined = accountId; at !== undefined; ) {
    path.unshift(at)
    at = organization.accounts.get(at)?.parent ?? organization.units.get(at)?.parent
  }
  const levels = path.map((target) =>
    (organization.tagPolicies ?? []).filter(({ targets }) => targets.includes(target)).map(({ content }) => readTags(content)))
  if (levels.every((nodes) => nodes.length === 0)) return undefined
  const keys = new Set(levels.flat().flatMap((tags) => Object.keys(tags)).filter((key) => !key.startsWith("@@")))
  const tagsClosed = closedFrom(levels)
  const tags = [...keys].sort().flatMap((key) => {
    const blocks = nodesAt(levels, [key])
    if (firstLevel(blocks) >= tagsClosed) return []
    const tagClosed = closedFrom(blocks)
    const setting = (name: string): ReadonlyArray<string> => {
      const nodes = nodesAt(levels, [key, name])
      return firstLevel(nodes) >= tagClosed ? [] : settle(nodes)
    }
    const list = (name: string, otherwise: ReadonlyArray<string> = []) => {
      const values = setting(name)
      const told = values.length > 0 ? values : otherwise
      return told.length === 0 ? {} : { [name]: told }
    }
    return [[key, {
      tag_key: setting("tag_key")[0] ?? key,
      // AWS writes out that any value will do.
      ...list("tag_value", ["*"]),
      ...list("enforced_for"),
      ...list("report_required_tag_for")
    }] as const]
  })
  return JSON.stringify({ tags: Object.fromEntries(tags) })
}
