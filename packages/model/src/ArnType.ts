/**
 * From an ARN to the resource type: for sources that name resources by nothing else.
 *
 * @since 0.1.0
 */
import type { Arn } from "./Arn.ts"
import { normalise, type ResourceType } from "./ResourceType.ts"

/**
 * The type of the resource that an ARN names, in the policy vocabulary.
 *
 * For types of the catalogue it is the catalogue's; for any other it is what the
 * ARN says, `service:type` in lower case (`appsync:apis`). Where the ARN names a
 * part of a resource (a stage of an API, an object in a bucket), the type is the
 * part's, never that of the whole.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 * @category getters
 * @since 0.1.0
 */
export const resourceTypeOf = ({ resource, service }: Arn): ResourceType => {
  const text = resource.startsWith("/") ? resource.slice(1) : resource
  const known = Object.hasOwn(forms, service) ? forms[service]! : []
  for (const [form, type] of known) if (form.test(text)) return type as ResourceType
  const kind = /^[^/:]*/u.exec(text)?.[0] ?? ""
  // Without a separator it is a bare name, which says nothing of its type.
  const named = normalise(word(service) + ":" + word(kind.length === text.length ? "resource" : kind))
  return (/^[^:]+:[^:]+$/u.test(named) ? named : `${named}:resource`) as ResourceType
}

/** What stands for a word in the vocabulary: lower case letters, digits and hyphens, a letter first. */
const word = (text: string): string => {
  const plain = text.toLowerCase().replace(/[^a-z0-9-]+/gu, "-").replace(/^[^a-z]+/u, "").replace(/-+$/u, "").slice(0, 40)
  return plain.length < 2 ? "resource" : plain
}

/** Services whose ARNs do not say the type as the vocabulary does. Only whole resources: no slash or colon too many. */
const forms: Readonly<Record<string, ReadonlyArray<readonly [form: RegExp, type: string]>>> = {
  apigateway: [
    [/^restapis\/[^/]+$/u, "apigateway:restapi"],
    [/^restapis\/[^/]+\/stages\/[^/]+$/u, "apigateway:stage"],
    [/^restapis\//u, "apigateway:restapi-part"],
    [/^apis\/[^/]+$/u, "apigatewayv2:api"],
    [/^apis\/[^/]+\/stages\/[^/]+$/u, "apigatewayv2:stage"],
    [/^apis\//u, "apigatewayv2:api-part"]
  ],
  backup: [[/^backup-vault:/u, "backup:vault"]],
  codepipeline: [
    [/^webhook:/u, "codepipeline:webhook"],
    [/^actiontype:/u, "codepipeline:action-type"],
    [/^[^/:]+$/u, "codepipeline:pipeline"],
    [/^/u, "codepipeline:pipeline-part"]
  ],
  dynamodb: [[/^table\/[^/]+$/u, "dynamodb:table"], [/^table\//u, "dynamodb:table-part"]],
  elasticfilesystem: [[/^file-system\//u, "efs:file-system"], [/^access-point\//u, "efs:access-point"]],
  elasticloadbalancing: [
    [/^loadbalancer\/(?:app|net|gwy)\/[^/]+\/[^/]+$/u, "elasticloadbalancing:loadbalancer"],
    [/^loadbalancer\/[^/]+$/u, "elasticloadbalancing:classic-loadbalancer"],
    [/^listener\//u, "elasticloadbalancing:listener"],
    [/^listener-rule\//u, "elasticloadbalancing:listener-rule"]
  ],
  lambda: [[/^function:[^:]+$/u, "lambda:function"], [/^function:/u, "lambda:function-version"]],
  logs: [[/^log-group:[^:]+(?::\*)?$/u, "logs:log-group"], [/^log-group:/u, "logs:log-stream"]],
  s3: [[/^[^/]+$/u, "s3:bucket"], [/^/u, "s3:object"]],
  sns: [[/^[^:]+$/u, "sns:topic"], [/^/u, "sns:subscription"]],
  sqs: [[/^/u, "sqs:queue"]],
  wafv2: [
    [/^(?:regional|global)\/webacl\//u, "wafv2:web-acl"],
    [/^(?:regional|global)\/rulegroup\//u, "wafv2:rule-group"],
    [/^(?:regional|global)\/ipset\//u, "wafv2:ip-set"],
    [/^(?:regional|global)\/regexpatternset\//u, "wafv2:regex-pattern-set"]
  ]
}
