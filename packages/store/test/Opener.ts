/** A process that opens the database at the moment it is told to. */
import { once } from "node:events"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
// Not the whole package: each of these processes is to be quick.
import * as SqliteJournal from "../src/SqliteJournal.ts"

const [path = ""] = process.argv.slice(2)
const told = once(process, "message")
process.send?.("ready")
await told
await Effect.runPromise(Effect.scoped(Layer.build(SqliteJournal.layer(path))))
process.disconnect()
