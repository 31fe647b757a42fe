/** Whether `name` starts with `x-amz-` in any case: the names of headers and version 4 parameters. Allocates nothing. */
export function isAmzName(name: string): boolean {
  return (
    name.charCodeAt(1) === 0x2d /* - */ &&
    name.charCodeAt(5) === 0x2d &&
    (name.charCodeAt(0) | 0x20) === 0x78 /* x */ &&
    (name.charCodeAt(2) | 0x20) === 0x61 /* a */ &&
    (name.charCodeAt(3) | 0x20) === 0x6d /* m */ &&
    (name.charCodeAt(4) | 0x20) === 0x7a /* z */
  )
}
