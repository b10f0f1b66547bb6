/**
 * Amazon Resource Names, in every partition and with every service's odd form.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"

/**
 * The parts of `arn:partition:service:region:accountId:resource`.
 *
 * `region` and `accountId` are empty where the service leaves them out (S3
 * buckets have neither, IAM has no Region). `resource` is all that follows the
 * fifth colon, colons and slashes included.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 * @since 0.1.0
 */
export interface Arn {
  readonly partition: string
  readonly service: string
  readonly region: string
  readonly accountId: string
  readonly resource: string
}

/** AWS documents at most 2,048 characters; no service comes near it. */
const maxLength = 2048

/** All but the resource, which may be anything that is not nothing. */
const form = /^arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):([0-9]{12}|aws|):$/u

/**
 * Reads an ARN; `none` when the text is not one.
 *
 * @since 0.1.0
 */
export const parse = (text: string): Option.Option<Arn> => {
  const at = resourceAt(text)
  if (text.length > maxLength || at === text.length) return Option.none()
  const head = headOf(text.slice(0, at))
  return head === undefined ? Option.none() : Option.some({ ...head, resource: text.slice(at) })
}

type Head = Omit<Arn, "resource">

/** Where the resource begins: behind the fifth colon, at the end where there are fewer. */
const resourceAt = (text: string): number => {
  let at = 0
  for (let colons = 0; colons < 5; colons++) {
    const colon = text.indexOf(":", at)
    if (colon < 0) return text.length
    at = colon + 1
  }
  return at
}

/** The last head that was read, and as what: those of one page are all the same. */
let lastText = ""
let lastHead: Head | undefined

const headOf = (text: string): Head | undefined => {
  if (text === lastText) return lastHead
  const parts = form.exec(text)
  if (parts === null) return undefined
  const [, partition = "", service = "", region = "", accountId = ""] = parts
  lastText = text
  lastHead = { partition, service, region, accountId }
  return lastHead
}

/**
 * Writes an ARN; the inverse of {@link parse}.
 *
 * @since 0.1.0
 */
export const format = ({ accountId, partition, region, resource, service }: Arn): string =>
  `arn:${partition}:${service}:${region}:${accountId}:${resource}`

/**
 * The resource part of an ARN, taken apart.
 *
 * - `type`: what stands before the first `/` or `:` (`instance`, `db`, `loadbalancer`), absent where
 *   the service writes the bare name (SNS topics, SQS queues, S3 buckets)
 * - `id`: the rest without a qualifier; for IAM it keeps the path, for load balancers `app/name/hash`
 * - `qualifier`: a Lambda version or alias, a log group's `*`
 *
 * @since 0.1.0
 */
export const resourceOf = (
  arn: Arn
): { readonly type?: string; readonly id: string; readonly qualifier?: string } => {
  // API Gateway writes a path: `/restapis/abc`.
  const text = arn.resource.startsWith("/") ? arn.resource.slice(1) : arn.resource
  const at = endOfType(text)
  if (at < 0 || bareNames.has(arn.service)) return { id: text }
  const type = text.slice(0, at)
  const id = text.slice(at + 1)
  if (!hasQualifier(arn.service, type)) return { type, id }
  const colon = id.indexOf(":")
  return colon < 0 ? { type, id } : { type, id: id.slice(0, colon), qualifier: id.slice(colon + 1) }
}

/** Where the first `/` or `:` is. */
const endOfType = (text: string): number => {
  const slash = text.indexOf("/")
  const colon = text.indexOf(":")
  return slash < 0 ? colon : colon < 0 ? slash : Math.min(slash, colon)
}

/** Services whose resource part is the name itself, which may hold a slash or a colon. */
const bareNames: ReadonlySet<string> = new Set(["s3", "sns", "sqs"])

/** Types whose id may be followed by `:qualifier`. */
const hasQualifier = (service: string, type: string): boolean =>
  service === "lambda" ? type === "function" || type === "layer" : service === "logs" && type === "log-group"
