import { draw, hex8, pick, unit } from "../Hash.ts"
import * as TypeModel from "../TypeModel.ts"

export const LambdaFunction = TypeModel.make({
  share: 14,
  scope: "regional",
  taggingApi: "lambda:function",
  nameTag: false,
  identify: (cell, index, hash) => {
    const name = TypeModel.codedName(cell, index, hash, ["handler", "authorizer", "cron", "stream"])
    return { id: name, name, arn: `arn:${cell.partition}:lambda:${cell.region}:${cell.accountId}:function:${name}` }
  },
  locate: TypeModel.locateName,
  facts: () => ({ state: "Active" }),
  attributes: (_cell, _index, hash) => ({
    runtime: pick(hash, 50, ["nodejs22.x", "python3.13", "java21", "nodejs18.x", "provided.al2023"]),
    memory: pick(hash, 51, [128, 256, 512, 1024, 3008]),
    timeout: pick(hash, 52, [3, 10, 30, 900]),
    codeSize: 1000 + draw(hash, 53) % 5_000_000,
    codeSha256: Buffer.from(hex8(draw(hash, 54)).repeat(4)).toString("base64"),
    architecture: unit(hash, 55) < 0.5 ? "arm64" : "x86_64",
    revisionId: `${hex8(draw(hash, 56))}-0000-4000-8000-${hex8(draw(hash, 57))}0000`,
    role: "service-role/lambda-execution"
  })
})
