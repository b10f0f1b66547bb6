import { Arn } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as fc from "fast-check"

const partitions = ["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"]

const arns: fc.Arbitrary<Arn.Arn> = fc.record({
  partition: fc.constantFrom(...partitions),
  service: fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/),
  region: fc.constantFrom("", "us-east-1", "us-gov-west-1", "cn-northwest-1", "eusc-de-east-1", "ap-southeast-7"),
  accountId: fc.oneof(fc.constantFrom("", "aws"), fc.stringMatching(/^[0-9]{12}$/)),
  resource: fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 })
})

/** Text, its partition, Region, account, and the parts of its resource. */
const table: ReadonlyArray<
  readonly [
    arn: string,
    partition: string,
    region: string,
    accountId: string,
    type: string | undefined,
    id: string,
    qualifier?: string
  ]
> = [
  ["arn:aws:s3:::my.bucket-1", "aws", "", "", undefined, "my.bucket-1"],
  ["arn:aws:s3:::bucket/some/key", "aws", "", "", undefined, "bucket/some/key"],
  ["arn:aws-cn:s3:::bucket", "aws-cn", "", "", undefined, "bucket"],
  ["arn:aws:sns:us-east-1:111122223333:alarms", "aws", "us-east-1", "111122223333", undefined, "alarms"],
  ["arn:aws:sns:us-east-1:111122223333:alarms.fifo", "aws", "us-east-1", "111122223333", undefined, "alarms.fifo"],
  [
    "arn:aws-us-gov:sqs:us-gov-west-1:111122223333:jobs",
    "aws-us-gov",
    "us-gov-west-1",
    "111122223333",
    undefined,
    "jobs"
  ],
  ["arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc", "aws", "eu-west-1", "111122223333", "instance", "i-0abc"],
  ["arn:aws:ec2:us-east-1::image/ami-0abc", "aws", "us-east-1", "", "image", "ami-0abc"],
  ["arn:aws-cn:ec2:cn-north-1:111122223333:volume/vol-1", "aws-cn", "cn-north-1", "111122223333", "volume", "vol-1"],
  [
    "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/web/50dc6c495c0c9188",
    "aws",
    "us-east-1",
    "111122223333",
    "loadbalancer",
    "app/web/50dc6c495c0c9188"
  ],
  [
    "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/net/tcp/50dc6c495c0c9188",
    "aws",
    "us-east-1",
    "111122223333",
    "loadbalancer",
    "net/tcp/50dc6c495c0c9188"
  ],
  [
    "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/classic",
    "aws",
    "us-east-1",
    "111122223333",
    "loadbalancer",
    "classic"
  ],
  ["arn:aws:lambda:us-east-1:111122223333:function:pay", "aws", "us-east-1", "111122223333", "function", "pay"],
  [
    "arn:aws:lambda:us-east-1:111122223333:function:pay:live",
    "aws",
    "us-east-1",
    "111122223333",
    "function",
    "pay",
    "live"
  ],
  [
    "arn:aws:lambda:us-east-1:111122223333:function:pay:$LATEST",
    "aws",
    "us-east-1",
    "111122223333",
    "function",
    "pay",
    "$LATEST"
  ],
  ["arn:aws:lambda:us-east-1:111122223333:layer:deps:3", "aws", "us-east-1", "111122223333", "layer", "deps", "3"],
  [
    "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/pay:*",
    "aws",
    "us-east-1",
    "111122223333",
    "log-group",
    "/aws/lambda/pay",
    "*"
  ],
  [
    "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/pay",
    "aws",
    "us-east-1",
    "111122223333",
    "log-group",
    "/aws/lambda/pay"
  ],
  ["arn:aws:apigateway:us-east-1::/restapis/a1b2c3", "aws", "us-east-1", "", "restapis", "a1b2c3"],
  [
    "arn:aws:apigateway:us-east-1::/restapis/a1b2c3/stages/prod",
    "aws",
    "us-east-1",
    "",
    "restapis",
    "a1b2c3/stages/prod"
  ],
  [
    "arn:aws:iam::111122223333:role/service-role/deep/path/Deploy",
    "aws",
    "",
    "111122223333",
    "role",
    "service-role/deep/path/Deploy"
  ],
  ["arn:aws:iam::aws:policy/ReadOnlyAccess", "aws", "", "aws", "policy", "ReadOnlyAccess"],
  ["arn:aws:iam::111122223333:root", "aws", "", "111122223333", undefined, "root"],
  [
    "arn:aws:sts::111122223333:assumed-role/Deploy/ci@example.com",
    "aws",
    "",
    "111122223333",
    "assumed-role",
    "Deploy/ci@example.com"
  ],
  ["arn:aws:rds:us-east-1:111122223333:db:orders", "aws", "us-east-1", "111122223333", "db", "orders"],
  [
    "arn:aws:rds:us-east-1:111122223333:snapshot:rds:orders-2026-01-01",
    "aws",
    "us-east-1",
    "111122223333",
    "snapshot",
    "rds:orders-2026-01-01"
  ],
  [
    "arn:aws:autoscaling:us-east-1:111122223333:autoScalingGroup:930d940e:autoScalingGroupName/web/blue",
    "aws",
    "us-east-1",
    "111122223333",
    "autoScalingGroup",
    "930d940e:autoScalingGroupName/web/blue"
  ],
  ["arn:aws:route53:::hostedzone/Z2FDTNDATAQYW2", "aws", "", "", "hostedzone", "Z2FDTNDATAQYW2"],
  [
    "arn:aws:dynamodb:us-east-1:111122223333:table/orders/index/by-day",
    "aws",
    "us-east-1",
    "111122223333",
    "table",
    "orders/index/by-day"
  ],
  [
    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db/pass-a1b2c3",
    "aws",
    "eu-west-1",
    "111122223333",
    "secret",
    "db/pass-a1b2c3"
  ]
]

