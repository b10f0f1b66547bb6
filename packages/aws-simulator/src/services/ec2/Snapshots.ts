/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-ec2"
import type { EstateResource } from "../../Estate.ts"
import { draw, hex8 } from "../../Hash.ts"
import type { Call } from "../../Service.ts"
import { describe, tagSet } from "./Describe.ts"

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

export const describeSnapshots = (input: Sdk.DescribeSnapshotsRequest, call: Call): Sdk.DescribeSnapshotsResult => {
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
