import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { nameTokens, valueNamed } from "../src/NameTokens.ts"

const environments = ["production", "staging", "development", "test", "sandbox"]

describe("nameTokens", () => {
  for (
    const [name, tokens] of [
      ["payments-web-prod-01", ["payments", "web", "prod"]],
      ["paymentsApiProd", ["paymentsapiprod", "payments", "api", "prod"]],
      ["PAYMENTS_PROD", ["payments", "prod"]],
      ["i-0abc1234def567890", []],
      ["tgw-attach-0abc1234def567890", []],
      ["web-3f9a8b7c", ["web"]],
      ["", []]
    ] as const
  ) {
    it(`cuts ${JSON.stringify(name)} at what is no word`, () => assert.deepStrictEqual(nameTokens(name), [...tokens]))
  }

  it("`preprod` is not production", () => {
    for (const name of ["web-preprod-1", "web-pre-prod-1", "webPreProd", "web_nonprod", "web.non.prod", "web-not-prod"]) {
      for (const token of nameTokens(name)) assert.notStrictEqual(valueNamed(token, environments), "production", `${name}: ${token}`)
    }
    for (const name of ["web-prod-1", "prod", "WebProd", "live.web", "PRD_web"]) {
      assert.include(nameTokens(name).map((token) => valueNamed(token, environments)), "production", name)
    }
  })

  it("takes any text", () =>
    fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 400 }), (name) => {
      for (const token of nameTokens(name)) assert.match(token, /^[\p{L}\p{N}]+$/u)
    })))
})

describe("valueNamed", () => {
  it("takes the value itself first, in any spelling", () => {
    assert.strictEqual(valueNamed("prod", ["production", "prod"]), "prod")
    assert.strictEqual(valueNamed("preprod", ["Pre-Prod", "Production"]), "Pre-Prod")
  })

  it("says nothing where a word may stand for two values", () =>
    assert.isUndefined(valueNamed("dev", ["develop", "development"])))

  it("says nothing of words that stand for none", () => assert.isUndefined(valueNamed("web", environments)))
})
