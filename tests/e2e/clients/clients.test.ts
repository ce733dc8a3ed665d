// Clients of OpenAI's API, each as its documentation uses it, against this server.
import { test } from 'uvu';
import { unless } from '../../support/unless.js';
import { aiSdk } from './ai_sdk.js';
import { eventSource } from './event_source.js';
import { langchain } from './langchain.js';
import { installClients } from './packages.js';
import { serveStories } from './served.js';

const reason = installClients();
if (reason === undefined) {
  const served = await serveStories();
  test.after(() => served.close());
  await aiSdk(served);
  await langchain(served);
  await eventSource(served);
} else {
  unless(reason)("clients of OpenAI's API", () => {});
}

test.run();
