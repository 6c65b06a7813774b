"""Score the matching of people on a file whose truth is known."""

import time
from collections import Counter
from itertools import islice
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from casemgmt.interchange.truth import Unreadable, read_people
from clients.matching import ASK, LINE, compare_all


class Command(BaseCommand):
    help = (
        "Score the matching of people on files whose truth is known: CSV, or JSON plain or gzipped, with the truth in "
        "rec_id (rec-N), in cluster, or in nested clusters. Prints pairwise precision, recall and F1 of each file; the "
        "weights are those of clients/matching.py, the same for every file. Exit code 2: a file could not be read."
    )

    requires_system_checks = ()  # it asks no database

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="*", metavar="FILE")
        parser.add_argument(
            "--ignore",
            nargs="+",
            action="extend",
            default=[],
            metavar="COLUMN",
            help="Leave these columns out.",
        )
        parser.add_argument(
            "--wrong", type=int, default=0, metavar="N", help="List N of the pairs that were judged wrongly."
        )

    def handle(self, *, files, ignore, wrong, **options):
        # "--ignore soc_sec_id FILE" reads naturally, too.
        taken = [name for name in ignore if Path(name).is_file()]
        files, ignore = [*files, *taken], [c for name in ignore if name not in taken for c in name.split(",")]
        if not files:
            raise CommandError("Name at least one file.", returncode=2)
        failed = 0
        for path in files:
            try:
                people = read_people(path, ignore)
            except Unreadable as reason:
                failed += 1
                self.stderr.write(f"{path}: {reason}.")
                continue
            self.report(path, people, ignore, wrong)
        if failed:
            raise CommandError(f"{failed} of {len(files)} files could not be scored.", returncode=2)

    def report(self, path, people, ignore, wrong):
        """What came out for one file."""
        begun = time.monotonic()
        found = compare_all(people.records)
        took = time.monotonic() - begun
        whose, total = people.whose, len(people.records)
        true = sum(n * (n - 1) // 2 for n in Counter(whose).values())
        same = {pair for pair in found if whose[pair[0]] == whose[pair[1]]}
        over = {pair for pair, match in found.items() if match.score >= LINE}
        asked = {pair for pair, match in found.items() if match.score >= ASK}
        hits = len(over & same)
        say = self.stdout.write
        say(f"{path}: {total} records, {true} pairs of one person (by {people.truth})")
        if people.note:
            say(people.note)
        if ignore:
            say(f"Left out: {', '.join(sorted(people.ignored)) or 'no such column here'}")
        say(
            f"Compared {len(found)} of {total * (total - 1) // 2} pairs in {took:.1f} s: {len(over)} at {LINE} or more"
        )
        say(f"A worker would be asked about {len(asked)}; among them {len(asked & same)} of the {true}")
        say(f"Precision {_share(hits, len(over))}")
        say(f"Recall {_share(hits, true)}")
        say(f"F1 {_share(2 * hits, len(over) + true)}")
        for pair in islice(sorted(same ^ over), wrong):
            match = found[pair]
            kind = "missed" if pair in same else "not one person"
            say(
                f"  {kind}: records {pair[0] + 1} and {pair[1] + 1}, {match.score}: {'; '.join(match.reasons)}"
            )
        say("")


def _share(part, whole):
    """Three places, cut off: 0.9899 is not 0.990; nothing of nothing is all of it."""
    return f"{(part * 1000 // whole if whole else 1000) / 1000:.3f}"
