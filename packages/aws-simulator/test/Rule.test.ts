import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Simulator, type SimulatorOptions } from "../src/index.ts"

const account = "111122223333"

const using = <A>(options: SimulatorOptions, use: (simulator: Simulator["Service"]) => Promise<A>) =>
  Effect.scoped(Effect.flatMap(
    Simulator.make({ estate: { regions: ["us-east-1", "eu-west-1"], counts: { "sns:topic": 5 } }, ...options }),
    (simulator) => Effect.promise(() => use(simulator))
  ))

describe("rules", () => {
  const outcomes = async (simulator: Simulator["Service"], count: number, region = "us-east-1") => {
    const credentials = simulator.credentials()
    const client = new SNSClient({ endpoint: simulator.url, region, credentials, maxAttempts: 1 })
    const seen: Array<string> = []
    for (let at = 0; at < count; at++) {
      seen.push(await client.send(new ListTopicsCommand({})).then(() => ".", () => "x"))
    }
    return seen.join("")
  }

  it.live("after, upTo and every number the calls that match", () =>
    using({}, async (simulator) => {
      const lift = simulator.rule({ match: { after: 2, upTo: 5 }, fault: { type: "throttle" } })
      assert.strictEqual(await outcomes(simulator, 8), "..xxx...")
      lift()
      simulator.rule({ match: { after: 1, every: 3 }, fault: { type: "throttle" } })
      assert.strictEqual(await outcomes(simulator, 9), ".x..x..x.")
    }))

  it.live("from and until are times of the simulator's clock", () =>
    using({ now: () => 0, rules: [{ match: { from: 1000, until: 2000 }, fault: { type: "throttle" } }] },
      async (simulator) => {
        const seen: Array<string> = []
        for (let at = 0; at < 5; at++, simulator.advance(500)) seen.push(await outcomes(simulator, 1))
        assert.strictEqual(seen.join(""), "..xx.")
      }))

  it.live("numbers by operation do not mind what goes on elsewhere", () =>
    using({ rules: [{ match: { per: "operation", nth: 2 }, fault: { type: "throttle" } }] }, async (simulator) => {
      assert.strictEqual(await outcomes(simulator, 1), ".")
      assert.strictEqual(await outcomes(simulator, 3, "eu-west-1"), ".x.")
      assert.strictEqual(await outcomes(simulator, 2), "x.")
    }))

  it.live("several names, wildcards, and a share of the places", () =>
    using({}, async (simulator) => {
      const several = simulator.rule({
        match: { region: ["eu-*", "ap-*"], service: "s?s", operation: ["List*"] },
        fault: { type: "throttle" }
      })
      // `?` is no wildcard here.
      assert.strictEqual(await outcomes(simulator, 1, "eu-west-1"), ".")
      several()
      simulator.rule({ match: { region: ["eu-*", "ap-*"], operation: ["*Topics"] }, fault: { type: "throttle" } })
      assert.strictEqual(await outcomes(simulator, 1, "eu-west-1") + await outcomes(simulator, 1), "x.")
      const none = simulator.rule({ match: { share: 0 }, fault: { type: "deny" } })
      assert.strictEqual(await outcomes(simulator, 1), ".")
      none()
      simulator.rule({ match: { share: 1 }, fault: { type: "deny" } })
      assert.strictEqual(await outcomes(simulator, 1), "x")
    }))

  it.live("the log says what befell which call, and how; reset forgets it", () =>
    using({ now: () => 5000 }, async (simulator) => {
      simulator.rule({ match: { nth: 2 }, fault: { type: "slow", milliseconds: 1 } })
      simulator.rule({ match: { nth: 2 }, fault: { type: "throttle" } })
      simulator.rule({ match: { nth: 3 }, fault: { type: "reset" } })
      // Never decides: the reset comes first.
      simulator.rule({ match: { nth: 3 }, fault: { type: "malformed" } })
      simulator.advance(7)
      assert.strictEqual(await outcomes(simulator, 4), ".xx.")
      const where = { accountId: account, region: "us-east-1", service: "sns", operation: "ListTopics", at: 7 }
      assert.deepStrictEqual(simulator.faults(), [
        { ...where, call: 2, fault: { type: "slow", milliseconds: 1 }, effect: "delayed" },
        { ...where, call: 2, fault: { type: "throttle" }, effect: "refused" },
        { ...where, call: 3, fault: { type: "reset" }, effect: "broken" }
      ])
      simulator.reset()
      assert.deepStrictEqual(simulator.faults(), [])
    }))
})