describe("Arn", () => {
  it("parse ∘ format is the identity, whatever the resource part holds", () => {
    fc.assert(
      fc.property(arns, (arn) => {
        assert.deepStrictEqual(Arn.parse(Arn.format(arn)), Option.some(arn))
      }),
      { numRuns: 500 }
    )
  })

  it("format ∘ parse is the identity on every text that is an ARN, and parse never throws", () => {
    const pieces = fc.array(
      fc.oneof(fc.constantFrom("arn", "aws", "s3", "", "us-east-1", "111122223333", "/", "*"), fc.string())
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          pieces.map((all) => all.join(":"))
        ),
        (text) => {
          const arn = Arn.parse(text)
          if (Option.isSome(arn)) assert.strictEqual(Arn.format(arn.value), text)
        }
      ),
      { numRuns: 1000 }
    )
  })

  it.each(table)("%s", (text = "", ...[partition, region, accountId, type, id, qualifier]) => {
    const arn = Option.getOrThrow(Arn.parse(text))
    assert.deepStrictEqual([arn.partition, arn.region, arn.accountId], [partition, region, accountId])
    assert.strictEqual(Arn.format(arn), text)
    assert.deepStrictEqual(Arn.resourceOf(arn), {
      ...(type === undefined ? {} : { type }),
      id,
      ...(qualifier === undefined ? {} : { qualifier })
    })
  })

  it.each([
    "",
    "arn",
    "arn:aws",
    "arn:aws:s3:::",
    "arn:aws:ec2:us-east-1:111122223333",
    "arn:aws:ec2:us-east-1:11112222333:instance/i-1",
    "arn:aws:ec2:us-east-1:1111222233334:instance/i-1",
    "arn:gcp:ec2:us-east-1:111122223333:instance/i-1",
    "ARN:aws:ec2:us-east-1:111122223333:instance/i-1",
    " arn:aws:s3:::bucket",
    "arn:aws:EC2:us-east-1:111122223333:instance/i-1",
    "arn:aws:ec2:us east 1:111122223333:instance/i-1",
    "https://example.com/arn:aws:s3:::bucket"
  ])("is none: %j", (text) => {
    assert.isTrue(Option.isNone(Arn.parse(text)))
  })

  it("is none when longer than AWS allows, and does not take long to say so", () => {
    const head = "arn:aws:s3:::"
    assert.isTrue(Option.isSome(Arn.parse(head + "x".repeat(2048 - head.length))))
    assert.isTrue(Option.isNone(Arn.parse(head + "x".repeat(2049 - head.length))))
    assert.isTrue(Option.isNone(Arn.parse("arn:aws" + "-".repeat(5_000_000))))
    assert.isTrue(Option.isNone(Arn.parse("arn:aws:" + "a-".repeat(2_500_000))))
  })
})
