import { COMPLETION_SCHEMA } from '../completions/request.js';
import { streamedAnswer } from '../completions/stream.js';
import { completionTask } from '../completions/task.js';
import { wholeAnswer } from '../completions/whole.js';
import { generationRoute } from '../generation_route.js';

/** Continues prompts. */
export const completions = generationRoute({
  path: '/v1/completions',
  schema: COMPLETION_SCHEMA,
  task: completionTask,
  whole: wholeAnswer,
  streamed: streamedAnswer,
});
