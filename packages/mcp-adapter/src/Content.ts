/**
 * What answers, resources and messages are made of.
 *
 * @since 0.1.0
 */

/**
 * What is at an address: text, or bytes as base64.
 *
 * @category models
 * @since 0.1.0
 */
export type Contents =
  | { readonly uri: string; readonly mimeType: string; readonly text: string }
  | { readonly uri: string; readonly mimeType: string; readonly blob: string }

/**
 * One piece of an answer or a message. `data` is base64; `resource` holds the
 * contents themselves, `resource_link` says where they are.
 *
 * @category models
 * @since 0.1.0
 */
export type Content =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image" | "audio"; readonly data: string; readonly mimeType: string }
  | { readonly type: "resource"; readonly resource: Contents }
  | { readonly type: "resource_link"; readonly uri: string; readonly name: string; readonly mimeType?: string }
