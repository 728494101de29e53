/** Entries of network ACLs that were not made: the next one has another number. */
import type {
  CreateNetworkAclEntryCommandInput,
  DescribeNetworkAclsCommandInput,
  DescribeNetworkAclsCommandOutput,
  NetworkAclEntry,
} from '@aws-sdk/client-ec2';
import type { Imagined } from './imagined';

type Ask = (input: DescribeNetworkAclsCommandInput) => Promise<DescribeNetworkAclsCommandOutput>;

export function imagineAcls(): Imagined {
  const made = new Map<string, NetworkAclEntry[]>();
  return {
    changes: {
      CreateNetworkAclEntry({ NetworkAclId = '', ...entry }: CreateNetworkAclEntryCommandInput) {
        made.set(NetworkAclId, [...(made.get(NetworkAclId) ?? []), entry]);
        return {};
      },
    },
    reads: {
      async DescribeNetworkAcls(input: DescribeNetworkAclsCommandInput, ask: Ask) {
        const seen = await ask(input);
        return {
          ...seen,
          NetworkAcls: seen.NetworkAcls?.map((acl) => ({
            ...acl,
            Entries: [...(acl.Entries ?? []), ...(made.get(acl.NetworkAclId ?? '') ?? [])],
          })),
        };
      },
    },
  };
}
