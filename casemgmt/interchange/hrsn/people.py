"""Whose screening it is: somebody known here beyond doubt, somebody new, or a question for a person to answer."""

from django.utils.translation import gettext as _

from casemgmt.interchange.hmis.batches import Fault
from casemgmt.interchange.hmis.reader import social_number
from clients.matching import Traits, Verdict
from clients.models import Client, Enrollment, Identifier, IncomingReferral
from clients.models.identity import digests_of, plain_number

MOST_NAMED = 5
TAKEN_FROM_FILE = (
    "given_name",
    "middle_name",
    "family_name",
    "phone",
    "address",
    "language",
    "pronouns",
)


class Finder:
    """Finds and makes people for one run."""

    def __init__(self, agency, source):
        self.agency, self.source = agency, source
        self.met = {}

    def prepare(self, keys, *, keep=False):
        """Who came earlier under these keys of the sender, as they stand today; one batch at a time."""
        mine = Client.objects.filter(
            agency=self.agency, source=self.source, source_key__in=[k for k in keys if k]
        )
        self.met = {key: row for key, row in self.met.items() if key not in keys} if keep else {}
        for client in mine.select_related("merged_into"):
            while client.merged_into_id and client.merged_into.merged_into_id:
                client = client.merged_into
            self.met[client.source_key] = client.merged_into or client

    def find(self, person):
        """The person here, or None where nobody is like them. Raises Fault where somebody may be the same."""
        if person.key in self.met:
            return self.met[person.key]
        if not person.file:
            raise Fault(
                "PATIENT_MR_ID_VALUE",
                _("There is no row about this patient, and nobody here came under this number."),
            )
        found = self._alike(person)
        if (sure := _the_one(found)) is not None:
            self.met[person.key] = sure
            return sure
        if found:
            numbers = ", ".join(str(row.no) for row in found[:MOST_NAMED])
            raise Fault("", _("May be the same person as number %(numbers)s here.") % {"numbers": numbers})
        return None

    def _alike(self, person):
        digests = [
            one
            for number in (person.medicaid, social_number(person.social))
            if number and plain_number(number)
            for one in digests_of(self.agency.pk, number)
        ]
        traits = Traits(
            given=person.given_name,
            middle=person.middle_name,
            family=person.family_name,
            suffix=person.name_suffix,
            born_on=person.day,
            phones=(person.phone,) if person.phone else (),
        )
        everybody = Client.objects.filter(agency=self.agency, merged_into=None)
        return everybody.possible_matches(traits, digests=digests)

    def make(self, person, *, reason, received_on=None, **fields):
        """A new person, who waits at the front door with a referral."""
        said = {name: getattr(person, name) for name in TAKEN_FROM_FILE}
        client = Client(
            agency=self.agency,
            source=self.source,
            source_key=person.key,
            born_on=person.day,
            name_suffix=person.name_suffix,
            **said,
        )
        client.save()
        if person.medicaid:
            Identifier.objects.create(client=client, kind=Identifier.Kind.MEDICAID, number=person.medicaid)
        IncomingReferral.objects.create(
            agency=self.agency,
            client=client,
            reason=reason,
            **({"received_on": received_on} if received_on else {}),
            **fields,
        )
        self.met[person.key] = client
        return client

    def open_stays(self, client):
        """(enrollment, whether its program is sealed) of those that are open."""
        rows = Enrollment.objects.filter(agency=self.agency, client=client).open()
        return list(rows.values_list("pk", "program__is_part_2")[:3])


def _the_one(found):
    """Who it is beyond doubt: the only one who carries the number, else the only one who is probable at all."""
    sure = [row for row in found if _is_sure(row.match)]
    numbered = [row for row in sure if row.match.found.get("number") == "same"]
    if len(numbered) == 1:
        return numbered[0]
    probable = [row for row in found if row.match.verdict == Verdict.PROBABLY]
    return sure[0] if sure and len(probable) == 1 else None


def _is_sure(match):
    """Certain enough to put answers into a record: called the same, born the same day, and nothing against it."""
    found = match.found
    return (
        match.verdict == Verdict.PROBABLY
        and found.get("birth") == "same"
        and found.get("given") in ("same", "kin")
        and found.get("family") == "same"
        and "order" not in found
        and not {found.get("number"), found.get("suffix")} & {"differ", "mixed", "close"}
    )
