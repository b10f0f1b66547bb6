import { ResourceType } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { ChangeEvents } from "../src/index.ts"

/** Types of the catalogue as it is and as it may become, and one that nobody knows. */
const entries = ([
  ["autoscaling:group", "AWS::AutoScaling::AutoScalingGroup"],
  ["cloudwatch:alarm", "AWS::CloudWatch::Alarm"],
  ["ec2:elastic-ip", "AWS::EC2::EIP"],
  ["ec2:image", "Own::EC2::Image"],
  ["ec2:instance", "AWS::EC2::Instance"],
  ["ec2:network-interface", "AWS::EC2::NetworkInterface"],
  ["ec2:security-group", "AWS::EC2::SecurityGroup"],
  ["ec2:snapshot", "AWS::EC2::Snapshot"],
  ["ec2:subnet", "AWS::EC2::Subnet"],
  ["ec2:volume", "AWS::EC2::Volume"],
  ["efs:file-system", "AWS::EFS::FileSystem"],
  ["elasticloadbalancing:classic-loadbalancer", "AWS::ElasticLoadBalancing::LoadBalancer"],
  ["elasticloadbalancing:loadbalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer"],
  ["elasticloadbalancing:targetgroup", "AWS::ElasticLoadBalancingV2::TargetGroup"],
  ["iam:role", "AWS::IAM::Role"],
  ["kms:key", "AWS::KMS::Key"],
  ["own:thing", "Own::Thing::Type"],
  ["rds:cluster", "AWS::RDS::DBCluster"],
  ["rds:db", "AWS::RDS::DBInstance"],
  ["s3:bucket", "AWS::S3::Bucket"],
  ["sns:topic", "AWS::SNS::Topic"]
] as const).map(([type, cloudFormation]) => ({
  type: ResourceType.ResourceType.make(type),
  cloudFormation,
  scope: "regional" as const
}))

const all = entries.map(({ type }): string => type)
const of = (service: string): Array<string> => all.filter((type) => type.startsWith(`${service}:`))

/** What an event changes. `record` is what CloudTrail writes besides the names. */
const changes = (
  source: string,
  EventName: string,
  record: object | string = {},
  resources: ReadonlyArray<string> = []
): Array<string> =>
  ChangeEvents.changed({
    EventName,
    EventSource: `${source}.amazonaws.com`,
    Resources: resources.map((ResourceType) => ({ ResourceType })),
    CloudTrailEvent: typeof record === "string" ? record : JSON.stringify(record)
  }, entries).map(({ type }) => type)

const tagsOfIds = (...ids: ReadonlyArray<string>) => ({
  requestParameters: { resourcesSet: { items: ids.map((resourceId) => ({ resourceId })) }, tagSet: { items: [] } }
})

