/**
 * The IAM policy that a scan needs, and no more.
 *
 * @since 0.1.0
 */
import type { Partition, ResourceType } from "@cadastre/model"

/** What a policy may allow besides the scan itself, what for, and the actions that this needs. */
const all = [
  { name: "tag-fallback", purpose: "tags one by one where the tagging API is refused", actions: [] },
  {
    name: "regions-fallback",
    purpose: "the list of Regions where ec2:DescribeRegions is refused",
    actions: ["account:ListRegions"]
  },
  {
    name: "all-services",
    purpose: "types without a scanner, and scans by tag, from the tagging API",
    actions: ["tag:GetResources"]
  },
  {
    name: "resource-explorer",
    purpose: "what Resource Explorer lists, by its default view",
    actions: [
      "resource-explorer-2:GetDefaultView",
      "resource-explorer-2:GetIndex",
      "resource-explorer-2:GetView",
      "resource-explorer-2:ListIndexes",
      "resource-explorer-2:ListResources"
    ]
  },
  {
    name: "incremental",
    purpose: "what has changed since the last scan, from CloudTrail",
    actions: ["cloudtrail:LookupEvents"]
  },
  {
    name: "creators",
    purpose: "who made what, from CloudTrail, as evidence for suggestions",
    actions: ["cloudtrail:LookupEvents"]
  },
  {
    name: "organizations",
    purpose: "the accounts of the organization, their units and their tags",
    actions: [
      "organizations:DescribeOrganization",
      "organizations:ListAccounts",
      "organizations:ListAccountsForParent",
      "organizations:ListOrganizationalUnitsForParent",
      "organizations:ListRoots",
      "organizations:ListTagsForResource"
    ]
  },
  {
    name: "tag-policies",
    purpose: "the organization's tag policies, and what they come to for an account",
    actions: [
      "organizations:DescribeEffectivePolicy",
      "organizations:DescribeOrganizationalUnit",
      "organizations:DescribePolicy",
      "organizations:ListParents",
      "organizations:ListPolicies",
      "organizations:ListPoliciesForTarget"
    ]
  },
  { name: "assume-role", purpose: "entering other accounts by a role", actions: [] },
  {
    name: "cost",
    purpose: "what resources cost, from Cost Explorer: 0.01 USD a request",
    actions: [
      "ce:GetCostAndUsage",
      "ce:GetCostAndUsageWithResources",
      "ce:ListCostAllocationTagBackfillHistory",
      "ce:ListCostAllocationTags"
    ]
  },
  { name: "cost-files", purpose: "what resources cost, from files of the bill in S3", actions: [] }
] as const

/**
 * The name of a feature: see {@link features}.
 *
 * @category models
 * @since 0.1.0
 */
export type Feature = (typeof all)[number]["name"]

/**
 * What a policy may allow besides the scan itself, with a few words on each.
 *
 * @category getters
 * @since 0.1.0
 */
export const features: ReadonlyArray<{
  readonly name: Feature
  readonly purpose: string
  readonly actions: ReadonlyArray<string>
}> = all

/**
 * An IAM policy document.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
 * @category models
 * @since 0.1.0
 */
export interface PolicyDocument {
  readonly Version: "2012-10-17"
  readonly Statement: ReadonlyArray<{
    readonly Sid: string
    readonly Effect: "Allow"
    readonly Action: ReadonlyArray<string>
    readonly Resource: string
  }>
}

type Statement = PolicyDocument["Statement"][number]

/**
 * Characters that a managed policy may have, white space not counted.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 * @category models
 * @since 0.1.0
 */
export const maxCharacters = 6144

