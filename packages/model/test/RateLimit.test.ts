import { rateLimitOf } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"

describe("rateLimitOf", () => {
  // Amazon EC2 developer guide, "Request throttling": bucket size and refill rate.
  it("EC2: 100 and 20 for each operation; 50 and 10 without page size, filter or ids", () => {
    const paged = rateLimitOf("ec2", "DescribeInstances")
    const unpaged = rateLimitOf("ec2", "DescribeInstances", { unpaginated: true })
    assert.deepInclude(paged, { capacity: 100, refillPerSecond: 20 })
    assert.deepInclude(unpaged, { capacity: 50, refillPerSecond: 10 })
    assert.notStrictEqual(paged.bucket, unpaged.bucket)
    assert.notStrictEqual(paged.bucket, rateLimitOf("ec2", "DescribeVolumes").bucket)
    // Not one of the seven that have the smaller bucket.
    assert.deepStrictEqual(
      rateLimitOf("ec2", "DescribeAddresses", { unpaginated: true }),
      rateLimitOf("ec2", "DescribeAddresses")
    )
  })

  it.each([
    ["tagging", "GetResources", 15],
    ["tagging", "GetTagKeys", 5],
    ["lambda", "ListFunctions", 15],
    ["lambda", "GetFunction", 100],
    ["sns", "ListTopics", 30],
    ["dynamodb", "ListTagsOfResource", 10],
    ["sts", "AssumeRole", 600],
    ["resource-explorer-2", "Search", 5],
    ["resource-explorer-2", "ListResources", 3],
    ["organizations", "ListAccounts", 8],
    ["organizations", "DescribeOrganization", 1],
    ["route53", "ListHostedZones", 5],
    ["acm", "ListCertificates", 8],
    ["apigateway", "GetRestApis", 10],
    ["cloudtrail", "LookupEvents", 2],
    ["cloudtrail", "ListTrails", 10],
    ["cognito-idp", "ListUserPools", 15],
    ["ec2", "DescribeCapacityBlockOfferings", 0.15],
    ["elasticmapreduce", "ListClusters", 0.5],
    ["events", "ListRules", 50],
    ["firehose", "ListDeliveryStreams", 5],
    ["kinesis", "ListStreams", 5],
    ["kms", "ListKeys", 500],
    ["logs", "DescribeLogGroups", 10],
    ["logs", "ListTagsForResource", 5],
    ["monitoring", "DescribeAlarms", 9],
    ["states", "ListTagsForResource", 1],
    ["wafv2", "ListWebACLs", 5]
  ] as const)("%s %s: %d a second, as AWS publishes", (service, operation, rate) => {
    assert.deepInclude(rateLimitOf(service, operation), { refillPerSecond: rate, published: true })
  })

  it.each(["iam", "route53", "cloudfront", "organizations", "ce"])("%s counts the calls of the whole account", (service) => {
    assert.strictEqual(rateLimitOf(service, "ListSomething").scope, "account")
    assert.strictEqual(rateLimitOf("ec2", "ListSomething").scope, "region")
  })

  it("what AWS does not publish is marked as a guess", () => {
    for (const service of ["rds", "iam", "s3", "ce", "brand-new"]) {
      assert.isFalse(rateLimitOf(service, "ListSomething").published)
    }
    assert.isFalse(rateLimitOf("dynamodb", "ListTables").published)
    assert.isTrue(rateLimitOf("dynamodb", "ListTagsOfResource").published)
  })

  it("kinds of operations that AWS counts together share one bucket", () => {
    assert.strictEqual(rateLimitOf("ecs", "ListTasks").bucket, rateLimitOf("ecs", "DescribeTasks").bucket)
    assert.notStrictEqual(rateLimitOf("ecs", "ListTasks").bucket, rateLimitOf("ecs", "ListServices").bucket)
    assert.strictEqual(rateLimitOf("apigateway", "GetRestApis").bucket, rateLimitOf("apigateway", "GetApis").bucket)
  })

  it("services with one limit for all operations share one bucket, save those with their own", () => {
    assert.strictEqual(rateLimitOf("lambda", "ListFunctions").bucket, rateLimitOf("lambda", "ListTags").bucket)
    assert.notStrictEqual(rateLimitOf("lambda", "ListFunctions").bucket, rateLimitOf("lambda", "GetFunction").bucket)
    assert.strictEqual(rateLimitOf("sts", "AssumeRole").bucket, rateLimitOf("sts", "GetCallerIdentity").bucket)
  })

  it("a service that nobody knows has a limit too, and no inherited one", () => {
    for (const service of ["brand-new", "", "__proto__", "constructor"]) {
      for (const operation of ["List", "", "__proto__", "toString"]) {
        const limit = rateLimitOf(service, operation, { unpaginated: true })
        assert.isAbove(limit.capacity, 0)
        assert.isAbove(limit.refillPerSecond, 0)
        assert.strictEqual(limit.bucket, operation)
      }
    }
    assert.deepInclude(rateLimitOf("ec2", "__proto__"), { capacity: 100, refillPerSecond: 20 })
    assert.deepInclude(rateLimitOf("tagging", "constructor"), { capacity: 5, refillPerSecond: 5 })
  })
})
