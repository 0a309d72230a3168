import type { Request, Response } from 'express';

/** Who is signed in in one browser. */
export interface SignedIn {
  readonly personId: string;
  readonly name?: string;
  /** Verified by the company's identity provider; lower case. */
  readonly email?: string;
  readonly groups: readonly string[];
  /** A secret of this browser and sign-in: what is begun here can be finished here only. */
  readonly browser: string;
  /** What the forms of this browser carry; the same for the whole sign-in. */
  readonly csrf: string;
}

/** The sign-in of browsers, as far as pages need it. */
export interface BrowserSessions {
  /** Undefined: nobody is signed in. */
  read(req: Request): Promise<SignedIn | undefined>;
  /** Undefined: the browser was sent to sign in and comes back to this page; the answer is given. */
  require(req: Request, res: Response): Promise<SignedIn | undefined>;
}
