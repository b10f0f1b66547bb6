import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { OpenOps } from "../src/index.ts"
import { judged, policies, tags, types } from "./Judge.ts"

interface Step {
  readonly type: string
  readonly settings: { readonly input: Readonly<Record<string, unknown>>; readonly sourceCode?: { readonly code: string } }
  readonly nextAction?: Step
}

type Code = (inputs: unknown) => Promise<{
  readonly judged: number
  readonly violations: ReadonlyArray<{ readonly arn: string; readonly tag: string; readonly rule: string; readonly severity: string }>
}>

const workflowOf = (text: string) => JSON.parse(text) as { readonly template: { readonly trigger: Step } }

const arns: Readonly<Record<string, string>> = {
  "ec2:instance": "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
  "s3:bucket": "arn:aws:s3:::bucket",
  "iam:role": "arn:aws:iam::111122223333:role/a/b",
  "rds:db": "arn:aws:rds:eu-west-1:111122223333:db:x"
}

describe("OpenOps", () => {
  it.effect("the workflow's code judges as the native validator does", () =>
    Effect.promise(async () => {
      const { settings } = workflowOf(OpenOps.export({ required_tags: [] }).result).template.trigger.nextAction!.nextAction!
      const { code } = await import(`data:text/javascript,${encodeURIComponent(settings.sourceCode!.code)}`) as { readonly code: Code }
      let found = 0
      await fc.assert(fc.asyncProperty(policies, tags, fc.constantFrom(...types), async (policy, resource, type) => {
        const step = workflowOf(OpenOps.export(policy).result).template.trigger.nextAction!.nextAction!
        const Tags = Object.entries(resource).map(([Key, Value]) => ({ Key, Value }))
        const answer = await code({ ...step.settings.input, resources: JSON.stringify({ ResourceTagMappingList: [{ ResourceARN: arns[type], Tags }] }) })
        assert.strictEqual(answer.judged, 1)
        assert.deepStrictEqual(answer.violations.map(({ rule, severity, tag }) => `${tag} ${rule} ${severity}`).toSorted(), judged(policy, type, resource))
        found += answer.violations.length
      }), { numRuns: 500 })
      assert.isAbove(found, 200)
    }))

  it.effect("nothing that was not seen is judged", () =>
    Effect.promise(async () => {
      const step = workflowOf(OpenOps.export({ required_tags: [{ name: "Owner" }] }).result).template.trigger.nextAction!.nextAction!
      const { code } = await import(`data:text/javascript,${encodeURIComponent(step.settings.sourceCode!.code)}`) as { readonly code: Code }
      for (const resources of ["An error occurred (AccessDenied)", "{}", null]) {
        const outcome = await code({ ...step.settings.input, resources }).then(() => "answered", () => "failed")
        assert.strictEqual(outcome, "failed")
      }
    }))

  it("asks the tagging API for the types that matter, and says whom that does not list", () => {
    const { dropped, result } = OpenOps.export({ required_tags: [{ name: "Owner", applies_to: ["states:*", "efs:file-system", "wafv2:web-acl"] }] })
    const { settings } = workflowOf(result).template.trigger.nextAction!
    assert.strictEqual(settings.input["commandToRun"],
      "aws resourcegroupstaggingapi get-resources --resource-type-filters elasticfilesystem:file-system states:stateMachine wafv2:web-acl --output json")
    assert.deepStrictEqual(dropped.map(({ what }) => what), ["resources that never had a tag", "required_tags Owner: wafv2:web-acl"])
  })

  it.effect("a workflow by others has no policy to read", () =>
    Effect.gen(function*() {
      const { issues } = yield* Effect.flip(OpenOps.import("{\n  \"template\": { \"trigger\": {} } }", { source: "w.json" }))
      assert.include(issues[0].message, "no policy in it that Cadastre wrote")
      assert.strictEqual(issues[0].line, 2)
    }))
})
