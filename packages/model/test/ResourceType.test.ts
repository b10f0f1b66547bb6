import { ResourceType } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"

/** How the reference systems, CloudFormation and the tagging API write them. */
const aliases: ReadonlyArray<readonly [written: string, type: string]> = [
  ["EC2:Instance", "ec2:instance"],
  [" s3:bucket\n", "s3:bucket"],
  ["autoscaling:asg", "autoscaling:group"],
  ["autoscaling:autoScalingGroup", "autoscaling:group"],
  ["autoscaling:autoscaling-group", "autoscaling:group"],
  ["ec2:ami", "ec2:image"],
  ["ec2:ebs-volume", "ec2:volume"],
  ["ec2:ebs-snapshot", "ec2:snapshot"],
  ["ec2:eip", "ec2:elastic-ip"],
  ["elasticip:address", "ec2:elastic-ip"],
  ["ec2:nat-gateway", "ec2:natgateway"],
  ["vpc:nat_gateway", "ec2:natgateway"],
  ["ec2:security_group", "ec2:security-group"],
  ["vpc:vpc", "ec2:vpc"],
  ["vpc:subnet", "ec2:subnet"],
  ["elbv2:targetgroup", "elasticloadbalancing:targetgroup"],
  ["elbv2:loadbalancer", "elasticloadbalancing:loadbalancer"],
  ["rds:db-instance", "rds:db"],
  ["rds:instance", "rds:db"],
  ["rds:database", "rds:db"],
  ["rds:db-cluster", "rds:cluster"],
  ["route53:hostedzone", "route53:hosted-zone"],
  ["stepfunctions:state-machine", "states:state-machine"],
  ["es:domain", "opensearch:domain"],
  ["elasticfilesystem:file-system", "efs:file-system"],
  ["elasticmapreduce:cluster", "emr:cluster"],
  ["kinesisfirehose:deliveryStream", "firehose:delivery-stream"],
  ["ec2:networkInterface", "ec2:network-interface"],
  ["elasticloadbalancingv2:listenerRule", "elasticloadbalancing:listener-rule"],
  ["docdb:cluster", "rds:cluster"],
  ["neptune:cluster", "rds:cluster"],
  ["wafv2:webacl", "wafv2:web-acl"],
  ["cognito:user-pool", "cognito-idp:userpool"],
  ["vpc:vpc_endpoint", "ec2:vpc-endpoint"]
]

describe("ResourceType", () => {
  it.each(aliases)("%j is %s", (written, type) => {
    assert.strictEqual(ResourceType.normalise(written), type)
    assert.strictEqual(ResourceType.normalise(written.toUpperCase()), type)
    assert.isTrue(Schema.is(ResourceType.ResourceType)(type))
  })

  it.each([
    ["elbv2", "elasticloadbalancing"],
    ["ELBv2:*", "elasticloadbalancing:*"],
    ["stepfunctions", "states"],
    ["es:*", "opensearch:*"],
    ["elasticfilesystem", "efs"]
  ])("all of a service: %j is %s", (written, service) => {
    assert.strictEqual(ResourceType.normalise(written), service)
  })

  it("normalise is idempotent, and knows no names that it inherited", () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom("__proto__", "constructor", "toString", ...aliases.map(([written]) => written))
    )
    fc.assert(
      fc.property(text, (written) => {
        const once = ResourceType.normalise(written)
        assert.isString(once)
        assert.strictEqual(ResourceType.normalise(once), once)
      }),
      { numRuns: 300 }
    )
  })

  it("serviceOf", () => {
    assert.strictEqual(ResourceType.serviceOf("ec2:instance"), "ec2")
    assert.strictEqual(ResourceType.serviceOf("resource-explorer-2:index"), "resource-explorer-2")
  })

  it.each([
    "",
    "ec2",
    "ec2:",
    ":instance",
    "ec2:Instance",
    "EC2:instance",
    "ec2:*",
    "*",
    "all",
    "ec2:a b",
    "ec2:instance:x",
    "__proto__:x",
    "ec2:instance\n"
  ])("%j is no resource type", (text) => {
    assert.isFalse(Schema.is(ResourceType.ResourceType)(text))
  })
})
