/**
 * The code step of the workflow. It runs in OpenOps, so it imports nothing; it throws where it cannot judge, as nothing
 * found must mean that nothing is wrong.
 */
export const code = String.raw`export const code = async ({ resources, policy, patterns }) => {
  const answer = typeof resources === "string" ? JSON.parse(resources) : resources
  if (!Array.isArray(answer?.ResourceTagMappingList)) throw new Error("The list of resources cannot be read")
  const rules = policy.tag_naming_rules ?? {}
  const lower = (text) => text.toLowerCase()
  const blank = (value) => !/\S/u.test(value)
  const regexes = new Map(Object.entries(patterns).map(([name, pattern]) => [name, new RegExp(pattern, "u")]))
  const glob = (pattern, fold) => {
    const text = fold ? lower(pattern) : pattern
    const source = text.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/gu, "\\$&")).join("[^]*")
    return new RegExp("^" + source + "$", "u")
  }
  const known = new Set([...policy.required_tags, ...(policy.optional_tags ?? [])].flatMap((tag) => [tag.name, ...(tag.aliases ?? [])]))
  const violations = []
  for (const { ResourceARN: arn, Tags = [] } of answer.ResourceTagMappingList) {
    const [, , service, , , ...rest] = arn.split(":")
    const fold = rules.case_sensitivity === false || service === "iam"
    const tags = new Map(Tags.map(({ Key, Value = "" }) => [Key, Value]))
    const keys = [...tags.keys()].sort()
    const own = keys.filter((key) => !lower(key).startsWith("aws:"))
    const keyOf = (tag) => {
      for (const name of [tag.name, ...(tag.aliases ?? [])]) {
        if (tags.has(name)) return name
        const other = fold ? own.find((key) => lower(key) === lower(name)) : undefined
        if (other !== undefined) return other
      }
      return undefined
    }
    const problemOf = (tag, value) => {
      if (blank(value)) return "empty_value"
      const same = (one) => one === value || (rules.case_sensitivity === false && lower(one) === lower(value))
      if (tag.allowed_values && !tag.allowed_values.some(same)) return "invalid_value"
      return regexes.has(tag.name) && !regexes.get(tag.name).test(value) ? "invalid_format" : undefined
    }
    const add = (tag, rule, severity) => violations.push({ arn, tag, rule, severity })
    for (const tag of policy.required_tags) {
      if (!appliesTo(tag.applies_to, service, rest.join(":"))) continue
      const severity = tag.severity ?? "error"
      const key = keyOf(tag)
      if (key === undefined) {
        add(tag.name, own.some((other) => lower(other) === lower(tag.name)) ? "wrong_key_case" : "missing_required_tag", severity)
      } else {
        const problem = problemOf(tag, tags.get(key))
        if (problem !== undefined) add(tag.name, problem, severity)
      }
    }
    for (const tag of policy.optional_tags ?? []) {
      const key = keyOf(tag)
      const problem = key === undefined ? undefined : problemOf(tag, tags.get(key))
      if (problem !== undefined) add(tag.name, problem, "warning")
    }
    for (const key of own) {
      if ((policy.prohibited_tags ?? []).some((pattern) => glob(pattern, fold).test(fold ? lower(key) : key))) add(key, "prohibited_tag", "error")
    }
    const miscased = (key) => {
      if (fold || known.has(key)) return false
      const tag = [...policy.required_tags, ...(policy.optional_tags ?? [])].find(({ name }) => lower(name) === lower(key))
      return tag !== undefined && !violations.some((one) => one.arn === arn && one.tag === tag.name && one.rule === "wrong_key_case")
    }
    for (const key of own) {
      if (
        miscased(key) ||
        [...key].length > (rules.max_key_length ?? 128) || [...tags.get(key)].length > (rules.max_value_length ?? 256) ||
        (rules.allow_special_characters === false && !/^[\p{L}\p{M}\p{N}_.:/-]*$/u.test(key))
      ) add(key, "naming_rule", "warning")
    }
  }
  return { judged: answer.ResourceTagMappingList.length, violations }
}

const names = { elasticfilesystem: "efs", elasticmapreduce: "emr", es: "opensearch" }

const simplify = (text) => text.toLowerCase().replace(/[^a-z0-9]/gu, "")

/* What an ARN has after the account begins with its type, but for services with one type. */
const appliesTo = (types, service, resource) => {
  if (!types || types.includes("*")) return true
  const ours = names[service] ?? service
  const kind = simplify(resource.split(/[:/]/u)[0]).replace("backupvault", "vault")
  const single = ["codepipeline", "s3", "sns", "sqs"].includes(ours)
  return types.some((type) => {
    const [wanted, name] = type.split(":")
    return wanted === ours && (name === "*" || single || simplify(name) === kind)
  })
}
`
