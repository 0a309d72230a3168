import { LRUCache } from 'lru-cache';

/** A tool of a site went from one definition to another; the empty text is none. */
interface Step {
  readonly place: string;
  readonly tool: string;
  readonly from: string;
  readonly to: string;
}

/** Whether a step is told for the first time: many callers see the same site change, each in a list of its own. */
export type IsNews = (step: Step) => boolean;

const MAX_TOOLS = 5_000;
const MAX_STEPS = 16;
/** As long as a caller may keep an old list and see the step late. */
const REMEMBERED_MS = 24 * 60 * 60 * 1_000;

/** Forgets a step as soon as the tool goes on or comes back, so that doing it again is news again. */
export function createNews(): IsNews {
  const told = new LRUCache<string, readonly Step[]>({ max: MAX_TOOLS, ttl: REMEMBERED_MS });
  return (step) => {
    const key = `${step.place} ${step.tool}`;
    const steps = told.get(key) ?? [];
    if (steps.some(({ from, to }) => from === step.from && to === step.to)) return false;
    const others = steps.filter(({ from, to }) => to !== step.from && from !== step.to);
    told.set(key, [...others, step].slice(-MAX_STEPS));
    return true;
  };
}
