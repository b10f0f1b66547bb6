/** @since 0.1.0 */
import { batch, list } from "../../Listing.ts"
import { CodeBuild } from "../../services/CodeBuild.ts"
import { declare } from "../../TypeDeclaration.ts"

export const CodeBuildProject = declare("codebuild:project", CodeBuild, {
  share: 1.5,
  arns: ["codebuild", "project/"],
  identify: (spot) => spot.plain("codebuild", "project/", "build", "test"),
  operations: {
    ListProjects: list({ items: "projects", item: "name", page: { max: 100, token: "nextToken" } }),
    BatchGetProjects: batch({
      ids: "names",
      most: 100,
      items: "projects",
      tags: "tags",
      item: (one) => ({ name: one.name, arn: one.arn, created: one.createdAt, lastModified: one.createdAt }),
      missing: (projectsNotFound) => ({ projectsNotFound })
    })
  }
})
