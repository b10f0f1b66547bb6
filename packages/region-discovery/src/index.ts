export * from "./Regions.ts"
export * as RegionSelection from "./RegionSelection.ts"
export * as ServiceAvailability from "./ServiceAvailability.ts"
