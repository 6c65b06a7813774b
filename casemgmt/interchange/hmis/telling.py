"""What the rows of an export tell of people, as dated facts and key events."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from casemgmt.core.models import create_many, update_many
from casemgmt.interchange.hmis import facts
from casemgmt.interchange.hmis.batches import ELSEWHERE, Fault, Rows, by_the_batch, put, what_differs
from casemgmt.interchange.hmis.facts import Happened, Said
from casemgmt.interchange.hmis.reader import Row
from clients.models import DatedFact, KeyEvent

KEYS_AT_ONCE = 5000
LONGEST_SAID, LONGEST_LABEL = 200, 150


@dataclass(slots=True)
class Told:
    """What a row tells of a person: facts and events of one day."""

    row: Row
    key: str
    enrollment: int
    client: int
    day: date
    occasion: str
    said: list

    @property
    def file(self):
        return self.row.file.removesuffix(".csv")

    def key_of(self, thing):
        """`IncomeBenefits:7` is the row's first fact, `IncomeBenefits.Earned:7` one more of it."""
        return f"{self.file}{'.' if thing.part else ''}{thing.part}:{self.key}"


class Telling(Rows):
    """The files of facts, and the facts that other files hold beside."""

    def _take_facts(self, kept):
        def understand(row, key):
            return self._told(kept, row, key.removeprefix(f"{kept.file}:"))

        prefix = f"{kept.file}:"
        batches = self._batches(kept.file, kept.key, [DatedFact], understand, prefix=prefix, needs=ELSEWHERE)
        for batch in batches:
            self._write_told(batch, count=True)

    def _told(self, kept, row, key):
        enrollment, client = self._of_enrollment(row)
        day = self._service_day(row, kept.day)

        def doubt(column, why):
            self._warn(row, column, why)

        try:
            said = list(kept.read(row, doubt))
        except facts.Unknown as unknown:
            raise Fault(unknown.column, _("This code is on no list.")) from None
        if row["UserID"] and row["UserID"] not in self.staff:
            self._warn(row, "UserID", self._why_missing("User.csv", row["UserID"]))
        for one in said:
            if isinstance(one, Said) and (len(one.said) > LONGEST_SAID or len(one.label) > LONGEST_LABEL):
                self._warn(row, "", _("Too long; cut to %(longest)s characters.") % {"longest": LONGEST_SAID})
                one.said, one.label = one.said[:LONGEST_SAID], one.label[:LONGEST_LABEL]
        return Told(row, key, enrollment, client, day, facts.occasion(row, doubt), said)

    def _write_told(self, told, *, count=False):
        """Facts and events; `count` says that the rows of the file are theirs."""
        wanted = [(t.key_of(one), one, t) for t in told for one in t.said if isinstance(one, Said)]
        known = self._known_facts([key for key, _one, _told in wanted])
        here = self.report.also("DatedFact")
        written, changed, new, moved = {}, [], [], set()
        for key, one, t in wanted:
            row = known.get(key)
            if row is None:
                if not one.mends:
                    new.append(self._fact(key, one, t))
                    written.setdefault(id(t), "created")
                continue
            if row.enrollment_id != t.enrollment:
                moved.add(id(t))
                continue
            differing = _differing_fact(row, one, t)
            if differing:
                put(row, differing)
                changed.append(row)
                written[id(t)] = "updated"
            else:
                here.unchanged += 1
                written.setdefault(id(t), "unchanged")
        if create_many(DatedFact, new):
            self._measure(DatedFact)
        update_many(DatedFact, changed, ["topic", "label", "said", "cents", "on", "occasion", "client"])
        here.created += len(new)
        here.updated += len(changed)
        for t in told if count else ():
            tally = self.report.tally(t.row.file)
            if id(t) in moved:
                fault = Fault("EnrollmentID", _("Here it belongs to another enrollment; it does not move."))
                self._refuse(t.row, fault)
                continue
            how = written.get(id(t), "unchanged")
            setattr(tally, how, getattr(tally, how) + 1)
        self._write_events(
            (t.key_of(one), one, t.enrollment, t.client, t.day)
            for t in told
            for one in t.said
            if isinstance(one, Happened) and id(t) not in moved
        )

    def _known_facts(self, keys):
        known = {}
        for some in by_the_batch(keys, KEYS_AT_ONCE):
            known |= {row.source_key: row for row in self._mine(DatedFact).filter(source_key__in=some)}
        return known

    def _fact(self, key, one, told):
        return DatedFact(
            agency=self.agency,
            source=self.source,
            source_key=key,
            client_id=told.client,
            enrollment_id=told.enrollment,
            topic=one.topic,
            label=one.label,
            said=one.said,
            cents=one.cents,
            on=told.day,
            occasion=told.occasion,
        )

    def _write_events(self, events):
        """Events of a life: key, what happened, enrollment, person, day."""
        events = list(events)
        keys = [key for key, *_rest in events]
        known = {row.source_key: row for row in self._mine(KeyEvent).filter(source_key__in=keys)}
        tally = self.report.also("KeyEvent")
        new, changed = [], []
        for key, one, enrollment, client, day in events:
            fields = {"kind": one.kind, "started_on": day, "client_id": client}
            row = known.get(key)
            if row is None:
                new.append(
                    KeyEvent(
                        agency=self.agency,
                        source=self.source,
                        source_key=key,
                        enrollment_id=enrollment,
                        note=one.note,
                        **fields,
                    )
                )
            elif row.ended_on and row.ended_on < day:
                tally.unchanged += 1  # a worker has told its end here
            elif differing := what_differs(row, fields):
                put(row, differing)
                changed.append(row)
            else:
                tally.unchanged += 1
        if create_many(KeyEvent, new):
            self._measure(KeyEvent)
        update_many(KeyEvent, changed, ["kind", "started_on", "client"])
        tally.created += len(new)
        tally.updated += len(changed)


def _differing_fact(row, one, told):
    """What a known fact says otherwise; a row without an answer takes none away, a “no” takes the amount with it."""
    fields = {"on": told.day, "occasion": told.occasion, "client_id": told.client}
    if one.said:
        fields |= {"topic": one.topic, "label": one.label, "said": one.said, "cents": one.cents}
    differing = what_differs(row, fields)
    if one.mends and row.cents is not None:
        differing["cents"] = None
    return differing
