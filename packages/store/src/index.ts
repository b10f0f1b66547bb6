export { StoreError } from "./Database.ts"
export * as SqliteJournal from "./SqliteJournal.ts"
export { databasePath } from "./UserData.ts"
