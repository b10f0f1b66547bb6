/** What a command's flags ask of the sources besides the services. */
import type { SweptSource, TagFilter } from "@cadastre/model"
import { type ScanRequest, Sweeps } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { ExitCode, Failure } from "./Failure.ts"
import type { SourceFlags } from "./SourceFlags.ts"

/** What the flags ask of a scan. */
export const requestOf = Effect.fnUntraced(function*(
  flags: SourceFlags
): Effect.fn.Return<Pick<ScanRequest, "explorerView" | "sources" | "tags">, Failure> {
  const view = Option.getOrUndefined(flags.resourceExplorerView)
  if (view !== undefined && Option.isNone(Sweeps.viewOf(view))) {
    return yield* usage(
      `--resource-explorer-view is "${view}": write the ARN of a view, arn:aws:resource-explorer-2:us-east-1:111122223333:view/…`
    )
  }
  const tags: Array<TagFilter.TagFilter> = []
  for (const text of flags.tag) {
    const at = text.indexOf("=")
    const key = at < 0 ? text : text.slice(0, at)
    if (key === "") return yield* usage(`--tag is "${text}": write Key=Value, or Key for any value`)
    tags.push({ key, values: at < 0 ? [] : [text.slice(at + 1)] })
  }
  if (Option.isSome(flags.tagKey)) {
    if (flags.tagKey.value === "") return yield* usage("--tag-key is empty: write the key of a tag")
    tags.push({ key: flags.tagKey.value, values: Option.toArray(flags.tagValue) })
  } else if (Option.isSome(flags.tagValue)) {
    return yield* usage("--tag-value says which value a tag must have: say which tag with --tag-key")
  }
  const sources: ReadonlyArray<SweptSource> = [
    ...(flags.allServices || tags.length > 0 ? ["tagging-api" as const] : []),
    ...(flags.resourceExplorer || view !== undefined ? ["resource-explorer" as const] : [])
  ]
  return {
    ...(sources.length === 0 ? {} : { sources }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(view === undefined ? {} : { explorerView: view })
  }
})

const usage = (message: string) => Effect.fail(new Failure({ exitCode: ExitCode.usage, message }))