describe("an event of CloudTrail", () => {
  it("changes every type of its service, by whatever name the service logs", () => {
    assert.sameMembers(changes("ec2", "CreateVpc"), of("ec2"))
    const named = { requestParameters: { dBInstanceIdentifier: "a" } }
    assert.sameMembers(changes("rds", "CreateDBInstance", named), of("rds"))
    assert.sameMembers(changes("monitoring", "PutMetricAlarm"), of("cloudwatch"))
    assert.sameMembers(changes("elasticfilesystem", "CreateFileSystem"), of("efs"))
    assert.sameMembers(changes("s3", "PutBucketTagging"), of("s3"))
  })

  it("changes no type of other services", () => {
    assert.isEmpty(changes("signin", "ConsoleLogin"))
    assert.isEmpty(changes("sts", "AssumeRoleWithSAML"))
    assert.isEmpty(changes("glue", "CreateJob"))
    // Somebody else's service may end like one of ours.
    assert.isEmpty(changes("not-ec2", "RunInstances"))
  })

  it("changes the types of the resources that CloudTrail names, whatever the service", () => {
    assert.sameMembers(changes("servicecatalog", "ProvisionProduct", {}, ["AWS::SNS::Topic", "AWS::EC2::Volume"]), [
      "ec2:volume",
      "sns:topic"
    ])
    assert.sameMembers(changes("rds", "CopyDBClusterSnapshot", {}, ["AWS::KMS::Key"]), [...of("rds"), "kms:key"])
  })

  it("of EC2 that is known to touch few types changes those, with the disks that CloudTrail keeps silent about", () => {
    // A type by a name that the tables do not know may be touched by anything.
    const unnamed = "ec2:image"
    const launched = ["ec2:elastic-ip", "ec2:instance", "ec2:network-interface", "ec2:subnet", "ec2:volume", unnamed]
    assert.sameMembers(changes("ec2", "RunInstances", {}, ["AWS::EC2::Instance", "AWS::EC2::SecurityGroup"]), launched)
    assert.sameMembers(changes("ec2", "TerminateInstances"), launched)
    assert.sameMembers(changes("ec2", "CreateSnapshot"), ["ec2:snapshot", unnamed])
    assert.sameMembers(changes("ec2", "AuthorizeSecurityGroupIngress"), ["ec2:security-group", unnamed])
  })

  it("that tags changes what it names: by id in EC2, by ARN elsewhere", () => {
    assert.sameMembers(
      changes("ec2", "CreateTags", tagsOfIds("vol-0abc", "sg-01")),
      ["ec2:volume", "ec2:security-group", "ec2:image"]
    )
    assert.sameMembers(changes("ec2", "DeleteTags", tagsOfIds("vol-0abc", "odd-01")), of("ec2"))
    assert.sameMembers(changes("ec2", "CreateTags", tagsOfIds()), of("ec2"))
    assert.sameMembers(changes("ec2", "CreateTags", { requestParameters: { resourcesSet: "i-1" } }), of("ec2"))
    const ofRds = (resource: string) => {
      const resourceName = `arn:aws:rds:us-east-1:111122223333:${resource}`
      return changes("rds", "AddTagsToResource", { requestParameters: { resourceName } })
    }
    assert.sameMembers(ofRds("db:a"), ["rds:db"])
    assert.sameMembers(ofRds("og:a"), of("rds"))
    // Classic load balancers have the ARNs of the others.
    assert.sameMembers(
      changes("elasticloadbalancing", "AddTags", {
        requestParameters: { resourceArns: ["arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/a"] }
      }),
      ["elasticloadbalancing:classic-loadbalancer", "elasticloadbalancing:loadbalancer"]
    )
    assert.sameMembers(
      changes("elasticloadbalancing", "AddTags", { requestParameters: { loadBalancerNames: ["a"] } }),
      of("elasticloadbalancing")
    )
    // KMS names the key by its id.
    assert.sameMembers(changes("kms", "TagResource", { requestParameters: { keyId: "1234", tags: [] } }), of("kms"))
  })

  it("of the tag editor changes the types of all its ARNs, and everything where one cannot be read", () => {
    const edit = (...resourceARNList: ReadonlyArray<unknown>) =>
      changes("tagging", "TagResources", { requestParameters: { resourceARNList, tags: { Owner: "me" } } })
    assert.sameMembers(
      edit("arn:aws:ec2:us-east-1:111122223333:volume/vol-1", "arn:aws:s3:::bucket"),
      ["ec2:volume", "s3:bucket"]
    )
    assert.sameMembers(edit("arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/fs-1"), of("efs"))
    assert.sameMembers(edit("arn:aws:rds:us-east-1:111122223333:secgrp:x"), of("rds"))
    assert.isEmpty(edit("arn:aws:glue:us-east-1:111122223333:job/x"))
    assert.sameMembers(edit("arn:aws:sns:us-east-1:111122223333:a", "no arn"), all)
    assert.sameMembers(edit("arn:aws:sns:us-east-1:111122223333:a", 7), all)
    assert.sameMembers(edit(), all)
    assert.sameMembers(changes("tagging", "UntagResources"), all)
    assert.sameMembers(changes("tagging", "TagResources", "{"), all)
  })

  it("that failed changes nothing, unless it may have been done", () => {
    const refusals = ["AccessDenied", "Client.UnauthorizedOperation", "Client.DryRunOperation", "ThrottlingException"]
    for (const errorCode of refusals) {
      assert.isEmpty(changes("ec2", "RunInstances", { errorCode }))
    }
    for (const errorCode of ["Server.InternalError", "InternalFailure", "ServiceUnavailable", "RequestTimeout"]) {
      assert.sameMembers(changes("rds", "CreateDBInstance", { errorCode }), of("rds"))
    }
    assert.sameMembers(changes("sns", "CreateTopic", { errorCode: null }), of("sns"))
    assert.sameMembers(changes("sns", "CreateTopic", { errorCode: 7 }), of("sns"))
  })

  it("that says nothing of a resource changes none", () => {
    assert.isEmpty(changes("kms", "CreateGrant"))
    assert.isEmpty(changes("logs", "CreateLogStream"))
  })

  it("without name or source changes everything", () => {
    assert.deepStrictEqual(ChangeEvents.changed({ EventName: "RunInstances" }, entries), entries)
    assert.deepStrictEqual(ChangeEvents.changed({ EventSource: "ec2.amazonaws.com" }, entries), entries)
  })

  it("can hold anything: what cannot be read changes every type of its service", () => {
    const hostile = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.json(),
      fc.anything().map((value) => JSON.stringify({ requestParameters: value })),
      fc.constant("[".repeat(100_000)),
      fc.constant(`{"__proto__":{"errorCode":"AccessDenied"}}`),
      fc.constant(`{"requestParameters":{"__proto__":{"resourceArn":"x"},"constructor":1}}`),
      fc.constant(`{"a":"${"x".repeat(1_100_000)}","errorCode":"AccessDenied"}`)
    )
    fc.assert(
      fc.property(
        hostile,
        fc.constantFrom("CreateVpc", "CreateTags", "constructor", "__proto__", "TagResource"),
        (text, name) => {
          assert.sameMembers(changes("ec2", name, text), of("ec2"))
          assert.isEmpty(changes("toString", name, text))
        }
      ),
      { numRuns: 300 }
    )
  })
})
