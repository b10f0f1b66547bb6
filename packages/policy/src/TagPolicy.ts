/**
 * The native tag policy format. The decoded value is the file's own shape, so
 * that writing a policy back is writing JSON.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import * as LinearRegex from "./LinearRegex.ts"
import * as Vocabulary from "./Vocabulary.ts"

const text = (description: string) => Schema.String.annotate({ description })

const nonBlank = (description: string) =>
  Schema.String.check(
    Schema.makeFilter((value) => /\S/u.test(value) ? undefined : "must not be empty", {
      toJsonSchema: () => ({ pattern: "\\S" })
    })
  ).annotate({ description })

const tagKey = (description: string) =>
  Schema.String.check(
    Schema.makeFilter((value) =>
      !/\S/u.test(value) ? "must not be empty" : value.length > 128 ? "must have at most 128 characters" : undefined, {
      toJsonSchema: () => ({ pattern: "\\S", maxLength: 128 })
    })
  ).annotate({ description })

/** An absent list, `null` and `[]` mean the same. */
const list = <S extends Schema.Codec<string>>(item: S, description: string) =>
  Schema.optionalKey(Schema.NullOr(Schema.Array(item)).annotate({ description }))

/**
 * How much a violation weighs: a resource with an `error` is not compliant, one
 * with only `warning`s is.
 *
 * @since 0.1.0
 */
export const Severity = Schema.Literals(["error", "warning"])
/** @since 0.1.0 */
export type Severity = typeof Severity.Type

const ValidationRegex = Schema.String.check(
  Schema.makeFilter((pattern) => {
    const regex = LinearRegex.compile(pattern)
    return typeof regex === "string" ? regex : undefined
  }, { toJsonSchema: () => ({ minLength: 0 }) })
)

const valueRules = {
  description: Schema.optionalKey(
    Schema.NullOr(Schema.String).annotate({ description: "What the tag is for. Has no effect." })
  ),
  allowed_values: list(
    nonBlank("One allowed value."),
    "The values that the tag may have. Absent, null or empty: any value."
  ),
  validation_regex: Schema.optionalKey(
    Schema.NullOr(ValidationRegex).annotate({
      description: "RE2 regular expression that the whole value must match, with or without ^ and $. " +
        "Look-around and back-references do not exist in RE2."
    })
  )
}

/**
 * A tag that every resource of some types must have.
 *
 * - `applies_to`: `service:type`, `service:*` or `*`; absent, null or empty: all types
 * - `severity`: of every violation of this rule; `"error"` by default
 * - `aliases`: other keys under which the tag counts as present, best first
 *
 * @since 0.1.0
 */
export const RequiredTag = Schema.Struct({
  name: tagKey("The tag key."),
  ...valueRules,
  applies_to: list(
    nonBlank("A resource type such as ec2:instance, all types of a service (rds:*), or * for every type.").annotate({
      examples: ["*", ...Vocabulary.services.map((service) => `${service}:*`), ...Vocabulary.types]
    }),
    "The resource types that must have the tag. Absent, null or empty: all of them."
  ),
  severity: Schema.optionalKey(
    Severity.annotate({
      description: "error (the default): the resource is not compliant. warning: it is only listed."
    })
  ),
  aliases: list(tagKey("Another key for this tag."), "Other keys under which the tag counts as present, best first.")
})
/** @since 0.1.0 */
export type RequiredTag = typeof RequiredTag.Type

/**
 * A tag whose value is checked where it is present, with severity `warning`.
 *
 * @since 0.1.0
 */
export const OptionalTag = Schema.Struct({ name: tagKey("The tag key."), ...valueRules })
/** @since 0.1.0 */
export type OptionalTag = typeof OptionalTag.Type

/**
 * How keys and values are written. What is absent is as AWS has it:
 * `case_sensitivity` true, `allow_special_characters` true, lengths 128 and 256.
 *
 * - `case_sensitivity: false`: keys (of required, optional and prohibited tags) and allowed values are
 *   compared without regard to case; regexes are not changed. IAM's keys are always compared so.
 * - `allow_special_characters: false`: keys consist of letters, digits and `- _ . : /`
 * - lengths are in Unicode code points
 *
 * @since 0.1.0
 */
