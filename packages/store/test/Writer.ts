/** A process that writes cells into a journal, over and over, and says which have ended. */
import { cellKey } from "@cadastre/model"
import { Journal } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as SqliteJournal from "../src/SqliteJournal.ts"
import { cells, resourceOf, resultOf } from "./Cells.ts"

const [path = "", name = ""] = process.argv.slice(2)

const write = Effect.gen(function*() {
  const journals = yield* Journal
  const begun = yield* journals.begin({ key: { estate: "aws", variant: "full" }, request: name, resume: true })
  if (begun === undefined) throw new Error("the journal did not begin")
  const { journal } = begun
  for (let round = 1;; round++) {
    yield* Effect.forEach(cells, (cell) =>
      Effect.gen(function*() {
        for (let page = 0; page < 5; page++) {
          yield* journal.append(cell, Array.from({ length: 4 }, (_, n) => resourceOf(cell, page * 4 + n, round)))
        }
        yield* journal.end(resultOf(cell, 20))
        process.send?.({ cell: cellKey(cell), round })
      }), { concurrency: "unbounded" })
  }
})

await Effect.runPromise(Effect.provide(write, SqliteJournal.layer(path)))
