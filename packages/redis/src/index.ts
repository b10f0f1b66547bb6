export { redisUrl } from "./RedisLink.ts"
export * as RedisPacer from "./RedisPacer.ts"
