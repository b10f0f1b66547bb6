/**
 * What a check must find, worked out from the simulated estate itself: one
 * resource at a time, without scanners, policy engine or aggregation.
 */
import type { Estate } from "@cadastre/aws-simulator"

type Resource = Estate.EstateResource

const environments: ReadonlySet<string> = new Set(["production", "staging", "development", "test", "sandbox"])

/** IAM does not tell `owner` from `Owner`. */
const valueOf = ({ tags, type }: Resource, name: string): string | undefined => {
  if (Object.hasOwn(tags, name)) return tags[name]
  if (!type.startsWith("iam:")) return undefined
  return Object.entries(tags).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
}

const visible = (value: string | undefined): value is string => value !== undefined && /\S/u.test(value)

/** Types for which AWS's price list has nothing: they cost what is in them, or nothing at all. */
const free: ReadonlySet<string> = new Set(["autoscaling:group", "ec2:security-group", "ecs:cluster", "iam:role"])

export const isScored = ({ mark, type }: Resource): boolean => mark === undefined && !free.has(type)

export const isCompliant = (resource: Resource): boolean =>
  visible(valueOf(resource, "Owner")) && environments.has(valueOf(resource, "Environment") ?? "")

/** `ARN tag` of every rule that is broken with severity `error`. */
export const errorsOf = (resource: Resource): ReadonlyArray<string> => {
  if (!isScored(resource)) return []
  const errors: Array<string> = []
  if (!visible(valueOf(resource, "Owner"))) errors.push(`${resource.arn} Owner`)
  if (!environments.has(valueOf(resource, "Environment") ?? "")) errors.push(`${resource.arn} Environment`)
  return errors
}

const countBy = (names: ReadonlyArray<string>): Readonly<Record<string, number>> =>
  Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]))

export const figuresOf = (resources: ReadonlyArray<Resource>) => {
  const scored = resources.filter(isScored)
  const compliant = scored.filter(isCompliant)
  return {
    complianceScore: scored.length === 0 ? 1 : compliant.length / scored.length,
    totalResources: scored.length,
    compliantResources: compliant.length,
    notApplicable: resources.length - scored.length,
    notApplicableByReason: countBy(resources.filter((one) => !isScored(one)).map(({ mark }) => mark ?? "free")),
    resourcesFound: resources.length
  }
}
