#!/usr/bin/env node
import { enableCompileCache } from "node:module"
import { setFlagsFromString } from "node:v8"

// Before anything else is loaded: what is loaded afterwards starts from compiled code the second time.
enableCompileCache()
// What is loaded stays: it is no reason for V8 to make its young generation larger.
setFlagsFromString("--semi-space-growth-factor=1")
await import("./Cli.ts")
// Not before: whoever asks for help need not wait for it.
;(await import("./HeapBounds.ts")).keep()
