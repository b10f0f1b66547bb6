/**
 * The tables, version by version. A step is never changed once it was released:
 * what is new goes into a new one.
 *
 * @since 0.1.0
 */

/** "CADA": how a file of ours is told from another program's. */
export const applicationId = 0x43414441

/**
 * Step n makes version n + 1 of version n.
 *
 * 1. The journal. `scans`: what was asked for, and who is at it: whoever has the `lease`. `cells`: what was last seen of each
 *    cell under a key. `attempts`: cells that are being read. `pages`: the resources of a cell or an
 *    attempt, one row a page, with its CRC-32; ids run from the attempt's number × 2²⁰ on.
 * 2. History, inventory and audit. `snapshots`: there for others once `stored_at` is set; `summary` are its figures,
 *    `details` and `cells` are compressed JSON, `cells` and `states` are gone when only the roll-up is kept.
 *    `snapshot_blocks`: its resources, in runs that are sorted each by itself; their bodies are compressed JSON.
 *    `inventory`: what is there, by ARN and cell; `words` is what is searched, `body` the resource as JSON.
 *    `audit`: what was called by whom. All times are milliseconds since the epoch.
 * 3. `leases`: what only one process may do, and who may until when.
 */
export const migrations: ReadonlyArray<string> = [
  `CREATE TABLE scans (
    id TEXT PRIMARY KEY,
    estate TEXT NOT NULL,
    variant TEXT NOT NULL,
    request TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    completed_at INTEGER,
    lease TEXT,
    owner_host TEXT,
    owner_pid INTEGER,
    heartbeat_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX scans_by_key ON scans (estate, variant, request, started_at);
  CREATE TABLE cells (
    estate TEXT NOT NULL,
    variant TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    type TEXT NOT NULL,
    scan_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    resources INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    result TEXT NOT NULL,
    PRIMARY KEY (estate, variant, account, region, type)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX cells_by_age ON cells (ended_at);
  CREATE INDEX cells_by_scan ON cells (scan_id);
  CREATE TABLE attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    scan_id TEXT NOT NULL
  ) STRICT;
  CREATE INDEX attempts_by_scan ON attempts (scan_id);
  CREATE TABLE pages (
    id INTEGER PRIMARY KEY,
    checksum INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;`,
  `CREATE INDEX cells_by_name ON cells (estate, account, region, type);
  CREATE TABLE snapshots (
    id TEXT PRIMARY KEY,
    form INTEGER NOT NULL,
    scope TEXT NOT NULL,
    policy_hash TEXT NOT NULL,
    taken_at INTEGER NOT NULL,
    heartbeat_at INTEGER NOT NULL,
    stored_at INTEGER,
    states INTEGER,
    summary TEXT,
    details BLOB,
    cells BLOB
  ) STRICT;
  CREATE INDEX snapshots_by_key ON snapshots (scope, policy_hash, taken_at);
  CREATE INDEX snapshots_by_age ON snapshots (taken_at);
  CREATE TABLE snapshot_blocks (
    snapshot TEXT NOT NULL,
    run INTEGER NOT NULL,
    number INTEGER NOT NULL,
    states INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (snapshot, run, number)
  ) STRICT;
  CREATE TABLE inventory (
    estate TEXT NOT NULL,
    arn TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    type TEXT NOT NULL,
    location TEXT NOT NULL,
    words TEXT NOT NULL,
    body TEXT NOT NULL,
    scan TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    PRIMARY KEY (estate, arn, account, region, type)
  ) STRICT;
  CREATE INDEX inventory_by_cell ON inventory (estate, account, region, type, last_seen);
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    correlation_id TEXT NOT NULL,
    session TEXT,
    principal TEXT,
    action TEXT NOT NULL,
    parameters TEXT NOT NULL,
    digest TEXT NOT NULL,
    outcome TEXT NOT NULL,
    error TEXT,
    duration_ms INTEGER NOT NULL,
    aws_calls INTEGER,
    cost_micros INTEGER
  ) STRICT;
  CREATE INDEX audit_by_time ON audit (at, id);
  CREATE INDEX audit_by_call ON audit (correlation_id);`,
  `CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    ends_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`
]
