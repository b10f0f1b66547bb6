import { GetBucketTaggingCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3"
import { Aws } from "@cadastre/client-factory"
import { Scanner } from "@cadastre/scanner-core"
import * as Effect from "effect/Effect"

export const bucket = Scanner.make("s3:bucket", {
  cloudFormation: "AWS::S3::Bucket", actions: ["s3:ListAllMyBuckets"], scope: "global",
  // S3 names each bucket's Region only when it is asked for pages.
  list: Aws.list(S3Client, ListBucketsCommand, { MaxBuckets: 10_000 }, (page) => page.Buckets, "ContinuationToken"),
  describe: ({ BucketRegion, CreationDate, Name }, { partition, region }) => ({
    arn: Name && `arn:${partition}:s3:::${Name}`, name: Name, region: BucketRegion ?? region, createdAt: CreationDate
  }),
  tags: {
    actions: ["s3:GetBucketTagging"],
    of: ({ id }) =>
      Aws.send(S3Client, new GetBucketTaggingCommand({ Bucket: id })).pipe(
        Effect.map(({ TagSet }) => TagSet),
        // How S3 says that a bucket has no tags.
        Effect.catchIf(({ reason }) => reason._tag === "NotFound" && reason.code === "NoSuchTagSet", () =>
          Effect.succeed([]))
      )
  }
})
