/** What a conversion left out, for people: on stderr, as stdout belongs to the result. */
import type { Dropped } from "@cadastre/policy-interop"
import { Untrusted } from "@cadastre/report"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"

export const write = (dropped: ReadonlyArray<Dropped>): Effect.Effect<void> =>
  dropped.length === 0
    ? Effect.void
    : Console.error(
      `cadastre: the result does not say ${dropped.length === 1 ? "one thing" : `${dropped.length} things`}:\n` +
        dropped.map(({ what, why }) => `  ${Untrusted.visible(what)}: ${Untrusted.visible(why)}`).join("\n")
    )
