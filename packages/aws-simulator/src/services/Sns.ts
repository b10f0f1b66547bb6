/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-sns"
import { refuse } from "../AwsFault.ts"
import { queryFamily } from "../Family.ts"
import * as Paging from "../Paging.ts"
import { query } from "../Protocol.ts"
import { type Call, make } from "../Service.ts"

const invalid = (message: string) => refuse("InvalidParameter", 400, `Invalid parameter: ${message}`)

const listTopics = (input: Sdk.ListTopicsInput, call: Call): Sdk.ListTopicsResponse => {
  const place = { accountId: call.accountId, region: call.region, type: "sns:topic" } as const
  const { items, token } = Paging.page(call, {
    size: undefined,
    min: 1,
    max: 100,
    byDefault: 100,
    token: input.NextToken,
    badSize: () => invalid("size"),
    badToken: () => invalid("NextToken")
  }, (from, limit) => call.estate.scan([place], from, limit))
  return { Topics: items.map(({ arn }) => ({ TopicArn: arn })), NextToken: token }
}

const listTagsForResource = (
  input: Sdk.ListTagsForResourceRequest,
  call: Call
): Sdk.ListTagsForResourceResponse => {
  const found = call.find("sns:topic", input.ResourceArn ?? "")
  if (found === undefined || found.arn !== input.ResourceArn) {
    throw refuse("ResourceNotFound", 404, "Resource does not exist")
  }
  return { Tags: Object.entries(found.tags).map(([Key, Value]) => ({ Key, Value })) }
}

export const Sns = make({
  signingName: "sns",
  iamPrefix: "sns",
  scope: "regional",
  protocol: query("http://sns.amazonaws.com/doc/2010-03-31/"),
  family: { ...queryFamily, denied: ["AuthorizationError", 403, "Access denied"] },
  load: () => import("@aws-sdk/client-sns"),
  operations: { ListTopics: listTopics, ListTagsForResource: listTagsForResource }
})
