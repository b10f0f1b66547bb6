/** Reads every resource of a type through the real SDK clients, following every page. */
import { AutoScalingClient, paginateDescribeAutoScalingGroups } from "@aws-sdk/client-auto-scaling"
import {
  DescribeTableCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
  paginateListTables
} from "@aws-sdk/client-dynamodb"
import {
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeNatGatewaysCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client
} from "@aws-sdk/client-ec2"
import { DescribeClustersCommand, ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs"
import { GetAccountAuthorizationDetailsCommand, IAMClient } from "@aws-sdk/client-iam"
import { LambdaClient, ListFunctionsCommand, ListTagsCommand } from "@aws-sdk/client-lambda"
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds"
import { ListHostedZonesCommand, ListTagsForResourcesCommand, Route53Client } from "@aws-sdk/client-route-53"
import { GetBucketTaggingCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3"
import { ListTagsForResourceCommand, ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns"
import { GetQueueAttributesCommand, ListQueuesCommand, ListQueueTagsCommand, SQSClient } from "@aws-sdk/client-sqs"
import type { AccessKeys, CoreType } from "../src/index.ts"

export interface Connection {
  readonly endpoint: string
  readonly region: string
  readonly credentials: AccessKeys
  readonly maxAttempts: number
}

/** What a reader saw of a resource; what its API does not tell is not there. */
export interface Seen {
  readonly arn: string
  readonly tags: Readonly<Record<string, string>>
  readonly name?: string | undefined
  readonly state?: string | undefined
  readonly createdAt?: string | undefined
}

const tagsOf = (
  tags: ReadonlyArray<{ Key?: string | undefined; Value?: string | undefined }> | undefined
): Readonly<Record<string, string>> => Object.fromEntries((tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]))

const pages = async <A>(
  ask: (token: string | undefined) => Promise<readonly [items: ReadonlyArray<A> | undefined, token: string | undefined]>
): Promise<Array<A>> => {
  const all: Array<A> = []
  let token: string | undefined
  do {
    const [items, next] = await ask(token)
    all.push(...items ?? [])
    token = next === "" ? undefined : next
  } while (token !== undefined)
  return all
}

const iso = (date: Date | undefined) => date?.toISOString()

const chunks = <A>(all: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size))

const arn = (service: string, to: Connection, account: string, rest: string) =>
  `arn:aws:${service}:${to.region}:${account}:${rest}`

export const readers: Readonly<
  Record<CoreType, (to: Connection, account: string, size?: number) => Promise<ReadonlyArray<Seen>>>
> = {
  "ec2:instance": async (to, account, size) => {
    const client = new EC2Client({ ...to })
    const reservations = await pages(async (NextToken) => {
      const page = await client.send(new DescribeInstancesCommand({ NextToken, MaxResults: size }))
      return [page.Reservations, page.NextToken]
    })
    return reservations.flatMap(({ Instances = [] }) => Instances).map((one) => ({
      arn: arn("ec2", to, account, `instance/${one.InstanceId}`),
      tags: tagsOf(one.Tags),
      state: one.State?.Name,
      createdAt: iso(one.LaunchTime)
    }))
  },
  "ec2:volume": async (to, account, size) => {
    const client = new EC2Client({ ...to })
    const found = await pages(async (NextToken) => {
      const page = await client.send(new DescribeVolumesCommand({ NextToken, MaxResults: size }))
      return [page.Volumes, page.NextToken]
    })
    return found.map((one) => ({
      arn: arn("ec2", to, account, `volume/${one.VolumeId}`),
      tags: tagsOf(one.Tags),
      state: one.State,
      createdAt: iso(one.CreateTime)
    }))
  },
  "ec2:snapshot": async (to, account, size) => {
    const client = new EC2Client({ ...to })
    const found = await pages(async (NextToken) => {
      const page = await client.send(new DescribeSnapshotsCommand({ NextToken, MaxResults: size, OwnerIds: ["self"] }))
      return [page.Snapshots, page.NextToken]
    })
    return found.map((one) => ({
      arn: arn("ec2", to, account, `snapshot/${one.SnapshotId}`),
      tags: tagsOf(one.Tags),
      state: one.State,
      createdAt: iso(one.StartTime)
    }))
  },
  "ec2:security-group": async (to, _account, size) => {
    const client = new EC2Client({ ...to })
    const found = await pages(async (NextToken) => {
      const page = await client.send(new DescribeSecurityGroupsCommand({ NextToken, MaxResults: size }))
      return [page.SecurityGroups, page.NextToken]
    })
    return found.map((one) => ({ arn: one.SecurityGroupArn ?? "", tags: tagsOf(one.Tags), name: one.GroupName }))
  },
  "ec2:elastic-ip": async (to, account) => {
    const { Addresses = [] } = await new EC2Client({ ...to }).send(new DescribeAddressesCommand({}))
    return Addresses.map((one) => ({
      arn: arn("ec2", to, account, `elastic-ip/${one.AllocationId}`),
      tags: tagsOf(one.Tags),
      state: one.InstanceId === undefined ? "idle" : "associated"
    }))
  },
  "ec2:natgateway": async (to, account, size) => {
    const client = new EC2Client({ ...to })
    const found = await pages(async (NextToken) => {
      const page = await client.send(new DescribeNatGatewaysCommand({ NextToken, MaxResults: size }))
      return [page.NatGateways, page.NextToken]
    })
    return found.map((one) => ({
      arn: arn("ec2", to, account, `natgateway/${one.NatGatewayId}`),
      tags: tagsOf(one.Tags),
      state: one.State,
      createdAt: iso(one.CreateTime)
    }))
  },
  "rds:db": async (to, _account, size) => {
    const client = new RDSClient({ ...to })
    const found = await pages(async (Marker) => {
      const page = await client.send(
        new DescribeDBInstancesCommand({ Marker, MaxRecords: size === undefined ? undefined : Math.max(20, size) })
      )
      return [page.DBInstances, page.Marker]
    })
    return found.map((one) => ({
      arn: one.DBInstanceArn ?? "",
      tags: tagsOf(one.TagList),
      name: one.DBInstanceIdentifier,
      state: one.DBInstanceStatus,
      createdAt: iso(one.InstanceCreateTime)
    }))
  },
  "autoscaling:group": async (to, _account, size) => {
    const all: Array<Seen> = []
    const client = new AutoScalingClient({ ...to })
    for await (const page of paginateDescribeAutoScalingGroups({ client }, { MaxRecords: size })) {
      for (const one of page.AutoScalingGroups ?? []) {
        all.push({
          arn: one.AutoScalingGroupARN ?? "",
          tags: tagsOf(one.Tags),
          name: one.AutoScalingGroupName,
          createdAt: iso(one.CreatedTime)
        })
      }
    }
    return all
  },
  "sns:topic": async (to) => {
    const client = new SNSClient({ ...to })
    const topics = await pages(async (NextToken) => {
      const page = await client.send(new ListTopicsCommand({ NextToken }))
      return [page.Topics, page.NextToken]
    })
    return Promise.all(topics.map(async ({ TopicArn = "" }) => {
      const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }))
      return { arn: TopicArn, tags: tagsOf(Tags) }
    }))
  },
  "sqs:queue": async (to, _account, size) => {
    const client = new SQSClient({ ...to })
    const urls = await pages(async (NextToken) => {
      const page = await client.send(new ListQueuesCommand({ NextToken, MaxResults: size ?? 1000 }))
      return [page.QueueUrls, page.NextToken]
    })
    return Promise.all(urls.map(async (QueueUrl) => {
      const { Tags = {} } = await client.send(new ListQueueTagsCommand({ QueueUrl }))
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn", "CreatedTimestamp"] })
      )
      return {
        arn: Attributes.QueueArn ?? "",
        tags: Tags,
        createdAt: new Date(Number(Attributes.CreatedTimestamp) * 1000).toISOString()
      }
    }))
  },
  "dynamodb:table": async (to, _account, size) => {
    const client = new DynamoDBClient({ ...to })
    const all: Array<Seen> = []
    for await (const page of paginateListTables({ client }, { Limit: size })) {
      for (const TableName of page.TableNames ?? []) {
        const { Table } = await client.send(new DescribeTableCommand({ TableName }))
        const ResourceArn = Table?.TableArn
        const tags = await pages(async (NextToken) => {
          const page = await client.send(new ListTagsOfResourceCommand({ ResourceArn, NextToken }))
          return [page.Tags, page.NextToken]
        })
        all.push({
          arn: ResourceArn ?? "",
          tags: tagsOf(tags),
          name: TableName,
          state: Table?.TableStatus,
          createdAt: iso(Table?.CreationDateTime)
        })
      }
    }
    return all
  },
  "ecs:cluster": async (to, _account, size) => {
    const client = new ECSClient({ ...to })
    const arns = await pages(async (nextToken) => {
      const page = await client.send(new ListClustersCommand({ nextToken, maxResults: size }))
      return [page.clusterArns, page.nextToken]
    })
    const described = await Promise.all(
      chunks(arns, 100).map((clusters) =>
        client.send(new DescribeClustersCommand({ clusters: [...clusters], include: ["TAGS"] }))
      )
    )
    return described.flatMap(({ clusters = [] }) => clusters).map((one) => ({
      arn: one.clusterArn ?? "",
      tags: Object.fromEntries((one.tags ?? []).map(({ key = "", value = "" }) => [key, value])),
      name: one.clusterName,
      state: one.status
    }))
  },
  "lambda:function": async (to, _account, size) => {
    const client = new LambdaClient({ ...to })
    const found = await pages(async (Marker) => {
      const page = await client.send(new ListFunctionsCommand({ Marker, MaxItems: size }))
      return [page.Functions, page.NextMarker]
    })
    return Promise.all(found.map(async ({ FunctionArn = "", FunctionName, LastModified = "" }) => {
      const { Tags = {} } = await client.send(new ListTagsCommand({ Resource: FunctionArn }))
      return { arn: FunctionArn, tags: Tags, name: FunctionName, createdAt: new Date(LastModified).toISOString() }
    }))
  },
  "s3:bucket": async (to, _account, size) => {
    const client = new S3Client({ ...to })
    const found = await pages(async (ContinuationToken) => {
      const page = await client.send(new ListBucketsCommand({ ContinuationToken, MaxBuckets: size ?? 10_000 }))
      return [page.Buckets, page.ContinuationToken]
    })
    return Promise.all(found.map(async ({ BucketRegion = "", CreationDate, Name = "" }) => {
      const tags = await new S3Client({ ...to, region: BucketRegion })
        .send(new GetBucketTaggingCommand({ Bucket: Name }))
        .then(({ TagSet }) => tagsOf(TagSet), (error: Error) => {
          if (error.name !== "NoSuchTagSet") throw error
          return {}
        })
      return { arn: `arn:aws:s3:::${Name}`, tags, name: Name, createdAt: iso(CreationDate) }
    }))
  },
  "route53:hosted-zone": async (to, _account, size) => {
    const client = new Route53Client({ ...to })
    const found = await pages(async (Marker) => {
      const page = await client.send(new ListHostedZonesCommand({ Marker, MaxItems: size }))
      return [page.HostedZones, page.IsTruncated === true ? page.NextMarker : undefined]
    })
    const ids = found.map(({ Id = "" }) => Id.replace("/hostedzone/", ""))
    const sets = await Promise.all(chunks(ids, 10).map((some) =>
      client.send(new ListTagsForResourcesCommand({ ResourceType: "hostedzone", ResourceIds: [...some] }))
    ))
    return sets.flatMap(({ ResourceTagSets = [] }) => ResourceTagSets).map(({ ResourceId, Tags }) => ({
      arn: `arn:aws:route53:::hostedzone/${ResourceId}`,
      tags: tagsOf(Tags)
    }))
  },
  "iam:role": async (to, _account, size) => {
    const client = new IAMClient({ ...to })
    const found = await pages(async (Marker) => {
      const page = await client.send(
        new GetAccountAuthorizationDetailsCommand({ Marker, MaxItems: size, Filter: ["Role"] })
      )
      return [page.RoleDetailList, page.IsTruncated === true ? page.Marker : undefined]
    })
    return found.map((one) => ({
      arn: one.Arn ?? "",
      tags: tagsOf(one.Tags),
      name: one.RoleName,
      createdAt: iso(one.CreateDate)
    }))
  }
}
