/**
 * The sweeps that there are, as entries of a catalogue. What reads them is loaded
 * when it is first used.
 *
 * @since 0.1.0
 */
import { Arn, type Location, RegionId, type SweptSource, type TagFilter } from "@cadastre/model"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { CatalogEntry } from "./ScannerRegistry.ts"
import * as Sweep from "./Sweep.ts"

/**
 * The sweep of the tagging API in one Region.
 *
 * - `filter`: of what has these tags, everything by default
 * - `isOpen`: for all types, by default; else for those of the scope alone
 *
 * @category constructors
 * @since 0.1.0
 */
export const tagging = (
  { filter = [], isOpen = true }: { readonly filter?: ReadonlyArray<TagFilter.TagFilter>; readonly isOpen?: boolean } = {}
): CatalogEntry =>
  Sweep.entry("tagging-api", isOpen, ["tag:GetResources"], () =>
    import("./TaggingSweep.ts").then(({ scan }) => scan(filter)))

/**
 * What the tagging API says of some ARNs of one Region, 100 at most. It says
 * nothing of what was never tagged, and still speaks of what was deleted.
 *
 * @category constructors
 * @since 0.1.0
 */
export const named = (arns: ReadonlyArray<string>): CatalogEntry =>
  Sweep.entry("tagging-api", false, ["tag:GetResources"], () =>
    import("./TaggingSweep.ts").then(({ named }) => named(arns)))

/**
 * The sweep of Resource Explorer in one account.
 *
 * - `view`: the ARN of the view to read; by default each index's default view
 * - `isOpen`: for all types, by default; else for those of the scope alone
 *
 * @category constructors
 * @since 0.1.0
 */
export const explorer = (
  { isOpen = true, view }: { readonly view?: string | undefined; readonly isOpen?: boolean } = {}
): CatalogEntry =>
  Sweep.entry("resource-explorer", isOpen, view === undefined ? defaultView : givenView, () =>
    import("./ExplorerSweep.ts").then(({ scan }) => scan(view)))

const givenView = [
  "resource-explorer-2:GetIndex",
  "resource-explorer-2:GetView",
  "resource-explorer-2:ListResources"
]
const defaultView = ["resource-explorer-2:ListIndexes", "resource-explorer-2:GetDefaultView", ...givenView]

/**
 * Where an account is swept: by the tagging API in each Region. What has no
 * Region is listed in the partition's home Region; where that is not wanted, it
 * is read for this alone, as `global`. Resource Explorer is read once.
 *
 * @category getters
 * @since 0.1.0
 */
export const placesOf = (
  source: SweptSource,
  { hasGlobal, home, regions }: {
    readonly regions: ReadonlyArray<RegionId>
    readonly home: RegionId
    readonly hasGlobal: boolean
  }
): ReadonlyArray<Location> =>
  source === "resource-explorer" ? ["global"] : hasGlobal && !regions.includes(home) ? [...regions, "global"] : regions

/**
 * The account and the Region of a view of Resource Explorer, as its ARN says; none
 * for what is not the ARN of a view.
 *
 * @category getters
 * @since 0.1.0
 */
export const viewOf = (arn: string): Option.Option<{ readonly accountId: string; readonly region: RegionId }> =>
  Option.flatMap(Arn.parse(arn), ({ accountId, region, resource, service }) =>
    service === "resource-explorer-2" && resource.startsWith("view/") && isRegion(region)
      ? Option.some({ accountId, region })
      : Option.none())

const isRegion = Schema.is(RegionId)
