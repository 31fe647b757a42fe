import { headerValue } from '@s3proxy/protocol'
import type { HttpAnswer, RawRequest } from '@s3proxy/testkit'
import { comparable, differences } from './comparable.ts'
import type { Probe } from './probe.ts'
import type { DifferentialProxy, Mode } from './proxy.ts'
import type { World } from './world.ts'

/** What the cache holds when a read arrives. */
export const states = ['cold', 'again', 'whole', 'disk', 'part', 'head'] as const

/** A member of {@link states}. */
export type State = (typeof states)[number]
