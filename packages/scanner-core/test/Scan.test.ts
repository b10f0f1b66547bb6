import { Simulator } from "@cadastre/aws-simulator"
import { CurrentRegion } from "@cadastre/client-factory"
import type { CellResult, Resource, ScanEvent } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Scan, Scanner } from "../src/index.ts"
import { bucket, calls, engine, inFlight, queue, read, regional, scan, shown, topic, truth, until, volume } from "./Survey.ts"

const everywhere = { "us-east-1": 3, "eu-west-1": 4, "eu-west-2": 5 }
const estate = {
  regions: ["us-east-1", "eu-west-1", "eu-west-2"],
  counts: { "sns:topic": everywhere, "sqs:queue": everywhere, "dynamodb:table": everywhere, "ec2:volume": everywhere },
  tags: { untagged: 0 }
} as const

/** A scanner that makes its pages itself. */
const made = (type: string, list: Parameters<typeof Scanner.make<string>>[1]["list"]) =>
  Scanner.make<string>(type, {
    cloudFormation: "Own::Thing::Type",
    actions: ["own:ListThings"],
    list,
    describe: (id, place) => ({ arn: place.arn("own", "thing/", id) })
  })

describe("Scan", () => {
  it.live("a scanner's defect fails its cells and no others", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const thrown = made("own:thrown", Stream.die(new TypeError("undefined is not a function")))
      const described = Scanner.make<string>("own:described", {
        cloudFormation: "Own::Thing::Type",
        actions: ["own:List"],
        list: Stream.make(["a"], ["b"]),
        describe: (id, place) => {
          if (id === "b") throw new RangeError("bad item")
          return { arn: place.arn("own", "thing/", id) }
        }
      })
      const nameless = Scanner.make<string>("own:nameless", {
        cloudFormation: "Own::Thing::Type",
        actions: ["own:List"],
        list: Stream.make(["a"]),
        describe: () => ({ arn: undefined })
      })
      const { cells, inCell } = yield* scan().pipe(
        Effect.provide(engine(simulator, [thrown, described, nameless, topic]))
      )
      const of = (type: string) => cells.filter((cell) => cell.type === type)
      for (const cell of of("own:thrown")) {
        assert.strictEqual(cell.outcome, "failed")
        assert.deepStrictEqual(cell.reason, { error: "Defect", message: "TypeError: undefined is not a function" })
      }
      for (const cell of of("own:described")) {
        assert.strictEqual(cell.outcome, "failed")
        assert.strictEqual(cell.reason?.error, "Defect")
        // What was found before stays true.
        assert.strictEqual(cell.resources, 1)
      }
      for (const cell of of("own:nameless")) {
        assert.strictEqual(cell.outcome, "failed")
        assert.strictEqual(cell.reason?.operation, "list own:nameless")
      }
      for (const cell of of("sns:topic")) {
        assert.strictEqual(cell.outcome, "scanned")
        const real = truth(simulator, cell.region, cell.type)
        assert.sameMembers(inCell(cell.region, cell.type).map(shown), real.map(shown))
      }
    }))

  it.live("tags that nobody may read are unknown: the resources stay, the cell is denied", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate,
        rules: [
          { match: { service: "tagging" }, fault: { type: "deny" } },
          { match: { operation: "ListTagsForResource" }, fault: { type: "deny" } },
          { match: { operation: "ListQueueTags" }, fault: { type: "deny", by: "scp" } }
        ]
      })
      const { cells, coverage, inCell, outcomeOf } = yield* scan().pipe(Effect.provide(engine(simulator, regional)))
      for (const region of estate.regions) {
        for (const type of ["sns:topic", "sqs:queue"]) {
          assert.strictEqual(outcomeOf(region, type), "denied")
          const found = inCell(region, type)
          assert.sameMembers(found.map(({ arn }) => arn), truth(simulator, region, type).map(({ arn }) => arn))
          assert.isTrue(found.every(({ tags }) => tags === null))
          const cell = cells.find((one) => one.region === region && one.type === type)
          assert.strictEqual(cell?.unknownTags, found.length)
          assert.strictEqual(cell?.reason?.error, "AccessDenied")
        }
        assert.strictEqual(outcomeOf(region, "ec2:volume"), "scanned")
      }
      assert.strictEqual(coverage.unknownTags, 2 * (3 + 4 + 5))
    }))

  it.live("a tag call that is refused again and again is not made for every resource", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate: { seed: 2, regions: ["us-east-1"], counts: { "sns:topic": { "us-east-1": 400 } } },
        rules: [
          { match: { service: "tagging" }, fault: { type: "deny" } },
          { match: { operation: "ListTagsForResource" }, fault: { type: "deny" } }
        ]
      })
      const { coverage, outcomeOf } = yield* scan().pipe(Effect.provide(engine(simulator, regional)))
      assert.strictEqual(outcomeOf("us-east-1", "sns:topic"), "denied")
      assert.strictEqual(coverage.unknownTags, 400)
      // Those that were under way together when it became clear, four batches of at most 50 each.
      assert.isAtMost(calls(simulator, undefined, "ListTagsForResource"), 200)
    }))

  it.live("where the tagging API is denied in one Region, it is still asked in the others", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate: { seed: 2, regions: ["us-east-1", "eu-west-1"], counts: { "s3:bucket": { "us-east-1": 150, "eu-west-1": 150 } } },
        rules: [{ match: { service: "tagging", region: "eu-west-1" }, fault: { type: "deny", by: "scp" } }]
      })
      const { coverage, resources } = yield* scan().pipe(Effect.provide(engine(simulator, [bucket])))
      assert.isTrue(coverage.complete)
      assert.sameMembers(resources.map(shown), [...simulator.estate.resources()].map(shown))
      assert.strictEqual(calls(simulator, undefined, "GetBucketTagging"), 150)
    }))

  it.live("where the tagging API is denied, tags are read one by one; it is asked at most once a cell", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate,
        rules: [{ match: { service: "tagging" }, fault: { type: "deny" } }]
      })
      const { coverage, resources } = yield* scan().pipe(Effect.provide(engine(simulator, regional)))
      assert.isTrue(coverage.complete)
      assert.sameMembers(resources.map(shown), [...simulator.estate.resources()].map(shown))
      for (const operation of ["ListTagsForResource", "ListQueueTags", "ListTagsOfResource"]) {
        assert.strictEqual(calls(simulator, undefined, operation), 3 + 4 + 5)
      }
      // Where the circuit breaker of a Region has seen enough refusals, the next cell need not ask at all.
      assert.isAtMost(calls(simulator, "tagging"), 3 * estate.regions.length)
      assert.isAtLeast(calls(simulator, "tagging"), estate.regions.length)
    }))

  it.live("a resource that is gone when its tags are read is dropped, and its cell is scanned", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate,
        rules: [{ match: { service: "tagging" }, fault: { type: "deny" } }]
      })
      const gone = new Set(["sns:topic", "sqs:queue", "dynamodb:table"].map((type) => {
        const { arn } = truth(simulator, "eu-west-1", type)[1]!
        simulator.rule({ match: { service: type.split(":")[0]! }, fault: { type: "vanish", resource: arn } })
        return arn
      }))
      const { coverage, resources } = yield* scan().pipe(Effect.provide(engine(simulator, regional)))
      assert.isTrue(coverage.complete)
      assert.sameMembers(
        resources.map(shown),
        [...simulator.estate.resources()].filter(({ arn }) => !gone.has(arn)).map(shown)
      )
    }))

  it.live("what the tagging API still lists although it is deleted is nowhere", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { ...estate, ghosts: 1 } })
      const deleted = truth(simulator, "eu-west-1", "sns:topic")[0]!.arn
      simulator.estate.delete(deleted)
      const { resources } = yield* scan().pipe(Effect.provide(engine(simulator, regional)))
      assert.sameMembers(resources.map(shown), [...simulator.estate.resources()].map(shown))
    }))

  it.live("an item that AWS repeats on a later page is reported once", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const repeating = made("own:thing", Stream.make(["a", "b", "a"], ["b"], ["c", "a"]))
      const { cells, inCell } = yield* scan().pipe(Effect.provide(engine(simulator, [repeating])))
      assert.strictEqual(cells.length, 3)
      for (const { region, resources, type } of cells) {
        assert.strictEqual(resources, 3)
        assert.deepStrictEqual(inCell(region, type).map(({ id }) => id), ["a", "b", "c"])
      }
    }))

  it.effect("a Region that does not answer is timed out at its limit; the rest stays complete", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      simulator.rule({ match: { region: "eu-west-1", service: "sns" }, fault: { type: "hang" } })
      simulator.rule({ match: { region: "eu-west-2", operation: "DescribeVolumes" }, fault: { type: "hang" } })
      // Nothing to time out but the cell itself.
      const stuck = made(
        "own:stuck",
        Stream.unwrap(Effect.map(CurrentRegion, (region) => region === "eu-west-2" ? Stream.never : Stream.empty))
      )
      const ended: Array<CellResult> = []
      const fiber = yield* scan({}, {
        each: (event) => Effect.sync(() => event._tag === "CellEnded" && ended.push(event.result))
      }).pipe(
        Effect.provide(engine(simulator, [...regional, stuck], {
          REGION_SCAN_TIMEOUT_SECONDS: "10",
          AWS_CALL_TIMEOUT_SECONDS: "30"
        })),
        Effect.forkChild
      )
      yield* until(() => ended.length === 3 * 5 - 3)
      assert.isTrue(ended.every(({ outcome }) => outcome === "scanned"))
      yield* TestClock.adjust("9999 millis")
      assert.isBelow(ended.length, 3 * 5)
      yield* TestClock.adjust("1 millis")
      const { cells, coverage, inCell, outcomeOf } = yield* Fiber.join(fiber)
      assert.strictEqual(outcomeOf("eu-west-1", "sns:topic"), "timed-out")
      assert.strictEqual(outcomeOf("eu-west-2", "ec2:volume"), "timed-out")
      assert.strictEqual(outcomeOf("eu-west-2", "own:stuck"), "timed-out")
      assert.strictEqual(Math.max(...cells.map(({ durationMs }) => durationMs)), 10_000)
      assert.strictEqual(cells.filter(({ outcome }) => outcome === "scanned").length, 3 * 5 - 3)
      for (const { outcome, reason, region, type } of cells) {
        if (outcome === "timed-out") assert.strictEqual(reason?.error, "TimedOut")
        else if (type === "own:stuck") assert.isEmpty(inCell(region, type))
        else assert.sameMembers(inCell(region, type).map(shown), truth(simulator, region, type).map(shown))
      }
      assert.deepStrictEqual(coverage.incompleteRegions.map(String), ["eu-west-1", "eu-west-2"])
      assert.deepStrictEqual(coverage.successfulRegions.map(String), ["us-east-1"])
      yield* until(() => inFlight(simulator) === 0)
    }))

  it.effect("the time limit is each Region's own: one that begins later has as long", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      simulator.rule({ match: { service: "sns" }, fault: { type: "hang" } })
      const variables = {
        REGION_SCAN_TIMEOUT_SECONDS: "10",
        AWS_CALL_TIMEOUT_SECONDS: "30",
        MAX_CONCURRENT_REGIONS: "1"
      }
      const ended: Array<ScanEvent> = []
      const fiber = yield* scan({}, {
        each: (event) => Effect.sync(() => event._tag === "CellEnded" && ended.push(event))
      }).pipe(Effect.provide(engine(simulator, [topic, volume], variables)), Effect.forkChild)
      for (let region = 1; region <= 3; region++) {
        yield* until(() => ended.length === 2 * region - 1 && calls(simulator, "sns") === region)
        yield* TestClock.adjust("10 seconds")
      }
      const { cells } = yield* Fiber.join(fiber)
      for (const { outcome, type } of cells) assert.strictEqual(outcome, type === "sns:topic" ? "timed-out" : "scanned")
    }))

  it.live("stop ends the stream within a second, aborts what is in flight, and keeps what is finished", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      simulator.rule({ match: { service: "sns" }, fault: { type: "hang" } })
      const stop = yield* Deferred.make<void>()
      const ended: Array<CellResult> = []
      const fiber = yield* scan({}, {
        stop: Deferred.await(stop),
        each: (event) => Effect.sync(() => event._tag === "CellEnded" && ended.push(event.result))
      }).pipe(Effect.provide(engine(simulator, regional)), Effect.forkChild)
      yield* until(() => ended.length === 9 && calls(simulator, "sns") === 3)
      const before = performance.now()
      yield* Deferred.succeed(stop, undefined)
      const { cells, inCell, plan } = yield* Fiber.join(fiber)
      yield* until(() => inFlight(simulator) === 0)
      assert.isBelow(performance.now() - before, 1000)
      assert.strictEqual(cells.length, plan.cells.length)
      for (const { outcome, reason, region, type } of cells) {
        if (type === "sns:topic") {
          assert.strictEqual(outcome, "skipped")
          assert.strictEqual(reason?.error, "Interrupted")
        } else {
          assert.strictEqual(outcome, "scanned")
          assert.sameMembers(inCell(region, type).map(shown), truth(simulator, region, type).map(shown))
        }
      }
      assert.strictEqual(calls(simulator), 0)
    }))

  it.live("stopped before it begins, it calls nothing and skips every cell", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const { cells, plan } = yield* scan({}, { stop: Effect.void }).pipe(Effect.provide(engine(simulator, regional)))
      assert.strictEqual(cells.length, plan.cells.length)
      assert.isTrue(cells.every(({ outcome }) => outcome === "skipped"))
      yield* until(() => inFlight(simulator) === 0)
    }))

  it.live("whoever interrupts the consumer stops the calls", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      simulator.rule({ match: { service: "sns" }, fault: { type: "hang" } })
      const fiber = yield* scan().pipe(Effect.provide(engine(simulator, regional)), Effect.forkChild)
      yield* until(() => calls(simulator, "sns") === 3)
      const before = performance.now()
      yield* Fiber.interrupt(fiber)
      yield* until(() => inFlight(simulator) === 0)
      assert.isBelow(performance.now() - before, 1000)
      assert.strictEqual(calls(simulator), 0)
    }))

  it.live("a consumer that wants no more than the first resources ends the scan", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      simulator.rule({ match: { service: "sns" }, fault: { type: "hang" } })
      yield* Effect.gen(function*() {
        const engine = yield* Scan
        const first = yield* engine.run(yield* engine.plan({})).pipe(
          Stream.filter((event) => event._tag === "ResourcesFound"),
          Stream.take(1),
          Stream.runCollect
        )
        assert.strictEqual(first.length, 1)
        yield* until(() => inFlight(simulator) === 0)
      }).pipe(Effect.provide(engine(simulator, regional)))
    }))

  it.live("a slow consumer slows the scan: only so many pages are read ahead", () =>
    Effect.gen(function*() {
      const pages = 400
      const simulator = yield* Simulator.make({
        estate: { regions: ["us-east-1"], counts: { "ec2:volume": { "us-east-1": pages } } },
        pageSize: 1
      })
      yield* Effect.gen(function*() {
        const engine = yield* Scan
        const go = yield* Deferred.make<void>()
        const events: Array<ScanEvent> = []
        const fiber = yield* engine.run(yield* engine.plan({})).pipe(
          Stream.runForEach((event) => {
            events.push(event)
            return Deferred.await(go)
          }),
          Effect.forkChild
        )
        // It has come to rest when nothing more happens for a while.
        let before = -1
        while (before !== calls(simulator, "ec2")) {
          before = calls(simulator, "ec2")
          for (let turn = 0; turn < 500; turn++) yield* Effect.yieldNow
        }
        assert.strictEqual(events.length, 1)
        // The buffer's 64 events, and the pages on their way to it.
        assert.isAtMost(before, 64 + 10)
        assert.isAtLeast(before, 10)
        yield* Deferred.succeed(go, undefined)
        yield* Fiber.join(fiber)
        assert.strictEqual(read(events).resources.length, pages)
      }).pipe(Effect.provide(engine(simulator, [volume])))
    }))

  it.live("MAX_CONCURRENT_REGIONS and MAX_CONCURRENT_SERVICES bound what runs at once", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate, latency: 3 })
      const one = { MAX_CONCURRENT_REGIONS: "1", MAX_CONCURRENT_SERVICES: "1" }
      yield* scan().pipe(Effect.provide(engine(simulator, regional, one)))
      assert.strictEqual(simulator.maxInFlight(), 1)
      simulator.reset()
      yield* scan().pipe(Effect.provide(engine(simulator, regional, { ...one, MAX_CONCURRENT_SERVICES: "4" })))
      assert.isAtMost(simulator.maxInFlight(), 4)
      assert.isAtLeast(simulator.maxInFlight(), 2)
    }))

  it.live("Property 24: the result does not depend on the order of work", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const results = yield* Effect.forEach([0, 1, 2, 3], (seed) =>
        Effect.map(scan({ seed }).pipe(Effect.provide(engine(simulator, regional))), ({ plan, resources }) => ({
          order: plan.regions.map(({ region, services }) =>
            `${region}: ${services.flat().map(({ type }) => type).join()}`
          ),
          found: resources.map(({ observedAt: _, ...resource }: Resource) => JSON.stringify(resource)).toSorted()
        })))
      for (const { found } of results) assert.deepStrictEqual(found, results[0]!.found)
      assert.isAbove(new Set(results.map(({ order }) => order.join())).size, 1)
      // Services are interleaved differently in each Region.
      assert.isAbove(new Set(results[0]!.order.map((line) => line.split(": ")[1])).size, 1)
    }))

  it.live("a Region that refuses known credentials is off: its cells are denied, others go on", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate,
        rules: [
          { match: { region: "eu-west-1" }, fault: { type: "disabled-region" } },
          { match: { region: "us-east-1", service: "sqs" }, fault: { type: "invalid-credentials" } }
        ]
      })
      const { cells } = yield* scan().pipe(Effect.provide(engine(simulator, [queue, volume])))
      for (const { outcome, reason, region, type } of cells) {
        if (region === "eu-west-1") {
          assert.strictEqual(outcome, "denied")
          assert.strictEqual(reason?.error, "RegionDisabled")
        } else if (region === "us-east-1" && type === "sqs:queue") {
          // There the credentials are known to be wanted: they are what is wrong.
          assert.strictEqual(outcome, "failed")
          assert.strictEqual(reason?.error, "InvalidCredentials")
        } else assert.strictEqual(outcome, "scanned")
      }
    }))

  it.live("nor are known credentials wrong where the default Region itself, to be opted in to, refuses them", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        estate: { ...estate, regions: [...estate.regions, { name: "af-south-1", optInStatus: "opted-in" }] },
        rules: [{ match: { region: "af-south-1" }, fault: { type: "disabled-region" } }]
      })
      const { cells } = yield* scan().pipe(Effect.provide(engine(simulator, [queue], { AWS_REGION: "af-south-1" })))
      assert.strictEqual(cells.length, 4)
      for (const { outcome, reason, region } of cells) {
        assert.strictEqual(outcome, region === "af-south-1" ? "denied" : "scanned")
        assert.strictEqual(reason?.error, region === "af-south-1" ? "RegionDisabled" : undefined)
      }
    }))

  it.live("the same request has the same plan as long as nothing that it was made from has changed", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      yield* Effect.gen(function*() {
        const { plan } = yield* Scan
        const first = yield* plan({})
        assert.strictEqual(yield* plan({}), first)
        assert.notStrictEqual(yield* plan({ seed: 1 }), first)
        assert.deepStrictEqual<ReadonlyArray<string>>((yield* plan({ regions: ["eu-west-1"] })).scope.regions, ["eu-west-1"])
        assert.strictEqual(yield* plan({}), first)
        // As many others as are remembered.
        for (let seed = 2; seed < 18; seed++) yield* plan({ seed })
        const again = yield* plan({})
        assert.notStrictEqual(again, first)
        assert.deepStrictEqual(again.cells, first.cells)
      }).pipe(Effect.provide(engine(simulator, regional)))
      // A list that could not be had is asked for again, and what comes of that is another plan.
      simulator.rule({ match: { operation: ["DescribeRegions", "ListRegions"] }, fault: { type: "deny" } })
      yield* Effect.gen(function*() {
        const { plan } = yield* Scan
        const guessed = yield* plan({})
        simulator.clearRules()
        const known = yield* plan({})
        assert.isFalse(guessed.scope.discovery.exhaustive)
        assert.isTrue(known.scope.discovery.exhaustive)
        assert.deepStrictEqual<ReadonlyArray<string>>(known.scope.regions.toSorted(), estate.regions.toSorted())
      }).pipe(Effect.provide(engine(simulator, regional)))
    }))

  it.live("what is wrong with a request is found before anything is scanned", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      yield* Effect.gen(function*() {
        const { plan } = yield* Scan
        const type = yield* Effect.flip(plan({ types: ["ec2:toaster"] }))
        assert.strictEqual(type._tag, "UnknownTypeError")
        for (const name of ["ec2:toaster", "ec2:volume", "sns:topic"]) assert.include(type.message, name)
        const region = yield* Effect.flip(plan({ regions: ["eu-wset-1"] }))
        assert.strictEqual(region._tag, "RegionFilterError")
      }).pipe(Effect.provide(engine(simulator, regional)))
      simulator.rule({ match: { service: "ec2" }, fault: { type: "invalid-credentials" } })
      const refused = yield* Scan.use(({ plan }) => plan({})).pipe(
        Effect.flip,
        Effect.provide(engine(simulator, regional))
      )
      assert.strictEqual(refused._tag, "AwsError")
      for (const { operation } of simulator.calls()) assert.include(["GetCallerIdentity", "DescribeRegions"], operation)
    }))
})
