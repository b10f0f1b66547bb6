/**
 * CloudTrail's vocabulary, as data: who logs under which name, and what an
 * event touches.
 *
 * Nothing here may claim too little. An event that is not listed touches every
 * type of its service, so a line is added only where it is sure that the event
 * touches nothing else: `RunInstances`, for one, makes volumes of which
 * CloudTrail says nothing.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-aws-service-specific-topics.html
 * @since 0.1.0
 */
import { ResourceType } from "@cadastre/model"

/** The event source of each service, without `.amazonaws.com`, where it is not the service's own name. */
const otherSources: Readonly<Record<string, string>> = {
  apigatewayv2: "apigateway",
  cloudwatch: "monitoring",
  docdb: "rds",
  efs: "elasticfilesystem",
  emr: "elasticmapreduce",
  mq: "amazonmq",
  neptune: "rds",
  opensearch: "es"
}

/** Services that log the calls that change their resources, under their own name. */
const ownSources: ReadonlySet<string> = new Set([
  "acm",
  "apigateway",
  "athena",
  "autoscaling",
  "backup",
  "batch",
  "bedrock",
  "cloudformation",
  "cloudfront",
  "cloudtrail",
  "codebuild",
  "codepipeline",
  "cognito-identity",
  "cognito-idp",
  "dynamodb",
  "ec2",
  "ecr",
  "ecs",
  "eks",
  "elasticache",
  "elasticfilesystem",
  "elasticloadbalancing",
  "elasticmapreduce",
  "es",
  "events",
  "firehose",
  "fsx",
  "glue",
  "iam",
  "kafka",
  "kinesis",
  "kms",
  "lambda",
  "logs",
  "rds",
  "redshift",
  "route53",
  "s3",
  "sagemaker",
  "secretsmanager",
  "sns",
  "sqs",
  "ssm",
  "states",
  "wafv2"
])

/**
 * The event source that changes of a type are logged under, without
 * `.amazonaws.com`; `undefined` where it is not known.
 *
 * @category getters
 * @since 0.1.0
 */
export const sourceOf = (type: string): string | undefined => {
  const service = ResourceType.serviceOf(type)
  if (Object.hasOwn(otherSources, service)) return otherSources[service]
  return ownSources.has(service) ? service : undefined
}

/** Services of which a change in one Region may make or change resources in another: replicas. */
const replicating: ReadonlySet<string> = new Set(["dynamodb", "ecr", "kms", "secretsmanager"])

/**
 * Whether a change of this type in one Region may be one in another.
 *
 * @category guards
 * @since 0.1.0
 */
export const isReplicated = (type: string): boolean => replicating.has(sourceOf(type) ?? "")

/**
 * Whether the events of this type without a Region are logged in every Region:
 * S3 logs where the bucket is. Other services without a Region log in the
 * partition's home Region.
 *
 * @category guards
 * @since 0.1.0
 */
export const isLoggedEverywhere = (type: string): boolean => sourceOf(type) === "s3"

/**
 * Types whose resources come and go without an event: automated snapshots,
 * clusters that end by themselves, peerings that expire, interfaces that
 * services put into a network.
 */
const byThemselves: ReadonlySet<string> = new Set([
  "AWS::EC2::NetworkInterface",
  "AWS::EC2::VPCPeeringConnection",
  "AWS::EMR::Cluster",
  "AWS::RDS::DBClusterSnapshot",
  "AWS::RDS::DBSnapshot"
])

/**
 * @category guards
 * @since 0.1.0
 */
export const changesByItself = (cloudFormation: string): boolean => byThemselves.has(cloudFormation)

/** Frequent events that touch no resource of any type: streams of a group, an agent's sign of life, grants. */
const harmless: Readonly<Record<string, ReadonlyArray<string>>> = {
  ecr: ["BatchImportUpstreamImage", "CompleteLayerUpload", "InitiateLayerUpload", "PutImage", "UploadLayerPart"],
  kms: ["CreateGrant", "RetireGrant", "RevokeGrant"],
  logs: ["CreateLogStream", "DeleteLogStream", "StartQuery", "StopQuery"],
  ssm: [
    "OpenDataChannel",
    "PutComplianceItems",
    "PutInventory",
    "SendCommand",
    "StartSession",
    "TerminateSession",
    "UpdateInstanceAssociationStatus",
    "UpdateInstanceInformation"
  ]
}

/**
 * @category guards
 * @since 0.1.0
 */
export const isHarmless = (source: string, name: string): boolean =>
  Object.hasOwn(harmless, source) && harmless[source]?.includes(name) === true

/** CloudTrail's spellings of what others call otherwise. */
const spellings: Readonly<Record<string, string>> = {
  "AWS::EC2::Ami": "AWS::EC2::Image",
  "AWS::EC2::NetworkACL": "AWS::EC2::NetworkAcl"
}

/**
 * CloudFormation's name of what CloudTrail calls a resource type.
 *
 * @category getters
 * @since 0.1.0
 */
export const cloudFormationOf = (resourceType: string): string =>
  Object.hasOwn(spellings, resourceType) ? spellings[resourceType]! : resourceType

/** Calls that tag what they name by ARN, and touch nothing else. */
const taggingNames =
  /^(?:TagResources?|UntagResources?|AddTags|RemoveTags|AddTagsToResource|RemoveTagsFromResource)(?:20\d{6}(?:v\d)?)?$/u