export const NamingRules = Schema.Struct({
  case_sensitivity: Schema.optionalKey(Schema.Boolean.annotate({
    description: "false: keys and allowed values are compared without regard to case. Default: true, as in AWS."
  })),
  allow_special_characters: Schema.optionalKey(Schema.Boolean.annotate({
    description: "false: keys may consist of letters, digits and - _ . : / only. Default: true."
  })),
  max_key_length: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 128 })).annotate({
      description: "The most characters that a key may have, 1 to 128. Default: 128."
    })
  ),
  max_value_length: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 256 })).annotate({
      description: "The most characters that a value may have, 0 to 256. Default: 256."
    })
  )
}).annotate({ description: "How tag keys and values are written. Violations are warnings." })
/** @since 0.1.0 */
export type NamingRules = typeof NamingRules.Type

/**
 * A waiver: resources whose ARN matches `pattern` (`*` stands for anything) are
 * not judged. It ends at the instant `expires`: an ISO 8601 time with a zone, or
 * a date, which means its first instant in UTC; absent or null: never.
 *
 * @since 0.1.0
 */
export const Exclusion = Schema.Struct({
  pattern: Schema.String.check(
    Schema.makeFilter((value) => couldMatchArn(value) ? undefined : "matches no ARN: it must begin with arn: or *", {
      toJsonSchema: () => ({ minLength: 1 })
    })
  ).annotate({ description: "The ARNs that are not judged; * stands for anything." }),
  reason: nonBlank("Why. Shown with every waived resource."),
  expires: Schema.optionalKey(
    Schema.NullOr(
      Schema.String.check(
        Schema.makeFilter((value) => Number.isNaN(instantOf(value)) ? "is not a date such as 2027-01-31" : undefined, {
          toJsonSchema: () => ({ pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T|$)" })
        })
      )
    ).annotate({
      description: "The date (its first instant, UTC) or time from which the waiver no longer applies. Absent: never."
    })
  )
})
/** @since 0.1.0 */
export type Exclusion = typeof Exclusion.Type

const couldMatchArn = (pattern: string): boolean => {
  const star = pattern.indexOf("*")
  return pattern.startsWith("arn:") || (star >= 0 && "arn:".startsWith(pattern.slice(0, star)))
}

const isoForm = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/u

/** Milliseconds since 1970; `NaN` when the text is no date. */
export const instantOf = (value: string): number => {
  const parts = isoForm.exec(value)
  if (parts === null) return Number.NaN
  // `Date.parse` reads the 30th of February as the 2nd of March.
  const day = Date.parse(parts[1]!)
  if (Number.isNaN(day) || DateTime.formatIso(DateTime.makeUnsafe(day)).slice(0, 10) !== parts[1]) return Number.NaN
  return Date.parse(value)
}

/**
 * A tag policy in the native format, as JSON or YAML files hold it. Read files
 * with `PolicyFile.load`: it also finds what the parts of a policy get wrong
 * together, and says at which line.
 *
 * `$schema`, `description`, `metadata` and `last_updated` are for people and
 * editors and have no effect.
 *
 * @since 0.1.0
 */
export const TagPolicy = Schema.Struct({
  $schema: Schema.optionalKey(text("The JSON Schema of this file, for editors.")),
  version: Schema.optionalKey(text("The version of this policy; a string, so in YAML in quotes.")),
  last_updated: Schema.optionalKey(text("When the policy was last changed.")),
  description: Schema.optionalKey(text("What the policy is for. Has no effect.")),
  metadata: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.Json).annotate({ description: "Anything else. Has no effect." })
  ),
  required_tags: Schema.Array(RequiredTag).annotate({ description: "The tags that resources must have." }),
  optional_tags: Schema.optionalKey(
    Schema.Array(OptionalTag).annotate({ description: "Tags whose values are checked where they are present." })
  ),
  tag_naming_rules: Schema.optionalKey(NamingRules),
  prohibited_tags: Schema.optionalKey(
    Schema.Array(nonBlank("A tag key; * stands for anything.")).annotate({
      description: "Keys that no resource may have; * stands for anything."
    })
  ),
  exclusions: Schema.optionalKey(
    Schema.Array(Exclusion).annotate({ description: "Waivers: resources that are not judged, why, and until when." })
  )
}).annotate({ title: "Cadastre tag policy", description: "Which tags AWS resources must have, and with which values." })
/** @since 0.1.0 */
export type TagPolicy = typeof TagPolicy.Type

/** How keys are compared: their identity, or without regard to case. */
export const foldKey = (key: string): string => key.toLowerCase()
