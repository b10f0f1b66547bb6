/**
 * The engine, which brings the AWS SDK with it: loaded when it is first needed, so that the server starts at once.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"

/** From the second time on there is nothing to wait for. */
const loading = <M>(load: () => Promise<M>): Effect.Effect<M> => {
  let loaded: M | undefined
  return Effect.suspend(() =>
    loaded === undefined
      ? Effect.map(Effect.promise(load), (module) => loaded = module)
      : Effect.succeed(loaded)
  )
}

/**
 * `@cadastre/compliance`.
 *
 * @category modules
 * @since 0.1.0
 */
export const compliance = loading(() => import("@cadastre/compliance"))

/**
 * `@cadastre/scanner-core`.
 *
 * @category modules
 * @since 0.1.0
 */
export const scannerCore = loading(() => import("@cadastre/scanner-core"))
