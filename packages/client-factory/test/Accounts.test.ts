import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts"
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs"
import { Simulator } from "@cadastre/aws-simulator"
import { RegionId } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import type { AwsCredentialIdentityProvider } from "@smithy/types"
import { ConfigProvider, Effect, Layer } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Accounts, Aws, AwsSettings } from "../src/index.ts"
import { callsOf } from "./Connection.ts"

const regions = ["us-east-1", "us-east-2", "eu-west-1", "eu-west-2", "eu-central-1", "ap-south-1"].map((region) =>
  RegionId.make(region)
)

const estate = { regions, counts: { "sns:topic": { "us-east-1": 1 } } }

const layerOf = (settings: { readonly endpointUrl: string; readonly credentials?: AwsCredentialIdentityProvider }) =>
  Accounts.layerNoDeps.pipe(
    Layer.provideMerge(Aws.Aws.layer),
    Layer.provide(Layer.succeed(AwsSettings, settings)),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({})))
  )

/** Two services in every Region at once: a dozen clients. */
const everywhere = Effect.gen(function*() {
  const aws = yield* Aws.Aws
  const account = yield* Accounts.use((accounts) => accounts.current)
  yield* Effect.forEach(regions, (region) =>
    Effect.all([
      aws.send(SNSClient, new ListTopicsCommand({}), account, region),
      aws.send(SQSClient, new ListQueuesCommand({ MaxResults: 10 }), account, region)
    ], { concurrency: 2 }), { concurrency: "unbounded" })
})

