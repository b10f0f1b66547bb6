import { DescribeKeyCommand, KMSClient, ListKeysCommand, ListResourceTagsCommand } from "@aws-sdk/client-kms"
import { Aws } from "@cadastre/client-factory"
import { Lookup, Scanner } from "@cadastre/scanner-core"

export const key = Scanner.make("kms:key", {
  cloudFormation: "AWS::KMS::Key", actions: ["kms:ListKeys", "kms:DescribeKey"],
  list: Lookup.each(
    Aws.list(KMSClient, ListKeysCommand, { Limit: 1000 }, ({ Keys }) => Keys, ["Marker", "NextMarker"]),
    ({ KeyId }) => Aws.send(KMSClient, new DescribeKeyCommand({ KeyId })),
    ({ KeyMetadata }) => KeyMetadata
  ),
  describe: ({ Arn, CreationDate, Description, KeyManager, KeyState, KeyUsage }) => ({
    arn: Arn, createdAt: CreationDate, state: KeyState, attributes: { usage: KeyUsage, description: Description },
    // The keys that AWS manages cannot be tagged; nor what is to be deleted, till it is.
    mark: KeyManager === "AWS" ? "aws-created" : /^Pending.*Deletion$/u.test(KeyState ?? "") ? "deleted" : undefined
  }),
  tags: Scanner.tagPages("kms:ListResourceTags", ({ id }) =>
    Aws.list(KMSClient, ListResourceTagsCommand, { KeyId: id, Limit: 50 }, ({ Tags = [] }) =>
      Tags.map(({ TagKey, TagValue }) => ({ Key: TagKey, Value: TagValue })), ["Marker", "NextMarker"]))
})
