"""What an import of clients and one of staff have in common: rows are understood, compared, and taken in one by one."""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.interchange.tables.cells import said
from casemgmt.interchange.tables.columns import KEY
from casemgmt.interchange.tables.dates import MONTH_FIRST

CREATED, UPDATED, UNCHANGED, SKIPPED = "created", "updated", "unchanged", "skipped"
LONGEST_KEY = 100
MOST_COMPARED = 20  # of the rows that share a name: a file of 20,000 times one name is compared, too


class Doubtful(Exception):
    """Why a row is not taken in now, in words for the person who sent it."""


class Kind:
    """One run through rows for one person: what it looks up, it looks up once."""

    fields = ()

    def __init__(self, run, staff):
        self.run, self.staff = run, staff
        self.agency = staff.agency
        self.today = timezone.localdate()
        self.order = run.date_order or MONTH_FIRST
        self.labels = {field.code: str(field.label) for field in self.fields}
        self.written_to = []  # jobs whose owners are to be told of their login

    # --- Understanding a row --------------------------------------------------------------------------------------

    def understand(self, row):
        """Fill in what the row wants and what is wrong with it; a fault of the file itself stays."""
        self.problems = []
        cells = dict.fromkeys(self.labels, "")
        for code, cell in zip(self.run.columns, row.cells, strict=False):
            if code:
                cells[code] = said(cell)
        row.wanted = self._wanted(cells)
        row.problems = [p for p in row.problems if p[0] == "file"] + self.problems

    def _wanted(self, cells):
        raise NotImplementedError

    def problem(self, code, sentence):
        self.problems.append([code, str(sentence)])

    def tried(self, code, read, *args, **kwargs):
        """What `read` makes of a cell; None, and a problem of the row, where it cannot."""
        try:
            return read(*args, **kwargs)
        except ValidationError as error:
            self.problem(code, " ".join(error.messages))
            return None

    def key_of(self, cells):
        if len(cells[KEY]) > LONGEST_KEY:
            self.problem(KEY, _("Too long: at most %(most)s characters.") % {"most": LONGEST_KEY})
            return ""
        return cells[KEY]

    def words_of(self, problems):
        """The problems of a row as one text: the column, and what is wrong in it."""
        return " ".join(
            f"{self.labels[code]}: {sentence}" if code in self.labels else sentence
            for code, sentence in problems
        )

    # --- Comparing rows with each other -----------------------------------------------------------------------------

    def compare_within(self, rows):
        """Find rows, in the order of the file, that may be one person; yields each row to which that happened."""
        seen, keys = defaultdict(list), {}
        for row in rows:
            if row.problems:
                continue
            key = row.wanted.get("key")
            if key and key in keys:
                row.problems = [
                    *row.problems,
                    [KEY, _("Line %(line)s has this key, too.") % {"line": keys[key]}],
                ]
                yield row
                continue
            if key:
                keys[key] = row.line
            traits = self.traits(row.wanted)
            block = {place for place in self.blocks(row.wanted) if place[1]}
            # Two rows with a key each are two to the other system.
            others = {
                line: other for place in block for line, other, keyed in seen[place] if not (key and keyed)
            }
            found = [
                {"line": line, "why": why}
                for line, other in sorted(others.items())
                if (why := self.alike(traits, other))
            ]
            if found:
                row.matches = [*row.matches, *found[:3]]
                yield row
            for place in block:
                if len(seen[place]) < MOST_COMPARED:
                    seen[place].append((row.line, traits, bool(key)))

    def order_rows(self, rows):
        """Say whose turn it is where one row points at another, in `turn`."""

    # --- Taking it in -----------------------------------------------------------------------------------------------

    def prepare(self, rows):
        """What taking these rows in asks of the database once for all of them."""

    def take(self, row):
        """Write what the row wants; returns what became of it. Raises Doubtful, Refused or ValidationError."""
        raise NotImplementedError

    def held(self, matches):
        """The reason why a row waits for somebody to decide."""
        told = "; ".join(self.told(match) for match in matches)
        return _("Possibly known already, please decide: %(told)s.") % {"told": told}

    @staticmethod
    def people_in(rows):
        """The people served at whom these rows point, for the access log."""
        return set()

    def cards(self, rows):
        """Rows that may be known, each with what it may be the same as, for the page on which that is decided."""
        found = self.found({match["pk"] for row in rows for match in row.matches if "pk" in match})
        for row in rows:
            matches = [
                match | found.get(match.get("pk"), {})
                for match in row.matches
                if "line" in match or match["pk"] in found
            ]
            yield {
                "row": row,
                "title": self.title(row),
                "born": self.born(row),
                "matches": matches,
            }

    def told(self, match):
        if "line" in match:
            return _("line %(line)s of this file (%(why)s)") % match
        return _("No. %(number)s (%(why)s)") % match


def differing(row, fields):
    """The fields in which a row differs; an empty cell says nothing."""
    return {
        name: value
        for name, value in fields.items()
        if value not in ("", None) and getattr(row, name) != value
    }


def missing(row, fields):
    """The fields that a row has not filled and that are filled here."""
    return {
        name: value
        for name, value in fields.items()
        if value not in ("", None) and (getattr(row, name) in ("", None) or getattr(row, name) is False)
    }


def change(row, fields):
    """Set and save them, with history; returns whether there were any."""
    for name, value in fields.items():
        setattr(row, name, value)
    if fields:
        row.save()
    return bool(fields)
