/**
 * One resource's spot in an estate, from which everything about it is drawn.
 *
 * @since 0.1.0
 */
import type { Cell } from "./Cell.ts"
import { draw, hex8, permute, pick, unit } from "./Hash.ts"
import type { Identity } from "./TypeModel.ts"
import * as TypeModel from "./TypeModel.ts"
import type { ResourceType } from "./ResourceType.ts"

/** A resource that AWS makes by itself: its name (`""`: one like any other) and what it is marked as. */
export type OwnByAws = readonly [name: string, mark: "aws-created" | "default"]

/** Where a resource stands, and what can be drawn from that. */
export class Spot {
  readonly cell: Cell
  readonly index: number
  readonly hash: number
  private readonly parentType: ResourceType | undefined
  private readonly own: ReadonlyArray<OwnByAws>

  constructor(
    cell: Cell,
    index: number,
    hash: number,
    parentType: ResourceType | undefined,
    own: ReadonlyArray<OwnByAws>
  ) {
    this.cell = cell
    this.index = index
    this.hash = hash
    this.parentType = parentType
    this.own = own
  }

  get region(): string {
    return this.cell.region
  }

  get accountId(): string {
    return this.cell.accountId
  }

  /** The resource that holds this one. */
  get parent(): Identity {
    const parents = this.parentType === undefined ? undefined : this.cell.sibling(this.parentType)
    if (parents === undefined) throw new RangeError(`${this.cell.type} needs a ${String(this.parentType)} beside it`)
    return parents.nameAndIdAt(this.index % parents.size)
  }

  /** Another resource of the same place, where there are any of the type. */
  some(type: ResourceType, salt: number): Identity | undefined {
    const others = this.cell.sibling(type)
    return others?.nameAndIdAt(draw(this.hash, salt) % others.size)
  }

  /** Seven characters of `[0-9a-z]` that hold the index. */
  get code(): string {
    return TypeModel.code(this.cell, this.index)
  }

  /** A name that holds the index, or the one that AWS gives. */
  named(...kinds: ReadonlyArray<string>): string {
    return this.own[this.index]?.[0] || TypeModel.codedName(this.cell, this.index, this.hash, kinds)
  }

  /** An id as EC2's: a prefix and seventeen hexadecimal digits, which hold the index. */
  long(prefix: string): string {
    return `${prefix}-${TypeModel.longId(this.cell, this.index, this.hash)}`
  }

  /** A UUID that holds the index. */
  get uuid(): string {
    const other = hex8(this.hash)
    const held = hex8(permute(this.index, this.cell.hash))
    return `${held}-${other.slice(0, 4)}-4${other.slice(5)}-a${other.slice(1, 4)}-${this.hex(91)}${other.slice(4)}`
  }

  /** What an EC2 resource is called whose ARN ends in `kind/id`. */
  ec2(prefix: string, kind: string, ...names: ReadonlyArray<string>): Identity {
    const id = this.long(prefix)
    return { id, name: this.named(...names), arn: this.arn("ec2", `${kind}/${id}`) }
  }

  /** What a resource is called that has nothing but a name, which ends its ARN. */
  plain(service: string, head: string, ...names: ReadonlyArray<string>): Identity {
    const name = this.named(...names)
    return { id: name, name, arn: this.arn(service, `${head}${name}`) }
  }

  /** A VPC of the Region; the default one where there is no other. */
  get vpcId(): string {
    return this.some("ec2:vpc", 60)?.id ?? TypeModel.vpcOf(this.cell)
  }

  /** One of the subnets that AWS made. */
  get subnetId(): string {
    return TypeModel.subnetOf(this.cell, this.hash).subnetId
  }

  /** An Availability Zone of the Region. */
  get zone(): string {
    return TypeModel.subnetOf(this.cell, this.hash).zone
  }

  /** Eight hexadecimal digits that hold nothing. */
  hex(salt: number): string {
    return hex8(draw(this.hash, salt))
  }

  pick<A>(salt: number, choices: ReadonlyArray<A>): A {
    return pick(this.hash, salt, choices)
  }

  /** A whole number below a bound. */
  below(salt: number, bound: number): number {
    return draw(this.hash, salt) % bound
  }

  chance(salt: number, probability: number): boolean {
    return unit(this.hash, salt) < probability
  }

  /** An ARN of the resource's account and Region (none for a global type). */
  arn(service: string, rest: string, more: { readonly account?: string; readonly region?: string } = {}): string {
    const region = more.region ?? (this.region === "global" ? "" : this.region)
    return `arn:${this.cell.partition}:${service}:${region}:${more.account ?? this.accountId}:${rest}`
  }
}
