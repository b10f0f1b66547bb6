import { draw, hex8, pick, unit } from "../Hash.ts"
import * as TypeModel from "../TypeModel.ts"

const engines = [["postgres", "17.4", 5432], ["mysql", "8.4.3", 3306], ["aurora-postgresql", "16.6", 5432], [
  "mariadb",
  "11.4.4",
  3306
]] as const

export const RdsDb = TypeModel.make({
  share: 3,
  scope: "regional",
  taggingApi: "rds:db",
  nameTag: false,
  identify: (cell, index, hash) => {
    const id = TypeModel.codedName(cell, index, hash, ["primary", "replica", "reporting"])
    return { id, name: id, arn: `arn:${cell.partition}:rds:${cell.region}:${cell.accountId}:db:${id}` }
  },
  locate: TypeModel.locateName,
  facts: (_cell, _index, hash) => ({ state: pick(hash, 50, ["available", "available", "available", "stopped"]) }),
  attributes: (cell, _index, hash) => {
    const [engine, engineVersion, port] = pick(hash, 51, engines)
    return {
      engine,
      engineVersion,
      port,
      instanceClass: pick(hash, 52, ["db.t4g.micro", "db.t4g.medium", "db.r7g.large", "db.m7g.xlarge"]),
      allocatedStorage: pick(hash, 53, [20, 100, 500, 1000]),
      multiAz: unit(hash, 54) < 0.4,
      encrypted: unit(hash, 55) < 0.8,
      publiclyAccessible: unit(hash, 56) < 0.05,
      zone: TypeModel.subnetOf(cell, hash).zone,
      resourceId: `db-${(hex8(draw(hash, 57)) + hex8(draw(hash, 58)) + hex8(draw(hash, 59))).toUpperCase()}AA`
    }
  }
})
