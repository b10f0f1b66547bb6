/** @since 0.1.0 */
import { get, list } from "../../Listing.ts"
import { Kms } from "../../services/Kms.ts"
import { tags } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const KmsKey = declare("kms:key", Kms, {
  share: 2.5,
  arns: ["kms", "key/"],
  own: [["aws/ebs", "aws-created"], ["aws/s3", "aws-created"]],
  deleted: ["PendingDeletion", 0.05],
  identify: (spot) => ({ id: spot.uuid, name: spot.named("data", "backup"), arn: spot.arn("kms", `key/${spot.uuid}`) }),
  state: "Enabled",
  operations: {
    ListKeys: list({
      items: "Keys",
      page: { size: "Limit", max: 1000, byDefault: 100, token: ["Marker", "NextMarker"], truncated: "Truncated" },
      item: (one) => ({ KeyId: one.id, KeyArn: one.arn })
    }),
    DescribeKey: get({
      id: "KeyId",
      in: "KeyMetadata",
      item: (one) => ({
        AWSAccountId: one.accountId,
        KeyId: one.id,
        Arn: one.arn,
        CreationDate: one.createdAt,
        Enabled: one.state === "Enabled",
        KeyState: one.state,
        KeyManager: one.mark === "aws-created" ? "AWS" : "CUSTOMER",
        KeyUsage: "ENCRYPT_DECRYPT",
        KeySpec: "SYMMETRIC_DEFAULT",
        Origin: "AWS_KMS",
        MultiRegion: false
      })
    }),
    ListResourceTags: tags({
      id: "KeyId",
      own: true,
      tags: "Tags",
      page: { size: "Limit", max: 50, token: ["Marker", "NextMarker"], truncated: "Truncated" }
    })
  }
})
