"""A directory of services becomes the services, places and contacts of one agency's directory.

Rows are found again by (agency, source, source_key). Each remembers what the feed said last (FromFeed), so that the
same feed changes nothing, a newer one changes only what it says anew, and what a colleague mended stays.
"""

from itertools import islice

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Agency, acting_as
from casemgmt.core import db
from casemgmt.core.models import create_many, update_many
from casemgmt.interchange.hmis.reader import Unusable
from casemgmt.interchange.hsds.offered import Services
from casemgmt.interchange.hsds.reader import open_directory
from casemgmt.interchange.hsds.report import DirectoryReport
from casemgmt.resources.feed import fingerprint
from casemgmt.resources.models import Resource, ResourceContact, ResourcePlace, ResourceWord
from serviceplans.models import PlannedService, ServiceReferral

BATCH = 500
SAMPLE = 500
SHOWN_MISSING = 20
RESOURCE_FIELDS = (
    "name",
    "organization",
    "description",
    "how_to_apply",
    "eligibility",
    "documents",
    "fees",
    "hours",
    "area",
    "capacity",
    "phones",
    "email",
    "website",
    "needs",
    "populations",
    "categories",
    "languages",
    "closed_on",
    "verified_on",
    "verified_by",
    "name_key",
    "search_key",
    "place_key",
    "as_imported",
)
PLACE_FIELDS = ("name", "address", "city", "region", "postcode", "latitude", "longitude", "access", "hours")
PART_FIELDS = {
    ResourcePlace: (*PLACE_FIELDS, "ended_on", "as_imported"),
    ResourceContact: ("name", "role", "phone", "email", "ended_on", "as_imported"),
}
MISSING = 20
PLACE_FIELDS = ("name", "address", "city", "region", "postcode", "latitude", "longitude", "access", "hours")
CONTACT_FIELDS = ("name", "role", "phone", "email")
MISSING = "missing"


def batched(things, size):
    """These things in lists of this size; the last may be shorter."""
    things = iter(things)
    while batch := list(islice(things, size)):
        yield batch


def no_progress(file, done, total):
    """Tell nobody."""


def import_hsds(
    path, agency, *, source="", close_missing=False, close_most=False, dry_run=False, progress=no_progress
):
    """Take a directory into the agency and report on every row; raises Unusable when nothing could be done."""
    with open_directory(path) as directory:
        report = DirectoryReport(
            agency=agency.slug,
            export=directory.name,
            version=directory.layout,
            dry_run=dry_run,
            not_read=directory.not_read,
        )
        with acting_as(agency, by=None, reason=_("Directory import %(file)s") % {"file": directory.name}):
            # Two imports at once wait for each other; people go on working.
            Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
            services = Services(directory, report)
            report.source = source or _source_of(agency, services, directory)
            run = _Import(agency, services, report, progress)
            run.take()
            run.look_for_missing(close_missing, close_most)
            if dry_run:
                transaction.set_rollback(True)
            else:
                db.refresh_statistics(Resource, ResourcePlace, ResourceContact, ResourceWord)
    return report


def _source_of(agency, services, directory):
    """The mark under which this feed is known: a feed is known again by its services, whatever its file is called.

    A new one is marked with the name of its file.
    """
    sample = {}
    for row in directory.rows("services"):
        sample[row["id"]] = " ".join(row["name"].split())
        if len(sample) == SAMPLE:
            break
    alike = {}
    for source, name in Resource.objects.filter(agency=agency, source_key__in=sample).values_list(
        "source", "name"
    ):
        alike.setdefault(source, []).append(name)
    known = {
        source: names
        for source, names in alike.items()
        if source.startswith("hsds:") and 2 * len(names) >= len(sample)
    }
    wanted = set(sample.values())
    best = max(known, key=lambda source: sum(n in wanted for n in known[source]), default="")
    new = f"hsds:{directory.name}"[:400]
    if best and (best == new or 2 * sum(n in wanted for n in known[best]) >= len(known[best])):
        return best
    if Resource.objects.filter(agency=agency, source=new).exists():
        raise Unusable(
            _(
                "“%(name)s” was imported before, and this file of the same name holds other services. Say --source "
                "with a name of its own, or %(source)s to go on with the former one."
            )
            % {"name": directory.name, "source": f"--source “{new}”"}
        )
    return new


