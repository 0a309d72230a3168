import { timingSafeEqual } from 'node:crypto';

import express, { type Request, type Response } from 'express';

import type { SignedIn } from './browser-sessions.ts';

const parse = express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 10 });

/** Reads the fields of a form, within bounds. Rejects with an error that has a `status` of the client's. */
export async function readForm(req: Request, res: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    parse(req, res, (error?: unknown) => {
      if (error instanceof Error) reject(error);
      else resolve();
    });
  });
}

/** Whether a form was sent by a page of ours, in this sign-in. */
export function isOwnForm(req: Request, { csrf }: Pick<SignedIn, 'csrf'>, publicUrl: string): boolean {
  return isOwnOrigin(req, new URL(publicUrl).origin) && sameText(field(req, 'csrf'), csrf);
}

/** A field of a form; what was sent twice or not at all is empty. */
export function field(req: Request, name: string): string {
  const fields: unknown = req.body;
  if (typeof fields !== 'object' || fields === null || !Object.hasOwn(fields, name)) return '';
  const value: unknown = (fields as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : '';
}

/** Browsers name the origin of every form; one that sends neither header is none that is known. */
function isOwnOrigin({ headers }: Request, own: string): boolean {
  if (headers.origin !== undefined) return headers.origin === own;
  return headers['sec-fetch-site'] === 'same-origin';
}

function sameText(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && left.length > 0 && timingSafeEqual(left, right);
}
