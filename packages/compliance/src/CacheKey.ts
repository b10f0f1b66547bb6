/**
 * The identity of a check: what it is about, whatever the order in which that
 * was written.
 *
 * @since 0.1.0
 */
import { hash } from "node:crypto"
import type { CellCacheKey } from "@cadastre/scanner-core"

/**
 * Everything that the result of a check depends on, besides the estate.
 *
 * `estate` is where AWS is; a stand-in is another AWS. `regions` are those of each
 * account, as `account/Region`. Lists are sets.
 *
 * @category models
 * @since 0.1.0
 */
export interface CacheKeyParts {
  readonly accountIds: ReadonlyArray<string>
  readonly partition: string
  readonly estate: string
  readonly types: ReadonlyArray<string>
  readonly regions: ReadonlyArray<string>
  readonly narrowed: boolean
  readonly severity: string
  readonly withResources: boolean
  readonly include: ReadonlyArray<string>
  readonly policyHash: string
}

/**
 * Changes with the shape of what is cached, so that an old entry is never read as a new one.
 *
 * @category configuration
 * @since 0.1.0
 */
export const schemaVersion = 4

/**
 * SHA-256, in hexadecimal, over the parts as canonical JSON: sorted keys, sorted
 * lists without repetitions.
 *
 * @category getters
 * @since 0.1.0
 */
export const cacheKey = (parts: CacheKeyParts): string =>
  hashOf({ ...parts, schemaVersion })

/**
 * The same for one cell.
 *
 * @category getters
 * @since 0.1.0
 */
export const cellCacheKey = ({ cell: { accountId, region, type }, estate, regions }: CellCacheKey): string =>
  hashOf({ accountId, region, type, estate, regions, schemaVersion })

const hashOf = (parts: Readonly<Record<string, unknown>>): string =>
  hash("sha256", canonical(parts))

const canonical = (parts: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(
    Object.entries(parts)
      .toSorted(([a], [b]) => a < b ? -1 : 1)
      .map(([key, value]) => [
        key,
        Array.isArray(value) ? [...new Set(value as ReadonlyArray<string>)].toSorted() : value
      ])
  )
