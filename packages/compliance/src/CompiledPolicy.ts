/**
 * A policy, made ready once: every question asks by the same one.
 *
 * @since 0.1.0
 */
import { compile, policyHash, type TagPolicy, type Validator } from "@cadastre/policy"

/** What was made of a policy as long as it lives; a policy that was read is not changed any more. */
interface Known {
  readonly hash: string
  /** The validator and the time that it was made for, milliseconds since the epoch. */
  compiled: { readonly validator: Validator; readonly at: number } | undefined
}

const policies = new WeakMap<TagPolicy, Known>()

const knownOf = (policy: TagPolicy): Known => {
  const known = policies.get(policy)
  if (known !== undefined) return known
  const made: Known = { hash: policyHash(policy), compiled: undefined }
  policies.set(policy, made)
  return made
}

/**
 * The validator of the policy at `now`, milliseconds since the epoch.
 *
 * @category getters
 * @since 0.1.0
 */
export const at = (policy: TagPolicy, now: number): Validator => {
  const known = knownOf(policy)
  const { compiled } = known
  // What a waiver lets pass depends on the time.
  if (compiled !== undefined && compiled.at <= now && now < compiled.validator.validUntil) return compiled.validator
  const validator = compile(policy, { now })
  known.compiled = { validator, at: now }
  return validator
}

/**
 * `policyHash` of the policy.
 *
 * @category getters
 * @since 0.1.0
 */
export const hashOf = (policy: TagPolicy): string => knownOf(policy).hash
