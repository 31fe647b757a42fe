export {
  type ClientHello,
  type ClientHelloOptions,
  type ClientHelloParser,
  createClientHelloParser,
} from './lib/client-hello.ts'
export { type Clock, systemClock } from './lib/clock.ts'
export { type ConnectTarget, type ConnectTunnel, createConnectTunnel, parseConnectTarget } from './lib/connect.ts'
export { createDial, type Dial, type DialOptions, type TunnelEndpoint } from './lib/dial.ts'
export type { Admission, RelayOptions, TunnelReport } from './lib/relay.ts'
export { createSniTunnel, type SniTunnel, type SniTunnelOptions } from './lib/sni-tunnel.ts'
export { runTunnel, type TunnelEnd, type TunnelOptions } from './lib/tunnel.ts'
