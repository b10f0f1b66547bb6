/**
 * How the resources of every declared type are read through the real SDK clients: written from AWS's API references,
 * not from the simulator's own declarations.
 */
import { STSClient } from "@aws-sdk/client-sts"
import type { ResourceType } from "../src/index.ts"
import type { declaredTypes } from "../src/types/names.ts"
import type { Connection } from "./Reader.ts"

// Pages of seventy types are read by the names of their members.
type Any = any

export type Send = (command: string, input: object) => Promise<Any>

/** What the reader of a type is told. */
export interface Asking {
  readonly send: Send
  readonly account: string
  readonly region: string
  /** The page size to ask for, or none. */
  readonly size: number | undefined
  readonly page: (length: number) => void
  /** The token to begin with. */
  readonly token?: string
}

type List = (ask: Asking, of?: Any) => Promise<ReadonlyArray<Any>>

/** One type. */
export interface Listing {
  /** The SDK client: `@aws-sdk/client-…`. */
  readonly client: string
  readonly list: List
  /** The least and the most that a page can be asked for; without, it cannot be asked for any. */
  readonly sizes?: readonly [min: number, max: number]
  /** A size that is too large is cut, as AWS documents. */
  readonly clamps?: true
  readonly arn: (one: Any, ask: Asking) => string
  /** `undefined`: resources of the type carry none. */
  readonly tags?: (one: Any, ask: Asking) => Any
}

/** The SDK's client behind a name. */
export const sendOf = async (client: string, to: Connection): Promise<Send> => {
  const module: Readonly<Record<string, Any>> = await import(`@aws-sdk/client-${client}`)
  const name = Object.keys(module).find((key) => /^[A-Z]\w*Client$/u.test(key))!
  // Kinesis speaks HTTP/2 by itself, which the simulator does not.
  const made = new module[name]({ ...to, requestHandler: new STSClient({ ...to }).config.requestHandler })
  return (command, input) => made.send(new module[`${command}Command`](input))
}

const at = (page: Any, path: string): Any => path.split(".").reduce((inner, name) => inner?.[name], page)

interface Paging {
  readonly size?: string
  readonly token?: string | readonly [input: string, output: string]
  /** A number as text. */
  readonly text?: true
  readonly most?: number
  readonly in?: (of: Any) => object
}

/** Follows an operation to its end. */
const pages = (command: string, items: string | ((page: Any) => ReadonlyArray<Any>), paging: Paging = {}): List =>
async (ask, of) => {
  const [input, output] = typeof paging.token === "object" ? paging.token : [paging.token ?? "", paging.token ?? ""]
  const size = paging.size === undefined ? undefined : ask.size ?? paging.most
  const all: Array<Any> = []
  let token: unknown = output === "" ? undefined : ask.token
  do {
    const page = await ask.send(command, {
      ...paging.in?.(of),
      ...(size === undefined ? {} : { [paging.size!]: paging.text === true ? String(size) : size }),
      ...(token === undefined ? {} : { [input]: token })
    })
    const found = typeof items === "function" ? items(page) : at(page, items) ?? []
    ask.page(found.length)
    all.push(...found)
    token = output === "" ? undefined : at(page, output) || undefined
  } while (token !== undefined)
  return all
}

/** The resources in each of some others. */
const inEach = (parents: List, children: List): List => async (ask) => {
  const all: Array<Any> = []
  const { account, region, send } = ask
  for (const parent of await parents({ account, region, send, size: undefined, page: () => {} })) {
    all.push(...await children(ask, parent))
  }
  return all
}

/** Describes what a listing names, in batches. */
const described = (list: List, most: number, describe: (ask: Asking, some: ReadonlyArray<Any>) => Promise<Any>): List =>
async (ask) => {
  const names = await list(ask)
  const all: Array<Any> = []
  for (let from = 0; from < names.length; from += most) all.push(...await describe(ask, names.slice(from, from + most)))
  return all
}

const built = (service: string, rest: (one: Any, ask: Asking) => string, account = true) => (one: Any, ask: Asking) =>
  `arn:aws:${service}:${ask.region}:${account ? ask.account : ""}:${rest(one, ask)}`

