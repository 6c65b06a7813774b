"""Measure the search over many invented names: how long the database takes, and whether the person is found.

    python casemgmt/tests/with_postgres.py python casemgmt/tests/bench_search.py [HOW_MANY]

`make bench-search` does this with a million. Times are those of the questions in SQL, asked by the application's role
from behind the wall; a hit is the name that was meant among the first 25.
"""

import io
import os
import random
import sys
import time
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casemgmt.settings")
os.environ.setdefault("SECRET_KEY", "only-for-measuring")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from casemgmt.agencies.models import acting_as  # noqa: E402
from casemgmt.core import db  # noqa: E402
from casemgmt.demo.builders import make_client  # noqa: E402
from casemgmt.demo.cast import build_cast  # noqa: E402
from clients import names, nicknames  # noqa: E402
from clients.models import Client, finding  # noqa: E402

LETTERS = "abcdefghijklmnopqrstuvwxyz"
STARTS = [
    "an",
    "ber",
    "car",
    "del",
    "el",
    "fon",
    "gar",
    "hol",
    "in",
    "jen",
    "kor",
    "lan",
    "mor",
    "nor",
    "ost",
]
STARTS += ["per", "qui", "ros", "san", "tor", "ul", "ver", "win", "xan", "yor", "zel"]
ENDS = ["son", "ez", "ski", "man", "berg", "well", "ton", "ley", "ian", "guyen", "opez", "ta"]
random.seed(20)


def populate(person, count):
    """Copies of a person under other names, past the guard of history; common names are common."""
    given = sorted(
        nicknames.kin_of("") | set(nicknames.MORE.split()) | set(nicknames.LINES.replace(":", " ").split())
    )
    family = [a + b + c for a in STARTS for b in ("a", "e", "i", "o", "er", "in") for c in ENDS]
    random.shuffle(given)
    random.shuffle(family)
    pairs = zip(
        random.choices(given, [1 / (i + 5) for i in range(len(given))], k=count),
        random.choices(family, [1 / (i + 20) for i in range(len(family))], k=count),
        strict=True,
    )
    sounds = {}
    copy = io.StringIO()
    for n, (first, last) in enumerate(pairs):
        key = f"{first} {random.choice(given)} {last}" if n % 4 == 0 else f"{first} {last}"
        sound = sounds.setdefault((first, last), names.sound(f"{first} {last}"))
        copy.write(f"B{n}\t{first}\t{last}\t{key}\t{sound}\t{random.randint(2 * 10**9, 9 * 10**9)}\n")
    copy.seek(0)
    made = ("number", "given_name", "family_name", "name_key", "sound_key", "phone_key")
    kept = [f.column for f in Client._meta.local_fields if f.column not in ("id", *made)]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"CREATE TEMP TABLE made ({', '.join(f'{name} text' for name in made)})")
        cursor.cursor.copy_from(copy, "made")
        cursor.execute(
            f"INSERT INTO clients_client ({', '.join((*made, *kept))}) "  # noqa: S608
            f"SELECT {', '.join((*(f'made.{m}' for m in made), *(f'c.{k}' for k in kept)))} "
            "FROM made, clients_client c WHERE c.id = %s",
            [person.pk],
        )
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE clients_client")


def slip(word):
    """The word with one letter left out, put in, changed, or two in each other's place."""
    while True:
        i, new = random.randrange(len(word) - 1), random.choice(LETTERS)
        ways = (
            word[:i] + word[i + 1 :],
            word[:i] + new + word[i:],
            word[:i] + new + word[i + 1 :],
            word[:i] + word[i + 1] + word[i] + word[i + 2 :],
        )
        found = random.choice(ways)
        if found != word:
            return found


def measure(label, asked, run):
    took, hits = [], 0
    for words, meant in asked:
        begun = time.perf_counter()
        found = run(words)
        took.append((time.perf_counter() - begun) * 1000)
        hits += any(set(meant) <= set(name.split()) for name in found)
    took.sort()
    print(
        f"{label:34} p50 {took[len(took) // 2]:7.1f} ms   p95 {took[int(len(took) * 0.95)]:7.1f} ms   "
        f"found {hits / len(asked):6.1%} of {len(asked)}"
    )


def contains(words):
    return [
        name for _pk, name in db.find(finding.names_in(), "contains", names.fold(words).split(), finding.MANY)
    ]


def near(words):
    asked = names.fold(words).split()
    found = finding.near_in_index(asked)
    best = dict(found)
    return [best[pk] for pk, _nearness in finding.ranked(asked, found)[:25]]


def main(count):
    call_command("migrate", verbosity=0)
    cast = build_cast()
    person = make_client(cast.riverside, by=cast.dana, number="A1")
    begun = time.perf_counter()
    populate(person, count)
    print(f"{count} names in {time.perf_counter() - begun:.0f} s; {connection.pg_version}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT given_name, family_name FROM clients_client WHERE number LIKE %s", ["B%77"])
        people = random.sample([p for p in cursor.fetchall() if min(map(len, p)) > 2], 200)
    mark = str.maketrans("aeioun", "áéíóúñ")
    with acting_as(cast.riverside, by=cast.dana):
        measure("contains, first and last name", [(f"{a} {b}", (a, b)) for a, b in people], contains)
        measure("contains, half of the last name", [(b[: len(b) // 2 + 1], ()) for _a, b in people], contains)
        measure("contains, with accents", [(f"{a} {b}".translate(mark), (a, b)) for a, b in people], contains)
        one = [(random.choice((f"{slip(a)} {b}", f"{a} {slip(b)}")), (a, b)) for a, b in people]
        measure("near, one slip", one, near)
        measure("near, a slip in both names", [(f"{slip(a)} {slip(b)}", (a, b)) for a, b in people], near)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
