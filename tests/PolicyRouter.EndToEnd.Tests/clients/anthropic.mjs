import Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { z } from 'zod';
import { resultOf, retriesOf, schemaOfTools, serve } from './harness.mjs';

const clientOf = ask => new Anthropic({ apiKey: ask.token, baseURL: ask.url, ...retriesOf(ask) });

const toolsOf = ask => ask.tools.map(name => ({ name, description: 'Finds.', input_schema: schemaOfTools }));

function imageOf(dataUrl) {
  const [, media_type, data] = /^data:(.+);base64,(.+)$/.exec(dataUrl);
  return { type: 'image', source: { type: 'base64', media_type, data } };
}

const requestOf = ask => ({
  model: ask.model,
  max_tokens: 8000,
  ...(ask.system ? { system: [{ type: 'text', text: ask.system, cache_control: { type: 'ephemeral' } }] } : {}),
  messages: [{ role: 'user', content: ask.image ? [{ type: 'text', text: ask.text }, imageOf(ask.image)] : ask.text }],
});

const textOf = message => message.content.filter(block => block.type === 'text').map(block => block.text).join('');

const outcomeOf = message => ({
  text: textOf(message),
  finish: message.stop_reason,
  inputTokens: message.usage.input_tokens,
  outputTokens: message.usage.output_tokens,
});

async function streamed(client, request) {
  let text = '';
  let pieces = 0;
  const stream = client.messages.stream(request).on('text', piece => {
    text += piece;
    pieces++;
  });
  const message = await stream.finalMessage();
  return { ...outcomeOf(message), text, pieces, assembled: textOf(message) };
}

const whole = async (client, request) => outcomeOf(await client.messages.create(request));

serve({
  chat: ask => (ask.stream ? streamed : whole)(clientOf(ask), requestOf(ask)),

  async tools(ask) {
    const client = clientOf(ask);
    const request = { ...requestOf(ask), tools: toolsOf(ask) };
    const message = ask.stream ? await client.messages.stream(request).finalMessage() : await client.messages.create(request);
    const calls = message.content.filter(block => block.type === 'tool_use');
    const results = calls.map(call => ({ type: 'tool_result', tool_use_id: call.id, content: resultOf(call.name) }));
    const messages = [...request.messages, { role: 'assistant', content: message.content }, { role: 'user', content: results }];
    const { text } = await (ask.stream ? streamed : whole)(client, { ...request, messages });
    return { finish: message.stop_reason, text, calls: calls.map(call => ({ name: call.name, query: call.input.query })) };
  },

  async object(ask) {
    const format = zodOutputFormat(z.object({ claim: z.string(), open: z.boolean() }));
    return { object: (await clientOf(ask).messages.parse({ ...requestOf(ask), output_config: { format } })).parsed_output };
  },

  async count(ask) {
    const { max_tokens: _, ...request } = requestOf(ask);
    return { inputTokens: (await clientOf(ask).messages.countTokens(request)).input_tokens };
  },

  async models(ask) {
    const models = [];
    for await (const model of clientOf(ask).models.list()) {
      models.push(model.id);
    }

    return { models };
  },

  async abort(ask) {
    let leftAt;
    const stream = clientOf(ask).messages.stream(requestOf(ask));
    stream.on('text', () => {
      leftAt ??= Date.now();
      stream.abort();
    });
    await stream.done().catch(error => {
      if (!(error instanceof Anthropic.APIUserAbortError)) {
        throw error;
      }
    });
    return { leftAt };
  },

  async many(ask) {
    const client = clientOf(ask);
    return { answers: await Promise.all(ask.texts.map(text => streamed(client, requestOf({ ...ask, text })))) };
  },
});
