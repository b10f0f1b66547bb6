import { Location, Partition, RegionId } from "@cadastre/model"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

/** AWS's Regions, by partition (AWS General Reference, and the endpoint data of the SDKs). */
const regions: Readonly<Record<Partition.Partition, ReadonlyArray<string>>> = {
  aws: [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "me-west-1",
    "mx-central-1",
    "sa-east-1",
    "sa-west-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2"
  ],
  "aws-cn": ["cn-north-1", "cn-northwest-1"],
  "aws-us-gov": ["us-gov-east-1", "us-gov-west-1"],
  "aws-eusc": ["eusc-de-east-1"],
  "aws-iso": ["us-iso-east-1", "us-iso-west-1"],
  "aws-iso-b": ["us-isob-east-1", "us-isob-west-1"],
  "aws-iso-e": ["eu-isoe-west-1"],
  "aws-iso-f": ["us-isof-east-1", "us-isof-south-1"]
}
const all = Object.entries(regions).flatMap(([partition, names]) => names.map((name) => [name, partition] as const))

describe("Region", () => {
  it.each(all)("%s is a Region of %s", (name, partition) => {
    assert.isTrue(Schema.is(RegionId)(name))
    assert.strictEqual(Partition.ofRegion(name), partition)
  })

  it.each([
    "",
    "global",
    "aws-global",
    "us-east",
    "us-east-1a",
    "US-EAST-1",
    "us_east_1",
    " us-east-1",
    "us-east-1 ",
    "us-east-1\n",
    "-east-1",
    "us--east-1",
    "us-east-",
    "us-east-100",
    "*",
    "eu-*",
    "__proto__",
    "http://us-east-1",
    "us-east-1.evil.example",
    "us-east-1/../..",
    "u-east-1"
  ])("%j is no Region code", (name) => {
    assert.isFalse(Schema.is(RegionId)(name))
  })

  it("a location is a Region or global", () => {
    assert.isTrue(Schema.is(Location)("global"))
    assert.isTrue(Schema.is(Location)("eu-west-1"))
    assert.isFalse(Schema.is(Location)("Global"))
    assert.isFalse(Schema.is(Location)("world"))
  })
})

describe("Partition", () => {
  it.each(Object.entries(regions))("the home Region of %s lies in it", (partition, names) => {
    const home = Partition.homeRegion(partition as Partition.Partition)
    assert.include(names, home)
    assert.isTrue(Schema.is(RegionId)(home))
    assert.strictEqual(Partition.ofRegion(home), partition)
  })

  it.each(Object.entries(regions))("the default Regions of %s lie in it, the home Region first", (partition, names) => {
    const all = Partition.defaultRegions(partition as Partition.Partition)
    assert.strictEqual(all[0], Partition.homeRegion(partition as Partition.Partition))
    assert.includeMembers([...names], [...all] as ReadonlyArray<string> as Array<string>)
    assert.strictEqual(new Set(all).size, all.length)
  })

  it("a Region that nobody has heard of is taken for a commercial one", () => {
    assert.strictEqual(Partition.ofRegion("mars-north-1"), "aws")
    assert.strictEqual(Partition.ofRegion("us-government-1"), "aws")
  })

  it("is one of AWS's eight", () => {
    for (const partition of Object.keys(regions)) assert.isTrue(Schema.is(Partition.Partition)(partition))
    for (const other of ["", "AWS", "aws-", "gcp"]) assert.isFalse(Schema.is(Partition.Partition)(other))
  })
})
