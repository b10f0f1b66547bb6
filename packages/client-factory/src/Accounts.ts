/**
 * Whom we are in AWS.
 *
 * @since 0.1.0
 */
import { defaultProvider } from "@aws-sdk/credential-provider-node"
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts"
import { AccountId, Arn, AwsError, Partition, Unexpected } from "@cadastre/model"
import { doesIdentityRequireRefresh, isIdentityExpired, memoizeIdentityProvider } from "@smithy/core"
import type { AwsCredentialIdentityProvider } from "@smithy/types"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Aws } from "./Aws.ts"
import { AwsSettings, defaultRegion } from "./AwsSettings.ts"
import type { Account } from "./CurrentAccount.ts"

/**
 * @category services
 * @since 0.1.0
 */
export class Accounts extends Context.Service<Accounts, {
  /**
   * The account of the credentials in use, as STS names it. Asked once; a
   * failure is asked again.
   */
  readonly current: Effect.Effect<Account, AwsError>
}>()("@cadastre/client-factory/Accounts") {
  static readonly layerNoDeps = Layer.effect(
    Accounts,
    Effect.gen(function*() {
      const aws = yield* Aws
      const settings = yield* AwsSettings
      const region = yield* defaultRegion
      const credentials = shared(
        settings.credentials ?? defaultProvider(settings.profile === undefined ? {} : { profile: settings.profile })
      )

      const current = Effect.gen(function*() {
        // Nobody knows yet whose credentials these are.
        const unnamed = { id: AccountId.make("000000000000"), partition: Partition.ofRegion(region), arn: "", credentials }
        const identity = yield* aws.send(STSClient, new GetCallerIdentityCommand({}), unnamed, region)
        const arn = Arn.parse(identity.Arn ?? "")
        const id = Schema.decodeUnknownOption(AccountId)(identity.Account)
        if (Option.isNone(id)) {
          return yield* new AwsError({
            operation: "sts:GetCallerIdentity",
            region,
            reason: new Unexpected({ message: "the answer names no account", code: "MalformedAnswer", status: 200 })
          })
        }
        const partition = Option.flatMap(arn, ({ partition }) => Schema.decodeUnknownOption(Partition.Partition)(partition))
        return {
          id: id.value,
          partition: Option.getOrElse(partition, () => Partition.ofRegion(region)),
          arn: identity.Arn ?? "",
          credentials
        }
      }).pipe(Effect.withSpan("Accounts.current"))

      return Accounts.of({
        current: yield* Effect.cachedWithTTL(current, (exit) => Exit.isSuccess(exit) ? "1 day" : 0)
      })
    })
  )
}

/**
 * One memory of the credentials for all clients. Left to itself each SDK client
 * keeps its own: it would fetch for itself, and go on using what has expired
 * after somebody else had it refreshed. `memoized` tells the SDK not to.
 */
const shared = (provider: AwsCredentialIdentityProvider): AwsCredentialIdentityProvider =>
  Object.assign(memoizeIdentityProvider(provider, isIdentityExpired, doesIdentityRequireRefresh)!, { memoized: true })
