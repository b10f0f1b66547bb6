/** AWS Organizations' tag policies, asked as the connection's flags say. */
import { type EffectiveTagPolicy, TagPolicies } from "@cadastre/account-discovery"
import { Accounts, Aws, AwsSettings } from "@cadastre/client-factory"
import { AccountId } from "@cadastre/model"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Schema from "effect/Schema"
import * as DemoEstate from "./DemoEstate.ts"
import { connectionOf } from "./Estate.ts"
import type { Connection } from "./EstateFlags.ts"
import { ExitCode, Failure } from "./Failure.ts"

/** The organization that the flags name, or for a demonstration a simulated one, in which the environment has no say. */
const organizationOf = Effect.fnUntraced(function*(flags: Connection & { readonly demo: boolean }) {
  if (!flags.demo) return { config: Layer.empty, settings: yield* connectionOf(flags) }
  yield* DemoEstate.refuseOthers(flags)
  const { connection } = yield* DemoEstate.start({ organization: true })
  return { config: ConfigProvider.layer(ConfigProvider.fromEnvRecord({})), settings: connection }
})

/** Gives a command the service. */
export const within = <A, E, R>(flags: Connection & { readonly demo: boolean }, work: Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.flatMap(organizationOf(flags), ({ config, settings }) =>
    work.pipe(
      Effect.provide(TagPolicies.layerNoDeps.pipe(
        Layer.provide(Accounts.layerNoDeps),
        Layer.provide(Aws.Aws.layer),
        Layer.provide(Layer.succeed(AwsSettings, settings)),
        Layer.provide(config)
      )),
      Effect.provideService(References.MinimumLogLevel, flags.debug ? "Debug" : "Warn")
    )))

/** One policy, by its id. */
export const read = (policyId: string) => Effect.flatMap(TagPolicies, (policies) => policies.read(policyId))

/** The effective policy of the account that a flag names, or of the own one. */
export const effective = Effect.fnUntraced(function*(account: Option.Option<string>): Effect.fn.Return<
  EffectiveTagPolicy,
  Failure | Effect.Error<ReturnType<TagPolicies["Service"]["effective"]>>,
  TagPolicies
> {
  const policies = yield* TagPolicies
  if (Option.isSome(account) && !isAccountId(account.value)) {
    return yield* new Failure({ exitCode: ExitCode.usage, message: `--account is "${account.value}": write the 12 digits of an account` })
  }
  const id = Option.getOrUndefined(account)
  const found = yield* policies.effective(id === undefined ? undefined : AccountId.make(id))
  if (Option.isSome(found)) return found.value
  return yield* new Failure({
    exitCode: ExitCode.usage,
    message: `No tag policy reaches ${id === undefined ? "this account" : `account ${id}`}: none is attached to it or above it, ` +
      "or tag policies are off in its organization."
  })
})

const isAccountId = Schema.is(AccountId)
