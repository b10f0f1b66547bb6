/** @since 0.1.0 */
import * as Effect from "effect/Effect"
import { PolicyInForce } from "../PolicyInForce.ts"
import { make } from "../Resource.ts"

/**
 * The tag policy that everything is judged by, whole.
 *
 * @category resources
 * @since 0.1.0
 */
export const policyResource = make({
  uri: "cadastre://policy",
  name: "policy",
  title: "Tag policy in force",
  description: "The tag policy that everything is judged by, whole, with its hash and the name of its file.",
  mimeType: "application/json",
  read: Effect.fn("cadastre://policy")(function*({ uri }) {
    const { hash, policy, source } = yield* PolicyInForce
    const text = JSON.stringify({ source, policy_hash: hash, policy })
    return [{ uri, mimeType: "application/json", text }]
  })
})
