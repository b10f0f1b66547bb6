#!/usr/bin/env node
import { enableCompileCache } from "node:module"

// What is imported after this starts in half the time from the second run on.
enableCompileCache()
const { run } = await import("./Server.ts")
run()
