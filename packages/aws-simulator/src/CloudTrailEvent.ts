/**
 * Changes of an estate as CloudTrail logs them: each service in its own words.
 *
 * @since 0.1.0
 */
import type { EstateChange, Principal } from "./EstateHistory.ts"
import type { EstateResource } from "./EstateResource.ts"
import { draw, hex8, unit } from "./Hash.ts"
import { homeOf, type Partition } from "./Region.ts"
import type { ResourceType } from "./ResourceType.ts"

/** An event as `LookupEvents` answers it. */
export interface TrailEvent {
  readonly EventId: string
  readonly EventName: string
  readonly ReadOnly: string
  readonly AccessKeyId: string
  readonly EventTime: Date
  readonly EventSource: string
  readonly Username: string
  readonly Resources: ReadonlyArray<{ readonly ResourceType: string; readonly ResourceName: string }>
  readonly CloudTrailEvent: string
}

type Parameters = Readonly<Record<string, unknown>>

/** How a service logs what is done to one type. */
interface Words {
  /** The event source, without `.amazonaws.com`. */
  readonly source: string
  /** CloudTrail's word for the type, where the service names its resources. */
  readonly resourceType?: string
  readonly names: Readonly<Record<EstateChange["kind"], string>>
  /** What calls that create or delete name. */
  readonly parameters: (resource: EstateResource) => Parameters
  readonly tagging: (resource: EstateResource) => Parameters
  /** Whether tags may as well be set through the tagging API. */
  readonly tagEditor: boolean
}

const pairs = (resource: EstateResource) => Object.entries(resource.tags).map(([key, value]) => ({ key, value }))

/** EC2's lists are sets of items, and its tags are set by id, many at once. */
const ec2 = (
  created: string,
  deleted: string,
  resourceType: string | undefined,
  parameter: string,
  tagEditor = true
): Words => ({
  source: "ec2",
  ...(resourceType === undefined ? {} : { resourceType }),
  names: { created, deleted, tagged: "CreateTags" },
  parameters: ({ id }) =>
    parameter === "instancesSet" ? { instancesSet: { items: [{ instanceId: id }] } } : { [parameter]: id },
  tagging: (resource) => ({
    resourcesSet: { items: [{ resourceId: resource.id }] },
    tagSet: { items: pairs(resource) }
  }),
  tagEditor
})

/** Services that log under another name than that of their types. */
const sources: Readonly<Record<string, string>> = {
  apigatewayv2: "apigateway",
  cloudwatch: "monitoring",
  efs: "elasticfilesystem",
  emr: "elasticmapreduce",
  mq: "amazonmq",
  opensearch: "es"
}

/** What most services say of most types: `CreateWorkGroup`, `DeleteWorkGroup`, `TagResource` with an ARN. */
const usual = (type: ResourceType): Words => {
  const [service = "", kind = ""] = type.split(":")
  const name = kind.split("-").map((part) => `${part.slice(0, 1).toUpperCase()}${part.slice(1)}`).join("")
  return service === "ec2"
    ? ec2(`Create${name}`, `Delete${name}`, undefined, `${name.slice(0, 1).toLowerCase()}${name.slice(1)}Id`)
    : {
      source: Object.hasOwn(sources, service) ? sources[service]! : service,
      names: { created: `Create${name}`, deleted: `Delete${name}`, tagged: "TagResource" },
      parameters: (resource) => ({ name: resource.name }),
      tagging: (resource) => ({ resourceArn: resource.arn, tags: pairs(resource) }),
      tagEditor: service !== "iam"
    }
}

