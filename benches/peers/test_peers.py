"""What of the comparison needs no server: figures, ratios, the table, and what is refused."""

import contextlib
import io
import json
import unittest

import report
import run
from servers import Trouble


def measured() -> dict:
    return {
        ("Muster", 8): {1: 6_000.0, 2: 8_000.0, 3: 7_000.0},
        ("BullMQ", 8): {1: 3_000.0, 3: 7_000.0},
        ("pg-boss", 8): {},
    }


def found() -> dict:
    return {
        "rows": report.rows(measured(), {"BullMQ": False, "pg-boss": False}),
        "fsync_us": report.spread([170.0, 180.0]),
        "versions": {"Muster": "0.1.0", "Redis": "7.0.15"},
        "settings": {"BullMQ": "a Worker"},
        "machine": {"cores": 2, "system": "Linux"},
        "count_ms": 3_000,
        "rounds": 3,
        "processes": 2,
        "tasks": 100_000,
        "troubles": ["round 1: pg-boss, agents 8: it ended"],
    }


class Figures(unittest.TestCase):
    def test_ratios_are_taken_within_a_round_and_only_where_both_are_there(self):
        rows = {row["name"]: row for row in report.rows(measured(), {})}
        self.assertEqual(rows["BullMQ"]["muster_ratio"], {"min": 1.0, "median": 1.5, "max": 2.0})
        self.assertIsNone(rows["Muster"]["muster_ratio"])
        self.assertIsNone(rows["pg-boss"]["loops_per_s"])
        self.assertEqual(rows["Muster"]["loops_per_s"], {"min": 6_000, "median": 7_000, "max": 8_000})

    def test_the_table_is_aligned_and_names_what_is_missing(self):
        lines = report.table(found()).splitlines()
        self.assertEqual(lines[2].split(), ["8", "Muster", "yes", "7,000", "6,000", "8,000"])
        self.assertEqual(
            lines[3].split(),
            ["BullMQ", "no", "5,000", "3,000", "7,000", "1.50", "x", "1.00", "x", "2.00", "x"],
        )
        self.assertEqual(lines[2].index("7,000"), lines[3].index("5,000"))
        self.assertIn("MISSING: round 1: pg-boss, agents 8: it ended", lines)
        json.dumps(found())


class Muster(unittest.TestCase):
    def test_rows_are_read_by_agents_and_others_are_left_alone(self):
        text = json.dumps({"floors": {}, "rows": [
            {"agents": 1, "tasks": 1, "loops_per_s": 900.5}, {"agents": 8, "tasks": 1, "loops_per_s": 5_000},
        ]})
        self.assertEqual(run.muster_rows(text, [8]), {1: 900.5, 8: 5_000.0})

    def test_an_answer_of_another_shape_is_told(self):
        for text in ("", "[]", "{}", '{"rows":[{"agents":1}]}', '{"rows":[1]}', '{"rows":[]}'):
            with self.subTest(text), self.assertRaisesRegex(Trouble, "muster bench --json"):
                run.muster_rows(text, [1])


class Sharing(unittest.TestCase):
    def test_agents_are_spread_evenly_and_no_process_has_none(self):
        self.assertEqual(run.shares(1, 4), [1])
        self.assertEqual(run.shares(8, 2), [4, 4])
        self.assertEqual(run.shares(32, 3), [11, 11, 10])


class Arguments(unittest.TestCase):
    def test_what_is_out_of_range_or_unknown_is_refused_by_name(self):
        for words, said in [
            (["--rounds", "0"], "--rounds"), (["--agents", "1,500"], "--agents"), (["--count-ms", "1"], "--count-ms"),
            (["--only", "BullMQ,Nobody"], "Nobody is none of"),
        ]:
            errors = io.StringIO()
            with contextlib.redirect_stderr(errors), self.assertRaises(SystemExit) as ended:
                run.arguments_of(words)
            self.assertEqual(ended.exception.code, 2)
            self.assertIn(said, errors.getvalue())

    def test_the_defaults_are_every_peer_and_the_three_sizes(self):
        chosen = run.arguments_of([])
        self.assertEqual(chosen.agents, [1, 8, 32])
        self.assertEqual(chosen.only, [peer.name for peer in run.PEERS])


if __name__ == "__main__":
    unittest.main()
