import { inspect } from "node:util"
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs"
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts"
import { Simulator, type SimulatorOptions } from "@cadastre/aws-simulator"
import { AccountId, type AwsError, RegionId } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import type { AwsCredentialIdentityProvider } from "@smithy/types"
import { ConfigProvider, Effect, Fiber, Layer, Logger, References, Tracer } from "effect"
import { TestClock } from "effect/testing"
import { type Account, Accounts, type AssumedRole, Aws, AwsSettings } from "../src/index.ts"
import { until } from "./Connection.ts"

type Running = Simulator["Service"]

const own = AccountId.make("111122223333")
const other = AccountId.make("222233334444")
const third = AccountId.make("333344445555")
const east = RegionId.make("us-east-1")
const regions = ["us-east-1", "us-east-2", "eu-west-1", "eu-central-1", "ap-south-1", "af-south-1"].map((region) =>
  RegionId.make(region)
)

const estate = {
  accounts: [own, other, third],
  regions,
  resources: 60,
  roles: {
    [other]: [
      { name: "Audit" },
      { name: "team/External", externalId: "planted-external-id" },
      { name: "Mixed", answersFor: third },
      { name: "Long", maxSessionDuration: 43_200 }
    ]
  }
} satisfies SimulatorOptions["estate"]

const audit: AssumedRole = { accountId: other, roleName: "Audit" }

const layerOf = (
  simulator: Running,
  credentials: AwsCredentialIdentityProvider = () => Promise.resolve(simulator.credentials(own)),
  variables: Readonly<Record<string, string>> = {}
) =>
  Accounts.layerNoDeps.pipe(
    Layer.provideMerge(Aws.Aws.layer),
    Layer.provide(Layer.succeed(AwsSettings, { endpointUrl: simulator.url, credentials })),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({ RATE_LIMIT_SHARE: "1", ...variables })))
  )

const assume = (role: AssumedRole) => Accounts.use((accounts) => accounts.assume(role))

const topics = (account: Account, region: RegionId = east) =>
  Aws.Aws.use((aws) => aws.send(SNSClient, new ListTopicsCommand({}), account, region))

const queues = (account: Account, region: RegionId) =>
  Aws.Aws.use((aws) => aws.send(SQSClient, new ListQueuesCommand({ MaxResults: 10 }), account, region))

/** Two services in every Region at once. */
const everywhere = (account: Account) =>
  Effect.forEach(regions, (region) => Effect.all([topics(account, region), queues(account, region)], { concurrency: 2 }), {
    concurrency: "unbounded",
    discard: true
  })

const count = (simulator: Running, operation: string) =>
  simulator.calls().filter((row) => row.operation === operation).reduce((sum, { calls }) => sum + calls, 0)

const errors = (simulator: Running) => simulator.calls().reduce((sum, row) => sum + row.errors, 0)

const minutes = (number: number) => number * 60_000

/** What nobody catches for as long as the scope lives. */
const unhandledRejections = Effect.gen(function*() {
  const reasons: Array<unknown> = []
  const listener = (reason: unknown) => void reasons.push(reason)
  yield* Effect.acquireRelease(
    Effect.sync(() => process.on("unhandledRejection", listener)),
    () => Effect.sync(() => process.off("unhandledRejection", listener))
  )
  return reasons
})