/** Where a service has words of its own. */
const words: Readonly<Partial<Record<ResourceType, Words>>> = {
  "autoscaling:group": {
    source: "autoscaling",
    names: {
      created: "CreateAutoScalingGroup",
      deleted: "DeleteAutoScalingGroup",
      tagged: "CreateOrUpdateTags"
    },
    parameters: ({ name }) => ({ autoScalingGroupName: name }),
    tagging: (resource) => ({
      tags: pairs(resource).map((tag) => ({ ...tag, resourceId: resource.name, resourceType: "auto-scaling-group" }))
    }),
    tagEditor: false
  },
  "dynamodb:table": {
    source: "dynamodb",
    resourceType: "AWS::DynamoDB::Table",
    names: { created: "CreateTable", deleted: "DeleteTable", tagged: "TagResource" },
    parameters: ({ name }) => ({ tableName: name }),
    tagging: (resource) => ({ resourceArn: resource.arn, tags: pairs(resource) }),
    tagEditor: true
  },
  "ec2:elastic-ip": ec2("AllocateAddress", "ReleaseAddress", "AWS::EC2::EIP", "allocationId"),
  "ec2:instance": ec2("RunInstances", "TerminateInstances", "AWS::EC2::Instance", "instancesSet"),
  "ec2:natgateway": ec2("CreateNatGateway", "DeleteNatGateway", undefined, "natGatewayId"),
  "ec2:security-group": ec2("CreateSecurityGroup", "DeleteSecurityGroup", "AWS::EC2::SecurityGroup", "groupId"),
  "ec2:snapshot": ec2("CreateSnapshot", "DeleteSnapshot", "AWS::EC2::Snapshot", "snapshotId"),
  "ec2:volume": ec2("CreateVolume", "DeleteVolume", "AWS::EC2::Volume", "volumeId"),
  "ecs:cluster": {
    source: "ecs",
    names: { created: "CreateCluster", deleted: "DeleteCluster", tagged: "TagResource" },
    parameters: ({ name }) => ({ clusterName: name }),
    tagging: (resource) => ({ resourceArn: resource.arn, tags: pairs(resource) }),
    tagEditor: true
  },
  "iam:role": {
    source: "iam",
    resourceType: "AWS::IAM::Role",
    names: { created: "CreateRole", deleted: "DeleteRole", tagged: "TagRole" },
    parameters: ({ name }) => ({ roleName: name }),
    tagging: (resource) => ({ roleName: resource.name, tags: pairs(resource) }),
    tagEditor: false
  },
  "lambda:function": {
    source: "lambda",
    resourceType: "AWS::Lambda::Function",
    names: {
      created: "CreateFunction20150331",
      deleted: "DeleteFunction20150331",
      tagged: "TagResource20170331v2"
    },
    parameters: ({ name }) => ({ functionName: name }),
    tagging: ({ arn, tags }) => ({ resource: arn, tags }),
    tagEditor: true
  },
  "rds:db": {
    source: "rds",
    resourceType: "AWS::RDS::DBInstance",
    names: { created: "CreateDBInstance", deleted: "DeleteDBInstance", tagged: "AddTagsToResource" },
    parameters: ({ name }) => ({ dBInstanceIdentifier: name }),
    tagging: (resource) => ({ resourceName: resource.arn, tags: pairs(resource) }),
    tagEditor: true
  },
  "route53:hosted-zone": {
    source: "route53",
    names: { created: "CreateHostedZone", deleted: "DeleteHostedZone", tagged: "ChangeTagsForResource" },
    parameters: ({ id, name }) => ({ id, name }),
    tagging: (resource) => ({ resourceType: "hostedzone", resourceId: resource.id, addTags: pairs(resource) }),
    tagEditor: true
  },
  "s3:bucket": {
    source: "s3",
    resourceType: "AWS::S3::Bucket",
    names: { created: "CreateBucket", deleted: "DeleteBucket", tagged: "PutBucketTagging" },
    parameters: ({ name }) => ({ bucketName: name }),
    tagging: ({ name }) => ({ bucketName: name, tagging: "" }),
    tagEditor: true
  },
  "sns:topic": {
    source: "sns",
    names: { created: "CreateTopic", deleted: "DeleteTopic", tagged: "TagResource" },
    parameters: ({ arn, name }) => ({ name, topicArn: arn }),
    tagging: (resource) => ({ resourceArn: resource.arn, tags: pairs(resource) }),
    tagEditor: true
  },
  "sqs:queue": {
    source: "sqs",
    names: { created: "CreateQueue", deleted: "DeleteQueue", tagged: "TagQueue" },
    parameters: ({ name }) => ({ queueName: name }),
    tagging: ({ name, tags }) => ({ queueUrl: name, tags }),
    tagEditor: true
  }
}

