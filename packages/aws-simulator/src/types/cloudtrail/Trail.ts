/** @since 0.1.0 */
import { list } from "../../Listing.ts"
import { CloudTrail } from "../../services/CloudTrail.ts"
import { tagsOfMany } from "../../TagReading.ts"
import { declare } from "../../TypeDeclaration.ts"

export const Trail = declare("cloudtrail:trail", CloudTrail, {
  share: 0.3,
  arns: ["cloudtrail", "trail/"],
  identify: (spot) => spot.plain("cloudtrail", "trail/", "audit", "data-events"),
  attributes: (spot) => ({ everywhere: String(spot.chance(50, 0.5)) }),
  operations: {
    DescribeTrails: (owner) => (input, call) => {
      const shape = list({
        items: "trailList",
        item: (one) => ({
          Name: one.name,
          TrailARN: one.arn,
          HomeRegion: one.region,
          S3BucketName: "audit-logs",
          IsMultiRegionTrail: one.attributes.everywhere === "true",
          IncludeGlobalServiceEvents: true,
          IsOrganizationTrail: false
        })
      })(owner)
      // Trails of all Regions are shown in each, unless only those at home are asked for.
      const away = input.includeShadowTrails === false ? [] : call.estate.regionsOf(call.accountId)
        .filter(({ name }) => name !== call.region)
        .flatMap(({ name }) => {
          const { items } = call.estate.scan(
            [{ accountId: call.accountId, region: name, type: "cloudtrail:trail" }],
            0,
            1000,
            ({ attributes }) => attributes.everywhere === "true"
          )
          return items.map((one) => ({ Name: one.name, TrailARN: one.arn, HomeRegion: name, IsMultiRegionTrail: true }))
        })
      const here = (shape(input, call) as { readonly trailList: ReadonlyArray<unknown> }).trailList
      return { trailList: [...here, ...away] }
    },
    ListTrails: list({
      items: "Trails",
      page: { max: 1000 },
      item: (one) => ({ TrailARN: one.arn, Name: one.name, HomeRegion: one.region })
    }),
    ListTags: tagsOfMany({
      ids: "ResourceIdList",
      most: 20,
      items: "ResourceTagList",
      key: "ResourceId",
      tags: "TagsList"
    })
  }
})
