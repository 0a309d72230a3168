import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** `swy_pat_`, 32 random bytes and their checksum, both in base62: secret scanners know it without asking anybody. */
const TOKEN = /^(swy_pat_[0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;
const PREFIX = 'swy_pat_';
const SECRET_BYTES = 32;
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A token that nobody has had before. */
export function mintToken(): string {
  const number = BigInt(`0x${randomBytes(SECRET_BYTES).toString('hex')}`);
  const body = `${PREFIX}${base62(number, SECRET_LENGTH)}`;
  return `${body}${checksum(body)}`;
}

/** Whether a text has the form of an enrolled token, its checksum included: most guesses and typing errors end here. */
export function isEnrolledToken(text: string): boolean {
  const [, body, given] = TOKEN.exec(text) ?? [];
  return body !== undefined && checksum(body) === given;
}

function checksum(body: string): string {
  return base62(BigInt(crc32(body)), CHECKSUM_LENGTH);
}

function base62(number: bigint, length: number): string {
  const base = BigInt(DIGITS.length);
  let text = '';
  for (let rest = number; text.length < length; rest /= base) text = `${DIGITS[Number(rest % base)]}${text}`;
  return text;
}
