import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["{packages,apps}/*/test/**/*.test.ts", "{bench,tools}/test/**/*.test.ts"],
    globalSetup: ["tools/bundled.ts"],
    setupFiles: ["tools/replay.ts"],
    // Many files wait more than they compute: one worker for each core, where the default leaves one out.
    maxWorkers: "100%",
    // A forgotten `.only` would pass with most tests unrun: use `pnpm test -t <name>` to run a few.
    allowOnly: false,
    // Property tests and those that start the CLI are slow on a busy machine with two cores.
    testTimeout: 30_000
  }
})
