/**
 * What the tag policies from the root down to an account come to, and which line of which policy decided it.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/inheritance-examples.html
 * @since 0.1.0
 */
import {
  type AwsTagPolicyDocument,
  type Controlled,
  type Operator,
  type Placed,
  type SettingName,
  settingNames
} from "./AwsTagPolicyDocument.ts"

/**
 * The policies attached to one place of the organization, in the order in which they were attached.
 *
 * `target`: the root, a unit or an account, as explanations are to call it
 *
 * @since 0.1.0
 * @category models
 */
export interface Level {
  readonly target: string
  readonly policies: ReadonlyArray<AwsTagPolicyDocument>
}

/**
 * The place in a policy that said something.
 *
 * @since 0.1.0
 * @category models
 */
export interface Origin {
  readonly target: string
  readonly policy: string
  readonly line: number
  readonly column: number
}

/**
 * A tag of an effective policy, in the form of `DescribeEffectivePolicy`. What is absent has no value; without
 * `tag_value`, any value is accepted.
 *
 * @since 0.1.0
 * @category models
 */
export interface EffectiveTag {
  readonly tag_key: string
  readonly tag_value?: ReadonlyArray<string>
  readonly enforced_for?: ReadonlyArray<string>
  readonly report_required_tag_for?: ReadonlyArray<string>
}

/**
 * An effective tag policy by policy key, which is in lower case.
 *
 * @since 0.1.0
 * @category models
 */
export interface EffectivePolicy {
  readonly tags: Readonly<Record<string, EffectiveTag>>
}

/**
 * Which line decided one value of the effective policy.
 *
 * @since 0.1.0
 * @category models
 */
export interface Decision {
  readonly key: string
  readonly setting: SettingName
  readonly value: string
  readonly operator: Operator
  readonly by: Origin
}

/**
 * Something that a policy says in vain.
 *
 * - `refused`: a policy further up, `because`, does not allow the operator here
 * - `outranked`: `because` was attached to the same place before, and assigns
 * - `no-effect`: the value is there already, or there is nothing to remove
 *
 * @since 0.1.0
 * @category models
 */
export interface Remark {
  readonly kind: "refused" | "outranked" | "no-effect"
  readonly key: string
  readonly setting: SettingName
  readonly operator: Operator
  readonly values: ReadonlyArray<string>
  readonly by: Origin
  readonly because?: Origin
}

/**
 * An effective policy with its explanation.
 *
 * @since 0.1.0
 * @category models
 */
export interface Merged {
  readonly effective: EffectivePolicy
  readonly decisions: ReadonlyArray<Decision>
  readonly remarks: ReadonlyArray<Remark>
}

/** What policies further down may do at one place, and who forbade the rest. */
class Lock {
  readonly #forbidden = new Map<Operator, Origin>()

  forbiddenBy(operator: Operator): Origin | undefined {
    return this.#forbidden.get(operator)
  }

