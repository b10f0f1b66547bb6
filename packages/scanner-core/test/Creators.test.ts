import { AccountId, RegionId, type Resource, ResourceType } from "@cadastre/model"
import { Creators } from "@cadastre/scanner-core"
import { assert, describe, it } from "@effect/vitest"

const accountId = AccountId.make("111122223333")
const region = RegionId.make("eu-west-1")

const resource = (type: string, id: string, more: Partial<Resource> = {}): Resource => ({
  arn: `arn:aws:${type.split(":")[0]}:eu-west-1:111122223333:${id}`,
  id,
  type: ResourceType.ResourceType.make(type),
  service: type.split(":")[0]!,
  accountId,
  region,
  tags: {},
  attributes: {},
  sources: ["service-api"],
  observedAt: "2026-11-21T00:00:00.000Z",
  ...more
})

const user = { type: "IAMUser", arn: "arn:aws:iam::111122223333:user/ann", userName: "ann" }

const made = (
  resources: ReadonlyArray<Resource>,
  name: string,
  record: object,
  { source = "ec2", time = "2026-11-20T12:00:00Z", named = [] as ReadonlyArray<string> } = {}
) => {
  const known = new Map<string, Array<Resource>>()
  for (const one of resources) for (const key of [one.arn, one.id]) known.set(key, [...known.get(key) ?? [], one])
  const found = Creators.madeBy({
    EventName: name,
    EventSource: `${source}.amazonaws.com`,
    EventTime: new Date(time),
    Resources: named.map((ResourceName) => ({ ResourceName })),
    CloudTrailEvent: JSON.stringify({ userIdentity: user, ...record })
  }, known)
  return Object.fromEntries(found.map(([arn, creator]) => [arn.split(":").slice(5).join(":"), creator]))
}

/** As AWS's documentation has it, with the network that it was put in, which nobody named. */
const launched = {
  requestParameters: { instancesSet: { items: [{ imageId: "ami-0abc" }] }, instanceType: "t3.micro" },
  responseElements: {
    reservationId: "r-0123",
    groupSet: {},
    instancesSet: {
      items: [{
        instanceId: "i-0123",
        imageId: "ami-0abc",
        vpcId: "vpc-0123",
        subnetId: "subnet-0123",
        groupSet: { items: [{ groupId: "sg-0123" }] },
        networkInterfaceSet: { items: [{ networkInterfaceId: "eni-0123", subnetId: "subnet-0123" }] }
      }]
    }
  }
}

