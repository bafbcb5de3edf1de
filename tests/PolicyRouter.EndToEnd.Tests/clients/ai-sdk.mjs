import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { embedMany, generateObject, generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { resultOf, retriesOf, schemaOfTools, serve } from './harness.mjs';

const settingsOf = ask => ({ apiKey: ask.token, baseURL: `${ask.url}/v1` });

const modelOf = ask => ({
  'chat completions': () => createOpenAI(settingsOf(ask)).chat(ask.model),
  responses: () => createOpenAI(settingsOf(ask)).responses(ask.model),
  messages: () => createAnthropic(settingsOf(ask))(ask.model),
})[ask.api]();

const requestOf = ask => ({
  ...retriesOf(ask),
  model: modelOf(ask),
  messages: [{ role: 'user', content: ask.image ? [{ type: 'text', text: ask.text }, { type: 'image', image: ask.image }] : ask.text }],
});

const outcomeOf = async result => {
  const usage = await result.usage;
  return { text: await result.text, finish: await result.finishReason, inputTokens: usage.inputTokens, outputTokens: usage.outputTokens };
};

/** Reads a stream to its end; what broke it is a part of it. */
async function drain(result, onText = () => {}) {
  for await (const part of result.fullStream) {
    if (part.type === 'error') {
      throw part.error;
    }

    if (part.type === 'text-delta') {
      onText();
    }
  }
}

async function streamed(request) {
  let pieces = 0;
  const result = streamText({ ...request, onError() {} });
  await drain(result, () => pieces++);
  return { ...(await outcomeOf(result)), pieces };
}

serve({
  chat: async ask => (ask.stream ? streamed(requestOf(ask)) : outcomeOf(await generateText(requestOf(ask)))),

  async tools(ask) {
    const tools = Object.fromEntries(ask.tools.map(name =>
      [name, tool({ description: 'Finds.', inputSchema: jsonSchema(schemaOfTools), execute: async () => resultOf(name) })]));
    const request = { ...requestOf(ask), tools, stopWhen: stepCountIs(3) };
    const result = ask.stream ? streamText({ ...request, onError() {} }) : await generateText(request);
    if (ask.stream) {
      await drain(result);
    }

    const [first] = await result.steps;
    return {
      finish: first.finishReason,
      text: await result.text,
      calls: first.toolCalls.map(call => ({ name: call.toolName, query: call.input.query })),
    };
  },

  async object(ask) {
    const schema = z.object({ claim: z.string(), open: z.boolean() });
    const providerOptions = { anthropic: { structuredOutputMode: 'outputFormat' } };
    return { object: (await generateObject({ ...requestOf(ask), schema, providerOptions })).object };
  },

  async embed(ask) {
    return { vectors: (await embedMany({ model: createOpenAI(settingsOf(ask)).embeddingModel(ask.model), values: ask.texts })).embeddings };
  },

  async abort(ask) {
    const leaving = new AbortController();
    let leftAt;
    await drain(streamText({ ...requestOf(ask), abortSignal: leaving.signal }), () => {
      leftAt ??= Date.now();
      leaving.abort();
    });
    return { leftAt };
  },

  async many(ask) {
    const request = requestOf(ask);
    return { answers: await Promise.all(ask.texts.map(text => streamed({ ...request, messages: [{ role: 'user', content: text }] }))) };
  },
});
