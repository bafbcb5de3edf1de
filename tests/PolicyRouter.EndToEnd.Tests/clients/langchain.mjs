import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { z } from 'zod';
import { resultOf, retriesOf, schemaOfTools, serve } from './harness.mjs';

const settingsOf = ask => ({ model: ask.model, apiKey: ask.token, configuration: { baseURL: `${ask.url}/v1` }, ...retriesOf(ask) });

const modelOf = ask => new ChatOpenAI(settingsOf(ask));

const messageOf = ask => new HumanMessage(
  ask.image ? { content: [{ type: 'text', text: ask.text }, { type: 'image_url', image_url: { url: ask.image } }] } : ask.text);

const outcomeOf = message => ({
  text: message.text,
  finish: message.response_metadata.finish_reason,
  inputTokens: message.usage_metadata?.input_tokens,
  outputTokens: message.usage_metadata?.output_tokens,
});

/** The chunks of a stream joined to one message, as applications do it. */
async function joined(model, messages, pieces = []) {
  let message;
  for await (const chunk of await model.stream(messages)) {
    message = message ? message.concat(chunk) : chunk;
    pieces.push(chunk.text);
  }

  return message;
}

async function streamed(model, messages) {
  const pieces = [];
  const message = await joined(model, messages, pieces);
  return { ...outcomeOf(message), pieces: pieces.filter(piece => piece).length };
}

serve({
  chat: async ask => (ask.stream ? streamed(modelOf(ask), [messageOf(ask)]) : outcomeOf(await modelOf(ask).invoke([messageOf(ask)]))),

  async tools(ask) {
    const tools = ask.tools.map(name => ({ type: 'function', function: { name, description: 'Finds.', parameters: schemaOfTools } }));
    const model = modelOf(ask).bindTools(tools);
    const send = messages => (ask.stream ? joined(model, messages) : model.invoke(messages));
    const asked = messageOf(ask);
    const message = await send([asked]);
    const results = message.tool_calls.map(call => new ToolMessage({ tool_call_id: call.id, content: resultOf(call.name) }));
    const { text } = await send([asked, message, ...results]);
    return {
      finish: message.response_metadata.finish_reason,
      text,
      calls: message.tool_calls.map(call => ({ name: call.name, query: call.args.query })),
    };
  },

  async object(ask) {
    const schema = z.object({ claim: z.string(), open: z.boolean() });
    return { object: await modelOf(ask).withStructuredOutput(schema, { name: 'claim', method: 'jsonSchema' }).invoke([messageOf(ask)]) };
  },

  async embed(ask) {
    return { vectors: await new OpenAIEmbeddings(settingsOf(ask)).embedDocuments(ask.texts) };
  },

  async abort(ask) {
    const leaving = new AbortController();
    let leftAt;
    try {
      for await (const chunk of await modelOf(ask).stream([messageOf(ask)], { signal: leaving.signal })) {
        if (chunk.text && !leftAt) {
          leftAt = Date.now();
          leaving.abort();
        }
      }
    } catch (error) {
      if (!leftAt) {
        throw error;
      }
    }

    return { leftAt };
  },

  async many(ask) {
    const model = modelOf(ask);
    return { answers: await Promise.all(ask.texts.map(text => streamed(model, [new HumanMessage(text)]))) };
  },
});
