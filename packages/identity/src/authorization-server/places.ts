/** Where the identity provider sends browsers back to, and where the pages of an authorization request stand. */
export const CALLBACK_PATH = '/oauth/callback';
export const INTERACTION_PATH = '/oauth/interaction';
