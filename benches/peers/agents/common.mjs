// What the programs of all peers written for Node.js share: their options, the jobs they work on, and how
// they are timed. The first line of stdin is one JSON document of options; "go" on the second starts the
// count, after every agent has finished at least one job.
import { createInterface } from "node:readline";
import { performance } from "node:perf_hooks";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function line() {
  const { value, done } = await lines.next();
  if (done) {
    // Whoever started this program is gone.
    process.exit(1);
  }
  return value;
}

/** @type {{step: "seed" | "work", agents: number, jobs: number, count_ms: number, warm_up_ms: number}} */
export const options = JSON.parse(await line());

/** What a job says: about as much as a task of a plan. */
export function payload(number) {
  return {
    title: `Task ${number}: draw the line between the harbour and the market square`,
    notes: "Take the shorter way where both are open, and say which one was taken and why.",
  };
}

/** What a finished job brings, where there is a place for it. */
export const outcome = {
  summary: "The line is drawn along the quay.",
  verification: "Walked twice; both ways meet at the square.",
};

/** The numbers from 0 up to `count`, in pieces of at most `size`. */
export function* pieces(count, size) {
  for (let first = 0; first < count; first += size) {
    const length = Math.min(size, count - first);
    yield Array.from({ length }, (_, at) => first + at);
  }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Finished jobs by agent. */
const finished = new Array(options.agents).fill(0);

/** To be called whenever an agent has finished a job. */
export function count(agent) {
  finished[agent] += 1;
}

const total = () => finished.reduce((sum, count) => sum + count, 0);

/**
 * Starts one agent after the other, waits until each has finished a job, counts, and ends the process.
 * `start(agent)` may return a promise that never settles: a loop.
 */
export async function measure(start) {
  for (let agent = 0; agent < options.agents; agent += 1) {
    Promise.resolve(start(agent)).catch(fail);
  }
  while (finished.some((count) => count === 0)) {
    await sleep(5);
  }
  process.stdout.write("ready\n");
  await line();
  await sleep(options.warm_up_ms);
  const before = total();
  const started = performance.now();
  await sleep(options.count_ms);
  const loops = total() - before;
  const elapsed_ms = performance.now() - started;
  const report = { loops, elapsed_ms, finished: total() };
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
}

/** Ends the process with what went wrong. */
export function fail(error) {
  process.stderr.write(`${error?.stack ?? error}\n`, () => process.exit(1));
}

process.on("unhandledRejection", fail);

/** Runs the step that was asked for. */
export async function run({ seed, start }) {
  try {
    if (options.step === "seed") {
      await seed(options.jobs);
      process.exit(0);
    }
    await measure(start);
  } catch (error) {
    fail(error);
  }
}
