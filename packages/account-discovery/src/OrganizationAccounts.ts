/**
 * The accounts of AWS Organizations.
 *
 * @since 0.1.0
 */
import {
  type Account as Member,
  DescribeOrganizationCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListOrganizationalUnitsForParentCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  type OrganizationalUnit,
  OrganizationsClient
} from "@aws-sdk/client-organizations"
import { type Account, Aws, CurrentAccount, CurrentRegion } from "@cadastre/client-factory"
import { AccessDenied, AccountId, AwsError, Partition, Unexpected } from "@cadastre/model"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { AccountFilterError } from "./AccountFilter.ts"
import type { Source } from "./AccountSource.ts"
import type { LeftOut } from "./Candidate.ts"

type Wanted = Extract<Source, { readonly _tag: "Organization" }>

type Door = Aws.Aws | CurrentAccount | CurrentRegion

/** A member account that can be used. */
interface ActiveAccount {
  readonly accountId: AccountId
  readonly name?: string
}

/**
 * The active accounts that are wanted, those that are left out, and the
 * management account, where that may be known.
 *
 * Asked of the management account or a delegated administrator; others are
 * denied. Fails with `AwsError` when any of the calls that the answer needs is
 * refused: half of an organization is never taken for the whole.
 *
 * @category constructors
 * @since 0.1.0
 */
export const list = Effect.fn("OrganizationAccounts.list")(function*(wanted: Wanted, _as: Account) {
  const { exclude = [], include = [], tags = [] } = wanted
  const told = include.length + exclude.length === 0
    ? yield* all(Aws.list(OrganizationsClient, ListAccountsCommand, {}, ({ Accounts }) => Accounts))
    : yield* membersOfUnits(include, exclude)
  // AWS keeps no order, and may tell an account twice that moves while it is asked.
  const members = [...new Map(told.map((member) => [member.Id ?? "", member]))]
    .toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(([, member]) => member)
  const management = Option.getOrUndefined(
    yield* Effect.option(Aws.send(OrganizationsClient, new DescribeOrganizationCommand({})))
  )?.Organization?.MasterAccountId

  const leftOut: Array<LeftOut> = []
  const active: Array<ActiveAccount> = []
  for (const { Id, Name, State, Status } of members) {
    const accountId = yield* idOf(Id)
    // `Status` is what `State` was called before September 2026.
    const state: string = State ?? Status ?? "ACTIVE"
    const named = Name === undefined ? { accountId } : { accountId, name: Name }
    if (state === "ACTIVE") active.push(named)
    else leftOut.push({ ...named, why: `the account is ${state.toLowerCase().replaceAll("_", " ")}` })
  }
  const accounts = tags.length === 0
    ? active
    : yield* Effect.filter(active, ({ accountId }) => hasTags(accountId, tags), { concurrency: 5 })
  if (accounts.length === 0) {
    const said = [...include, ...exclude.map((unit) => `!${unit}`), ...tags.map(({ key }) => key)]
    return yield* new AccountFilterError({
      pattern: said.join(","),
      problem: "nothing-left",
      valid: active.map(({ accountId }) => accountId)
    })
  }
  return { accounts, leftOut, management }
}, (effect, _wanted, as) =>
  effect.pipe(
    Effect.catchTag("AwsError", (error) => Effect.fail(explained(error, as))),
    Effect.provideService(CurrentAccount, as),
    Effect.provideService(CurrentRegion, Partition.homeRegion(as.partition))
  ))

const all = <A, E, R>(pages: Stream.Stream<ReadonlyArray<A>, E, R>): Effect.Effect<ReadonlyArray<A>, E, R> =>
  Effect.map(Stream.runCollect(pages), (found) => found.flat())

const idOf = (id: string | undefined): Effect.Effect<AccountId, AwsError, CurrentRegion> =>
  Effect.flatMap(CurrentRegion, (region) =>
    Schema.decodeUnknownEffect(AccountId)(id).pipe(Effect.mapError(() =>
      new AwsError({
        operation: "organizations:ListAccounts",
        region,
        reason: new Unexpected({ message: `"${id}" is no account id`, code: "MalformedAnswer", status: 200 })
      })
    )))

/** Units below one, and accounts directly in one. */
const unitsIn = (ParentId: string) =>
  all(
    Aws.list(
      OrganizationsClient,
      ListOrganizationalUnitsForParentCommand,
      { ParentId },
      ({ OrganizationalUnits }) => OrganizationalUnits
    )
  )

const membersIn = (ParentId: string) =>
  all(Aws.list(OrganizationsClient, ListAccountsForParentCommand, { ParentId }, ({ Accounts }) => Accounts))

