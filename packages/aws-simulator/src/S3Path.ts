/**
 * What the path of a request to S3 says, which names the bucket first: `/bucket/key`.
 *
 * @since 0.1.0
 */

/** Whether a path is about all buckets, about one, or about a file in it. */
export const levelOf = (path: string): "service" | "bucket" | "file" => {
  const [bucket, ...key] = path.slice(1).split("/")
  return bucket === "" ? "service" : key.every((segment) => segment === "") ? "bucket" : "file"
}

/** The bucket or the key, which may have slashes anywhere. */
export const label = (name: "Bucket" | "Key", path: string): string => {
  const end = path.indexOf("/", 1)
  return decodeURIComponent(name === "Bucket" ? path.slice(1, end < 0 ? undefined : end) : path.slice(end + 1))
}
