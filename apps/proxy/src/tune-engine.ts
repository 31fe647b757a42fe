import { setFlagsFromString } from 'node:v8'

/**
 * Sets V8 up for a server. To be called before the first request, once per process.
 *
 * V8 makes objects of a kind old from the start once it has seen most of them outlive two minor collections
 * (`allocation_site_pretenuring`), and hardly ever thinks again. Requests that wait together for a cold object outlive
 * some, and from then on a third of what every hit makes stayed until the next full collection: one or two a second, each
 * with 20 to 40 ms in which nobody is answered. See `docs/decisions/018-no-pretenuring.md`.
 */
export function tuneEngine(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
}
