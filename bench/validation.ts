/**
 * `pnpm bench validation`: resources a second that one core judges, and that it
 * folds into a summary, by the sample policy (four required tags and an optional
 * one, with a regex and value lists).
 */
import { readFileSync } from "node:fs"
import { Aggregate, summaryOf } from "@cadastre/aggregation"
import { AccountId, type Cell, RegionId, type Resource, ResourceType, type ScanEvent } from "@cadastre/model"
import { compile, PolicyFile } from "@cadastre/policy"
import * as Effect from "effect/Effect"
import type { Figure } from "./Figure.ts"

const resources = 200_000
const rounds = 25

const cell: Cell = {
  accountId: AccountId.make("111122223333"),
  region: RegionId.make("eu-west-1"),
  type: ResourceType.ResourceType.make("ec2:instance")
}

/** Tags that the sample policy accepts; without `Owner` it does not. */
const tags = { Owner: "team@example.com", Environment: "production", CostCenter: "CC-1234", Application: "web", Name: "web-1" }

const resource = (index: number, compliant: boolean): Resource => ({
  ...cell,
  arn: `arn:aws:ec2:eu-west-1:111122223333:instance/i-${index}`,
  id: `i-${index}`,
  service: "ec2",
  tags: compliant ? { ...tags } : { ...tags, Owner: "nobody", Environment: "" },
  attributes: {},
  sources: ["service-api"],
  observedAt: "2026-01-01T00:00:00.000Z"
})

/** The best of the rounds: the others had to share the core. */
const perSecond = (count: number, work: () => void): number => {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now()
    work()
    best = Math.min(best, performance.now() - startedAt)
  }
  return Math.round(count / best * 1000)
}

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  const source = "samples/tagging_policy.json"
  const text = readFileSync(new URL(source, import.meta.resolve("@cadastre/policy/package.json")), "utf8")
  const policy = await Effect.runPromise(PolicyFile.load(text, { source }))
  const validator = compile(policy)
  const good = Array.from({ length: resources }, (_, index) => resource(index, true))
  const bad = Array.from({ length: resources }, (_, index) => resource(index, false))
  if (good.some((one) => validator.check(one)._tag !== "Compliant")) throw new Error("a resource that complies is said not to")
  if (bad.some((one) => validator.check(one).violations.length === 0)) throw new Error("a resource that does not comply is said to")

  const pages = Array.from({ length: resources / 100 }, (_, page): ScanEvent => ({
    _tag: "ResourcesFound",
    cell,
    resources: good.slice(page * 100, page * 100 + 100)
  }))
  const events = good.map((one): ScanEvent => ({ _tag: "ResourcesFound", cell, resources: [one] }))
  return [
    { name: "validation-compliant", value: perSecond(resources, () => good.forEach(validator.check)), unit: "resources/s (target ≥ 2,000,000)" },
    { name: "validation-violating", value: perSecond(resources, () => bad.forEach(validator.check)), unit: "resources/s (target ≥ 2,000,000)" },
    {
      name: "fold",
      value: perSecond(resources, () => {
        const fold = Aggregate.fold({ validator })
        pages.forEach(fold.add)
        summaryOf(fold.aggregate())
      }),
      unit: "resources/s, validated and folded in pages of 100"
    },
    {
      name: "fold-events",
      value: perSecond(resources, () => {
        const fold = Aggregate.fold()
        events.forEach(fold.add)
        summaryOf(fold.aggregate())
      }),
      unit: "events/s of one resource each (target ≥ 1,000,000)"
    }
  ]
}
