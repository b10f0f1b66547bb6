import { DescribeVolumesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda"
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs"
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { PolicyDocument, Simulator, type SimulatorOptions } from "../src/index.ts"

const [first, second] = ["111122223333", "222233334444"] as const
const estate = { accounts: [first, second], regions: ["us-east-1"], resources: 20 } as const

const using = <A>(options: SimulatorOptions, use: (simulator: Simulator["Service"]) => Promise<A>) =>
  Effect.scoped(Effect.flatMap(
    Simulator.make({ estate, ...options }),
    (simulator) => Effect.promise(() => use(simulator))
  ))

type Keys = ReturnType<Simulator["Service"]["credentials"]>

const clients = (simulator: Simulator["Service"], credentials: Keys = simulator.credentials()) => {
  const to = { endpoint: simulator.url, region: "us-east-1", credentials, maxAttempts: 1 }
  return {
    volumes: () => new EC2Client(to).send(new DescribeVolumesCommand({ MaxResults: 5 })),
    topics: () => new SNSClient(to).send(new ListTopicsCommand({})),
    queues: () => new SQSClient(to).send(new ListQueuesCommand({})),
    functions: () => new LambdaClient(to).send(new ListFunctionsCommand({})),
    identity: () => new STSClient(to).send(new GetCallerIdentityCommand({})),
    assume: async (role: string, Policy?: string): Promise<Keys> => {
      const { Credentials } = await new STSClient(to).send(
        new AssumeRoleCommand({ RoleArn: role, RoleSessionName: "survey", Policy })
      )
      return {
        accessKeyId: Credentials?.AccessKeyId ?? "",
        secretAccessKey: Credentials?.SecretAccessKey ?? "",
        sessionToken: Credentials?.SessionToken ?? ""
      }
    }
  }
}

const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(() => "allowed", (error: Error) => error.message)

const role = (account: string, name: string) => `arn:aws:iam::${account}:role/${name}`

describe("permissions", () => {
  it.live("by account: deny lists, with AWS's wildcards, whatever is allowed; the identity is free", () =>
    using({
      allow: { [first]: ["*"] },
      access: { [first]: { deny: ["SNS:*", "lambda:List?unctions", "sts:*"] }, [second]: { allow: ["sqs:List*"] } }
    }, async (simulator) => {
      const one = clients(simulator)
      assert.strictEqual(await messageOf(one.volumes()), "allowed")
      assert.match(await messageOf(one.topics()), /SNS:ListTopics with an explicit deny in an identity-based policy$/u)
      assert.match(await messageOf(one.functions()), /with an explicit deny in an identity-based policy$/u)
      assert.strictEqual(await messageOf(one.identity()), "allowed")
      const other = clients(simulator, simulator.credentials(second))
      assert.strictEqual(await messageOf(other.queues()), "allowed")
      assert.match(await messageOf(other.volumes()), /because no identity-based policy allows the ec2:DescribeVolumes/u)
      assert.match(
        await messageOf(other.assume(role(second, "Audit"))),
        /sts:AssumeRole on resource: arn:aws:iam::222233334444:role\/Audit because no identity-based policy allows/u
      )
    }))

  it.live("by role: what names it stands instead of what its account allows; sessions are judged as the role", () =>
    using({
      access: {
        [first]: { allow: ["sts:AssumeRole", "sqs:*"] },
        [role(first, "Audit")]: { allow: ["ec2:Describe*"] },
        [role(first, "*Limited")]: { allow: ["*"], boundary: ["lambda:*"] },
        [role("*", "Audit")]: { deny: ["lambda:*"] }
      }
    }, async (simulator) => {
      const user = clients(simulator)
      assert.strictEqual(await messageOf(user.queues()), "allowed")
      assert.notStrictEqual(await messageOf(user.volumes()), "allowed")
      const audit = clients(simulator, await user.assume(role(first, "Audit")))
      assert.strictEqual(await messageOf(audit.volumes()), "allowed")
      assert.match(await messageOf(audit.queues()), /because no identity-based policy allows the sqs:listqueues/u)
      assert.match(await messageOf(audit.functions()), /with an explicit deny in an identity-based policy$/u)
      const limited = clients(simulator, await user.assume(role(first, "VeryLimited")))
      assert.strictEqual(await messageOf(limited.functions()), "allowed")
      assert.match(await messageOf(limited.queues()), /because no permissions boundary allows the sqs:listqueues/u)
    }))

  it.live("service control policies: denied, or not allowed, before all that the account allows", () =>
    using({
      allow: { [first]: ["*"], [second]: ["ec2:*"] },
      scps: {
        [first]: { deny: ["lambda:*"], policy: "arn:aws:organizations::111122223333:policy/o-a/scp/p-1" },
        [second]: { allow: ["sqs:*", "ec2:*"] }
      }
    }, async (simulator) => {
      const one = clients(simulator)
      assert.match(
        await messageOf(one.functions()),
        /with an explicit deny in a service control policy: arn:aws:organizations::111122223333:policy\/o-a\//u
      )
      assert.strictEqual(await messageOf(one.topics()), "allowed")
      const other = clients(simulator, simulator.credentials(second))
      assert.strictEqual(await messageOf(other.volumes()), "allowed")
      assert.match(await messageOf(other.topics()), /because no service control policy allows the SNS:ListTopics/u)
      // The SCP allows it; the account does not.
      assert.match(await messageOf(other.queues()), /because no identity-based policy allows/u)
    }))

  it.live("a session policy confines the session, and never widens it", () =>
    using({ access: { [role(first, "Audit")]: { allow: ["ec2:*", "sns:*"] } } }, async (simulator) => {
      const policy = JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Action: ["ec2:Describe*", "sqs:*"], Resource: "*" },
          { Effect: "Deny", Action: "sts:AssumeRole", Resource: "*" }
        ]
      })
      const session = clients(simulator, await clients(simulator).assume(role(first, "Audit"), policy))
      assert.strictEqual(await messageOf(session.volumes()), "allowed")
      assert.match(await messageOf(session.topics()), /because no session policy allows the SNS:ListTopics action$/u)
      assert.match(await messageOf(session.queues()), /because no identity-based policy allows/u)
      assert.match(
        await messageOf(session.assume(role(first, "Audit"))),
        /with an explicit deny in a session policy$/u
      )
      assert.strictEqual(await messageOf(session.identity()), "allowed")
    }))
})

