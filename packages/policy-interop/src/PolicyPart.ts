/**
 * The part of a native policy that programs judge by: what a generated program carries in it, and is read back from it.
 */
import { PolicyFile, type PolicyError, type TagPolicy, Vocabulary } from "@cadastre/policy"
import type * as Effect from "effect/Effect"

/** The policy without what has no effect, and without defaults. */
export const partOf = (policy: TagPolicy): TagPolicy => {
  const valueRules = ({ allowed_values, description, name, validation_regex }: TagPolicy["required_tags"][number]) => ({
    name,
    ...(description ? { description } : {}),
    ...(allowed_values?.length ? { allowed_values } : {}),
    ...(validation_regex ? { validation_regex } : {})
  })
  return {
    required_tags: policy.required_tags.map((tag) => ({
      ...valueRules(tag),
      ...(tag.applies_to?.length ? { applies_to: tag.applies_to.map(Vocabulary.normalise) } : {}),
      ...(tag.severity === "warning" ? { severity: tag.severity } : {}),
      ...(tag.aliases?.length ? { aliases: tag.aliases } : {})
    })),
    ...(policy.optional_tags?.length ? { optional_tags: policy.optional_tags.map(valueRules) } : {}),
    ...(policy.tag_naming_rules === undefined ? {} : { tag_naming_rules: policy.tag_naming_rules }),
    ...(policy.prohibited_tags?.length ? { prohibited_tags: policy.prohibited_tags } : {})
  }
}

/** Reads the part back; what is wrong with it is told with the line in the program. */
export const load = (json: string, linesBefore: number, source: string): Effect.Effect<TagPolicy, PolicyError> =>
  PolicyFile.load(`${"\n".repeat(linesBefore)}${json}`, { source })
