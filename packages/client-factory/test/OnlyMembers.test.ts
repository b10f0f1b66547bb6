import { DescribeVolumesCommand, EC2Client } from "@aws-sdk/client-ec2"
import { Simulator } from "@cadastre/aws-simulator"
import { assert, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Aws } from "../src/index.ts"
import { connected } from "./Connection.ts"

const simulated = Simulator.layer({ estate: { counts: { "ec2:volume": { "us-east-1": 40 } } }, pageSize: 7 })

const only = Aws.only(DescribeVolumesCommand, {
  NextToken: true,
  Volumes: { VolumeId: true, Tags: true, Attachments: { InstanceId: true } }
})

it.effect("what is wanted of an answer is what the whole answer says of it", () =>
  Effect.gen(function*() {
    const simulator = yield* Simulator
    const list = <C extends typeof only | typeof DescribeVolumesCommand>(command: C) =>
      Stream.runCollect(Aws.list(EC2Client, command as typeof DescribeVolumesCommand, { MaxResults: 7 }, ({ Volumes }) => Volumes))
    const [whole, some] = yield* Effect.all([list(DescribeVolumesCommand), list(only)]).pipe(Effect.provide(connected(simulator)))
    const wanted = whole.flat().map(({ Attachments, Tags, VolumeId }) => ({
      VolumeId,
      ...(Tags === undefined ? {} : { Tags }),
      ...(Attachments === undefined ? {} : { Attachments: Attachments.map(({ InstanceId }) => ({ InstanceId })) })
    }))
    const found = some.flat()
    assert.lengthOf(found, 40)
    assert.deepStrictEqual(found.map(({ VolumeId }) => VolumeId), wanted.map(({ VolumeId }) => VolumeId))
    // The SDK itself reads the first answer of a client, whole.
    assert.deepStrictEqual(found.slice(7), wanted.slice(7))
  }).pipe(Effect.provide(simulated)))

it("a member that the shape does not have is a mistake", () => {
  const wanted: object = { Volumes: { Name: true } }
  const mistaken = Aws.only(DescribeVolumesCommand, wanted)
  assert.throws(() => new mistaken({}), /no member Name/u)
})
