/** A process that scans with a journal and says which cells have ended, until somebody kills it. */
import { SqliteJournal } from "@cadastre/store"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { engine, scan, types } from "./Survey.ts"

const [path = "", aws = "{}"] = process.argv.slice(2)
const { accounts, credentials, url } = JSON.parse(aws)

await scan({ types }, (event) =>
  Effect.sync(() => {
    if (event._tag === "CellEnded") process.send?.(event.result)
  })).pipe(
    Effect.provide(engine({ url, accounts, credentials: () => credentials }).pipe(Layer.provide(SqliteJournal.layer(path)))),
    Effect.runPromise
  )
