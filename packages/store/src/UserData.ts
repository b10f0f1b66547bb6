/** @since 0.1.0 */
import { homedir } from "node:os"
import { join } from "node:path"

/**
 * The database file of this user: `cadastre.db` in `cadastre` under
 * `$XDG_DATA_HOME`, which is `~/.local/share` by default;
 * `~/Library/Application Support` on macOS, `%LOCALAPPDATA%` on Windows.
 *
 * @category configuration
 * @since 0.1.0
 */
export const databasePath = (
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir()
): string => join(dataHome(environment, platform, home), "cadastre", "cadastre.db")

const dataHome = (
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  home: string
): string => {
  if (environment.XDG_DATA_HOME) return environment.XDG_DATA_HOME
  if (platform === "darwin") return join(home, "Library", "Application Support")
  return platform === "win32" ? environment.LOCALAPPDATA || join(home, "AppData", "Local") : join(home, ".local", "share")
}
