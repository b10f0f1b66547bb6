/**
 * Where AWS is and whom we call it as, when that is not what the SDK finds by
 * itself.
 *
 * @since 0.1.0
 */
import { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } from "@smithy/core/config"
import { RegionId } from "@cadastre/model"
import type { AwsCredentialIdentityProvider } from "@smithy/types"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/**
 * Everything is optional. What is left out is found as the AWS SDK does it:
 * environment, shared configuration files, container or instance role;
 * `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` included.
 *
 * - `endpointUrl`: sends every call of every service there, whatever the environment says
 * - `profile`: a profile of the shared configuration files
 * - `credentials`: used instead of the SDK's default chain
 *
 * @category models
 * @since 0.1.0
 */
export interface AwsConnection {
  readonly endpointUrl?: string
  readonly profile?: string
  readonly credentials?: AwsCredentialIdentityProvider
}

/**
 * The connection in use: by default what the SDK finds by itself.
 *
 * @category configuration
 * @since 0.1.0
 */
export class AwsSettings extends Context.Reference<AwsConnection>("@cadastre/client-factory/AwsSettings", {
  defaultValue: () => ({})
}) {}

/**
 * `AWS_REGION`, else the profile's `region`, holds something that is no Region code.
 *
 * @category errors
 * @since 0.1.0
 */
export class DefaultRegionError extends Schema.TaggedError<DefaultRegionError>()("DefaultRegionError", {
  value: Schema.String
}) {
  override get message(): string {
    return `AWS_REGION (or the profile's region) is "${this.value}", which is no Region code: ` +
      "write one such as us-east-1"
  }
}

/**
 * The Region that calls without a Region of their own are made in: `AWS_REGION`,
 * else the profile's `region`, else `us-east-1`. It also decides the partition.
 *
 * @category configuration
 * @since 0.1.0
 */
export const defaultRegion: Effect.Effect<RegionId, DefaultRegionError> = Effect.gen(function*() {
  const { profile } = yield* AwsSettings
  const find = loadConfig(
    { ...NODE_REGION_CONFIG_OPTIONS, default: "us-east-1" },
    { ...NODE_REGION_CONFIG_FILE_OPTIONS, ...(profile === undefined ? {} : { profile }) }
  )
  // An unreadable configuration file is reported by the credential chain, which reads the same ones.
  const value = yield* Effect.tryPromise(find).pipe(Effect.orElseSucceed(() => "us-east-1"))
  return yield* Schema.decodeEffect(RegionId)(value).pipe(Effect.mapError(() => new DefaultRegionError({ value })))
})
