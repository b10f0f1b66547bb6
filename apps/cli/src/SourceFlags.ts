/** The flags that say who is asked besides the services, and which tags are wanted. */
import * as Flag from "effect/cli/Flag"
import type * as Option from "effect/Option"

const allServices = Flag.Boolean("all-services").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Ask the tagging API too: for types that no scanner is for, and to tell who sees what")
)

const resourceExplorer = Flag.Boolean("resource-explorer").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Ask Resource Explorer too, by the default view of its index")
)

const resourceExplorerView = Flag.String("resource-explorer-view").pipe(
  Flag.optional,
  Flag.withDescription("Ask Resource Explorer by this view, an ARN")
)

const tag = Flag.String("tag").pipe(
  Flag.atLeast(0),
  Flag.withDescription(
    "Only resources with this tag: Key=Value, or Key for any value; repeated for the same key: one of the values, for others: all of them"
  )
)

const tagKey = Flag.String("tag-key").pipe(Flag.optional, Flag.withDescription("Only resources with this tag, as --tag"))

const tagValue = Flag.String("tag-value").pipe(
  Flag.optional,
  Flag.withDescription("With --tag-key: only with this value")
)

/** Who is asked, and for what. */
export const sourceFlags = { allServices, resourceExplorer, resourceExplorerView, tag, tagKey, tagValue }

/** What {@link sourceFlags} parse to. */
export interface SourceFlags {
  readonly allServices: boolean
  readonly resourceExplorer: boolean
  readonly resourceExplorerView: Option.Option<string>
  readonly tag: ReadonlyArray<string>
  readonly tagKey: Option.Option<string>
  readonly tagValue: Option.Option<string>
}
