import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda"
import { AccountId, RegionId } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import {
  Aws,
  AwsClients,
  type AwsConnection,
  AwsSettings,
  CallMeter,
  CurrentAccount,
  CurrentRegion,
  HostLookup,
  HttpTransport,
  makeCallCounts,
  Pacer
} from "../src/index.ts"
import { hurried } from "./Connection.ts"

/** A network in which no call finds its host, as Node says it. */
const handler: HttpTransport["Service"]["handler"] = {
  handle: ({ hostname }) =>
    Promise.reject(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: "ENOTFOUND", hostname })),
  updateHttpClientConfig: () => {},
  httpHandlerConfigs: () => ({})
}
const nowhere = Layer.succeed(HttpTransport, { handler, ofProfile: () => Effect.succeed(handler) })

/** Calls Lambda in a Region where `hosts` are the names that exist; what is `undefined` nobody can say. */
const calling = (
  region: string,
  hosts: (host: string) => boolean | undefined,
  settings: AwsConnection = {}
) =>
  Effect.gen(function*() {
    const asked: Array<string> = []
    const meter = makeCallCounts()
    const call = Aws.send(LambdaClient, new ListFunctionsCommand({})).pipe(
      Effect.provideService(HostLookup, (host) => {
        asked.push(host)
        return Promise.resolve(hosts(host))
      }),
      Effect.provideService(CallMeter, meter),
      Effect.provideService(CurrentAccount, {
        id: AccountId.make("111122223333"),
        partition: "aws",
        arn: "arn:aws:iam::111122223333:user/somebody",
        credentials: () => Promise.resolve({ accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" })
      }),
      Effect.provideService(CurrentRegion, RegionId.make(region))
    )
    const aws = yield* Layer.build(Aws.Aws.layerNoDeps.pipe(
      Layer.provide([AwsClients.layerNoDeps.pipe(Layer.provide(nowhere)), Pacer.layerOff]),
      Layer.provide([Layer.succeed(AwsSettings, settings), ConfigProvider.layer(ConfigProvider.fromEnvRecord({}))])
    ))
    const errors = yield* Effect.all([hurried(Effect.flip(call)), hurried(Effect.flip(call))]).pipe(Effect.provide(aws))
    return { tags: errors.map(({ reason }) => reason._tag), calls: meter.calls, asked, message: errors[0].message }
  }).pipe(Effect.scoped)

const here = "lambda.eu-north-1.amazonaws.com"
const neighbour = "sts.eu-north-1.amazonaws.com"
const sibling = "lambda.us-east-1.amazonaws.com"

describe("a host that is not found", () => {
  it.effect("the Region has hosts and the service has one elsewhere: it does not exist there; not repeated, asked once", () =>
    Effect.gen(function*() {
      const { asked, calls, message, tags } = yield* calling("eu-north-1", (host) => host !== here)
      assert.deepStrictEqual(tags, ["Unsupported", "Unsupported"])
      assert.strictEqual(calls, 2)
      assert.sameMembers(asked, [neighbour, sibling, here])
      for (const host of [here, neighbour, sibling]) assert.include(message, host)
    }))

  const outages: ReadonlyArray<readonly [string, (host: string) => boolean | undefined]> = [
    ["no name at all is found", () => false],
    ["nobody can say", () => undefined],
    ["the Region's other hosts are not found either", (host) => host === sibling],
    ["the service's host is found nowhere, as behind a firewall", (host) => host === neighbour],
    ["its host is found when asked for again", () => true],
    ["nobody can say of its host", (host) => host === here ? undefined : true]
  ]
  it.effect.each(outages)("%s: the network is broken, and the call repeated", ([, hosts]) =>
    Effect.gen(function*() {
      const { calls, tags } = yield* calling("eu-north-1", hosts)
      assert.deepStrictEqual(tags, ["Network", "Network"])
      assert.strictEqual(calls, 8)
    }))

  it.effect("never in the home Region, nor at an endpoint of one's own", () =>
    Effect.gen(function*() {
      for (const [region, settings] of [
        ["us-east-1", {}],
        ["eu-north-1", { endpointUrl: "http://lambda.stand-in.test:4566" }],
        ["eu-north-1", { endpointUrl: "http://lambda.us-east-1.amazonaws.com.proxy.test" }]
      ] as const) {
        const { asked, tags } = yield* calling(region, (host) => host.startsWith("sts") || host === sibling, settings)
        assert.deepStrictEqual([tags, asked], [["Network", "Network"], []])
      }
    }))
})
