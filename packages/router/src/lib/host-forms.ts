/** Which door to S3 a host name is. */
export type EndpointStyle =
  /** `s3.us-east-1…`, and every other name with a region of its own. */
  | 'regional'
  /** `s3-us-west-2…`: the old spelling of a regional name. */
  | 'dash-region'
  /** `s3.amazonaws.com`, `s3-external-1…`, `s3-global`: no region in the name. */
  | 'global'
  /** `s3-accelerate…`: Transfer Acceleration. */
  | 'accelerate'
  /** `….vpce-ID.s3.REGION.vpce…`: an interface endpoint (PrivateLink). */
  | 'vpc-endpoint'
  /** `s3express-ZONE.REGION…`: S3 Express One Zone. */
  | 'zonal'

/** What the labels before a shape mean. */
export type Prefix =
  /** Nothing, or the name of a bucket (dots allowed). */
  | 'bucket?'
  /** `NAME-ACCOUNT`. */
  | 'access-point'
  /** Nothing, or `NAME-ACCOUNT`. */
  | 'object-lambda?'
  /** `NAME-ACCOUNT`, or an alias that ends in `--op-s3`. */
  | 'outposts-access-point'
  /** Nothing, or whatever the control plane expects there (an account). */
  | 'control?'
  /** Nothing, or the name of a bucket that is a web site. */
  | 'website?'
  /** `ALIAS.mrap` or `ALIAS`. */
  | 'mrap'

/** One line of the table of host forms. */
export interface HostFormRow {
  /**
   * The labels between the prefix and the suffix of the partition. `{region}`, `{zone}`, `{vpce}` and `{outpost}` stand
   * for such a name; `[…]` may be there or not.
   */
  readonly shape: string
  readonly prefix: Prefix
  readonly endpoint: EndpointStyle
  /** The region of a name that does not say it. */
  readonly region?: string
}

/**
 * Every form of host name that S3 answers to, in any partition.
 * Sources: https://docs.aws.amazon.com/general/latest/gr/s3.html, .../AmazonS3/latest/userguide/VirtualHosting.html,
 * .../dual-stack-endpoints.html, .../transfer-acceleration.html, .../using-access-points.html,
 * .../MultiRegionAccessPointRequests.html, .../olap-use.html, .../S3OnOutposts.html, .../WebsiteEndpoints.html,
 * .../privatelink-interface-endpoints.html, .../s3-express-Regions-and-Zones.html.
 */
export const hostForms: readonly HostFormRow[] = [
  { shape: 's3', prefix: 'bucket?', endpoint: 'global' },
  { shape: 's3-external-1', prefix: 'bucket?', endpoint: 'global', region: 'us-east-1' },
  { shape: 's3[-fips][.dualstack].{region}', prefix: 'bucket?', endpoint: 'regional' },
  { shape: 's3[-fips]-{region}', prefix: 'bucket?', endpoint: 'dash-region' },
  { shape: 's3-accelerate[.dualstack]', prefix: 'bucket?', endpoint: 'accelerate' },
  { shape: 's3-accelerate[.dualstack].{region}', prefix: 'bucket?', endpoint: 'accelerate' },
  { shape: 's3express[-fips]-{zone}[.dualstack].{region}', prefix: 'bucket?', endpoint: 'zonal' },
  { shape: 's3-accesspoint[-fips][.dualstack].{region}', prefix: 'access-point', endpoint: 'regional' },
  { shape: 'accesspoint.s3-global', prefix: 'mrap', endpoint: 'global' },
  { shape: 's3-object-lambda[-fips].{region}', prefix: 'object-lambda?', endpoint: 'regional' },
  { shape: '{outpost}.s3-outposts[-fips].{region}', prefix: 'outposts-access-point', endpoint: 'regional' },
  { shape: 's3-outposts[-fips].{region}', prefix: 'control?', endpoint: 'regional' },
  { shape: 's3-control[-fips][.dualstack].{region}', prefix: 'control?', endpoint: 'regional' },
  { shape: 's3express-control[-fips][.dualstack].{region}', prefix: 'control?', endpoint: 'regional' },
  { shape: 's3-website-{region}', prefix: 'website?', endpoint: 'dash-region' },
  { shape: 's3-website.{region}', prefix: 'website?', endpoint: 'regional' },
  { shape: 'bucket.{vpce}.s3.{region}.vpce', prefix: 'bucket?', endpoint: 'vpc-endpoint' },
  { shape: 'accesspoint.{vpce}.s3.{region}.vpce', prefix: 'access-point', endpoint: 'vpc-endpoint' },
  { shape: 'control.{vpce}.s3.{region}.vpce', prefix: 'control?', endpoint: 'vpc-endpoint' },
]