/**
 * @category guards
 * @since 0.1.0
 */
export const tagsByArn = (name: string): boolean => taggingNames.test(name)

const instance = "AWS::EC2::Instance"
const volume = "AWS::EC2::Volume"
const snapshot = "AWS::EC2::Snapshot"
const networkInterface = "AWS::EC2::NetworkInterface"
const address = "AWS::EC2::EIP"
const securityGroup = "AWS::EC2::SecurityGroup"
const natGateway = "AWS::EC2::NatGateway"
const launchTemplate = "AWS::EC2::LaunchTemplate"
const subnet = "AWS::EC2::Subnet"

/** An instance takes its disks and interfaces with it, lets go of its address, and leaves one free in its subnet. */
const instanceAndItsOwn = [instance, volume, networkInterface, address, subnet]

/** The types that an event touches, by source and name. */
const effects: Readonly<Record<string, Readonly<Record<string, ReadonlyArray<string>>>>> = {
  ec2: {
    AllocateAddress: [address],
    AssociateAddress: [address, instance, networkInterface],
    AttachNetworkInterface: [networkInterface, instance, address],
    AttachVolume: [volume, instance],
    AuthorizeSecurityGroupEgress: [securityGroup],
    AuthorizeSecurityGroupIngress: [securityGroup],
    CopySnapshot: [snapshot],
    CreateLaunchTemplate: [launchTemplate],
    CreateLaunchTemplateVersion: [launchTemplate],
    CreateNatGateway: [natGateway, networkInterface, address, subnet],
    CreateNetworkInterface: [networkInterface, subnet],
    CreateSecurityGroup: [securityGroup],
    CreateSnapshot: [snapshot],
    CreateSnapshots: [snapshot],
    CreateVolume: [volume],
    DeleteLaunchTemplate: [launchTemplate],
    DeleteLaunchTemplateVersions: [launchTemplate],
    DeleteNatGateway: [natGateway, networkInterface, address, subnet],
    DeleteNetworkInterface: [networkInterface, address, subnet],
    DeleteSecurityGroup: [securityGroup],
    DeleteSnapshot: [snapshot],
    DeleteVolume: [volume],
    DetachNetworkInterface: [networkInterface, instance, address],
    DetachVolume: [volume, instance],
    DisassociateAddress: [address, instance, networkInterface],
    ModifyLaunchTemplate: [launchTemplate],
    ModifySecurityGroupRules: [securityGroup],
    ModifyVolume: [volume, instance],
    RebootInstances: [instance],
    ReleaseAddress: [address],
    RevokeSecurityGroupEgress: [securityGroup],
    RevokeSecurityGroupIngress: [securityGroup],
    RunInstances: instanceAndItsOwn,
    StartInstances: instanceAndItsOwn,
    StopInstances: instanceAndItsOwn,
    TerminateInstances: instanceAndItsOwn,
    UpdateSecurityGroupRuleDescriptionsEgress: [securityGroup],
    UpdateSecurityGroupRuleDescriptionsIngress: [securityGroup]
  }
}

/**
 * CloudFormation's names of all that an event touches; `undefined` where that is not known.
 *
 * @category getters
 * @since 0.1.0
 */
export const effectsOf = (source: string, name: string): ReadonlyArray<string> | undefined => {
  const known = Object.hasOwn(effects, source) ? effects[source] : undefined
  return known !== undefined && Object.hasOwn(known, name) ? known[name] : undefined
}

/** What EC2's ids begin with. */
const ec2Ids: Readonly<Record<string, string>> = {
  acl: "AWS::EC2::NetworkAcl",
  ami: "AWS::EC2::Image",
  dopt: "AWS::EC2::DHCPOptions",
  eipalloc: address,
  eni: networkInterface,
  i: instance,
  igw: "AWS::EC2::InternetGateway",
  key: "AWS::EC2::KeyPair",
  lt: launchTemplate,
  nat: natGateway,
  pcx: "AWS::EC2::VPCPeeringConnection",
  rtb: "AWS::EC2::RouteTable",
  sg: securityGroup,
  snap: snapshot,
  subnet,
  tgw: "AWS::EC2::TransitGateway",
  vol: volume,
  vpc: "AWS::EC2::VPC",
  vpce: "AWS::EC2::VPCEndpoint",
  vpn: "AWS::EC2::VPNConnection"
}

/**
 * CloudFormation's name of what an id of EC2 is of; `undefined` where it is not known.
 *
 * @category getters
 * @since 0.1.0
 */
export const ofEc2Id = (id: string): string | undefined => {
  const prefix = /^([a-z]+)-[0-9a-f]+$/u.exec(id)?.[1]
  return prefix !== undefined && Object.hasOwn(ec2Ids, prefix) ? ec2Ids[prefix] : undefined
}

const named: ReadonlySet<string> = new Set([
  ...Object.values(ec2Ids),
  ...Object.values(effects).flatMap((events) => Object.values(events).flat())
])

/**
 * Whether these tables know a type by this name. One that they do not know may
 * be touched by any event of its service.
 *
 * @category guards
 * @since 0.1.0
 */
export const isNamed = (cloudFormation: string): boolean => named.has(cloudFormation)
