/**
 * The AWS configuration files that all SDKs share.
 *
 * @since 0.1.0
 */
import { CredentialsProviderError, loadConfig, parseKnownFiles } from "@smithy/core/config"
import { AccountId, Arn } from "@cadastre/model"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/**
 * A profile. `accountId` is the account that the file itself tells: of its
 * `role_arn`, its `sso_account_id` or its `aws_account_id`.
 *
 * @category models
 * @since 0.1.0
 */
export interface ConfiguredProfile {
  readonly name: string
  readonly accountId?: AccountId
}

/**
 * The profiles of `~/.aws/config` and `~/.aws/credentials`, or of the files
 * that `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` name, by name. Read
 * anew each time; files that are missing or cannot be read have none.
 *
 * @category accessors
 * @since 0.1.0
 */
export const profiles: Effect.Effect<ReadonlyArray<ConfiguredProfile>> = Effect.promise(async () => {
  const known = await parseKnownFiles({ ignoreCache: true })
  return Object.entries(known)
    // Sections such as `[sso-session x]` and `[services x]` are no profiles.
    .filter(([name]) => !/^(?:sso-session|services)\./u.test(name))
    .map(([name, values]) => {
      const accountId = accountOf(values)
      return accountId === undefined ? { name } : { name, accountId }
    })
    .toSorted((a, b) => a.name < b.name ? -1 : 1)
}).pipe(Effect.catchCause(() => Effect.succeed([])))

const accountOf = (values: Readonly<Record<string, string | undefined>>): AccountId | undefined => {
  const role = Option.getOrUndefined(Arn.parse(values["role_arn"] ?? ""))
  const text = role?.accountId ?? values["sso_account_id"] ?? values["aws_account_id"]
  return Option.getOrUndefined(Schema.decodeUnknownOption(AccountId)(text))
}

/**
 * Rejects, as the SDK does for what it finds no credentials for, unless the
 * files have the profile. Without this the SDK's default chain would go on to
 * the machine's role, and a misspelt name would become another account.
 *
 * @category accessors
 * @since 0.1.0
 */
export const requireProfile = async (name: string): Promise<void> => {
  const known = await parseKnownFiles({ ignoreCache: true })
  if (Object.hasOwn(known, name)) return
  throw new CredentialsProviderError(
    `there is no profile "${name}" in the AWS configuration files (~/.aws/config and ~/.aws/credentials, or those ` +
      "that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name); `aws configure list-profiles` lists them",
    { tryNextLink: false }
  )
}

/**
 * The endpoint that a profile has calls of a service sent to, if any, as the
 * SDK finds it of `AWS_PROFILE`: of the environment, then of the profile's
 * `services` section, then of the profile itself. The SDK does not look for it
 * in a profile that it is told by name, and would send what is meant for a
 * stand-in to AWS.
 *
 * `serviceId` is the client's own, as `Resource Groups Tagging API`.
 *
 * @category accessors
 * @since 0.1.0
 */
export const endpointOf = async (profile: string, serviceId: string): Promise<string | undefined> => {
  const service = serviceId.replaceAll(" ", "_")
  const isIgnored = await loadConfig<boolean>({
    environmentVariableSelector: ({ AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: value }) => isTrue(value),
    configFileSelector: ({ ignore_configured_endpoint_urls: value }) => isTrue(value),
    default: false
  }, { profile })()
  if (isIgnored) return undefined
  return loadConfig<string | undefined>({
    environmentVariableSelector: (env) => env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? env["AWS_ENDPOINT_URL"],
    configFileSelector: ({ endpoint_url: own, services }, config) =>
      (services === undefined ? undefined : config?.[`services.${services}`]?.[`${service.toLowerCase()}.endpoint_url`]) ?? own,
    default: undefined
  }, { profile })()
}

/**
 * The `region` of a profile itself, if any, whatever the environment says: of
 * several profiles each has its own.
 *
 * @category accessors
 * @since 0.1.0
 */
export const regionOf = (profile: string): Promise<string | undefined> => valueOf(profile, "region")

/**
 * The `ca_bundle` of a profile, by default of the one in use.
 *
 * @category accessors
 * @since 0.1.0
 */
export const caBundleOf = (profile?: string): Promise<string | undefined> => valueOf(profile, "ca_bundle")

const valueOf = (profile: string | undefined, key: string): Promise<string | undefined> =>
  loadConfig<string | undefined>({
    environmentVariableSelector: () => undefined,
    configFileSelector: (values) => values[key],
    default: undefined
  }, profile === undefined ? {} : { profile })()

const isTrue = (value: string | undefined): boolean | undefined => value === undefined ? undefined : value.toLowerCase() === "true"
