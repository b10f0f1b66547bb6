/**
 * The tables in PostgreSQL, step by step, each statement by itself. A step is
 * never changed once it was released: what is new goes into a new one.
 *
 * @since 0.1.0
 */

/**
 * Step n makes version n + 1 of version n.
 *
 * 1. The tables that SQLite has in its version 2, which is where what they hold is said.
 * 2. Those of version 3.
 */
export const schemaSteps: ReadonlyArray<ReadonlyArray<string>> = [
  [
    `CREATE TABLE @scans (
      id text PRIMARY KEY,
      estate text NOT NULL,
      variant text NOT NULL,
      request text NOT NULL,
      started_at bigint NOT NULL,
      completed_at bigint,
      lease text,
      owner_host text,
      owner_pid bigint,
      heartbeat_at bigint NOT NULL,
      number bigint GENERATED ALWAYS AS IDENTITY
    )`,
    "CREATE INDEX scans_by_key ON @scans (estate, variant, started_at)",
    `CREATE TABLE @cells (
      estate text NOT NULL,
      variant text NOT NULL,
      account text NOT NULL,
      region text NOT NULL,
      type text NOT NULL,
      scan_id text NOT NULL,
      attempt bigint NOT NULL,
      pages bigint NOT NULL,
      ended_at bigint NOT NULL,
      resources bigint NOT NULL,
      calls bigint NOT NULL,
      result text NOT NULL,
      PRIMARY KEY (estate, variant, account, region, type)
    )`,
    "CREATE INDEX cells_by_age ON @cells (ended_at)",
    "CREATE INDEX cells_by_scan ON @cells (scan_id)",
    "CREATE INDEX cells_by_name ON @cells (estate, account, region, type)",
    `CREATE TABLE @attempts (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      scan_id text NOT NULL
    )`,
    "CREATE INDEX attempts_by_scan ON @attempts (scan_id)",
    `CREATE TABLE @pages (
      id bigint PRIMARY KEY,
      checksum bigint NOT NULL,
      body text NOT NULL
    )`,
    `CREATE TABLE @snapshots (
      id text PRIMARY KEY,
      form bigint NOT NULL,
      scope text NOT NULL,
      policy_hash text NOT NULL,
      taken_at bigint NOT NULL,
      heartbeat_at bigint NOT NULL,
      stored_at bigint,
      states bigint,
      summary text,
      details bytea,
      cells bytea
    )`,
    "CREATE INDEX snapshots_by_key ON @snapshots (scope, policy_hash, taken_at)",
    "CREATE INDEX snapshots_by_age ON @snapshots (taken_at)",
    `CREATE TABLE @snapshot_blocks (
      snapshot text NOT NULL,
      run bigint NOT NULL,
      number bigint NOT NULL,
      states bigint NOT NULL,
      body bytea NOT NULL,
      PRIMARY KEY (snapshot, run, number)
    )`,
    // They are compressed already.
    "ALTER TABLE @snapshot_blocks ALTER COLUMN body SET STORAGE EXTERNAL",
    `CREATE TABLE @inventory (
      estate text NOT NULL,
      arn text NOT NULL COLLATE "C",
      account text NOT NULL COLLATE "C",
      region text NOT NULL COLLATE "C",
      type text NOT NULL COLLATE "C",
      location text NOT NULL,
      words text NOT NULL,
      body text NOT NULL,
      scan text NOT NULL,
      first_seen bigint NOT NULL,
      last_seen bigint NOT NULL,
      PRIMARY KEY (estate, arn, account, region, type)
    )`,
    "CREATE INDEX inventory_by_cell ON @inventory (estate, account, region, type, last_seen)",
    `CREATE TABLE @audit (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      at bigint NOT NULL,
      correlation_id text NOT NULL,
      session text,
      principal text,
      action text NOT NULL,
      parameters text NOT NULL,
      digest text NOT NULL,
      outcome text NOT NULL,
      error text,
      duration_ms bigint NOT NULL,
      aws_calls bigint,
      cost_micros bigint
    )`,
    "CREATE INDEX audit_by_time ON @audit (at, id)",
    "CREATE INDEX audit_by_call ON @audit (correlation_id)"
  ],
  [
    `CREATE TABLE @leases (
      name text PRIMARY KEY,
      holder text NOT NULL,
      ends_at bigint NOT NULL
    )`
  ]
]
