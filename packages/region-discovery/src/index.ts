export * from "./Regions.ts"
export * as RegionSelection from "./RegionSelection.ts"
