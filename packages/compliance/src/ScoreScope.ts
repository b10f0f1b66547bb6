/**
 * What the score is about: what of the estate counts, and what is shown and
 * left out of it.
 *
 * @since 0.1.0
 */
import { type Mark, ResourceType } from "@cadastre/model"
import type { Validator, Verdict } from "@cadastre/policy"
import * as Schema from "effect/Schema"

/**
 * What is left out of the score unless it is asked for:
 *
 * - `free`: resources of types that AWS charges nothing for (security groups, roles)
 * - `default`: what came with the account or the VPC (default VPCs and all in them)
 * - `aws-created`: what AWS made and keeps (service-linked roles, `aws/` keys)
 *
 * What is gone, and what AWS has no tags for, is never scored. What only the
 * tagging API or Resource Explorer tells of is scored where the policy names its
 * type, and not otherwise: those that never had a tag are not among it.
 *
 * @category models
 * @since 0.1.0
 */
export const Includable = Schema.Literals(["free", "default", "aws-created"])
/** @since 0.1.0 */
export type Includable = typeof Includable.Type

/**
 * A validator that leaves what is free out of the score, and takes in what
 * `include` names.
 *
 * A free type counts all the same where a required tag's `applies_to` names it,
 * as `iam:role` or with its service as `iam:*`: whoever writes that means it. A
 * tag that applies to everything, by `*` or by saying nothing, does not.
 *
 * @category constructors
 * @since 0.1.0
 */
export const validator = (
  policy: Validator,
  options: { readonly freeTypes: Iterable<string>; readonly include?: ReadonlyArray<Includable> }
): Pick<Validator, "check"> => {
  const include = new Set<Mark | Includable>(options.include)
  const leftOut = freeTypesLeftOut(policy, options)
  return {
    check: (resource) => {
      const verdict = policy.check(isIncluded(policy, resource, include) ? unmarked(resource) : resource)
      return verdict._tag === "NotApplicable" || !leftOut.has(resource.type) ? verdict : free
    }
  }
}

/**
 * The types that are left out of the score because they are free.
 *
 * @category getters
 * @since 0.1.0
 */
export const freeTypesLeftOut = (
  policy: Validator,
  options: { readonly freeTypes: Iterable<string>; readonly include?: ReadonlyArray<Includable> }
): ReadonlySet<string> =>
  new Set(options.include?.includes("free") === true ? [] : [...options.freeTypes].filter((type) => !isNamed(policy, type)))

const isNamed = (policy: Validator, type: string): boolean => {
  const service = `${ResourceType.serviceOf(type)}:*`
  return policy.requiredTags(type).some(({ applies_to }) => {
    const types = new Set((applies_to ?? []).map(ResourceType.normalise))
    // With `*` among them, a list says the same as none.
    return !types.has("*") && !types.has("*:*") && (types.has(type) || types.has(service))
  })
}

const free: Verdict = Object.freeze({ _tag: "NotApplicable", reason: "free", violations: Object.freeze<readonly []>([]) })

type Subject = Parameters<Validator["check"]>[0]

const isIncluded = (policy: Validator, { marks, type }: Subject, include: ReadonlySet<Mark | Includable>): boolean =>
  marks !== undefined &&
  marks.every((mark) => include.has(mark) || (mark === "unconfirmed" && isNamed(policy, type)))

const unmarked = ({ marks: _, ...resource }: Subject): Subject => resource
