/**
 * Access keys that say whose they are, and the SigV4 scope that requests carry.
 *
 * @since 0.1.0
 */
import { hashText, hex8 } from "./Hash.ts"

/**
 * Long-lived or session credentials, as every AWS SDK takes them.
 *
 * @since 0.1.0
 */
export interface AccessKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Who signed a request. */
export interface Caller {
  readonly accountId: string
  /** The ARN of the caller. */
  readonly principal: string
  readonly userId: string
  /** When the session ends, in milliseconds since 1970. */
  readonly expires: number | undefined
  /** The session is the global STS endpoint's: Regions that an account opts in to do not know it. */
  readonly isGlobal?: boolean
  /** The policy that the session is confined to, besides the role's own. */
  readonly policy?: unknown
}

/** What a session token says. */
export interface Session {
  readonly accountId: string
  readonly role: string
  readonly session: string
  readonly expires: number
  /** Tells sessions apart that are otherwise the same. */
  readonly serial?: number
  readonly isGlobal?: boolean
  readonly policy?: unknown
}

const secretOf = (accessKeyId: string): string =>
  `simulated/${[0, 1, 2, 3].map((salt) => hex8(hashText(accessKeyId, salt))).join("")}`.slice(0, 40)

/** The keys of a user of an account. */
export const longLived = (accountId: string): AccessKeys => {
  const accessKeyId = `AKIA${accountId}SIM1`
  return { accessKeyId, secretAccessKey: secretOf(accessKeyId) }
}

/** What a token holds. */
type Payload = readonly [
  accountId: string,
  role: string,
  session: string,
  expires: number,
  serial: number,
  isGlobal: boolean,
  policy: unknown
]

/** The keys of an assumed role. */
export const session = (of: Session): Required<AccessKeys> => {
  const { accountId, expires, isGlobal, policy, role, serial = 0, session: name } = of
  const fields: Payload = [accountId, role, name, expires, serial, isGlobal === true, policy]
  const payload = Buffer.from(JSON.stringify(fields)).toString("base64url")
  const accessKeyId = `ASIA${of.accountId}${hex8(hashText(payload)).slice(0, 4).toUpperCase()}`
  return {
    accessKeyId,
    secretAccessKey: secretOf(accessKeyId),
    sessionToken: `${payload}.${hex8(hashText(payload, 7))}`
  }
}

/** The secret that belongs to an access key. */
export const secretFor = secretOf

/** Whose key it is, or `undefined` for a key that no account ever had. */
export const read = (accessKeyId: string, sessionToken: string | undefined): Caller | undefined => {
  const [, kind, accountId = ""] = /^(AKIA|ASIA)(\d{12})[A-Z0-9]{4}$/u.exec(accessKeyId) ?? []
  if (kind === "AKIA") {
    return accessKeyId === `AKIA${accountId}SIM1`
      ? {
        accountId,
        principal: `arn:aws:iam::${accountId}:user/simulated`,
        userId: `AIDA${accountId}SIM1`,
        expires: undefined
      }
      : undefined
  }
  const [payload = "", check] = (sessionToken ?? "").split(".")
  if (kind !== "ASIA" || check !== hex8(hashText(payload, 7))) return undefined
  const [account, role, name, expires, , isGlobal, policy] =
    JSON.parse(Buffer.from(payload, "base64url").toString()) as Payload
  return account !== accountId ? undefined : {
    accountId,
    principal: `arn:aws:sts::${accountId}:assumed-role/${role}/${name}`,
    userId: `AROA${hex8(hashText(role)).toUpperCase()}SIM1:${name}`,
    expires,
    isGlobal,
    // JSON has no `undefined`.
    ...(policy === null || policy === undefined ? {} : { policy })
  }
}

/** The credential scope of a signed request. */
export interface Scope {
  readonly accessKeyId: string
  readonly date: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: ReadonlyArray<string>
  readonly signature: string
}

/** Reads the `Authorization` header of Signature Version 4. */
export const scopeOf = (authorization: string | undefined): Scope | undefined => {
  const found = /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]+)$/u
    .exec(authorization ?? "")
  const [, credential = "", headers = "", signature = ""] = found ?? []
  const [accessKeyId = "", date = "", region = "", service = "", end] = credential.split("/")
  if (end !== "aws4_request") return undefined
  return { accessKeyId, date, region, service, signedHeaders: headers.split(";"), signature }
}