const membersOfUnits = Effect.fnUntraced(function*(
  include: ReadonlyArray<string>,
  exclude: ReadonlyArray<string>
): Effect.fn.Return<ReadonlyArray<Member>, AwsError | AccountFilterError, Door> {
  const roots = yield* all(Aws.list(OrganizationsClient, ListRootsCommand, {}, ({ Roots }) => Roots))
  const known = new Map<string, ReadonlyArray<OrganizationalUnit>>()
  const under = (id: string) =>
    Effect.suspend(() => {
      const found = known.get(id)
      return found !== undefined
        ? Effect.succeed(found)
        : Effect.tap(unitsIn(id), (units) => Effect.sync(() => known.set(id, units)))
    })
  const rootIds = roots.flatMap(({ Id }) => Id ?? [])
  const resolve = (unit: string) => isId(unit) ? existing(unit, under) : walked(unit, rootIds, under)

  // All that is named must exist: who misspells what is to be left out would have it scanned.
  const left = new Set(yield* Effect.forEach(exclude, resolve))
  const starts = include.length === 0 ? rootIds : yield* Effect.forEach(include, resolve)

  const members: Array<Member> = []
  const seen = new Set<string>()
  const visit = (id: string): Effect.Effect<void, AwsError, Door> =>
    Effect.suspend(() => {
      if (left.has(id) || seen.has(id)) return Effect.void
      seen.add(id)
      return Effect.gen(function*() {
        members.push(...yield* membersIn(id))
        const units = yield* under(id)
        yield* Effect.forEach(units, (unit) => visit(unit.Id ?? ""), { concurrency: 4, discard: true })
      })
    })
  // One that is left out leaves out all that is below it, also what is included by itself.
  const within = new Set<string>()
  const below = (id: string): Effect.Effect<void, AwsError, Door> =>
    Effect.suspend(() => {
      if (within.has(id)) return Effect.void
      within.add(id)
      return Effect.flatMap(under(id), (units) =>
        Effect.forEach(units, (unit) => below(unit.Id ?? ""), { concurrency: 4, discard: true }))
    })
  if (include.length > 0) yield* Effect.forEach(left, below, { discard: true })
  for (const id of within) left.add(id)
  yield* Effect.forEach(starts, visit, { discard: true })
  return members
})

type Under = (id: string) => Effect.Effect<ReadonlyArray<OrganizationalUnit>, AwsError, Door>

const isId = (unit: string): boolean => /^(?:r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$/u.test(unit)

/** The unit, if there is one with this id. */
const existing = (id: string, under: Under): Effect.Effect<string, AwsError | AccountFilterError, Door> =>
  Effect.as(under(id), id).pipe(
    Effect.catchIf(
      ({ reason }) => "code" in reason && /^(?:ParentNotFound|InvalidInput)/u.test(reason.code),
      () => Effect.fail(new AccountFilterError({ pattern: id, problem: "unknown-unit", valid: [] }))
    )
  )

/** The unit at the end of a path of names. */
const walked = Effect.fnUntraced(function*(
  path: string,
  rootIds: ReadonlyArray<string>,
  under: Under
): Effect.fn.Return<string, AwsError | AccountFilterError, Door> {
  const names = path.split("/").map((name) => name.trim()).filter((name) => name !== "")
  let at = rootIds[0] ?? ""
  let walkedSoFar = ""
  for (const name of names) {
    const units: ReadonlyArray<OrganizationalUnit> = yield* under(at)
    const found = units.find(({ Name }) => Name === name)
    if (found?.Id === undefined) {
      const valid = units.map(({ Name = "" }) => `${walkedSoFar}/${Name}`)
      return yield* new AccountFilterError({ pattern: path, problem: "unknown-unit", valid })
    }
    at = found.Id
    walkedSoFar += `/${name}`
  }
  return at
})

const hasTags = Effect.fnUntraced(function*(ResourceId: string, wanted: NonNullable<Wanted["tags"]>) {
  const tags = yield* all(Aws.list(OrganizationsClient, ListTagsForResourceCommand, { ResourceId }, ({ Tags }) => Tags))
  return wanted.every(({ key, values }) =>
    tags.some(({ Key, Value = "" }) => Key === key && (values.length === 0 || values.includes(Value)))
  )
})

/** Nothing to scan is known, so the message says what to do about it. */
const explained = (error: AwsError, as: Account): AwsError => {
  const { operation, reason, region, requestId } = error
  const id = requestId === undefined ? {} : { requestId }
  const others = "or name the accounts in a list, a file or profiles instead"
  if (reason._tag === "AccessDenied") {
    const message = `${as.arn} may not ask about the organization: ${reason.message.replace(/\.$/u, "")}. Use the ` +
      "management account or a delegated administrator, with the organizations:List* and " +
      `organizations:DescribeOrganization permissions, ${others}`
    return new AwsError({ operation, region, reason: new AccessDenied({ message, byScp: reason.byScp }), ...id })
  }
  if (reason._tag === "Unexpected" && reason.code.startsWith("AWSOrganizationsNotInUse")) {
    const message = `account ${as.id} is in no organization: use credentials of one that is, ${others}`
    return new AwsError({ operation, region, reason: new Unexpected({ ...reason, message }), ...id })
  }
  return error
}
