import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DIALOGPT_TEMPLATE, standardTemplate } from '../../../src/cli/inputs/standard_template.js';
import { servedModels } from '../../../src/cli/serving/served_models.js';
import { convertModel, type Model } from '../../../src/index.js';
import { createHandler } from '../../../src/server.js';
import { chatFiles } from '../../support/chat_source.js';
import { inFolder, writeFiles } from '../../support/in_folder.js';
import { ask } from '../../support/serving.js';

const { signal } = new AbortController();

const withTasks = (task_specific_params: unknown) => {
  const config = JSON.parse(chatFiles['config.json']!.toString());
  return { ...chatFiles, 'config.json': JSON.stringify({ ...config, task_specific_params }) };
};

test("DialoGPT's template is that of models that name its task", () =>
  inFolder({}, async (folder) => {
    const templateFor = async (tasks: unknown) => {
      writeFiles(folder, withTasks(tasks));
      return standardTemplate({ model: folder }, signal);
    };
    assert.is(await templateFor({ conversational: { max_length: 1000 } }), DIALOGPT_TEMPLATE);
    for (const tasks of [undefined, null, 5, [], { 'text-generation': {} }, { conversational: 5 }]) {
      assert.is(await templateFor(tasks), undefined);
    }
    assert.is(await standardTemplate({}, signal), undefined);
    const parts: Uint8Array[] = [];
    for await (const part of (await convertModel(folder, { weights: 'q8' })).bytes())
      parts.push(part.slice());
    writeFiles(folder, { 'a/model.gguf': Buffer.concat(parts) });
    assert.is(await standardTemplate({ model: join(folder, 'a', 'model.gguf') }, signal), undefined);
  }));

test('a server writes chats with it', () =>
  inFolder(withTasks({ conversational: {} }), async (folder) => {
    const { models } = await servedModels({ model: [{ name: 'm', source: folder }], quiet: true }, signal);
    const model = await (models.m as { load(): Promise<Model> }).load();
    const handler = createHandler({ models: { m: model } });
    const { body } = await ask(handler, '/v1/chat/completions', {
      ...{ messages: [{ role: 'user', content: 'Hi' }], max_tokens: 6, seed: 2 },
    });
    const prompt = [...model.tokenizer.encode('Hi'), model.tokenizer.eosTokenId!];
    const { text } = await model.generate(prompt, { maxTokens: 6, seed: 2, temperature: 1, topP: 1 });
    assert.is(body.choices[0].message.content, text);
    await handler.close();
    model.dispose();
  }));

test.run();
