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
  ) STRICT;`
]
