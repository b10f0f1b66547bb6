/** @since 0.1.0 */
import { Ec2 } from "../../services/Ec2.ts"
import { describes } from "../../services/ec2/Describing.ts"
import { declare } from "../../TypeDeclaration.ts"

export const Ec2KeyPair = declare("ec2:key-pair", Ec2, {
  share: 0.6,
  arns: ["ec2", "key-pair/"],
  nameTag: false,
  identify: (spot) => spot.ec2("key", "key-pair", "bastion", "build"),
  attributes: (spot) => ({ fingerprint: `${spot.hex(50)}${spot.hex(51)}` }),
  operations: {
    DescribeKeyPairs: describes({
      items: "KeyPairs",
      ids: "KeyPairIds",
      notFound: "InvalidKeyPair.NotFound",
      pages: "none",
      fields: { "key-name": (one) => one.name, "key-pair-id": (one) => one.id },
      item: (one) => ({
        KeyPairId: one.id,
        KeyName: one.name,
        KeyType: "ed25519",
        KeyFingerprint: one.attributes.fingerprint,
        CreateTime: one.createdAt
      })
    })
  }
})
