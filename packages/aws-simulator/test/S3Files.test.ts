import { GetBucketLocationCommand, GetObjectCommand, ListBucketsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3"
import { S3Objects, Simulator } from "@cadastre/aws-simulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

/** The stock client, as anybody would use it. */
const clientOf = ({ credentials, url }: Simulator["Service"], region: string, accountId?: string) =>
  new S3Client({ endpoint: url, region, credentials: credentials(accountId), forcePathStyle: true, maxAttempts: 1 })

const nameOf = (work: Promise<unknown>) => Effect.promise(() => work.then(() => "none", (error: Error) => error.name))

describe("files in S3", () => {
  it.live("are listed in pages, by key, and read whole or in part by the stock client", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { resources: 0, counts: { "s3:bucket": 6 }, accounts: ["111122223333", "444455556666"] }, pageSize: 2 })
      const place = { bucket: "bills", region: "eu-west-1" }
      const bytes = Uint8Array.from({ length: 3000 }, (_, at) => at % 256)
      for (const key of ["b/2", "a//odd key+ä.bin", "a/1", "a/2", "c"]) S3Objects.put(simulator.estate, place, key, bytes)
      const client = clientOf(simulator, "eu-west-1")
      const keys: Array<string> = []
      for (let ContinuationToken: string | undefined, more = true; more;) {
        const page = yield* Effect.promise(() => client.send(new ListObjectsV2Command({ Bucket: "bills", Prefix: "a", ContinuationToken })))
        keys.push(...(page.Contents ?? []).map(({ Key = "" }) => Key))
        ContinuationToken = page.NextContinuationToken
        more = page.IsTruncated === true
      }
      assert.deepStrictEqual(keys, ["a//odd key+ä.bin", "a/1", "a/2"])
      const whole = yield* Effect.promise(() => client.send(new GetObjectCommand({ Bucket: "bills", Key: keys[0]! })))
      assert.deepStrictEqual(yield* Effect.promise(() => whole.Body!.transformToByteArray()), bytes)
      assert.strictEqual(whole.ContentLength, 3000)
      const part = yield* Effect.promise(() =>
        client.send(new GetObjectCommand({ Bucket: "bills", Key: "c", Range: "bytes=250-260", IfMatch: whole.ETag })))
      assert.deepStrictEqual(yield* Effect.promise(() => part.Body!.transformToByteArray()), bytes.slice(250, 261))
      assert.strictEqual(part.ContentRange, "bytes 250-260/3000")
      assert.strictEqual(part.$metadata.httpStatusCode, 206)
      const { LocationConstraint } = yield* Effect.promise(() =>
        clientOf(simulator, "us-east-1").send(new GetBucketLocationCommand({ Bucket: "bills" })))
      assert.strictEqual(LocationConstraint, "eu-west-1")
      // What else S3 answers, it answers as before.
      const buckets = yield* Effect.promise(() => client.send(new ListBucketsCommand({})))
      assert.isAbove(buckets.Buckets!.length, 0)
    }).pipe(Effect.scoped))

  it.live("are refused as S3 refuses them", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ estate: { resources: 0, accounts: ["111122223333", "444455556666"] } })
      S3Objects.put(simulator.estate, { bucket: "bills", region: "eu-west-1" }, "a", "text")
      const get = (input: { Bucket: string; Key: string; IfMatch?: string; Range?: string }, region = "eu-west-1", account?: string) =>
        nameOf(clientOf(simulator, region, account).send(new GetObjectCommand(input)))
      assert.strictEqual(yield* get({ Bucket: "bills", Key: "b" }), "NoSuchKey")
      assert.strictEqual(yield* get({ Bucket: "none", Key: "a" }), "NoSuchBucket")
      assert.strictEqual(yield* get({ Bucket: "bills", Key: "a", IfMatch: "\"other\"" }), "PreconditionFailed")
      assert.strictEqual(yield* get({ Bucket: "bills", Key: "a", Range: "bytes=9-10" }), "InvalidRange")
      assert.strictEqual(yield* get({ Bucket: "bills", Key: "a" }, "us-east-1"), "PermanentRedirect")
      assert.strictEqual(yield* get({ Bucket: "bills", Key: "a" }, "eu-west-1", "444455556666"), "AccessDenied")
    }).pipe(Effect.scoped))
})
