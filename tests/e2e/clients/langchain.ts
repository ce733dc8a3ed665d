import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failure } from './failing.js';
import { load } from './packages.js';
import type { Served } from './served.js';

const PROMPT = 'Who is Lily?';
const ASKED = { max_tokens: 12, seed: 7 };
const chatOf = (prompt: string) => ({ ...ASKED, messages: [{ role: 'user', content: prompt }] });

/** Tests of LangChain's package for OpenAI. */
export async function langchain(served: Served): Promise<void> {
  const { z } = await load('zod');
  const { ChatOpenAI, OpenAI, OpenAIEmbeddings } = await load('@langchain/openai');
  const { baseURL, ask } = served;
  const common = { model: 'stories', apiKey: 'none', maxRetries: 0, configuration: { baseURL } };
  const settings = { ...common, temperature: 1, maxTokens: 12, modelKwargs: { seed: 7 } };
  const chat = new ChatOpenAI(settings);

  test('LangChain: answers to chats, whole, in streams and in batches', async () => {
    const prompts = [PROMPT, 'Tell me a story.', 'Where is the dog?'];
    const expected = [];
    for (const prompt of prompts) {
      const { choices, usage } = await ask('/v1/chat/completions', chatOf(prompt));
      expected.push([choices[0].message.content, usage.completion_tokens]);
    }
    // biome-ignore lint/suspicious/noExplicitAny: the package may not be there when types are checked.
    const told = ({ content, usage_metadata }: any) => [content, usage_metadata.output_tokens];
    const message = await chat.invoke(PROMPT);
    assert.equal(told(message), expected[0]);
    assert.is(message.response_metadata.finish_reason, 'length');
    assert.equal((await chat.batch(prompts)).map(told), expected);
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    let whole: any;
    for await (const piece of await chat.stream(PROMPT)) whole = whole?.concat(piece) ?? piece;
    assert.equal(told(whole), expected[0]);
  });

  test('LangChain: structured output fits its schema, as JSON and as the call of a function', async () => {
    const schema = z.object({ animal: z.enum(['cat', 'dog']), legs: z.number().int().min(2).max(4) });
    const long = new ChatOpenAI({ ...settings, maxTokens: 60 });
    for (const method of ['jsonSchema', 'functionCalling']) {
      const object = await long.withStructuredOutput(schema, { method, name: 'pet' }).invoke(PROMPT);
      assert.equal(schema.parse(object), object, method);
    }
    const tool = { type: 'function', function: { name: 'pet', parameters: z.toJSONSchema(schema) } };
    const calling = long.bindTools([tool], { tool_choice: 'pet' });
    const { tool_calls } = await calling.invoke(PROMPT);
    assert.is(tool_calls[0].name, 'pet');
    assert.equal(schema.parse(tool_calls[0].args), tool_calls[0].args);
    const error = await failure(() => long.bindTools([tool]).invoke(PROMPT));
    assert.match(error.message, /the model does not choose among tools/);
  });

  test('LangChain: completions, whole, in streams and in batches', async () => {
    const llm = new OpenAI(settings);
    const prompts = ['Once upon a time', 'The dog'];
    const { choices } = await ask('/v1/completions', { ...ASKED, prompt: prompts });
    const expected = choices.map(({ text }: { text: string }) => text);
    assert.equal(await llm.batch(prompts), expected);
    assert.is(await llm.invoke(prompts[1]), expected[1]);
    let text = '';
    for await (const piece of await llm.stream(prompts[0])) text += piece;
    assert.is(text, expected[0]);
  });

  test('LangChain: embeddings', async () => {
    const input = ['A cat', 'The dog'];
    const { data } = await ask('/v1/embeddings', { input });
    const embeddings = new OpenAIEmbeddings(common);
    const expected = data.map(({ embedding }: { embedding: number[] }) => embedding);
    assert.equal(await embeddings.embedDocuments(input), expected);
    assert.equal(await embeddings.embedQuery(input[0]), expected[0]);
  });

  test('LangChain: a stream that is aborted ends its generation', async () => {
    const controller = new AbortController();
    const endless = new ChatOpenAI({ ...settings, maxTokens: 400 });
    const stream = await endless.stream(PROMPT, { signal: controller.signal });
    await failure(async () => {
      for await (const _ of stream) controller.abort();
    });
    await served.isIdle();
  });

  test('LangChain: the reason why a stream failed in its middle is shown', async () => {
    let text = '';
    const stream = await new ChatOpenAI({ ...settings, model: 'failing' }).stream(PROMPT);
    const error = await failure(async () => {
      for await (const piece of stream) text += piece.content;
    });
    assert.is(text, 'a');
    assert.match(error.message, 'the server failed to answer this request');
  });

  test("LangChain: a busy server is asked again, and errors have the server's message", async () => {
    served.refuse(1);
    const patient = new ChatOpenAI({ ...settings, maxRetries: 1 });
    assert.ok((await patient.invoke(PROMPT)).content.length > 0);
    const error = await failure(() => new ChatOpenAI({ ...settings, topP: 5 }).invoke(PROMPT));
    assert.match(error.message, /top_p is 5; it must be a number from 0 to 1/);
    assert.equal([error.status, error.param], [400, 'top_p']);
  });
}
