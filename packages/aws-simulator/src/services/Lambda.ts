/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-lambda"
import { refuse } from "../AwsFault.ts"
import type { EstateResource } from "../Estate.ts"
import { restJsonFamily } from "../Family.ts"
import * as Paging from "../Paging.ts"
import { restJson } from "../Protocol.ts"
import { type Call, make } from "../Service.ts"

const invalid = (message: string) =>
  refuse("InvalidParameterValueException", 400, message, { fields: { Type: "User" } })

const missing = (arn: string) =>
  refuse("ResourceNotFoundException", 404, `Function not found: ${arn}`, { fields: { Type: "User" } })

const configuration = (one: EstateResource<"lambda:function">): Sdk.FunctionConfiguration => ({
  FunctionName: one.name,
  FunctionArn: one.arn,
  Runtime: one.attributes.runtime as Sdk.Runtime,
  Role: `${one.arn.slice(0, one.arn.indexOf(":lambda"))}:iam::${one.accountId}:role/${one.attributes.role}`,
  Handler: "index.handler",
  CodeSize: one.attributes.codeSize,
  Description: "",
  Timeout: one.attributes.timeout,
  MemorySize: one.attributes.memory,
  LastModified: one.createdAt.toISOString().replace("Z", "+0000"),
  CodeSha256: one.attributes.codeSha256,
  Version: "$LATEST",
  TracingConfig: { Mode: "PassThrough" },
  RevisionId: one.attributes.revisionId,
  PackageType: "Zip",
  Architectures: [one.attributes.architecture as Sdk.Architecture],
  EphemeralStorage: { Size: 512 },
  SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
  LoggingConfig: { LogFormat: "Text", LogGroup: `/aws/lambda/${one.name}` }
})

const listFunctions = (input: Sdk.ListFunctionsRequest, call: Call): Sdk.ListFunctionsResponse => {
  const place = { accountId: call.accountId, region: call.region, type: "lambda:function" } as const
  const size = input.MaxItems
  if (size !== undefined && size > 10_000) throw invalid("MaxItems must be at most 10000")
  const { items, token } = Paging.page(call, {
    size,
    min: 1,
    max: 50,
    byDefault: 50,
    clamp: true,
    token: input.Marker,
    badSize: () => invalid("MaxItems must be at least 1"),
    badToken: () => invalid("Invalid Marker")
  }, (from, limit) => call.estate.scan([place], from, limit))
  return { Functions: items.map(configuration), NextMarker: token }
}

const arnOf = (call: Call, name: string) =>
  name.startsWith("arn:") ? name : `arn:${call.partition}:lambda:${call.region}:${call.accountId}:function:${name}`

const getFunction = (input: Sdk.GetFunctionRequest, call: Call): Sdk.GetFunctionResponse => {
  const arn = arnOf(call, input.FunctionName ?? "")
  const one = call.find("lambda:function", arn)
  if (one === undefined) throw missing(arn)
  return {
    Configuration: { ...configuration(one), State: "Active", LastUpdateStatus: "Successful" },
    Code: { RepositoryType: "S3", Location: `https://awslambda-${one.region}-tasks.s3.amazonaws.com/${one.name}` },
    ...(Object.keys(one.tags).length === 0 ? {} : { Tags: one.tags })
  }
}

const listTags = (input: Sdk.ListTagsRequest, call: Call): Sdk.ListTagsResponse => {
  const arn = input.Resource ?? ""
  const one = call.find("lambda:function", arn)
  if (one === undefined) throw missing(arn)
  return { Tags: one.tags }
}

export const Lambda = make({
  signingName: "lambda",
  iamPrefix: "lambda",
  scope: "regional",
  protocol: restJson({ messageKey: "Message" }),
  family: restJsonFamily,
  load: () => import("@aws-sdk/client-lambda"),
  operations: { ListFunctions: listFunctions, ListTags: listTags, GetFunction: getFunction }
})