describe("an assumed role", () => {
  it.live("is its account, as STS names it, and works in Regions that an account opts in to", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      yield* Effect.gen(function*() {
        const account = yield* assume({ ...audit, sessionName: "nightly" })
        assert.strictEqual(account.id, other)
        assert.strictEqual(account.arn, `arn:aws:sts::${other}:assumed-role/Audit/nightly`)
        yield* everywhere(account)
        assert.strictEqual(count(simulator, "AssumeRole"), 1)
        assert.strictEqual(errors(simulator), 0)
        // Cross-account calls count against who asks.
        const asked = simulator.calls().filter(({ service }) => service === "sts")
        assert.deepStrictEqual(asked.map(({ accountId, operation, region }) => [operation, accountId, region]), [
          ["GetCallerIdentity", own, "us-east-1"],
          ["AssumeRole", own, "us-east-1"],
          ["GetCallerIdentity", other, "us-east-1"]
        ])
      }).pipe(Effect.provide(layerOf(simulator)))
    }))

  it.effect("stays valid for hours: renewed before it expires, while the old session is still used", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      yield* Effect.gen(function*() {
        const account = yield* assume(audit)
        for (let elapsed = 0; elapsed < 360; elapsed += 2) {
          yield* topics(account)
          yield* TestClock.adjust("2 minutes")
          simulator.advance(minutes(2))
        }
        // Each session is renewed 56 minutes after it was got, on the two-minute grid: 360 / 56.
        assert.strictEqual(count(simulator, "AssumeRole"), 1 + Math.floor(360 / 56))
        assert.strictEqual(errors(simulator), 0)
      }).pipe(Effect.provide(layerOf(simulator)))
    }))

  it.effect("is renewed after a long silence before the first call is made", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      yield* Effect.gen(function*() {
        const account = yield* assume(audit)
        yield* TestClock.adjust("5 hours")
        simulator.advance(minutes(300))
        yield* everywhere(account)
        assert.strictEqual(count(simulator, "AssumeRole"), 2)
        assert.strictEqual(errors(simulator), 0)
      }).pipe(Effect.provide(layerOf(simulator)))
    }))

  it.live("many clients that are told that it has expired get one new session", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      yield* Effect.gen(function*() {
        const account = yield* assume(audit)
        yield* everywhere(account)
        // AWS's clock alone moves on: nobody here can know.
        for (let round = 1; round <= 3; round++) {
          simulator.advance(minutes(120))
          yield* everywhere(account)
          assert.strictEqual(count(simulator, "AssumeRole"), 1 + round)
        }
      }).pipe(Effect.provide(layerOf(simulator)))
    }))

  it.live("getting it needs no place among the calls in flight: one place is enough for all", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      yield* Effect.gen(function*() {
        const account = yield* assume(audit)
        yield* everywhere(account)
        simulator.advance(minutes(120))
        yield* everywhere(account)
        assert.strictEqual(count(simulator, "AssumeRole"), 2)
      }).pipe(
        Effect.provide(layerOf(simulator, undefined, { MAX_CONCURRENT_CALLS: "1" })),
        Effect.timeout("15 seconds")
      )
    }))

  it.effect("a renewal that fails fails the calls that need it, says why, and is tried again", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const unhandled = yield* unhandledRejections
      yield* Effect.gen(function*() {
        const account = yield* assume(audit)
        const allow = simulator.rule({ match: { operation: "AssumeRole" }, fault: { type: "deny" } })
        // Near its end the session is still good: the failed renewal harms nobody yet.
        yield* TestClock.adjust("57 minutes")
        simulator.advance(minutes(57))
        yield* topics(account)
        yield* until(() => count(simulator, "AssumeRole") === 2)
        yield* topics(account)
        yield* TestClock.adjust("10 minutes")
        simulator.advance(minutes(10))
        const failed: ReadonlyArray<AwsError> = yield* Effect.forEach(regions, (region) => Effect.flip(topics(account, region)), {
          concurrency: "unbounded"
        })
        for (const error of failed) {
          assert.strictEqual(error.operation, "sts:AssumeRole")
          assert.strictEqual(error.outcome, "denied")
          assert.include(error.message, `arn:aws:iam::${other}:role/Audit`)
        }
        // They shared one attempt.
        assert.strictEqual(count(simulator, "AssumeRole"), 3)
        allow()
        yield* TestClock.adjust("1 second")
        yield* topics(account)
      }).pipe(Effect.provide(layerOf(simulator)))
      assert.deepStrictEqual(unhandled, [])
    }))

  it.live("a denied role: which one, who asked, and what to look at", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const roleArn = `arn:aws:iam::${other}:role/team/External`
      yield* Effect.gen(function*() {
        const missing = yield* Effect.flip(assume({ accountId: other, roleArn }))
        assert.strictEqual(missing.reason._tag, "AccessDenied")
        assert.include(missing.message, `arn:aws:iam::${own}:user/simulated may not assume ${roleArn}`)
        assert.include(missing.message, "trust policy")
        assert.include(missing.message, "no external id (none was given)")
        const wrong = yield* Effect.flip(assume({ accountId: other, roleArn, externalId: "another-planted-id" }))
        assert.include(wrong.message, "the external id that was given")
        assert.notInclude(wrong.message, "planted")
        const account = yield* assume({ accountId: other, roleName: "/team/External", externalId: "planted-external-id" })
        assert.strictEqual(account.id, other)
      }).pipe(Effect.provide(layerOf(simulator)))
    }))

  it.live("a session of another account than the one asked for is refused", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const error = yield* Effect.flip(assume({ accountId: other, roleName: "Mixed" })).pipe(
        Effect.provide(layerOf(simulator))
      )
      assert.strictEqual(error.reason._tag, "InvalidCredentials")
      assert.include(error.message, third)
      assert.include(error.message, other)
    }))

  it.live("where the role allows an hour only, an hour is asked for, and from then on at once", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      yield* Effect.gen(function*() {
        const account = yield* assume({ ...audit, durationSeconds: 7200 })
        assert.strictEqual(count(simulator, "AssumeRole"), 2)
        simulator.advance(minutes(61))
        yield* topics(account)
        assert.strictEqual(count(simulator, "AssumeRole"), 3)
        // No other wrong parameter is tried again.
        const wrong = yield* Effect.flip(assume({ ...audit, durationSeconds: 7200, sessionName: "a b" }))
        assert.strictEqual(wrong.reason._tag, "Unexpected")
        assert.strictEqual(count(simulator, "AssumeRole"), 4)
      }).pipe(Effect.provide(layerOf(simulator)))
    }))

  it.live("a session asks for an hour at most, whatever is wanted (role chaining)", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      yield* Effect.gen(function*() {
        const long = yield* assume({ accountId: other, roleName: "Long", durationSeconds: 43_200 })
        simulator.advance(minutes(11 * 60))
        yield* topics(long)
        assert.strictEqual(errors(simulator), 0)
        const chained = yield* assume({ accountId: third, roleName: "Audit", from: long, durationSeconds: 43_200 })
        assert.strictEqual(chained.id, third)
        assert.strictEqual(errors(simulator), 0)
        assert.strictEqual(count(simulator, "AssumeRole"), 2)
        // The link before it ends, and is renewed on the way to the next session.
        simulator.advance(minutes(2 * 60))
        yield* topics(chained)
        assert.strictEqual(count(simulator, "AssumeRole"), 5)
      }).pipe(Effect.provide(layerOf(simulator)))
    }))

  it.live("a session policy confines it", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const sessionPolicy = JSON.stringify(
        { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: ["ec2:Describe*"], Resource: "*" }] },
        null,
        2000
      )
      yield* Effect.gen(function*() {
        // Longer than STS takes, but for the white space.
        const account = yield* assume({ ...audit, sessionPolicy })
        const aws = yield* Aws.Aws
        yield* aws.send(EC2Client, new DescribeInstancesCommand({ MaxResults: 5 }), account, east)
        const error = yield* Effect.flip(topics(account))
        assert.strictEqual(error.reason._tag, "AccessDenied")
        assert.include(error.message, "session policy")
        const managed = yield* assume({ ...audit, policyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"] })
        yield* topics(managed)
        const broken = yield* Effect.flip(assume({ ...audit, sessionPolicy: "{" }))
        assert.include(broken.message, "invalid Json")
      }).pipe(Effect.provide(layerOf(simulator)))
    }))

  it.live("a role in the own account is not mixed up with the own credentials", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      yield* Effect.gen(function*() {
        const accounts = yield* Accounts
        const aws = yield* Aws.Aws
        const current = yield* accounts.current
        const role = yield* accounts.assume({ accountId: own, roleName: "Audit" })
        const arnOf = (account: Account) =>
          Effect.map(aws.send(STSClient, new GetCallerIdentityCommand({}), account, east), ({ Arn }) => Arn)
        assert.strictEqual(yield* arnOf(current), `arn:aws:iam::${own}:user/simulated`)
        assert.strictEqual(yield* arnOf(role), `arn:aws:sts::${own}:assumed-role/Audit/cadastre`)
      }).pipe(Effect.provide(layerOf(simulator)))
    }))

  it.effect("a call waits for credentials no longer than for an answer", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      yield* Effect.gen(function*() {
        const account = yield* assume(audit)
        yield* TestClock.adjust("2 hours")
        simulator.advance(minutes(120))
        simulator.rule({ match: { operation: "AssumeRole" }, fault: { type: "hang" } })
        const fiber = yield* Effect.forkChild(Effect.flip(topics(account)))
        yield* until(() => count(simulator, "AssumeRole") === 2)
        yield* TestClock.adjust("30 seconds")
        assert.strictEqual((yield* Fiber.join(fiber)).reason._tag, "TimedOut")
      }).pipe(Effect.provide(layerOf(simulator)))
    }))

  it.effect("a renewal that is under way ends with the layer, and nobody is told", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const unhandled = yield* unhandledRejections
      yield* Effect.gen(function*() {
        const account = yield* assume(audit)
        simulator.rule({ match: { operation: "AssumeRole" }, fault: { type: "hang" } })
        yield* TestClock.adjust("57 minutes")
        yield* topics(account)
        yield* until(() => count(simulator, "AssumeRole") === 2)
      }).pipe(Effect.provide(layerOf(simulator)))
      simulator.reset()
      yield* until(() => simulator.maxInFlight() === 0 || (simulator.reset(), false))
      assert.deepStrictEqual(unhandled, [])
    }))

  it.live("nothing that is shown holds a secret", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const shown: Array<unknown> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          shown.push(span)
          return span
        }
      })
      const logger = Logger.make((options) => void shown.push(options.message))
      const planted = { ...simulator.credentials(own), secretAccessKey: "planted-secret-access-key" }
      const secrets = ["planted-secret-access-key", "planted-external-id"]
      yield* Effect.gen(function*() {
        const accounts = yield* Accounts
        const current = yield* accounts.current
        const account = yield* accounts.assume({ accountId: other, roleName: "team/External", externalId: "planted-external-id" })
        const { secretAccessKey, sessionToken } = yield* Effect.promise(() => account.credentials())
        secrets.push(secretAccessKey, sessionToken!)
        yield* Effect.logInfo("accounts", current, account)
        yield* topics(account)
        simulator.rule({ fault: { type: "expired" } })
        shown.push(yield* Effect.flip(topics(account)))
        shown.push(yield* Effect.flip(assume({ accountId: other, roleName: "No", externalId: "planted-external-id" })))
        shown.push(current, account)
      }).pipe(
        Effect.provide(layerOf(simulator, () => Promise.resolve(planted))),
        Effect.withTracer(tracer),
        Effect.provide(Logger.layer([logger])),
        Effect.provideService(References.MinimumLogLevel, "All")
      )
      assert.isAbove(shown.length, 10)
      const texts = shown.flatMap((one) =>
        one instanceof Tracer.NativeSpan
          // The result that a span ends with is the caller's, and no part of what is exported.
          ? [one.name, inspect([one.attributes, one.events, one.links], { depth: 12 })]
          : [
            inspect(one, { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null }),
            JSON.stringify(one),
            String(one)
          ]
      )
      for (const secret of secrets) {
        for (const text of texts) assert.notInclude(text, secret)
      }
    }))
})

