export * as McpAdapter from "./McpAdapter.ts"
export { PolicyInForce } from "./PolicyInForce.ts"
export * as Stdio from "./Stdio.ts"
export * as Tool from "./Tool.ts"
