import type { LinkName } from './link-record.ts';

/** What happened in the vault, for metrics, the log and the audit trail. Holds no credential. */
export type VaultEvent =
  | { readonly type: 'changed'; readonly person: string }
  | {
      /**
       * `needs-reconnect`: the grant has ended; `renewal-failed`: nobody could tell, it is tried again; `unsaved`: the new
       * tokens are in memory alone for now; `unreadable`: a record was changed, or is under an unknown key.
       */
      readonly type:
        | 'linked'
        | 'unlinked'
        | 'renewed'
        | 'renewal-failed'
        | 'needs-reconnect'
        | 'unsaved'
        | 'unreadable'
        | 'revocation-failed';
      readonly name: LinkName;
    };
