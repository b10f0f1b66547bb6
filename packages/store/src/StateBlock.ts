/**
 * Some hundred resource states in one compressed block: what repeats is written
 * once.
 *
 * @since 0.1.0
 */
import type { ResourceState } from "@cadastre/aggregation"
import { Cell, Location, Mark, Tags } from "@cadastre/model"
import { Rule, Severity } from "@cadastre/policy"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { compress, Damaged, decompress } from "./Compression.ts"

/** States in one block. */
export const blockSize = 512

const verdicts = ["compliant", "violating", "unknown", "not-applicable"] as const

/**
 * Numbers are places in the lists. An `id` is a number where it is the end of
 * the ARN: its length. `region` is there where it is not the cell's.
 */
const Block = Schema.Struct({
  cells: Schema.Array(Cell),
  tags: Schema.Array(Schema.NullOr(Tags.Tags)),
  marks: Schema.Array(Schema.NonEmptyArray(Mark)),
  violations: Schema.Array(Schema.Array(Schema.Struct({ tag: Schema.String, rule: Rule, severity: Severity }))),
  regions: Schema.Array(Location),
  states: Schema.Array(Schema.Tuple([
    Schema.NonEmptyString,
    Schema.Union([Schema.NonEmptyString, Schema.Natural]),
    Schema.Natural,
    Schema.Natural,
    Schema.Int,
    Schema.Int,
    Schema.Int,
    Schema.Int
  ]))
})

/** A list in which each thing is once. */
const dictionary = <A>(nameOf: (item: A) => string) => {
  const places = new Map<string, number>()
  const items: Array<A> = []
  return {
    items,
    place: (item: A): number => {
      const name = nameOf(item)
      const known = places.get(name)
      if (known !== undefined) return known
      places.set(name, items.length)
      return items.push(item) - 1
    }
  }
}

export const encode = (states: ReadonlyArray<ResourceState>): Effect.Effect<Uint8Array> => {
  const cells = dictionary<Cell>(({ accountId, region, type }) => `${accountId}/${region}/${type}`)
  const tags = dictionary<ResourceState["tags"]>(JSON.stringify)
  const marks = dictionary<NonNullable<ResourceState["marks"]>>(String)
  const violations = dictionary<ResourceState["violations"]>(JSON.stringify)
  const regions = dictionary<Location>(String)
  const block: typeof Block.Type = {
    cells: cells.items,
    tags: tags.items,
    marks: marks.items,
    violations: violations.items,
    regions: regions.items,
    states: states.map((state) => [
      state.arn,
      state.arn.endsWith(state.id) ? state.id.length : state.id,
      cells.place(state.cell),
      tags.place(state.tags),
      state.region === state.cell.region ? -1 : regions.place(state.region),
      state.marks === undefined ? -1 : marks.place(state.marks),
      verdicts.indexOf(state.verdict),
      state.violations.length === 0 ? -1 : violations.place(state.violations)
    ])
  }
  return compress(JSON.stringify(block))
}

const decodeBlock = Schema.decodeUnknownEffect(Schema.fromJsonString(Block))

export const decode = (bytes: Uint8Array): Effect.Effect<ReadonlyArray<ResourceState>, Damaged> =>
  decompress(bytes).pipe(
    Effect.flatMap((text) => Effect.mapError(decodeBlock(text), ({ message }) => new Damaged({ problem: message }))),
    Effect.flatMap((block) => {
      try {
        return Effect.succeed(statesIn(block))
      } catch (cause) {
        if (cause instanceof Damaged) return Effect.fail(cause)
        throw cause
      }
    })
  )

const statesIn = (block: typeof Block.Type): ReadonlyArray<ResourceState> => {
  const at = <A>(list: ReadonlyArray<A>, place: number): A => {
    if (place < 0 || place >= list.length) throw new Damaged({ problem: "a block names what is not in it" })
    return list[place]!
  }
  return block.states.map(([arn, id, cell, tags, region, marks, verdict, violations]) => {
    const home = at(block.cells, cell)
    return {
      arn,
      id: typeof id === "number" ? arn.slice(-id) : id,
      cell: home,
      region: region === -1 ? home.region : at(block.regions, region),
      tags: at(block.tags, tags),
      ...(marks === -1 ? {} : { marks: at(block.marks, marks) }),
      verdict: at(verdicts, verdict),
      violations: violations === -1 ? [] : at(block.violations, violations)
    }
  })
}
