import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const db = Scanner.make("rds:db", {
  cloudFormation: "AWS::RDS::DBInstance", actions: ["rds:DescribeDBInstances"],
  list: Aws.list(RDSClient, DescribeDBInstancesCommand, { MaxRecords: 100 }, (page) => page.DBInstances, "Marker"),
  describe: (db, place) => ({
    arn: db.DBInstanceArn ?? place.arn("rds", "db:", db.DBInstanceIdentifier), id: db.DBInstanceIdentifier,
    name: db.DBInstanceIdentifier, tags: db.TagList, createdAt: db.InstanceCreateTime, state: db.DBInstanceStatus,
    attributes: {
      engine: db.Engine, engineVersion: db.EngineVersion, class: db.DBInstanceClass, multiAz: db.MultiAZ,
      vpcId: db.DBSubnetGroup?.VpcId, dbClusterId: db.DBClusterIdentifier
    }
  })
})
