// pg-boss on PostgreSQL: an agent has a connection of its own and fetches a job and completes it. `work()`,
// its loop for applications, waits half a second or more between two polls and is not made for a closed loop.
import { PgBoss } from "pg-boss";
import { count, options, outcome, payload, pieces, run } from "./common.mjs";

const QUEUE = "tasks";

async function boss(more) {
  const made = new PgBoss({ connectionString: options.url, ...more });
  made.on("error", (error) => { throw error; });
  await made.start();
  return made;
}

await run({
  async seed(jobs) {
    const made = await boss({ max: 2 });
    await made.createQueue(QUEUE);
    for (const numbers of pieces(jobs, 1_000)) {
      await made.insert(QUEUE, numbers.map((number) => ({ data: payload(number) })));
    }
    await made.stop();
  },
  async start(agent) {
    // One of them looks after the tables, as in an application; all others only work.
    const made = await boss({ max: 1, migrate: false, supervise: agent === 0 && options.first, schedule: false });
    for (;;) {
      const [job] = await made.fetch(QUEUE);
      if (job === undefined) continue;
      await made.complete(QUEUE, job.id, outcome);
      count(agent);
    }
  },
});
