/**
 * The tag policies of AWS Organizations, live: listed, read, and what they come to for an account.
 *
 * @since 0.1.0
 */
import {
  DescribeEffectivePolicyCommand,
  DescribeOrganizationalUnitCommand,
  DescribePolicyCommand,
  ListParentsCommand,
  ListPoliciesCommand,
  ListPoliciesForTargetCommand,
  OrganizationsClient,
  type PolicySummary
} from "@aws-sdk/client-organizations"
import { Accounts, Aws, CurrentAccount, CurrentRegion } from "@cadastre/client-factory"
import { type AccountId, AwsError, Partition, Unexpected } from "@cadastre/model"
import type { PolicyError } from "@cadastre/policy"
import { AwsTagPolicy, type Conversion } from "@cadastre/policy-interop"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as PolicyOrder from "./PolicyOrder.ts"

/**
 * A tag policy as it is listed.
 *
 * @category models
 * @since 0.1.0
 */
export interface TagPolicySummary {
  readonly id: string
  readonly name: string
  readonly description: string
}

/**
 * A tag policy with its document, as Organizations keeps it.
 *
 * @category models
 * @since 0.1.0
 */
export interface TagPolicyContent extends TagPolicySummary {
  readonly content: string
}

/**
 * How our own merge of the policies that are attached compares with AWS's.
 *
 * - `Agrees`: it comes to the same. `explanation`: which line of which policy decides each value, and what is refused
 * - `Differs`: it does not; `differences` says in what, ours first
 * - `Unchecked`: the attached policies could not be read, and why; members of an organization may not ask for them
 *
 * @category models
 * @since 0.1.0
 */
export type MergeCheck =
  | { readonly _tag: "Agrees"; readonly explanation: ReadonlyArray<string> }
  | { readonly _tag: "Differs"; readonly explanation: ReadonlyArray<string>; readonly differences: ReadonlyArray<string> }
  | { readonly _tag: "Unchecked"; readonly why: string }

/**
 * What an account's tag policies come to, by AWS's own word.
 *
 * - `content`: the effective policy as AWS wrote it
 * - `converted`: the same as a native policy, and what that could not say
 *
 * @category models
 * @since 0.1.0
 */
export interface EffectiveTagPolicy {
  readonly accountId: AccountId
  readonly content: string
  readonly converted: Conversion<AwsTagPolicy.Imported>
  readonly check: MergeCheck
}

/**
 * Asks as the account of the credentials in use. Listing and reading policies takes the management account or a
 * delegated administrator; any member may ask for its own effective policy.
 *
 * @category services
 * @since 0.1.0
 */
export class TagPolicies extends Context.Service<TagPolicies, {
  /** All tag policies of the organization, attached or not. */
  readonly list: Effect.Effect<ReadonlyArray<TagPolicySummary>, AwsError>
  /** One policy. Fails with `AwsError` (`NotFound` or `PolicyNotFoundException`) where there is none. */
  readonly read: (policyId: string) => Effect.Effect<TagPolicyContent, AwsError>
  /**
   * The effective policy of an account, by default the own one, and whether our merge of the policies attached to it
   * and above it agrees. None where no tag policy reaches it. Fails with `PolicyError` where AWS's answer is none.
   */
  readonly effective: (accountId?: AccountId) => Effect.Effect<Option.Option<EffectiveTagPolicy>, AwsError | PolicyError>
}>()("@cadastre/account-discovery/TagPolicies") {
  static readonly layerNoDeps = Layer.effect(
    TagPolicies,
    Effect.gen(function*() {
      const accounts = yield* Accounts
      const aws = yield* Aws.Aws
      const asSelf = <A, E>(effect: Effect.Effect<A, E, Aws.Aws | CurrentAccount | CurrentRegion>) =>
        Effect.flatMap(accounts.current, (own) =>
          effect.pipe(
            Effect.provideService(Aws.Aws, aws),
            Effect.provideService(CurrentAccount, own),
            Effect.provideService(CurrentRegion, Partition.homeRegion(own.partition))
          ))
      return TagPolicies.of({
        list: asSelf(listAll).pipe(Effect.withSpan("TagPolicies.list")),
        read: Effect.fn("TagPolicies.read")((policyId: string) => asSelf(readOne(policyId))),
        effective: Effect.fn("TagPolicies.effective")(function*(accountId?: AccountId) {
          return yield* asSelf(effectiveOf(accountId ?? (yield* accounts.current).id))
        })
      })
    })
  )
}

const Filter = "TAG_POLICY" as const

const listAll = Effect.flatMap(
  collect(Aws.list(OrganizationsClient, ListPoliciesCommand, { Filter }, ({ Policies }) => Policies)),
  Effect.forEach(summaryOf)
)

/** All pages. */
function collect<A, E, R>(pages: Stream.Stream<ReadonlyArray<A>, E, R>): Effect.Effect<ReadonlyArray<A>, E, R> {
  return Effect.map(Stream.runCollect(pages), (found) => found.flat())
}

