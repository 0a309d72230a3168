import { LEVELS, parseCloudId, PRODUCTS } from '@switchyard/catalogue';

import { IdentityError } from '../errors.ts';
import { isEmail } from '../inbound/parse-authorization.ts';
import type { TokenRequest } from './enrolled-token.ts';

const SHORTEST_TTL_MS = 60_000;
const LONGEST_TTL_MS = 366 * 86_400_000;
const NAME = /^[^\p{C}\p{Zl}\p{Zp}]{1,80}$/u;

/** Every rule, with the sentence for whoever broke it. */
const RULES: readonly (readonly [(request: TokenRequest) => boolean, string])[] = [
  [({ name }) => NAME.test(name.trim()), 'A token needs a name of 1 to 80 visible characters.'],
  [
    ({ owner }) => owner === undefined || isEmail(owner),
    'The owner of a token is named by an e-mail address.',
  ],
  [({ ttlMs }) => isTtl(ttlMs), 'A token lives for one minute to 366 days; say for how long.'],
  [
    ({ sites }) => sites === undefined || sites.length > 0,
    'A token for no site is of no use; leave `sites` out for all.',
  ],
  [
    ({ sites = [] }) => sites.every((site) => parseCloudId(site) !== undefined),
    'The sites of a token are named by their cloudIds.',
  ],
  [
    ({ products = {} }) => isProductMap(products),
    'A product or its level is not known: see `products` in the configuration.',
  ],
  [
    ({ role, actsAs, sites, products, readOnly }) =>
      role !== 'admin' || [actsAs, sites, products, readOnly].every((limit) => limit === undefined),
    'An admin token opens the admin API and no site: leave sites, products, readOnly and actsAs out.',
  ],
];

/** Throws `IdentityError` `invalid_option`, with all that is wrong in one message. */
export function checkTokenRequest(request: TokenRequest): void {
  const broken = RULES.filter(([holds]) => !holds(request)).map(([, sentence]) => sentence);
  if (broken.length > 0) throw new IdentityError('invalid_option', broken.join(' '));
}

function isTtl(ttlMs: number): boolean {
  return Number.isSafeInteger(ttlMs) && ttlMs >= SHORTEST_TTL_MS && ttlMs <= LONGEST_TTL_MS;
}

function isProductMap(products: object): boolean {
  return Object.entries(products).every(
    ([product, level]) => PRODUCTS.some((each) => each === product) && LEVELS.some((each) => each === level),
  );
}
