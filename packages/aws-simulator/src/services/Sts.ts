/** @since 0.1.0 */
import { deflateRawSync } from "node:zlib"
import type * as Sdk from "@aws-sdk/client-sts"
import { refuse } from "../AwsFault.ts"
import * as Credentials from "../Credentials.ts"
import type { Estate } from "../Estate.ts"
import { queryFamily } from "../Family.ts"
import * as PolicyDocument from "../PolicyDocument.ts"
import { query } from "../Protocol.ts"
import { roleOf } from "../Role.ts"
import { type Call, make } from "../Service.ts"

const getCallerIdentity = (_input: Sdk.GetCallerIdentityRequest, call: Call): Sdk.GetCallerIdentityResponse => ({
  Arn: call.principal,
  UserId: call.userId,
  Account: call.accountId
})

const invalid = (message: string) => refuse("ValidationError", 400, message)

const constraint = (value: string, name: string, rule: string) =>
  invalid(
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must ${rule}`
  )

/** A session that is got by a session ends after an hour, whatever the roles allow (role chaining). */
const longestChained = 3600

const durationOf = (input: Sdk.AssumeRoleRequest, call: Call, longest: number): number => {
  const seconds = input.DurationSeconds ?? 3600
  if (seconds < 900) throw constraint(String(seconds), "durationSeconds", "have value greater than or equal to 900")
  if (seconds > 43_200) throw constraint(String(seconds), "durationSeconds", "have value less than or equal to 43200")
  if (seconds > longestChained && call.principal.includes(":assumed-role/")) {
    throw invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
  }
  if (seconds > longest) {
    throw invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
  }
  return seconds
}

interface SessionPolicy {
  readonly Version?: string
  readonly Statement: ReadonlyArray<unknown>
}

/** What the services here have to be read with. */
const reads = [
  "account",
  "autoscaling",
  "dynamodb",
  "ec2",
  "ecs",
  "iam",
  "lambda",
  "organizations",
  "rds",
  "route53",
  "s3",
  "sns",
  "sqs",
  "tag"
].flatMap((prefix) => [`${prefix}:Describe*`, `${prefix}:Get*`, `${prefix}:List*`])

/** The managed policies that sessions are usually confined to, as far as they matter here; others are not known. */
const managed: Readonly<Record<string, ReadonlyArray<string>>> = {
  "arn:aws:iam::aws:policy/ReadOnlyAccess": reads,
  "arn:aws:iam::aws:policy/SecurityAudit": reads.filter((action) => !action.startsWith("dynamodb:Get"))
}

/** AWS packs session policies in a way that it does not tell; so many bytes of deflated text are the space here. */
const packedSpace = 1024

/** The session's policies as one. */
const policyOf = (input: Sdk.AssumeRoleRequest): SessionPolicy | undefined => {
  const arns = (input.PolicyArns ?? []).map(({ arn }) => arn ?? "")
  if (input.Policy === undefined && arns.length === 0) return undefined
  if (arns.length > 10) throw constraint(String(arns.length), "policyArns", "have length less than or equal to 10")
  const text = `${input.Policy ?? ""}${arns.join("")}`
  if (text.length > 2048) throw constraint("…", "policy", "have length less than or equal to 2048")
  const statements = arns.map((arn) => {
    const actions = Object.hasOwn(managed, arn) ? managed[arn] : undefined
    if (actions === undefined) throw invalid(`Policy ${arn} does not exist or is not attachable.`)
    return { Effect: "Allow", Action: actions, Resource: "*" }
  })
  const own = input.Policy === undefined ? undefined : parsed(input.Policy)
  const percent = Math.ceil(deflateRawSync(text).length / packedSpace * 100)
  if (percent > 100) {
    throw refuse("PackedPolicyTooLarge", 400, `Packed size of session policy consumes ${percent}% of allotted space.`)
  }
  return { Version: own?.Version ?? "2012-10-17", Statement: [...own?.Statement ?? [], ...statements] }
}

const malformed = (message: string) => refuse("MalformedPolicyDocument", 400, message)

const parsed = (text: string): SessionPolicy => {
  let policy: unknown
  try {
    policy = JSON.parse(text)
  } catch {
    throw malformed("This policy contains invalid Json")
  }
  try {
    PolicyDocument.parse(policy)
  } catch (error) {
    throw malformed(`Syntax errors in policy. (${error instanceof Error ? error.message : String(error)})`)
  }
  const { Statement, Version } = policy as { readonly Statement: unknown; readonly Version?: string }
  const statements: ReadonlyArray<unknown> = Array.isArray(Statement) ? Statement : [Statement]
  if (statements.length === 0) throw malformed("Syntax errors in policy.")
  return { ...(Version === undefined ? {} : { Version }), Statement: statements }
}

const serials = new WeakMap<Estate, number>()

/** No two sessions have the same keys, though all else may be the same. */
const nextSerial = (estate: Estate): number => {
  const serial = (serials.get(estate) ?? 0) + 1
  serials.set(estate, serial)
  return serial
}

const assumeRole = (input: Sdk.AssumeRoleRequest, call: Call): Sdk.AssumeRoleResponse => {
  const arn = input.RoleArn ?? ""
  const session = input.RoleSessionName ?? ""
  const [, partition = "", accountId = "", name = ""] = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/(.+)$/u.exec(arn) ?? []
  if (accountId === "") throw invalid(`${arn === "" ? "RoleArn" : arn} is invalid`)
  if (!/^[\w+=,.@-]{2,64}$/u.test(session)) {
    throw constraint(session, "roleSessionName", "satisfy regular expression pattern: [\\w+=,.@-]*")
  }
  const role = roleOf(call.estate.roles, accountId, name)
  const isTrusted = role !== undefined && call.estate.accounts.includes(accountId) &&
    partition === call.partition && call.estate.partitionOf(accountId) === partition &&
    (role.externalId === undefined || role.externalId === input.ExternalId) &&
    (role.trusts === undefined || role.trusts.includes(call.accountId))
  if (!isTrusted) {
    // AWS says no more: neither whether the role exists nor which condition is not met.
    throw refuse(
      "AccessDenied",
      403,
      `User: ${call.principal} is not authorized to perform: sts:AssumeRole on resource: ${arn}`
    )
  }
  const seconds = durationOf(input, call, role.maxSessionDuration ?? 3600)
  const policy = policyOf(input)
  const expiration = new Date(Math.floor(call.now / 1000 + seconds) * 1000)
  const keys = Credentials.session({
    accountId: role.answersFor ?? accountId,
    role: name.slice(name.lastIndexOf("/") + 1),
    session,
    expires: expiration.getTime(),
    serial: nextSerial(call.estate),
    isGlobal: /^sts\.amazonaws\.com(?::\d+)?$/u.test(call.host ?? ""),
    ...(policy === undefined ? {} : { policy })
  })
  const caller = Credentials.read(keys.accessKeyId, keys.sessionToken)
  return {
    Credentials: {
      AccessKeyId: keys.accessKeyId,
      SecretAccessKey: keys.secretAccessKey,
      SessionToken: keys.sessionToken,
      Expiration: expiration
    },
    AssumedRoleUser: {
      AssumedRoleId: caller?.userId,
      Arn: caller?.principal.replace(/^arn:aws:/u, `arn:${call.partition}:`)
    }
  }
}

export const Sts = make({
  signingName: "sts",
  iamPrefix: "sts",
  scope: "regional",
  protocol: query("https://sts.amazonaws.com/doc/2011-06-15/"),
  family: queryFamily,
  load: () => import("@aws-sdk/client-sts"),
  operations: { GetCallerIdentity: getCallerIdentity, AssumeRole: assumeRole }
})
