import { Estate, type EstateAccount, idOf } from "@cadastre/account-discovery"
import { Untrusted } from "@cadastre/report"
import * as Effect from "effect/Effect"
import { sourceOf } from "../AccountChoice.ts"
import type { AccountScope } from "../AccountFlags.ts"
import { within } from "../Estate.ts"
import type { Connection } from "../EstateFlags.ts"
import { ExitCode, ExitWith } from "../Failure.ts"
import * as ReportOutput from "../ReportOutput.ts"

interface AccountsFlags extends Connection, AccountScope {
  readonly format: "table" | "json"
  readonly allowIncomplete: boolean
}

/** Enters each account of the estate and tells what came of it. */
export const accounts = Effect.fn("cadastre accounts")(function*(flags: AccountsFlags) {
  const { patterns } = yield* sourceOf(flags)
  const estate = yield* Estate
  const found = yield* estate.accounts(patterns)
  const { leftOut, warnings } = yield* estate.notes
  const complete = found.every(({ _tag }) => _tag === "Reachable")
  if (flags.format === "json") {
    const report = { complete, accounts: found.map(rowOf), leftOut, warnings }
    yield* ReportOutput.writeStdout(`${Untrusted.json(JSON.stringify(report, null, 2))}\n`)
  } else {
    const rows = [["Account", "Name", "Status", "Principal or problem"], ...found.map(cellsOf)]
    const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
    const table = rows.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()}\n`)
    const reached = found.filter(({ _tag }) => _tag === "Reachable").length
    const left = leftOut.map(({ accountId, name, why }) =>
      `Left out: ${accountId}${name === undefined ? "" : ` (${Untrusted.visible(name)})`}: ${why}\n`
    )
    yield* ReportOutput.writeStdout(
      `${table.join("")}\n${reached} of ${found.length} accounts can be entered\n${left.join("")}`
    )
  }
  if (!complete && !flags.allowIncomplete) return yield* new ExitWith({ exitCode: ExitCode.incomplete })
}, (effect, flags) => within(flags, effect))

const rowOf = (account: EstateAccount) => {
  const name = account.name === undefined ? {} : { name: account.name }
  if (account._tag === "Reachable") {
    const { arn, id, partition } = account.account
    return { accountId: id, partition, ...name, reachable: true, principal: arn }
  }
  const { operation, reason } = account.error
  const problem = { operation, reason: reason._tag, message: reason.message }
  return account._tag === "Unreachable"
    ? { accountId: account.accountId, partition: account.partition, ...name, reachable: false, problem }
    : { accountId: null, ...name, reachable: false, problem }
}

const cellsOf = (account: EstateAccount): ReadonlyArray<string> => [
  idOf(account) ?? "unknown",
  Untrusted.visible(account.name ?? ""),
  account._tag === "Reachable" ? "reachable" : "unreachable",
  Untrusted.visible(
    account._tag === "Reachable" ? account.account.arn : `${account.error.reason._tag}: ${account.error.reason.message}`
  )
]
