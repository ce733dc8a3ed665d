import { Gpt2Error } from '../../base/errors.js';
import { EMBEDDING } from './find_weights.js';

/** Names that wrappers of modules put between those of a model. */
const WRAPPERS = /(^|\.)(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module|_forward_module)(?=\.)/g;

/** How the tensors of a file are renamed: without wrappers, and without what their names begin with. */
export interface Renaming {
  /** Common beginning of the names: "module.", "model.". */
  readonly prefix: string;
  /** A name as transformers has it. */
  rename(name: string): string;
}

/**
 * The renaming for a model whose token embedding is among `names`. `within`: the part that the model is of
 * another one, which stays. Throws `unsupported` for two models.
 */
export function renaming(names: readonly string[], where: string, within = ''): Renaming {
  const plain = (name: string) => name.replace(WRAPPERS, '$1').replace(/^\.|\.(?=\.)/g, '');
  const embeddings = names.map(plain).filter((name) => EMBEDDING.test(name));
  const prefixes = new Set(embeddings.map((name) => name.replace(/(?:transformer\.)?wte\.weight$/, '')));
  const [prefix = '', ...others] = prefixes;
  if (others.length > 0) {
    throw new Gpt2Error(
      'unsupported',
      `${where} has several models, whose names begin with ` +
        `${[...prefixes].map((each) => JSON.stringify(each)).join(', ')}; save the one that is meant alone`,
    );
  }
  const outer = prefix.endsWith(within) ? prefix.slice(0, prefix.length - within.length) : prefix;
  return {
    prefix: outer,
    rename: (name) => (plain(name).startsWith(outer) ? plain(name).slice(outer.length) : plain(name)),
  };
}
