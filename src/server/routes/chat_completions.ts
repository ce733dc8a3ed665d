import { CHAT_SCHEMA } from '../chat/request.js';
import { streamedChat } from '../chat/stream.js';
import { chatTask } from '../chat/task.js';
import { wholeChat } from '../chat/whole.js';
import { generationRoute } from '../generation_route.js';

/** Answers chats. */
export const chatCompletions = generationRoute({
  path: '/v1/chat/completions',
  schema: CHAT_SCHEMA,
  task: chatTask,
  whole: wholeChat,
  streamed: streamedChat,
});
