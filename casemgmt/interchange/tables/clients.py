"""Rows of a table as people we serve: with a program they are enrolled, without one they wait at the front door."""

from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Program, StaffMember
from casemgmt.core.crypt import digest
from casemgmt.interchange.tables import cells as read
from casemgmt.interchange.tables.columns import CLIENT_FIELDS
from casemgmt.interchange.tables.kind import (
    CREATED,
    SKIPPED,
    UNCHANGED,
    UPDATED,
    Doubtful,
    Kind,
    change,
    differing,
    missing,
)
from clients import names
from clients.matching import Traits, Verdict, compare
from clients.models import Client, Enrollment, Identifier, IncomingReferral, OtherName
from clients.models.identity import plain_number
from clients.pipeline import Stage

PLAIN = (
    "given_name",
    "middle_name",
    "family_name",
    "name_suffix",
    "chosen_name",
    "pronouns",
    "phone",
    "email",
    "language",
    "contact_note",
)
YES_OR_NO = ("needs_interpreter", "no_voicemail", "address_protected")
NUMBERS = {f"id_{kind}": kind for kind in ("social", "medicaid", "medicare", "health", "state")}
SEARCHED = ("pk", "number", "name_key", "sound_key", "phone_key", "born_on", "email")
DESCRIBED = (
    "given_name",
    "middle_name",
    "family_name",
    "name_suffix",
    "chosen_name",
    "born_precision",
    "phone",
)


