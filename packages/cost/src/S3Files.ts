/**
 * Files of the bill in S3, fetched for as long as they are read. Nothing is ever written to AWS.
 *
 * @since 0.1.0
 */
import { type Account, Accounts, Aws, CurrentAccount, CurrentRegion } from "@cadastre/client-factory"
import { type AwsError, Partition, RegionId, Setting } from "@cadastre/model"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { mkdtemp, open, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { BadFile, CallFailed } from "./CostError.ts"
import * as S3Location from "./S3Location.ts"

/**
 * Files as they lie here, and what they are called in S3.
 *
 * @category models
 * @since 0.1.0
 */
export interface Fetched {
  readonly paths: ReadonlyArray<string>
  /** A text with the files called as in S3. */
  readonly renamed: (text: string) => string
}

/**
 * Fetches what is named into a directory that only this user can read, which is gone with the scope, however that ends.
 *
 * @category models
 * @since 0.1.0
 */
export type Fetch = (named: ReadonlyArray<string>) => Effect.Effect<Fetched, BadFile | CallFailed, Scope.Scope>

/**
 * `COST_FILES_MAX_GIB`: how much of the disk files from S3 may take while they are read, 20 by default (1–1000).
 *
 * @category configuration
 * @since 0.1.0
 */
export const maxGib: Config.Config<number> = Setting.number("COST_FILES_MAX_GIB", 20, { minimum: 1, maximum: 1000, integer: false })

/** Answers are held whole before they are written: memory does not grow with the files. */
const pieceBytes = 8 * 2 ** 20

/** More are no bill but somebody's data lake. */
const mostFiles = 10_000

/** Whoever does not read from S3 does not load the client either. */
const loaded = Effect.promise(() => import("./S3FileClient.ts"))

/** A file that is meant. */
interface Remote {
  readonly bucket: string
  readonly key: string
  readonly size: number
  readonly etag: string | undefined
  readonly region: RegionId
}

/**
 * A way to fetch by the credentials in use, through the door to AWS that all calls go by.
 *
 * Needs `s3:ListBucket` and `s3:GetObject` of what is named; with `s3:GetBucketLocation`, buckets of any Region are
 * found, and else those of the default one. Fails with `CallFailed`, and with `BadFile` where there is no such file, or
 * where there is more than `COST_FILES_MAX_GIB`: nothing is fetched then.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.gen(function*() {
  const aws = yield* Aws.Aws
  const accounts = yield* Accounts
  const most = (yield* maxGib) * 2 ** 30
  const fallback = yield* Config.withDefault(Config.String("AWS_REGION"), "")

  const fetch: Fetch = Effect.fn("S3Files.fetch")(function*(named: ReadonlyArray<string>) {
    const locations = yield* Effect.forEach(named, (text) => {
      const location = S3Location.parse(text)
      const problem = "is no place in S3: write a bucket and what its files begin with, as s3://bucket/prefix"
      return location === undefined ? Effect.fail(new BadFile({ file: text, problem })) : Effect.succeed({ location, text })
    })
    const account = yield* failing(accounts.current)
    const found = new Map<string, Remote>()
    for (const { location, text } of locations) {
      const files = yield* list(location, account, fallback)
      if (files.length === 0) return yield* new BadFile({ file: text, problem: "there is no such file" })
      for (const file of files) found.set(nameOf(file), file)
    }
    const files = [...found.values()].toSorted((a, b) => nameOf(a) < nameOf(b) ? -1 : 1)
    const bytes = files.reduce((sum, { size }) => sum + size, 0)
    if (bytes > most || files.length > mostFiles) {
      const problem = `comes to ${files.length} files and ${(bytes / 2 ** 30).toFixed(1)} GiB, and at most ${mostFiles} files and ` +
        `${most / 2 ** 30} GiB are fetched: name fewer, or raise COST_FILES_MAX_GIB`
      return yield* new BadFile({ file: named.join(","), problem })
    }
    const directory = yield* Effect.acquireRelease(
      Effect.promise(() => mkdtemp(join(tmpdir(), "cadastre-bill-"))),
      (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
    )
    const paths = yield* Effect.forEach(files, (file, at) => {
      const path = join(directory, `${at}.${endingOf(file.key)}`)
      return Effect.as(download(file, path, account), path)
    }, { concurrency: 4 })
    const names = new Map(files.map((file, at) => [paths[at]!, nameOf(file)]))
    return {
      paths,
      renamed: (text: string) => {
        let said = text
        if (text.includes(directory)) { for (const [path, name] of names) said = said.replaceAll(path, name) }
        return said
      }
    }
  }, Effect.provideService(Aws.Aws, aws))
  return fetch
})

const nameOf = ({ bucket, key }: Pick<Remote, "bucket" | "key">): string => `s3://${bucket}/${key}`

/** What says how a file is to be read; the rest of a key is somebody's text. */
const endingOf = (key: string): string => /\.(?:csv(?:\.(?:gz|zst))?|parquet)$/iu.exec(basename(key))?.[0].slice(1).toLowerCase() ?? "unknown"

const failing = <A, R>(call: Effect.Effect<A, AwsError, R>): Effect.Effect<A, CallFailed, R> =>
  Effect.mapError(call, (error) => new CallFailed({ error }))

const within = <A, E, R>(work: Effect.Effect<A, E, R>, account: Account, region: RegionId) =>
  work.pipe(Effect.provideService(CurrentAccount, account), Effect.provideService(CurrentRegion, region))

const isRegionId = Schema.is(RegionId)

/** The Region of a bucket. Who may not ask takes the default one. */
const regionOf = Effect.fnUntraced(function*(bucket: string, account: Account, fallback: string) {
  const { GetBucketLocationCommand, S3FileClient } = yield* loaded
  const home = Partition.homeRegion(account.partition)
  const asked = yield* Effect.result(
    within(Aws.send(S3FileClient, new GetBucketLocationCommand({ Bucket: bucket })), account, home)
  )
  if (asked._tag === "Failure") {
    if (asked.failure.reason._tag !== "AccessDenied") return yield* new CallFailed({ error: asked.failure })
    return isRegionId(fallback) ? fallback : home
  }
  // Buckets of us-east-1 have none, and the oldest ones of Ireland are in the `EU`.
  const said = asked.success.LocationConstraint ?? "us-east-1"
  const region = said === "EU" ? "eu-west-1" : said
  return isRegionId(region) ? region : home
})

const list = Effect.fnUntraced(function*(
  location: S3Location.S3Location,
  account: Account,
  fallback: string
): Effect.fn.Return<ReadonlyArray<Remote>, CallFailed, Aws.Aws> {
  const { ListObjectsV2Command, S3FileClient } = yield* loaded
  const { bucket } = location
  const region = yield* regionOf(bucket, account, fallback)
  const input = { Bucket: bucket, Prefix: S3Location.prefixOf(location) }
  const pages = Aws.list(S3FileClient, ListObjectsV2Command, input, ({ Contents }) => Contents, [
    "ContinuationToken",
    "NextContinuationToken"
  ])
  const objects = (yield* failing(within(Stream.runCollect(pages), account, region))).flat()
  return objects.flatMap(({ ETag, Key = "", Size = 0 }) =>
    S3Location.matches(location, Key) ? [{ bucket, key: Key, size: Size, etag: ETag, region }] : []
  )
})

/** Piece by piece, each a call of its own that may be repeated; a file that is put anew meanwhile is refused. */
const download = Effect.fnUntraced(function*(
  { bucket, etag, key, region, size }: Remote,
  path: string,
  account: Account
): Effect.fn.Return<void, CallFailed | BadFile, Aws.Aws> {
  const { GetObjectCommand, S3FileClient } = yield* loaded
  yield* Effect.acquireUseRelease(
    Effect.promise(() => open(path, "wx", 0o600)),
    Effect.fnUntraced(function*(file) {
      for (let at = 0; at < size; at += pieceBytes) {
        const wanted = Math.min(pieceBytes, size - at)
        const piece = yield* failing(within(
          Aws.send(
            S3FileClient,
            new GetObjectCommand({
              Bucket: bucket,
              Key: key,
              Range: `bytes=${at}-${at + wanted - 1}`,
              ...(etag === undefined ? {} : { IfMatch: etag }),
              // What is stored compressed is wanted as it is.
              ResponseContentEncoding: "identity"
            })
          ),
          account,
          region
        ))
        const bytes = yield* Effect.promise(async () => await piece.Body?.transformToByteArray() ?? new Uint8Array())
        if (bytes.length !== wanted) {
          const problem = `S3 sent ${bytes.length} bytes where it has ${wanted}`
          return yield* new BadFile({ file: nameOf({ bucket, key }), problem })
        }
        yield* Effect.tryPromise({
          try: () => file.write(bytes, 0, bytes.length, at),
          catch: (cause) => {
            const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "unknown"
            return new BadFile({ file: nameOf({ bucket, key }), problem: `cannot be kept in ${tmpdir()} (${code})` })
          }
        })
      }
    }),
    (file) => Effect.promise(() => file.close())
  )
})
