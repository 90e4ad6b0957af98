"""What was measured, as rows with ratios and as a table for people."""

import statistics

MUSTER = "Muster"


def spread(values: list[float]) -> dict[str, float] | None:
    """The least, the middle and the largest of some figures; none of none."""
    if not values:
        return None
    return {
        "min": round(min(values), 2),
        "median": round(statistics.median(values), 2),
        "max": round(max(values), 2),
    }


def rows(measured: dict[tuple[str, int], dict[int, float]], dependencies: dict[str, bool]) -> list[dict]:
    """A row for each name and number of agents. The ratio is Muster's figure over the row's, round by round,
    so that both come from the same minutes; a round in which either is missing has none."""
    found = []
    for (name, agents), loops in measured.items():
        own = {} if name == MUSTER else measured.get((MUSTER, agents), {})
        ratios = [own[number] / theirs for number, theirs in loops.items() if number in own]
        found.append({
            "name": name,
            "agents": agents,
            "dependencies": dependencies.get(name, True),
            "rounds": [round(each, 1) for each in loops.values()],
            "loops_per_s": spread(list(loops.values())),
            "muster_ratio": spread(ratios),
        })
    return found


def table(found: dict) -> str:
    """The table, and under it what has to be known to read it."""
    head = ("agents", "", "waits", "loops/s", "min", "max", "Muster is", "min", "max")
    lines = [head]
    before = None
    for row in found["rows"]:
        loops, ratio = row["loops_per_s"], row["muster_ratio"]
        lines.append((
            str(row["agents"]) if row["agents"] != before else "",
            row["name"],
            "yes" if row["dependencies"] else "no",
            *((f"{loops[key]:,.0f}" for key in ("median", "min", "max")) if loops else ("-",) * 3),
            *((f"{ratio[key]:.2f} x" for key in ("median", "min", "max")) if ratio else ("",) * 3),
        ))
        before = row["agents"]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    # Names and words stand to the left, figures to the right.
    said = [
        "  ".join(
            cell.ljust(width) if column in (1, 2) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths))
        ).rstrip()
        for line in lines
    ]
    said.insert(1, "-" * max(len(line) for line in said))
    return "\n".join([*said, "", *foot(found)])


def foot(found: dict) -> list[str]:
    """Versions, settings and conditions."""
    fsync, machine = found["fsync_us"], found["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    lines = [
        "A loop is a job claimed and completed. waits: whether a job can wait for others. Figures are the "
        "median, least and",
        f"largest of {found['rounds']} rounds of {found['count_ms'] / 1_000:g} s each; ratios are taken "
        "within a round.",
        f"fsync of 4 KiB: {fsync['median']:.0f} us (min {fsync['min']:.0f}, max {fsync['max']:.0f}). "
        f"{machine['cores']} cores, {machine['system']}.",
        f"Agents of a peer run in up to {found['processes']} processes; Muster's plans have "
        f"{found['tasks']:,} tasks.",
        f"Versions: {versions}.",
        *(f"{name}: {words}." for name, words in found["settings"].items()),
    ]
    if "PostgreSQL" in found["versions"]:
        lines.append("PostgreSQL: as installed (fsync and synchronous_commit on), max_connections 300.")
    return lines + [f"MISSING: {trouble}" for trouble in found["troubles"]]
