/**
 * The gap of one bill in a process of its own: `CostProcess.ts <file> <resources>`. Prints seconds, what was found and the
 * most memory that was resident, as JSON.
 */
import { AttributionGap, focusFile, GapTally, Money } from "@cadastre/cost"
import { AccountId, type RegionId, type ResourceType } from "@cadastre/model"
import * as Effect from "effect/Effect"
import { period, regions } from "./CostBill.ts"

const [file = "", count = "0"] = process.argv.slice(2)
const account = AccountId.make("111122223333")

/** As a scan leaves them: three of ten follow the policy's one tag. */
const resources = Array.from({ length: Number(count) }, (_, at): AttributionGap.JudgedResource => {
  const id = `i-${String(at).padStart(17, "0")}`
  const region = regions[at % regions.length]! as RegionId
  return {
    arn: `arn:aws:ec2:${region}:${account}:instance/${id}`,
    id,
    type: "ec2:instance" as ResourceType.ResourceType,
    accountId: account,
    region,
    attributes: {},
    standing: at % 10 < 7 ? "no-tag" : "compliant",
    requiredKeys: [["Owner"]]
  }
})

const begun = performance.now()
const cpu = process.cpuUsage()
const source = focusFile({ files: file })
const spend = await Effect.runPromise(source.spend({
  accounts: [{ id: account, partition: "aws", arn: "", credentials: () => Promise.reject(new Error("files need none")) }],
  period,
  tagKeys: ["Owner", "CostCenter"]
}))
const { whole } = AttributionGap.measure(spend, { resources, isSeen: () => true })
const ended = performance.now()
const { system, user } = process.cpuUsage(cpu)
process.stdout.write(JSON.stringify({
  seconds: (ended - begun) / 1000,
  cpuSeconds: (user + system) / 1e6,
  peakMib: process.resourceUsage().maxRSS / 1024,
  total: Money.toNumber(GapTally.totalOf(whole)),
  gap: Money.toNumber(GapTally.gapOf(whole))
}))
