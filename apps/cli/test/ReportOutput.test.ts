import { assert, describe, it } from "@effect/vitest"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Option } from "effect"
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as ReportOutput from "../src/ReportOutput.ts"

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cadastre-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const written = (text: string, file: string) =>
  Effect.provide(ReportOutput.writeText(text, Option.some(file)), NodeServices.layer)

describe("ReportOutput", () => {
  it.live("a file is replaced, and one that a link leads to stays where it is", () =>
    Effect.gen(function*() {
      const at = yield* directory
      writeFileSync(join(at, "real.json"), "old")
      symlinkSync("real.json", join(at, "link.json"))
      yield* written("new", join(at, "link.json"))
      assert.strictEqual(readFileSync(join(at, "real.json"), "utf8"), "new")
      assert.isTrue(lstatSync(join(at, "link.json")).isSymbolicLink())
      assert.deepStrictEqual(readdirSync(at).toSorted(), ["link.json", "real.json"])
    }))

  it.live.skipIf(process.platform === "win32")("what is no file is written to, and never replaced", () =>
    Effect.gen(function*() {
      const pipe = join(yield* directory, "pipe")
      execFileSync("mkfifo", [pipe])
      const reader = spawn("cat", [pipe], { stdio: ["ignore", "pipe", "ignore"] })
      let read = ""
      reader.stdout.setEncoding("utf8").on("data", (text: string) => (read += text))
      const ended = once(reader, "close")
      yield* written("through", pipe)
      yield* Effect.promise(() => ended)
      assert.strictEqual(read, "through")
      assert.isTrue(lstatSync(pipe).isFIFO())
    }))
})
