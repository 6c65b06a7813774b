"""An HMIS CSV export becomes programs, staff, people, enrollments, discharges, visits and dated facts of one agency.

Rows are found again by (agency, source, source_key), so that the same export changes nothing and a newer one updates
with history. What a cell says wins where it differs; an empty cell says nothing. A row with a fault is refused and the
others go in; everything happens in one transaction. Rows pass by the batch, and what must be remembered of them waits
in a scratch file: memory does not grow with the export.
"""

from datetime import datetime, time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Agency, ServiceType, acting_as
from casemgmt.core import db
from casemgmt.core.models import create_many, update_many
from casemgmt.interchange.hmis import facts, lists
from casemgmt.interchange.hmis.batches import ELSEWHERE, Fault, Wanted
from casemgmt.interchange.hmis.facts import FACT_FILES, Kept
from casemgmt.interchange.hmis.people import People
from casemgmt.interchange.hmis.reader import open_export
from casemgmt.interchange.hmis.report import Report
from casemgmt.interchange.hmis.stays import Stays
from casemgmt.interchange.hmis.telling import Told
from clients.models import DatedFact, Visit, VisitParticipant

HASHED = {"2", "3", "4"}


def no_progress(file, done, total):
    """Tell nobody."""


def import_hmis(path, agency, *, dry_run=False, with_ssn=False, progress=no_progress):
    """Take an export into the agency and report on every row; raises Unusable when nothing could be done.

    `progress(file, done, total)` hears from time to time where it is.
    """
    with open_export(path) as export, db.Scratch() as scratch:
        about = export.about()
        report = Report(
            agency=agency.slug,
            export=export.name,
            source=f"hmis:{about['SourceID']}"[:400] if about["SourceID"] else "hmis",
            version=about["CSVVersion"],
            dry_run=dry_run,
            not_taken=export.not_taken(),
            missing=export.missing(),
        )
        for name, line, why in export.doubts():
            report.warn(name, line, "", "", why)
        with acting_as(agency, by=None, reason=_("HMIS import %(file)s") % {"file": export.name}):
            # Two imports at once wait for each other; people go on working.
            Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
            run = _Import(export, agency, report, progress, scratch)
            run.declared_hashed = about["HashStatus"] in HASHED
            run.with_ssn = with_ssn
            run.run()
            if dry_run:
                transaction.set_rollback(True)
    return report


class _Import(People, Stays):
    """One run: what belongs to a row must stand before it."""

    def run(self):
        self._take_people()
        self._take_stays()
        self.service_types = dict(self._scoped(ServiceType).values_list("code", "pk"))
        self._take_services()
        for kept in FACT_FILES:
            self._take_facts(kept)

    def _take_services(self):
        """A service is a visit; a bed for the night, money or a voucher is a fact, for nobody need have met."""
        batches = self._batches(
            "Services", "ServicesID", [Visit, DatedFact], self._service, prefix="Services:", needs=ELSEWHERE
        )
        for batch in batches:
            of_visits = [wanted for wanted in batch if isinstance(wanted, Wanted)]
            visits, untouched = self._write(Visit, of_visits, settle=self._settle_visit)
            self._write_leads(of_visits, visits, untouched)
            self._write_told([told for told in batch if isinstance(told, Told)], count=True)

    def _service(self, row, key):
        """A visit at noon, because an export knows no hour; it came from elsewhere and is nobody's to sign."""
        kind, provided = row["RecordType"], row["TypeProvided"]
        label = lists.service_label(kind, provided)
        if label is None:
            raise Fault("RecordType", _("This code is on no list."))
        if kind in lists.NOT_A_MEETING:
            kept = Kept("Services", "ServicesID", "DateProvided", facts.service)
            return self._told(kept, row, key.removeprefix("Services:"))
        enrollment, _client = self._of_enrollment(row)
        day = self._service_day(row, "DateProvided")
        amount = row["FAAmount"]
        note = (
            label,
            row["OtherTypeProvided"],
            row["MovingOnOtherType"],
            amount and _("Amount: %(amount)s") % {"amount": amount},
            lists.REFERRAL_OUTCOMES.get(row["ReferralOutcome"], ""),
        )
        fields = {
            "enrollment_id": enrollment,
            "service_type_id": self._service_type(f"hmis-{kind}-{provided}".rstrip("-"), label),
            "started_at": datetime.combine(day, time(12), tzinfo=timezone.get_current_timezone()),
            "note": "\n".join(str(part) for part in note if part),
        }
        lead = self.staff.get(row["UserID"])
        if row["UserID"] and lead is None:
            self._warn(row, "UserID", self._why_missing("User.csv", row["UserID"]))
        return Wanted(row, key, fields, lead=lead)

    def _service_type(self, code, name):
        """Our key of the agency's service type, by code, else by name, else made."""
        code, name = code[:40], name[:120]
        if code not in self.service_types:
            found = self._scoped(ServiceType).filter(name=name).first()
            if found is None:
                found = create_many(
                    ServiceType, [ServiceType(agency=self.agency, code=code, name=name, position=500)]
                )[0]
                self.report.also("ServiceType").created += 1
            self.service_types[code] = found.pk
        return self.service_types[code]

    def _settle_visit(self, visit, differing, wanted):
        if "enrollment_id" in differing:
            raise Fault("EnrollmentID", _("Here it belongs to another enrollment; it does not move."))
        if visit.is_locked:
            self._warn(wanted.row, "", _("It is signed here and stays as it is."))
            differing.clear()

    def _write_leads(self, batch, visits, untouched):
        """Who led each visit, where the export names somebody we know."""
        lead = VisitParticipant.Role.LEAD
        present = {}
        for row in self._scoped(VisitParticipant).filter(visit__in=[v.pk for v in visits.values()]):
            present.setdefault(row.visit_id, []).append(row)
        new, changed = [], []
        for wanted in batch:
            visit = visits.get(wanted.key)
            if visit is None or visit.is_locked or wanted.lead is None:
                continue
            those = present.get(visit.pk, ())
            if wanted.lead in [row.staff_id for row in those]:
                continue
            held = next((row for row in those if row.role == lead), None)
            if held is None:
                new.append(VisitParticipant(agency=self.agency, visit=visit, staff_id=wanted.lead, role=lead))
            else:
                held.staff_id = wanted.lead
                changed.append(held)
            if wanted.key in untouched:
                tally = self.report.tally(wanted.row.file)
                tally.unchanged -= 1
                tally.updated += 1
        if create_many(VisitParticipant, new):
            self._measure(VisitParticipant)
        update_many(VisitParticipant, changed, ["staff_id"])
