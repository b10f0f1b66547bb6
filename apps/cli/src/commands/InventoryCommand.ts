import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { demo } from "../DemoEstate.ts"
import * as EstateFlags from "../EstateFlags.ts"
import { listing } from "../ListingFlags.ts"

const words = Argument.String("word").pipe(
  Argument.variadic(),
  Argument.withDescription("Words that are in the ARN, the id, the name, the state or the tags; all of them")
)

const accounts = EstateFlags.list("accounts").pipe(Flag.withDescription("Only of these accounts, by id"))

const tag = Flag.String("tag").pipe(
  Flag.atLeast(0),
  Flag.withDescription("Only resources with this tag: Key=Value, or Key for any value; repeated: all of them")
)

const limit = Flag.Int("limit").pipe(
  Flag.filter((value) => value >= 1, () => "write a number from 1 on"),
  Flag.withDefault(1000),
  Flag.withDescription("How many at most, by ARN; 1,000 by default")
)

const estate = Flag.String("estate").pipe(
  Flag.optional,
  Flag.withDescription("Where AWS is: its partition, or the address of a stand-in; AWS itself by default")
)

const { debug, regions, types } = EstateFlags.scope

export const inventory = Command.make(
  "inventory",
  { words, debug, regions, types, accounts, tag, limit, estate, ...listing, demo },
  (flags) => Effect.flatMap(Effect.promise(() => import("../handlers/SearchInventory.ts")), ({ inventory }) => inventory(flags))
).pipe(Command.withDescription("What earlier scans found: asks nothing of AWS"))
