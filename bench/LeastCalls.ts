/**
 * The fewest calls that AWS's APIs allow for one type in one Region, counted from what is there: from the API
 * references, without anything of the scanners.
 */
import type { TrueResource } from "./SimulatorProcess.ts"

/** Calls of one operation; `service` is the signing name. */
interface Step {
  readonly service: string
  readonly operation: string
  readonly calls: number
}

/** The calls of one cell, and how many of them must wait for each other at least. */
interface Least {
  readonly steps: ReadonlyArray<Step>
  readonly chain: number
}

/** All of an estate in one Region, by type; what lists leave out is left out. */
export type Place = ReadonlyMap<string, ReadonlyArray<TrueResource>>

/** Types that one list finds: operation, the largest page, and whether the list has no tags. */
const flat: Readonly<Record<string, readonly [operation: string, page: number, tags?: "tags"]>> = {
  "acm:certificate": ["acm:ListCertificates", 1000, "tags"],
  "apigateway:restapi": ["apigateway:GetRestApis", 500],
  "apigatewayv2:api": ["apigateway:GetApis", 500],
  "athena:workgroup": ["athena:ListWorkGroups", 50, "tags"],
  "autoscaling:group": ["autoscaling:DescribeAutoScalingGroups", 100],
  "autoscaling:launch-configuration": ["autoscaling:DescribeLaunchConfigurations", 100],
  "backup:vault": ["backup:ListBackupVaults", 1000, "tags"],
  "batch:job-queue": ["batch:DescribeJobQueues", 100],
  "bedrock:agent": ["bedrock:ListAgents", 1000, "tags"],
  "bedrock:knowledge-base": ["bedrock:ListKnowledgeBases", 1000, "tags"],
  "cloudformation:stack": ["cloudformation:DescribeStacks", 100],
  "cloudfront:distribution": ["cloudfront:ListDistributions", 100, "tags"],
  "cloudtrail:trail": ["cloudtrail:DescribeTrails", Infinity, "tags"],
  "cloudwatch:alarm": ["monitoring:DescribeAlarms", 100, "tags"],
  "codepipeline:pipeline": ["codepipeline:ListPipelines", 1000, "tags"],
  "cognito-identity:identitypool": ["cognito-identity:ListIdentityPools", 60, "tags"],
  "cognito-idp:userpool": ["cognito-idp:ListUserPools", 60, "tags"],
  "dynamodb:table": ["dynamodb:ListTables", 100, "tags"],
  "ec2:dhcp-options": ["ec2:DescribeDhcpOptions", 1000],
  "ec2:elastic-ip": ["ec2:DescribeAddresses", Infinity],
  "ec2:image": ["ec2:DescribeImages", 1000],
  "ec2:instance": ["ec2:DescribeInstances", 1000],
  "ec2:internet-gateway": ["ec2:DescribeInternetGateways", 1000],
  "ec2:key-pair": ["ec2:DescribeKeyPairs", Infinity],
  "ec2:launch-template": ["ec2:DescribeLaunchTemplates", 200],
  "ec2:natgateway": ["ec2:DescribeNatGateways", 1000],
  "ec2:network-acl": ["ec2:DescribeNetworkAcls", 1000],
  "ec2:network-interface": ["ec2:DescribeNetworkInterfaces", 1000],
  "ec2:route-table": ["ec2:DescribeRouteTables", 100],
  "ec2:security-group": ["ec2:DescribeSecurityGroups", 1000],
  "ec2:snapshot": ["ec2:DescribeSnapshots", 1000],
  "ec2:subnet": ["ec2:DescribeSubnets", 1000],
  "ec2:transit-gateway": ["ec2:DescribeTransitGateways", 1000],
  "ec2:volume": ["ec2:DescribeVolumes", 1000],
  "ec2:vpc": ["ec2:DescribeVpcs", 1000],
  "ec2:vpc-endpoint": ["ec2:DescribeVpcEndpoints", 1000],
  "ec2:vpc-peering-connection": ["ec2:DescribeVpcPeeringConnections", 1000],
  "ec2:vpn-connection": ["ec2:DescribeVpnConnections", Infinity],
  "ecr:repository": ["ecr:DescribeRepositories", 1000, "tags"],
  "ecs:capacity-provider": ["ecs:DescribeCapacityProviders", 10],
  "ecs:task-definition": ["ecs:ListTaskDefinitions", 100, "tags"],
  "efs:file-system": ["elasticfilesystem:DescribeFileSystems", 100],
  "elasticache:cluster": ["elasticache:DescribeCacheClusters", 100, "tags"],
  "elasticache:replicationgroup": ["elasticache:DescribeReplicationGroups", 100, "tags"],
  "elasticloadbalancing:classic-loadbalancer": ["elasticloadbalancing:DescribeLoadBalancers", 400, "tags"],
  "elasticloadbalancing:loadbalancer": ["elasticloadbalancing:DescribeLoadBalancers", 400, "tags"],
  "elasticloadbalancing:targetgroup": ["elasticloadbalancing:DescribeTargetGroups", 400, "tags"],
  "emr:cluster": ["elasticmapreduce:ListClusters", 50, "tags"],
  "events:event-bus": ["events:ListEventBuses", 100, "tags"],
  "firehose:delivery-stream": ["firehose:ListDeliveryStreams", 10_000, "tags"],
  "fsx:file-system": ["fsx:DescribeFileSystems", 1000],
  "glue:crawler": ["glue:GetCrawlers", 1000, "tags"],
  "glue:database": ["glue:GetDatabases", 100, "tags"],
  "glue:job": ["glue:GetJobs", 1000, "tags"],
  "iam:policy": ["iam:ListPolicies", 1000, "tags"],
  "iam:role": ["iam:GetAccountAuthorizationDetails", 1000],
  "iam:user": ["iam:GetAccountAuthorizationDetails", 1000],
  "kafka:cluster": ["kafka:ListClustersV2", 100],
  "kinesis:stream": ["kinesis:ListStreams", 100, "tags"],
  "lambda:function": ["lambda:ListFunctions", 50, "tags"],
  "logs:log-group": ["logs:DescribeLogGroups", 50, "tags"],
  "mq:broker": ["mq:ListBrokers", 100, "tags"],
  "rds:cluster": ["rds:DescribeDBClusters", 100],
  "rds:cluster-snapshot": ["rds:DescribeDBClusterSnapshots", 100],
  "rds:db": ["rds:DescribeDBInstances", 100],
  "rds:snapshot": ["rds:DescribeDBSnapshots", 100],
  "redshift:cluster": ["redshift:DescribeClusters", 100],
  "route53:hosted-zone": ["route53:ListHostedZones", 100, "tags"],
  "sagemaker:endpoint": ["sagemaker:ListEndpoints", 100, "tags"],
  "sagemaker:notebook-instance": ["sagemaker:ListNotebookInstances", 100, "tags"],
  "secretsmanager:secret": ["secretsmanager:ListSecrets", 100],
  "sns:topic": ["sns:ListTopics", 100, "tags"],
  "sqs:queue": ["sqs:ListQueues", 1000, "tags"],
  "ssm:parameter": ["ssm:DescribeParameters", 50, "tags"],
  "states:state-machine": ["states:ListStateMachines", 1000, "tags"]
}

