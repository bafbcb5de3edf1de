import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { resultOf, retriesOf, schemaOfTools, serve } from './harness.mjs';

const clientOf = ask => new OpenAI({ apiKey: ask.token, baseURL: `${ask.url}/v1`, ...retriesOf(ask) });

const toolsOf = ask => ask.tools.map(name => ({ type: 'function', function: { name, description: 'Finds.', parameters: schemaOfTools } }));

const contentOf = ask =>
  ask.image ? [{ type: 'text', text: ask.text }, { type: 'image_url', image_url: { url: ask.image } }] : ask.text;

const requestOf = ask => ({ model: ask.model, messages: [{ role: 'user', content: contentOf(ask) }] });

async function streamed(client, request, options) {
  const outcome = { text: '', pieces: 0 };
  for await (const chunk of await client.chat.completions.create({ ...request, stream: true, stream_options: { include_usage: true } }, options)) {
    const [choice] = chunk.choices;
    if (choice?.delta.content) {
      outcome.text += choice.delta.content;
      outcome.pieces++;
    }

    outcome.finish = choice?.finish_reason ?? outcome.finish;
    outcome.inputTokens = chunk.usage?.prompt_tokens ?? outcome.inputTokens;
    outcome.outputTokens = chunk.usage?.completion_tokens ?? outcome.outputTokens;
  }

  return outcome;
}

async function whole(client, request) {
  const { choices: [choice], usage } = await client.chat.completions.create(request);
  return { text: choice.message.content, finish: choice.finish_reason, inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens };
}

serve({
  chat: ask => (ask.stream ? streamed : whole)(clientOf(ask), requestOf(ask)),

  async tools(ask) {
    const client = clientOf(ask);
    const request = { ...requestOf(ask), tools: toolsOf(ask) };
    const answer = ask.stream
      ? await client.chat.completions.stream(request).finalChatCompletion()
      : await client.chat.completions.create(request);
    const [{ message, finish_reason: finish }] = answer.choices;
    const results = message.tool_calls.map(call => ({ role: 'tool', tool_call_id: call.id, content: resultOf(call.function.name) }));
    const followUp = { ...request, messages: [...request.messages, message, ...results] };
    const { text } = await (ask.stream ? streamed : whole)(client, followUp);
    return { finish, text, calls: message.tool_calls.map(call => ({ name: call.function.name, query: JSON.parse(call.function.arguments).query })) };
  },

  async object(ask) {
    const format = zodResponseFormat(z.object({ claim: z.string(), open: z.boolean() }), 'claim');
    const answer = await clientOf(ask).chat.completions.parse({ ...requestOf(ask), response_format: format });
    return { object: answer.choices[0].message.parsed };
  },

  async embed(ask) {
    const vectors = [];
    for (const encoding of [{}, { encoding_format: 'float' }]) {
      const { data } = await clientOf(ask).embeddings.create({ model: ask.model, input: ask.texts, ...encoding });
      vectors.push(...data.map(one => one.embedding));
    }

    return { vectors };
  },

  async models(ask) {
    const models = [];
    for await (const model of clientOf(ask).models.list()) {
      models.push(model.id);
    }

    return { models };
  },

  async abort(ask) {
    const leaving = new AbortController();
    let leftAt;
    const request = { ...requestOf(ask), stream: true };
    for await (const chunk of await clientOf(ask).chat.completions.create(request, { signal: leaving.signal })) {
      if (chunk.choices[0]?.delta.content && !leftAt) {
        leftAt = Date.now();
        leaving.abort();
      }
    }

    return { leftAt };
  },

  async many(ask) {
    const client = clientOf(ask);
    return { answers: await Promise.all(ask.texts.map(text => streamed(client, requestOf({ ...ask, text })))) };
  },
});