class _Import:
    """One run; services pass by in batches."""

    def __init__(self, agency, services, report, progress):
        self.agency, self.services, self.report, self.progress = agency, services, report, progress
        self.source = report.source
        self.today = timezone.localdate()
        self.known_words = set()
        self.seen = set()
        self.file = services.directory.table("services").name  # in which the services stand

    def take(self):
        done = 0
        for batch in batched(self.services, BATCH):
            self._take_batch(batch)
            done += len(batch)
            self.progress("services", done, len(self.services.keys))

    def _mine(self, model):
        return model.objects.filter(agency=self.agency, source=self.source)

    def _take_batch(self, batch):
        wanted = {service.key: service for service in batch}
        self.seen.update(wanted)
        self.file = batch[0].row.file
        known = {row.source_key: row for row in self._mine(Resource).filter(source_key__in=wanted)}
        rows = {
            key: known.get(key) or Resource(agency=self.agency, source=self.source, source_key=key)
            for key in wanted
        }
        places, contacts = self._parts(ResourcePlace, rows), self._parts(ResourceContact, rows)
        new, changed = [], []
        for key, service in wanted.items():
            row, tally = rows[key], self.report.tally(service.row.file)
            towns = self._towns(service.places, places.get(row.pk, {}))
            differs = self._settle(row, service, towns)
            if row.pk is None:
                new.append(row)
                tally.created += 1
            elif differs:
                changed.append(row)
                tally.updated += 1
            else:
                tally.unchanged += 1
                continue
            row.fill_keys(towns)
        create_many(Resource, new)
        update_many(Resource, changed, RESOURCE_FIELDS)
        ResourceWord.learn(self.agency.pk, [*new, *changed], self.known_words)
        self._write_parts(ResourcePlace, rows, places, {key: s.places for key, s in wanted.items()})
        self._write_parts(ResourceContact, rows, contacts, {key: s.contacts for key, s in wanted.items()})

    def _towns(self, said, kept):
        """The places of a service after this import: the feed's, and those that colleagues wrote down."""
        if said is None:
            return [place for place in kept.values() if place.ended_on is None]
        own = [place for place in kept.values() if not place.source_key and place.ended_on is None]
        return [ResourcePlace(**part.fields) for part in said] + own

    def _settle(self, row, service, towns):
        """Let the row say what the feed says; whether anything is different now."""
        before = dict(row.as_imported)
        row.take_in(service.fields)
        if row.pk is None:
            for name, value in service.first.items():
                setattr(row, name, value)
        row.as_imported["towns"] = fingerprint([(t.city, t.region, t.postcode) for t in towns])
        status = fingerprint(service.status)
        if row.as_imported.get("status") != status:
            # A new status, or one that is back after it was missing.
            row.as_imported["status"] = status
            if service.status or before:
                row.closed_on = self.today if service.status else None
        day = service.verified_on
        if day and row.as_imported.get("verified_on") != fingerprint(day):
            row.as_imported["verified_on"] = fingerprint(day)
            if row.verified_on is None or day > row.verified_on:
                row.verified_on, row.verified_by = day, None
        return row.as_imported != before

    def _parts(self, model, rows):
        """The parts these services have already: {service: {key or number: row}}."""
        found = {}
        for part in model.objects.filter(
            agency=self.agency, resource__in=[r.pk for r in rows.values() if r.pk]
        ):
            found.setdefault(part.resource_id, {})[part.source_key or part.pk] = part
        return found

    def _write_parts(self, model, rows, known, wanted):
        new, changed = [], []
        tally = self.report.also(str(model._meta.verbose_name_plural))
        for key, parts in wanted.items():
            if parts is None:
                continue
            kept = {
                k: p
                for k, p in known.get(rows[key].pk, {}).items()
                if p.source == self.source and p.source_key
            }
            for said in {part.key: part for part in parts}.values():
                part = kept.pop(said.key, None) or model(
                    agency=self.agency, resource=rows[key], source=self.source, source_key=said.key
                )
                before = dict(part.as_imported)
                part.take_in(said.fields)
                if part.as_imported.get(MISSING):
                    del part.as_imported[MISSING]
                    part.ended_on = None
                if part.pk is None:
                    new.append(part)
                elif part.as_imported != before:
                    changed.append(part)
                else:
                    tally.unchanged += 1
            for part in kept.values():
                if part.ended_on is None:
                    part.ended_on = self.today
                    part.as_imported[MISSING] = True
                    changed.append(part)
        create_many(model, new)
        update_many(model, changed, PART_FIELDS[model])
        tally.created += len(new)
        tally.updated += len(changed)

    def look_for_missing(self, close, close_most):
        """Services that the feed had and has no more: told, and closed only where that was asked for."""
        came = self.seen | self.services.refused
        open_now = dict(
            self._mine(Resource).open(self.today).exclude(source_key="").values_list("source_key", "pk")
        )
        gone = sorted(open_now.keys() - came)
        self.report.tally(self.file).absent = len(gone)
        self.report.missing = list(
            Resource.objects.filter(
                agency=self.agency, pk__in=[open_now[key] for key in gone[:SHOWN_MISSING]]
            )
            .order_by("name_key")
            .values_list("name", flat=True)
        )
        self.report.relied_on = self._relied_on([open_now[key] for key in gone])
        if not close or not gone:
            return
        if 2 * len(gone) >= len(open_now) and not close_most:
            raise Unusable(
                _(
                    "%(gone)s of the %(all)s open services of this feed are not in the file. That looks like a damaged "
                    "file, and nothing was written. If it is right, add --close-most."
                )
                % {"gone": len(gone), "all": len(open_now)}
            )
        for keys in batched(gone, BATCH):
            rows = list(self._mine(Resource).filter(source_key__in=keys))
            for row in rows:
                row.closed_on = self.today
                row.as_imported["status"] = MISSING
            update_many(Resource, rows, ["closed_on", "as_imported"])
            self.report.closed += len(rows)

    def _relied_on(self, gone):
        """Which of these services people are linked to now, and how often: {name of the service: number}."""
        found = {}
        for keys in batched(gone, BATCH):
            open_now = ServiceReferral.objects.filter(agency=self.agency, resource__in=keys).open()
            counted = open_now.order_by().values_list("resource__name").annotate(Count("pk"))
            planned = PlannedService.objects.filter(
                agency=self.agency,
                resource__in=keys,
                referral=None,
                objective__goal__plan__ended_on=None,
            ).running()
            counted = [*counted, *planned.order_by().values_list("resource__name").annotate(Count("pk"))]
            for name, number in counted:
                found[name] = found.get(name, 0) + number
        return found
