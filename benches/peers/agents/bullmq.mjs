// BullMQ on Redis: an agent is a Worker with concurrency 1. With `flows` the jobs are trees: a job waits for
// its two children, down to a depth of six below the top.
import { FlowProducer, Queue, Worker } from "bullmq";
import { count, options, outcome, payload, pieces, run } from "./common.mjs";

const QUEUE = "tasks";
/** Jobs of one tree: seven levels, each twice as wide as the one above. */
const TREE_JOBS = 127;

const connection = {
  host: "127.0.0.1",
  port: options.port,
  password: options.password,
  maxRetriesPerRequest: null,
};

function tree(first, place = 0) {
  const job = { name: "task", queueName: QUEUE, data: payload(first + place) };
  const children = [2 * place + 1, 2 * place + 2].filter((child) => child < TREE_JOBS);
  return children.length === 0
    ? job
    : { ...job, children: children.map((child) => tree(first, child)) };
}

await run({
  async seed(jobs) {
    if (options.flows) {
      const producer = new FlowProducer({ connection });
      for (const trees of pieces(Math.ceil(jobs / TREE_JOBS), 16)) {
        await producer.addBulk(trees.map((nth) => tree(nth * TREE_JOBS)));
      }
      return;
    }
    const queue = new Queue(QUEUE, { connection });
    for (const numbers of pieces(jobs, 1_000)) {
      await queue.addBulk(numbers.map((number) => ({ name: "task", data: payload(number) })));
    }
  },
  start(agent) {
    const worker = new Worker(QUEUE, async () => outcome, { connection, concurrency: 1 });
    worker.on("completed", () => count(agent));
    worker.on("failed", (_, error) => { throw error; });
    worker.on("error", (error) => { throw error; });
  },
});
