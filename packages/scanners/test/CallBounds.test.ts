import { Estate } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { catalog } from "../src/catalog.ts"
import { accounts, regions, survey } from "./Survey.ts"

/**
 * The largest page that AWS gives of each type, from the API references: types that one list finds, its items complete.
 * `tags`: the list has none, and they are read a hundred resources a call.
 */
const pages: Readonly<Record<string, readonly [size: number, tags?: "tags"]>> = {
  "acm:certificate": [1000, "tags"],
  "apigateway:restapi": [500],
  "apigatewayv2:api": [500],
  "athena:workgroup": [50, "tags"],
  "autoscaling:group": [100],
  "autoscaling:launch-configuration": [100],
  "backup:vault": [1000, "tags"],
  "batch:job-queue": [100],
  "bedrock:agent": [1000, "tags"],
  "bedrock:knowledge-base": [1000, "tags"],
  "cloudformation:stack": [100],
  "cloudfront:distribution": [100, "tags"],
  "cloudtrail:trail": [Infinity, "tags"],
  "cloudwatch:alarm": [100, "tags"],
  "codepipeline:pipeline": [1000, "tags"],
  "cognito-identity:identitypool": [60, "tags"],
  "cognito-idp:userpool": [60, "tags"],
  "dynamodb:table": [100, "tags"],
  "ec2:dhcp-options": [1000],
  "ec2:elastic-ip": [Infinity],
  "ec2:image": [1000],
  "ec2:instance": [1000],
  "ec2:internet-gateway": [1000],
  "ec2:key-pair": [Infinity],
  "ec2:launch-template": [200],
  "ec2:natgateway": [1000],
  "ec2:network-acl": [1000],
  "ec2:network-interface": [1000],
  "ec2:route-table": [100],
  "ec2:security-group": [1000],
  "ec2:snapshot": [1000],
  "ec2:subnet": [1000],
  "ec2:transit-gateway": [1000],
  "ec2:volume": [1000],
  "ec2:vpc": [1000],
  "ec2:vpc-endpoint": [1000],
  "ec2:vpc-peering-connection": [1000],
  "ec2:vpn-connection": [Infinity],
  "ecr:repository": [1000, "tags"],
  "ecs:capacity-provider": [10],
  "efs:file-system": [100],
  "elasticache:cluster": [100, "tags"],
  "elasticache:replicationgroup": [100, "tags"],
  "elasticloadbalancing:classic-loadbalancer": [400, "tags"],
  "elasticloadbalancing:loadbalancer": [400, "tags"],
  "elasticloadbalancing:targetgroup": [400, "tags"],
  "events:event-bus": [100, "tags"],
  "firehose:delivery-stream": [10_000, "tags"],
  "glue:crawler": [1000, "tags"],
  "glue:database": [100, "tags"],
  "glue:job": [1000, "tags"],
  "iam:policy": [1000, "tags"],
  "iam:role": [1000],
  "iam:user": [1000],
  "kafka:cluster": [100],
  "kinesis:stream": [100, "tags"],
  "lambda:function": [50, "tags"],
  "logs:log-group": [50, "tags"],
  "mq:broker": [100, "tags"],
  "rds:cluster": [100],
  "rds:cluster-snapshot": [100],
  "rds:db": [100],
  "rds:snapshot": [100],
  "redshift:cluster": [100],
  "route53:hosted-zone": [100, "tags"],
  "sagemaker:endpoint": [100, "tags"],
  "sagemaker:notebook-instance": [100, "tags"],
  "secretsmanager:secret": [100],
  "sns:topic": [100, "tags"],
  "sqs:queue": [1000, "tags"],
  "ssm:parameter": [50, "tags"],
  "states:state-machine": [1000, "tags"]
}

/** More than most pages hold, and no round number. */
const size = 230

const callsOf = (count: number, page: number) => Math.max(1, Math.ceil(count / page))

describe("calls", () => {
  it.live("no type takes more than its pages, and a call to the tagging API for every hundred resources", () =>
    Effect.gen(function*() {
      const types = Object.keys(pages)
      assert.isAtLeast(types.length, 40)
      const estate = Estate.make({
        accounts,
        regions,
        counts: Object.fromEntries(catalog.filter(({ type }) => types.includes(type)).map(({ scope, type }) =>
          [type, scope === "global" ? { global: size } : { "eu-west-1": size }] as const
        ))
      })
      const { cells } = yield* survey(types, { estate })
      const made = cells.filter(({ region }) => region !== "us-east-1").map(({ calls, outcome, type }) => `${type} ${outcome} in ${calls}`)
      const least = types.map((type) => {
        const [page, tags] = pages[type]!
        return `${type} scanned in ${callsOf(size, page) + (tags === undefined ? 0 : callsOf(size, 100))}`
      })
      assert.sameMembers(made, least)
    }), 60_000)

  it.live("of those that take several steps, none takes more than its lists, its batches and its tags", () =>
    Effect.gen(function*() {
      const one = (count: number) => ({ "eu-west-1": count })
      const estate = Estate.make({
        accounts,
        regions,
        counts: {
          "codebuild:project": one(size),
          "ecs:cluster": one(4),
          "ecs:service": one(size),
          "eks:cluster": one(5),
          "eks:nodegroup": one(15),
          "opensearch:domain": one(size),
          "glue:database": one(3),
          "glue:table": one(size),
          "events:event-bus": one(2),
          "events:rule": one(size)
        }
      })
      const { cells, resources } = yield* survey([
        "codebuild:project", "ecs:cluster", "ecs:service", "eks:cluster", "eks:nodegroup", "opensearch:domain", "glue:table",
        "events:rule"
      ], { estate })
      const calls = new Map(cells.filter(({ region }) => region === "eu-west-1").map(({ calls, type }) => [type as string, calls]))
      /** How many resources each parent holds. */
      const held = (type: string, parentOf: (arn: string) => string | undefined) =>
        [...Map.groupBy(resources.filter((one) => one.type === type), ({ arn }) => parentOf(arn)).values()]
          .map(({ length }) => length)
      const sum = (counts: ReadonlyArray<number>, calls: (count: number) => number) =>
        counts.reduce((total, count) => total + calls(count), 0)

      assert.strictEqual(calls.get("codebuild:project"), 3 + 3)
      assert.strictEqual(calls.get("ecs:cluster"), 1 + 1)
      assert.strictEqual(calls.get("eks:cluster"), 1 + 5)
      assert.strictEqual(calls.get("eks:nodegroup"), 1 + 5 + 15)
      assert.strictEqual(calls.get("opensearch:domain"), 1 + 230 / 5 + 3)
      const services = held("ecs:service", (arn) => arn.split("/").at(-2))
      assert.isAtMost(services.length, 4)
      // Services that are gone for good are not listed; those that AWS still lists were described ten at a time.
      assert.strictEqual(
        calls.get("ecs:service"),
        1 + sum(services, (count) => callsOf(count, 100)) + sum(services, (count) => callsOf(count, 10))
      )
      const tables = held("glue:table", (arn) => arn.split("/").at(-2))
      assert.strictEqual(calls.get("glue:table"), 1 + sum(tables, (count) => callsOf(count, 100)))
      const rules = held("events:rule", (arn) => arn.split("/").slice(1, -1).join("/"))
      assert.strictEqual(calls.get("events:rule"), 1 + sum(rules, (count) => callsOf(count, 100)) + 3)
    }), 60_000)
})
