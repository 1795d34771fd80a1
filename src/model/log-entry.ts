import type { MessageRelation } from './maillog.ts';

/** What a line says, by its shape alone. Numbers are as the appliance counts them, texts with the appliance's quoting undone. */
export type LogEntry = HeaderEntry | InjectionEntry | MessageEntry | DeliveryEntry | QuarantineEntry | OtherLogEntry;

export type HeaderEntry =
  | { readonly kind: 'logfile-begins' }
  | { readonly kind: 'logfile-ends' }
  | { readonly kind: 'version'; readonly version: string; readonly serial: string }
  | { readonly kind: 'utc-offset'; readonly seconds: number };

/** Lines of an injection connection. */
export type InjectionEntry =
  | {
      readonly kind: 'icid-open';
      readonly icid: number;
      readonly interfaceName: string;
      readonly localIp: string | null;
      readonly peerIp: string | null;
      readonly reverseDns: string | null;
      readonly verified: boolean | null;
    }
  | {
      readonly kind: 'icid-policy';
      readonly icid: number;
      readonly action: string;
      readonly group: string;
      readonly match: string | null;
      readonly score: string | null;
    }
  | { readonly kind: 'icid-reputation'; readonly icid: number; readonly score: string }
  | { readonly kind: 'icid-delayed-reject'; readonly icid: number; readonly peerIp: string }
  | {
      readonly kind: 'icid-tls';
      readonly icid: number;
      readonly ok: boolean;
      readonly protocol: string | null;
      readonly cipher: string | null;
      readonly reason: string | null;
    }
  | { readonly kind: 'icid-tls-required'; readonly icid: number }
  | { readonly kind: 'icid-tls-read'; readonly mid: number; readonly icid: number; readonly octets: number }
  | { readonly kind: 'icid-auth'; readonly icid: number; readonly ok: boolean; readonly user: string | null; readonly mechanism: string | null }
  | { readonly kind: 'icid-auth-trouble'; readonly icid: number; readonly reason: string }
  | { readonly kind: 'icid-lost'; readonly icid: number }
  | { readonly kind: 'icid-close'; readonly icid: number }
  | {
      readonly kind: 'icid-lost-early';
      readonly icid: number;
      readonly peerIp: string;
      readonly interfaceName: string;
      readonly localIp: string | null;
      readonly seconds: number;
      readonly dnsSeconds: number;
    }
  | { readonly kind: 'icid-timeout'; readonly icid: number; readonly peerIp: string; readonly total: boolean }
  | { readonly kind: 'icid-killed'; readonly icid: number }
  | { readonly kind: 'icid-limit'; readonly icid: number; readonly peerIp: string; readonly listener: string; readonly max: number }
  | { readonly kind: 'icid-receiving-failed'; readonly icid: number; readonly reason: string }
  /** Bad addresses and commands, sender verification: the dialogue goes on, or ends in a refusal. */
  | {
      readonly kind: 'icid-complaint';
      readonly icid: number;
      readonly mid: number | null;
      readonly about: 'sender-syntax' | 'recipient-syntax' | 'sender-domain' | 'sender-allowed' | 'unknown-command' | 'command-syntax' | 'bounce-verification';
      readonly detail: string;
    }
  | { readonly kind: 'directory-harvest'; readonly peerIp: string; readonly limit: number; readonly group: string };

export type MessageEntry =
  | { readonly kind: 'mid-start'; readonly mid: number; readonly icid: number; readonly note: string | null }
  | { readonly kind: 'mid-from'; readonly mid: number; readonly icid: number; readonly address: string }
  | { readonly kind: 'mid-to'; readonly mid: number; readonly icid: number; readonly rid: number; readonly address: string }
  | { readonly kind: 'mid-to-rejected'; readonly mid: number | null; readonly icid: number; readonly address: string; readonly by: string }
  | { readonly kind: 'mid-system'; readonly mid: number; readonly from: string; readonly to: string; readonly recipients: number }
  | { readonly kind: 'mid-message-id'; readonly mid: number; readonly messageId: string }
  | { readonly kind: 'mid-subject'; readonly mid: number; readonly subject: string }
  | { readonly kind: 'mid-ready'; readonly mid: number; readonly octets: number; readonly from: string | null }
  | { readonly kind: 'mid-aborted'; readonly mid: number; readonly how: 'receiving' | 'by-sender' | 'policy'; readonly by: string | null }
  | { readonly kind: 'mid-finished'; readonly mid: number; readonly how: 'done' | 'aborted' }
  | { readonly kind: 'mid-queued'; readonly mid: number }
  /** An edge from the older message to the newer one. */
  | { readonly kind: 'mid-relation'; readonly relation: MessageRelation; readonly from: number; readonly to: number; readonly by: string | null }
  | { readonly kind: 'mid-policy'; readonly mid: number; readonly policy: string; readonly table: string | null }
  | { readonly kind: 'mid-helo'; readonly mid: number; readonly helo: string }
  | { readonly kind: 'mid-incoming-relay'; readonly mid: number; readonly relay: string; readonly sourceIp: string | null }
  /** Scanning, signing, rewriting of headers …: attached to the message, read in full only where its way is told. */
  | { readonly kind: 'mid-scan'; readonly mid: number };

