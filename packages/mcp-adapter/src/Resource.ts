/**
 * A resource as a value: where it is, what it is, and the Effect that reads it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Contents } from "./Content.ts"
import type { Complete } from "./Completion.ts"
import type { Session } from "./Guardrails.ts"
import type { ToolError } from "./Tool.ts"
import * as UriTemplate from "./UriTemplate.ts"

/**
 * Who reads, and which address. `variables` are those of the template, at most
 * 1,024 characters each.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reading {
  readonly uri: string
  readonly variables: Readonly<Record<string, string>>
  readonly session: Session
}

/**
 * A resource that a template stands for and that is there now.
 *
 * @category models
 * @since 0.1.0
 */
export interface Instance {
  readonly uri: string
  readonly name: string
  readonly title?: string
  readonly description?: string
}

/**
 * There is nothing at an address.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", {
  uri: Schema.String,
  why: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return this.why ?? `Resource not found: ${this.uri}`
  }
}

const typeId = "~@cadastre/mcp-adapter/Resource"

/**
 * A resource, or all those that a template such as `cadastre://scan/{id}` stands
 * for; `R` are the services that it calls.
 *
 * - `match`: the variables of an address that is this resource's
 * - `list`: those that there are, of a template, for one session
 * - `complete`: suggests values of the template's variables
 * - `read`: none, where there is nothing at the address
 *
 * @category models
 * @since 0.1.0
 */
export interface Resource<out R = never> {
  readonly [typeId]: typeof typeId
  readonly uri: string
  readonly isTemplate: boolean
  readonly name: string
  readonly title: string
  readonly description: string
  readonly mimeType: string
  readonly match: (uri: string) => Readonly<Record<string, string>> | undefined
  readonly list: (session: Session) => Effect.Effect<ReadonlyArray<Instance>, ToolError, R>
  readonly complete: Readonly<Record<string, Complete<R>>>
  readonly read: (reading: Reading) => Effect.Effect<ReadonlyArray<Contents>, ToolError, R>
}

/**
 * @category guards
 * @since 0.1.0
 */
export const isResource = (value: unknown): value is Resource<unknown> =>
  typeof value === "object" && value !== null && typeId in value

/**
 * Makes a resource. One whose address has variables is a template; what there
 * is of it is not listed unless `list` says so.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <R = never, R2 = never, R3 = never>(options: {
  readonly uri: string
  readonly name: string
  readonly title: string
  readonly description: string
  readonly mimeType: string
  readonly list?: (session: Session) => Effect.Effect<ReadonlyArray<Instance>, ToolError, R2>
  readonly complete?: Readonly<Record<string, Complete<R3>>>
  readonly read: (reading: Reading) => Effect.Effect<ReadonlyArray<Contents>, ToolError, R>
}): Resource<R | R2 | R3> => {
  const { complete = {}, list = () => none, ...rest } = options
  const match = UriTemplate.matcher(options.uri)
  return { [typeId]: typeId, isTemplate: options.uri.includes("{"), match, list, complete, ...rest }
}

const none = Effect.succeed<ReadonlyArray<Instance>>([])