describe("Accounts", () => {
  it.live("names the account of the credentials, and asks once", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { accounts: ["444455556666"] } })
      yield* Effect.gen(function*() {
        const accounts = yield* Accounts
        const [first, second] = yield* Effect.all([accounts.current, accounts.current], { concurrency: 2 })
        assert.strictEqual(first.id, "444455556666")
        assert.strictEqual(first.partition, "aws")
        assert.include(first.arn, "user/simulated")
        assert.strictEqual(first, second)
        assert.strictEqual(callsOf(simulator).calls, 1)
      }).pipe(Effect.provide(layerOf({
        endpointUrl: simulator.url,
        credentials: () => Promise.resolve(simulator.credentials())
      })))
    }))

  it.live("a failure is asked again", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      simulator.rule({ match: { nth: 1 }, fault: { type: "invalid-credentials" } })
      yield* Effect.gen(function*() {
        const accounts = yield* Accounts
        assert.strictEqual((yield* Effect.flip(accounts.current)).reason._tag, "InvalidCredentials")
        assert.strictEqual((yield* accounts.current).id, "111122223333")
      }).pipe(Effect.provide(layerOf({
        endpointUrl: simulator.url,
        credentials: () => Promise.resolve(simulator.credentials())
      })))
    }))

  it.live("good credentials are good where the default Region refuses them, being off", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      simulator.rule({ match: { region: "af-south-1" }, fault: { type: "invalid-credentials" } })
      const current = Accounts.use((accounts) => accounts.current).pipe(
        Effect.provide(Accounts.layerNoDeps.pipe(
          Layer.provideMerge(Aws.Aws.layer),
          Layer.provide(Layer.succeed(AwsSettings, {
            endpointUrl: simulator.url,
            credentials: () => Promise.resolve(simulator.credentials())
          })),
          Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({ AWS_REGION: "af-south-1" })))
        ))
      )
      assert.strictEqual((yield* current).id, "111122223333")
      simulator.rule({ match: {}, fault: { type: "invalid-credentials" } })
      const refused = yield* Effect.flip(current)
      assert.strictEqual(refused._tag === "AwsError" && refused.reason._tag, "InvalidCredentials")
    }))

  it.live("no credentials at all are InvalidCredentials", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      const error = yield* Accounts.use((accounts) => accounts.current).pipe(
        Effect.flip,
        Effect.provide(layerOf({
          endpointUrl: simulator.url,
          credentials: () =>
            Promise.reject(Object.assign(new Error("nothing found"), { name: "CredentialsProviderError" }))
        }))
      )
      assert.strictEqual(error.reason._tag, "InvalidCredentials")
      assert.strictEqual(callsOf(simulator).calls, 0)
    }))

  it.live("one fetch of credentials for a dozen clients", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      let fetched = 0
      yield* Effect.provide(everywhere, layerOf({
        endpointUrl: simulator.url,
        credentials: () => {
          fetched++
          return Promise.resolve(simulator.credentials())
        }
      }))
      assert.strictEqual(callsOf(simulator).calls, 2 * regions.length + 1)
      assert.strictEqual(fetched, 1)
    }))

  it.live("one fetch from the container's endpoint, as the SDK's own chain finds it", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      let fetched = 0
      const server = yield* Effect.acquireRelease(
        Effect.callback<ReturnType<typeof createServer>>((resume) => {
          const server = createServer((_, response) => {
            fetched++
            const { accessKeyId, secretAccessKey } = simulator.credentials()
            response.setHeader("content-type", "application/json")
            response.end(JSON.stringify({
              AccessKeyId: accessKeyId,
              SecretAccessKey: secretAccessKey,
              Token: "none",
              AccountId: "111122223333",
              Expiration: "2999-01-01T00:00:00Z"
            }))
          })
          server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) =>
          Effect.sync(() => {
            server.closeAllConnections()
            server.close()
          })
      )
      const before = { ...process.env }
      yield* Effect.acquireRelease(
        Effect.sync(() => {
          for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name]
          process.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] =
            `http://127.0.0.1:${(server.address() as AddressInfo).port}/credentials`
          process.env["AWS_CONFIG_FILE"] = process.env["AWS_SHARED_CREDENTIALS_FILE"] = "no-such-file"
        }),
        () => Effect.sync(() => (process.env = before))
      )
      yield* Effect.provide(everywhere, layerOf({ endpointUrl: simulator.url }))
      assert.strictEqual(fetched, 1)
    }))

  it.live("credentials that expire on the way are refreshed, and the call is made again", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      let fetched = 0
      const session = async (): Promise<ReturnType<Simulator["Service"]["credentials"]>> => {
        fetched++
        const credentials = simulator.credentials()
        const sts = new STSClient({ endpoint: simulator.url, region: "us-east-1", credentials })
        const { Credentials } = await sts.send(
          new AssumeRoleCommand({ RoleArn: "arn:aws:iam::111122223333:role/Audit", RoleSessionName: "survey" })
        )
        return {
          accessKeyId: Credentials!.AccessKeyId!,
          secretAccessKey: Credentials!.SecretAccessKey!,
          sessionToken: Credentials!.SessionToken!
        }
      }
      yield* Effect.gen(function*() {
        yield* everywhere
        assert.strictEqual(fetched, 1)
        simulator.advance(2 * 3_600_000)
        yield* everywhere
        // All clients notice at about the same time.
        assert.isAtLeast(fetched, 2)
        assert.isAtMost(fetched, 3)
        const aws = yield* Aws.Aws
        const account = yield* Accounts.use((accounts) => accounts.current)
        const identity = yield* aws.send(STSClient, new GetCallerIdentityCommand({}), account, regions[0]!)
        assert.include(identity.Arn, "assumed-role/Audit")
      }).pipe(Effect.provide(layerOf({ endpointUrl: simulator.url, credentials: session })))
    }))

  it.live("credentials that are expired again are not refreshed again", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      simulator.rule({ match: { service: "sns" }, fault: { type: "expired" } })
      let forced = 0
      const error = yield* Effect.flip(everywhere).pipe(Effect.provide(layerOf({
        endpointUrl: simulator.url,
        credentials: (properties?: Record<string, unknown>) => {
          if (properties?.["forceRefresh"] === true) forced++
          return Promise.resolve(simulator.credentials())
        }
      })))
      assert.strictEqual(error.reason._tag, "ExpiredToken")
      assert.include(error.message, "aws sso login")
      assert.isAtLeast(forced, 1)
      for (const { calls, service } of simulator.calls()) if (service === "sns") assert.isAtMost(calls, 2)
    }))
})
