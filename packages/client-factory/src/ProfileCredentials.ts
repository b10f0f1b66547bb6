/**
 * The credentials of a profile of the shared configuration files.
 *
 * @since 0.1.0
 */
import { fromIni } from "@aws-sdk/credential-provider-ini"
import { getDefaultRoleAssumer } from "@aws-sdk/client-sts"
import { parseKnownFiles } from "@smithy/core/config"
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from "@smithy/types"
import * as CredentialProcess from "./CredentialProcess.ts"
import type { RequestHandler } from "./HttpTransport.ts"

/**
 * How the SDK asks for what it needs on the way to credentials (STS, IAM
 * Identity Center): by our transport, and where the profile sends calls.
 *
 * @category models
 * @since 0.1.0
 */
export interface OnTheWay {
  readonly clientConfig: {
    readonly requestHandler: RequestHandler
    readonly endpoint?: string
    readonly ignoreConfiguredEndpointUrls?: true
  }
  readonly parentClientConfig: { readonly region: string; readonly requestHandler: RequestHandler }
}

/** A role that a profile enters by another. */
interface Role {
  readonly roleArn: string
  readonly values: Readonly<Record<string, string | undefined>>
}

interface Chain {
  readonly process: CredentialProcess.CredentialProcess
  /** From the first that is entered to the profile's own. */
  readonly roles: ReadonlyArray<Role>
}

/**
 * The provider of a profile whose credentials come from a `credential_process`,
 * also by way of roles (`source_profile`); `undefined` for all others, which the
 * SDK knows how to read. The SDK's own would tell the whole command when it
 * fails, wait for it for ever, and then go on to the machine's role.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofProcess = async (
  profile: string,
  onTheWay: OnTheWay,
  withinMs: number
): Promise<AwsCredentialIdentityProvider | undefined> => {
  const chain = chainOf(profile, await parseKnownFiles({ ignoreCache: true }))
  if (chain === undefined) return undefined
  return async () => {
    let identity = await CredentialProcess.run(chain.process, withinMs)
    for (const role of chain.roles) identity = await enter(role, identity, onTheWay)
    return identity
  }
}

/**
 * The credentials of a profile and no others, asked for at each call.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofProfile = async (profile: string, onTheWay: OnTheWay, withinMs: number): Promise<AwsCredentialIdentity> => {
  const provider = (await ofProcess(profile, onTheWay, withinMs)) ?? fromIni({ profile, ignoreCache: true, ...onTheWay })
  return provider()
}

type Known = Readonly<Record<string, Readonly<Record<string, string | undefined>>>>

/** In the order in which the SDK looks at what a profile says. */
const chainOf = (name: string, known: Known, visited: ReadonlyArray<string> = []): Chain | undefined => {
  const values = Object.hasOwn(known, name) ? known[name] : undefined
  if (values === undefined || visited.includes(name)) return undefined
  const { credential_process: command, credential_source: source, role_arn: roleArn, source_profile: by } = values
  const isStatic = values["aws_access_key_id"] !== undefined && values["aws_secret_access_key"] !== undefined
  if (visited.length > 0 && isStatic) return undefined
  if (roleArn !== undefined && by !== undefined && source === undefined) {
    // Codes of a second factor cannot be asked for: the SDK says so.
    const chain = values["mfa_serial"] === undefined ? chainOf(by, known, [...visited, name]) : undefined
    return chain === undefined ? undefined : { ...chain, roles: [...chain.roles, { roleArn, values }] }
  }
  const isOther = isStatic || roleArn !== undefined || source !== undefined || values["web_identity_token_file"] !== undefined
  return isOther || command === undefined ? undefined : { process: { profile: name, command }, roles: [] }
}

const enter = (
  { roleArn, values }: Role,
  identity: AwsCredentialIdentity,
  { clientConfig, parentClientConfig }: OnTheWay
): Promise<AwsCredentialIdentity> => {
  const region = values["region"] ?? parentClientConfig.region
  const assume = getDefaultRoleAssumer({ ...clientConfig, region, parentClientConfig: { ...parentClientConfig, region } })
  return assume(identity, {
    RoleArn: roleArn,
    RoleSessionName: values["role_session_name"] ?? "cadastre",
    ExternalId: values["external_id"],
    DurationSeconds: Number.parseInt(values["duration_seconds"] ?? "3600", 10)
  })
}
