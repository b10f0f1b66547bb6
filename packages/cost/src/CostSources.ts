/**
 * Where costs are asked for, by the settings.
 *
 * @since 0.1.0
 */
import type { Accounts, Aws } from "@cadastre/client-factory"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CostBudget } from "./CostBudget.ts"
import { CostExplorer } from "./CostExplorer.ts"
import { byResource, byService } from "./CostExplorerSources.ts"
import { CostSource, type Source } from "./CostSource.ts"
import { curFile } from "./CurFile.ts"
import { focusFile } from "./FocusFile.ts"
import * as S3Files from "./S3Files.ts"

/**
 * Files of the bill, each a path, a pattern or a directory, here or in S3 (`s3://bucket/prefix`), separated by commas; none by default.
 *
 * @category configuration
 * @since 0.1.0
 */
export const files: Config.Config<{ readonly focus: ReadonlyArray<string>; readonly cur: ReadonlyArray<string> }> = Config.all({
  focus: Config.map(Config.withDefault(Config.String("COST_FOCUS_FILES"), ""), (text) => listed(text)),
  cur: Config.map(Config.withDefault(Config.String("COST_CUR_FILES"), ""), (text) => listed(text))
})

const listed = (text: string): ReadonlyArray<string> =>
  text.split(",").map((part) => part.trim()).filter((part) => part !== "")

/**
 * The files that `COST_FOCUS_FILES` and `COST_CUR_FILES` name. Without any, Cost Explorer, by resource where it can and
 * else by service, for at most `COST_EXPLORER_BUDGET_USD` as long as the layer lives. With files it is not asked: it
 * costs money.
 *
 * Building it asks nobody.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<CostSource, Config.ConfigError, Aws.Aws | Accounts> = Layer.effect(
  CostSource,
  Effect.gen(function*() {
    const { cur, focus } = yield* files
    const s3 = yield* S3Files.make
    const sources: ReadonlyArray<Source> = [
      ...focus.length > 0 ? [focusFile({ files: focus, s3 })] : [],
      ...cur.length > 0 ? [curFile({ files: cur, s3 })] : []
    ]
    const [first = yield* byResource(), ...others] = sources
    return CostSource.bestOf(sources.length > 0 ? [first, ...others] : [first, yield* byService()])
  })
).pipe(Layer.provide(CostExplorer.layerNoDeps), Layer.provide(CostBudget.layer))
