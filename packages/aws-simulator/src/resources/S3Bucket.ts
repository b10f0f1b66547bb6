import { pick } from "../Hash.ts"
import * as TypeModel from "../TypeModel.ts"
import { applicationOf } from "../TagProfile.ts"

export const S3Bucket = TypeModel.make({
  share: 3,
  // Buckets live in a Region although one call lists those of all Regions.
  scope: "regional",
  taggingApi: "s3:bucket",
  nameTag: false,
  identify: (cell, index, hash) => {
    const kind = pick(hash, 2, ["assets", "logs", "backup", "lake"])
    const name = `${applicationOf(hash)}-${kind}-${cell.accountId}-${cell.region}-${TypeModel.code(cell, index)}`
    return { id: name, name, arn: `arn:${cell.partition}:s3:::${name}` }
  },
  locate: TypeModel.locateName,
  facts: () => ({ state: "available" }),
  attributes: () => ({})
})

/** The account and the Region in a bucket's name: requests for a bucket name nothing else. */
export const placeOfBucket = (name: string): { readonly accountId: string; readonly region: string } | undefined => {
  const found = /-(\d{12})-([a-z0-9-]+)-[0-9a-z]{7}$/u.exec(name)
  return found === null ? undefined : { accountId: found[1]!, region: found[2]! }
}
