/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-s3"
import { refuse } from "../AwsFault.ts"
import { s3Family } from "../Family.ts"
import * as Paging from "../Paging.ts"
import { restXml } from "../Protocol.ts"
import { isEnabled } from "../Region.ts"
import { holdingOf } from "../S3Objects.ts"
import { type Call, make } from "../Service.ts"
import { placeOfBucket } from "../resources/S3Bucket.ts"
import { elsewhere, getObject, listObjectsV2 } from "./S3Files.ts"

const invalid = (name: string, value: string, message: string) =>
  refuse("InvalidArgument", 400, message, { fields: { ArgumentName: name, ArgumentValue: value } })

const listBuckets = (input: Sdk.ListBucketsRequest, call: Call): Sdk.ListBucketsOutput => {
  const only = input.BucketRegion
  if (only !== undefined && only !== call.region) {
    throw invalid("bucket-region", only, "Argument value is not the Region of this endpoint")
  }
  const places = call.estate.regionsOf(call.accountId)
    .filter(isEnabled)
    .filter(({ name }) => only === undefined || name === only)
    .map(({ name }) => ({ accountId: call.accountId, region: name, type: "s3:bucket" } as const))
  const prefix = input.Prefix ?? ""
  const paged = input.MaxBuckets !== undefined || input.ContinuationToken !== undefined
  const { items, token } = Paging.page(call, {
    size: input.MaxBuckets,
    min: 1,
    max: 10_000,
    byDefault: paged ? 10_000 : Number.MAX_SAFE_INTEGER,
    token: input.ContinuationToken,
    bind: [only, prefix],
    badSize: (size) =>
      invalid("max-buckets", String(size), "Argument max-buckets must be an integer between 1 and 10000."),
    badToken: () =>
      invalid("continuation-token", input.ContinuationToken ?? "", "The continuation token provided is incorrect")
  }, (from, limit) => call.estate.scan(places, from, limit, (bucket) => bucket.name.startsWith(prefix)))
  // A request without any parameter gets the answer of old, which does not name the Regions.
  const regions = paged || only !== undefined || input.Prefix !== undefined
  return {
    Owner: { ID: call.accountId.padStart(64, "0") },
    Buckets: items.map((bucket) => ({
      Name: bucket.name,
      CreationDate: bucket.createdAt,
      ...(regions ? { BucketRegion: bucket.region } : {})
    })),
    ContinuationToken: token,
    ...(input.Prefix === undefined ? {} : { Prefix: prefix })
  }
}

const bucketOf = (name: string | undefined, call: Call) => {
  const place = placeOfBucket(name ?? "")
  const owned = place !== undefined && place.accountId === call.accountId
  const bucket = owned ? call.find("s3:bucket", name ?? "", place.region) : undefined
  if (bucket !== undefined) return bucket
  if (!owned && place !== undefined && call.estate.findIn(place.accountId, place.region, "s3:bucket", name ?? "")) {
    throw refuse("AccessDenied", 403, "Access Denied")
  }
  throw refuse("NoSuchBucket", 404, "The specified bucket does not exist", { fields: { BucketName: name ?? "" } })
}

const getBucketTagging = (input: Sdk.GetBucketTaggingRequest, call: Call): Sdk.GetBucketTaggingOutput => {
  const bucket = bucketOf(input.Bucket, call)
  if (bucket.region !== call.region) throw elsewhere(bucket.name, bucket.region, call)
  const tags = Object.entries(bucket.tags).map(([Key, Value]) => ({ Key, Value }))
  if (tags.length === 0) {
    throw refuse("NoSuchTagSet", 404, "The TagSet does not exist", { fields: { BucketName: bucket.name } })
  }
  return { TagSet: tags }
}

const getBucketLocation = (input: Sdk.GetBucketLocationRequest, call: Call): Sdk.GetBucketLocationOutput => {
  const files = holdingOf(call.estate, input.Bucket ?? "")
  if (files !== undefined && files.accountId !== call.accountId) throw refuse("AccessDenied", 403, "Access Denied")
  const { region } = files ?? bucketOf(input.Bucket, call)
  return { LocationConstraint: region === "us-east-1" ? undefined : region as Sdk.BucketLocationConstraint }
}

export const S3 = make({
  signingName: "s3",
  iamPrefix: "s3",
  scope: "regional",
  protocol: restXml("http://s3.amazonaws.com/doc/2006-03-01/", "s3"),
  family: s3Family,
  load: () => import("@aws-sdk/client-s3"),
  actions: { ListBuckets: "ListAllMyBuckets", ListObjectsV2: "ListBucket" },
  operations: {
    ListBuckets: listBuckets,
    GetBucketTagging: getBucketTagging,
    GetBucketLocation: getBucketLocation,
    ListObjectsV2: listObjectsV2,
    GetObject: getObject
  }
})
