/** ARNs, `arn:partition:service:region:account:resource`, as far as identities and secrets have them. */

export interface Arn {
  readonly service: string;
  /** Empty where the service has no regions, as IAM. */
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

/** Undefined where `text` is no ARN of an account. */
export function parseArn(text: string): Arn | undefined {
  const [, service = '', region = '', account = '', resource = ''] =
    /^arn:aws[a-z-]*:([a-z0-9-]+):([a-z0-9-]*):(\d{12}):(.+)$/.exec(text) ?? [];
  return service === '' ? undefined : { service, region, account, resource };
}
