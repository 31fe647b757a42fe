import type { ShareUsage } from '../cache-store.ts'
import { shardOf } from './accounts.ts'
import type { DiskEntry } from './disk-extent.ts'
import { chargeOfEntry } from './entry-charge.ts'
import type { Loader } from './load.ts'
import type { KeySampler } from './sample-keys.ts'
import type { Score } from './score.ts'
import { createShareAccount, type ShareAccount, type ShareReservation, shardCount } from './share-account.ts'
import { createShareEvictor, type ShareEvictor } from './share-evictor.ts'
import type { Room } from './space.ts'
import type { Quota, SpaceRules } from './space-rules.ts'

export interface SharesOptions {
  readonly rules: SpaceRules
  /** Bytes pinned keys can take together. */
  readonly maxPinnedBytes: number
  /** What is known from before: bytes by name of the quota. */
  readonly assumed: ShareHint
  readonly load: Loader
  readonly sample: KeySampler
  readonly scoreOf: (keyHash: string) => Score | undefined
  readonly evict: (keyHash: string, wantedBytes: number) => Promise<number>
  readonly onError: (error: unknown) => void
}

/** Bytes in use by shares. */
export interface ShareHint {
  readonly pinnedBytes: number
  readonly quotas: ReadonlyMap<string, number>
}

/** What became of a request for room in shares. */
export type SharesRoom =
  | { readonly kind: 'reserved'; readonly reservations: readonly ShareReservation[] }
  | Extract<Room, { readonly kind: 'refused' }>

/** Shares of the cache by rules: what is pinned, and what has a quota. */
export interface Shares {
  /** Room in every share `key` belongs to. */
  reserve(key: string, bytes: number): SharesRoom
  /** Whether so many bytes more of `key` fit without anything leaving its shares. */
  fits(key: string, bytes: number): boolean
  /** Whether the key must stay, by the rules now in force. */
  isPinned(keyHash: string): Promise<boolean>
  /** What is on disk of a key, read only if there are rules. */
  entryOf(keyHash: string): Promise<DiskEntry | undefined>
  /** A key has changed on disk: from `before` to `after`, undefined for nothing. */
  changed(before: DiskEntry | undefined, after: DiskEntry | undefined): void
  usage(): ShareUsage
  /** What a later life should start from. */
  hint(): ShareHint
  /** Counting of a first-level directory begins; the result is told what each entry in it takes, and when it is done. */
  beginCount(shard: number): { found(entry: DiskEntry, bytes: number): void; end(): void }
  stop(): Promise<void>
}

interface QuotaShare {
  quota: Quota
  readonly account: ShareAccount
  readonly evictor: ShareEvictor
}

