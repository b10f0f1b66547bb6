import { createSocket } from "node:dgram"
import { EC2Client } from "@aws-sdk/client-ec2"
import { commercialRegions } from "@cadastre/aws-simulator"
import { AwsSettings } from "@cadastre/client-factory"
import { Partition, RegionId } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { ServiceAvailability } from "../src/index.ts"
import { absences } from "../src/ServiceAbsences.ts"
import { until } from "./Discovery.ts"

/** A name server that knows some names, refuses others, and says of the rest that there are none. */
const nameServer = (codes: Readonly<Record<string, "address" | "no address" | "refused" | "silence">>) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<{ readonly socket: ReturnType<typeof createSocket>; readonly asked: Array<string> }>((resume) => {
        const socket = createSocket("udp4")
        const asked: Array<string> = []
        socket.on("message", (query, { address, port }) => {
          // Header of 12 bytes, then the name as lengths and labels, then type and class.
          const labels: Array<string> = []
          let at = 12
          while (query[at] !== 0) {
            labels.push(query.subarray(at + 1, at + 1 + query[at]!).toString())
            at += query[at]! + 1
          }
          const name = labels.join(".")
          asked.push(name)
          const kind = Object.hasOwn(codes, name) ? codes[name] : "no name"
          if (kind === "silence") return
          const answers = kind === "address" ? 1 : 0
          const code = kind === "no name" ? 3 : kind === "refused" ? 5 : 0
          const header = Buffer.from([query[0]!, query[1]!, 0x81, 0x80 | code, 0, 1, 0, answers, 0, 0, 0, 0])
          const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1])
          const question = query.subarray(12, at + 5)
          socket.send(Buffer.concat([header, question, ...(answers === 1 ? [record] : [])]), port, address)
        })
        socket.bind(0, "127.0.0.1", () => resume(Effect.succeed({ socket, asked })))
      }),
      ({ socket }) => Effect.sync(() => socket.close())
    ),
    ({ asked, socket }) => ({ asked, server: `127.0.0.1:${socket.address().port}` })
  )

const regions = ["us-east-1", "ca-west-1", "ap-east-2", "mx-central-1"].map((id) => RegionId.make(id))

const absentAmong = (
  services: ReadonlyArray<string>,
  server: string,
  variables: Readonly<Record<string, string>> = {}
) =>
  Effect.gen(function*() {
    const why = yield* ServiceAvailability.absent(services, regions)
    return regions.flatMap((region) =>
      services.flatMap((service) => why(service, region) === undefined ? [] : [`${service} ${region}`])
    )
  }).pipe(
    Effect.provideService(ServiceAvailability.NameServers, [server]),
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(variables)))
  )

const codebuild = (region: string) => `codebuild.${region}.amazonaws.com`

