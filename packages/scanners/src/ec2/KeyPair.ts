import { DescribeKeyPairsCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"

export const keyPair = Scanner.make("ec2:key-pair", {
  cloudFormation: "AWS::EC2::KeyPair", actions: ["ec2:DescribeKeyPairs"], free: true,
  list: Aws.list(EC2Client, DescribeKeyPairsCommand, {}, ({ KeyPairs }) => KeyPairs),
  describe: ({ CreateTime, KeyName, KeyPairId, KeyType, Tags }, place) => ({
    arn: place.arn("ec2", "key-pair/", KeyPairId), name: KeyName, tags: Tags, createdAt: CreateTime,
    attributes: { kind: KeyType }
  })
})
