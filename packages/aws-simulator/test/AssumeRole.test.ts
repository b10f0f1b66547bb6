import { createHash } from "node:crypto"
import { createServer, request as httpRequest } from "node:http"
import type { AddressInfo } from "node:net"
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  type AssumeRoleCommandOutput,
  GetCallerIdentityCommand,
  STSClient
} from "@aws-sdk/client-sts"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Simulator } from "../src/index.ts"

const own = "111122223333"
const other = "222233334444"

const estate = {
  accounts: [own, other, "333344445555"],
  regions: ["us-east-1", "eu-west-1", "af-south-1"],
  resources: 30,
  roles: {
    [other]: [
      { name: "audit/ReadOnly", externalId: "orange", maxSessionDuration: 7200 },
      { name: "Open" },
      { name: "Closed", trusts: ["333344445555"] }
    ]
  }
}

type Keys = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }

const connect = (simulator: Simulator["Service"], region = "us-east-1", credentials: Keys = simulator.credentials()) => ({
  endpoint: simulator.url,
  region,
  credentials,
  maxAttempts: 1
})

const role = (name: string) => `arn:aws:iam::${other}:role/${name}`

const assume = (
  simulator: Simulator["Service"],
  input: Partial<AssumeRoleCommandInput>,
  credentials?: Keys
): Promise<AssumeRoleCommandOutput> =>
  new STSClient(connect(simulator, "us-east-1", credentials)).send(
    new AssumeRoleCommand({ RoleArn: role("Open"), RoleSessionName: "survey", ...input })
  )

const keysOf = ({ Credentials }: AssumeRoleCommandOutput): Keys => ({
  accessKeyId: Credentials!.AccessKeyId!,
  secretAccessKey: Credentials!.SecretAccessKey!,
  sessionToken: Credentials!.SessionToken!
})

const refused = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(() => assert.fail("it was allowed"), (error: Error) => error)

const test = (name: string, work: (simulator: Simulator["Service"]) => Promise<void>) =>
  it.live(name, () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate })
      yield* Effect.promise(() => work(simulator))
    }))

