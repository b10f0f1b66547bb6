export * as CacheChoice from "./CacheChoice.ts"
export * as Cadastre from "./Cadastre.ts"
