/**
 * The catalogue of scanners that a program has.
 *
 * @since 0.1.0
 */
import { ResourceType } from "@cadastre/model"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { Scanner } from "./Scanner.ts"

/**
 * A scanner as the catalogue lists it: what it is, and how to get it. The
 * scanner itself, with the SDK client that it needs, is loaded on first use.
 *
 * @category models
 * @since 0.1.0
 */
export interface CatalogEntry extends ResourceType.ResourceTypeInfo {
  readonly load: () => Promise<Scanner>
}

/**
 * A request names a resource type that no scanner is for.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnknownTypeError extends Schema.TaggedError<UnknownTypeError>()("UnknownTypeError", {
  type: Schema.String,
  valid: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `Resource type "${this.type}" is unknown. Valid types: all, ${this.valid.join(", ")}; ` +
      "or all of a service, such as ec2 or ec2:*"
  }
}

/**
 * @category services
 * @since 0.1.0
 */
export class ScannerRegistry extends Context.Service<ScannerRegistry, {
  /** Every entry, by type. */
  readonly entries: Effect.Effect<ReadonlyArray<CatalogEntry>>
  /** Adds a scanner; one of the same type is replaced. */
  readonly register: (scanner: Scanner) => Effect.Effect<void>
  /**
   * The entries that a list of types means: `service:type`, `service:*` or just
   * `service`, an alias of the reference systems, the name that CloudFormation has for
   * it (`AWS::EC2::Instance`), or `all`. An empty list means all.
   */
  readonly resolve: (types: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<CatalogEntry>, UnknownTypeError>
}>()("@cadastre/scanner-core/ScannerRegistry") {
  /** `catalog`, and over it the user's own scanners. */
  static readonly layer = (catalog: ReadonlyArray<CatalogEntry>, own: ReadonlyArray<Scanner> = []) =>
    Layer.sync(ScannerRegistry, () => {
      const byType = new Map<string, CatalogEntry>()
      let sorted: ReadonlyArray<CatalogEntry> | undefined
      const resolved = new Map<string, ReadonlyArray<CatalogEntry>>()
      const add = (entry: CatalogEntry): void => {
        sorted = undefined
        resolved.clear()
        byType.set(entry.type, entry)
      }
      for (const entry of catalog) add(entry)
      for (const scanner of own) add(entryOf(scanner))
      const all = () => sorted ??= [...byType.values()].toSorted((a, b) => a.type < b.type ? -1 : 1)

      return ScannerRegistry.of({
        entries: Effect.sync(all),
        register: (scanner) => Effect.sync(() => add(entryOf(scanner))),
        resolve: Effect.fnUntraced(function*(types) {
          const key = types.join(",")
          const known = resolved.get(key)
          if (known !== undefined) return known
          const wanted = types.flatMap((type) => type.split(",")).map(ResourceType.normalise).filter((type) => type !== "")
          if (wanted.length === 0 || wanted.includes("all") || wanted.includes("*")) return all()
          const found = new Set<CatalogEntry>()
          for (const type of wanted) {
            const service = type.endsWith(":*") ? type.slice(0, -2) : type
            const matching = all().filter((entry) =>
              entry.type === type || entry.cloudFormation.toLowerCase() === type || ResourceType.serviceOf(entry.type) === service)
            if (matching.length === 0) return yield* new UnknownTypeError({ type, valid: all().map((entry) => entry.type) })
            for (const entry of matching) found.add(entry)
          }
          const chosen = all().filter((entry) => found.has(entry))
          if (resolved.size < mostResolved) resolved.set(key, chosen)
          return chosen
        })
      })
    })
}

/** Lists of types whose entries are remembered: more are not asked for, but by who tries all there are. */
const mostResolved = 100

const entryOf = (scanner: Scanner): CatalogEntry => ({ ...scanner, load: () => Promise.resolve(scanner) })
