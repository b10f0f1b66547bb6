/**
 * What resources have to do with one another: the groups that a resource is in,
 * whose other members' tags are evidence of what its own should be.
 *
 * @since 0.1.0
 */
import type { Resource } from "@cadastre/model"
import * as Schema from "effect/Schema"
import { nameTokens } from "./NameTokens.ts"

/**
 * Where evidence comes from, strongest first as a rule.
 *
 * - `own-value`: the value that the tag has now, in another form
 * - `stack`: made by the same CloudFormation stack, Elastic Beanstalk environment or Terraform state
 * - `attachment`: parts of one thing, such as a volume and its instance, a snapshot and its volume
 * - `auto-scaling-group`, `cluster`: members of the same
 * - `creator`: made by the same principal
 * - `role`: acting under the same IAM role
 * - `name`: a word of its name stands for a value
 * - `words`: resources with the same word in their names
 * - `network`: in the same subnet or VPC
 * - `siblings`: of the same type in the same account and Region
 * - `account`: in the same account
 *
 * @since 0.1.0
 */
export const EvidenceSource = Schema.Literals([
  "own-value", "stack", "attachment", "auto-scaling-group", "cluster", "creator", "role", "name", "words", "network",
  "siblings", "account"
])
/** @since 0.1.0 */
export type EvidenceSource = typeof EvidenceSource.Type

/**
 * A group of resources. `key` tells it from all others, `label` is for people.
 *
 * @since 0.1.0
 */
export interface Kin {
  readonly source: EvidenceSource
  readonly key: string
  readonly label: string
}

/** Tags by which tools mark what they made. Those that AWS sets cannot be forged by whoever may tag. */
const markers: ReadonlyArray<readonly [tag: string, source: EvidenceSource, label: string]> = [
  ["aws:cloudformation:stack-id", "stack", "CloudFormation stack"],
  ["aws:cloudformation:stack-name", "stack", "CloudFormation stack"],
  ["elasticbeanstalk:environment-name", "stack", "Elastic Beanstalk environment"],
  ["aws:servicecatalog:provisionedProductArn", "stack", "Service Catalog product"],
  ["terraform:state", "stack", "Terraform state"],
  ["tfstate", "stack", "Terraform state"],
  ["terraform:workspace", "stack", "Terraform workspace"],
  ["pulumi:stack", "stack", "Pulumi stack"],
  ["aws:autoscaling:groupName", "auto-scaling-group", "Auto Scaling group"],
  ["aws:eks:cluster-name", "cluster", "EKS cluster"],
  ["eks:cluster-name", "cluster", "EKS cluster"],
  ["alpha.eksctl.io/cluster-name", "cluster", "EKS cluster"],
  ["aws:ecs:clusterName", "cluster", "ECS cluster"],
  ["aws:elasticmapreduce:job-flow-id", "cluster", "EMR cluster"],
  ["aws:createdBy", "creator", "principal"]
]

/** The prefix of the tag that every node, volume and load balancer of an EKS cluster has. */
const kubernetes = "kubernetes.io/cluster/"

/** Attributes that name what the resource is a part of, or is attached to. */
const attachments: ReadonlySet<string> = new Set([
  "instanceId", "volumeId", "parentArn", "loadBalancerArn", "dbInstanceId", "dbClusterId", "autoScalingGroupArn",
  "targetGroupArn", "fileSystemId", "functionArn", "apiId", "imageOf"
])

const networks: ReadonlyArray<readonly [attribute: string, label: string]> = [["subnetId", "subnet"], ["vpcId", "VPC"]]

const roles: ReadonlySet<string> = new Set(["role", "roleArn", "executionRoleArn", "instanceProfileArn"])

/**
 * The groups that a resource is in. `creator` names who made it, where that is
 * known from elsewhere (CloudTrail).
 *
 * @since 0.1.0
 */
export const kinOf = (resource: Resource, creator?: string): ReadonlyArray<Kin> => {
  const { accountId, attributes, region, tags } = resource
  const place = `${accountId}/${region}`
  const kin: Array<Kin> = []
  const add = (source: EvidenceSource, key: string, label: string) => kin.push({ source, key: `${source} ${key}`, label })
  const tag = (key: string) => tags !== null && Object.hasOwn(tags, key) ? tags[key] : undefined

  for (const [key, source, label] of markers) {
    const value = tag(key)
    if (value === undefined || value === "") continue
    add(source, `${source === "creator" ? accountId : place} ${label} ${shortOf(value)}`, `${label} ${quoted(shortOf(value))}`)
  }
  for (const key of tags === null ? [] : Object.keys(tags)) {
    if (!key.startsWith(kubernetes)) continue
    const name = key.slice(kubernetes.length)
    add("cluster", `${place} EKS cluster ${name}`, `EKS cluster ${quoted(name)}`)
  }
  // Whatever is attached to this resource names it by its id or by its ARN.
  add("attachment", `${place} ${resource.id}`, `what is attached to ${resource.id}`)
  if (resource.arn !== resource.id) add("attachment", `${place} ${resource.arn}`, `what belongs to ${resource.id}`)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value !== "string" || value === "") continue
    if (attachments.has(name)) add("attachment", `${place} ${value}`, `what is attached to ${value}`)
    else if (name === "clusterArn") add("cluster", `${place} ${value}`, `cluster ${quoted(lastOf(value))}`)
    else if (roles.has(name)) add("role", `${accountId} ${value}`, `role ${quoted(lastOf(value))}`)
  }
  if (resource.type === "ecs:cluster" || resource.type === "eks:cluster") {
    add("cluster", `${place} ${resource.arn}`, `cluster ${quoted(resource.name ?? resource.id)}`)
  }
  for (const [attribute, label] of networks) {
    const value = attributes[attribute]
    if (typeof value === "string" && value !== "") add("network", `${place} ${value}`, `${label} ${value}`)
  }
  if (creator !== undefined) add("creator", `${accountId} ${creator}`, `principal ${quoted(creator)}`)
  for (const token of nameTokens(resource.name ?? tag("Name") ?? resource.id)) {
    add("words", token, `resources with ${quoted(token)} in their names`)
    // An application is in production in one account, and tested in another.
    add("words", `${place} ${token}`, `resources with ${quoted(token)} in their names in ${region} of ${accountId}`)
  }
  add("siblings", `${place} ${resource.type}`, `${resource.type} in ${region}`)
  add("account", accountId, `account ${accountId}`)
  const seen = new Set<string>()
  return kin.filter(({ key }) => !seen.has(key) && seen.add(key))
}

/** `arn:…:stack/NAME/ID` and `NAME` are the same stack. */
const shortOf = (value: string): string => /^arn:[^:]*:cloudformation:.*:stack\/([^/]+)/u.exec(value)?.[1] ?? value

const lastOf = (arn: string): string => arn.slice(Math.max(arn.lastIndexOf("/"), arn.lastIndexOf(":")) + 1)

/** Names come from whoever may name things: they are shown as one word. */
const quoted = (text: string): string => JSON.stringify(text)
