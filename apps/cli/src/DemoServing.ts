/** The simulated estate behind a server: `cadastre serve --demo`, `cadastre mcp --demo`. */
import { AwsSettings } from "@cadastre/client-factory"
import { Compliance, PolicySource } from "@cadastre/compliance"
import { PolicyInForce } from "@cadastre/mcp-adapter"
import type { TagPolicy } from "@cadastre/policy"
import type { ScanRequest } from "@cadastre/scanner-core"
import { catalog } from "@cadastre/scanners"
import { Cadastre } from "@cadastre/sdk"
import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as DemoEstate from "./DemoEstate.ts"
import { fill as fillHistory } from "./DemoHistory.ts"
import * as MemoryChoice from "./MemoryChoice.ts"

/**
 * What the server is made of. The estate remembers the weeks before in a store of
 * its own, which is gone with the scope; the environment has no say in it.
 */
export const make = Effect.fnUntraced(function*(
  flags: Parameters<typeof DemoEstate.refuseOthers>[0] & { readonly policy: Option.Option<string> }
) {
  yield* DemoEstate.refuseOthers(flags)
  const { connection } = yield* DemoEstate.start({ organization: true })
  const loaded = Option.isSome(flags.policy)
    ? yield* PolicySource.load(flags.policy, catalog.map(({ type }) => type))
    : yield* DemoEstate.samplePolicy()
  const memory = yield* MemoryChoice.temporary
  return {
    policy: PolicyInForce.make(loaded),
    services: remembering(loaded.policy).pipe(
      Layer.provideMerge(Cadastre.layer()),
      Layer.provideMerge(memory),
      Layer.provide([Layer.succeed(AwsSettings, connection), ConfigProvider.layer(ConfigProvider.fromEnvRecord({}))])
    )
  }
})

/** What a tool means whose client names no part of the estate. */
const everything: ScanRequest = {}

/** Whoever asks what was seen before waits until the weeks before are stored; nobody else waits for anything. */
const remembering = (policy: TagPolicy) =>
  Layer.effect(
    Compliance,
    Effect.gen(function*() {
      const compliance = yield* Compliance
      const begin = <E, R>(what: string, work: Effect.Effect<unknown, E, R>) =>
        work.pipe(
          Effect.catchCause((cause) =>
            Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.logWarning(`The demonstration has no ${what}: ${Cause.pretty(cause)}`)
          ),
          Effect.forkScoped
        )
      const history = yield* begin("history", fillHistory(everything, policy, []))
      // What there was then is not what there is now.
      const inventory = yield* begin("inventory", Effect.andThen(Fiber.await(history), compliance.check({ policy })))
      const after = <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.andThen(Fiber.await(history), work)
      return Compliance.of({
        ...compliance,
        diff: (request) => after(compliance.diff(request)),
        drift: (request, options) => after(compliance.drift(request, options)),
        findSnapshot: (name, beside) => after(compliance.findSnapshot(name, beside)),
        history: (request) => after(compliance.history(request)),
        inventory: (request) => Effect.andThen(Fiber.await(inventory), compliance.inventory(request)),
        latestSnapshot: (request) => after(compliance.latestSnapshot(request))
      })
    })
  )
