/**
 * Whom we are in AWS.
 *
 * @since 0.1.0
 */
import { fromIni } from "@aws-sdk/credential-provider-ini"
import { defaultProvider } from "@aws-sdk/credential-provider-node"
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts"
import { AccountId, Arn, AwsError, InvalidCredentials, Partition, type RegionId, Unexpected } from "@cadastre/model"
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from "@smithy/types"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Aws } from "./Aws.ts"
import * as AssumedRole from "./AssumedRole.ts"
import { AwsSettings, defaultRegion } from "./AwsSettings.ts"
import type { Account } from "./CurrentAccount.ts"
import { endpointOf, requireProfile } from "./SharedConfig.ts"
import * as SharedCredentials from "./SharedCredentials.ts"

/**
 * Every account that it answers has been named by STS with the very credentials
 * that the account carries; they are shared by all clients and renewed in time.
 *
 * @category services
 * @since 0.1.0
 */
export class Accounts extends Context.Service<Accounts, {
  /**
   * The account of the credentials in use, as STS names it. Asked once; a
   * failure is asked again.
   */
  readonly current: Effect.Effect<Account, AwsError>
  /** Whether AWS accepts the credentials in use now. Asked each time. */
  readonly accepted: Effect.Effect<void, AwsError>
  /**
   * Another account, entered through a role: a session of its own at each call.
   *
   * Its sessions are renewed for as long as the layer lives. A renewal that
   * fails fails the calls that need it, with its reason.
   *
   * Fails as AssumeRole does, and with `InvalidCredentials` when the session is
   * another account's than the one asked for.
   */
  readonly assume: (role: AssumedRole.AssumedRole) => Effect.Effect<Account, AwsError>
  /** The account of a profile of the shared configuration files, by the profile's own credentials and no others. */
  readonly profile: (name: string) => Effect.Effect<Account, AwsError>
}>()("@cadastre/client-factory/Accounts") {
  static readonly layerNoDeps = Layer.effect(
    Accounts,
    Effect.gen(function*() {
      const aws = yield* Aws
      const settings = yield* AwsSettings
      const region = yield* defaultRegion
      const clock = yield* Clock.Clock
      const run = yield* FiberSet.makeRuntimePromise()
      const now = () => clock.currentTimeMillisUnsafe()
      const shared = (fetch: (forced: boolean) => Promise<AwsCredentialIdentity>) =>
        SharedCredentials.make({ fetch, now })
      const stsUrl = settings.endpointUrl ??
        (settings.profile === undefined ? undefined : yield* stsEndpointOf(settings.profile))
      // For what the SDK asks by itself on the way to a profile's credentials.
      const onTheWay = {
        ...(stsUrl === undefined ? {} : { clientConfig: { endpoint: stsUrl } }),
        parentClientConfig: { region }
      }

      /** Names the account by its credentials; until then calls and limits are counted as the guess's. */
      const identify = Effect.fnUntraced(function*(
        credentials: AwsCredentialIdentityProvider,
        guess: { readonly id: AccountId; readonly partition: Partition.Partition },
        at: RegionId
      ): Effect.fn.Return<Account, AwsError> {
        const unnamed = { ...guess, arn: "", credentials }
        const identity = yield* aws.send(STSClient, new GetCallerIdentityCommand({}), unnamed, at)
        const arn = Arn.parse(identity.Arn ?? "")
        const id = Schema.decodeUnknownOption(AccountId)(identity.Account)
        if (Option.isNone(id)) {
          return yield* new AwsError({
            operation: "sts:GetCallerIdentity",
            region: at,
            reason: new Unexpected({ message: "the answer names no account", code: "MalformedAnswer", status: 200 })
          })
        }
        const named = Option.flatMap(arn, ({ partition }) => Schema.decodeUnknownOption(Partition.Partition)(partition))
        return {
          id: id.value,
          partition: Option.getOrElse(named, () => guess.partition),
          arn: identity.Arn ?? "",
          credentials
        }
      })

      // Nobody knows yet whose credentials these are.
      const nobody = { id: AccountId.make("000000000000"), partition: Partition.ofRegion(region) }

      const provider = settings.credentials ?? ownProvider(settings.profile, onTheWay)
      const current = yield* Effect.suspend(() =>
        identify(
          shared((forced) => provider(forced ? { forceRefresh: true } : {})),
          nobody,
          region
        )
      ).pipe(
        Effect.withSpan("Accounts.current"),
        Effect.cachedWithTTL((exit) => Exit.isSuccess(exit) ? "1 day" : 0)
      )

      const accepted = Effect.flatMap(current, ({ credentials, id, partition }) =>
        Effect.asVoid(identify(credentials, { id, partition }, region)))

      const assume = Effect.fn("Accounts.assume")(function*(role: AssumedRole.AssumedRole) {
        const base = role.from ?? (yield* current)
        const at = AssumedRole.stsRegion(base.partition, region)
        const sessions = AssumedRole.sessionsOf(aws, role, base, at)
        let seconds = 0
        const credentials = SharedCredentials.make({
          now,
          fetch: () =>
            run(sessions).then((session) => {
              seconds = session.seconds
              return session.identity
            }),
          expiresAt: (identity, askedAt) => AssumedRole.expiresAt({ identity, seconds }, askedAt)
        })
        const account = yield* identify(credentials, { id: role.accountId, partition: base.partition }, at)
        if (account.id === role.accountId) return account
        const roleArn = AssumedRole.arnOf(role, base.partition)
        return yield* new AwsError({
          operation: "sts:GetCallerIdentity",
          region: at,
          reason: new InvalidCredentials({
            message:
              `the session of ${roleArn} belongs to account ${account.id}, not to ${role.accountId}: it is not used`
          })
        })
      })

      const profile = Effect.fn("Accounts.profile")((name: string) =>
        identify(
          shared(() => requireProfile(name).then(() => fromIni({ profile: name, ignoreCache: true, ...onTheWay })())),
          nobody,
          region
        )
      )

      return Accounts.of({ current, accepted, assume, profile })
    })
  )
}

const stsEndpointOf = (profile: string): Effect.Effect<string | undefined> =>
  Effect.tryPromise(() => endpointOf(profile, "STS")).pipe(Effect.orElseSucceed(() => undefined))

/** The SDK's default chain; a profile that is named must exist. */
const ownProvider = (
  profile: string | undefined,
  onTheWay: Parameters<typeof defaultProvider>[0]
): AwsCredentialIdentityProvider => {
  if (profile === undefined) return defaultProvider(onTheWay)
  const provider = defaultProvider({ profile, ...onTheWay })
  return (properties) => requireProfile(profile).then(() => provider(properties))
}
