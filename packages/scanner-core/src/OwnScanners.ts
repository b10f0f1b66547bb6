/**
 * Scanners of one's own, from a file such as `cadastre.config.ts`.
 *
 * @since 0.1.0
 */
import { ResourceType } from "@cadastre/model"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import type { Scanner } from "./Scanner.ts"

/**
 * What the file exports by default.
 *
 * @category models
 * @since 0.1.0
 */
export interface OwnScanners {
  /** Added to the catalogue; one for a type that is there already takes its place. */
  readonly scanners: ReadonlyArray<Scanner>
}

/**
 * The file cannot be read as scanners: it is not there, it throws, or it exports something else.
 *
 * @category errors
 * @since 0.1.0
 */
export class OwnScannersError extends Schema.TaggedError<OwnScannersError>()("OwnScannersError", {
  path: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.path}: ${this.reason}`
  }
}

/**
 * Gives the file's default export its type: `export default OwnScanners.define({ scanners: [...] })`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const define = (own: OwnScanners): OwnScanners => own

/**
 * Loads the scanners of a file, TypeScript or JavaScript, for `ScannerRegistry.layer`.
 *
 * The file is a program, and runs: only load what you would run. It is found
 * from the working directory, and imports its packages from where it is.
 *
 * @category constructors
 * @since 0.1.0
 */
export const load = Effect.fn("OwnScanners.load")(function*(path: string) {
  const fails = (reason: string) => new OwnScannersError({ path, reason })
  const module: unknown = yield* Effect.tryPromise({
    try: () => import(pathToFileURL(resolve(path)).href) as Promise<unknown>,
    catch: (cause) => fails(cause instanceof Error ? cause.message : String(cause))
  })
  const own = Predicate.hasProperty(module, "default") ? module.default : undefined
  if (!Predicate.isObject(own)) return yield* fails("exports nothing by default: { scanners: [...] } is expected")
  const unknown = Object.keys(own).find((name) => name !== "scanners")
  if (unknown !== undefined) return yield* fails(`"${unknown}" is unknown; "scanners" is what it may have`)
  if (!Predicate.hasProperty(own, "scanners") || !Array.isArray(own.scanners)) {
    return yield* fails("\"scanners\" is not a list")
  }
  const scanners: Array<Scanner> = []
  for (const [index, one] of (own.scanners as ReadonlyArray<unknown>).entries()) {
    if (!isScanner(one)) return yield* fails(`scanners[${index}] is not what Scanner.make gives`)
    if (scanners.some(({ type }) => type === one.type)) return yield* fails(`two scanners are for ${one.type}`)
    scanners.push(one)
  }
  return scanners
})

const isScanner = (value: unknown): value is Scanner =>
  Predicate.hasProperty(value, "type") && Schema.is(ResourceType.ResourceType)(value.type) &&
  Predicate.hasProperty(value, "scan") && Stream.isStream(value.scan) &&
  Predicate.hasProperty(value, "actions") && Array.isArray(value.actions) &&
  Predicate.hasProperty(value, "fallbackActions") && Array.isArray(value.fallbackActions) &&
  Predicate.hasProperty(value, "scope") && (value.scope === "global" || value.scope === "regional")
