import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { format, output } from "../EstateFlags.ts"

export const demo = Command.make(
  "demo",
  { format, output },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/RunDemo.ts")), ({ demo }) => demo(flags))
).pipe(Command.withDescription("Check a simulated estate; needs no AWS account"))
