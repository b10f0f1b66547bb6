/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-ec2"
import { refuse } from "../AwsFault.ts"
import type { EstateResource } from "../Estate.ts"
import { ec2Family } from "../Family.ts"
import { draw, hex8 } from "../Hash.ts"
import * as Paging from "../Paging.ts"
import { ec2Query } from "../Protocol.ts"
import { isEnabled } from "../Region.ts"
import type { ResourceType } from "../ResourceType.ts"
import { type Call, make } from "../Service.ts"

const tagSet = (resource: EstateResource): Array<Sdk.Tag> =>
  Object.entries(resource.tags).map(([Key, Value]) => ({ Key, Value }))

const invalid = (message: string) => refuse("InvalidParameterValue", 400, message)

const wildcard = (pattern: string): RegExp => {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/gu, "\\$&")
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "su")
}

type Field<T extends ResourceType> = (resource: EstateResource<T>) => string | undefined

/** EC2's filters: every filter must match, any of its values. */
const accepting = <T extends ResourceType>(
  filters: ReadonlyArray<Sdk.Filter> | undefined,
  fields: Readonly<Record<string, Field<T>>>
): ((resource: EstateResource<T>) => boolean) | undefined => {
  if (filters === undefined || filters.length === 0) return undefined
  const tests = filters.map(({ Name = "", Values = [] }) => {
    const patterns = Values.map(wildcard)
    const matches = (value: string | undefined) => value !== undefined && patterns.some((one) => one.test(value))
    if (Name === "tag-key") {
      return (resource: EstateResource<T>) => Object.keys(resource.tags).some(matches)
    }
    if (Name.startsWith("tag:")) {
      const key = Name.slice(4)
      return ({ tags }: EstateResource<T>) => matches(Object.hasOwn(tags, key) ? tags[key] : undefined)
    }
    const field = Object.hasOwn(fields, Name) ? fields[Name] : undefined
    if (field === undefined) throw invalid(`The filter '${Name}' is invalid`)
    return (resource: EstateResource<T>) => matches(field(resource))
  })
  return (resource) => tests.every((test) => test(resource))
}

