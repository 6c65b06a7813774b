"""Programs, staff and people of an export."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Program, StaffMember
from casemgmt.agencies.models.agency import phone_shape
from casemgmt.agencies.models.program import ModelOfPractice
from casemgmt.core.models import create_many
from casemgmt.interchange.hmis import lists
from casemgmt.interchange.hmis.batches import BEGINNING, Rows, Wanted
from casemgmt.interchange.hmis.reader import common_name, looks_hashed, social_number
from clients.models import Client, Identifier

NAMES = {"given_name", "middle_name", "family_name", "name_suffix"}


class People(Rows):
    """Project.csv, User.csv and Client.csv."""

    declared_hashed = with_ssn = False

    def _take_people(self):
        self._take("Project", "ProjectID", Program, self._program, settle=self._settle_program)
        self.programs = self._keys(Program)
        self._take("User", "UserID", StaffMember, self._staff_member)
        self.staff = self._keys(StaffMember)
        clients = self.export.table("Client")
        self.hidden_name = common_name((row["FirstName"], row["LastName"]) for row in clients)
        for batch in self._batches("Client", "PersonalID", [Client], self._client):
            rows, _untouched = self._write(Client, batch, settle=self._settle_client)
            if self.with_ssn:
                self._write_numbers(batch, rows)

    def _program(self, row, key):
        code, model = "", ModelOfPractice.CUSTOM
        if row["ProjectType"] in lists.PROJECT_TYPES:
            code, model = lists.PROJECT_TYPES[row["ProjectType"]]
        elif row["ProjectType"]:
            self._warn(row, "ProjectType", _("This code is on no list; left out."))
        starting = Program(model=model, name=_("HMIS project %(key)s") % {"key": key})
        starting.take_defaults_of_model()
        names = ("model", "name", "caseload_target", "shares_caseload", "crisis_cover", "contact_every_days")
        opened, closed = self._day(row, "OperatingStartDate"), self._day(row, "OperatingEndDate")
        if opened and closed and closed < opened:
            self._warn(row, "OperatingEndDate", _("It ended before it began; left out."))
            closed = None
        fields = {
            "name": self._text(row, "ProjectName", 200) or self._text(row, "ProjectCommonName", 200),
            "code": code,
            "opened_on": opened,
            "closed_on": closed,
        }
        return Wanted(row, key, fields, {name: getattr(starting, name) for name in names})

    def _settle_program(self, program, differing, wanted):
        opened = differing.get("opened_on", program.opened_on)
        closed = differing.get("closed_on", program.closed_on)
        if opened and closed and closed < opened:
            self._warn(wanted.row, "OperatingEndDate", _("It ended before it began; left out."))
            differing.pop("opened_on", None)
            differing.pop("closed_on", None)

    def _staff_member(self, row, key):
        name = f"{row['UserFirstName']} {row['UserLastName']}".strip()[:150]
        phone = row["UserPhone"]
        if phone and row["UserExtension"]:
            phone = f"{phone} x{row['UserExtension']}"
        fields = {
            "name": name,
            "email": self._checked(row, "UserEmail", row["UserEmail"], validate_email, 254),
            "phone": self._checked(row, "UserPhone", phone, phone_shape, 40),
        }
        return Wanted(row, key, fields, {"name": _("HMIS user %(key)s") % {"key": key}})

    def _checked(self, row, column, text, validate, longest):
        if not text:
            return ""
        try:
            validate(text)
        except ValidationError:
            text = ""
        if not text or len(text) > longest:
            self._warn(row, column, _("This cannot be right; left out."))
            return ""
        return text

    def _client(self, row, key):
        """A person; race, sex and the rest of Client.csv stay where they are."""
        names = {
            "given_name": self._text(row, "FirstName", 100),
            "middle_name": self._text(row, "MiddleName", 100),
            "family_name": self._text(row, "LastName", 100),
            "name_suffix": self._text(row, "NameSuffix", 50),
        }
        if self.hidden_name == (row["FirstName"], row["LastName"]):
            names = dict.fromkeys(names, "")
        names = {
            field: "" if looks_hashed(name, declared=self.declared_hashed) else name
            for field, name in names.items()
        }
        first = {}
        if names["given_name"] or names["family_name"]:
            quality = lists.NAME_QUALITY.get(row["NameDataQuality"], Client.NameQuality.FULL)
            names["name_quality"] = quality
        else:
            names = {}
            first = {
                "given_name": _("Name withheld"),
                "family_name": key[-8:],
                "name_quality": Client.NameQuality.HASHED,
            }
        born_on = self._birth(row)
        fields = {**names, "born_on": born_on}
        if born_on:
            fields["born_precision"] = self._precision(row, born_on)
        return Wanted(row, key, fields, first, social=social_number(row["SSN"]) if self.with_ssn else "")

    def _settle_client(self, client, differing, wanted):
        """A name that comes after all takes the whole place of the one that stood in for it."""
        if client.merged_into_id:
            self._warn(wanted.row, "PersonalID", _("Merged into another record here; that stays as it is."))
            differing.clear()
        elif NAMES & differing.keys() and client.name_quality == Client.NameQuality.HASHED:
            differing.update({name: wanted.fields[name] for name in NAMES})

    def _write_numbers(self, batch, clients):
        """Whole social security numbers, where the person has none here; one that differs stays as it is."""
        social = {}
        for wanted in batch:
            client = clients.get(wanted.key)
            if client is not None and wanted.social:
                social.setdefault(client.merged_into_id or client.pk, wanted)
        held = self._scoped(Identifier).filter(kind=Identifier.Kind.SOCIAL, client__in=social)
        held = {row.client_id: row for row in held}
        new = []
        for client, wanted in social.items():
            row = Identifier(
                agency=self.agency, client_id=client, kind=Identifier.Kind.SOCIAL, number=wanted.social
            )
            row.fill_digest()
            if client not in held:
                new.append(row)
            elif held[client].digest != row.digest:
                self._warn(wanted.row, "SSN", _("Another number is known here; that stays."))
        create_many(Identifier, new)
        tally = self.report.also("Identifier")
        tally.created += len(new)
        tally.unchanged += len(social) - len(new)

    def _birth(self, row):
        born_on = self._day(row, "DOB")
        if born_on and not BEGINNING <= born_on <= self.today:
            self._warn(row, "DOB", _("Nobody can be born then; left out."))
            return None
        return born_on

    def _precision(self, row, born_on):
        quality = row["DOBDataQuality"]
        if quality == "2" and (born_on.month, born_on.day) == (1, 1):
            return Client.BirthPrecision.YEAR
        return lists.BIRTH_PRECISION.get(quality, Client.BirthPrecision.EXACT)
