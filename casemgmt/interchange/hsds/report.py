"""What the import of a directory did: as for HMIS, and how much of it pointed to nothing or is gone."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from casemgmt.interchange.hmis.report import Report


def key_only(column, value):
    """Directories hold nobody's record; but a report stays short."""
    return value[:40] if column == "id" else ""


@dataclass
class DirectoryReport(Report):
    """The whole of one import."""

    dangling: dict = field(default_factory=dict)  # rows by "file column"
    missing: list = field(
        default_factory=list
    )  # the first names of services that are not in the feed any more
    closed: int = 0
    # Missing services that people are linked to now, with how many links: somebody has to ask whether they stop.
    relied_on: dict = field(default_factory=dict)

    quote = staticmethod(key_only)

    def dangle(self, file, line, column):
        """This cell points to a row that is not there, or should point to one and is empty."""
        self.warn(file, line, column, "", _("points to nothing"))
        self.dangling[f"{file} {column}"] = self.dangling.get(f"{file} {column}", 0) + 1

    def as_dict(self):
        return super().as_dict() | {
            "dangling": self.dangling,
            "missing": {
                "services": sum(t.absent for t in self.files.values()),
                "first": self.missing,
                "closed": self.closed,
                "relied_on": self.relied_on,
            },
        }

    def lines(self):
        yield from super().lines()
        if self.dangling:
            yield ""
            yield _("Dangling references: %(number)s") % {"number": sum(self.dangling.values())}
            for place, number in self.dangling.items():
                yield f"  {number:>7}  {place}"
        if self.missing:
            yield ""
            number = sum(t.absent for t in self.files.values())
            if self.closed:
                yield _("Not in this file any more, and closed: %(number)s") % {"number": number}
            else:
                yield _(
                    "Not in this file any more: %(number)s. They stay open; --close-missing closes them."
                ) % {"number": number}
            yield from (f"  {name}" for name in self.missing)
            if number > len(self.missing):
                yield "  …"
        if self.relied_on:
            yield ""
            links = {"number": sum(self.relied_on.values())}
            yield _("Open links of people to services that are gone: %(number)s") % links
            if self.closed:
                yield _("Whoever works with them finds them on Today.")
            for name, number in sorted(self.relied_on.items()):
                yield f"  {number:>7}  {name}"