const tagCall = (command: string, input: (one: Any) => object, path: string) => async (one: Any, { send }: Asking) =>
  at(await send(command, input(one)), path)

const ec2 = (command: string, items: string, kind: string, id: string, more: Partial<Listing> = {}): Listing => ({
  client: "ec2",
  list: pages(command, items, more.sizes === undefined ? {} : { size: "MaxResults", token: "NextToken" }),
  clamps: true,
  arn: built("ec2", (one) => `${kind}/${one[id]}`),
  tags: (one) => one.Tags,
  ...more
})

const usual = [5, 1000] as const

const elb = { client: "elastic-load-balancing-v2", sizes: [1, 400] } as const
const elbTags = (arn: string) =>
  tagCall("DescribeTags", (one) => ({ ResourceArns: [one[arn]] }), "TagDescriptions.0.Tags")
const elbPages = { size: "PageSize", token: ["Marker", "NextMarker"] } as const
const balancers = pages("DescribeLoadBalancers", "LoadBalancers", elbPages)
const listeners = inEach(
  balancers,
  pages("DescribeListeners", "Listeners", { ...elbPages, in: ({ LoadBalancerArn }) => ({ LoadBalancerArn }) })
)

const rdsLike = (command: string, items: string, client = "rds") => ({
  client,
  sizes: [20, 100],
  list: pages(command, items, { size: "MaxRecords", token: "Marker" })
}) as const
const cacheTags = tagCall("ListTagsForResource", ({ ARN }) => ({ ResourceName: ARN }), "TagList")
const small = { size: "maxResults", token: "nextToken" } as const
const large = { size: "MaxResults", token: "NextToken" } as const
const ecsClusters = pages("ListClusters", "clusterArns", { token: "nextToken" })
const eksClusters = pages("ListClusters", "clusters", small)
const buses = pages("ListEventBuses", "EventBuses", { size: "Limit", token: "NextToken" })
const databases = pages("GetDatabases", "DatabaseList", large)
const glueTags = (kind: string) => async (one: Any, ask: Asking) =>
  (await ask.send("GetTags", { ResourceArn: built("glue", () => `${kind}/${one.Name}`)(one, ask) })).Tags
const sagemakerTags = (arn: string) => tagCall("ListTags", (one) => ({ ResourceArn: one[arn] }), "Tags")
const bedrockTags = (kind: string, id: string) => async (one: Any, ask: Asking) =>
  (await ask.send("ListTagsForResource", { resourceArn: built("bedrock", () => `${kind}/${one[id]}`)(one, ask) })).tags

