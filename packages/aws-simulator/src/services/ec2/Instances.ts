/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-ec2"
import type { EstateResource } from "../../Estate.ts"
import type { Call } from "../../Service.ts"
import { describe, tagSet } from "./Describe.ts"

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

export const describeInstances = (input: Sdk.DescribeInstancesRequest, call: Call): Sdk.DescribeInstancesResult => {
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
