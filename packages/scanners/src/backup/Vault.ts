import { BackupClient, ListBackupVaultsCommand, ListTagsCommand } from "@aws-sdk/client-backup"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const vault = Scanner.make("backup:vault", {
  cloudFormation: "AWS::Backup::BackupVault", actions: ["backup:ListBackupVaults"],
  list: Aws.list(BackupClient, ListBackupVaultsCommand, { MaxResults: 1000 }, ({ BackupVaultList }) => BackupVaultList),
  describe: ({ BackupVaultArn, BackupVaultName: name, CreationDate, Locked, NumberOfRecoveryPoints, VaultState }) => ({
    arn: BackupVaultArn, name, createdAt: CreationDate, state: VaultState,
    attributes: { recoveryPoints: NumberOfRecoveryPoints, locked: Locked },
    mark: name === "Default" ? "default" : name?.startsWith("aws/") === true ? "aws-created" : undefined
  }),
  tags: Scanner.tagPages("backup:ListTags", ({ arn }) =>
    Aws.list(BackupClient, ListTagsCommand, { ResourceArn: arn, MaxResults: 1000 }, ({ Tags = {} }) =>
      Object.entries(Tags).map(([Key, Value]) => ({ Key, Value }))))
})
