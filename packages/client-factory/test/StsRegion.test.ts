import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts"
import { RegionId } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { stsRegion } from "../src/index.ts"

describe("the Region whose STS is asked", () => {
  it("is one that every account has, in the partition of who asks", () => {
    const cases = [
      ["aws", "eu-west-1", "eu-west-1"],
      ["aws", "af-south-1", "us-east-1"],
      ["aws", "us-gov-west-1", "us-east-1"],
      ["aws-cn", "cn-north-1", "cn-north-1"],
      ["aws-cn", "us-east-1", "cn-northwest-1"],
      ["aws-us-gov", "us-gov-east-1", "us-gov-east-1"]
    ] as const
    for (const [partition, preferred, region] of cases) {
      assert.strictEqual(stsRegion(partition, RegionId.make(preferred)), RegionId.make(region))
    }
  })

  it.live("has an endpoint of its own with the SDK, which is not the global one", () =>
    Effect.promise(async () => {
      const client = new STSClient({ region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } })
      let host = ""
      client.middlewareStack.add(
        () => (args) => {
          host = (args.request as { readonly hostname: string }).hostname
          return Promise.reject(new Error("seen"))
        },
        { step: "finalizeRequest" }
      )
      await client.send(new AssumeRoleCommand({ RoleArn: "x", RoleSessionName: "y" })).catch(() => {})
      assert.strictEqual(host, "sts.us-east-1.amazonaws.com")
    }))
})