describe("ServiceAvailability", () => {
  it("what every Region has had for years is absent from none, and what is unknown is never absent", () => {
    const everywhere = [
      "ec2", "autoscaling", "elasticloadbalancing", "s3", "rds", "dynamodb", "lambda", "ecs", "eks", "sqs", "sns",
      "kms", "secretsmanager", "ssm", "logs", "cloudwatch", "cloudtrail", "cloudformation", "tag", "sts", "events",
      "states", "kinesis", "firehose", "elasticache", "redshift", "es", "ecr", "apigateway", "acm"
    ]
    const none = ["iam", "route53", "cloudfront", "organizations", "account", "nonesuch", "__proto__", "constructor"]
    const known = commercialRegions.map(({ name }) => name)
    for (const service of [...everywhere, ...none]) {
      for (const region of [...known, "cn-north-1", "cn-northwest-1", "us-gov-west-1", "us-gov-east-1"]) {
        assert.isFalse(ServiceAvailability.isKnownAbsent(service, region), `${service} ${region}`)
      }
    }
    for (const service of [...everywhere, ...Object.keys(absences)]) {
      for (const region of ["global", "us-east-9", "me-west-1", ""]) {
        assert.isFalse(ServiceAvailability.isKnownAbsent(service, region), `${service} ${region}`)
      }
    }
  })

  // AWS General Reference, the endpoint tables of each service.
  it.each([
    ["codebuild", "mx-central-1", true],
    ["codebuild", "eu-south-2", false],
    ["codepipeline", "ap-southeast-7", true],
    ["codepipeline", "eu-west-1", false],
    ["apprunner", "sa-east-1", true],
    ["apprunner", "eu-west-1", false],
    ["cognito-identity", "cn-northwest-1", true],
    ["cognito-identity", "cn-north-1", false]
  ] as const)("%s in %s: %s", (service, region, isAbsent) => {
    assert.strictEqual(ServiceAvailability.isKnownAbsent(service, region), isAbsent)
  })

  it("the data names hosts and Regions, and nowhere every Region of a partition", () => {
    for (const [service, line] of Object.entries(absences)) {
      const [hosts, ...absent] = line.split(" ")
      assert.match(hosts ?? "", /^[a-z0-9.-]+(,[a-z0-9.-]+)*$/u, service)
      assert.isNotEmpty(absent, service)
      assert.strictEqual(new Set(absent).size, absent.length, service)
      for (const region of absent) assert.match(region, /^[a-z]{2,5}(-[a-z]{2,12}){1,3}-\d$/u, service)
      const ofAws = absent.filter((region) => Partition.ofRegion(region) === "aws")
      assert.isBelow(ofAws.length, commercialRegions.length, service)
      assert.isBelow(absent.filter((region) => Partition.ofRegion(region) === "aws-cn").length, 2, service)
    }
  })

  it("hosts end as the SDK's own do", () => {
    for (const partition of Partition.Partition.literals) {
      for (const Region of Partition.defaultRegions(partition)) {
        const { url } = new EC2Client({ region: Region }).config.endpointProvider({ Region })
        assert.strictEqual(url.hostname, `ec2.${Region}.${Partition.dnsSuffix(partition)}`)
      }
    }
  })

  it.live("a service is absent when the data says so and its host does not exist", () =>
    Effect.gen(function*() {
      const { asked, server } = yield* nameServer({
        [codebuild("ap-east-2")]: "address",
        [codebuild("mx-central-1")]: "no address"
      })
      assert.deepStrictEqual(yield* absentAmong(["codebuild", "ec2"], server), ["codebuild ca-west-1"])
      assert.sameMembers(asked, [codebuild("ap-east-2"), codebuild("mx-central-1"), codebuild("ca-west-1")])
    }))

  it.live("where the name server does not know, the service is called", () =>
    Effect.gen(function*() {
      const { server } = yield* nameServer({
        [codebuild("ap-east-2")]: "refused",
        [codebuild("mx-central-1")]: "refused",
        [codebuild("ca-west-1")]: "refused"
      })
      assert.deepStrictEqual(yield* absentAmong(["codebuild"], server), [])
    }))

  it.effect("a name server that is silent does not hold up the scan", () =>
    Effect.gen(function*() {
      const { asked, server } = yield* nameServer({ [codebuild("ap-east-2")]: "silence" })
      const fiber = yield* Effect.forkChild(absentAmong(["codebuild"], server))
      yield* until(() => asked.includes(codebuild("ap-east-2")))
      yield* TestClock.adjust("3 seconds")
      assert.notInclude(yield* Fiber.join(fiber), "codebuild ap-east-2")
    }))

  it.live("a stand-in has no such names: there the data decides alone", () =>
    Effect.gen(function*() {
      const { asked, server } = yield* nameServer({ [codebuild("ap-east-2")]: "address" })
      const all = ["codebuild ca-west-1", "codebuild ap-east-2", "codebuild mx-central-1"]
      const standIn = { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" }
      assert.deepStrictEqual(yield* absentAmong(["codebuild"], server, standIn), all)
      assert.deepStrictEqual(
        yield* absentAmong(["codebuild"], server).pipe(
          Effect.provideService(AwsSettings, { endpointUrl: "http://127.0.0.1:4566" })
        ),
        all
      )
      assert.deepStrictEqual(asked, [])
      const ignored = { ...standIn, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" }
      assert.notInclude(yield* absentAmong(["codebuild"], server, ignored), "codebuild ap-east-2")
    }))

  it.live("says how it is known", () =>
    Effect.gen(function*() {
      const { server } = yield* nameServer({})
      const why = yield* ServiceAvailability.absent(["codebuild"], regions).pipe(
        Effect.provideService(ServiceAvailability.NameServers, [server]),
        Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({})))
      )
      const said = why("codebuild", "ca-west-1") ?? ""
      assert.include(said, "codebuild does not exist in ca-west-1")
      assert.include(said, "botocore")
      assert.include(said, codebuild("ca-west-1"))
      assert.isUndefined(why("codebuild", "us-east-1"))
      assert.isUndefined(why("ec2", "ca-west-1"))
    }))
})
