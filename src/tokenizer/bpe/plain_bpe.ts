/** The defaults of a definition of byte-level BPE. */
export const PLAIN_BPE = {
  addPrefixSpace: false,
  unknownToken: undefined,
  fuseUnknown: false,
  ignoreMerges: false,
  unread: {},
} as const;
