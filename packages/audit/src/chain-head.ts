import type { AuditKey } from './audit-key.ts';
import type { Position } from './chain-line.ts';

/** The signed end of a chain: without it, lines missing at the end would not be noticed. */
export interface ChainHead extends Position {
  readonly host: string;
}

const HEAD =
  /^(\{"v":1,"host":"([\w-]{1,64})","seq":(\d{1,15}),"mac":"([\w-]{43})","ts":"[\w:.-]{20,30}")(?:,"sig":"([\w-]{43})"\}\n)$/;

/** One line of JSON. `ts` is in ISO 8601. */
export function renderHead(key: AuditKey, head: ChainHead, ts: string): string {
  const body = `{"v":1,"host":"${head.host}","seq":${head.seq},"mac":"${head.mac}","ts":"${ts}"`;
  return `${body},"sig":"${key.sign(body)}"}\n`;
}

/** Undefined for anything that none of the keys signed. */
export function parseHead(keys: readonly AuditKey[], text: string): ChainHead | undefined {
  const [, body, host, seq, mac, signature] = HEAD.exec(text) ?? [];
  if (body === undefined || host === undefined || mac === undefined) return undefined;
  if (!keys.some((key) => key.sign(body) === signature)) return undefined;
  return { host, seq: Number(seq), mac };
}
