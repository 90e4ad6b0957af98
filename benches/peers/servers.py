"""Servers of the peers: each is started fresh for a row, on loopback, so that what it acknowledges is on disk,
and is stopped and removed after it."""

import contextlib
import glob
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

# How long a server may take to answer, and to end.
START_S = 30
STOP_S = 10


class Trouble(Exception):
    """A sentence for the person who runs this."""


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def find(name: str, folder: Path) -> str:
    """A server's program: of this machine, else of the folder that install.sh filled."""
    places = [folder / "system/usr/bin" / name, folder / "system/usr/sbin" / name]
    for pattern in ("/usr/lib/postgresql/*/bin", str(folder / "system/usr/lib/postgresql/*/bin")):
        newest_first = sorted(glob.glob(pattern), key=lambda path: -int(path.split("/")[-2]))
        places += [Path(path) / name for path in newest_first]
    found = shutil.which(name) or next((str(place) for place in places if place.exists()), None)
    if found is None:
        raise Trouble(f"{name} is not installed; run benches/peers/install.sh {folder}")
    return found


def environment(program: str, folder: Path) -> dict[str, str]:
    """An environment in which a program finds its libraries: one of the folder, those of the folder."""
    env = {**os.environ, "LC_ALL": "C"}
    if program.startswith(str(folder / "system")):
        libraries = glob.glob(str(folder / "system/usr/lib/*-linux-*"))
        env["LD_LIBRARY_PATH"] = ":".join([*libraries, str(folder / "system/usr/lib")])
    return env


def version(program: str, flag: str, folder: Path) -> str:
    """The version a program says it has."""
    said = subprocess.run(
        [program, flag], env=environment(program, folder), capture_output=True, text=True, timeout=START_S
    )
    found = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr)
    return found.group(0) if found else "of unknown version"


@contextlib.contextmanager
def process(command: list[str], log: Path, **more):
    """Runs a server until the block ends."""
    with open(log, "wb") as output:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, **more
        )
    try:
        yield child
    finally:
        # PostgreSQL calls SIGINT the fast way to stop; the others take it as SIGTERM.
        child.send_signal(signal.SIGINT)
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def wait_for_port(child: subprocess.Popen, port: int, log: Path) -> None:
    """Waits until somebody listens."""
    end = time.monotonic() + START_S
    while time.monotonic() < end and child.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    tail = log.read_text(errors="replace")[-2_000:]
    raise Trouble(f"{Path(child.args[0]).name} does not listen; it says:\n{tail}")


@contextlib.contextmanager
def beanstalkd(folder: Path, data: Path):
    """beanstalkd with its log on disk and an fsync before each answer."""
    port = free_port()
    program = find("beanstalkd", folder)
    command = [program, "-l", "127.0.0.1", "-p", str(port), "-b", str(data), "-f0"]
    log = data / "server.log"
    with process(command, log, env=environment(program, folder)) as child:
        wait_for_port(child, port, log)
        yield {"port": port}


@contextlib.contextmanager
def redis(folder: Path, data: Path):
    """Redis with an append-only file and an fsync before each answer."""
    port, password = free_port(), secrets.token_hex(16)
    settings = data / "redis.conf"
    settings.touch(mode=0o600)
    settings.write_text(
        f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {data}\ndaemonize no\n"
        'appendonly yes\nappendfsync always\nsave ""\nmaxmemory-policy noeviction\n'
    )
    log = data / "server.log"
    program = find("redis-server", folder)
    with process([program, str(settings)], log, env=environment(program, folder)) as child:
        wait_for_port(child, port, log)
        yield {"port": port, "password": password}


def unprivileged() -> dict:
    """PostgreSQL does not run as root; the user it runs as instead, as arguments of `Popen`."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise Trouble("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")


@contextlib.contextmanager
def postgres(folder: Path, data: Path):
    """PostgreSQL as it is installed: fsync and synchronous_commit are on."""
    user, port, password = unprivileged(), free_port(), secrets.token_hex(16)
    program, cluster, log = find("postgres", folder), data / "cluster", data / "server.log"
    env = environment(program, folder)
    secret = data / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if user:
        for path in (data, secret):
            os.chown(path, user["user"], user["group"])
    initdb = [find("initdb", folder), "--pgdata", str(cluster), "--username", "bench", "--auth",
              "scram-sha-256", "--pwfile", str(secret), "--encoding", "UTF8", "--no-locale"]
    try:
        made = subprocess.run(
            initdb, env=env, cwd=data, capture_output=True, text=True, timeout=4 * START_S, **user
        )
    except PermissionError as error:
        raise Trouble(
            f"PostgreSQL does not run as root, and the user it would run as cannot use {data} ({error}); "
            "give --data a folder that others may enter"
        ) from error
    if made.returncode != 0:
        raise Trouble(f"initdb failed in {data}: {made.stderr.strip()}")
    command = [program, "-D", str(cluster), "-c", "listen_addresses=127.0.0.1",
               "-c", f"port={port}", "-c", "unix_socket_directories=", "-c", "max_connections=300"]
    with process(command, log, env=env, cwd=data, **user) as child:
        wait_for_port(child, port, log)
        yield {"url": f"postgres://bench:{password}@127.0.0.1:{port}/postgres"}


def fsync_us(data: Path, times: int = 200) -> float:
    """The median time of a 4 KiB write and its fdatasync where the servers keep their data."""
    path = data / "fsync"
    block, taken = secrets.token_bytes(4_096), []
    with open(path, "wb", buffering=0) as file:
        for _ in range(times):
            started = time.perf_counter()
            file.write(block)
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - started)
    path.unlink()
    return sorted(taken)[times // 2] * 1e6