/** Types without a Region log at home, and so does the making of a bucket, which is asked for there. */
export const regionOf = ({ kind, resource }: EstateChange, partition: Partition): string =>
  resource.region === "global" || (resource.type === "s3:bucket" && kind === "created")
    ? homeOf(partition)
    : resource.region

/** The event of a change, the `number`-th of the estate. */
export const eventOf = (
  change: EstateChange,
  number: number,
  { partition, seed }: { readonly seed: number; readonly partition: Partition }
): TrailEvent => {
  const { at, kind, resource } = change
  const own = words[resource.type] ?? usual(resource.type)
  const hash = draw(seed, number)
  // Every third tag is set in the tag editor, which logs a call of its own.
  const edited = kind === "tagged" && own.tagEditor && unit(hash, 81) < 1 / 3
  const source = `${edited ? "tagging" : own.source}.amazonaws.com`
  const name = edited ? "TagResources" : own.names[kind]
  const requestParameters = edited
    ? { resourceARNList: [resource.arn], tags: resource.tags }
    : kind === "tagged"
    ? own.tagging(resource)
    : own.parameters(resource)
  const resources = edited || own.resourceType === undefined
    ? []
    : [{ ResourceType: own.resourceType, ResourceName: own.source === "ec2" ? resource.id : resource.name }]
  const accessKeyId = `AKIA${resource.accountId}SIM1`
  const id = `${hex8(hash)}-${hex8(draw(hash, 1)).slice(4)}-4${hex8(draw(hash, 2)).slice(5)}-a${
    hex8(draw(hash, 3)).slice(5)
  }-${hex8(draw(hash, 4))}${hex8(draw(hash, 5)).slice(4)}`
  // CloudTrail counts whole seconds.
  const time = new Date(Math.floor(at / 1000) * 1000)
  const record = {
    eventVersion: "1.11",
    userIdentity: identityOf(change.by ?? { user: "simulated" }, resource.accountId, partition, accessKeyId),
    eventTime: time.toISOString().replace(".000Z", "Z"),
    eventSource: source,
    eventName: name,
    awsRegion: regionOf(change, partition),
    sourceIPAddress: "127.0.0.1",
    userAgent: "simulated",
    requestParameters,
    responseElements: null,
    requestID: id,
    eventID: id,
    readOnly: false,
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: resource.accountId,
    eventCategory: "Management"
  }
  return {
    EventId: id,
    EventName: name,
    ReadOnly: "false",
    AccessKeyId: accessKeyId,
    EventTime: time,
    EventSource: source,
    Username: change.by === undefined ? "simulated" : "user" in change.by ? change.by.user : change.by.session,
    Resources: resources,
    CloudTrailEvent: JSON.stringify(record)
  }
}

/** Who did it, as a record has it. */
const identityOf = (by: Principal, accountId: string, partition: Partition, accessKeyId: string): Parameters =>
  "user" in by
    ? {
      type: "IAMUser",
      principalId: `AIDA${accountId}SIM1`,
      arn: `arn:${partition}:iam::${accountId}:user/${by.user}`,
      accountId,
      accessKeyId,
      userName: by.user
    }
    : {
      type: "AssumedRole",
      principalId: `AROA${accountId}SIM1:${by.session}`,
      arn: `arn:${partition}:sts::${accountId}:assumed-role/${by.role}/${by.session}`,
      accountId,
      accessKeyId,
      sessionContext: {
        sessionIssuer: {
          type: "Role",
          principalId: `AROA${accountId}SIM1`,
          arn: `arn:${partition}:iam::${accountId}:role/${by.role}`,
          accountId,
          userName: by.role
        }
      }
    }
