export * as RedisCache from "./RedisCache.ts"
export { RedisLink, redisUrl } from "./RedisLink.ts"
export * as RedisPacer from "./RedisPacer.ts"
