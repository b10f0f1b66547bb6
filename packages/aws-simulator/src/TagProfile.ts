/**
 * How the tags of a simulated estate look.
 *
 * @since 0.1.0
 */
import { draw, hashText, pick, unit } from "./Hash.ts"

/**
 * Rates, each between 0 and 1.
 *
 * - `untagged`: resources without any tag (default 0.12); three in ten of these had tags once
 * - `partial`: of the others, those with only some of the four keys (0.25)
 * - `wrong`: of the others, those with one wrong or empty value (0.1)
 * - `wrongCase`: of the others, those whose keys are in another case (0.05)
 * - `cloudFormation`: of the others, those that a stack made (0.2)
 * - `hostile`: of the others, those with one awkward tag more (0.02)
 * - `twins`: of the others, those with a key twice, in two cases (0): AWS tells `Owner` and `owner` apart
 * - `crowded`: of the others, those with as many tags as AWS allows, the further ones as long as it allows (0)
 * - `coherent`: of the values, those that an application has in common (owner, cost center) or has in common in one
 *   account and Region (environment); the rest are drawn one by one (0)
 *
 * @since 0.1.0
 */
export interface TagProfile {
  readonly untagged: number
  readonly partial: number
  readonly wrong: number
  readonly wrongCase: number
  readonly cloudFormation: number
  readonly hostile: number
  readonly twins: number
  readonly crowded: number
  readonly coherent: number
}

/** @since 0.1.0 */
export const defaultTagProfile: TagProfile = {
  untagged: 0.12,
  partial: 0.25,
  wrong: 0.1,
  wrongCase: 0.05,
  cloudFormation: 0.2,
  hostile: 0.02,
  twins: 0,
  crowded: 0,
  coherent: 0
}

/** The most tags that a resource can carry. */
const mostTags = 50

/** @since 0.1.0 */
const applications: ReadonlyArray<string> = [
  "payments",
  "checkout",
  "catalog",
  "search",
  "ledger",
  "identity",
  "billing",
  "reporting",
  "ingest",
  "mobile-api",
  "fraud",
  "warehouse"
]

const owners = [
  "platform@example.com",
  "payments@example.com",
  "data@example.com",
  "sre@example.com",
  "identity@example.com",
  "alice.smith@example.com",
  "bjørn.åsen@example.com"
]
const environments = ["production", "production", "staging", "development", "test", "sandbox"]
const wrongEnvironments = ["Production", "prod", "live", "", "PROD ", "dev"]
const wrongCostCenters = ["", "1042", "cc-1042", "CC-1", "unknown", "n/a"]
const wrongOwners = ["", "nobody", "tbd", "alice", "ALICE.SMITH@EXAMPLE.COM"]

/**
 * Tags that break readers: reserved property names, markup, characters beyond
 * the Basic Multilingual Plane, spreadsheet formulas, AWS's longest key and
 * value, terminal escapes, and bidirectional overrides.
 *
 * @since 0.1.0
 */
export const hostileTags: ReadonlyArray<readonly [key: string, value: string]> = [
  ["__proto__", "polluted"],
  ["constructor", "prototype"],
  ["emoji \u{1f600}", "\u{1f468}\u200d\u{1f4bb} \u{20bb7} naïve — 日本語"],
  ["markup", "&amp;<>\"' ]]> <![CDATA[x]]> <!-- -->"],
  ["formula", "=1+1"],
  ["formula2", "@SUM(A1:A9)|cmd"],
  ["k".repeat(128), "v".repeat(256)],
  ["ansi", "\u001b[31mred\u001b[0m\u0007"],
  ["bidi", "abc\u202egnp.exe\u2066"],
  ["toString", "valueOf"],
  [" padded ", " leading and trailing "],
  ["percent %41+%2B", "a=b&c=d;e?f#g/h\\i"]
]

/** The application that a resource belongs to: part of its name, and of its tags if it has them. */
export const applicationOf = (hash: number): string => pick(hash, 1, applications)

/**
 * Whether the tagging API has ever seen a tag on this resource: it goes on
 * listing those that lost theirs.
 */
export const wasEverTagged = (hash: number, tags: ReadonlyArray<unknown>): boolean =>
  tags.length > 0 || unit(hash, 20) < 0.3

/** The tags of a resource, in AWS's order (which is none in particular). */
export const tagsOf = (
  hash: number,
  profile: TagProfile,
  place: number,
  name?: string
): ReadonlyArray<readonly [string, string]> => {
  if (unit(hash, 21) < profile.untagged) return []
  const partial = unit(hash, 22) < profile.partial
  const wrongCase = unit(hash, 23) < profile.wrongCase
  const wrong = unit(hash, 24) < profile.wrong ? draw(hash, 25) % 3 : -1
  const tags: Array<readonly [string, string]> = []
  if (name !== undefined && unit(hash, 26) < 0.8) tags.push(["Name", name])
  const application = hashText(applicationOf(hash))
  /** What a value is drawn from: what is the same for all of the application, or the resource. */
  const drawn = (salt: number, common: number) => profile.coherent > 0 && unit(hash, salt + 100) < profile.coherent ? common : hash
  const keep = (salt: number) => !partial || unit(hash, salt) < 0.5
  if (keep(27)) {
    tags.push([wrongCase ? "owner" : "Owner", wrong === 0 ? pick(hash, 28, wrongOwners) : pick(drawn(28, application), 28, owners)])
  }
  if (keep(29)) {
    tags.push([
      wrongCase ? "environment" : "Environment",
      wrong === 1 ? pick(hash, 30, wrongEnvironments) : pick(drawn(30, draw(application, place)), 30, environments)
    ])
  }
  if (keep(31)) {
    tags.push([
      wrongCase ? "costcenter" : "CostCenter",
      wrong === 2 ? pick(hash, 32, wrongCostCenters) : `CC-${1000 + draw(drawn(32, application), 32) % 60}`
    ])
  }
  if (keep(33)) tags.push([wrongCase ? "application" : "Application", applicationOf(hash)])
  if (unit(hash, 34) < profile.cloudFormation) {
    tags.push(["aws:cloudformation:stack-name", `${applicationOf(hash)}-stack`])
    tags.push(["aws:cloudformation:logical-id", "Resource"])
  }
  if (unit(hash, 35) < profile.hostile) tags.push(pick(hash, 36, hostileTags))
  const twin = tags.find(([key]) => key !== key.toLowerCase())?.[0].toLowerCase()
  if (twin !== undefined && unit(hash, 37) < profile.twins && !tags.some(([key]) => key === twin)) {
    tags.push([twin, `${pick(hash, 38, owners)} (again)`])
  }
  if (unit(hash, 39) < profile.crowded) {
    for (let at = tags.length; at < mostTags; at++) {
      tags.push([`${at} `.padEnd(128, "\u00e9"), `${at} `.padEnd(256, "\u00df")])
    }
  }
  return tags
}
