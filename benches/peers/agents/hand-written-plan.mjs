// A plan as a team writes it by hand on PostgreSQL: a table of tasks, a table of what waits for what, a
// claim that takes the first planned task whose predecessors are all completed (SKIP LOCKED), and a
// completion that checks the holder. Each is one statement and so one transaction, prepared once.
import pg from "pg";
import { count, options, outcome, payload, pieces, run } from "./common.mjs";

/** Tasks of a layer; each waits for two of the layer before. */
const LAYER = 1_000;

const TABLES = `
CREATE TABLE tasks (
  id bigint PRIMARY KEY,
  title text NOT NULL,
  notes text NOT NULL,
  priority smallint NOT NULL DEFAULT 2,
  status text NOT NULL DEFAULT 'planned' CHECK (status IN ('planned', 'claimed', 'completed')),
  agent text,
  claimed_at timestamptz,
  lease_until timestamptz,
  completed_at timestamptz,
  summary text,
  verification text
);
CREATE INDEX tasks_planned ON tasks (priority, id) WHERE status = 'planned';
CREATE TABLE dependencies (
  task bigint NOT NULL REFERENCES tasks,
  waits_for bigint NOT NULL REFERENCES tasks,
  PRIMARY KEY (task, waits_for)
);
CREATE INDEX dependencies_waits_for ON dependencies (waits_for);
CREATE TABLE history (
  at timestamptz NOT NULL DEFAULT now(),
  task bigint NOT NULL,
  agent text NOT NULL,
  what text NOT NULL
);`;

const CLAIM = `
WITH next AS (
  SELECT id FROM tasks AS candidate
  WHERE status = 'planned' AND NOT EXISTS (
    SELECT FROM dependencies JOIN tasks AS before ON before.id = dependencies.waits_for
    WHERE dependencies.task = candidate.id AND before.status <> 'completed')
  ORDER BY priority, id
  FOR UPDATE SKIP LOCKED
  LIMIT 1
), claimed AS (
  UPDATE tasks SET status = 'claimed', agent = $1, claimed_at = now(),
    lease_until = now() + interval '90 seconds'
  FROM next WHERE tasks.id = next.id
  RETURNING tasks.id, tasks.title, tasks.notes
), noted AS (
  INSERT INTO history (task, agent, what) SELECT id, $1, 'claimed' FROM claimed
)
SELECT id, title, notes FROM claimed`;

const COMPLETE = `
WITH completed AS (
  UPDATE tasks SET status = 'completed', completed_at = now(), summary = $3, verification = $4
  WHERE id = $1 AND agent = $2 AND status = 'claimed'
  RETURNING id
), noted AS (
  INSERT INTO history (task, agent, what) SELECT id, $2, 'completed' FROM completed
)
SELECT id FROM completed`;

async function connect() {
  const client = new pg.Client({ connectionString: options.url });
  await client.connect();
  return client;
}

await run({
  async seed(jobs) {
    const client = await connect();
    await client.query(TABLES);
    for (const numbers of pieces(jobs, 10_000)) {
      const words = numbers.map((number) => payload(number));
      await client.query(
        "INSERT INTO tasks (id, title, notes) SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])",
        [numbers, words.map((word) => word.title), words.map((word) => word.notes)],
      );
    }
    await client.query(
      `INSERT INTO dependencies
       SELECT id, ((id / $1) - 1) * $1 + (id + shift) % $1
       FROM tasks, (VALUES (0::bigint), (1)) AS shifts (shift) WHERE id >= $1`,
      [LAYER],
    );
    await client.query("ANALYZE");
    await client.end();
  },
  async start(agent) {
    const client = await connect();
    const name = `agent-${process.pid}-${agent}`;
    for (;;) {
      const claimed = await client.query({ name: "claim", text: CLAIM, values: [name] });
      if (claimed.rows.length === 0) continue;
      const { id } = claimed.rows[0];
      const values = [id, name, outcome.summary, outcome.verification];
      const completed = await client.query({ name: "complete", text: COMPLETE, values });
      if (completed.rows.length !== 1) throw new Error(`task ${id} was taken away from ${name}`);
      count(agent);
    }
  },
});
