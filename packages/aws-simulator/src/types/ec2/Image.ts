/** @since 0.1.0 */
import { Ec2 } from "../../services/Ec2.ts"
import { describes } from "../../services/ec2/Describing.ts"
import { declare } from "../../TypeDeclaration.ts"

/** Images of others that everybody may use: listed unless the caller asks for its own. */
const publicImages = Array.from({ length: 7 }, (_, at) => ({
  ImageId: `ami-0${at}bad0cafe0badcaf`,
  Name: `public-${at}`,
  State: "available",
  OwnerId: "999900001111",
  Public: true,
  BlockDeviceMappings: []
}))

const describeOwn = describes({
  items: "Images",
  ids: "ImageIds",
  notFound: "InvalidAMIID.NotFound",
  pages: [1, 1000],
  fields: { "image-id": (one) => one.id, name: (one) => one.name, "owner-id": (one) => one.accountId },
  where: ({ Owners: owners }) => (one) =>
    !Array.isArray(owners) || owners.length === 0 || owners.includes("self") || owners.includes(one.accountId),
  item: (one) => ({
    ImageId: one.id,
    Name: one.name,
    State: one.state,
    OwnerId: one.accountId,
    Public: false,
    Architecture: "x86_64",
    ImageType: "machine",
    RootDeviceType: "ebs",
    VirtualizationType: "hvm",
    CreationDate: one.createdAt.toISOString(),
    BlockDeviceMappings: []
  })
})

export const Ec2Image = declare("ec2:image", Ec2, {
  share: 5,
  arns: ["ec2", "image/"],
  nameTag: true,
  deleted: ["deregistered", 0.03],
  identify: (spot) => {
    const id = spot.long("ami")
    return { id, name: spot.named("base", "golden", "worker"), arn: spot.arn("ec2", `image/${id}`, { account: "" }) }
  },
  state: "available",
  operations: {
    DescribeImages: (owner) => {
      const own = describeOwn(owner)
      return (input, call) => {
        const { Images: images, ...page } = own(input, call)
        const anyones = ["Owners", "ImageIds", "Filters", "NextToken"].every((name) => input[name] === undefined)
        return { Images: [...anyones ? publicImages : [], ...images as ReadonlyArray<unknown>], ...page }
      }
    }
  }
})
