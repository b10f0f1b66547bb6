/**
 * The SDK's client of S3, fit to read files by.
 *
 * @since 0.1.0
 */
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3"
import { Readable } from "node:stream"

export { GetBucketLocationCommand, GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3"

interface Handler {
  readonly handle: (request: Requested, options?: object) => Promise<{ readonly response: Answered }>
}

interface Requested {
  readonly headers: Readonly<Record<string, string>>
}

interface Answered {
  readonly statusCode: number
  body?: unknown
}

/**
 * Our transport hands over whole answers, and the SDK wants files as streams. Pieces of files have no checksum of their
 * own to be compared with: connections are encrypted, and their lengths are.
 */
export class S3FileClient extends S3Client {
  constructor(config: S3ClientConfig) {
    super({
      ...config,
      responseChecksumValidation: "WHEN_REQUIRED",
      ...(isHandler(config.requestHandler) ? { requestHandler: streaming(config.requestHandler) as never } : {})
    })
  }
}

const isHandler = (value: unknown): value is Handler =>
  typeof value === "object" && value !== null && "handle" in value && typeof value.handle === "function"

const streaming = (inner: Handler): Handler => ({
  ...inner,
  handle: async (request, options) => {
    const answered = await inner.handle(request, options)
    const { response } = answered
    if (Object.hasOwn(request.headers, "range") && response.statusCode < 300 && response.body instanceof Uint8Array) {
      response.body = Readable.from([response.body])
    }
    return answered
  }
})
