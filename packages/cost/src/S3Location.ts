/**
 * Files in S3, by what people call them: `s3://bucket/prefix`.
 *
 * @since 0.1.0
 */

/**
 * - `pattern`: the key, or what keys begin with up to a `/`; with `*`, `**` and `?` as in a shell
 *
 * @category models
 * @since 0.1.0
 */
export interface S3Location {
  readonly bucket: string
  readonly pattern: string
}

/** Bucket names, also those of old. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const form = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9])(?:\/(.*))?$/su

/**
 * Whether somebody means S3, rightly written or not.
 *
 * @category guards
 * @since 0.1.0
 */
export const isMeant = (text: string): boolean => /^s3:\/\//iu.test(text)

/**
 * Reads `s3://bucket/prefix`, `undefined` where it is none.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: string): S3Location | undefined => {
  const [matched, bucket = "", pattern = ""] = form.exec(text) ?? []
  return matched === undefined ? undefined : { bucket, pattern }
}

/**
 * What all keys begin with that a location can mean.
 *
 * @category getters
 * @since 0.1.0
 */
export const prefixOf = ({ pattern }: S3Location): string => /^[^*?]*/u.exec(pattern)?.[0] ?? ""

/**
 * Whether a key is meant: the key itself, one that a pattern fits, or a billing file below a prefix.
 *
 * @category guards
 * @since 0.1.0
 */
export const matches = ({ pattern }: S3Location, key: string): boolean => {
  if (/[*?]/u.test(pattern)) return fits(pattern, key)
  if (key === pattern) return !key.endsWith("/")
  return (pattern === "" || key.startsWith(pattern.endsWith("/") ? pattern : `${pattern}/`)) &&
    /\.(?:csv|csv\.gz|csv\.zst|parquet)$/iu.test(key)
}

/** Whether a pattern fits a key. All that it may have reached is tried at once, so that no pattern takes for ever. */
const fits = (pattern: string, key: string): boolean => {
  const parts = pattern.match(/\*\*\/?|\*|\?|[^*?]/gsu) ?? []
  let reached = new Set([0])
  for (const part of parts) {
    const next = new Set<number>()
    for (const at of reached) {
      if (part.startsWith("**")) {
        // `**/` is any number of directories, also none.
        for (let to = at; to <= key.length; to++) if (part === "**" || to === at || key[to - 1] === "/") next.add(to)
      } else if (part === "*") {
        for (let to = at; to <= key.length; to++) {
          next.add(to)
          if (key[to] === "/") break
        }
      } else if (at < key.length && (part === "?" ? key[at] !== "/" : key.startsWith(part, at))) next.add(at + part.length)
    }
    if (next.size === 0) return false
    reached = next
  }
  return reached.has(key.length)
}
