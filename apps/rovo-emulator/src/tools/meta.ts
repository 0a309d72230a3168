import { executorOf } from '../executor.ts';
// The v2 tools about tools. They read the local catalogue, so they answer when nothing else does.
import { type JsonObject, textOf } from '../json-value.ts';
import type { ToolView } from '../tool-lists.ts';
import { succeeded, type ToolOutcome } from '../tool-result.ts';

/** Tools about tools, by name; execute* are not among them, as they only wrap another call. */
export const META_TOOLS: ReadonlyMap<string, (args: JsonObject, view: ToolView) => ToolOutcome> = new Map([
  ['discover', discover],
  ['getToolDescription', getToolDescription],
]);

const MOST_MATCHES = 20;

function discover(args: JsonObject, view: ToolView): ToolOutcome {
  const words = (textOf(args['query']) ?? '').toLowerCase().split(/\W+/).filter(Boolean);
  const pool = view.deferred.size > 0 ? view.deferred : view.listed;
  const ranked = [...pool.values()]
    .map((tool) => ({ tool, score: scoreOf(`${tool.name} ${tool.description}`, words) }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
    .slice(0, MOST_MATCHES);
  return succeeded({
    tools: ranked.map(({ tool }) => ({
      name: tool.name,
      description: tool.description,
      executeWith: executorOf(tool),
      inputSchema: tool.inputSchema,
    })),
  });
}

function getToolDescription(args: JsonObject, view: ToolView): ToolOutcome {
  const topic = textOf(args['topic']) ?? '';
  const tool = view.listed.get(topic) ?? view.deferred.get(topic);
  return succeeded({ topic, guidance: tool?.description ?? `No guidance on "${topic}".` });
}

function scoreOf(text: string, words: readonly string[]): number {
  const lower = text.toLowerCase();
  return words.filter((word) => lower.includes(word)).length;
}
