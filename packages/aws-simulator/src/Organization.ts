/**
 * The organization that the accounts of a simulated estate belong to.
 *
 * @since 0.1.0
 */
import { draw, hashText, hex8, unit } from "./Hash.ts"

/** @since 0.1.0 */
export type AccountState = "PENDING_ACTIVATION" | "ACTIVE" | "SUSPENDED" | "PENDING_CLOSURE" | "CLOSED"

/**
 * An organizational unit: its accounts by id, and the units below it.
 *
 * @since 0.1.0
 */
interface UnitOptions {
  readonly name: string
  readonly accounts?: ReadonlyArray<string>
  readonly units?: ReadonlyArray<UnitOptions>
}

/**
 * A tag policy of the organization.
 *
 * - `targets`: what it is attached to: `"/"` for the root, a unit's path such as `"/Prod/Web"`, or an account's id. Of
 *   two policies with the same target, the one that comes first in the list was attached first
 * - `content`: the policy's document, or a text that may be none
 *
 * @since 0.1.0
 */
interface TagPolicyOptions {
  readonly name: string
  readonly content: object | string
  readonly targets?: ReadonlyArray<string>
  readonly description?: string
}

/**
 * What an organization is like.
 *
 * - `delegatedAdministrators`: member accounts that may ask, too
 * - `units`: the tree under the root. By default `Prod` (with `Web` and `Data` in it) and `Sandbox`, the accounts
 *   drawn from the seed. Accounts that no unit names are in the root
 * - `accounts`: names, states and tags of single accounts, also of such as the estate has not (any more)
 * - `tagPolicies`: its tag policies; policies of this type are off when there is no list
 * - `lifecycle`: the field that tells an account's state: `State`, or as before September 2026 `Status`
 *
 * @since 0.1.0
 */
export interface OrganizationOptions {
  readonly delegatedAdministrators?: ReadonlyArray<string>
  readonly units?: ReadonlyArray<UnitOptions>
  readonly accounts?: Readonly<
    Record<string, {
      readonly name?: string
      readonly state?: AccountState
      readonly tags?: Readonly<Record<string, string>>
    }>
  >
  readonly tagPolicies?: ReadonlyArray<TagPolicyOptions>
  readonly lifecycle?: "State" | "Status"
}

/** @since 0.1.0 */
export interface MemberAccount {
  readonly id: string
  readonly name: string
  readonly state: AccountState
  readonly tags: Readonly<Record<string, string>>
  /** The id of the unit or root that it is in. */
  readonly parent: string
  /** Milliseconds since 1970. */
  readonly joined: number
}

/** @since 0.1.0 */
export interface Unit {
  readonly id: string
  readonly name: string
  readonly parent: string
}

/** @since 0.1.0 */
export interface TagPolicy {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly content: string
  /** Ids of the root, units and accounts that it is attached to. */
  readonly targets: ReadonlyArray<string>
}

/** @since 0.1.0 */
export interface Organization {
  readonly id: string
  readonly rootId: string
  readonly managementAccount: string
  readonly lifecycle: "State" | "Status"
  readonly accounts: ReadonlyMap<string, MemberAccount>
  readonly units: ReadonlyMap<string, Unit>
  /** In the order in which they were attached; absent when policies of this type are off. */
  readonly tagPolicies: ReadonlyArray<TagPolicy> | undefined
  /** Whether an account may ask about the organization. */
  readonly mayAsk: (accountId: string) => boolean
}

/**
 * Makes the organization that a management account has of the estate's
 * accounts. Throws `RangeError` where an account is in two units, or a policy attached to what is not there.
 */
export const make = (
  seed: number,
  managementAccount: string,
  estate: ReadonlyArray<string>,
  options: OrganizationOptions = {}
): Organization => {
  const hash = hashText("organization", seed)
  const letters = (salt: number, length: number) =>
    Array.from({ length }, (_, at) => "0123456789abcdefghijklmnopqrstuvwxyz"[draw(draw(hash, salt), at) % 36]).join("")
  const rootName = letters(1, 4)
  const rootId = `r-${rootName}`
  const units = new Map<string, Unit>()
  const parents = new Map<string, string>()
  const idByPath = new Map([["/", rootId]])

  const place = (accountId: string, parent: string) => {
    if (!/^\d{12}$/u.test(accountId)) throw new RangeError(`an account id has 12 digits: ${accountId}`)
    if (parents.has(accountId)) throw new RangeError(`account ${accountId} is in two organizational units`)
    parents.set(accountId, parent)
  }
  const grow = (under: ReadonlyArray<UnitOptions>, parent: string, path: string) => {
    for (const unit of under) {
      const id = `ou-${rootName}-${letters(hashText(`${path}/${unit.name}`), 8)}`
      units.set(id, { id, name: unit.name, parent })
      idByPath.set(`${path}/${unit.name}`, id)
      for (const accountId of unit.accounts ?? []) place(accountId, id)
      grow(unit.units ?? [], id, `${path}/${unit.name}`)
    }
  }
  grow(options.units ?? drawn(hash, estate.filter((id) => id !== managementAccount)), rootId, "")
  for (const id of [managementAccount, ...estate, ...Object.keys(options.accounts ?? {})]) {
    if (!parents.has(id)) place(id, rootId)
  }

  const accounts = new Map([...parents].map(([id, parent]): [string, MemberAccount] => {
    const facts = options.accounts ?? {}
    const given = Object.hasOwn(facts, id) ? facts[id] : undefined
    const usual = id === managementAccount ? "Management" : `account-${hex8(hashText(id, seed)).slice(0, 4)}`
    return [id, {
      id,
      parent,
      name: given?.name ?? usual,
      state: given?.state ?? "ACTIVE",
      tags: given?.tags ?? {},
      joined: Date.UTC(2022, 0, 1) + Math.floor(unit(hashText(id, hash), 0) * 1400) * 86_400_000
    }]
  }))
  return {
    id: `o-${letters(2, 10)}`,
    rootId,
    managementAccount,
    lifecycle: options.lifecycle ?? "State",
    accounts,
    units,
    tagPolicies: options.tagPolicies?.map(({ content, description = "", name, targets = [] }) => ({
      id: `p-${letters(hashText(`policy/${name}`), 10)}`,
      name,
      description,
      content: typeof content === "string" ? content : JSON.stringify(content),
      targets: targets.map((target) => {
        const id = accounts.has(target) ? target : idByPath.get(target)
        if (id === undefined) throw new RangeError(`there is nothing to attach a policy to at ${target}`)
        return id
      })
    })),
    mayAsk: (accountId) =>
      accountId === managementAccount ||
      (accounts.has(accountId) && options.delegatedAdministrators?.includes(accountId) === true)
  }
}

/** Most accounts are in some unit, a few in the root. */
const drawn = (hash: number, accounts: ReadonlyArray<string>): ReadonlyArray<UnitOptions> => {
  const of = (name: string) =>
    accounts.filter((id) => ["Web", "Data", "Prod", "Sandbox", "Sandbox", ""][hashText(id, hash) % 6] === name)
  return [
    {
      name: "Prod",
      accounts: of("Prod"),
      units: [{ name: "Web", accounts: of("Web") }, { name: "Data", accounts: of("Data") }]
    },
    { name: "Sandbox", accounts: of("Sandbox") }
  ]
}