describe("PolicyDocument", () => {
  const one = (statement: Readonly<Record<string, unknown>>) => ({ Version: "2012-10-17", Statement: statement })
  const { evaluate } = PolicyDocument

  it("an explicit deny wins, an allow is needed", () => {
    const document = {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: ["ec2:Describe*", "s3:Get?bject"], Resource: "*" },
        { Effect: "Deny", Action: "ec2:DescribeSnapshots", Resource: "*" }
      ]
    }
    assert.strictEqual(evaluate(document, "ec2:DescribeVolumes", "*"), "allow")
    assert.strictEqual(evaluate(document, "EC2:describevolumes", "*"), "allow")
    assert.strictEqual(evaluate(document, "ec2:DescribeSnapshots", "*"), "deny")
    assert.strictEqual(evaluate(document, "ec2:RunInstances", "*"), "none")
    assert.strictEqual(evaluate(document, "s3:GetObject", "arn:aws:s3:::a/b"), "allow")
    assert.strictEqual(evaluate(document, "s3:GetbigObject", "*"), "none")
    assert.strictEqual(evaluate(JSON.stringify(document), "ec2:DescribeVolumes", "*"), "allow")
  })

  it("NotAction and NotResource are all the others", () => {
    const deny = one({ Effect: "Deny", NotAction: ["iam:*", "sts:*"], Resource: "*" })
    assert.strictEqual(evaluate(deny, "iam:ListRoles", "*"), "none")
    assert.strictEqual(evaluate(deny, "ec2:DescribeVolumes", "*"), "deny")
    const allow = one({ Effect: "Allow", Action: "*", NotResource: "arn:aws:s3:::secret/*" })
    assert.strictEqual(evaluate(allow, "s3:GetObject", "arn:aws:s3:::secret/a"), "none")
    assert.strictEqual(evaluate(allow, "s3:GetObject", "arn:aws:s3:::open/a"), "allow")
  })

  it("resources fit part by part of their ARN", () => {
    const of = (Resource: string) => one({ Effect: "Allow", Action: "*", Resource })
    const audit = role(first, "path/Audit")
    assert.strictEqual(evaluate(of("arn:aws:iam::*:role/*Audit"), "sts:AssumeRole", audit), "allow")
    assert.strictEqual(evaluate(of("arn:aws:iam::11112222333?:role/path/*"), "sts:AssumeRole", audit), "allow")
    assert.strictEqual(evaluate(of("arn:aws:iam::222233334444:role/*"), "sts:AssumeRole", audit), "none")
    assert.strictEqual(evaluate(of("arn:aws:iam::*:role/audit"), "sts:AssumeRole", role(first, "Audit")), "none")
    // No wildcard reaches over a colon into the next part.
    assert.strictEqual(evaluate(of("arn:aws:*:role/path/Audit:x:y"), "sts:AssumeRole", audit), "none")
    assert.strictEqual(evaluate(of(audit), "sts:AssumeRole", "*"), "none")
    assert.strictEqual(evaluate(of("arn:aws:sns:*:*:*"), "sns:Publish", "arn:aws:sns:a:1:b:c"), "allow")
  })

  it("what it does not understand it refuses, rather than judge by half of it", () => {
    const allow = { Effect: "Allow", Action: "*", Resource: "*" }
    const wrong: ReadonlyArray<unknown> = [
      undefined,
      "{",
      [],
      {},
      { Statement: [] , Extra: 1 },
      { Version: "2011-01-01", Statement: allow },
      one({ ...allow, Condition: { StringEquals: { "aws:RequestedRegion": "eu-west-1" } } }),
      one({ ...allow, Principal: "*" }),
      one({ ...allow, Effect: "allow" }),
      one({ ...allow, NotAction: "ec2:*" }),
      one({ Effect: "Allow", Action: "*" }),
      one({ ...allow, Action: [] }),
      one({ ...allow, Action: [1] }),
      one({ ...allow, Action: "DescribeVolumes" }),
      one({ ...allow, Resource: "arn:aws:s3:::${aws:username}/*" }),
      one({ ...allow, Resource: "bucket" })
    ]
    for (const document of wrong) {
      assert.throws(() => evaluate(document, "ec2:X", "*"), PolicyDocument.PolicyDocumentError, undefined,
        JSON.stringify(document))
    }
  })

  it("agrees with a reading of wildcards by hand", () => {
    /** The textbook's: character by character, no regular expression. */
    const fits = (pattern: string, text: string): boolean =>
      pattern === ""
        ? text === ""
        : pattern[0] === "*"
        ? fits(pattern.slice(1), text) || (text !== "" && fits(pattern, text.slice(1)))
        : text !== "" && (pattern[0] === "?" || pattern[0] === text[0]) && fits(pattern.slice(1), text.slice(1))
    const letters = (alphabet: string, max: number) =>
      fc.array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: max }).map((all) => all.join(""))
    fc.assert(fc.property(letters("ab*?", 6), letters("ab", 8), (pattern, name) => {
      const document = one({ Effect: "Deny", Action: `x:${pattern}`, Resource: "*" })
      assert.strictEqual(evaluate(document, `X:${name}`, "*") === "deny", fits(pattern, name))
    }), { numRuns: 1000 })
  })
})
