#!/usr/bin/env node
import { enableCompileCache } from "node:module"

// Before anything else is loaded: what is loaded afterwards starts from compiled code the second time.
enableCompileCache()
await import("./Cli.ts")
