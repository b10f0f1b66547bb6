/**
 * The program around a policy. It judges as the native validator does: the same rules in the same cases.
 */
export const program = String.raw`# Written by Cadastre from a tag policy. Input: the JSON of a Terraform plan.
package %PACKAGE%

import rego.v1

policy := %POLICY%

derived := %DERIVED%

# Read in this way, because OPA refuses paths that it can see to lead nowhere, as in an empty list.
required_tags := object.get(policy, "required_tags", [])

optional_tags := object.get(policy, "optional_tags", [])

naming := object.get(policy, "tag_naming_rules", {})

types := object.get(derived, "types", {})

patterns := object.get(derived, "patterns", {})

prohibited := object.get(derived, "prohibited", [])

# Resources as they will be. Those that are deleted, and data sources, have no tags to judge.
changes contains change if {
	some change in input.resource_changes
	change.mode == "managed"
	change.type in object.keys(types)
	is_object(change.change.after)
}

# Tags that are not known before the plan is applied. Nothing unknown is judged.
unknown contains change.address if {
	some change in changes
	tags_unknown(change)
}

tags_unknown(change) if change.change.after_unknown.tags_all == true

tags_unknown(change) if {
	is_object(change.change.after_unknown.tags_all)
	some value in change.change.after_unknown.tags_all
	value == true
}

tags_of(change) := object.get(change.change.after, "tags_all", {}) if {
	is_object(object.get(change.change.after, "tags_all", {}))
}

tags_of(change) := {} if not is_object(object.get(change.change.after, "tags_all", {}))

judged contains change if {
	some change in changes
	not tags_unknown(change)
}

folds(_) if naming.case_sensitivity == false

folds(type) if startswith(type, "iam:")

keys_equal(_, a, b) if a == b

keys_equal(type, a, b) if {
	folds(type)
	not startswith(lower(a), "aws:")
	lower(a) == lower(b)
}

applies(tag, _) if not tag.applies_to

applies(tag, _) if "*" in tag.applies_to

applies(tag, type) if type in tag.applies_to

applies(tag, type) if sprintf("%s:*", [split(type, ":")[0]]) in tag.applies_to

names_of(tag) := array.concat([tag.name], object.get(tag, "aliases", []))

# The keys of a resource that count as a tag: of its first name that is there, the exact spelling first.
key_of(tags, tag, type) := key if {
	candidates := [candidate |
		some name in names_of(tag)
		some candidate in found(tags, name, type)
	]
	key := candidates[0]
}

found(tags, name, _) := [name] if name in object.keys(tags)

found(tags, name, type) := sort([other | some other, _ in tags; keys_equal(type, other, name)]) if {
	not name in object.keys(tags)
}

same_value(a, b) if a == b

same_value(a, b) if {
	naming.case_sensitivity == false
	lower(a) == lower(b)
}

blank(value) if not regex.match("[^\\t\\n\\v\\f\\r \\x{a0}\\x{feff}\\p{Z}]", value)

allowed(tag, value) if not tag.allowed_values

allowed(tag, value) if {
	some one in tag.allowed_values
	same_value(one, value)
}

matches(tag, _) if not tag.validation_regex

matches(tag, value) if regex.match(patterns[tag.name], value)

problem(_, value) := "empty_value" if blank(value)

problem(tag, value) := "invalid_value" if {
	not blank(value)
	not allowed(tag, value)
}

problem(tag, value) := "invalid_format" if {
	not blank(value)
	allowed(tag, value)
	not matches(tag, value)
}

violation(change, type, tag, rule, severity) := {
	"address": change.address,
	"resource_type": type,
	"tag": tag,
	"rule": rule,
	"severity": severity,
	"message": sprintf("%s: %s of the tag %s", [change.address, rule, tag]),
}

violations contains violation(change, type, tag.name, "missing_required_tag", severity_of(tag)) if {
	some change in judged
	type := types[change.type]
	some tag in required_tags
	applies(tag, type)
	not key_of(tags_of(change), tag, type)
	not other_case(tags_of(change), tag)
}

violations contains violation(change, type, tag.name, "wrong_key_case", severity_of(tag)) if {
	some change in judged
	type := types[change.type]
	some tag in required_tags
	applies(tag, type)
	not key_of(tags_of(change), tag, type)
	other_case(tags_of(change), tag)
}

violations contains violation(change, type, tag.name, rule, severity_of(tag)) if {
	some change in judged
	type := types[change.type]
	some tag in required_tags
	applies(tag, type)
	tags := tags_of(change)
	rule := problem(tag, tags[key_of(tags, tag, type)])
}

violations contains violation(change, type, tag.name, rule, "warning") if {
	some change in judged
	type := types[change.type]
	some tag in optional_tags
	tags := tags_of(change)
	rule := problem(tag, tags[key_of(tags, tag, type)])
}

violations contains violation(change, type, key, "prohibited_tag", "error") if {
	some change in judged
	type := types[change.type]
	some key, _ in tags_of(change)
	not startswith(lower(key), "aws:")
	some ban in prohibited
	prohibits(type, ban, key)
}

violations contains violation(change, type, key, "naming_rule", "warning") if {
	some change in judged
	type := types[change.type]
	tags := tags_of(change)
	some key, value in tags
	ill_written(tags, type, key, value)
}

severity_of(tag) := object.get(tag, "severity", "error")

other_case(tags, tag) if {
	some key, _ in tags
	lower(key) == lower(tag.name)
	not startswith(lower(key), "aws:")
}

prohibits(type, ban, key) if {
	not folds(type)
	regex.match(ban.regex, key)
}

prohibits(type, ban, key) if {
	folds(type)
	regex.match(lower_literals(ban.pattern), lower(key))
}

# A pattern of keys as an expression, in lower case: what stands between the stars is quoted.
lower_literals(pattern) := sprintf("^(?s:%s)$", [concat(".*", [quoted |
	some part in split(lower(pattern), "*")
	quoted := regex.replace(part, "[\\\\^$.*+?()\\[\\]{}|]", "\\$0")
])])

ill_written(_, _, key, _) if {
	not startswith(lower(key), "aws:")
	count(key) > object.get(naming, "max_key_length", 128)
}

ill_written(_, _, key, _) if {
	not startswith(lower(key), "aws:")
	naming.allow_special_characters == false
	not regex.match("^[\\p{L}\\p{M}\\p{N}_.:/-]*$", key)
}

ill_written(_, _, key, value) if {
	not startswith(lower(key), "aws:")
	count(value) > object.get(naming, "max_value_length", 256)
}

# A key that differs from one of the policy's in case only, where that is another key and is not told already.
ill_written(tags, type, key, _) if {
	not startswith(lower(key), "aws:")
	not folds(type)
	not key in keys_of_policy
	some tag in array.concat(required_tags, optional_tags)
	lower(tag.name) == lower(key)
	not told(tags, type, tag)
}

keys_of_policy contains name if {
	some tag in required_tags
	some name in names_of(tag)
}

keys_of_policy contains tag.name if some tag in optional_tags

told(tags, type, tag) if {
	some required in required_tags
	required.name == tag.name
	applies(required, type)
	not key_of(tags, required, type)
}

deny contains found_one.message if {
	some found_one in violations
	found_one.severity == "error"
}

warn contains found_one.message if {
	some found_one in violations
	found_one.severity == "warning"
}
`
