/** @since 0.1.0 */
import type * as Sdk from "@aws-sdk/client-sts"
import { refuse } from "../AwsFault.ts"
import * as Credentials from "../Credentials.ts"
import { queryFamily } from "../Family.ts"
import { query } from "../Protocol.ts"
import { type Call, make } from "../Service.ts"

const getCallerIdentity = (_input: Sdk.GetCallerIdentityRequest, call: Call): Sdk.GetCallerIdentityResponse => ({
  Arn: call.principal,
  UserId: call.userId,
  Account: call.accountId
})

/** Any role of an account of the estate may be assumed; a rule can forbid it. */
const assumeRole = (input: Sdk.AssumeRoleRequest, call: Call): Sdk.AssumeRoleResponse => {
  const arn = input.RoleArn ?? ""
  const [, accountId = "", role = ""] = /^arn:aws:iam::(\d{12}):role\/(.+)$/u.exec(arn) ?? []
  const session = input.RoleSessionName ?? ""
  const seconds = input.DurationSeconds ?? 3600
  if (accountId === "" || !/^[\w+=,.@-]{2,64}$/u.test(session)) {
    throw refuse("ValidationError", 400, `${arn === "" ? "RoleArn" : arn} is invalid`)
  }
  if (seconds < 900 || seconds > 43_200) {
    throw refuse("ValidationError", 400, "The requested DurationSeconds must be between 900 and 43200 seconds")
  }
  if (!call.estate.accounts.includes(accountId)) {
    throw refuse(
      "AccessDenied",
      403,
      `User: ${call.principal} is not authorized to perform: sts:AssumeRole on resource: ${arn}`
    )
  }
  const expiration = new Date(Math.floor(call.now / 1000 + seconds) * 1000)
  const keys = Credentials.session({
    accountId,
    role: role.slice(role.lastIndexOf("/") + 1),
    session,
    expires: expiration.getTime()
  })
  const caller = Credentials.read(keys.accessKeyId, keys.sessionToken)
  return {
    Credentials: {
      AccessKeyId: keys.accessKeyId,
      SecretAccessKey: keys.secretAccessKey,
      SessionToken: keys.sessionToken,
      Expiration: expiration
    },
    AssumedRoleUser: { AssumedRoleId: caller?.userId, Arn: caller?.principal }
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
