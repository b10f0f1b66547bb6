import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { call, connect } from "./Connection.ts"

const types = ["ec2:instance", "ec2:volume", "sns:topic", "sqs:queue", "rds:db", "lambda:function", "dynamodb:table"]

describe("what could not be seen, in words", () => {
  it.live("a Region that refuses everything is one line, before any figure; all its cells are in the answer", () =>
    Effect.gen(function*() {
      const { client, simulator } = yield* connect()
      simulator.rule({ match: { region: "eu-west-1" }, fault: { type: "deny", by: "scp" } })
      const { structured, text } = yield* call(client, "check_tag_compliance", { resource_types: types })
      const unseen = structured.coverage.unseen.filter(({ region }: { readonly region: string }) => region === "eu-west-1")
      const lines = text.split("\n").filter((line) => line.includes("eu-west-1"))
      const told = lines.filter((line) => line.startsWith("- **eu-west-1: denied by a service control policy**"))
      assert.lengthOf(told, 1)
      assert.include(told[0], `${unseen.length} cells: all ${unseen.length} types (`)
      assert.lengthOf(unseen, types.length)
      assert.isFalse(structured.coverage.unseen_truncated)
      assert.isAtMost(lines.length, 3)
      assert.isBelow(text.indexOf("- **eu-west-1"), text.indexOf("Compliance score"))
    }))
})
