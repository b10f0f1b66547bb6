/**
 * From an ARN that somebody names to the resource that is meant: services write
 * the ARN of one resource in more than one way.
 *
 * @since 0.1.0
 */
import { Arn, type Resource, type ResourceType, resourceTypeOf } from "@cadastre/model"
import * as Option from "effect/Option"

/**
 * - `arn`: the whole resource's own ARN, taken apart
 * - `key`: what it is looked up by, see {@link keyOf}
 *
 * @category models
 * @since 0.1.0
 */
export interface ArnTarget {
  readonly arn: Arn.Arn
  readonly key: string
  readonly type: ResourceType.ResourceType
}

/**
 * What a text turns out to be: a resource, a part of one (which has no tags of
 * its own that a policy is about), or no ARN.
 *
 * @category models
 * @since 0.1.0
 */
export type ReadArn =
  | { readonly _tag: "Target"; readonly target: ArnTarget }
  | { readonly _tag: "Part"; readonly target: ArnTarget; readonly message: string }
  | { readonly _tag: "Invalid"; readonly message: string }

/**
 * Reads what somebody wrote.
 *
 * A version or an alias of a Lambda function means the function, a log group's
 * `:*` the log group.
 *
 * @category constructors
 * @since 0.1.0
 */
export const read = (text: string): ReadArn => {
  const parsed = Arn.parse(text)
  if (Option.isNone(parsed)) return { _tag: "Invalid", message: notAnArn }
  const arn = wholeOf(parsed.value)
  const target: ArnTarget = { arn, key: canonical(arn), type: resourceTypeOf(arn) }
  const message = partOf(arn)
  return message === undefined ? { _tag: "Target", target } : { _tag: "Part", target, message }
}

const notAnArn = "it is no ARN: write arn:partition:service:region:account:resource, such as " +
  "arn:aws:sns:eu-west-1:111122223333:orders"

/**
 * What an ARN is looked up by: the same for all ways to write one and the same
 * resource. What is no ARN is its own.
 *
 * @category getters
 * @since 0.1.0
 */
export const keyOf = (text: string): string =>
  Option.match(Arn.parse(text), { onNone: () => text, onSome: (arn) => canonical(wholeOf(arn)) })

/**
 * What a listed resource is found by.
 *
 * - `keys`: each of them names this resource alone
 * - `short`: names it unless there is another of the name: the old form of an ECS service's ARN leaves out its cluster
 *
 * @category getters
 * @since 0.1.0
 */
export const keysOf = (resource: Resource): { readonly keys: ReadonlyArray<string>; readonly short?: string } => {
  const key = keyOf(resource.arn)
  if (resource.type !== "ecs:service") return { keys: [key] }
  const [head = "", ...names] = key.split("/")
  if (names.length > 1) return { keys: [key], short: `${head}/${names.at(-1)}` }
  const { clusterArn } = resource.attributes
  // Listed in the old form itself: its cluster is known from elsewhere.
  return typeof clusterArn === "string" && names.length === 1
    ? { keys: [`${head}/${clusterArn.slice(clusterArn.lastIndexOf("/") + 1)}/${names[0]}`], short: key }
    : { keys: [key] }
}

const wholeOf = (arn: Arn.Arn): Arn.Arn => {
  const { id, qualifier, type } = Arn.resourceOf(arn)
  if (qualifier === undefined || qualifier.includes(":") || id === "") return arn
  const isWhole = (arn.service === "lambda" && type === "function") || (arn.service === "logs" && qualifier === "*")
  return isWhole ? { ...arn, resource: `${type}:${id}` } : arn
}

/** Images and snapshots are written with their account and without. */
const canonical = (arn: Arn.Arn): string =>
  Arn.format(arn.service === "ec2" && /^(?:image|snapshot)\//u.test(arn.resource) ? { ...arn, accountId: "" } : arn)

const partOf = (arn: Arn.Arn): string | undefined => {
  const { partition, region, resource, service } = arn
  if (service === "s3" && region === "" && resource.includes("/")) {
    return `it is an object: ask for its bucket, arn:${partition}:s3:::${resource.slice(0, resource.indexOf("/"))}`
  }
  const part = parts.find(({ form, of }) => of === service && form.test(resource))
  return part === undefined ? undefined : `it is ${part.what}, which is not judged: ask for the whole`
}

/** Parts whose ARNs begin as that of the whole does. */
const parts = [
  { of: "states", form: /^stateMachine:[^:]+:/u, what: "a version or an alias of a state machine" },
  { of: "kinesis", form: /^stream\/[^/]+\//u, what: "a consumer of a stream" },
  { of: "es", form: /^domain\/[^/]+\//u, what: "a part of a domain" }
] as const
