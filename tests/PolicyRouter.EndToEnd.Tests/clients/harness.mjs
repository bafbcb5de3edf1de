import { createInterface } from 'node:readline';

// What libraries have to say to people must not stand between the answers.
console.log = console.info = console.error;

/** The functions that the scenarios offer to the model; each takes one text. */
export const schemaOfTools = { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] };

/** What the application that runs a function answers. */
export const resultOf = name => `${name} found it.`;

/** Fills in what a client takes as its number of retries, where the test does not leave that to the library. */
export const retriesOf = ask => (ask.retries == null ? {} : { maxRetries: ask.retries });

/** The class of what was thrown; a library that bundles its classes under other names says so in their instances. */
const kindOf = error => (error.name?.startsWith('AI_') ? error.name : error.constructor.name);

/**
 * Reads one JSON object a line, runs the scenario that it names, and writes one JSON object a line: what the scenario returned, or what
 * the library threw.
 */
export function serve(scenarios) {
  createInterface({ input: process.stdin }).on('line', async line => {
    const ask = JSON.parse(line);
    let outcome;
    try {
      outcome = await scenarios[ask.scenario](ask);
    } catch (error) {
      outcome = { error: { kind: kindOf(error), status: error.status ?? error.statusCode, text: error.stack ?? JSON.stringify(error) } };
    }

    process.stdout.write(`${JSON.stringify({ id: ask.id, ...outcome })}\n`);
  });
}