describe("sts:AssumeRole", () => {
  test("is denied in AWS's words, whatever is not right", async (simulator) => {
    const cases: ReadonlyArray<Partial<AssumeRoleCommandInput>> = [
      { RoleArn: role("audit/ReadOnly") },
      { RoleArn: role("audit/ReadOnly"), ExternalId: "apple" },
      { RoleArn: role("ReadOnly"), ExternalId: "orange" },
      { RoleArn: role("Closed") },
      { RoleArn: role("Missing") },
      { RoleArn: "arn:aws:iam::999999999999:role/Open" },
      { RoleArn: role("Open").replace("arn:aws:", "arn:aws-cn:") }
    ]
    for (const input of cases) {
      const error = await refused(assume(simulator, input))
      assert.strictEqual(error.name, "AccessDenied", JSON.stringify(input))
      assert.strictEqual(
        error.message,
        `User: arn:aws:iam::${own}:user/simulated is not authorized to perform: sts:AssumeRole on resource: ${input.RoleArn}`
      )
    }
    const session = await assume(simulator, { RoleArn: role("audit/ReadOnly"), ExternalId: "orange" })
    assert.strictEqual(session.AssumedRoleUser?.Arn, `arn:aws:sts::${other}:assumed-role/ReadOnly/survey`)
    // Roles that ask for none take any.
    await assume(simulator, { ExternalId: "anything" })
    // Accounts whose roles are not listed have whatever role is asked for.
    await assume(simulator, { RoleArn: "arn:aws:iam::333344445555:role/Whatever" })
  })

  test("a session is as long as the role allows, an hour when a session asks", async (simulator) => {
    const long = { RoleArn: role("audit/ReadOnly"), ExternalId: "orange", DurationSeconds: 7200 }
    const session = await assume(simulator, long)
    assert.approximately(session.Credentials!.Expiration!.getTime(), Date.now() + 7_200_000, 5000)
    assert.strictEqual(
      (await refused(assume(simulator, { DurationSeconds: 3601 }))).message,
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    )
    const chained = await refused(assume(simulator, long, keysOf(session)))
    assert.strictEqual(chained.name, "ValidationError")
    assert.include(chained.message, "1 hour session limit for roles assumed by role chaining")
    assert.include((await refused(assume(simulator, { DurationSeconds: 899 }))).message, "greater than or equal to 900")
    assert.include((await refused(assume(simulator, { DurationSeconds: 43_201 }))).message, "less than or equal to 43200")

    const short = keysOf(await assume(simulator, { DurationSeconds: 900 }, keysOf(session)))
    const ask = () => new STSClient(connect(simulator, "eu-west-1", short)).send(new GetCallerIdentityCommand({}))
    simulator.advance(899_000 - 1000)
    assert.strictEqual((await ask()).Account, other)
    simulator.advance(2000)
    assert.strictEqual((await refused(ask())).name, "ExpiredToken")
  })

  test("no two sessions have the same keys", async (simulator) => {
    const all = await Promise.all(Array.from({ length: 8 }, () => assume(simulator, {})))
    assert.strictEqual(new Set(all.map((one) => one.Credentials!.SessionToken)).size, 8)
  })

  test("a session policy is what a session may do at most", async (simulator) => {
    const policy = (action: string) =>
      JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: "*" }] })
    const session = await assume(simulator, { Policy: policy("ec2:Describe*") })
    const to = connect(simulator, "us-east-1", keysOf(session))
    await new EC2Client(to).send(new DescribeInstancesCommand({ MaxResults: 5 }))
    const error = await refused(new SNSClient(to).send(new ListTopicsCommand({})))
    assert.include(error.message, "session policy")
    // Managed policies add to the inline one.
    const both = await assume(simulator, {
      Policy: policy("ec2:Describe*"),
      PolicyArns: [{ arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }]
    })
    await new SNSClient(connect(simulator, "us-east-1", keysOf(both))).send(new ListTopicsCommand({}))

    // The code on the wire has no `Exception`; the SDK names some after the model's shape.
    const named = async (Policy: string) => (await refused(assume(simulator, { Policy }))).name.replace(/Exception$/u, "")
    assert.strictEqual(await named("{"), "MalformedPolicyDocument")
    assert.strictEqual(await named("{\"Statement\":[]}"), "MalformedPolicyDocument")
    assert.strictEqual(await named(policy(`s3:${"x".repeat(2048)}`)), "ValidationError")
    // Text that does not pack well.
    const digest = (at: number) => createHash("sha256").update(String(at)).digest("base64url").replace(/[-_]/gu, "")
    const dense = Array.from({ length: 44 }, (_, at) => digest(at)).join("")
    const large = await refused(assume(simulator, { Policy: policy(`s3:${dense}`) }))
    assert.match(large.name, /^PackedPolicyTooLarge/u)
    assert.match(large.message, /consumes 1\d\d% of allotted space/u)
  })

  test("the global endpoint's sessions are unknown in Regions to opt in to", async (simulator) => {
    // The name in the request says which endpoint it was meant for; the address is the simulator's.
    const proxy = createServer((incoming, outgoing) => {
      const forwarded = httpRequest(
        { host: "127.0.0.1", port: simulator.port, path: incoming.url, method: incoming.method, headers: {
          ...incoming.headers,
          host: "sts.amazonaws.com"
        } },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
          answer.pipe(outgoing)
        }
      )
      incoming.pipe(forwarded)
    })
    await new Promise<void>((resolve) => void proxy.listen(0, "127.0.0.1", resolve))
    const global = await new STSClient({
      ...connect(simulator),
      endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    }).send(new AssumeRoleCommand({ RoleArn: role("Open"), RoleSessionName: "survey" }))
    proxy.closeAllConnections()
    proxy.close()
    const regional = await assume(simulator, {})
    const topics = (session: AssumeRoleCommandOutput, region: string) =>
      new SNSClient(connect(simulator, region, keysOf(session))).send(new ListTopicsCommand({}))
    await topics(regional, "af-south-1")
    await topics(global, "eu-west-1")
    assert.strictEqual((await refused(topics(global, "af-south-1"))).name, "InvalidClientTokenId")
  })
})
