/**
 * `pnpm bench journal`: writing down a million resources as they are found, 500 a page, and reading them back. One
 * process, one file on the machine's temporary disk; CPU is the whole process's.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AccountId, type Cell, RegionId, type Resource, ResourceType, Tags } from "@cadastre/model"
import { Journal } from "@cadastre/scanner-core"
import { SqliteJournal } from "@cadastre/store"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Figure } from "./Figure.ts"

const pageSize = 500
const pagesPerCell = 20
const cells = Array.from({ length: 100 }, (_, n): Cell => ({
  accountId: AccountId.make(`${111122223000 + n}`),
  region: RegionId.make("eu-west-1"),
  type: ResourceType.ResourceType.make("ec2:instance")
}))
const total = cells.length * pagesPerCell * pageSize

const pageOf = (cell: Cell, page: number): ReadonlyArray<Resource> =>
  Array.from({ length: pageSize }, (_, n) => ({
    arn: `arn:aws:ec2:${cell.region}:${cell.accountId}:instance/i-${(page * pageSize + n).toString(16).padStart(17, "0")}`,
    id: `i-${(page * pageSize + n).toString(16).padStart(17, "0")}`,
    type: cell.type,
    service: "ec2",
    accountId: cell.accountId,
    region: cell.region,
    tags: Tags.fromAws([{ Key: "Owner", Value: "team@example.com" }, { Key: "Environment", Value: "production" }]),
    attributes: { instanceType: "m7g.large", vpcId: "vpc-0123456789abcdef0" },
    sources: ["service-api"],
    observedAt: "2026-11-21T00:00:00.000Z"
  }))

const write = Effect.gen(function*() {
  const journals = yield* Journal
  const begun = yield* journals.begin({ key: { estate: "aws", variant: "full" }, request: "all", resume: false })
  if (begun === undefined) throw new Error("the journal did not begin")
  const { journal } = begun
  let longest = 0
  let last = performance.now()
  const watch = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last - 5)
    last = now
  }, 5)
  const began = performance.now()
  const cpu = process.cpuUsage()
  yield* Effect.forEach(cells, Effect.fnUntraced(function*(cell) {
    for (let page = 0; page < pagesPerCell; page++) yield* journal.append(cell, pageOf(cell, page))
    yield* journal.end({
      ...cell,
      outcome: "scanned",
      resources: pagesPerCell * pageSize,
      unknownTags: 0,
      calls: pagesPerCell,
      durationMs: 1
    })
  }), { concurrency: 20, discard: true })
  const { system, user } = process.cpuUsage(cpu)
  const written = { seconds: (performance.now() - began) / 1000, cpu: (system + user) / total, longest }
  clearInterval(watch)

  const readAt = performance.now()
  let read = 0
  for (const cell of cells) {
    const kept = yield* journal.find(cell)
    if (Option.isNone(kept)) throw new Error("a cell is missing")
    yield* Stream.runForEach(kept.value.pages, (page) => Effect.sync(() => void (read += page.length)))
  }
  if (read !== total) throw new Error(`${read} of ${total} resources were read`)
  return { ...written, readSeconds: (performance.now() - readAt) / 1000 }
})

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  const directory = mkdtempSync(join(tmpdir(), "cadastre-"))
  try {
    const path = join(directory, "cadastre.db")
    const { cpu, longest, readSeconds, seconds } = await Effect.runPromise(
      Effect.scoped(Effect.provide(write, SqliteJournal.layer(path)))
    )
    const round = (value: number) => Math.round(value * 10) / 10
    return [
      { name: "journal-1m-write", value: round(seconds), unit: "s" },
      { name: "journal-cpu", value: round(cpu), unit: "µs a resource, making the resources included" },
      { name: "journal-longest-block", value: round(longest), unit: "ms without a turn for anything else" },
      { name: "journal-1m-read", value: round(readSeconds), unit: "s, decoded and checked" },
      { name: "journal-1m-size", value: Math.round(statSync(path).size / 2 ** 20), unit: "MiB" }
    ]
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

