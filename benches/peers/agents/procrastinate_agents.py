"""procrastinate on PostgreSQL: an agent is a worker with concurrency 1 and a pool of its own.

Options and timing are those of common.mjs: one JSON document on the first line of stdin, "go" on the second.
"""

import asyncio
import json
import os
import sys
import time

import procrastinate

TITLE = "draw the line between the harbour and the market square"
NOTES = "Take the shorter way where both are open, and say which one was taken and why."


def app_of(url: str, on_done) -> tuple[procrastinate.App, procrastinate.tasks.Task]:
    """An app with its own connections and the one task there is."""
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=4)
    )

    @app.task(name="task", queue="tasks")
    async def task(title: str, notes: str) -> None:
        on_done()

    return app, task


async def seed(options: dict) -> None:
    app, task = app_of(options["url"], lambda: None)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for first in range(0, options["jobs"], 1_000):
            numbers = range(first, min(first + 1_000, options["jobs"]))
            jobs = [{"title": f"Task {number}: {TITLE}", "notes": NOTES} for number in numbers]
            await task.batch_defer_async(*jobs)


async def work(options: dict) -> None:
    finished = [0] * options["agents"]

    async def agent(place: int) -> None:
        def done() -> None:
            finished[place] += 1

        app, _ = app_of(options["url"], done)
        async with app.open_async():
            await app.run_worker_async(
                queues=["tasks"], concurrency=1, install_signal_handlers=False
            )
            raise RuntimeError("a worker ended by itself")

    async def count() -> None:
        while min(finished) == 0:
            await asyncio.sleep(0.005)
        print("ready", flush=True)
        if not await asyncio.to_thread(sys.stdin.readline):
            raise RuntimeError("whoever started this program is gone")
        await asyncio.sleep(options["warm_up_ms"] / 1_000)
        before, started = sum(finished), time.perf_counter()
        await asyncio.sleep(options["count_ms"] / 1_000)
        loops = sum(finished) - before
        elapsed_ms = (time.perf_counter() - started) * 1_000
        report = {"loops": loops, "elapsed_ms": elapsed_ms, "finished": sum(finished)}
        print(json.dumps(report), flush=True)

    agents = [asyncio.create_task(agent(place)) for place in range(options["agents"])]
    counting = asyncio.create_task(count())
    ended, _ = await asyncio.wait([counting, *agents], return_when=asyncio.FIRST_COMPLETED)
    for one in ended:
        one.result()


def main() -> None:
    options = json.loads(sys.stdin.readline())
    if options["step"] == "seed":
        asyncio.run(seed(options))
        return
    asyncio.new_event_loop().run_until_complete(work(options))
    # The workers still run; what they hold is thrown away with the server.
    os._exit(0)


if __name__ == "__main__":
    main()
