/**
 * Entering another account through a role.
 *
 * @since 0.1.0
 */
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts"
import { AccessDenied, type AccountId, Arn, AwsError, Partition, type RegionId, Unexpected } from "@cadastre/model"
import type { AwsCredentialIdentity } from "@smithy/types"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Aws } from "./Aws.ts"
import type { Account } from "./CurrentAccount.ts"

/**
 * A role of an account, and how to enter it.
 *
 * - `roleName`: the role's name with its path, as `audit/ReadOnly`; or `roleArn`, its whole ARN
 * - `externalId`: what the role's trust policy may ask for
 * - `sessionName`: what CloudTrail shows; `cadastre` by default
 * - `durationSeconds`: 900–43200, 3600 by default. A session got by a session (role chaining, also after IAM Identity
 *   Center) lasts an hour at most, and is asked for no longer; where the role itself allows less, so is it
 * - `sessionPolicy`: JSON text of a policy that the session is confined to, besides the role's own
 * - `policyArns`: managed policies that do the same
 * - `from`: the account whose credentials ask; by default the one in use
 *
 * @category models
 * @since 0.1.0
 */
export type AssumedRole =
  & {
    readonly accountId: AccountId
    readonly externalId?: string
    readonly sessionName?: string
    readonly durationSeconds?: number
    readonly sessionPolicy?: string
    readonly policyArns?: ReadonlyArray<string>
    readonly from?: Account
  }
  & ({ readonly roleName: string } | { readonly roleArn: string })

/** A session, and how long it lasts by what was asked for. */
interface Session {
  readonly identity: AwsCredentialIdentity
  readonly seconds: number
}

const anHour = 3600

/**
 * The ARN of the role, in the partition of whoever asks.
 *
 * @category accessors
 * @since 0.1.0
 */
export const arnOf = (role: AssumedRole, partition: Partition.Partition): string =>
  "roleArn" in role
    ? role.roleArn
    : `arn:${partition}:iam::${role.accountId}:role/${role.roleName.replace(/^\/+/u, "")}`

/**
 * The Region whose STS is asked: the one that calls without a Region of their
 * own are made in, if every account has it, else the partition's home. The
 * sessions of such a regional endpoint are good in every Region, those of the
 * global endpoint not in the ones that an account opted in to; and a Region to
 * opt in to may be off in the account that asks.
 *
 * @category accessors
 * @since 0.1.0
 */
export const stsRegion = (partition: Partition.Partition, preferred: RegionId): RegionId =>
  Partition.ofRegion(preferred) === partition && (partition !== "aws" || enabledByDefault.has(preferred))
    ? preferred
    : Partition.homeRegion(partition)

/** The Regions of the partition `aws` that cannot be switched off ("Enable or disable Regions", Account Management). */
const enabledByDefault: ReadonlySet<string> = new Set([
  "ap-northeast-1",
  "ap-northeast-2",
  "ap-northeast-3",
  "ap-south-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "ca-central-1",
  "eu-central-1",
  "eu-north-1",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "sa-east-1",
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2"
])

/**
 * Asks STS for sessions of a role, one at each call. `base` is who asks.
 *
 * Fails with `AwsError`; where access was denied, the message names the role,
 * who asked, and what to look at.
 *
 * @category constructors
 * @since 0.1.0
 */
export const sessionsOf = (
  aws: Aws["Service"],
  role: AssumedRole,
  base: Account,
  region: RegionId
): Effect.Effect<Session, AwsError> => {
  const roleArn = arnOf(role, base.partition)
  const isChained = Option.exists(Arn.parse(base.arn), ({ resource }) => resource.startsWith("assumed-role/"))
  const wanted = role.durationSeconds ?? anHour
  let seconds = isChained ? Math.min(wanted, anHour) : wanted

  const ask = Effect.suspend(() =>
    aws.send(
      STSClient,
      new AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: role.sessionName ?? "cadastre",
        DurationSeconds: seconds,
        ExternalId: role.externalId,
        Policy: role.sessionPolicy === undefined ? undefined : compact(role.sessionPolicy),
        PolicyArns: role.policyArns?.map((arn) => ({ arn }))
      }),
      base,
      region
    )
  )
  return ask.pipe(
    Effect.catchIf((error) => seconds > anHour && isTooLong(error), () => {
      // Every role allows an hour. Remembered: the next session of this role is asked for no longer.
      seconds = anHour
      return ask
    }),
    Effect.mapError((error) => explained(error, role, roleArn, base)),
    Effect.flatMap(({ Credentials }) =>
      Credentials?.AccessKeyId === undefined || Credentials.SecretAccessKey === undefined
        ? Effect.fail(malformed(region))
        : Effect.succeed({
          identity: {
            accessKeyId: Credentials.AccessKeyId,
            secretAccessKey: Credentials.SecretAccessKey,
            ...(Credentials.SessionToken === undefined ? {} : { sessionToken: Credentials.SessionToken }),
            ...(Credentials.Expiration === undefined ? {} : { expiration: Credentials.Expiration })
          },
          seconds
        })
    )
  )
}

/**
 * Until when, on our clock, a session lasts that was asked for at `askedAt`
 * (milliseconds). AWS's date counts only where it is sooner: our clock may be
 * wrong, and then the date is the wrong one of the two.
 *
 * @category accessors
 * @since 0.1.0
 */
export const expiresAt = ({ identity, seconds }: Session, askedAt: number): number => {
  const byDuration = askedAt + seconds * 1000
  const byDate = identity.expiration?.getTime()
  return byDate === undefined || byDate <= askedAt ? byDuration : Math.min(byDuration, byDate)
}

/** What stands between the brackets counts too, and STS takes 2,048 characters. */
const compact = (policy: string): string => {
  try {
    return JSON.stringify(JSON.parse(policy))
  } catch {
    // STS says what is wrong with it.
    return policy
  }
}

const isTooLong = ({ reason }: AwsError): boolean =>
  reason._tag === "Unexpected" && reason.code === "ValidationError" && /DurationSeconds exceeds/iu.test(reason.message)

const malformed = (region: RegionId) =>
  new AwsError({
    operation: "sts:AssumeRole",
    region,
    reason: new Unexpected({ message: "the answer holds no credentials", code: "MalformedAnswer", status: 200 })
  })

const explained = (error: AwsError, role: AssumedRole, roleArn: string, base: Account): AwsError => {
  const { operation, reason, region, requestId } = error
  if (reason._tag !== "AccessDenied") return error
  const who = base.arn === "" ? "these credentials" : base.arn
  const externalId = role.externalId === undefined
    ? "asks for no external id (none was given)"
    : "asks for the external id that was given"
  const message = `${who} may not assume ${roleArn}: ${reason.message.replace(/\.$/u, "")}. Make sure that the role ` +
    `exists, that its trust policy names this principal and ${externalId}, and that the principal may call ` +
    "sts:AssumeRole on it"
  return new AwsError({
    operation,
    region,
    reason: new AccessDenied({ message, byScp: reason.byScp }),
    ...(requestId === undefined ? {} : { requestId })
  })
}
