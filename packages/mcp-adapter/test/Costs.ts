/** What the simulated estates cost, and from where the tools hear it. */
import { Bill, days, type Estate, ledgerOf } from "@cadastre/aws-simulator"
import { byService, CostBudget, CostExplorer, CostPeriod, CostSource, focusFile } from "@cadastre/cost"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const end = new Date().toISOString().slice(0, 10)

/** The last 30 complete days. */
export const period = { start: CostPeriod.addDays(end, -30), end }

const dayNumber = (text: string) => Date.parse(`${text}T00:00:00Z`) / 86_400_000

/** Dollars by ARN, and of all, from the ledger itself. */
export const ledger = (of: Estate.Estate) => {
  const amounts = new Map<string, number>()
  let total = 0
  for (const line of of.accounts.flatMap((account) => [...ledgerOf(of, account)])) {
    if (line.kind === "Credit" || line.kind === "Refund") continue
    const dollars = Number(line.amortized) * days(line, dayNumber(period.start), dayNumber(period.end)).length / 1e6
    total += dollars
    if (line.arn !== undefined) amounts.set(line.arn, (amounts.get(line.arn) ?? 0) + dollars)
  }
  return { amounts, total }
}

/** Cost Explorer by service. */
export const explorer = () =>
  Layer.effect(CostSource, Effect.map(byService(), (source) => CostSource.bestOf([source]))).pipe(
    Layer.provide(CostExplorer.layerNoDeps),
    Layer.provide(Layer.orDie(CostBudget.layer)),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({})))
  )

/** What an estate's bill says, as a FOCUS file that is there as long as the scope. */
export const bill = (of: Estate.Estate) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(async () => {
        const path = mkdtempSync(join(tmpdir(), "cadastre-bill-"))
        await Bill.writeFocus(of, join(path, "focus.csv"), period)
        return path
      }),
      (path) => Effect.sync(() => rmSync(path, { recursive: true }))
    ),
    (path) => Layer.succeed(CostSource, CostSource.bestOf([focusFile({ files: join(path, "focus.csv") })]))
  )
