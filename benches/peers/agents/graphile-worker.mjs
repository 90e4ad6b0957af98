// graphile-worker on PostgreSQL: an agent is a runner with concurrency 1 and connections of its own, one
// for its queries and one that listens.
import { makeWorkerUtils, run as runner } from "graphile-worker";
import { Logger } from "@graphile/logger";
import { count, options, payload, pieces, run } from "./common.mjs";

const shared = {
  connectionString: options.url,
  logger: new Logger(() => (level, message) => {
    if (level === "error") throw new Error(message);
  }),
};

await run({
  async seed(jobs) {
    const utils = await makeWorkerUtils(shared);
    await utils.migrate();
    for (const numbers of pieces(jobs, 1_000)) {
      await utils.addJobs(
        numbers.map((number) => ({ identifier: "task", payload: payload(number) })),
      );
    }
    await utils.release();
  },
  async start(agent) {
    const started = await runner({
      ...shared,
      concurrency: 1,
      maxPoolSize: 2,
      noHandleSignals: true,
      parsedCronItems: [],
      taskList: { task: async () => {} },
    });
    started.events.on("job:complete", () => count(agent));
    await started.promise;
  },
});
