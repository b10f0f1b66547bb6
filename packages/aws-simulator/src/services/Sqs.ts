/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-sqs"
import { refuse } from "../AwsFault.ts"
import { jsonFamily } from "../Family.ts"
import * as Paging from "../Paging.ts"
import { awsJson } from "../Protocol.ts"
import { dnsSuffixOf } from "../Region.ts"
import { type Call, make } from "../Service.ts"

const urlOf = (call: Call, name: string) =>
  `https://sqs.${call.region}.${dnsSuffixOf(call.partition)}/${call.accountId}/${name}`

const invalid = (message: string) =>
  refuse("InvalidParameterValueException", 400, message, { queryCode: "InvalidParameterValue" })

const listQueues = (input: Sdk.ListQueuesRequest, call: Call): Sdk.ListQueuesResult => {
  const place = { accountId: call.accountId, region: call.region, type: "sqs:queue" } as const
  const prefix = input.QueueNamePrefix ?? ""
  const { items, token } = Paging.page(call, {
    size: input.MaxResults,
    min: 1,
    max: 1000,
    byDefault: 1000,
    token: input.NextToken,
    unpaged: input.MaxResults === undefined,
    bind: prefix,
    badSize: (size) =>
      invalid(`Value ${size} for parameter MaxResults is invalid. Reason: Must be between 1 and 1000.`),
    badToken: () => invalid("Value for parameter NextToken is invalid.")
  }, (from, limit) => call.estate.scan([place], from, limit, (queue) => queue.name.startsWith(prefix)))
  return {
    ...(items.length === 0 ? {} : { QueueUrls: items.map(({ name }) => urlOf(call, name)) }),
    // Without MaxResults the rest cannot be reached: no token comes.
    NextToken: input.MaxResults === undefined ? undefined : token
  }
}

const queueOf = (url: string | undefined, call: Call) => {
  const [, accountId = "", name = ""] = /\/(\d{12})\/([^/]+)$/u.exec(url ?? "") ?? []
  const found = accountId === call.accountId ? call.find("sqs:queue", name) : undefined
  if (found === undefined) {
    throw refuse("QueueDoesNotExist", 400, "The specified queue does not exist.", {
      queryCode: "AWS.SimpleQueueService.NonExistentQueue"
    })
  }
  return found
}

const getQueueAttributes = (input: Sdk.GetQueueAttributesRequest, call: Call): Sdk.GetQueueAttributesResult => {
  const one = queueOf(input.QueueUrl, call)
  const names: ReadonlyArray<string> = input.AttributeNames ?? []
  const created = String(Math.floor(one.createdAt.getTime() / 1000))
  const all = {
    QueueArn: one.arn,
    ApproximateNumberOfMessages: String(one.attributes.messages),
    ApproximateNumberOfMessagesNotVisible: "0",
    ApproximateNumberOfMessagesDelayed: "0",
    CreatedTimestamp: created,
    LastModifiedTimestamp: created,
    VisibilityTimeout: String(one.attributes.visibilityTimeout),
    MaximumMessageSize: "262144",
    MessageRetentionPeriod: String(one.attributes.retentionSeconds),
    DelaySeconds: "0",
    ReceiveMessageWaitTimeSeconds: "0",
    SqsManagedSseEnabled: String(one.attributes.encrypted)
  }
  const chosen = Object.entries(all).filter(([name]) => names.includes("All") || names.includes(name))
  return chosen.length === 0 ? {} : { Attributes: Object.fromEntries(chosen) }
}

const listQueueTags = (input: Sdk.ListQueueTagsRequest, call: Call): Sdk.ListQueueTagsResult => {
  const { tags } = queueOf(input.QueueUrl, call)
  return Object.keys(tags).length === 0 ? {} : { Tags: tags }
}

export const Sqs = make({
  signingName: "sqs",
  iamPrefix: "sqs",
  scope: "regional",
  protocol: awsJson({ version: "1.0", target: "AmazonSQS", namespace: "com.amazonaws.sqs", queryCompatible: true }),
  family: {
    ...jsonFamily,
    throttled: ["RequestThrottled", 403, "The request was denied due to request throttling."],
    denied: ["AccessDeniedException", 403, "Access denied"],
    "unknown-key": ["UnrecognizedClientException", 403, jsonFamily["unknown-key"][2]],
    expired: ["ExpiredTokenException", 403, jsonFamily.expired[2]],
    "bad-signature": ["InvalidSignatureException", 403, jsonFamily["bad-signature"][2]],
    internal: ["InternalFailure", 500, jsonFamily.internal[2]]
  },
  queryCodes: {
    denied: "AccessDenied",
    "unknown-key": "InvalidClientTokenId",
    expired: "ExpiredToken",
    "bad-signature": "SignatureDoesNotMatch",
    unavailable: "ServiceUnavailable"
  },
  load: () => import("@aws-sdk/client-sqs"),
  operations: { ListQueues: listQueues, ListQueueTags: listQueueTags, GetQueueAttributes: getQueueAttributes }
})
