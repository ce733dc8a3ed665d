import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failure } from './failing.js';
import { load } from './packages.js';
import type { Served } from './served.js';

const PROMPT = 'Who is Lily?';
const SAMPLED = { maxOutputTokens: 12, seed: 7, temperature: 1 };
const ASKED = { max_tokens: 12, seed: 7 };
const messages = [{ role: 'user', content: PROMPT }];

/** Tests of Vercel's AI SDK with both of its packages for OpenAI's API. */
export async function aiSdk(served: Served): Promise<void> {
  const { z } = await load('zod');
  const ai = await load('ai');
  const { createOpenAI } = await load('@ai-sdk/openai');
  const { createOpenAICompatible } = await load('@ai-sdk/openai-compatible');
  const { baseURL, ask } = served;
  const openai = createOpenAI({ baseURL, apiKey: 'none' });
  const compatible = createOpenAICompatible({
    ...{ name: 'local', baseURL, includeUsage: true, supportsStructuredOutputs: true },
  });
  const chats = { openai: openai.chat('stories'), compatible: compatible.chatModel('stories') };

  /** What a stream says, and how it ends. */
  // biome-ignore lint/suspicious/noExplicitAny: the package may not be there when types are checked.
  const told = async (result: any) => {
    let text = '';
    for await (const piece of result.textStream) text += piece;
    const { inputTokens, outputTokens } = await result.usage;
    return [text, await result.finishReason, inputTokens, outputTokens];
  };

  for (const [name, model] of Object.entries(chats)) {
    test(`AI SDK, ${name}: texts of chats, whole and in streams`, async () => {
      const { choices, usage } = await ask('/v1/chat/completions', { messages, ...ASKED });
      const expected = [choices[0].message.content, 'length', usage.prompt_tokens, usage.completion_tokens];
      const whole = await ai.generateText({ model, prompt: PROMPT, ...SAMPLED });
      const { inputTokens, outputTokens } = whole.usage;
      assert.equal([whole.text, whole.finishReason, inputTokens, outputTokens], expected);
      assert.equal(await told(ai.streamText({ model, prompt: PROMPT, ...SAMPLED })), expected);
    });

    test(`AI SDK, ${name}: objects fit their schema, whole and in streams`, async () => {
      const schema = z.object({
        name: z.string().max(8),
        age: z.number().int().min(1).max(9),
        friends: z.array(z.enum(['cat', 'dog'])).max(2),
      });
      const asked = { model, schema, prompt: PROMPT, ...SAMPLED, maxOutputTokens: 100 };
      const { object } = await ai.generateObject(asked);
      assert.equal(schema.parse(object), object);
      const stream = ai.streamObject(asked);
      let last: unknown;
      for await (const partial of stream.partialObjectStream) last = partial;
      assert.equal(last, object);
      assert.equal(await stream.object, object);
    });

    test(`AI SDK, ${name}: a named tool is called, and its result answered`, async () => {
      const inputSchema = z.object({ city: z.enum(['Rome', 'Oslo']) });
      const execute = ({ city }: { city: string }) => `rain in ${city}`;
      const tools = { weather: ai.tool({ description: 'the weather', inputSchema, execute }) };
      const toolChoice = { type: 'tool', toolName: 'weather' };
      const asked = { model, tools, prompt: PROMPT, ...SAMPLED, maxOutputTokens: 40 };
      const called = await ai.generateText({ ...asked, toolChoice });
      assert.is(called.finishReason, 'tool-calls');
      const [{ input }] = called.toolCalls;
      assert.equal(inputSchema.parse(input), input);
      assert.is(called.toolResults[0].output, `rain in ${input.city}`);
      const streamed = ai.streamText({ ...asked, toolChoice });
      await streamed.consumeStream();
      assert.equal((await streamed.toolCalls)[0].input, input);

      const dialogue = [{ role: 'user', content: PROMPT }, ...called.response.messages];
      const { prompt, ...rest } = asked;
      const last = await ai.generateText({ ...rest, messages: dialogue, toolChoice: 'none' });
      assert.ok(last.text.length > 0);
      const choosing = await failure(() => ai.generateText(asked));
      assert.match(choosing.message, /tool_choice is "auto": the model does not choose among tools/);
    });

    test(`AI SDK, ${name}: a stream that is aborted ends its generation`, async () => {
      const controller = new AbortController();
      const { textStream } = ai.streamText({
        ...{ model, prompt: PROMPT, ...SAMPLED, maxOutputTokens: 400 },
        ...{ abortSignal: controller.signal, onError() {} },
      });
      for await (const _ of textStream) controller.abort();
      await served.isIdle();
    });

    test(`AI SDK, ${name}: a busy server is asked again, and errors have the server's message`, async () => {
      served.refuse(1);
      const { text } = await ai.generateText({ model, prompt: PROMPT, ...SAMPLED, maxRetries: 1 });
      assert.ok(text.length > 0);
      const error = await failure(() => ai.generateText({ model, prompt: PROMPT, topP: 5, maxRetries: 1 }));
      assert.equal([error.statusCode, error.isRetryable], [400, false]);
      assert.is(error.message, 'top_p is 5; it must be a number from 0 to 1');
    });
  }

  for (const [name, provider] of Object.entries({ openai, compatible })) {
    test(`AI SDK, ${name}: the reason why a stream failed in its middle is shown`, async () => {
      const model = name === 'openai' ? openai.chat('failing') : provider.chatModel('failing');
      const { fullStream } = ai.streamText({ model, prompt: PROMPT, onError() {} });
      const parts = [];
      for await (const part of fullStream) parts.push(part);
      assert.is(parts.find(({ type }) => type === 'text-delta')?.text, 'a');
      const { error } = parts.find(({ type }) => type === 'error')!;
      assert.match(JSON.stringify(error) + error.message, 'the server failed to answer this request');
    });
  }

  for (const [name, model] of [
    ['openai', openai.completion('stories')],
    ['compatible', compatible.completionModel('stories')],
  ]) {
    test(`AI SDK, ${name}: completions, whole and in streams`, async () => {
      const whole = await ai.generateText({ model, prompt: PROMPT, ...SAMPLED });
      const { inputTokens, outputTokens } = whole.usage;
      const expected = [whole.text, 'length', inputTokens, outputTokens];
      assert.ok(whole.text.length > 0 && outputTokens === 12);
      assert.equal(await told(ai.streamText({ model, prompt: PROMPT, ...SAMPLED })), expected);
    });
  }

  test('AI SDK: many embeddings', async () => {
    const values = ['A cat', 'The dog', 'One day'];
    const { data } = await ask('/v1/embeddings', { input: values });
    const expected = data.map(({ embedding }: { embedding: number[] }) => embedding);
    for (const model of [openai.embedding('stories'), compatible.embeddingModel('stories')]) {
      assert.equal((await ai.embedMany({ model, values })).embeddings, expected);
    }
  });

  test("AI SDK: OpenAI's other API is answered with the routes that there are", async () => {
    const error = await failure(() => ai.generateText({ model: openai('stories'), prompt: PROMPT }));
    assert.match(error.message, /there is no POST \/v1\/responses; the routes are .*\/v1\/chat\/completions/);
  });
}
