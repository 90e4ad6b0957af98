#!/usr/bin/env python3
"""Measures Muster beside what teams would otherwise run: the same closed loop, claim a job and complete it, on
one machine, in turn, in one go. See README.md beside this file."""

import argparse
import contextlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import report
import servers
from servers import Trouble

HERE = Path(__file__).resolve().parent
AGENTS = (1, 8, 32)
# Jobs of a row, at most: they are seeded one by one, each on disk.
JOBS_MAX = 400_000
# A row in which fewer than these jobs of a hundred were left has measured the end of the queue.
LEFT_PERCENT_MIN = 5
SEED_S = 600
READY_S = 120
MUSTER_S = 1_800


@dataclass(frozen=True)
class Peer:
    """What is measured beside Muster."""

    name: str
    # Its server, of servers.py.
    server: object
    # The program of its agents, in agents/.
    program: str
    # The libraries its agents use.
    packages: tuple[str, ...]
    # Whether a job can wait for others.
    dependencies: bool
    # Loops per second to expect of one agent and of many, for how many jobs a first row needs.
    expected: tuple[int, int]
    # How it is set up, for the foot of the table.
    settings: str
    options: dict = field(default_factory=dict)
    # Its server waits for one fsync after the other, however many agents ask.
    serial: bool = False


PEERS = [
    Peer("beanstalkd", servers.beanstalkd, "beanstalkd.mjs", (), False, (3_000, 12_000),
         "-b -f0; an agent is a connection: reserve, delete", serial=True),
    Peer("BullMQ", servers.redis, "bullmq.mjs", ("bullmq", "ioredis"), False, (3_000, 14_000),
         "appendonly, appendfsync always; an agent is a Worker with concurrency 1"),
    Peer("BullMQ flows", servers.redis, "bullmq.mjs", ("bullmq", "ioredis"), True, (2_500, 10_000),
         "as BullMQ; jobs in trees of 127, each waits for two", {"flows": True}),
    Peer("hand-written plan", servers.postgres, "hand-written-plan.mjs", ("pg",), True, (1_000, 6_000),
         "tasks in layers of 1,000, each waits for two of the layer before; SKIP LOCKED; a statement each"),
    Peer("graphile-worker", servers.postgres, "graphile-worker.mjs", ("graphile-worker", "pg"), False, (1_000, 6_000),
         "an agent is a runner with concurrency 1"),
    Peer("pg-boss", servers.postgres, "pg-boss.mjs", ("pg-boss", "pg"), False, (600, 3_000),
         "an agent fetches one job and completes it"),
    Peer("procrastinate", servers.postgres, "procrastinate_agents.py", ("procrastinate", "psycopg"), False,
         (300, 2_000), "an agent is a worker with concurrency 1"),
]


