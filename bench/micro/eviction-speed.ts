import { createEviction } from '@s3proxy/cache-store'
import type { Ticket } from '@s3proxy/cache-store/memory'

// Prints what each eviction policy costs per use, with few and with many things held.
// usage: node bench/micro/eviction-speed.ts [THINGS…]
const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10_000, 1_000_000]
const uses = 2_000_000

for (const policy of ['s3-fifo', 'tinylfu', 'lru'] as const) {
  for (const count of counts) {
    const eviction = createEviction<number>(policy)
    const tickets: Ticket<number>[] = []
    for (let owner = 0; owner < count; owner++) tickets.push(eviction.add(owner, `aws/bucket/object-${owner}\n0`, 1))
    let state = 1
    const random = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state
    }
    const replace = time(uses / 4, (index) => {
      const victim = eviction.evict(1, count) ?? 0
      tickets[victim] = eviction.add(victim, `aws/bucket/object-${count + index}\n0`, 1)
    })
    const hit = time(uses, () => eviction.hit(tickets[random() % count] as Ticket<number>))
    process.stdout.write(
      `${policy.padEnd(8)} ${String(count).padStart(8)} things: a hit ${hit.toFixed(0)} ns, evict and add ${replace.toFixed(0)} ns\n`,
    )
  }
}

/** Nanoseconds of processor time per call: others may use the machine too. */
function time(calls: number, work: (index: number) => void): number {
  const before = process.cpuUsage()
  for (let index = 0; index < calls; index++) work(index)
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / calls
}
