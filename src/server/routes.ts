import type { Route } from './route.js';
import { chatCompletions } from './routes/chat_completions.js';
import { classify } from './routes/classify.js';
import { completions } from './routes/completions.js';
import { detokenize } from './routes/detokenize.js';
import { embeddings } from './routes/embeddings.js';
import { feedback } from './routes/feedback.js';
import { health } from './routes/health.js';
import { metrics } from './routes/metrics.js';
import { model, models } from './routes/models.js';
import { moderations } from './routes/moderations.js';
import { score } from './routes/score.js';
import { tokenize } from './routes/tokenize.js';
import { tokenizerInfo } from './routes/tokenizer_info.js';

/** Everything that the server answers. */
export const ROUTES: readonly Route[] = [
  health,
  metrics,
  models,
  model,
  completions,
  chatCompletions,
  embeddings,
  score,
  classify,
  moderations,
  feedback,
  tokenize,
  detokenize,
  tokenizerInfo,
];
