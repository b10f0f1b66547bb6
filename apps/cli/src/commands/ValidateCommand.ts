import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as AccountFlags from "../AccountFlags.ts"
import { config } from "../ConfigFile.ts"
import { demo } from "../DemoEstate.ts"
import * as EstateFlags from "../EstateFlags.ts"
import { listing } from "../ListingFlags.ts"
import { scanFlags } from "../ScanFlags.ts"
import { include, policy } from "./CheckCommand.ts"

const arns = Argument.String("arn").pipe(
  Argument.variadic(),
  Argument.withDescription("ARNs, 1 to 100; - reads them from stdin, one a line")
)

const { timeout } = scanFlags
const { allowIncomplete } = EstateFlags.scope

export const validate = Command.make(
  "validate",
  {
    arns,
    ...EstateFlags.connection,
    ...AccountFlags.accounts,
    ...listing,
    timeout,
    allowIncomplete,
    policy,
    include,
    config,
    demo
  },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/ValidateArns.ts")), ({ validate }) => validate(flags))
).pipe(Command.withDescription("Check some resources, by their ARNs, against a tag policy"))
