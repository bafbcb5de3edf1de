import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { resultOf, retriesOf, schemaOfTools, serve } from './harness.mjs';

const clientOf = ask => new OpenAI({ apiKey: ask.token, baseURL: `${ask.url}/v1`, ...retriesOf(ask) });

const toolsOf = ask => ask.tools.map(name => ({ type: 'function', name, description: 'Finds.', parameters: schemaOfTools, strict: false }));

const contentOf = ask =>
  ask.image ? [{ type: 'input_text', text: ask.text }, { type: 'input_image', image_url: ask.image, detail: 'auto' }] : ask.text;

const requestOf = ask => ({ model: ask.model, input: [{ role: 'user', content: contentOf(ask) }] });

const outcomeOf = response => ({
  text: response.output_text,
  finish: response.status,
  inputTokens: response.usage.input_tokens,
  outputTokens: response.usage.output_tokens,
});

async function streamed(client, request) {
  let text = '';
  let pieces = 0;
  const stream = client.responses.stream(request).on('response.output_text.delta', event => {
    text += event.delta;
    pieces++;
  });
  const response = await stream.finalResponse();
  return { ...outcomeOf(response), text, pieces, assembled: response.output_text };
}

const whole = async (client, request) => outcomeOf(await client.responses.create(request));

serve({
  chat: ask => (ask.stream ? streamed : whole)(clientOf(ask), requestOf(ask)),

  async tools(ask) {
    const client = clientOf(ask);
    const request = { ...requestOf(ask), tools: toolsOf(ask) };
    const { output, status: finish } = ask.stream
      ? await client.responses.stream(request).finalResponse()
      : await client.responses.create(request);
    const calls = output.filter(item => item.type === 'function_call');
    const results = calls.map(call => ({ type: 'function_call_output', call_id: call.call_id, output: resultOf(call.name) }));
    // What the helper adds to the items of an answer is for the application only.
    const answered = calls.map(({ parsed_arguments: _, ...call }) => call);
    const { text } = await (ask.stream ? streamed : whole)(client, { ...request, input: [...request.input, ...answered, ...results] });
    return { finish, text, calls: calls.map(call => ({ name: call.name, query: JSON.parse(call.arguments).query })) };
  },

  async object(ask) {
    const format = zodTextFormat(z.object({ claim: z.string(), open: z.boolean() }), 'claim');
    return { object: (await clientOf(ask).responses.parse({ ...requestOf(ask), text: { format } })).output_parsed };
  },

  async abort(ask) {
    const leaving = new AbortController();
    let leftAt;
    for await (const event of await clientOf(ask).responses.create({ ...requestOf(ask), stream: true }, { signal: leaving.signal })) {
      if (event.type === 'response.output_text.delta' && !leftAt) {
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
