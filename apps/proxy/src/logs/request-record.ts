export type { RequestOutcome, RequestRecord } from '@s3proxy/gateway'
