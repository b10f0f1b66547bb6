/** Listing and reading files of buckets. @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-s3"
import { refuse } from "../AwsFault.ts"
import * as Paging from "../Paging.ts"
import { dnsSuffixOf } from "../Region.ts"
import { holdingOf, type S3Holding } from "../S3Objects.ts"
import type { Call } from "../Service.ts"

/** How S3 answers where a bucket is in another Region than the one that was asked. */
export const elsewhere = (bucket: string, region: string, call: Call) =>
  refuse(
    "PermanentRedirect",
    301,
    "The bucket you are attempting to access must be addressed using the specified endpoint. " +
      "Please send all future requests to this endpoint.",
    {
      fields: { Endpoint: `${bucket}.s3.${region}.${dnsSuffixOf(call.partition)}`, Bucket: bucket },
      headers: { "x-amz-bucket-region": region }
    }
  )

const filesOf = (name: string | undefined, call: Call): S3Holding => {
  const holding = holdingOf(call.estate, name ?? "")
  if (holding === undefined) {
    throw refuse("NoSuchBucket", 404, "The specified bucket does not exist", { fields: { BucketName: name ?? "" } })
  }
  if (holding.accountId !== call.accountId) throw refuse("AccessDenied", 403, "Access Denied")
  if (holding.region !== call.region) throw elsewhere(name ?? "", holding.region, call)
  return holding
}

export const listObjectsV2 = (input: Sdk.ListObjectsV2Request, call: Call): Sdk.ListObjectsV2Output => {
  const { objects } = filesOf(input.Bucket, call)
  const prefix = input.Prefix ?? ""
  const listed = [...objects.values()]
    .filter(({ key }) => key.startsWith(prefix) && (input.StartAfter === undefined || key > input.StartAfter))
    .toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
  const { items, token } = Paging.page(call, {
    size: input.MaxKeys,
    min: 1,
    max: 1000,
    byDefault: 1000,
    clamp: true,
    token: input.ContinuationToken,
    bind: [input.Bucket, prefix],
    badSize: () => refuse("InvalidArgument", 400, "Argument maxKeys must be an integer between 0 and 2147483647"),
    badToken: () => refuse("InvalidArgument", 400, "The continuation token provided is incorrect")
  }, (from, limit) => {
    const page = listed.slice(from, from + limit)
    const next = from + page.length
    return { items: page, next: next < listed.length ? next : undefined }
  })
  return {
    Name: input.Bucket,
    Prefix: prefix,
    MaxKeys: input.MaxKeys ?? 1000,
    KeyCount: items.length,
    IsTruncated: token !== undefined,
    ...(input.ContinuationToken === undefined ? {} : { ContinuationToken: input.ContinuationToken }),
    ...(token === undefined ? {} : { NextContinuationToken: token }),
    Contents: items.map(({ bytes, etag, key, modified }) => ({
      Key: key,
      LastModified: modified,
      ETag: etag,
      Size: bytes.length,
      StorageClass: "STANDARD" as const
    }))
  }
}

/** What S3 knows of a file, with its bytes in the place of the SDK's stream. */
export const getObject = (input: Sdk.GetObjectRequest, call: Call) => {
  const found = filesOf(input.Bucket, call).objects.get(input.Key ?? "")
  if (found === undefined) {
    throw refuse("NoSuchKey", 404, "The specified key does not exist.", { fields: { Key: input.Key ?? "" } })
  }
  const { bytes, etag, modified } = found
  if (input.IfMatch !== undefined && input.IfMatch !== etag) {
    throw refuse("PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold", {
      fields: { Condition: "If-Match" }
    })
  }
  const asked = /^bytes=(\d+)-(\d*)$/u.exec(input.Range ?? "")
  const first = Number(asked?.[1] ?? 0)
  if (asked !== null && first >= bytes.length) {
    throw refuse("InvalidRange", 416, "The requested range is not satisfiable", {
      fields: { RangeRequested: input.Range ?? "", ActualObjectSize: String(bytes.length) }
    })
  }
  const last = Math.min(bytes.length - 1, asked?.[2] === undefined || asked[2] === "" ? bytes.length - 1 : Number(asked[2]))
  const body = asked === null ? bytes : bytes.subarray(first, last + 1)
  return {
    AcceptRanges: "bytes",
    Body: body,
    ContentLength: body.length,
    ...(asked === null ? {} : { ContentRange: `bytes ${first}-${last}/${bytes.length}` }),
    ContentType: "binary/octet-stream",
    ETag: etag,
    LastModified: modified
  }
}
