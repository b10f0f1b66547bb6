/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-ecs"
import { refuse } from "../AwsFault.ts"
import { jsonFamily } from "../Family.ts"
import * as Paging from "../Paging.ts"
import { awsJson } from "../Protocol.ts"
import { type Call, make } from "../Service.ts"

const invalid = (message: string) => refuse("InvalidParameterException", 400, message)

const listClusters = (input: Sdk.ListClustersRequest, call: Call): Sdk.ListClustersResponse => {
  const place = { accountId: call.accountId, region: call.region, type: "ecs:cluster" } as const
  const { items, token } = Paging.page(call, {
    size: input.maxResults,
    min: 1,
    max: 100,
    byDefault: 100,
    token: input.nextToken,
    badSize: () => invalid("maxResults must be between 1 and 100."),
    badToken: () => invalid("Invalid token.")
  }, (from, limit) => call.estate.scan([place], from, limit))
  return { clusterArns: items.map(({ arn }) => arn), nextToken: token }
}

const describeClusters = (input: Sdk.DescribeClustersRequest, call: Call): Sdk.DescribeClustersResponse => {
  const asked = input.clusters ?? ["default"]
  if (asked.length > 100) throw invalid("Clusters cannot have more than 100 elements.")
  const include: ReadonlyArray<string> = input.include ?? []
  const found = asked.map((key) => [key, call.find("ecs:cluster", key)] as const)
  return {
    clusters: found.flatMap(([, one]) =>
      one === undefined ? [] : [{
        clusterArn: one.arn,
        clusterName: one.name,
        status: one.state,
        registeredContainerInstancesCount: one.attributes.containerInstances,
        runningTasksCount: one.attributes.runningTasks,
        pendingTasksCount: 0,
        activeServicesCount: one.attributes.activeServices,
        statistics: [],
        tags: include.includes("TAGS") ? Object.entries(one.tags).map(([key, value]) => ({ key, value })) : [],
        settings: include.includes("SETTINGS")
          ? [{ name: "containerInsights" as const, value: one.attributes.containerInsights }]
          : [],
        capacityProviders: ["FARGATE"],
        defaultCapacityProviderStrategy: []
      }]
    ),
    failures: found.flatMap(([key, one]) =>
      one === undefined
        ? [{
          arn: key.startsWith("arn:")
            ? key
            : `arn:${call.partition}:ecs:${call.region}:${call.accountId}:cluster/${key}`,
          reason: "MISSING"
        }]
        : []
    )
  }
}

export const Ecs = make({
  signingName: "ecs",
  iamPrefix: "ecs",
  scope: "regional",
  protocol: awsJson({
    version: "1.1",
    target: "AmazonEC2ContainerServiceV20141113",
    namespace: "com.amazonaws.ecs"
  }),
  family: jsonFamily,
  refusals: {
    size: ["InvalidParameterException", 400],
    token: ["InvalidParameterException", 400],
    missing: ["InvalidParameterException", 400]
  },
  load: () => import("@aws-sdk/client-ecs"),
  operations: { ListClusters: listClusters, DescribeClusters: describeClusters }
})
