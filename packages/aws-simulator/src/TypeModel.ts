/**
 * What one resource type of a simulated estate is.
 *
 * @since 0.1.0
 */
import type { Cell } from "./Cell.ts"
import { applicationOf } from "./TagProfile.ts"
import { base36, hex8, permute, pick } from "./Hash.ts"

/** What a resource is called. */
export interface Identity {
  readonly id: string
  readonly name: string
  readonly arn: string
}

/** The facts of a resource besides its identity and tags. */
interface Facts {
  readonly state: string
  /** Why the product shows such a resource without scoring it. */
  readonly mark?: "aws-created" | "default" | "deleted"
}

/**
 * A resource type: all its functions are pure, of the cell and the index.
 * `hash` is the resource's own hash, from which its facts are drawn.
 */
export interface TypeModel<A extends object = object> {
  /** Its share of an estate whose resources are spread by themselves, relative to the other types. */
  readonly share: number
  /** `"global"` types exist once an account. */
  readonly scope: "regional" | "global"
  /** Whether the Resource Groups Tagging API knows the type, and as what. */
  readonly taggingApi?: string
  /** What Resource Explorer calls the type (default as the tagging API). */
  readonly explorer?: string
  /** Whether a `Name` tag is usual. */
  readonly nameTag: boolean
  /** Whether the resource can carry tags at all. */
  readonly taggable?: (index: number) => boolean
  readonly identify: (cell: Cell, index: number, hash: number) => Identity
  /** The index that an id, a name or an ARN claims to be; the caller checks the claim. */
  readonly locate: (cell: Cell, key: string) => number | undefined
  readonly facts?: (cell: Cell, index: number, hash: number) => Facts
  readonly attributes: (cell: Cell, index: number, hash: number) => A
}

/** Keeps the type of the attributes. */
export const make = <A extends object>(model: TypeModel<A>): TypeModel<A> => model

/** Seventeen hexadecimal digits that hold the index, as EC2's long ids. */
export const longId = (cell: Cell, index: number, hash: number): string =>
  `0${hex8(permute(index, cell.hash))}${hex8(hash)}`

/** A name that holds the index in its last seven characters. */
export const codedName = (cell: Cell, index: number, hash: number, kinds: ReadonlyArray<string>): string =>
  `${applicationOf(hash)}-${pick(hash, 2, kinds)}-${code(cell, index)}`

/** Seven characters of `[0-9a-z]` that hold the index. */
export const code = (cell: Cell, index: number): string => base36(permute(index, cell.hash))

/** Finds the index in an id made by {@link longId}, also at the end of an ARN. */
export const locateLongId = (cell: Cell, key: string): number | undefined => {
  const digits = /-0([0-9a-f]{8})[0-9a-f]{8}$/u.exec(key)?.[1]
  return digits === undefined ? undefined : cell.indexOf(Number.parseInt(digits, 16))
}

/** Finds the index in a name made by {@link codedName}, also at the end of an ARN. */
export const locateName = (cell: Cell, key: string): number | undefined => locateCode(cell, key.slice(-7))

/** Finds the index in seven characters made by {@link code}. */
const locateCode = (cell: Cell, text: string): number | undefined =>
  /^[0-9a-z]{7}$/u.test(text) ? cell.indexOf(Number.parseInt(text, 36)) : undefined

/** The network of a Region: AWS makes a default VPC in each. */
export const vpcOf = (cell: Cell): string => `vpc-0${hex8(cell.placeHash)}${hex8(cell.placeHash ^ 0x5bd1e995)}`

/** One of the Region's three subnets and its Availability Zone. */
export const subnetOf = (cell: Cell, hash: number): { readonly subnetId: string; readonly zone: string } => {
  const zone = pick(hash, 40, zones)
  return { subnetId: subnetIn(cell, zone), zone: `${cell.region}${zone}` }
}

/** The letters of the Availability Zones that have a subnet. */
export const zones = ["a", "b", "c"] as const

/** The subnet that AWS makes in an Availability Zone. */
export const subnetIn = (cell: Cell, zone: string): string =>
  `subnet-0${hex8(cell.placeHash)}${hex8(cell.placeHash ^ zone.charCodeAt(0))}`

