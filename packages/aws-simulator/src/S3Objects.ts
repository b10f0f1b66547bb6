/**
 * Files in the buckets of a simulated AWS, as somebody put them there: bills, for instance.
 *
 * @since 0.1.0
 */
import { createHash } from "node:crypto"
import type { Estate } from "./Estate.ts"

/**
 * A bucket that holds files.
 *
 * @since 0.1.0
 */
export interface S3Place {
  readonly bucket: string
  /** Whose it is (default the first account). */
  readonly accountId?: string
  /** Default `us-east-1`. */
  readonly region?: string
}

/** A file. */
export interface S3Object {
  readonly key: string
  readonly bytes: Buffer
  readonly etag: string
  readonly modified: Date
}

/** A bucket with its files, by key. */
export interface S3Holding {
  readonly accountId: string
  readonly region: string
  readonly objects: Map<string, S3Object>
}

const holdings = new WeakMap<Estate, Map<string, S3Holding>>()

/** The bucket of a name, where files were put into one. */
export const holdingOf = (estate: Estate, bucket: string): S3Holding | undefined => holdings.get(estate)?.get(bucket)

/**
 * Puts a file into a bucket, which is made where there is none: it is no resource of the estate. What was there by the
 * same key is gone.
 *
 * @since 0.1.0
 */
export const put = (estate: Estate, place: S3Place, key: string, content: string | Uint8Array): void => {
  const buckets = holdings.get(estate) ?? new Map<string, S3Holding>()
  holdings.set(estate, buckets)
  const holding = buckets.get(place.bucket) ?? {
    accountId: place.accountId ?? estate.accounts[0] ?? "",
    region: place.region ?? "us-east-1",
    objects: new Map()
  }
  buckets.set(place.bucket, holding)
  const bytes = Buffer.from(content)
  const etag = `"${createHash("md5").update(bytes).digest("hex")}"`
  holding.objects.set(key, { key, bytes, etag, modified: new Date(Date.UTC(2026, 0, 1)) })
}