class Agents:
    """A process with some of the agents of a row."""

    def __init__(self, command: list[str], options: dict):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )
        self.errors: list[str] = []
        self._reader = threading.Thread(target=self._read_errors, daemon=True)
        self._reader.start()
        self.say(json.dumps(options))

    def _read_errors(self) -> None:
        for line in self.process.stderr:
            self.errors = [*self.errors[-20:], line]

    def say(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()

    def line(self, limit_s: float) -> str:
        """The next line it says."""
        watchdog = threading.Timer(limit_s, self.kill)
        watchdog.start()
        try:
            line = self.process.stdout.readline()
        finally:
            watchdog.cancel()
        if not line:
            self.complain(f"said nothing within {limit_s:.0f} s, or ended")
        return line

    def end(self, limit_s: float) -> None:
        """Waits until it is done."""
        try:
            code = self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            self.complain(f"did not end within {limit_s:.0f} s")
        if code != 0:
            self.complain(f"ended with {code}")

    def complain(self, what: str) -> None:
        self.kill()
        self._reader.join(2)
        program = Path(self.process.args[-1]).name
        raise Trouble(f"{program} {what}: {''.join(self.errors).strip() or 'no word of why'}")

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def shares(agents: int, processes: int) -> list[int]:
    """How many agents each process has."""
    processes = min(agents, processes)
    return [agents // processes + (nth < agents % processes) for nth in range(processes)]


class Run:
    """Everything of one go."""

    def __init__(self, arguments: argparse.Namespace, data: Path):
        self.arguments = arguments
        self.data = data
        self.folder = arguments.folder
        self.node = self._node()
        self.python = self.folder / "python/bin/python"
        # Libraries are looked up from where a program stands, so the programs stand beside them.
        shutil.copytree(HERE / "agents", self.folder / "agents", dirs_exist_ok=True)
        # Loops per second seen, by peer and agents.
        self.seen: dict[tuple[str, int], float] = {}
        self.fsync_us = servers.fsync_us(data)

    def _node(self) -> str:
        own = self.folder / "node/bin/node"
        found = str(own) if own.exists() else shutil.which("node")
        if found is None or not (self.folder / "node_modules").exists():
            raise Trouble(f"nothing is installed in {self.folder}; run benches/peers/install.sh first")
        return found

    def command(self, peer: Peer) -> list[str]:
        """The command line of a peer's agents."""
        interpreter = str(self.python) if peer.program.endswith(".py") else self.node
        return [interpreter, str(self.folder / "agents" / peer.program)]

    def row(self, peer: Peer, agents: int) -> float:
        """Loops per second of one peer with so many agents, on a server of its own."""
        window_s = (self.arguments.count_ms + self.arguments.warm_up_ms) / 1_000 + 1
        expected = self.seen.get((peer.name, agents)) or self.expected(peer, agents)
        jobs = min(JOBS_MAX, int(expected * window_s * 1.5) + 1_000)
        while True:
            loops, finished = self.attempt(peer, agents, jobs)
            if finished * 100 <= jobs * (100 - LEFT_PERCENT_MIN):
                self.seen[peer.name, agents] = loops
                return loops
            if jobs == JOBS_MAX:
                raise Trouble(f"{peer.name} worked {JOBS_MAX} jobs off before the count ended")
            jobs = min(JOBS_MAX, jobs * 2)

    def expected(self, peer: Peer, agents: int) -> float:
        """Loops per second that a first row may reach: each takes an fsync of its own, or shares one."""
        at_once = 1 if peer.serial else agents
        by_disk = 1.2e6 / self.fsync_us * at_once
        return min(peer.expected[0] * agents, peer.expected[1], by_disk)

    def attempt(self, peer: Peer, agents: int, jobs: int) -> tuple[float, int]:
        """Seeds a fresh server and counts; loops per second, and jobs finished in all."""
        place = Path(tempfile.mkdtemp(prefix="row-", dir=self.data))
        options = {
            **peer.options,
            "jobs": jobs,
            "count_ms": self.arguments.count_ms,
            "warm_up_ms": self.arguments.warm_up_ms,
        }
        started: list[Agents] = []
        try:
            with peer.server(self.folder, place) as where:
                options.update(where)
                seed = Agents(self.command(peer), {**options, "step": "seed", "agents": 1})
                started.append(seed)
                seed.end(SEED_S)
                for nth, share in enumerate(shares(agents, self.arguments.processes)):
                    work = {**options, "step": "work", "agents": share, "first": nth == 0}
                    started.append(Agents(self.command(peer), work))
                working = started[1:]
                for one in working:
                    one.line(READY_S)
                for one in working:
                    one.say("go")
                limit_s = READY_S + (self.arguments.count_ms + self.arguments.warm_up_ms) / 1_000
                counted = [json.loads(one.line(limit_s)) for one in working]
        finally:
            for one in started:
                one.kill()
                one.process.wait()
            shutil.rmtree(place, ignore_errors=True)
        loops = sum(each["loops"] * 1_000 / each["elapsed_ms"] for each in counted)
        return loops, sum(each["finished"] for each in counted)

    def muster(self) -> dict[int, float]:
        """Loops per second of Muster by agents, by its own bench."""
        counts = ",".join(str(agents) for agents in self.arguments.agents)
        command = [str(self.arguments.muster), "bench", "--agents", counts, "--tasks",
                   str(self.arguments.tasks), "--json"]
        place = Path(tempfile.mkdtemp(prefix="muster-", dir=self.data))
        try:
            said = subprocess.run(
                command, env={**os.environ, "TMPDIR": str(place)}, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=MUSTER_S,
            )
        except subprocess.TimeoutExpired as error:
            raise Trouble(f"{' '.join(command)} did not end within {MUSTER_S} s") from error
        finally:
            shutil.rmtree(place, ignore_errors=True)
        if said.returncode != 0:
            raise Trouble(f"{' '.join(command)} ended with {said.returncode}: {said.stderr.strip()}")
        return muster_rows(said.stdout, self.arguments.agents)


def muster_rows(text: str, agents: list[int]) -> dict[int, float]:
    """The loops per second that `muster bench --json` says, by agents."""
    try:
        rows = json.loads(text)["rows"]
        said = {int(row["agents"]): float(row["loops_per_s"]) for row in rows}
    except (ValueError, KeyError, TypeError) as error:
        raise Trouble(f"muster bench --json answers with no rows of loops_per_s ({error!r})") from error
    missing = [count for count in agents if count not in said]
    if missing:
        raise Trouble(f"muster bench --json has no row for {missing} agents")
    return said


def versions(run: Run, peers: list[Peer]) -> dict[str, str]:
    """What is measured, by name, in which version."""
    folder = run.folder
    found = {}
    if run.arguments.muster:
        said = subprocess.run([run.arguments.muster, "--version"], capture_output=True, text=True, timeout=30)
        first = (said.stdout.splitlines() or ["of unknown version"])[0]
        found["Muster"] = first.removeprefix("muster ").strip()
    programs = {
        servers.beanstalkd: ("beanstalkd", "beanstalkd", "-v"),
        servers.redis: ("Redis", "redis-server", "--version"),
        servers.postgres: ("PostgreSQL", "postgres", "--version"),
    }
    for peer in peers:
        name, program, flag = programs[peer.server]
        if name not in found:
            found[name] = servers.version(servers.find(program, folder), flag, folder)
    found["Node.js"] = servers.version(run.node, "--version", folder)
    packages = {package for peer in peers for package in peer.packages}
    for package in sorted(packages - {"procrastinate", "psycopg"}):
        manifest = json.loads((folder / "node_modules" / package / "package.json").read_text())
        found[package] = manifest["version"]
    for package in sorted(packages & {"procrastinate", "psycopg"}):
        said = subprocess.run(
            [run.python, "-c", f"from importlib.metadata import version as v; print(v('{package}'))"],
            capture_output=True, text=True, timeout=30,
        )
        found[package] = said.stdout.strip() or "of unknown version"
    return found


def measure(run: Run, peers: list[Peer]) -> dict:
    """All rounds; each goes once over everything, so that a slow minute falls on all alike."""
    arguments = run.arguments
    # Loops per second by round; a round that failed is missing.
    rows = {(name, agents): {} for agents in arguments.agents for name in names(arguments, peers)}
    fsyncs, troubles = [], []

    def attempt(what: str, act) -> None:
        print(what, file=sys.stderr, flush=True)
        try:
            act()
        except Trouble as trouble:
            troubles.append(f"{what}: {trouble}")
            print(f"  {trouble}", file=sys.stderr, flush=True)

    def muster(number: int) -> None:
        for agents, loops in run.muster().items():
            if (report.MUSTER, agents) in rows:
                rows[report.MUSTER, agents][number] = loops

    def peer_row(number: int, peer: Peer, agents: int) -> None:
        rows[peer.name, agents][number] = run.row(peer, agents)

    for number in range(1, arguments.rounds + 1):
        fsyncs.append(servers.fsync_us(run.data))
        if arguments.muster:
            attempt(f"round {number}: {report.MUSTER}", lambda: muster(number))
        for agents in arguments.agents:
            for peer in peers:
                what = f"round {number}: {peer.name}, agents {agents}"
                attempt(what, lambda: peer_row(number, peer, agents))
        fsyncs.append(servers.fsync_us(run.data))
    return {
        "rows": report.rows(rows, {peer.name: peer.dependencies for peer in peers}),
        "fsync_us": report.spread(fsyncs),
        "versions": versions(run, peers),
        "settings": {peer.name: peer.settings for peer in peers},
        "machine": {"cores": os.cpu_count(), "system": platform.platform()},
        "count_ms": arguments.count_ms,
        "rounds": arguments.rounds,
        "processes": arguments.processes,
        "tasks": arguments.tasks,
        "troubles": troubles,
    }


def names(arguments: argparse.Namespace, peers: list[Peer]) -> list[str]:
    """The names of a table's rows, in their order."""
    return [*([report.MUSTER] if arguments.muster else []), *(peer.name for peer in peers)]


def arguments_of(words: list[str]) -> argparse.Namespace:
    """Reads the command line."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "muster-peers"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--muster", type=Path, metavar="FILE",
                        help="the program built with `cargo build --release`; left out, only the others run")
    parser.add_argument("--folder", type=Path, default=cache, help="where install.sh installed [%(default)s]")
    parser.add_argument("--data", type=Path, help="where the servers keep their data, on a local disk [FOLDER/data]")
    parser.add_argument("--agents", type=lambda text: [int(each) for each in text.split(",")],
                        default=list(AGENTS), metavar="N,N", help="agents at a time, 1 to 128 [1,8,32]")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured, 1 to 20 [3]")
    parser.add_argument("--count-ms", type=int, default=3_000,
                        help="how long a row of a peer is counted, in milliseconds, 100 to 60,000 [3,000]")
    parser.add_argument("--warm-up-ms", type=int, default=500,
                        help="how long it runs before that, in milliseconds, 0 to 10,000 [500]")
    parser.add_argument("--tasks", type=int, default=100_000,
                        help="tasks of a plan of Muster, 1,000 to 1,000,000 [100,000]")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1,
                        help="processes that the agents of a peer are spread over, 1 to 64 [one for each core]")
    parser.add_argument("--only", metavar="NAME,NAME", help="only these peers")
    parser.add_argument("--json", action="store_true", help="print one JSON document in place of the table")
    chosen = parser.parse_args(words)
    for name, value, least, most in [
        ("--rounds", chosen.rounds, 1, 20), ("--count-ms", chosen.count_ms, 100, 60_000),
        ("--warm-up-ms", chosen.warm_up_ms, 0, 10_000), ("--tasks", chosen.tasks, 1_000, 1_000_000),
        ("--processes", chosen.processes, 1, 64),
        *(("--agents", each, 1, 128) for each in chosen.agents),
    ]:
        if not least <= value <= most:
            parser.error(f"{name}: {value} is not from {least} to {most}")
    known = [peer.name for peer in PEERS]
    chosen.only = chosen.only.split(",") if chosen.only else known
    unknown = [name for name in chosen.only if name not in known]
    if unknown:
        parser.error(f"--only: {', '.join(unknown)} is none of {', '.join(known)}")
    chosen.folder = chosen.folder.resolve()
    chosen.data = (chosen.data or chosen.folder / "data").resolve()
    return chosen


def main(words: list[str]) -> int:
    arguments = arguments_of(words)
    peers = [peer for peer in PEERS if peer.name in arguments.only]
    # A signal ends the run as an error does: whatever was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if not arguments.folder.is_dir():
            raise Trouble(f"there is no folder {arguments.folder}; run benches/peers/install.sh first")
        arguments.data.mkdir(parents=True, exist_ok=True)
        data = Path(tempfile.mkdtemp(prefix="run-", dir=arguments.data))
        # PostgreSQL runs as another user where this runs as root, and has to reach its own folder.
        data.chmod(0o711)
        started = time.monotonic()
        try:
            found = measure(Run(arguments, data), peers)
        finally:
            shutil.rmtree(data, ignore_errors=True)
    except Trouble as trouble:
        print(f"error: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; everything that was started is stopped", file=sys.stderr)
        return 130
    found["took_s"] = round(time.monotonic() - started)
    print(json.dumps(found, indent=2) if arguments.json else report.table(found))
    return 1 if found["troubles"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
