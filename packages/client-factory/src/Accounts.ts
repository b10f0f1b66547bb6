/**
 * Whom we are in AWS.
 *
 * @since 0.1.0
 */
import { defaultProvider } from "@aws-sdk/credential-provider-node"
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts"
import { AccountId, Arn, AwsError, InvalidCredentials, Partition, RegionId, Unexpected } from "@cadastre/model"
import { getProfileName } from "@smithy/core/config"
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
import { callTimeoutMs } from "./Deadline.ts"
import { HttpTransport, type RequestHandler } from "./HttpTransport.ts"
import * as ProfileCredentials from "./ProfileCredentials.ts"
import { endpointOf, regionOf, requireProfile } from "./SharedConfig.ts"
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
  /**
   * The account of a profile of the shared configuration files, by the profile's
   * own credentials and no others. Its calls go by the profile's own endpoints
   * and certificates, and it is entered in the profile's own Region.
   */
  readonly profile: (name: string) => Effect.Effect<Account, AwsError>
}>()("@cadastre/client-factory/Accounts") {
  /** Credentials are asked for by the transport that calls go by. */
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
      const transport = yield* HttpTransport
      // Who waits for credentials is told why there are none before the time is up.
      const processMs = 0.9 * (yield* callTimeoutMs)

      /** For what the SDK asks by itself on the way to credentials. */
      const onTheWay = Effect.fnUntraced(function*(name: string | undefined, at: RegionId, requestHandler: RequestHandler) {
        const endpoint = settings.endpointUrl ?? (name === undefined ? undefined : yield* stsEndpointOf(name))
        return {
          clientConfig: {
            requestHandler,
            ...(endpoint === undefined ? {} : { endpoint }),
            ...(name === undefined ? {} : { ignoreConfiguredEndpointUrls: true as const })
          },
          parentClientConfig: { region: at, requestHandler }
        } satisfies ProfileCredentials.OnTheWay
      })

      /** Names the account by its credentials; until then calls and limits are counted as the guess's. */
      const identifyAt = Effect.fnUntraced(function*(
        credentials: AwsCredentialIdentityProvider,
        guess: { readonly id: AccountId; readonly partition: Partition.Partition; readonly profile?: string },
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
          credentials,
          ...(guess.profile === undefined ? {} : { profile: guess.profile })
        }
      })

      /**
       * A Region to opt in to refuses good credentials where it is off, and sessions of the global endpoint where it is
       * on: in one that every account has it shows which it is.
       */
      const identify: typeof identifyAt = (credentials, guess, at) => {
        const sure = AssumedRole.stsRegion(guess.partition, at)
        const asked = identifyAt(credentials, guess, at)
        return sure === at ? asked : Effect.catchIf(
          asked,
          ({ reason }) => reason._tag === "InvalidCredentials",
          (refusal) =>
            // What the second one says may be about the way there.
            Effect.mapError(identifyAt(credentials, guess, sure), (error) =>
              error.reason._tag === "InvalidCredentials" || error.reason._tag === "ExpiredToken" ? error : refusal)
        )
      }

      // Nobody knows yet whose credentials these are.
      const nobodyAt = (at: RegionId) => ({ id: AccountId.make("000000000000"), partition: Partition.ofRegion(at) })

      const provider = settings.credentials ??
        ownProvider(settings.profile, yield* onTheWay(settings.profile, region, transport.handler), processMs)
      const current = yield* Effect.suspend(() =>
        identify(
          shared((forced) => provider(forced ? { forceRefresh: true } : {})),
          nobodyAt(region),
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
        const by = base.profile === undefined ? {} : { profile: base.profile }
        const account = yield* identify(credentials, { id: role.accountId, partition: base.partition, ...by }, at)
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

      const profile = Effect.fn("Accounts.profile")(function*(name: string) {
        const own = yield* Effect.promise(() => regionOf(name).catch(() => undefined))
        const at = Option.getOrElse(Schema.decodeUnknownOption(RegionId)(own), () => region)
        const handler = yield* Effect.mapError(transport.ofProfile(name), ({ message }) =>
          new AwsError({
            operation: "sts:GetCallerIdentity",
            region: at,
            reason: new Unexpected({ message, code: "ConfigError", status: 0 })
          }))
        const way = yield* onTheWay(name, at, handler)
        return yield* identify(
          shared(() => requireProfile(name).then(() => ProfileCredentials.ofProfile(name, way, processMs))),
          { ...nobodyAt(at), profile: name },
          at
        )
      })

      return Accounts.of({ current, accepted, assume, profile })
    })
  ).pipe(Layer.provide(HttpTransport.layer))
}

const stsEndpointOf = (profile: string): Effect.Effect<string | undefined> =>
  Effect.tryPromise(() => endpointOf(profile, "STS")).pipe(Effect.orElseSucceed(() => undefined))

/** The SDK's default chain; a profile that is named must exist, and a program that it names must not fail. */
const ownProvider = (
  profile: string | undefined,
  onTheWay: ProfileCredentials.OnTheWay,
  processMs: number
): AwsCredentialIdentityProvider => {
  const provider = defaultProvider({ ...onTheWay, ...(profile === undefined ? {} : { profile }) })
  return async (properties) => {
    if (profile !== undefined) await requireProfile(profile)
    const isByEnvironment = profile === undefined && !process.env["AWS_PROFILE"] &&
      Boolean(process.env["AWS_ACCESS_KEY_ID"]) && Boolean(process.env["AWS_SECRET_ACCESS_KEY"])
    const byProcess = isByEnvironment
      ? undefined
      : await ProfileCredentials.ofProcess(profile ?? getProfileName({}), onTheWay, processMs)
    return (byProcess ?? provider)(properties)
  }
}