export const listings: Readonly<Record<(typeof declaredTypes)[number] & ResourceType, Listing>> = {
  "ec2:vpc": ec2("DescribeVpcs", "Vpcs", "vpc", "VpcId", { sizes: usual }),
  "ec2:subnet": ec2("DescribeSubnets", "Subnets", "", "", { sizes: usual, arn: ({ SubnetArn }) => SubnetArn }),
  "ec2:internet-gateway": ec2(
    "DescribeInternetGateways",
    "InternetGateways",
    "internet-gateway",
    "InternetGatewayId",
    { sizes: usual }
  ),
  "ec2:route-table": ec2("DescribeRouteTables", "RouteTables", "route-table", "RouteTableId", { sizes: [5, 100] }),
  "ec2:network-acl": ec2("DescribeNetworkAcls", "NetworkAcls", "network-acl", "NetworkAclId", { sizes: usual }),
  "ec2:dhcp-options": ec2("DescribeDhcpOptions", "DhcpOptions", "dhcp-options", "DhcpOptionsId", { sizes: usual }),
  "ec2:vpc-endpoint": ec2(
    "DescribeVpcEndpoints",
    "VpcEndpoints",
    "vpc-endpoint",
    "VpcEndpointId",
    { sizes: [1, 1000] }
  ),
  "ec2:vpc-peering-connection": ec2(
    "DescribeVpcPeeringConnections",
    "VpcPeeringConnections",
    "vpc-peering-connection",
    "VpcPeeringConnectionId",
    { sizes: usual }
  ),
  "ec2:transit-gateway": ec2(
    "DescribeTransitGateways",
    "TransitGateways",
    "transit-gateway",
    "TransitGatewayId",
    { sizes: usual }
  ),
  "ec2:vpn-connection": ec2("DescribeVpnConnections", "VpnConnections", "vpn-connection", "VpnConnectionId"),
  "ec2:launch-template": ec2(
    "DescribeLaunchTemplates",
    "LaunchTemplates",
    "launch-template",
    "LaunchTemplateId",
    { sizes: [1, 200] }
  ),
  "ec2:key-pair": ec2("DescribeKeyPairs", "KeyPairs", "key-pair", "KeyPairId"),
  "ec2:network-interface": ec2(
    "DescribeNetworkInterfaces",
    "NetworkInterfaces",
    "network-interface",
    "NetworkInterfaceId",
    { sizes: usual, tags: (one) => one.TagSet }
  ),
  "ec2:image": ec2("", "", "", "", {
    list: pages("DescribeImages", "Images", { ...large, in: () => ({ Owners: ["self"] }) }),
    sizes: [1, 1000],
    arn: built("ec2", ({ ImageId }) => `image/${ImageId}`, false)
  }),
  "autoscaling:launch-configuration": {
    client: "auto-scaling",
    sizes: [1, 100],
    list: pages("DescribeLaunchConfigurations", "LaunchConfigurations", { size: "MaxRecords", token: "NextToken" }),
    arn: (one) => one.LaunchConfigurationARN
  },
  "elasticloadbalancing:loadbalancer": {
    ...elb,
    list: balancers,
    arn: (one) => one.LoadBalancerArn,
    tags: elbTags("LoadBalancerArn")
  },
  "elasticloadbalancing:targetgroup": {
    ...elb,
    list: pages("DescribeTargetGroups", "TargetGroups", elbPages),
    arn: (one) => one.TargetGroupArn,
    tags: elbTags("TargetGroupArn")
  },
  "elasticloadbalancing:listener": {
    ...elb,
    list: listeners,
    arn: (one) => one.ListenerArn,
    tags: elbTags("ListenerArn")
  },
  "elasticloadbalancing:listener-rule": {
    ...elb,
    list: inEach(
      listeners,
      pages("DescribeRules", "Rules", { ...elbPages, in: ({ ListenerArn }) => ({ ListenerArn }) })
    ),
    arn: (one) => one.RuleArn,
    tags: elbTags("RuleArn")
  },
  "elasticloadbalancing:classic-loadbalancer": {
    client: "elastic-load-balancing",
    sizes: [1, 400],
    list: pages("DescribeLoadBalancers", "LoadBalancerDescriptions", elbPages),
    arn: built("elasticloadbalancing", (one) => `loadbalancer/${one.LoadBalancerName}`),
    tags: tagCall(
      "DescribeTags",
      ({ LoadBalancerName }) => ({ LoadBalancerNames: [LoadBalancerName] }),
      "TagDescriptions.0.Tags"
    )
  },
  "rds:cluster": {
    ...rdsLike("DescribeDBClusters", "DBClusters"),
    arn: (one) => one.DBClusterArn,
    tags: (one) => one.TagList
  },
  "rds:snapshot": {
    ...rdsLike("DescribeDBSnapshots", "DBSnapshots"),
    arn: (one) => one.DBSnapshotArn,
    tags: tagCall("ListTagsForResource", (one) => ({ ResourceName: one.DBSnapshotArn }), "TagList")
  },
  "rds:cluster-snapshot": {
    ...rdsLike("DescribeDBClusterSnapshots", "DBClusterSnapshots"),
    arn: (one) => one.DBClusterSnapshotArn,
    tags: (one) => one.TagList
  },
  "elasticache:cluster": {
    ...rdsLike("DescribeCacheClusters", "CacheClusters", "elasticache"),
    arn: (one) => one.ARN,
    tags: cacheTags
  },
  "elasticache:replicationgroup": {
    ...rdsLike("DescribeReplicationGroups", "ReplicationGroups", "elasticache"),
    arn: (one) => one.ARN,
    tags: cacheTags
  },
  "redshift:cluster": {
    ...rdsLike("DescribeClusters", "Clusters", "redshift"),
    arn: built("redshift", (one) => `cluster:${one.ClusterIdentifier}`),
    tags: (one) => one.Tags
  },
  "opensearch:domain": {
    client: "opensearch",
    list: described(pages("ListDomainNames", "DomainNames"), 5, async ({ send }, some) =>
      (await send("DescribeDomains", { DomainNames: some.map(({ DomainName }) => DomainName) })).DomainStatusList),
    arn: (one) => one.ARN,
    tags: tagCall("ListTags", ({ ARN }) => ({ ARN }), "TagList")
  },
  "ecs:service": {
    client: "ecs",
    sizes: [1, 100],
    list: inEach(ecsClusters, async (ask, cluster) => {
      const named = pages("ListServices", "serviceArns", { ...small, in: () => ({ cluster }) })
      return described(named, 10, async ({ send }, services) =>
        (await send("DescribeServices", { cluster, services, include: ["TAGS"] })).services)(ask)
    }),
    arn: (one) => one.serviceArn,
    tags: (one) => one.tags
  },
  "ecs:task-definition": {
    client: "ecs",
    sizes: [1, 100],
    list: pages("ListTaskDefinitions", "taskDefinitionArns", small),
    arn: (one) => one,
    tags: tagCall("DescribeTaskDefinition", (taskDefinition) => ({ taskDefinition, include: ["TAGS"] }), "tags")
  },
  "ecs:capacity-provider": {
    client: "ecs",
    sizes: [1, 10],
    list: pages("DescribeCapacityProviders", "capacityProviders", { ...small, in: () => ({ include: ["TAGS"] }) }),
    arn: (one) => one.capacityProviderArn,
    tags: (one) => one.tags
  },
  "eks:cluster": {
    client: "eks",
    sizes: [1, 100],
    list: described(eksClusters, 1, async ({ send }, [name]) => [(await send("DescribeCluster", { name })).cluster]),
    arn: (one) => one.arn,
    tags: (one) => one.tags
  },
  "eks:nodegroup": {
    client: "eks",
    sizes: [1, 100],
    list: inEach(eksClusters, async (ask, clusterName) =>
      described(pages("ListNodegroups", "nodegroups", { ...small, in: () => ({ clusterName }) }), 1, async (
        { send },
        [nodegroupName]
      ) => [(await send("DescribeNodegroup", { clusterName, nodegroupName })).nodegroup])(ask)),
    arn: (one) => one.nodegroupArn,
    tags: tagCall("ListTagsForResource", (one) => ({ resourceArn: one.nodegroupArn }), "tags")
  },
  "ecr:repository": {
    client: "ecr",
    sizes: [1, 1000],
    list: pages("DescribeRepositories", "repositories", small),
    arn: (one) => one.repositoryArn,
    tags: tagCall("ListTagsForResource", (one) => ({ resourceArn: one.repositoryArn }), "tags")
  },
  "batch:job-queue": {
    client: "batch",
    sizes: [1, 100],
    list: pages("DescribeJobQueues", "jobQueues", small),
    arn: (one) => one.jobQueueArn,
    tags: (one) => one.tags
  },
  "kinesis:stream": {
    client: "kinesis",
    sizes: [1, 10_000],
    list: pages("ListStreams", "StreamSummaries", { size: "Limit", token: "NextToken" }),
    arn: (one) => one.StreamARN,
    tags: tagCall("ListTagsForResource", (one) => ({ ResourceARN: one.StreamARN }), "Tags")
  },
  "firehose:delivery-stream": {
    client: "firehose",
    sizes: [1, 10_000],
    list: async (ask) => {
      const all: Array<string> = []
      let more = true
      while (more) {
        const page = await ask.send("ListDeliveryStreams", {
          Limit: ask.size,
          ExclusiveStartDeliveryStreamName: all.at(-1)
        })
        ask.page(page.DeliveryStreamNames.length)
        all.push(...page.DeliveryStreamNames)
        more = page.HasMoreDeliveryStreams
      }
      return all
    },
    arn: built("firehose", (one) => `deliverystream/${one}`),
    tags: async (DeliveryStreamName, { send }) => {
      const all: Array<Any> = []
      let more = true
      while (more) {
        const ExclusiveStartTagKey = all.at(-1)?.Key
        const page = await send("ListTagsForDeliveryStream", { DeliveryStreamName, Limit: 2, ExclusiveStartTagKey })
        all.push(...page.Tags)
        more = page.HasMoreTags
      }
      return all
    }
  },
  "kafka:cluster": {
    client: "kafka",
    sizes: [1, 100],
    list: pages("ListClustersV2", "ClusterInfoList", large),
    arn: (one) => one.ClusterArn,
    tags: (one) => one.Tags
  },
  "mq:broker": {
    client: "mq",
    sizes: [5, 100],
    list: pages("ListBrokers", "BrokerSummaries", large),
    arn: (one) => one.BrokerArn,
    tags: tagCall("ListTags", (one) => ({ ResourceArn: one.BrokerArn }), "Tags")
  },
  "events:event-bus": {
    client: "eventbridge",
    sizes: [1, 100],
    list: buses,
    arn: (one) => one.Arn,
    tags: tagCall("ListTagsForResource", (one) => ({ ResourceARN: one.Arn }), "Tags")
  },
  "events:rule": {
    client: "eventbridge",
    sizes: [1, 100],
    list: inEach(
      buses,
      pages("ListRules", "Rules", { size: "Limit", token: "NextToken", in: ({ Name }) => ({ EventBusName: Name }) })
    ),
    arn: (one) => one.Arn,
    tags: tagCall("ListTagsForResource", (one) => ({ ResourceARN: one.Arn }), "Tags")
  },
  "states:state-machine": {
    client: "sfn",
    sizes: [1, 1000],
    list: pages("ListStateMachines", "stateMachines", small),
    arn: (one) => one.stateMachineArn,
    tags: tagCall("ListTagsForResource", (one) => ({ resourceArn: one.stateMachineArn }), "tags")
  },
  "apigateway:restapi": {
    client: "api-gateway",
    sizes: [1, 500],
    list: pages("GetRestApis", "items", { size: "limit", token: "position" }),
    arn: built("apigateway", ({ id }) => `/restapis/${id}`, false),
    tags: (one) => one.tags
  },
  "apigatewayv2:api": {
    client: "apigatewayv2",
    sizes: [1, 500],
    list: pages("GetApis", "Items", { ...large, text: true }),
    arn: built("apigateway", ({ ApiId }) => `/apis/${ApiId}`, false),
    tags: (one) => one.Tags
  },
  "cloudfront:distribution": {
    client: "cloudfront",
    sizes: [1, 100],
    list: pages(
      "ListDistributions",
      ({ DistributionList }) => DistributionList.Items ?? [],
      { size: "MaxItems", token: ["Marker", "DistributionList.NextMarker"] }
    ),
    arn: (one) => one.ARN,
    tags: tagCall("ListTagsForResource", ({ ARN }) => ({ Resource: ARN }), "Tags.Items")
  },
  "wafv2:web-acl": {
    client: "wafv2",
    sizes: [1, 100],
    list: async (ask) => {
      const of = (Scope: string) =>
        pages("ListWebACLs", "WebACLs", { size: "Limit", token: "NextMarker", in: () => ({ Scope }) })
      const regional = await of("REGIONAL")(ask)
      return ask.region === "us-east-1" ? [...regional, ...await of("CLOUDFRONT")(ask)] : regional
    },
    arn: (one) => one.ARN,
    tags: tagCall("ListTagsForResource", ({ ARN }) => ({ ResourceARN: ARN }), "TagInfoForResource.TagList")
  },
  "acm:certificate": {
    client: "acm",
    sizes: [1, 1000],
    list: pages("ListCertificates", "CertificateSummaryList", {
      size: "MaxItems",
      token: "NextToken",
      in: () => ({ Includes: { keyTypes: ["RSA_1024", "RSA_2048", "RSA_4096", "EC_prime256v1"] } })
    }),
    arn: (one) => one.CertificateArn,
    tags: tagCall("ListTagsForCertificate", ({ CertificateArn }) => ({ CertificateArn }), "Tags")
  },
  "iam:user": {
    client: "iam",
    sizes: [1, 1000],
    list: pages("ListUsers", "Users", { size: "MaxItems", token: "Marker" }),
    arn: (one) => one.Arn,
    tags: tagCall("ListUserTags", ({ UserName }) => ({ UserName }), "Tags")
  },
  "iam:policy": {
    client: "iam",
    sizes: [1, 1000],
    list: pages("ListPolicies", "Policies", { size: "MaxItems", token: "Marker", in: () => ({ Scope: "Local" }) }),
    arn: (one) => one.Arn,
    tags: tagCall("ListPolicyTags", ({ Arn }) => ({ PolicyArn: Arn }), "Tags")
  },
  "kms:key": {
    client: "kms",
    sizes: [1, 1000],
    list: pages("ListKeys", "Keys", { size: "Limit", token: ["Marker", "NextMarker"] }),
    arn: (one) => one.KeyArn,
    tags: tagCall("ListResourceTags", ({ KeyId }) => ({ KeyId }), "Tags")
  },
  "secretsmanager:secret": {
    client: "secrets-manager",
    sizes: [1, 100],
    list: pages("ListSecrets", "SecretList", large),
    arn: (one) => one.ARN,
    tags: (one) => one.Tags
  },
  "ssm:parameter": {
    client: "ssm",
    sizes: [1, 50],
    list: pages("DescribeParameters", "Parameters", large),
    arn: (one) => one.ARN,
    tags: tagCall("ListTagsForResource", ({ Name }) => ({ ResourceType: "Parameter", ResourceId: Name }), "TagList")
  },
  "cognito-idp:userpool": {
    client: "cognito-identity-provider",
    sizes: [1, 60],
    list: pages("ListUserPools", "UserPools", { ...large, most: 60 }),
    arn: built("cognito-idp", ({ Id }) => `userpool/${Id}`),
    tags: tagCall("DescribeUserPool", ({ Id }) => ({ UserPoolId: Id }), "UserPool.UserPoolTags")
  },
  "cognito-identity:identitypool": {
    client: "cognito-identity",
    sizes: [1, 60],
    list: pages("ListIdentityPools", "IdentityPools", { ...large, most: 60 }),
    arn: built("cognito-identity", ({ IdentityPoolId }) => `identitypool/${IdentityPoolId}`),
    tags: tagCall("DescribeIdentityPool", ({ IdentityPoolId }) => ({ IdentityPoolId }), "IdentityPoolTags")
  },
  "efs:file-system": {
    client: "efs",
    sizes: [1, 100],
    clamps: true,
    list: pages("DescribeFileSystems", "FileSystems", { size: "MaxItems", token: ["Marker", "NextMarker"] }),
    arn: (one) => one.FileSystemArn,
    tags: (one) => one.Tags
  },
  "fsx:file-system": {
    client: "fsx",
    sizes: [1, 100],
    clamps: true,
    list: pages("DescribeFileSystems", "FileSystems", large),
    arn: (one) => one.ResourceARN,
    tags: (one) => one.Tags
  },
  "backup:vault": {
    client: "backup",
    sizes: [1, 1000],
    list: pages("ListBackupVaults", "BackupVaultList", large),
    arn: (one) => one.BackupVaultArn,
    tags: tagCall("ListTags", (one) => ({ ResourceArn: one.BackupVaultArn }), "Tags")
  },
  "glue:job": {
    client: "glue",
    sizes: [1, 1000],
    list: pages("GetJobs", "Jobs", large),
    arn: built("glue", ({ Name }) => `job/${Name}`),
    tags: glueTags("job")
  },
  "glue:crawler": {
    client: "glue",
    sizes: [1, 1000],
    list: pages("GetCrawlers", "Crawlers", large),
    arn: built("glue", ({ Name }) => `crawler/${Name}`),
    tags: glueTags("crawler")
  },
  "glue:database": {
    client: "glue",
    sizes: [1, 100],
    list: databases,
    arn: built("glue", ({ Name }) => `database/${Name}`),
    tags: glueTags("database")
  },
  "glue:table": {
    client: "glue",
    sizes: [1, 100],
    list: inEach(databases, pages("GetTables", "TableList", { ...large, in: ({ Name }) => ({ DatabaseName: Name }) })),
    arn: built("glue", (one) => `table/${one.DatabaseName}/${one.Name}`)
  },
  "athena:workgroup": {
    client: "athena",
    sizes: [1, 50],
    list: pages("ListWorkGroups", "WorkGroups", large),
    arn: built("athena", ({ Name }) => `workgroup/${Name}`),
    tags: async (one, ask) =>
      (await ask.send("ListTagsForResource", { ResourceARN: built("athena", () => `workgroup/${one.Name}`)(one, ask) }))
        .Tags
  },
  "emr:cluster": {
    client: "emr",
    list: pages("ListClusters", "Clusters", { token: "Marker" }),
    arn: (one) => one.ClusterArn,
    tags: tagCall("DescribeCluster", ({ Id }) => ({ ClusterId: Id }), "Cluster.Tags")
  },
  "sagemaker:endpoint": {
    client: "sagemaker",
    sizes: [1, 100],
    list: pages("ListEndpoints", "Endpoints", large),
    arn: (one) => one.EndpointArn,
    tags: sagemakerTags("EndpointArn")
  },
  "sagemaker:notebook-instance": {
    client: "sagemaker",
    sizes: [1, 100],
    list: pages("ListNotebookInstances", "NotebookInstances", large),
    arn: (one) => one.NotebookInstanceArn,
    tags: sagemakerTags("NotebookInstanceArn")
  },
  "bedrock:agent": {
    client: "bedrock-agent",
    sizes: [1, 1000],
    list: pages("ListAgents", "agentSummaries", small),
    arn: built("bedrock", ({ agentId }) => `agent/${agentId}`),
    tags: bedrockTags("agent", "agentId")
  },
  "bedrock:knowledge-base": {
    client: "bedrock-agent",
    sizes: [1, 1000],
    list: pages("ListKnowledgeBases", "knowledgeBaseSummaries", small),
    arn: built("bedrock", ({ knowledgeBaseId }) => `knowledge-base/${knowledgeBaseId}`),
    tags: bedrockTags("knowledge-base", "knowledgeBaseId")
  },
  "logs:log-group": {
    client: "cloudwatch-logs",
    sizes: [1, 50],
    list: pages("DescribeLogGroups", "logGroups", { size: "limit", token: "nextToken" }),
    arn: (one) => one.logGroupArn,
    tags: tagCall("ListTagsForResource", (one) => ({ resourceArn: one.logGroupArn }), "tags")
  },
  "cloudwatch:alarm": {
    client: "cloudwatch",
    sizes: [1, 100],
    list: pages("DescribeAlarms", (page) => [...page.MetricAlarms ?? [], ...page.CompositeAlarms ?? []], {
      size: "MaxRecords",
      token: "NextToken",
      in: () => ({ AlarmTypes: ["MetricAlarm", "CompositeAlarm"] })
    }),
    arn: (one) => one.AlarmArn,
    tags: tagCall("ListTagsForResource", (one) => ({ ResourceARN: one.AlarmArn }), "Tags")
  },
  "cloudtrail:trail": {
    client: "cloudtrail",
    list: pages("DescribeTrails", "trailList", { in: () => ({ includeShadowTrails: false }) }),
    arn: (one) => one.TrailARN,
    tags: tagCall("ListTags", (one) => ({ ResourceIdList: [one.TrailARN] }), "ResourceTagList.0.TagsList")
  },
  "cloudformation:stack": {
    client: "cloudformation",
    list: pages("DescribeStacks", "Stacks", { token: "NextToken" }),
    arn: (one) => one.StackId,
    tags: (one) => one.Tags
  },
  "codebuild:project": {
    client: "codebuild",
    list: described(pages("ListProjects", "projects", { token: "nextToken" }), 100, async ({ send }, names) =>
      (await send("BatchGetProjects", { names })).projects),
    arn: (one) => one.arn,
    tags: (one) => one.tags
  },
  "codepipeline:pipeline": {
    client: "codepipeline",
    sizes: [1, 1000],
    list: pages("ListPipelines", "pipelines", small),
    arn: built("codepipeline", ({ name }) => name),
    tags: async (one, ask) =>
      (await ask.send("ListTagsForResource", { resourceArn: built("codepipeline", () => one.name)(one, ask) })).tags
  }
}
