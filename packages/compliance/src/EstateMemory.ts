/**
 * Where what was seen is remembered.
 *
 * @since 0.1.0
 */
import { type DatabaseUrl, Inventory, Leases, Snapshots, Store, type StoreError } from "@cadastre/store"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

/**
 * What was asked for needs a store, and there is none: `none` was set up, or it
 * is `unavailable`.
 *
 * @category errors
 * @since 0.1.0
 */
export class NoMemoryError extends Schema.TaggedError<NoMemoryError>()("NoMemoryError", {
  reason: Schema.Literals(["none", "unavailable"]),
  problem: Schema.String
}) {
  override get message(): string {
    return `There is no history: ${this.problem}`
  }
}

/**
 * - `None`: nothing is remembered
 * - `Open`: in this store. Scans keep its inventory up to date unless `keepsInventory` is `false`
 * - `Unavailable`: in a store that could not be opened, and why
 *
 * @category models
 * @since 0.1.0
 */
export type Memory =
  | { readonly _tag: "None" }
  | {
    readonly _tag: "Open"
    readonly snapshots: Snapshots["Service"]
    readonly inventory: Inventory["Service"]
    readonly leases: Leases["Service"]
    readonly keepsInventory?: boolean
  }
  | { readonly _tag: "Unavailable"; readonly problem: string }

/**
 * The memory of the use-cases; by default there is none. A check needs none:
 * with one, its scan keeps the inventory up to date, and a snapshot is stored
 * where it is asked for.
 *
 * @category services
 * @since 0.1.0
 */
export class EstateMemory extends Context.Reference<Memory>("@cadastre/compliance/EstateMemory", {
  defaultValue: (): Memory => ({ _tag: "None" })
}) {
  /** In a store that is open. */
  static readonly layerNoDeps: Layer.Layer<never, never, Snapshots | Inventory | Leases> = Layer.suspend(() => open(true))

  /**
   * In the store of that address. One that cannot be opened costs a warning, and
   * whoever asks for what is in it is told why; a setting that is wrong is an error.
   *
   * - `quiet`: whether that warning is left to somebody else
   * - `keepsInventory`: whether scans keep the inventory up to date, which takes about 20 µs a resource; on by default
   */
  static readonly layer = (
    url: DatabaseUrl.DatabaseUrl,
    { keepsInventory = true, quiet = false }: { readonly quiet?: boolean; readonly keepsInventory?: boolean } = {}
  ): Layer.Layer<never, Config.ConfigError> =>
    open(keepsInventory).pipe(
      Layer.provide(Store.layer(url)),
      Layer.catchTag("StoreError", (error) => unavailable(error, quiet))
    )

  /**
   * For what stays, such as a server: in the store that `DATABASE_URL` names, or else in this user's, as soon as that is
   * there. Until then it is `Open`, and whatever is asked of it fails with the `StoreError` that says why.
   */
  static readonly layerConfig: Layer.Layer<never, Config.ConfigError> = Layer.suspend(() => open(true)).pipe(
    Layer.provide(Store.layerPatientConfig)
  )

  /** What is needed of it, or why it is not there. */
  static readonly opened = (memory: Memory): Effect.Effect<Extract<Memory, { _tag: "Open" }>, NoMemoryError> =>
    memory._tag === "Open"
      ? Effect.succeed(memory)
      : Effect.fail(
        memory._tag === "None"
          ? new NoMemoryError({ reason: "none", problem: "no store is set up, so nothing was remembered" })
          : new NoMemoryError({ reason: "unavailable", problem: memory.problem })
      )
}

const open = (keepsInventory: boolean) =>
  Layer.effect(
    EstateMemory,
    Effect.gen(function*() {
      return {
        _tag: "Open" as const,
        snapshots: yield* Snapshots,
        inventory: yield* Inventory,
        leases: yield* Leases,
        keepsInventory
      }
    })
  )

const unavailable = ({ message }: StoreError, quiet: boolean): Layer.Layer<never> =>
  Layer.effect(
    EstateMemory,
    Effect.as(
      quiet ? Effect.void : Effect.logWarning(`Nothing of what is seen is remembered: ${message}`),
      { _tag: "Unavailable" as const, problem: message }
    )
  )
