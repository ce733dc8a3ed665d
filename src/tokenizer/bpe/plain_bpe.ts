/** A definition of byte-level BPE that leaves everything out which it can leave out. */
export const PLAIN_BPE = {
  addPrefixSpace: false,
  unknownToken: undefined,
  fuseUnknown: false,
  ignoreMerges: false,
  unread: {},
} as const;
