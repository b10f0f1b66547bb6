/**
 * A database that may not be there yet.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { locked, StoreError } from "./Database.ts"
import { Sql } from "./Sql.ts"

/** It is asked again after so long, then after twice as long, and so on; sooner when somebody needs it. */
const firstPauseMs = 1000
const longestPauseMs = 10_000

/** Whoever needs it asks no sooner than this after the last time. */
const soonestMs = 500

/** Whoever needs it while it is being opened waits so long. */
const patience = "5 seconds"

/**
 * The same database, without waiting for it: it is opened as soon as it can be.
 * Until then each statement fails with the `StoreError` that keeps it from being
 * opened. That is said in a warning, again where the reason changes, and so is
 * that it is there after all.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  database: Layer.Layer<Sql, StoreError>,
  { address, dialect }: Pick<Sql["Service"], "address" | "dialect">
): Layer.Layer<Sql> =>
  Layer.effect(
    Sql,
    Effect.gen(function*() {
      const scope = yield* Effect.scope
      const clock = yield* Clock.Clock
      const needed = yield* Latch.make()
      let opened: Sql["Service"] | undefined
      let problem: StoreError | undefined
      /** Is done when the attempt that is under way has ended. */
      let attempt = Deferred.makeUnsafe<void>()
      let isTrying = true
      let triedAt = 0

      const begin = (): void => {
        if (isTrying) return
        isTrying = true
        attempt = Deferred.makeUnsafe<void>()
      }

      const open = Effect.gen(function*() {
        const own = yield* Scope.fork(scope)
        const exit = yield* Effect.exit(Layer.buildWithScope(database, own))
        if (Exit.isSuccess(exit)) {
          opened = Context.get(exit.value, Sql)
          if (problem !== undefined) yield* Effect.logWarning(`The store (DATABASE_URL) is there now: ${address}`)
          return
        }
        yield* Scope.close(own, exit)
        const found = Option.getOrElse(Cause.findErrorOption(exit.cause), () => unexpected(address, exit.cause))
        if (found.message !== problem?.message) {
          yield* Effect.logWarning(
            `The store (DATABASE_URL) is not there: ${found.message}. What needs no store goes on; it is used as soon as it is there`
          )
        }
        problem = found
      }).pipe(Effect.ensuring(Effect.sync(() => {
        triedAt = clock.currentTimeMillisUnsafe()
        isTrying = false
        Deferred.doneUnsafe(attempt, Effect.void)
      })))

      yield* Effect.gen(function*() {
        for (let pauseMs = firstPauseMs;; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
          yield* open
          if (opened !== undefined) return
          yield* needed.close
          yield* Effect.raceFirst(Effect.sleep(pauseMs), needed.await)
          begin()
        }
      }).pipe(Effect.forkScoped)

      const use = <A>(work: (sql: Sql["Service"]) => Effect.Effect<A, StoreError>): Effect.Effect<A, StoreError> =>
        Effect.suspend(() => {
          if (opened !== undefined) return work(opened)
          if (clock.currentTimeMillisUnsafe() - triedAt >= soonestMs) begin()
          if (isTrying) needed.openUnsafe()
          return Effect.andThen(
            isTrying ? Effect.ignore(Effect.timeout(Deferred.await(attempt), patience)) : Effect.void,
            Effect.suspend(() => opened === undefined ? Effect.fail(problem ?? notYet(address, dialect)) : work(opened))
          )
        })

      return Sql.of({
        address,
        dialect,
        read: (sql, values) => use(({ read }) => read(sql, values)),
        write: (changes) => use(({ write }) => write(changes))
      })
    })
  )

/** A defect: it is tried again all the same. */
const unexpected = (path: string, cause: Cause.Cause<StoreError>): StoreError =>
  new StoreError({ path, problem: Cause.pretty(cause).split("\n")[0]!, remedy: "Report this, please: nobody expected it" })

const notYet = (path: string, dialect: Sql["Service"]["dialect"]): StoreError =>
  // A file is opened at once, but for one that is locked.
  dialect === "sqlite" ? locked(path) : new StoreError({
    path,
    problem: "it has not answered yet",
    remedy: "See that the server runs, that it can be reached, and that the user may use the database"
  })