describe("who made what", () => {
  it("is the caller, of what is made and of nothing else that the call names", () => {
    const all = [
      resource("ec2:instance", "i-0123"),
      resource("ec2:network-interface", "eni-0123"),
      resource("ec2:vpc", "vpc-0123"),
      resource("ec2:subnet", "subnet-0123"),
      resource("ec2:security-group", "sg-0123"),
      resource("ec2:image", "ami-0abc")
    ]
    assert.deepStrictEqual(made(all, "RunInstances", launched), { "i-0123": user.arn, "eni-0123": user.arn })
    const snapshot = { requestParameters: { volumeId: "vol-1" }, responseElements: { snapshotId: "snap-1", volumeId: "vol-1" } }
    assert.deepStrictEqual(
      made([resource("ec2:volume", "vol-1"), resource("ec2:snapshot", "snap-1")], "CreateSnapshot", snapshot),
      { "snap-1": user.arn }
    )
    assert.deepStrictEqual(made([resource("ec2:route-table", "rtb-1")], "CreateRoute", { requestParameters: { routeTableId: "rtb-1" } }), {})
    assert.deepStrictEqual(made([resource("ec2:volume", "vol-1")], "CreateTags", { requestParameters: { resourcesSet: { items: [{ resourceId: "vol-1" }] } } }), {})
    assert.deepStrictEqual(made([resource("iam:user", "ann")], "CreateAccessKey", { requestParameters: { userName: "ann" } }, { source: "iam" }), {})
  })

  it("is found by the names that services give", () => {
    const cases: ReadonlyArray<readonly [type: string, id: string, event: string, source: string, request: object]> = [
      ["s3:bucket", "logs", "CreateBucket", "s3", { bucketName: "logs" }],
      ["lambda:function", "fn", "CreateFunction20150331", "lambda", { functionName: "fn" }],
      ["rds:db", "db-1", "CreateDBInstance", "rds", { dBInstanceIdentifier: "db-1" }],
      ["rds:db", "db-1", "RestoreDBInstanceFromDBSnapshot", "rds", { dBInstanceIdentifier: "db-1", dBSnapshotIdentifier: "s" }],
      ["rds:cluster", "c-1", "CreateDBCluster", "rds", { dBClusterIdentifier: "c-1" }],
      ["cloudfront:distribution", "E1", "CreateDistributionWithTags", "cloudfront", { distribution: { id: "E1" } }],
      ["autoscaling:group", "asg", "CreateAutoScalingGroup", "autoscaling", { autoScalingGroupName: "asg" }],
      ["ec2:elastic-ip", "eipalloc-1", "AllocateAddress", "ec2", { allocationId: "eipalloc-1" }],
      ["acm:certificate", "arn:aws:acm:eu-west-1:111122223333:certificate/1", "RequestCertificate", "acm", { arn: "arn:aws:acm:eu-west-1:111122223333:certificate/1" }],
      ["cloudwatch:alarm", "none", "PutMetricAlarm", "monitoring", { alarmName: "other" }]
    ]
    for (const [type, id, event, source, responseElements] of cases) {
      const one = resource(type, id)
      const found = made([one], event, { responseElements }, { source })
      assert.strictEqual(Object.keys(found).length, type === "cloudwatch:alarm" ? 0 : 1, `${event} of ${type}`)
    }
    assert.deepStrictEqual(made([resource("sqs:queue", "q")], "CreateQueue", {}, { source: "sns", named: ["q"] }), {})
    assert.deepStrictEqual(Object.keys(made([resource("sqs:queue", "q")], "CreateQueue", {}, { source: "sqs", named: ["q"] })), ["q"])
  })

  it("is nobody where the call failed, or made what was there already", () => {
    const at = (createdAt: string) => [resource("ecs:cluster", "main", { createdAt })]
    const call = { responseElements: { cluster: { clusterName: "main" } } }
    assert.deepStrictEqual(made(at("2026-11-20T12:00:05Z"), "CreateCluster", call, { source: "ecs" }), { main: user.arn })
    assert.deepStrictEqual(made(at("2026-11-20T11:50:00Z"), "CreateCluster", call, { source: "ecs" }), { main: user.arn })
    assert.deepStrictEqual(made(at("2026-11-19T12:00:00Z"), "CreateCluster", call, { source: "ecs" }), {})
    assert.deepStrictEqual(made(at("2026-11-20T12:00:05Z"), "CreateCluster", { ...call, errorCode: "AccessDenied" }, { source: "ecs" }), {})
  })

  it("is the person of a session that bears a name, the role of one that is numbered, and no service of AWS", () => {
    const session = (role: string, name: string) => ({
      type: "AssumedRole",
      arn: `arn:aws:sts::111122223333:assumed-role/${role}/${name}`,
      sessionContext: { sessionIssuer: { arn: `arn:aws:iam::111122223333:role/ci/${role}` } }
    })
    const by = (userIdentity: object) =>
      made([resource("ec2:instance", "i-0123")], "RunInstances", { ...launched, userIdentity })["i-0123"]
    assert.strictEqual(by(session("Deploy", "run-4711")), "arn:aws:iam::111122223333:role/ci/Deploy")
    assert.strictEqual(by(session("Admin", "ann@example.com")), session("Admin", "ann@example.com").arn)
    assert.strictEqual(by(session("AWSReservedSSO_Admin_01", "ann")), session("AWSReservedSSO_Admin_01", "ann").arn)
    assert.isUndefined(by(session("AWSServiceRoleForAutoScaling", "AutoScaling")))
    assert.isUndefined(by({ type: "AWSService", invokedBy: "autoscaling.amazonaws.com" }))
    assert.isUndefined(by({ type: "IAMUser" }))
    assert.isUndefined(by({ type: 7, arn: 8 }))
  })

  it("is nobody where the record is none of CloudTrail's", () => {
    const deep = (depth: number): unknown => depth === 0 ? "i-0123" : [deep(depth - 1)]
    const all = new Map([["i-0123", [resource("ec2:instance", "i-0123")]]])
    for (const CloudTrailEvent of ["", "{", "null", "[]", JSON.stringify({ userIdentity: null }), " ".repeat(2_000_000)]) {
      assert.deepStrictEqual(Creators.madeBy({ EventName: "RunInstances", EventSource: "ec2.amazonaws.com", CloudTrailEvent }, all), [])
    }
    assert.deepStrictEqual(Creators.madeBy({}, all), [])
    assert.deepStrictEqual(made([resource("ec2:instance", "i-0123")], "RunInstances", { responseElements: deep(500) }), {})
    assert.deepStrictEqual(made([resource("ec2:instance", "constructor")], "constructor", launched), {})
  })
})
