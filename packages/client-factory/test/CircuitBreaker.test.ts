import { AccessDenied, AwsError, ExpiredToken, InvalidCredentials, Network, NotFound, RegionId, Throttled, TimedOut } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { makeCircuitBreakers } from "../src/index.ts"

const region = RegionId.make("eu-west-1")

const call = (service: string, operation = "List", accountId = "111122223333") =>
  ({ accountId, region, service, operation, unpaginated: false })

const failed = (reason: AwsError["reason"], operation = "x:List") => new AwsError({ operation, region, reason })

const denied = failed(new AccessDenied({ message: "no", byScp: false }))
const silent = failed(new TimedOut({ message: "no answer within 30 s" }))
const reset = failed(new Network({ message: "socket hang up" }))
const strange = failed(new InvalidCredentials({ message: "unknown key" }))
const expired = failed(new ExpiredToken({ message: "over" }))

describe("CircuitBreaker", () => {
  it("lets every call through as long as nothing failed", () => {
    const breakers = makeCircuitBreakers()
    breakers.ended(call("ec2"), undefined, 0)
    assert.isUndefined(breakers.refusal(call("ec2"), 0))
    assert.isUndefined(breakers.refusal(call("sqs"), 0))
  })

  it("leaves an operation alone that was denied 20 times and never allowed, and no other", () => {
    const breakers = makeCircuitBreakers()
    for (let i = 0; i < 19; i++) breakers.ended(call("sqs", "ListQueueTags"), denied, 0)
    assert.isUndefined(breakers.refusal(call("sqs", "ListQueueTags"), 0))
    breakers.ended(call("sqs", "ListQueueTags"), denied, 0)
    assert.strictEqual(breakers.refusal(call("sqs", "ListQueueTags"), 0)?.reason._tag, "AccessDenied")
    assert.isUndefined(breakers.refusal(call("sqs", "ListQueues"), 0))
    // Permission does not come back by waiting.
    assert.isDefined(breakers.refusal(call("sqs", "ListQueueTags"), 3_600_000))
  })

  it("goes on asking where some resources are denied and others not", () => {
    const breakers = makeCircuitBreakers()
    breakers.ended(call("sqs", "ListQueueTags"), undefined, 0)
    for (let i = 0; i < 100; i++) breakers.ended(call("sqs", "ListQueueTags"), denied, 0)
    assert.isUndefined(breakers.refusal(call("sqs", "ListQueueTags"), 0))
  })

  it("asks the tagging API once", () => {
    const breakers = makeCircuitBreakers()
    breakers.ended(call("tagging", "GetResources"), denied, 0)
    assert.isDefined(breakers.refusal(call("tagging", "GetResources"), 0))
  })

  it("leaves a service alone that did not answer three calls, and tries it every ten seconds", () => {
    const breakers = makeCircuitBreakers()
    for (const error of [silent, reset, silent]) {
      assert.isUndefined(breakers.refusal(call("ec2"), 0))
      breakers.ended(call("ec2"), error, 0)
    }
    assert.strictEqual(breakers.refusal(call("ec2"), 9_999)?.reason._tag, "TimedOut")
    assert.isUndefined(breakers.refusal(call("sqs"), 9_999))
    assert.isUndefined(breakers.refusal(call("ec2"), 10_000))
    assert.isDefined(breakers.refusal(call("ec2"), 10_001))
    breakers.ended(call("ec2"), undefined, 10_100)
    assert.isUndefined(breakers.refusal(call("ec2"), 10_101))
  })

  it("takes a Region for dead in which three services do not answer, until one does", () => {
    const breakers = makeCircuitBreakers()
    for (const service of ["ec2", "sqs", "sns"]) {
      assert.isUndefined(breakers.refusal(call("rds"), 0))
      for (let i = 0; i < 3; i++) breakers.ended(call(service), silent, 0)
    }
    // What was never asked is asked once, and not again.
    assert.isUndefined(breakers.refusal(call("rds"), 1))
    assert.isDefined(breakers.refusal(call("rds"), 1, true))
    assert.isUndefined(breakers.refusal({ ...call("rds"), region: "us-east-1" }, 1, true))
    assert.isUndefined(breakers.refusal(call("rds", "List", "444455556666"), 1, true))
    breakers.ended(call("rds"), silent, 1)
    assert.isDefined(breakers.refusal(call("rds"), 1))
    breakers.ended(call("rds"), undefined, 2)
    assert.isUndefined(breakers.refusal(call("lambda"), 3))
  })

  it("takes a Region for off that knows the credentials nowhere", () => {
    const breakers = makeCircuitBreakers()
    for (const service of ["ec2", "sqs", "sns"]) {
      for (let i = 0; i < 3; i++) breakers.ended(call(service), strange, 0)
    }
    assert.isUndefined(breakers.refusal(call("rds"), 3_600_000))
    breakers.ended(call("rds"), strange, 3_600_000)
    assert.strictEqual(breakers.refusal(call("rds"), 7_200_000)?.reason._tag, "InvalidCredentials")
  })

  it("takes an answer for a sign of life, whatever it says", () => {
    const breakers = makeCircuitBreakers()
    const answers = [
      failed(new NotFound({ message: "gone", code: "NotFound" })),
      failed(new Throttled({ message: "slow down" })),
      denied
    ]
    for (const answer of answers) {
      breakers.ended(call("ec2"), silent, 0)
      breakers.ended(call("ec2"), silent, 0)
      breakers.ended(call("ec2", "Other"), answer, 0)
    }
    assert.isUndefined(breakers.refusal(call("ec2"), 0))
  })

  it("calls nothing of a Region where the session is over, and asks the others", () => {
    const breakers = makeCircuitBreakers()
    for (const service of ["a", "b", "c"]) breakers.ended(call(service), expired, 0)
    assert.strictEqual(breakers.refusal(call("z"), 0)?.reason._tag, "ExpiredToken")
    assert.isUndefined(breakers.refusal({ ...call("z"), region: "ap-south-2" }, 0))
    assert.isUndefined(breakers.refusal(call("z", "List", "444455556666"), 0))
  })

  it("never keeps anybody from what was not asked yet, unless the session is over", () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(
          fc.constantFrom("a", "b", "c", "d"),
          fc.constantFrom("List", "Get"),
          fc.constantFrom(undefined, denied, silent, reset, strange)
        ), { maxLength: 60 }),
        (history) => {
          const breakers = makeCircuitBreakers()
          history.forEach(([service, operation, error], at) => breakers.ended(call(service, operation), error, at))
          for (const service of ["a", "b", "c", "d", "e"]) {
            assert.isUndefined(breakers.refusal(call(service, "Other"), history.length))
          }
        }
      ),
      { numRuns: 200 }
    ))

  it("never keeps anybody from what was answered last", () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(
          fc.constantFrom("a", "b", "c", "d"),
          fc.constantFrom("List", "Get"),
          fc.constantFrom(undefined, denied, silent, reset, strange, expired)
        )),
        fc.constantFrom("a", "b", "c", "d"),
        (history, service) => {
          const breakers = makeCircuitBreakers()
          history.forEach(([service, operation, error], at) => breakers.ended(call(service, operation), error, at))
          breakers.ended(call(service), undefined, history.length)
          assert.isUndefined(breakers.refusal(call(service), history.length))
        }
      ),
      { numRuns: 200 }
    ))
})