const pages = (count: number, size: number): number => Math.max(1, Math.ceil(count / size))

const step = (action: string, calls: number): Step => {
  const [service = "", operation = ""] = action.split(":")
  return { service, operation, calls }
}

const tagging = (count: number): Step => step("tagging:GetResources", Math.ceil(count / 100))

const sum = (counts: ReadonlyArray<number>): number => counts.reduce((total, count) => total + count, 0)

/** How many there are of each parent, parents without any included. */
const held = (parents: ReadonlyArray<string>, children: ReadonlyArray<string>): ReadonlyArray<number> =>
  parents.map((parent) => children.filter((child) => child === parent).length)

const after = (arn: string, from: number, to?: number): string => arn.split(/[/:]/u).slice(5).slice(from, to).join("/")

const arnsIn = (place: Place, type: string): ReadonlyArray<string> => (place.get(type) ?? []).map(({ arn }) => arn)

/** Types whose lists take more than one step. The path of an ARN begins with the kind, at 0. */
const deep: Readonly<Record<string, (place: Place, region: string) => Least>> = {
  "codebuild:project": (place) => {
    const count = arnsIn(place, "codebuild:project").length
    const batches = Math.ceil(count / 100)
    return {
      steps: [step("codebuild:ListProjects", pages(count, 100)), step("codebuild:BatchGetProjects", batches)],
      chain: pages(count, 100) + Math.min(1, batches)
    }
  },
  "ecs:cluster": (place) => {
    const count = arnsIn(place, "ecs:cluster").length
    return {
      steps: [step("ecs:ListClusters", pages(count, 100)), step("ecs:DescribeClusters", Math.ceil(count / 100))],
      chain: pages(count, 100) + Math.min(1, count)
    }
  },
  "ecs:service": (place) => {
    const clusters = arnsIn(place, "ecs:cluster").map((arn) => after(arn, 1))
    const services = held(clusters, arnsIn(place, "ecs:service").map((arn) => after(arn, 1, 2)))
    return {
      steps: [
        step("ecs:ListClusters", pages(clusters.length, 100)),
        step("ecs:ListServices", sum(services.map((count) => pages(count, 100)))),
        step("ecs:DescribeServices", sum(services.map((count) => Math.ceil(count / 10))))
      ],
      chain: pages(clusters.length, 100) + Math.max(0, ...services.map((count) => pages(count, 100) + Math.min(1, count)))
    }
  },
  "eks:cluster": (place) => {
    const count = arnsIn(place, "eks:cluster").length
    return {
      steps: [step("eks:ListClusters", pages(count, 100)), step("eks:DescribeCluster", count)],
      chain: pages(count, 100) + Math.min(1, count)
    }
  },
  "eks:nodegroup": (place) => {
    const clusters = arnsIn(place, "eks:cluster").map((arn) => after(arn, 1))
    const groups = held(clusters, arnsIn(place, "eks:nodegroup").map((arn) => after(arn, 1, 2)))
    return {
      steps: [
        step("eks:ListClusters", pages(clusters.length, 100)),
        step("eks:ListNodegroups", sum(groups.map((count) => pages(count, 100)))),
        step("eks:DescribeNodegroup", sum(groups))
      ],
      chain: pages(clusters.length, 100) + Math.max(0, ...groups.map((count) => pages(count, 100) + Math.min(1, count)))
    }
  },
  "elasticloadbalancing:listener": (place) => {
    const balancers = arnsIn(place, "elasticloadbalancing:loadbalancer").map((arn) => after(arn, 1))
    const listeners = arnsIn(place, "elasticloadbalancing:listener")
    const of = held(balancers, listeners.map((arn) => after(arn, 1, 4)))
    return {
      steps: [
        step("elasticloadbalancing:DescribeLoadBalancers", pages(balancers.length, 400)),
        step("elasticloadbalancing:DescribeListeners", sum(of.map((count) => pages(count, 400)))),
        tagging(listeners.length)
      ],
      chain: pages(balancers.length, 400) + Math.max(0, ...of.map((count) => pages(count, 400))) + Math.min(1, listeners.length)
    }
  },
  "elasticloadbalancing:listener-rule": (place) => {
    const all = arnsIn(place, "elasticloadbalancing:loadbalancer")
    const balancers = all.map((arn) => after(arn, 1)).filter((path) => !path.startsWith("gwy/"))
    const listeners = arnsIn(place, "elasticloadbalancing:listener").map((arn) => after(arn, 1)).filter((path) => !path.startsWith("gwy/"))
    const rules = arnsIn(place, "elasticloadbalancing:listener-rule")
    const listenersOf = held(balancers, listeners.map((path) => path.split("/").slice(0, 3).join("/")))
    const rulesOf = held(listeners, rules.map((arn) => after(arn, 1, 5)))
    return {
      steps: [
        step("elasticloadbalancing:DescribeLoadBalancers", pages(all.length, 400)),
        step("elasticloadbalancing:DescribeListeners", sum(listenersOf.map((count) => pages(count, 400)))),
        step("elasticloadbalancing:DescribeRules", sum(rulesOf.map((count) => pages(count, 400)))),
        tagging(rules.length)
      ],
      chain: pages(all.length, 400) + Math.min(1, balancers.length) + Math.min(1, listeners.length) + Math.min(1, rules.length)
    }
  },
  "events:rule": (place) => {
    const buses = arnsIn(place, "events:event-bus").map((arn) => after(arn, 1))
    const rules = arnsIn(place, "events:rule").map((arn) => after(arn, 1))
    const of = held(buses, rules.map((path) => path.includes("/") ? path.slice(0, path.indexOf("/")) : "default"))
    return {
      steps: [
        step("events:ListEventBuses", pages(buses.length, 100)),
        step("events:ListRules", sum(of.map((count) => pages(count, 100)))),
        tagging(rules.length)
      ],
      chain: pages(buses.length, 100) + Math.max(0, ...of.map((count) => pages(count, 100))) + Math.min(1, rules.length)
    }
  },
  "glue:table": (place) => {
    const databases = arnsIn(place, "glue:database").map((arn) => after(arn, 1))
    const of = held(databases, arnsIn(place, "glue:table").map((arn) => after(arn, 1, 2)))
    return {
      steps: [
        step("glue:GetDatabases", pages(databases.length, 100)),
        step("glue:GetTables", sum(of.map((count) => pages(count, 100))))
      ],
      chain: pages(databases.length, 100) + Math.max(0, ...of.map((count) => pages(count, 100)))
    }
  },
  "kms:key": (place) => {
    const count = arnsIn(place, "kms:key").length
    return {
      steps: [step("kms:ListKeys", pages(count, 1000)), step("kms:DescribeKey", count), tagging(count)],
      chain: pages(count, 1000) + 2 * Math.min(1, count)
    }
  },
  "opensearch:domain": (place) => {
    const count = arnsIn(place, "opensearch:domain").length
    return {
      steps: [step("es:ListDomainNames", 1), step("es:DescribeDomains", Math.ceil(count / 5)), tagging(count)],
      chain: 1 + 2 * Math.min(1, count)
    }
  },
  "s3:bucket": (place) => {
    const buckets = place.get("s3:bucket") ?? []
    const regions = Map.groupBy(buckets, ({ region }) => region)
    return {
      steps: [
        step("s3:ListBuckets", pages(buckets.length, 10_000)),
        ...[...regions.values()].map(({ length }) => tagging(length))
      ],
      chain: pages(buckets.length, 10_000) + Math.min(1, buckets.length)
    }
  },
  "wafv2:web-acl": (place, region) => {
    const acls = arnsIn(place, "wafv2:web-acl")
    const cloudFront = acls.filter((arn) => after(arn, 0, 1) === "global").length
    const lists = pages(acls.length - cloudFront, 100) + (region === "us-east-1" ? pages(cloudFront, 100) : 0)
    return {
      steps: [step("wafv2:ListWebACLs", lists), tagging(acls.length)],
      chain: pages(Math.max(cloudFront, acls.length - cloudFront), 100) + Math.min(1, acls.length)
    }
  }
}