/**
 * The policy for a scan of these types: exactly the actions that it needs, once
 * each and in order, so that the same types always give the same text. Two
 * documents or more only where one would be larger than AWS allows a managed
 * policy to be: attach them all.
 *
 * List and describe calls know no resources, so `Resource` is `"*"`; only
 * `sts:AssumeRole` is confined, to the role of that name in any account, and
 * reading the bill, to its files.
 * `sts:GetCallerIdentity`, which every scan begins with, needs no permission.
 *
 * - `entries`: without any, the policy is that of the features alone
 * - `features`: none by default
 * - `roleName`: for `assume-role`, with its path if it has one; `OrganizationAccountAccessRole` by default
 * - `bills`: for `cost-files`, where they are; without any, there is nothing to allow
 * - `partition`: of that role's ARN and the bills', `aws` by default
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (
  entries: ReadonlyArray<Pick<ResourceType.ResourceTypeInfo, "actions" | "fallbackActions">>,
  options: {
    readonly features?: ReadonlyArray<Feature>
    readonly roleName?: string
    readonly bills?: ReadonlyArray<{ readonly bucket: string; readonly prefix: string }>
    readonly partition?: Partition.Partition
  } = {}
): readonly [PolicyDocument, ...Array<PolicyDocument>] => {
  const wanted = new Set(options.features ?? [])
  // The Regions of an account are found out before anything is scanned.
  const actions = new Set(entries.length === 0 ? [] : ["ec2:DescribeRegions"])
  for (const entry of entries) {
    const needed = wanted.has("tag-fallback") ? [...entry.actions, ...entry.fallbackActions] : entry.actions
    for (const action of needed) actions.add(action)
  }
  for (const feature of features) {
    if (wanted.has(feature.name)) { for (const action of feature.actions) actions.add(action) }
  }

  const roles: ReadonlyArray<Statement> = wanted.has("assume-role")
    ? [{
      Sid: "CadastreAssumeRole",
      Effect: "Allow",
      Action: ["sts:AssumeRole"],
      Resource: `arn:${options.partition ?? "aws"}:iam::*:role/${options.roleName ?? "OrganizationAccountAccessRole"}`
    }]
    : []
  const bills = wanted.has("cost-files") ? options.bills ?? [] : []
  const reading = bills.flatMap(({ bucket, prefix }, at): ReadonlyArray<Statement> => {
    const arn = `arn:${options.partition ?? "aws"}:s3:::${bucket}`
    const number = bills.length === 1 ? "" : `${at + 1}`
    return [
      { Sid: `CadastreListBills${number}`, Effect: "Allow", Action: ["s3:GetBucketLocation", "s3:ListBucket"], Resource: arn },
      { Sid: `CadastreReadBills${number}`, Effect: "Allow", Action: ["s3:GetObject"], Resource: `${arn}/${prefix}*` }
    ]
  })
  return fitted([...actions].toSorted(), [...roles, ...reading])
}

/**
 * The text of a policy document, as IAM takes it.
 *
 * @category getters
 * @since 0.1.0
 */
export const format = (document: PolicyDocument): string => `${JSON.stringify(document, null, 2)}\n`

/** As many actions into each document as there is room for; what is confined to a resource comes last. */
const fitted = (
  actions: ReadonlyArray<string>,
  confined: ReadonlyArray<Statement>
): readonly [PolicyDocument, ...Array<PolicyDocument>] => {
  const whole = documentOf([...(actions.length === 0 ? [] : [reading(actions)]), ...confined])
  if (sizeOf(whole) <= maxCharacters) return [whole]
  const documents: Array<PolicyDocument> = []
  let part: Array<string> = []
  for (const action of actions) {
    if (part.length > 0 && sizeOf(documentOf([reading([...part, action])])) > maxCharacters) {
      documents.push(documentOf([reading(part)]))
      part = []
    }
    part.push(action)
  }
  const last = documentOf([reading(part), ...confined])
  const fits = sizeOf(last) <= maxCharacters
  const [first = last, ...others] = [
    ...documents,
    ...(fits ? [last] : [documentOf([reading(part)]), documentOf(confined)])
  ]
  return [first, ...others]
}

const reading = (actions: ReadonlyArray<string>): Statement => ({
  Sid: "CadastreRead",
  Effect: "Allow",
  Action: actions,
  Resource: "*"
})

const documentOf = (statements: ReadonlyArray<Statement>): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements
})

/** As IAM counts: without white space. */
const sizeOf = (document: PolicyDocument): number => JSON.stringify(document).replace(/\s/gu, "").length
