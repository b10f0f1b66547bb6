/**
 * A request that is refused before it reaches the protocol.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * - `status`: of HTTP
 * - `why`: one sentence for whoever called, with nothing in it that they sent
 * - `code`: of JSON-RPC; -32000 by default
 *
 * @category errors
 * @since 0.1.0
 */
export class HttpRefusal extends Schema.TaggedError<HttpRefusal>()("HttpRefusal", {
  status: Schema.Int,
  why: Schema.String,
  code: Schema.optionalKey(Schema.Int),
  headers: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
}) {
  override get message(): string {
    return this.why
  }
  /** As the protocol writes errors that belong to no message. */
  get body(): string {
    return JSON.stringify({ jsonrpc: "2.0", error: { code: this.code ?? -32_000, message: this.why }, id: null })
  }
}