/** What lists leave out: it is gone. */
const unlisted: Readonly<Record<string, string>> = {
  "cloudformation:stack": "DELETE_COMPLETE",
  "ecs:service": "INACTIVE",
  "ecs:task-definition": "INACTIVE",
  "emr:cluster": "TERMINATED"
}

const globals: ReadonlySet<string> = new Set([
  "cloudfront:distribution",
  "iam:policy",
  "iam:role",
  "iam:user",
  "route53:hosted-zone",
  "s3:bucket"
])

/** Whether a type has no Region. */
export const isGlobal = (type: string): boolean => globals.has(type)

/** Whether a resource is in the lists of its service. */
const isListed = ({ state, type }: TrueResource): boolean => unlisted[type] !== state

/** The types that are counted here. */
export const types: ReadonlyArray<string> = [...Object.keys(flat), ...Object.keys(deep)].toSorted()

/** An estate by Region, `global` for what has none, and by type. */
export const placesOf = (truth: ReadonlyArray<TrueResource>): ReadonlyMap<string, Place> =>
  new Map(
    [...Map.groupBy(truth.filter(isListed), ({ region, type }) => isGlobal(type) ? "global" : region)]
      .map(([region, all]) => [region, Map.groupBy(all, ({ type }) => type)])
  )

/** The fewest calls for one type in one Region. */
export const leastOf = (type: string, place: Place, region: string): Least => {
  const count = place.get(type)?.length ?? 0
  const known = flat[type]
  if (known === undefined) return deep[type]!(place, region)
  const [action, page, tags] = known
  return {
    steps: [step(action, pages(count, page)), ...(tags === undefined ? [] : [tagging(count)])],
    chain: pages(count, page) + (tags === undefined ? 0 : Math.min(1, count))
  }
}
