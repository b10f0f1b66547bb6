/** The simulated estate that every question can be asked of without AWS: `--demo`. */
import type { AwsConnection } from "@cadastre/client-factory"
import type { TagPolicy } from "@cadastre/policy"
import * as Effect from "effect/Effect"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import type { AccountScope } from "./AccountFlags.ts"
import type { Connection } from "./EstateFlags.ts"
import { ExitCode, Failure } from "./Failure.ts"

export const demo = Flag.Boolean("demo").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Ask a simulated estate: needs no AWS account, and touches nothing of yours")
)

/** What belongs together is tagged alike, nine times in ten: there is something to learn from. */
const estate = { seed: 7, resources: 1500, tags: { coherent: 0.9 } }

/**
 * Starts the simulated AWS, for as long as the scope lives: the estate, and how
 * it is called.
 *
 * - `slow`: it answers as slowly as AWS does
 */
export const start = Effect.fnUntraced(function*(options: { readonly slow?: boolean } = {}) {
  const { Simulator } = yield* Effect.promise(() => import("@cadastre/aws-simulator"))
  const simulator = yield* Simulator.make({
    estate,
    ...options.slow === true ? { latency: { milliseconds: 20, jitter: 10 } } : {}
  })
  const { accessKeyId, secretAccessKey } = simulator.credentials()
  const connection: AwsConnection = {
    endpointUrl: simulator.url,
    credentials: () => Promise.resolve({ accessKeyId, secretAccessKey })
  }
  return { simulator, connection }
})

/** The policy that it is asked about unless another one is named. */
export const samplePolicy = Effect.fnUntraced(function*() {
  const [{ PolicyFile }, { default: sample }] = yield* Effect.promise(() =>
    Promise.all([
      import("@cadastre/policy"),
      import("@cadastre/policy/sample-policy.json", { with: { type: "json" } })
    ])
  )
  const source = "the sample policy"
  const policy: TagPolicy = yield* PolicyFile.load(JSON.stringify(sample), { source })
  return { policy, source }
})

/** What says which AWS is meant, or uses what is kept of it. */
interface Flags extends Connection, Partial<AccountScope> {
  readonly config?: Option.Option<string>
  readonly cache?: boolean
  readonly resume?: boolean
}

/** Fails where flags are about an estate of one's own. */
export const refuseOthers = (flags: Flags): Effect.Effect<void, Failure> => {
  const given = [
    ...named("--profile", flags.profile),
    ...named("--endpoint-url", flags.endpointUrl),
    ...named("--accounts-file", flags.accountsFile),
    ...named("--role-name", flags.roleName),
    ...named("--config", flags.config),
    ...(flags.org === true ? ["--org"] : []),
    ...((flags.profiles ?? []).length > 0 ? ["--profiles"] : []),
    ...(flags.cache === true ? ["--cache"] : []),
    ...(flags.resume === true ? ["--resume"] : [])
  ]
  return given.length === 0 ? Effect.void : Effect.fail(
    new Failure({
      exitCode: ExitCode.usage,
      message: `--demo asks a simulated estate, and ${given.join(", ")} ${given.length === 1 ? "is" : "are"} about one of your own: leave one of them out`
    })
  )
}

const named = (flag: string, value: Option.Option<string> | undefined): ReadonlyArray<string> =>
  value !== undefined && Option.isSome(value) ? [flag] : []
