export * as Aggregate from "./Aggregate.ts"
export * from "./Summary.ts"
export * as Tally from "./Tally.ts"
