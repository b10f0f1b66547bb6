export * as Cadastre from "./Cadastre.ts"