interface Request {
  readonly Filters?: ReadonlyArray<Sdk.Filter> | undefined
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

/** What the Describe calls have in common: by ids, or page by page. */
const describe = <T extends ResourceType>(
  call: Call,
  type: T,
  input: Request,
  by: {
    readonly ids: ReadonlyArray<string> | undefined
    readonly idsName: string
    readonly notFound: string
    readonly noun: string
    readonly fields: Readonly<Record<string, Field<T>>>
  }
) => {
  const accept = accepting(input.Filters, by.fields)
  if (by.ids !== undefined && by.ids.length > 0) {
    if (input.MaxResults !== undefined) {
      throw refuse(
        "InvalidParameterCombination",
        400,
        `The parameter ${by.idsName} cannot be used with the parameter maxResults`
      )
    }
    const found = by.ids.map((id) => {
      const resource = call.find(type, id)
      if (resource === undefined) throw refuse(by.notFound, 400, `The ${by.noun} '${id}' does not exist`)
      return resource
    })
    return { items: accept === undefined ? found : found.filter(accept), token: undefined }
  }
  return Paging.page(call, {
    size: input.MaxResults,
    min: 5,
    max: 1000,
    // EC2 alone answers with everything when it is not asked for pages.
    byDefault: Number.MAX_SAFE_INTEGER,
    clamp: true,
    token: input.NextToken,
    bind: input.Filters,
    badSize: (size) =>
      invalid(`Value ( ${size} ) for parameter maxResults is invalid. Expecting a value greater than 5.`),
    badToken: () => refuse("InvalidNextToken", 400, "The specified NextToken is not valid.")
  }, (from, limit) => call.estate.scan([{ accountId: call.accountId, region: call.region, type }], from, limit, accept))
}

const describeRegions = (input: Sdk.DescribeRegionsRequest, call: Call): Sdk.DescribeRegionsResult => {
  const names = input.RegionNames ?? []
  const unknown = names.find((name) => !call.estate.regions.some((region) => region.name === name))
  if (unknown !== undefined) throw invalid(`Invalid region names provided: ${unknown}`)
  const shown = call.estate.regions
    .filter((region) => input.AllRegions === true || isEnabled(region))
    .filter((region) => names.length === 0 || names.includes(region.name))
    .filter((region) =>
      (input.Filters ?? []).every(({ Name, Values = [] }) =>
        Values.includes(
          Name === "opt-in-status"
            ? region.optInStatus
            : Name === "region-name"
            ? region.name
            : `ec2.${region.name}.amazonaws.com`
        )
      )
    )
  return {
    Regions: shown.map(({ name, optInStatus }) => ({
      RegionName: name,
      Endpoint: `ec2.${name}.amazonaws.com`,
      OptInStatus: optInStatus
    }))
  }
}

const stateCodes: Readonly<Record<string, number>> = { running: 16, terminated: 48, stopped: 80 }

const instance = (one: EstateResource<"ec2:instance">): Sdk.Instance => {
  const { attributes } = one
  const terminated = one.state === "terminated"
  const placed: Sdk.Instance = terminated
    ? {
      StateReason: {
        Code: "Client.UserInitiatedShutdown",
        Message: "Client.UserInitiatedShutdown: User initiated shutdown"
      }
    }
    : {
      PrivateIpAddress: attributes.privateIp,
      ...(attributes.publicIp === "" ? {} : { PublicIpAddress: attributes.publicIp }),
      SubnetId: attributes.subnetId,
      VpcId: attributes.vpcId,
      SecurityGroups: [{ GroupId: attributes.securityGroup.id, GroupName: attributes.securityGroup.name }],
      NetworkInterfaces: [{
        NetworkInterfaceId: attributes.networkInterfaceId,
        SubnetId: attributes.subnetId,
        VpcId: attributes.vpcId,
        OwnerId: one.accountId,
        Status: "in-use",
        MacAddress: "02:00:00:00:00:01",
        PrivateIpAddress: attributes.privateIp,
        SourceDestCheck: true,
        InterfaceType: "interface",
        Groups: [{ GroupId: attributes.securityGroup.id, GroupName: attributes.securityGroup.name }],
        Attachment: {
          AttachmentId: attributes.networkInterfaceId.replace("eni-", "eni-attach-"),
          DeviceIndex: 0,
          Status: "attached",
          AttachTime: one.createdAt,
          DeleteOnTermination: true
        }
      }]
    }
  return {
    InstanceId: one.id,
    ImageId: attributes.imageId,
    State: { Code: stateCodes[one.state] ?? 16, Name: one.state as Sdk.InstanceStateName },
    PrivateDnsName: terminated ? "" : `ip-${attributes.privateIp.replaceAll(".", "-")}.${one.region}.compute.internal`,
    StateTransitionReason: terminated ? "User initiated (2026-11-01 00:00:00 GMT)" : "",
    ...(attributes.keyName === "" ? {} : { KeyName: attributes.keyName }),
    AmiLaunchIndex: 0,
    ProductCodes: [],
    InstanceType: attributes.instanceType as Sdk._InstanceType,
    LaunchTime: one.createdAt,
    Placement: { AvailabilityZone: attributes.zone, GroupName: "", Tenancy: "default" },
    Monitoring: { State: "disabled" },
    ...placed,
    Architecture: attributes.architecture as Sdk.ArchitectureValues,
    RootDeviceType: "ebs",
    RootDeviceName: "/dev/xvda",
    BlockDeviceMappings: attributes.disks.map(({ device, volumeId }) => ({
      DeviceName: device,
      Ebs: {
        VolumeId: volumeId,
        Status: "attached",
        AttachTime: one.createdAt,
        DeleteOnTermination: device === "/dev/xvda"
      }
    })),
    VirtualizationType: "hvm",
    ClientToken: "",
    Tags: tagSet(one),
    Hypervisor: "xen",
    EbsOptimized: true,
    EnaSupport: true,
    CapacityReservationSpecification: { CapacityReservationPreference: "open" },
    HibernationOptions: { Configured: false },
    EnclaveOptions: { Enabled: false },
    MetadataOptions: {
      State: "applied",
      HttpTokens: "required",
      HttpPutResponseHopLimit: 2,
      HttpEndpoint: "enabled",
      HttpProtocolIpv6: "disabled",
      InstanceMetadataTags: "disabled"
    },
    PlatformDetails: "Linux/UNIX",
    UsageOperation: "RunInstances",
    UsageOperationUpdateTime: one.createdAt,
    MaintenanceOptions: { AutoRecovery: "default" },
    CurrentInstanceBootMode: "uefi"
  }
}

const describeInstances = (input: Sdk.DescribeInstancesRequest, call: Call): Sdk.DescribeInstancesResult => {
  const { items, token } = describe(call, "ec2:instance", input, {
    ids: input.InstanceIds,
    idsName: "instancesSet",
    notFound: "InvalidInstanceID.NotFound",
    noun: "instance ID",
    fields: {
      "instance-state-name": (one) => one.state,
      "instance-id": (one) => one.id,
      "instance-type": (one) => one.attributes.instanceType,
      "vpc-id": (one) => one.attributes.vpcId,
      "availability-zone": (one) => one.attributes.zone
    }
  })
  return {
    Reservations: items.map((one) => ({
      ReservationId: one.attributes.reservationId,
      OwnerId: one.accountId,
      Groups: [],
      Instances: [instance(one)]
    })),
    NextToken: token
  }
}

const describeVolumes = (input: Sdk.DescribeVolumesRequest, call: Call): Sdk.DescribeVolumesResult => {
  const { items, token } = describe(call, "ec2:volume", input, {
    ids: input.VolumeIds,
    idsName: "volumeIds",
    notFound: "InvalidVolume.NotFound",
    noun: "volume",
    fields: {
      status: (one) => one.state,
      "volume-id": (one) => one.id,
      "volume-type": (one) => one.attributes.volumeType,
      encrypted: (one) => String(one.attributes.encrypted)
    }
  })
  return {
    Volumes: items.map((one) => ({
      VolumeId: one.id,
      Size: one.attributes.size,
      SnapshotId: one.attributes.snapshotId,
      AvailabilityZone: one.attributes.zone,
      State: one.state as Sdk.VolumeState,
      CreateTime: one.createdAt,
      Attachments: one.attributes.attachment === undefined ? [] : [{
        VolumeId: one.id,
        InstanceId: one.attributes.attachment.instanceId,
        Device: one.attributes.attachment.device,
        State: "attached",
        AttachTime: one.createdAt,
        DeleteOnTermination: one.attributes.attachment.device === "/dev/xvda"
      }],
      Tags: tagSet(one),
      VolumeType: one.attributes.volumeType as Sdk.VolumeType,
      Iops: one.attributes.iops,
      Throughput: one.attributes.throughput,
      Encrypted: one.attributes.encrypted,
      MultiAttachEnabled: false
    })),
    NextToken: token
  }
}

const snapshot = (one: EstateResource<"ec2:snapshot">): Sdk.Snapshot => ({
  SnapshotId: one.id,
  VolumeId: one.attributes.volumeId,
  State: one.state as Sdk.SnapshotState,
  StartTime: one.createdAt,
  Progress: "100%",
  OwnerId: one.accountId,
  VolumeSize: one.attributes.size,
  Description: one.attributes.description,
  Tags: tagSet(one),
  Encrypted: one.attributes.encrypted,
  StorageTier: "standard"
})

/** Snapshots of others that everybody may use: listed unless the caller asks for its own. */
const publicSnapshots = (call: Call): ReadonlyArray<Sdk.Snapshot> =>
  Array.from({ length: 7 }, (_, at) => {
    const hash = draw(call.estate.seed, at)
    return {
      SnapshotId: `snap-0${hex8(hash)}${hex8(draw(hash, 1))}`,
      VolumeId: "vol-ffffffff",
      State: "completed",
      StartTime: new Date(Date.UTC(2020, at, 1)),
      Progress: "100%",
      OwnerId: "999900001111",
      VolumeSize: 8,
      Description: "Public data set",
      Encrypted: false,
      StorageTier: "standard"
    }
  })

const describeSnapshots = (input: Sdk.DescribeSnapshotsRequest, call: Call): Sdk.DescribeSnapshotsResult => {
  const owners = input.OwnerIds ?? []
  const own = owners.length === 0 || owners.includes("self") || owners.includes(call.accountId)
  const others = owners.length === 0 && (input.SnapshotIds ?? []).length === 0 && (input.Filters ?? []).length === 0 &&
      input.NextToken === undefined
    ? publicSnapshots(call)
    : []
  const { items, token } = own
    ? describe(call, "ec2:snapshot", input, {
      ids: input.SnapshotIds,
      idsName: "snapshotIds",
      notFound: "InvalidSnapshot.NotFound",
      noun: "snapshot",
      fields: {
        status: (one) => one.state,
        "snapshot-id": (one) => one.id,
        "owner-id": (one) => one.accountId,
        "volume-id": (one) => one.attributes.volumeId
      }
    })
    : { items: [], token: undefined }
  return { Snapshots: [...others, ...items.map(snapshot)], NextToken: token }
}

const describeSecurityGroups = (
  input: Sdk.DescribeSecurityGroupsRequest,
  call: Call
): Sdk.DescribeSecurityGroupsResult => {
  const { items, token } = describe(call, "ec2:security-group", input, {
    ids: input.GroupIds,
    idsName: "groupIds",
    notFound: "InvalidGroup.NotFound",
    noun: "security group",
    fields: {
      "group-id": (one) => one.id,
      "group-name": (one) => one.name,
      "vpc-id": (one) => one.attributes.vpcId,
      "owner-id": (one) => one.accountId
    }
  })
  return {
    SecurityGroups: items.map((one) => ({
      GroupId: one.id,
      GroupName: one.name,
      Description: one.attributes.description,
      OwnerId: one.accountId,
      VpcId: one.attributes.vpcId,
      SecurityGroupArn: one.arn,
      IpPermissions: one.attributes.ports.map((port) => ({
        IpProtocol: "tcp",
        FromPort: port,
        ToPort: port,
        IpRanges: [{ CidrIp: one.attributes.cidr }],
        Ipv6Ranges: [],
        PrefixListIds: [],
        UserIdGroupPairs: []
      })),
      IpPermissionsEgress: [{
        IpProtocol: "-1",
        IpRanges: [{ CidrIp: "0.0.0.0/0" }],
        Ipv6Ranges: [],
        PrefixListIds: [],
        UserIdGroupPairs: []
      }],
      Tags: tagSet(one)
    })),
    NextToken: token
  }
}

const describeAddresses = (input: Sdk.DescribeAddressesRequest, call: Call): Sdk.DescribeAddressesResult => {
  const accept = accepting<"ec2:elastic-ip">(input.Filters, {
    "allocation-id": (one) => one.id,
    "public-ip": (one) => one.attributes.publicIp,
    "instance-id": (one) => one.attributes.instanceId,
    domain: () => "vpc"
  })
  const place = { accountId: call.accountId, region: call.region, type: "ec2:elastic-ip" } as const
  const ids = input.AllocationIds ?? []
  const found = ids.length > 0
    ? ids.map((id) => {
      const one = call.find("ec2:elastic-ip", id)
      if (one === undefined) {
        throw refuse("InvalidAllocationID.NotFound", 400, `The allocation ID '${id}' does not exist`)
      }
      return one
    })
    : call.estate.scan([place], 0, Number.MAX_SAFE_INTEGER, accept).items
  return {
    Addresses: found.map((one) => ({
      AllocationId: one.id,
      PublicIp: one.attributes.publicIp,
      Domain: "vpc",
      PublicIpv4Pool: "amazon",
      NetworkBorderGroup: one.region,
      ...(one.attributes.instanceId === undefined
        ? {}
        : { InstanceId: one.attributes.instanceId, AssociationId: one.attributes.associationId }),
      Tags: tagSet(one)
    }))
  }
}

const describeNatGateways = (input: Sdk.DescribeNatGatewaysRequest, call: Call): Sdk.DescribeNatGatewaysResult => {
  const { items, token } = describe(call, "ec2:natgateway", { ...input, Filters: input.Filter }, {
    ids: input.NatGatewayIds,
    idsName: "natGatewayIds",
    notFound: "NatGatewayNotFound",
    noun: "NAT gateway",
    fields: {
      state: (one) => one.state,
      "nat-gateway-id": (one) => one.id,
      "vpc-id": (one) => one.attributes.vpcId,
      "subnet-id": (one) => one.attributes.subnetId
    }
  })
  return {
    NatGateways: items.map((one) => ({
      NatGatewayId: one.id,
      CreateTime: one.createdAt,
      State: one.state as Sdk.NatGatewayState,
      VpcId: one.attributes.vpcId,
      SubnetId: one.attributes.subnetId,
      ConnectivityType: "public",
      NatGatewayAddresses: [{
        AllocationId: one.attributes.allocationId,
        NetworkInterfaceId: one.attributes.networkInterfaceId,
        PrivateIp: one.attributes.privateIp,
        PublicIp: one.attributes.publicIp,
        IsPrimary: true,
        Status: "succeeded"
      }],
      Tags: tagSet(one)
    })),
    NextToken: token
  }
}

/** A call with none of these is "unfiltered and unpaginated" (Amazon EC2 API throttling). */
const pagingOrFilter = /^(?:MaxResults|Filters?|(?:Instance|Volume|Snapshot|Group)(?:Ids|Names))$/u

export const Ec2 = make({
  signingName: "ec2",
  iamPrefix: "ec2",
  scope: "regional",
  protocol: ec2Query("http://ec2.amazonaws.com/doc/2016-11-15/"),
  family: ec2Family,
  load: () => import("@aws-sdk/client-ec2"),
  isUnpaginated: (input) => !Object.keys(input as object).some((name) => pagingOrFilter.test(name)),
  ragged: [
    "DescribeInstances",
    "DescribeVolumes",
    "DescribeSnapshots",
    "DescribeSecurityGroups",
    "DescribeNatGateways"
  ],
  operations: {
    DescribeRegions: describeRegions,
    DescribeInstances: describeInstances,
    DescribeVolumes: describeVolumes,
    DescribeSnapshots: describeSnapshots,
    DescribeSecurityGroups: describeSecurityGroups,
    DescribeAddresses: describeAddresses,
    DescribeNatGateways: describeNatGateways
  }
})
