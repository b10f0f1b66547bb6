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
}

/** What a session token says. */
export interface Session {
  readonly accountId: string
  readonly role: string
  readonly session: string
  readonly expires: number
}

const secretOf = (accessKeyId: string): string =>
  `simulated/${[0, 1, 2, 3].map((salt) => hex8(hashText(accessKeyId, salt))).join("")}`.slice(0, 40)

/** The keys of a user of an account. */
export const longLived = (accountId: string): AccessKeys => {
  const accessKeyId = `AKIA${accountId}SIM1`
  return { accessKeyId, secretAccessKey: secretOf(accessKeyId) }
}

/** The keys of an assumed role. */
export const session = (of: Session): Required<AccessKeys> => {
  const payload = Buffer.from(JSON.stringify([of.accountId, of.role, of.session, of.expires])).toString("base64url")
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
  const [account, role, name, expires] = JSON.parse(Buffer.from(payload, "base64url").toString()) as
    readonly [string, string, string, number]
  return account !== accountId ? undefined : {
    accountId,
    principal: `arn:aws:sts::${accountId}:assumed-role/${role}/${name}`,
    userId: `AROA${hex8(hashText(role)).toUpperCase()}SIM1:${name}`,
    expires
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