  /** Who allows nothing at all here, so that nothing can be added below either. */
  get closedBy(): Origin | undefined {
    return all.every((operator) => this.#forbidden.has(operator)) ? this.#forbidden.get("@@assign") : undefined
  }

  /** What is forbidden once stays forbidden: policies of one level are intersected, and those above are obeyed. */
  restrict({ allowed }: Controlled, where: (placed: Placed<Operator>) => Origin): void {
    if (allowed === undefined) return
    for (const operator of all) {
      if (!allowed.values.includes(operator) && !this.#forbidden.has(operator)) this.#forbidden.set(operator, where(allowed))
    }
  }
}

const all: ReadonlyArray<Operator> = ["@@assign", "@@append", "@@remove"]

interface SettingState {
  readonly lock: Lock
  values: Array<Omit<Decision, "key" | "setting">>
}

interface TagState {
  readonly lock: Lock
  readonly settings: Map<SettingName, SettingState>
}

/** A block or a setting, and the policy that it is in. */
interface Said<A> {
  readonly in: AwsTagPolicyDocument
  readonly what: A
}

/**
 * Merges policies from the root (first) to the account (last).
 *
 * Level by level and setting by setting: the first policy attached that assigns, replaces what is inherited; then all
 * append; then all remove. What `@@operators_allowed_for_child_policies` leaves out is refused to the levels further
 * down, never to the policies of the same level, whose controls are intersected; a level further down cannot allow it
 * again. Where a control allows nothing on `tags` or on a tag, no tag or setting can be added there; those that are
 * there follow their own controls. Policy keys are compared without regard to case.
 *
 * @since 0.1.0
 * @category combinators
 */
export const merge = (levels: ReadonlyArray<Level>): Merged => {
  const top = new Lock()
  const tags = new Map<string, TagState>()
  const remarks: Array<Remark> = []

  for (const { policies, target } of levels) {
    const originOf = (policy: AwsTagPolicyDocument) => ({ column, line }: Placed<unknown>): Origin =>
      ({ target, policy: policy.source, line, column })
    const closed = top.closedBy
    const known = new Set(tags.keys())
    for (const key of distinct(policies.flatMap((policy) => policy.tags.map((block) => block.key.toLowerCase())))) {
      const blocks = policies.flatMap((policy): ReadonlyArray<Said<AwsTagPolicyDocument["tags"][number]>> =>
        policy.tags.filter((block) => block.key.toLowerCase() === key).map((what) => ({ in: policy, what })))
      const refuseAll = closed !== undefined && !known.has(key) ? closed : undefined
      const tag = tags.get(key) ?? { lock: new Lock(), settings: new Map<SettingName, SettingState>() }
      if (refuseAll === undefined) tags.set(key, tag)
      const tagClosed = tag.lock.closedBy
      for (const name of settingNames) {
        const said = blocks.flatMap(({ in: policy, what }) =>
          what.settings[name] === undefined ? [] : [{ in: policy, what: what.settings[name] }])
        if (said.length === 0) continue
        const state = tag.settings.get(name)
        const shut = refuseAll ?? (state === undefined ? tagClosed : undefined)
        const setting = state ?? { lock: new Lock(), values: [] }
        if (shut === undefined) tag.settings.set(name, setting)
        const remark = (kind: Remark["kind"], operator: Operator, values: ReadonlyArray<string>, by: Origin, because?: Origin) =>
          void remarks.push({ kind, key, setting: name, operator, values, by, ...(because === undefined ? {} : { because }) })
        for (const operator of all) {
          const placed = said.flatMap(({ in: policy, what }) => {
            const given = what.operators[operator]
            return given === undefined ? [] : [{ by: originOf(policy)(given), values: given.values }]
          })
          const because = shut ?? setting.lock.forbiddenBy(operator)
          if (because !== undefined) for (const { by, values } of placed) remark("refused", operator, values, by, because)
          else apply(operator, setting, placed, remark)
        }
        if (shut === undefined) for (const { in: policy, what } of said) setting.lock.restrict(what, originOf(policy))
      }
      if (refuseAll === undefined) for (const { in: policy, what } of blocks) tag.lock.restrict(what, originOf(policy))
    }
    for (const policy of policies) top.restrict(policy, originOf(policy))
  }
  return finish(tags, remarks)
}

const apply = (
  operator: Operator,
  setting: SettingState,
  placed: ReadonlyArray<{ readonly by: Origin; readonly values: ReadonlyArray<string> }>,
  remark: (kind: Remark["kind"], operator: Operator, values: ReadonlyArray<string>, by: Origin, because?: Origin) => void
): void => {
  if (operator === "@@assign") {
    const [first, ...later] = placed
    if (first === undefined) return
    setting.values = distinct(first.values).map((value) => ({ value, operator, by: first.by }))
    for (const { by, values } of later) remark("outranked", operator, values, by, first.by)
    return
  }
  for (const { by, values } of placed) {
    const vain: Array<string> = []
    for (const value of values) {
      const at = setting.values.findIndex((known) => known.value === value)
      if (operator === "@@append") {
        if (at < 0) setting.values.push({ value, operator, by })
        else vain.push(value)
      } else if (at < 0) vain.push(value)
      else setting.values.splice(at, 1)
    }
    if (vain.length > 0) remark("no-effect", operator, vain, by)
  }
}

const distinct = <A>(items: ReadonlyArray<A>): ReadonlyArray<A> => [...new Set(items)]

const finish = (tags: ReadonlyMap<string, TagState>, remarks: ReadonlyArray<Remark>): Merged => {
  const decisions: Array<Decision> = []
  const effective = [...tags].sort(([a], [b]) => a < b ? -1 : 1).map(([key, { settings }]): [string, EffectiveTag] => {
    const valuesOf = (name: SettingName) => {
      const values = settings.get(name)?.values ?? []
      for (const decided of values) decisions.push({ key, setting: name, ...decided })
      return values.map(({ value }) => value)
    }
    // Without a case of its own, a key is in lower case.
    const tag_key = valuesOf("tag_key")[0] ?? key
    const lists = (["tag_value", "enforced_for", "report_required_tag_for"] as const).flatMap((name) => {
      const values = valuesOf(name)
      return values.length === 0 ? [] : [[name, values] as const]
    })
    return [key, { tag_key, ...Object.fromEntries(lists) }]
  })
  return { effective: { tags: Object.fromEntries(effective) }, decisions, remarks }
}

/**
 * How two effective policies differ, in words; empty when they mean the same. The order of values has no meaning, and
 * `["*"]` for values says the same as none.
 *
 * @since 0.1.0
 * @category predicates
 */
export const differences = (ours: EffectivePolicy, theirs: EffectivePolicy): ReadonlyArray<string> => {
  const keys = distinct([...Object.keys(ours.tags), ...Object.keys(theirs.tags)]).toSorted()
  return keys.flatMap((key) => {
    const left = Object.hasOwn(ours.tags, key) ? ours.tags[key] : undefined
    const right = Object.hasOwn(theirs.tags, key) ? theirs.tags[key] : undefined
    if (left === undefined) return [`${key} is only in theirs`]
    if (right === undefined) return [`${key} is only in ours`]
    return settingNames.flatMap((name) => {
      const [a, b] = [normal(name, left[name]), normal(name, right[name])]
      return a === b ? [] : [`${key}.${name} is ${a} in ours, ${b} in theirs`]
    })
  })
}

const normal = (name: SettingName, value: string | ReadonlyArray<string> | undefined): string => {
  if (typeof value === "string") return JSON.stringify(value)
  const values = distinct(value ?? []).toSorted()
  return JSON.stringify(name === "tag_value" && values.includes("*") ? [] : values)
}

/**
 * An explanation for people: a line for each value of the effective policy, then one for each thing said in vain.
 *
 * @since 0.1.0
 * @category formatting
 */
export const explain = ({ decisions, remarks }: Merged): ReadonlyArray<string> => [
  ...decisions.map(({ by, key, operator, setting, value }) =>
    `${key}.${setting}: ${JSON.stringify(value)} by ${operator} in ${place(by)}`
  ),
  ...remarks.map(({ because, by, key, kind, operator, setting, values }) => {
    const said = `${key}.${setting}: ${operator} ${JSON.stringify(values)} in ${place(by)}`
    switch (kind) {
      case "refused":
        return `${said} is refused: ${because === undefined ? "" : place(because)} does not allow it further down`
      case "outranked":
        return `${said} is outranked: ${because === undefined ? "" : place(because)} was attached to the same place first`
      case "no-effect":
        return `${said} changes nothing: ${operator === "@@append" ? "it is there already" : "it is not there"}`
    }
  })
]

const place = ({ column, line, policy, target }: Origin): string => `${policy}:${line}:${column} on ${target}`