const isText = Schema.is(Schema.NonEmptyString)

/** What AWS tells of a policy; a policy without an id is no policy. */
function summaryOf(summary: PolicySummary | undefined): Effect.Effect<TagPolicySummary, AwsError, CurrentRegion> {
  const { Description = "", Id, Name = "" } = summary ?? {}
  return isText(Id)
    ? Effect.succeed({ id: Id, name: Name, description: Description })
    : malformed("ListPolicies", "a policy without an id")
}

const malformed = (operation: string, what: string): Effect.Effect<never, AwsError, CurrentRegion> =>
  Effect.flatMap(CurrentRegion, (region) =>
    Effect.fail(new AwsError({
      operation: `organizations:${operation}`,
      region,
      reason: new Unexpected({ message: `AWS answered with ${what}`, code: "MalformedAnswer", status: 200 })
    })))

const readOne = Effect.fnUntraced(function*(PolicyId: string) {
  const { Policy } = yield* Aws.send(OrganizationsClient, new DescribePolicyCommand({ PolicyId }))
  const summary = yield* summaryOf(Policy?.PolicySummary)
  if (Policy?.Content === undefined) return yield* malformed("DescribePolicy", "a policy without content")
  return { ...summary, content: Policy.Content }
})

const hasNone = ({ reason }: AwsError): boolean => "code" in reason && reason.code.startsWith("EffectivePolicyNotFound")

const effectiveOf = Effect.fnUntraced(function*(accountId: AccountId) {
  const asked = new DescribeEffectivePolicyCommand({ PolicyType: Filter, TargetId: accountId })
  const answer = yield* Aws.send(OrganizationsClient, asked).pipe(
    Effect.map(Option.some),
    Effect.catchIf((error) => error._tag === "AwsError" && hasNone(error), () => Effect.succeedNone)
  )
  if (Option.isNone(answer)) return Option.none<EffectiveTagPolicy>()
  const content = answer.value.EffectivePolicy?.PolicyContent
  if (content === undefined) return yield* malformed("DescribeEffectivePolicy", "a policy without content")
  const effective = yield* AwsTagPolicy.parseEffective(content, { source: `effective policy of ${accountId}` })
  const check = yield* checkOf(accountId, effective)
  return Option.some<EffectiveTagPolicy>({ accountId, content, converted: AwsTagPolicy.fromEffective(effective), check })
})

/** What cannot be read leaves AWS's answer as it is: only the check is missing, and says so. */
const checkOf = Effect.fnUntraced(function*(accountId: AccountId, theirs: AwsTagPolicy.EffectivePolicy) {
  const read = yield* Effect.result(levelsTo(accountId))
  if (Result.isFailure(read)) return { _tag: "Unchecked", why: read.failure.message } satisfies MergeCheck
  // Organizations does not tell in which order policies were attached to one place, on which the result may depend.
  const merged = PolicyOrder.merge(read.success, theirs)
  const differences = AwsTagPolicy.differences(merged.effective, theirs)
  const explanation = AwsTagPolicy.explain(merged)
  return differences.length === 0
    ? { _tag: "Agrees", explanation } satisfies MergeCheck
    : { _tag: "Differs", explanation, differences } satisfies MergeCheck
})

/** The policies from the root down to an account. */
const levelsTo = Effect.fnUntraced(function*(accountId: AccountId) {
  const path: Array<{ readonly id: string; readonly name: string }> = [{ id: accountId, name: accountId }]
  for (let child: string = accountId;;) {
    const [parent] = yield* collect(Aws.list(OrganizationsClient, ListParentsCommand, { ChildId: child }, ({ Parents }) => Parents))
    if (parent?.Id === undefined) return yield* malformed("ListParents", `no parent of ${child}`)
    child = parent.Id
    // Organizations is five units deep; a circle would never end.
    if (path.length > 20) return yield* malformed("ListParents", "units in a circle")
    if (parent.Type === "ROOT") {
      path.unshift({ id: child, name: `root (${child})` })
      break
    }
    const asked = new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: child })
    const { OrganizationalUnit } = yield* Aws.send(OrganizationsClient, asked)
    path.unshift({ id: child, name: `${OrganizationalUnit?.Name ?? "unit"} (${child})` })
  }
  return yield* Effect.forEach(path, ({ id: TargetId, name: target }) =>
    collect(Aws.list(OrganizationsClient, ListPoliciesForTargetCommand, { TargetId, Filter }, ({ Policies }) => Policies)).pipe(
      Effect.flatMap(Effect.forEach(summaryOf)),
      Effect.flatMap(Effect.forEach(({ id }) => readOne(id), { concurrency: 4 })),
      Effect.flatMap(Effect.forEach(({ content, id, name }) => AwsTagPolicy.parse(content, { source: `${name} (${id})` }))),
      Effect.map((policies): AwsTagPolicy.Level => ({ target, policies }))
    ), { concurrency: 4 })
})
