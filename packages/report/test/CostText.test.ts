import { assert, describe, it } from "@effect/vitest"
import * as CostText from "../src/CostText.ts"
import * as ScoreText from "../src/ScoreText.ts"

const period = { start: "2026-10-01", end: "2026-10-31" }

describe("costs in words", () => {
  it("that are not known are called so, with the reason, and have no amount", () => {
    const facts = CostText.facts({ status: "unknown", reason: "Cost unknown: denied", period })
    assert.deepStrictEqual(facts.map(([, value]) => value), ["unknown, from 2026-10-01 to 2026-10-31 (not included)", "Cost unknown: denied"])
    assert.isEmpty(CostText.rows({ status: "unknown", reason: "", period }, 10))
  })

  it("never round what is something to nothing, nor what is not all to all", () => {
    assert.strictEqual(CostText.amount(0.001, "USD"), "less than 0.01 USD")
    assert.strictEqual(CostText.amount(0, "USD"), "0.00 USD")
    assert.strictEqual(CostText.amount(-0.001, "USD"), "more than -0.01 USD")
    assert.strictEqual(CostText.amount(-1234.5, "USD"), "-1,234.50 USD")
    assert.strictEqual(CostText.amount(1234567.891, "CNY"), "1,234,567.89 CNY")
    assert.strictEqual(ScoreText.money(12.5), "12.50 USD")
    assert.strictEqual(ScoreText.money(12.5, "CNY"), "12.50 CNY")
    assert.strictEqual(ScoreText.money(null, "CNY"), "unknown")
    const facts = Object.fromEntries(CostText.facts({
      status: "known",
      currency: "USD",
      period,
      source: "focus",
      total: 100,
      attributable: 60,
      gap: 40,
      gapPercent: 40,
      gapByKind: { noTag: 30, wrongValue: 0, notActivated: 10, notBackfilled: 0 },
      untaggable: 0,
      notApplicable: 0,
      unseen: 0,
      spendWeightedScore: 0.9999,
      spendWeightedScoreBounds: { lowest: 0.00001, highest: 0.9999 },
      violatingResources: 3,
      violatingUnpriced: 1,
      violatingKnown: 40,
      costliest: [],
      topByCost: [],
      unknownAccounts: [],
      notUsed: [],
      notes: [],
      paid: { calls: 0, usd: 0 }
    }))
    assert.strictEqual(facts["Score by spend"], "99.9%, between 0.1% and 99.9% with what is not known or estimated")
    assert.strictEqual(facts["Not compliant"], "3 resources, 40.00 USD without the 1 of unknown cost")
    // What is compliant and yet no one's on the bill is told apart from what is not.
    assert.strictEqual(facts["Attribution gap"], "40.00 USD (40.0%): 30.00 USD without a tag, 10.00 USD of tags that the bill does not show")
    assert.include(facts.Spend, "by FOCUS files")
    assert.notProperty(facts, "Asking cost")
  })
})