class Clients(Kind):
    fields = CLIENT_FIELDS

    def __init__(self, run, staff):
        super().__init__(run, staff)
        self.programs = read.Lookup(
            _("There is no such program here."), _("More than one program is called so.")
        )
        self.program_rows = {}
        for program in Program.objects.visible_to(staff).open():
            self.programs.add(program.pk, program.name, program.code)
            self.program_rows[program.pk] = program
        self.workers = read.Lookup(
            _("Nobody who works here has this name, user name or e-mail."),
            _("More than one colleague has this name: give their user name."),
        )
        self.worker_rows = {}
        for worker in StaffMember.objects.visible_to(staff).working().select_related("user"):
            self.workers.add(worker.pk, worker.name, worker.email, worker.user and worker.user.username)
            self.worker_rows[worker.pk] = worker

    # --- Understanding a row --------------------------------------------------------------------------------------

    def _wanted(self, cells):
        self._split_name(cells)
        fields = {
            name: self.tried(name, read.of_field, Client._meta.get_field(name), cells[name]) for name in PLAIN
        }
        if not any(cells[name] for name in ("given_name", "family_name", "chosen_name")):
            self.problem("", _("The name is missing."))
        born_on = cells["born_on"] and self.tried(
            "born_on", read.day, cells["born_on"], self.order, self.today
        )
        fields["born_on"] = born_on.isoformat() if born_on else ""
        fields["address"] = self._address(cells)
        for name in YES_OR_NO:
            if cells[name]:
                fields[name] = self.tried(name, read.yes_or_no, cells[name])
        number = Client._meta.get_field("number")
        wanted = {
            "key": self.key_of(cells),
            "number": self.tried("number", read.of_field, number, cells["number"]),
            "fields": fields,
            "other_name": self.tried(
                "other_name", read.of_field, OtherName._meta.get_field("name"), cells["other_name"]
            ),
            "numbers": {
                kind: self.tried(code, read.of_field, Identifier._meta.get_field("number"), cells[code])
                for code, kind in NUMBERS.items()
                if cells[code]
            },
        }
        return wanted | self._enrollment(cells)

    def _split_name(self, cells):
        """A whole name in one cell: “Last, First Middle”, or the last word is the last name."""
        whole = cells["whole_name"]
        if not whole or cells["given_name"] or cells["family_name"]:
            return
        if "," in whole:
            family, given = (part.strip() for part in whole.split(",", 1))
            cells["family_name"] = family
            first, _space, rest = given.partition(" ")
            cells["given_name"], cells["middle_name"] = first, cells["middle_name"] or rest
        else:
            cells["given_name"], _space, cells["family_name"] = whole.rpartition(" ")

    def _address(self, cells):
        place = " ".join(part for part in (cells["region"], cells["postcode"]) if part)
        street = " ".join(part for part in (cells["street"], cells["unit"]) if part)
        parts = (cells["address"], street, cells["city"], place)
        text = ", ".join(part for part in parts if part)
        code = next((c for c in ("address", "street", "city") if cells[c]), "address")
        return self.tried(code, read.of_field, Client._meta.get_field("address"), text)

    def _enrollment(self, cells):
        program, worker, day = self.run.program_id, None, None
        if cells["program"]:
            program = self.tried("program", self.programs.pk, cells["program"])
        elif program and program not in self.program_rows:
            self.problem("program", _("The program that was chosen is closed now."))
        if cells["worker"]:
            worker = self.tried("worker", self.workers.pk, cells["worker"])
        if cells["enrolled_on"]:
            day = self.tried("enrolled_on", read.day, cells["enrolled_on"], self.order, self.today)
        elif program:
            day = self.run.enrolled_on
            if day is None:
                self.problem("enrolled_on", _("The day is missing; the program needs one."))
        return {"program": program, "worker": worker, "enrolled_on": day.isoformat() if day else ""}

    # --- Whom it may be -------------------------------------------------------------------------------------------

    def blocks(self, wanted):
        """Under what a person is looked up; only who shares one of these is compared."""
        fields = wanted["fields"]
        shadow = Client(**{name: fields[name] or "" for name in PLAIN})
        shadow.fill_keys()
        return (
            ("number", wanted["number"]),
            ("name_key", shadow.name_key),
            ("sound_key", shadow.sound_key),
            ("phone_key", shadow.phone_key if len(shadow.phone_key) >= 7 else ""),
            ("born_on", fields["born_on"]),
            ("email", (fields["email"] or "").casefold()),
            *(
                ("digest", digest(self.agency.pk, kind, plain_number(number)))
                for kind, number in wanted["numbers"].items()
            ),
        )

    def traits(self, wanted):
        fields = wanted["fields"]
        return Traits(
            given=fields["given_name"] or "",
            middle=fields["middle_name"] or "",
            family=fields["family_name"] or "",
            suffix=fields["name_suffix"] or "",
            chosen=fields["chosen_name"] or "",
            born_on=date.fromisoformat(fields["born_on"]) if fields["born_on"] else None,
            phones=(fields["phone"] or "",),
            emails=(fields["email"] or "",),
            others=(wanted["other_name"],) if wanted["other_name"] else (),
            numbers=wanted["numbers"],
        )

    def alike(self, one, other):
        """Why two descriptions may be of one person, in words; empty where a worker need not be asked."""
        match = compare(one, other)
        if match.verdict not in (Verdict.PROBABLY, Verdict.PERHAPS):
            return ""
        found = {name for name, how in match.found.items() if how not in ("differ", "initial", "around")}
        said = [_("name")] if found & {"given", "family"} else []
        for name, words in (
            ("birth", _("date of birth")),
            ("phone", _("phone")),
            ("email", _("e-mail")),
            ("number", _("identity number")),
        ):
            if name in found:
                said.append(words)
        return _("same or similar: %(what)s") % {"what": ", ".join(said)}

    def compare_known(self, rows):
        """Find people who are known here already; a few questions for many rows."""
        rows = [row for row in rows if not row.problems]
        known = self._by_key([row.wanted["key"] for row in rows])
        rows = [row for row in rows if row.wanted["key"] not in known]
        blocks = {row.line: {place for place in self.blocks(row.wanted) if place[1]} for row in rows}
        people = {}
        wanted = set().union(*blocks.values()) if blocks else set()
        found = list(self._people(wanted))
        numbers = self._numbers_of(found) if any(row.wanted["numbers"] for row in rows) else {}
        for person in found:
            theirs = numbers.get(person.pk, [])
            traits = _traits_of(person, {one.kind: one.number for one in theirs})
            for place in (*_places_of(person), *(("digest", one.digest) for one in theirs)):
                people.setdefault(place, {})[person.pk] = (person, traits)
        for row in rows:
            traits, found = self.traits(row.wanted), {}
            for place in blocks[row.line]:
                found |= people.get(place, {})
            number = row.wanted["number"]
            row.matches = [
                {"pk": pk, "number": person.number or str(pk), "why": str(why)}
                for pk, (person, theirs) in sorted(found.items())
                if (
                    why := (number and person.number == number and _("same number"))
                    or self.alike(traits, theirs)
                )
            ][:3]

    def _people(self, places):
        """People whom this person may recognise, and who share a place with a row."""
        wanted = {}
        for name, value in places:
            wanted.setdefault(name, set()).add(value)
        if not wanted:
            return []
        digests = wanted.pop("digest", ())
        shared = Q()
        for name, values in wanted.items():
            shared |= Q(**{f"{name}__in": values})
        if digests:
            numbers = Identifier.objects.filter(agency=self.agency, digest__in=digests)
            shared |= Q(pk__in=numbers.values("client"))
        return Client.objects.to_recognise(self.staff).filter(shared).only(*SEARCHED, *DESCRIBED)

    def _numbers_of(self, people):
        numbers = {}
        for one in Identifier.objects.filter(agency=self.agency, client__in=[person.pk for person in people]):
            numbers.setdefault(one.client_id, []).append(one)
        return numbers

    def _by_key(self, keys):
        keys = [key for key in keys if key]
        if not keys:
            return {}
        mine = Client.objects.filter(agency=self.agency, source=self.run.system, source_key__in=keys)
        return {client.source_key: client for client in mine.select_related("merged_into")}

    # --- Taking it in -----------------------------------------------------------------------------------------------

    def prepare(self, rows):
        """What taking these rows in asks of the database once for all of them."""
        # Somebody may have been written down since the check.
        self.compare_known([row for row in rows if not row.matches and not row.answer])
        self.known = self._by_key([row.wanted["key"] for row in rows])
        visible = Client.objects.visible_to(self.staff).filter(
            pk__in=[c.merged_into_id or c.pk for c in self.known.values()]
        )
        self.visible = set(visible.values_list("pk", flat=True))

    def take(self, row):
        wanted = row.wanted
        fields = wanted["fields"] | {"born_on": _day(wanted["fields"]["born_on"])}
        if known := self.known.get(wanted["key"]):
            return self._update(known.merged_into or known, wanted, fields)
        verb, _colon, pk = row.answer.partition(":")
        if verb == "skip":
            return SKIPPED
        if verb == "fill":
            return self._fill(int(pk), wanted, fields)
        if row.matches and verb != "new":
            raise Doubtful(self.held(row.matches))
        return self._create(wanted, fields)

    def _update(self, client, wanted, fields):
        if client.pk not in self.visible:
            raise Doubtful(_("This key cannot be used by you. Ask a director to send this row."))
        changed = change(client, differing(client, fields))
        changed |= self._write_around(client, wanted)
        changed |= self._enroll(client, wanted)
        return UPDATED if changed else UNCHANGED

    def _fill(self, pk, wanted, fields):
        client = Client.objects.visible_to(self.staff).filter(pk=pk).first()
        if client is None:
            raise Doubtful(_("The record that was chosen is not one that you work with."))
        filled = missing(client, fields)
        if wanted["key"] and not client.source_key:
            filled |= {"source": self.run.system, "source_key": wanted["key"]}
        if wanted["number"] and not client.number:
            filled["number"] = self._free(wanted["number"])
        changed = change(client, filled)
        changed |= self._write_around(client, wanted)
        changed |= self._enroll(client, wanted)
        return UPDATED if changed else UNCHANGED

    def _create(self, wanted, fields):
        client = Client(agency=self.agency, source=self.run.system, source_key=wanted["key"])
        client.number = self._free(wanted["number"])
        change(client, {name: value for name, value in fields.items() if value not in ("", None)})
        self._write_around(client, wanted)
        if not self._enroll(client, wanted):
            # Without a program nobody would be responsible: they wait where everybody begins.
            IncomingReferral.objects.create(
                agency=self.agency,
                client=client,
                reason=_("Came with an import of a table; nobody has met them here yet."),
                assigned_to=self.worker_rows.get(wanted["worker"]),
            )
        return CREATED

    def _write_around(self, client, wanted):
        """The other name and the identity numbers, where they are not known yet; what is here stays."""
        changed = False
        other = wanted["other_name"]
        names_here = OtherName.objects.filter(agency=self.agency, client=client)
        if other and not names_here.filter(name_key=names.fold(other)[:400]).exists():
            OtherName.objects.create(client=client, name=other)
            changed = True
        for kind, number in wanted["numbers"].items():
            if not Identifier.objects.filter(agency=self.agency, client=client, kind=kind).exists():
                Identifier.objects.create(client=client, kind=kind, number=number)
                changed = True
        return changed

    def _free(self, number):
        if number and Client.objects.filter(agency=self.agency, number=number).exists():
            raise Doubtful(_("This number of ours cannot be used: it is taken."))
        return number or ""

    def _enroll(self, client, wanted):
        """Enroll in the program that the row names; nobody twice, and nobody again who was discharged from it."""
        program = self.program_rows.get(wanted["program"])
        if program is None:
            return False
        key = f"{wanted['key']}:{program.pk}" if wanted["key"] else ""
        theirs = Q(client=client, program=program, ended_on=None)
        if key:
            theirs |= Q(source=self.run.system, source_key=key)
        if Enrollment.objects.filter(theirs, agency=self.agency).exists():
            return False
        day = _day(wanted["enrolled_on"])
        (enrollment,) = Enrollment.record_past(
            [
                Enrollment(
                    agency=self.agency,
                    client=client,
                    program=program,
                    enrolled_on=day,
                    stage=Stage.ENROLLED,
                    staged_on=self.today,
                    source=self.run.system,
                    source_key=key,
                )
            ]
        )
        if worker := self.worker_rows.get(wanted["worker"]):
            enrollment.assign(worker, by=self.staff)
        return True

    @staticmethod
    def people_in(rows):
        return {match["pk"] for row in rows for match in row.matches if "pk" in match}

    def found(self, pks):
        """What helps to recognise these people; a record may be filled by who works with it."""
        people = Client.objects.to_recognise(self.staff).filter(pk__in=pks)
        own = set(Client.objects.visible_to(self.staff).filter(pk__in=pks).values_list("pk", flat=True))
        return {
            person.pk: {
                "name": person.name,
                "born": person.born_on,
                "url": reverse("workspace:client", kwargs={"pk": person.pk}),
                "may_fill": person.pk in own,
            }
            for person in people
        }

    # --- What is shown of a row -------------------------------------------------------------------------------------

    def shown(self, row):
        """The row as it will be stored: (label, value) for all that it says."""
        wanted = row.wanted
        fields = wanted["fields"]
        said = {"key": wanted["key"], "number": wanted["number"], **fields}
        program = self.program_rows.get(wanted["program"])
        said |= {"program": program, "enrolled_on": wanted["enrolled_on"] if program else ""}
        said["worker"] = self.worker_rows.get(wanted["worker"])
        said["other_name"] = wanted["other_name"]
        said |= {
            f"id_{kind}": Identifier(kind=kind, number=number).masked
            for kind, number in wanted["numbers"].items()
        }
        for name in YES_OR_NO:
            if fields.get(name) is not None:
                said[name] = _("Yes") if fields[name] else _("No")
        for name in ("born_on", "enrolled_on"):
            said[name] = date_format(_day(said[name]), "j M Y") if said[name] else ""
        return [(self.labels[code], value) for code, value in said.items() if value and code in self.labels]

    def title(self, row):
        fields = row.wanted.get("fields", {})
        parts = (fields.get("chosen_name") or fields.get("given_name"), fields.get("family_name"))
        return " ".join(part for part in parts if part)

    def born(self, row):
        return _day(row.wanted.get("fields", {}).get("born_on"))


def _day(text):
    return date.fromisoformat(text) if text else None


def _traits_of(person, numbers):
    return Traits(
        given=person.given_name,
        middle=person.middle_name,
        family=person.family_name,
        suffix=person.name_suffix,
        chosen=person.chosen_name,
        born_on=person.born_on,
        born_precision=person.born_precision,
        phones=(person.phone,),
        emails=(person.email,),
        numbers=numbers,
    )


def _places_of(person):
    return (
        ("number", person.number),
        ("name_key", person.name_key),
        ("sound_key", person.sound_key),
        ("phone_key", person.phone_key),
        ("born_on", person.born_on.isoformat() if person.born_on else ""),
        ("email", person.email.casefold()),
    )