export function createShares(options: SharesOptions): Shares {
  const { rules, maxPinnedBytes, assumed, load, sample, scoreOf, evict, onError } = options
  const quotas = new Map<string, QuotaShare>()
  /** Shards that the walk under way has counted. */
  let counted = new Set<number>()
  let hasWalked = false
  const pinned = createShareAccount({
    limitBytes: () => maxPinnedBytes,
    assumedBytes: assumed.pinnedBytes,
    // Nothing of it can leave.
    onShortage: () => pinned.giveUp(),
  })

  const entryOf = async (keyHash: string): Promise<DiskEntry | undefined> => {
    if (!rules.any) return undefined
    const loaded = await load(keyHash)
    return loaded.kind === 'entry' ? loaded.entry : undefined
  }
  const create = (quota: Quota): QuotaShare => {
    const { name } = quota
    const account = createShareAccount({
      limitBytes: () => share.quota.bytes,
      assumedBytes: assumed.quotas.get(name) ?? 0,
      onShortage: () => evictor.wake(),
    })
    const look = async (keyHash: string): Promise<Score | undefined> => {
      const entry = await entryOf(keyHash)
      if (entry === undefined) return undefined
      const rule = rules.of(entry.representation.key)
      return rule.pinned || rule.quota?.name !== name ? undefined : (scoreOf(keyHash) ?? entry.recordedScore)
    }
    const evictor = createShareEvictor({ account, sample, look, scoreOf, evict, onError })
    const share: QuotaShare = { quota, account, evictor }
    // Who appears in the middle of a walk had nothing where it has been.
    for (const shard of counted) account.count(shard, 0)
    quotas.set(name, share)
    return share
  }
  const shareOf = (quota: Quota): QuotaShare => {
    const share = quotas.get(quota.name) ?? create(quota)
    share.quota = quota
    return share
  }
  const accountsOf = (key: string): readonly ShareAccount[] => {
    const rule = rules.of(key)
    const own = rule.quota === undefined ? [] : [shareOf(rule.quota).account]
    return rule.pinned ? [pinned, ...own] : own
  }

  /** Remembers the key as one that could leave its share. */
  const offer = ({ keyHash, representation, recordedScore }: DiskEntry): void => {
    const { quota, pinned: stays } = rules.of(representation.key)
    if (quota !== undefined && !stays) shareOf(quota).evictor.offer(keyHash, scoreOf(keyHash) ?? recordedScore)
  }

  return {
    reserve(key, bytes) {
      if (!rules.any) return { kind: 'reserved', reservations: [] }
      // What is pinned takes room that nobody can be pushed out of; and what is pinned has to fit beside itself.
      if (!pinned.fits(bytes)) return { kind: 'refused', reason: 'no-space' }
      const reservations: ShareReservation[] = []
      for (const account of accountsOf(key)) {
        const room = account.reserve(bytes)
        if (room.kind === 'refused') {
          for (const reservation of reservations) reservation.release()
          return room
        }
        reservations.push(room.reservation)
      }
      return { kind: 'reserved', reservations }
    },
    fits: (key, bytes) => !rules.any || accountsOf(key).every((account) => account.fits(bytes)),
    entryOf,
    async isPinned(keyHash) {
      const entry = await entryOf(keyHash)
      return entry !== undefined && rules.of(entry.representation.key).pinned
    },
    changed(before, after) {
      const entry = after ?? before
      if (!rules.any || entry === undefined) return
      const bytes =
        (after === undefined ? 0 : chargeOfEntry(after)) - (before === undefined ? 0 : chargeOfEntry(before))
      for (const account of accountsOf(entry.representation.key)) account.change(shardOf(entry.keyHash), bytes)
      if (after !== undefined) offer(after)
    },
    usage: () => ({
      pinnedBytes: pinned.usedBytes,
      quotas: [...quotas.values()].map(({ quota, account }) => ({
        name: quota.name,
        usedBytes: account.usedBytes,
        limitBytes: quota.bytes,
      })),
    }),
    hint() {
      const used = [...quotas].map(([name, { account }]) => [name, account.usedBytes] as const)
      // What has not been asked for yet is as before, until all has been counted.
      const before = hasWalked ? [] : assumed.quotas
      return { pinnedBytes: pinned.usedBytes, quotas: new Map([...before, ...used]) }
    },
    beginCount(shard) {
      if (shard === 0) counted = new Set()
      const found = new Map<ShareAccount, number>()
      const all = (): ShareAccount[] => [pinned, ...[...quotas.values()].map(({ account }) => account)]
      for (const account of all()) account.beginCount(shard)
      return {
        found(entry, bytes) {
          const { key } = entry.representation
          for (const account of accountsOf(key)) found.set(account, (found.get(account) ?? 0) + bytes)
          offer(entry)
        },
        end() {
          for (const account of all()) account.count(shard, found.get(account) ?? 0)
          counted.add(shard)
          hasWalked ||= counted.size === shardCount
        },
      }
    },
    async stop() {
      await Promise.all([...quotas.values()].map(({ evictor }) => evictor.stop()))
    },
  }
}
