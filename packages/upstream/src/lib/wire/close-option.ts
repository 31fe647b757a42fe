const closeOption = /(?:^|,)[\t ]*close[\t ]*(?:,|$)/i

/** Whether the value of a Connection field says that no other message follows on the connection (RFC 9112 section 9.6). */
export function hasCloseOption(value: string): boolean {
  return closeOption.test(value)
}
