import { checkNumber, whole } from '../../base/check_number.js';
import { checkOptionNames } from '../../base/check_options.js';
import type { Prompt } from '../../generate/prompt.js';
import type { Work } from '../../model/remote_models.js';
import type { AnyModel } from '../any_model.js';
import { textOrIds } from '../ids_of.js';
import { runOperation } from '../run_operation.js';
import type { LogitAttribution } from './results.js';

/** Which logit is explained. */
export interface LogitAttributionOptions extends Pick<Work, 'signal'> {
  /** The position whose next token is predicted, -1 for the last one. Default: -1. */
  readonly position?: number | undefined;
  /** Id of the token whose logit is explained. Default: the likeliest one. */
  readonly token?: number | undefined;
  /** Id of a token whose logit is subtracted: what speaks for `token` rather than for this one. */
  readonly against?: number | undefined;
}

const OPTION_NAMES = Object.keys({
  position: true,
  token: true,
  against: true,
  signal: true,
} satisfies Record<keyof LogitAttributionOptions, true>);

/**
 * Direct logit attribution (Elhage et al. 2021): what the embeddings, each head and each MLP add to the logit of a token
 * through the residual stream, with the scale of the last layer norm as it is. Effects by way of later layers are part
 * of what those add.
 *
 * Throws `invalid-option`, `context-full` for more tokens than the context has positions, `aborted`.
 */
export async function logitAttribution(
  model: AnyModel,
  text: Prompt,
  options: LogitAttributionOptions = {},
): Promise<LogitAttribution> {
  const given = textOrIds(model, text);
  checkOptionNames('logitAttribution', options, OPTION_NAMES);
  const { position = -1, token, against, signal } = options;
  const { contextLength, vocabSize } = model.config;
  checkNumber('position', position, whole(-contextLength, contextLength - 1));
  const id = whole(0, vocabSize - 1);
  if (token !== undefined) checkNumber('token', token, id);
  if (against !== undefined) checkNumber('against', against, id);
  return runOperation(model, 'logitAttribution', { text: given, position, token, against }, { signal });
}
