/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { Backup } from "../../services/Backup.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const BackupVault = declare("backup:vault", Backup, {
  share: 0.5,
  arns: ["backup", "backup-vault:"],
  own: [["Default", "default"], ["aws/efs/automatic-backup-vault", "aws-created"]],
  identify: (spot) => spot.plain("backup", "backup-vault:", "daily", "compliance"),
  state: "AVAILABLE",
  operations: {
    ListBackupVaults: list({
      items: "BackupVaultList",
      page: { size: "MaxResults", max: 1000 },
      item: (one) => ({ BackupVaultName: one.name, BackupVaultArn: one.arn, CreationDate: one.createdAt })
    }),
    ListTags: tags({ id: "ResourceArn", tags: "Tags" })
  }
})
