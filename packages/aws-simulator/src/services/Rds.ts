/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-rds"
import { refuse } from "../AwsFault.ts"
import type { EstateResource } from "../Estate.ts"
import { queryFamily } from "../Family.ts"
import * as Paging from "../Paging.ts"
import { query } from "../Protocol.ts"
import { type Call, make } from "../Service.ts"

const instance = (one: EstateResource<"rds:db">): Sdk.DBInstance => ({
  DBInstanceIdentifier: one.id,
  DBInstanceClass: one.attributes.instanceClass,
  Engine: one.attributes.engine,
  DBInstanceStatus: one.state,
  MasterUsername: "administrator",
  Endpoint: {
    Address: `${one.id}.c0ffee.${one.region}.rds.amazonaws.com`,
    Port: one.attributes.port,
    HostedZoneId: "Z2R2ITUGPM61AM"
  },
  AllocatedStorage: one.attributes.allocatedStorage,
  InstanceCreateTime: one.createdAt,
  BackupRetentionPeriod: 7,
  AvailabilityZone: one.attributes.zone,
  MultiAZ: one.attributes.multiAz,
  EngineVersion: one.attributes.engineVersion,
  AutoMinorVersionUpgrade: true,
  ReadReplicaDBInstanceIdentifiers: [],
  LicenseModel: "postgresql-license",
  PubliclyAccessible: one.attributes.publiclyAccessible,
  StorageType: "gp3",
  StorageEncrypted: one.attributes.encrypted,
  DbiResourceId: one.attributes.resourceId,
  CopyTagsToSnapshot: true,
  DBInstanceArn: one.arn,
  IAMDatabaseAuthenticationEnabled: false,
  DeletionProtection: true,
  TagList: Object.entries(one.tags).map(([Key, Value]) => ({ Key, Value }))
})

const describeDBInstances = (input: Sdk.DescribeDBInstancesMessage, call: Call): Sdk.DBInstanceMessage => {
  const { DBInstanceIdentifier: id } = input
  if (id !== undefined) {
    const found = call.find("rds:db", id)
    if (found === undefined) throw refuse("DBInstanceNotFound", 404, `DBInstance ${id} not found.`)
    return { DBInstances: [instance(found)] }
  }
  const place = { accountId: call.accountId, region: call.region, type: "rds:db" } as const
  const { items, token } = Paging.page(call, {
    size: input.MaxRecords,
    min: 20,
    max: 100,
    byDefault: 100,
    token: input.Marker,
    badSize: (size) =>
      refuse("InvalidParameterValue", 400, `Invalid value ${size} for MaxRecords. Must be between 20 and 100`),
    badToken: () => refuse("InvalidParameterValue", 400, `Invalid value for Marker.`)
  }, (from, limit) => call.estate.scan([place], from, limit))
  return { Marker: token, DBInstances: items.map(instance) }
}

export const Rds = make({
  signingName: "rds",
  iamPrefix: "rds",
  scope: "regional",
  protocol: query("http://rds.amazonaws.com/doc/2014-10-31/"),
  family: queryFamily,
  refusals: {
    size: ["InvalidParameterValue", 400],
    token: ["InvalidParameterValue", 400],
    missing: ["DBClusterNotFoundFault", 404]
  },
  load: () => import("@aws-sdk/client-rds"),
  operations: { DescribeDBInstances: describeDBInstances }
})