export type DeliveryEntry =
  | { readonly kind: 'dcid-open'; readonly dcid: number; readonly interfaceName: string; readonly remoteIp: string; readonly remotePort: number | null }
  | {
      readonly kind: 'dcid-tls';
      readonly dcid: number;
      readonly ok: boolean;
      readonly protocol: string | null;
      readonly cipher: string | null;
      readonly reason: string | null;
    }
  | { readonly kind: 'dcid-tls-required'; readonly dcid: number; readonly remoteIp: string | null }
  | { readonly kind: 'dcid-start'; readonly dcid: number; readonly mid: number; readonly rids: readonly number[]; readonly quarantine: boolean }
  | { readonly kind: 'dcid-done'; readonly dcid: number; readonly mid: number; readonly rids: readonly number[]; readonly quarantine: boolean }
  | { readonly kind: 'mid-response'; readonly mid: number; readonly rids: readonly number[]; readonly response: string }
  | {
      readonly kind: 'bounced' | 'delayed';
      readonly dcid: number | null;
      readonly mid: number;
      readonly rids: readonly number[];
      /** Enhanced status code and its class in the appliance's words. */
      readonly reason: string | null;
      readonly code: string | null;
      readonly reply: string | null;
      /** The recipient's address, where the line names it. */
      readonly to: string | null;
    }
  | { readonly kind: 'double-bounce'; readonly mid: number; readonly reason: string }
  | { readonly kind: 'mid-pending'; readonly mid: number; readonly rids: readonly number[]; readonly until: string }
  | {
      readonly kind: 'dcid-connection-error';
      readonly dcid: number;
      readonly domain: string | null;
      readonly remoteIp: string | null;
      readonly remotePort: number | null;
      readonly details: string | null;
      readonly localIp: string | null;
      readonly reason: string | null;
    }
  | { readonly kind: 'dcid-possible'; readonly dcid: number; readonly mid: number; readonly rids: readonly number[] }
  | { readonly kind: 'dcid-close'; readonly dcid: number }
  | { readonly kind: 'dcid-killed'; readonly dcid: number; readonly reason: string }
  | { readonly kind: 'delivery-deleted'; readonly mid: number; readonly rids: readonly number[] };

export type QuarantineEntry =
  | {
      readonly kind: 'spam-quarantine';
      readonly mid: number;
      readonly step: 'tagged' | 'quarantined' | 'releasing' | 'delivering' | 'released' | 'deleting' | 'deleted';
      /** The recipient for whom; null for all, and where the line does not tell. */
      readonly recipient: string | null;
    }
  | { readonly kind: 'rpc'; readonly rcid: number; readonly mid: number | null; readonly step: 'start' | 'done' | 'rejected' | 'trouble' }
  | { readonly kind: 'quarantine-in'; readonly mid: number; readonly quarantine: string; readonly reason: string | null; readonly centralized: boolean }
  | {
      readonly kind: 'quarantine-out';
      readonly mid: number;
      readonly quarantine: string | null;
      readonly step: string;
      readonly reason: string | null;
      readonly heldSeconds: number | null;
    };

export type OtherLogEntry =
  | { readonly kind: 'injection-debug'; readonly icid: number | null; readonly direction: 'sent' | 'received'; readonly peer: string; readonly text: string }
  | { readonly kind: 'domain-debug'; readonly dcid: number; readonly direction: 'sent' | 'received'; readonly text: string }
  | { readonly kind: 'status'; readonly fields: string }
  | {
      readonly kind: 'consolidated';
      readonly mid: number | null;
      readonly icid: number | null;
      readonly dcid: number | null;
      readonly helo: string | null;
      readonly peerIp: string | null;
      readonly sender: string | null;
      readonly recipients: readonly string[];
      readonly subject: string | null;
      readonly messageId: string | null;
      /** What finally became of it, in the appliance's word: `DELIVERED`, `DROPPED`, `QUARANTINED` … */
      readonly action: string | null;
      readonly actionDetails: string | null;
    }
  /** Other words of the box: known, and of no account for who ended a session. */
  | { readonly kind: 'appliance-message'; readonly log: 'mail_logs' | 'euq_logs' | 'bounce_logs' | 'other' };

export type EntryKind = LogEntry['kind'];
