export { cacheKey, type CacheKeyParts } from "./CacheKey.ts"
export * from "./Compliance.ts"
export * from "./ComplianceResult.ts"
export { ResultCache } from "./ResultCache.ts"
