/** A program that a test needs, or why it is not to be had. */
export type Tool =
  | { readonly kind: 'found'; readonly path: string; readonly version: string }
  | { readonly kind: 'missing'; readonly why: string }

/** The clients that the integration tests drive. */
export interface ClientTools {
  /** AWS CLI, version 2. */
  readonly aws: Tool
  /** A Python interpreter with boto3 and awscrt. */
  readonly python: Tool
  readonly s5cmd: Tool
  readonly rclone: Tool
}
