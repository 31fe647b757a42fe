/** The folder where this user's tools are kept; made if missing. */
export function userCacheDir(): string
/** Whether `folder` is there, or can be made, and can be written. */
export function isWritable(folder: string): boolean
