/** How often suggested tags are right, and whether their confidence keeps its word. */
import { Estate } from "@cadastre/aws-simulator"
import { AccountId, type Resource, ResourceType } from "@cadastre/model"
import { makeSuggester, type TagPolicy } from "@cadastre/policy"
import type { Figure } from "./Figure.ts"

const policy: TagPolicy = {
  required_tags: [
    { name: "Owner", validation_regex: "[^@ ]+@example\\.com" },
    { name: "Environment", allowed_values: ["production", "staging", "development", "test", "sandbox"] },
    { name: "CostCenter", validation_regex: "CC-[0-9]{4}" },
    { name: "Application" }
  ]
}

/** The estate as a complete scan would see it. */
const resourcesOf = (estate: Estate.Estate): ReadonlyArray<Resource> =>
  [...estate.resources()].map((resource) => ({
    ...resource,
    type: ResourceType.ResourceType.make(resource.type),
    accountId: AccountId.make(resource.accountId),
    region: resource.region as Resource["region"],
    createdAt: resource.createdAt.toISOString(),
    service: resource.type.split(":")[0]!,
    attributes: JSON.parse(JSON.stringify(resource.attributes)) as Resource["attributes"],
    sources: ["service-api"],
    observedAt: "2026-01-01T00:00:00Z",
    ...resource.mark === undefined ? {} : { marks: [resource.mark] }
  }))

/** What goes together is tagged alike nine times in ten; a tenth of the values is wrong, an eighth has no tags. */
const tags = { coherent: 0.9 }

export const run = (): Promise<ReadonlyArray<Figure>> => {
  const resources = resourcesOf(Estate.make({ seed: 11, resources: 20_000, tags }))
  const begun = performance.now()
  const suggester = makeSuggester(policy, resources)
  const learned = performance.now()
  const suggested = resources.reduce((sum, resource) => sum + suggester.suggest(resource).length, 0)
  const ended = performance.now()
  return Promise.resolve([
    ...suggester.backtest().flatMap(({ calibrationError, commonest, hitRate, sources, tag, tried }): ReadonlyArray<Figure> => [
      { name: `${tag}: tags tried`, value: tried, unit: "tags" },
      { name: `${tag}: hit rate`, value: rounded(hitRate), unit: "share" },
      { name: `${tag}: hit rate of the commonest value`, value: rounded(commonest), unit: "share" },
      { name: `${tag}: calibration error`, value: rounded(calibrationError), unit: "share" },
      ...sources.map((source) => ({
        name: `${tag}: ${source.source} alone (${source.tried})`,
        value: rounded(source.hitRate),
        unit: "share"
      }))
    ]),
    { name: "index of 20,000 resources", value: Math.round(learned - begun), unit: "ms" },
    { name: `${suggested} suggestions`, value: Math.round(ended - learned), unit: "ms" }
  ])
}

const rounded = (share: number): number => Math.round(share * 1000) / 1000
