/**
 * One process that calls AWS as the product does, for as long as it is told:
 * `MILLISECONDS` with `FIBERS` at once. Prints how many calls passed, the
 * errors of those that did not, when each was let through, for how long the
 * machine let the process wait at most, and the warnings that it logged.
 */
import { monitorEventLoopDelay } from "node:perf_hooks"
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { Aws, AwsClients, AwsSettings, CurrentAccount, CurrentRegion, Pacer } from "@cadastre/client-factory"
import { AccountId, RegionId } from "@cadastre/model"
import { Clock, Effect, Layer, Logger, References } from "effect"
import { RedisPacer } from "../src/index.ts"
import { wallMs } from "./Arrivals.ts"

const [, , url = "", accessKeyId = "", secretAccessKey = "", milliseconds = "0", fibers = "1"] = process.argv
const warnings: Array<string> = []
const admitted: Array<number> = []
const stalls = monitorEventLoopDelay({ resolution: 5 })

const pacer = Layer.effect(
  Pacer,
  Pacer.use((pacer) =>
    Effect.succeed({
      ...pacer,
      admit: (call, seat) =>
        Effect.tap(pacer.admit(call, seat), () => Effect.sync(() => {
          if (call.operation === "ListTopics") admitted.push(wallMs())
        }))
    })
  )
).pipe(Layer.provide(RedisPacer.layer))

const calls = Effect.gen(function*() {
  // Both begin together, however long each took to load.
  process.stdout.write("ready\n")
  yield* Effect.callback<void>((resume) => void process.stdin.once("data", () => resume(Effect.void)))
  stalls.enable()
  const end = (yield* Clock.currentTimeMillis) + Number(milliseconds)
  let passed = 0
  const failures: Array<string> = []
  const caller = Effect.gen(function*() {
    while ((yield* Clock.currentTimeMillis) < end) {
      yield* Effect.matchEffect(Aws.send(SNSClient, new ListTopicsCommand({})), {
        onSuccess: () => Effect.sync(() => passed++),
        onFailure: ({ message }) => Effect.sync(() => failures.push(message))
      })
    }
  })
  yield* Effect.forEach(Array.from({ length: Number(fibers) }), () => caller, { concurrency: "unbounded", discard: true })
  return { passed, failures }
})

const account = {
  id: AccountId.make("111122223333"),
  partition: "aws" as const,
  arn: "arn:aws:iam::111122223333:user/simulated",
  credentials: () => Promise.resolve({ accessKeyId, secretAccessKey })
}

const counts = await Effect.runPromise(calls.pipe(
  Effect.provide(Aws.Aws.layerNoDeps.pipe(
    Layer.provide([AwsClients.layer, pacer]),
    Layer.provide(Layer.succeed(AwsSettings, { endpointUrl: url }))
  )),
  Effect.provideService(CurrentAccount, account),
  Effect.provideService(CurrentRegion, RegionId.make("us-east-1")),
  Effect.provide(Logger.layer([Logger.make(({ logLevel, message }) => {
    if (logLevel === "Warn" || logLevel === "Error") warnings.push(String(message))
  })])),
  Effect.provideService(References.MinimumLogLevel, "Debug")
))
process.stdout.write(`${JSON.stringify({ ...counts, warnings, admitted, stallMs: stalls.max / 1e6 })}\n`)
process.stdin.destroy()
