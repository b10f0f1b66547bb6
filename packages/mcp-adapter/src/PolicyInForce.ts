/**
 * The tag policy that the server judges by.
 *
 * @since 0.1.0
 */
import type { PolicySource } from "@cadastre/compliance"
import { policyHash, type TagPolicy } from "@cadastre/policy"
import * as Context from "effect/Context"
import { basename } from "node:path"

/**
 * - `source`: the name of its file, without the directory
 * - `hash`: SHA-256 of what it demands
 *
 * @category services
 * @since 0.1.0
 */
export class PolicyInForce extends Context.Service<PolicyInForce, {
  readonly policy: TagPolicy
  readonly hash: string
  readonly source: string
}>()("@cadastre/mcp-adapter/PolicyInForce") {
  static readonly make = ({ policy, source }: PolicySource.PolicySource): PolicyInForce["Service"] =>
    PolicyInForce.of({ policy, hash: policyHash(policy), source: basename(source) })
}
