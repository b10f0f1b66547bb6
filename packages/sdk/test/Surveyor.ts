/**
 * A process that scans with a journal and says which cells have ended. After so
 * many it takes no more events, so that it cannot be done before it is killed.
 */
import { SqliteJournal } from "@cadastre/store"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { engine, scan, types } from "./Survey.ts"

const [path = "", aws = "{}", most = "1"] = process.argv.slice(2)
const { accounts, credentials, url } = JSON.parse(aws)

let ended = 0

await scan({ types }, (event) =>
  Effect.suspend(() => {
    if (event._tag !== "CellEnded") return Effect.void
    process.send?.(event.result)
    return ++ended < Number(most) ? Effect.void : Effect.never
  })).pipe(
    Effect.provide(engine({ url, accounts, credentials: () => credentials }).pipe(Layer.provide(SqliteJournal.layer(path)))),
    Effect.runPromise
  )
