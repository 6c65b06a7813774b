"""Rows of a table as colleagues: their job, login, programs and supervisor, as the set-up would give them."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casemgmt.agencies.logins import find_login, make_login
from casemgmt.agencies.models import Program, ProgramStaff, StaffMember, SupervisionLink, User, in_force
from casemgmt.agencies.roles import ROLE_WORDS, Role, role_choices, role_label
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.interchange.tables import cells as read
from casemgmt.interchange.tables.columns import STAFF_FIELDS
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

PLAIN = ("email", "phone", "highest_degree", "degree_field")
DAYS = ("hired_on", "left_on")
_SIGNS = str.maketrans({";": ",", "/": ",", "|": ",", "+": ",", "&": ","})


class Staff(Kind):
    fields = STAFF_FIELDS

    def __init__(self, run, staff):
        super().__init__(run, staff)
        self.programs = read.Lookup(
            _("There is no such program here."), _("More than one program is called so.")
        )
        self.program_rows = {}
        for program in Program.objects.visible_to(staff).open():
            self.programs.add(program.pk, program.name, program.code)
            self.program_rows[program.pk] = program
        self.roles = read.Lookup(_("There is no such role."), _("There is no such role."))
        for role, _label in role_choices():
            words = (role, Role(role).label, role_label(role), str(ROLE_WORDS.get(role, "")))
            self.roles.add(role, *words, *(word.replace("_", " ") for word in words[:1]))
        self.gives_admin = staff.may("agency.configure")

    # --- Understanding a row --------------------------------------------------------------------------------------

    def _wanted(self, cells):
        if not cells["name"]:
            cells["name"] = f"{cells['given_name']} {cells['family_name']}".strip()
        elif "," in cells["name"]:
            cells["name"] = " ".join(part.strip() for part in reversed(cells["name"].split(",", 1))).strip()
        if not cells["name"]:
            self.problem("", _("The name is missing."))
        job = StaffMember._meta.get_field
        fields = {name: self.tried(name, read.of_field, job(name), cells[name]) for name in ("name", *PLAIN)}
        for name in DAYS:
            day = cells[name] and self.tried(name, read.day, cells[name], self.order, self.today, future=True)
            fields[name] = day.isoformat() if day else ""
        if fields["hired_on"] and fields["left_on"] and fields["left_on"] < fields["hired_on"]:
            self.problem("left_on", _("The last day cannot be before the first."))
        for name in ("fte", "experience_years"):
            number = cells[name] and self.tried(name, job(name).clean, cells[name].replace(",", "."), None)
            fields[name] = str(number) if number not in (None, "") else ""
        return {
            "key": self.key_of(cells),
            "fields": fields,
            "username": self._username(cells),
            "roles": self._each("roles", cells["roles"], self.roles.pk),
            "programs": self._each("programs", cells["programs"], self.programs.pk),
            "supervisor": cells["supervisor"][:254],
        }

    def _username(self, cells):
        username = cells["username"]
        if not username:
            return ""
        self.tried("username", read.of_field, User._meta.get_field("username"), username)
        if not cells["email"]:
            self.problem("email", _("A user name needs an e-mail, to which the way in is sent."))
        else:
            self.tried("email", validate_email, cells["email"])
        return username

    def _each(self, code, text, find):
        """What each of the words in a cell stands for; the whole cell first, because names may hold a comma."""
        if not text:
            return []
        try:
            return [find(text)]
        except ValidationError:
            words = [word.strip() for word in text.translate(_SIGNS).split(",") if word.strip()]
        found = [self.tried(code, find, word) for word in words]
        return list(dict.fromkeys(one for one in found if one is not None))

    def order_rows(self, rows):
        """Who is somebody's supervisor in the same file goes first; a circle of supervisors is refused."""
        by_word = {}
        for row in rows:
            for word in self._words_of(row.wanted):
                by_word.setdefault(word, row)
        for row in rows:
            above, seen = row, {row.line}
            while above is not None:
                above = by_word.get(above.wanted["supervisor"].casefold() or None)
                if above is None or above.problems:
                    break
                if above.line in seen:
                    sentence = worded(_("This {supervisor} is, in the file, led by the same person."))
                    row.problems = [*row.problems, ["supervisor", str(sentence)]]
                    break
                seen.add(above.line)
            row.turn = len(seen) - 1

    def _words_of(self, wanted):
        fields = wanted.get("fields", {})
        words = (fields.get("name"), fields.get("email"), wanted.get("username"), wanted.get("key"))
        return {word.casefold() for word in words if word}

    # --- Whom it may be -------------------------------------------------------------------------------------------

    def blocks(self, wanted):
        fields = wanted["fields"]
        return (
            ("name", names.fold(fields["name"] or "")),
            ("email", (fields["email"] or "").casefold()),
            ("username", wanted["username"].casefold()),
        )

    def traits(self, wanted):
        return dict(self.blocks(wanted))

    def alike(self, one, other):
        """Why two descriptions may be of one colleague, in words."""
        said = {"name": _("name"), "email": _("e-mail"), "username": _("user name")}
        same = [words for part, words in said.items() if one[part] and one[part] == other[part]]
        return _("same %(what)s") % {"what": ", ".join(same)} if same else ""

    def compare_known(self, rows):
        """Find colleagues who are on the list already, those who left among them."""
        self._know()
        for row in rows:
            if row.problems or row.wanted["key"] in self.by_key:
                continue
            traits = self.traits(row.wanted)
            row.matches = [
                {"pk": job.pk, "number": job.source_key or str(job.pk), "name": job.name, "why": why}
                for job, theirs in self.known
                if (why := self.alike(traits, theirs))
            ][:3]

    def _know(self):
        """Everybody on the staff list: by our key, and by what they are compared by."""
        self.known, self.by_key = [], {}
        for job in StaffMember.objects.visible_to(self.staff).select_related("user"):
            login = job.user.username if job.user else ""
            self.known.append(
                (
                    job,
                    {
                        "name": names.fold(job.name),
                        "email": job.email.casefold(),
                        "username": login.casefold(),
                    },
                )
            )
            if job.source_key and job.source == self.run.system:
                self.by_key[job.source_key] = job

    # --- Taking it in -----------------------------------------------------------------------------------------------

    def prepare(self, rows):
        self.compare_known([row for row in rows if not row.matches and not row.answer])
        self._know()

    def take(self, row):
        wanted = row.wanted
        fields = wanted["fields"] | {name: _day(wanted["fields"][name]) for name in DAYS}
        fields["fte"] = Decimal(fields["fte"]) if fields["fte"] else None
        fields["experience_years"] = int(fields["experience_years"]) if fields["experience_years"] else None
        if known := self.by_key.get(wanted["key"]):
            return self._update(known, wanted, differing(known, fields))
        verb, _colon, pk = row.answer.partition(":")
        if verb == "skip":
            return SKIPPED
        if verb == "fill":
            return self._fill(int(pk), wanted, fields)
        if row.matches and verb != "new":
            raise Doubtful(self.held(row.matches))
        return self._create(wanted, fields)

    def _create(self, wanted, fields):
        job = StaffMember(agency=self.agency, source=self.run.system, source_key=wanted["key"])
        said = {name: value for name, value in fields.items() if value not in ("", None)}
        self._check_roles(job, wanted["roles"])
        job.roles = wanted["roles"]
        job.user = self._login(wanted, fields)
        change(job, said)
        if job.user_id:
            self.written_to.append(job)
        self._belong(job, wanted)
        return CREATED

    def _update(self, job, wanted, changes):
        if wanted["roles"] and wanted["roles"] != job.roles:
            changes["roles"] = wanted["roles"]
        if changes and job.pk == self.staff.pk and changes.keys() & {"roles", "left_on"}:
            raise Doubtful(_("You cannot change your own roles or last day by an import."))
        if "roles" in changes or "left_on" in changes:
            self._check_roles(job, changes.get("roles", job.roles))
        given = None
        if job.user_id is None and wanted["username"]:
            given = changes["user"] = self._login(wanted, wanted["fields"])
        first, last = changes.get("hired_on", job.hired_on), changes.get("left_on", job.left_on)
        if first and last and last < first:
            raise Doubtful(_("The last day cannot be before the first."))
        changed = change(job, changes)
        if given is not None:
            self.written_to.append(job)
        changed |= self._belong(job, wanted)
        return UPDATED if changed else UNCHANGED

    def _fill(self, pk, wanted, fields):
        job = StaffMember.objects.visible_to(self.staff).filter(pk=pk).first()
        if job is None:
            raise Doubtful(_("The colleague who was chosen is not on the list."))
        filled = missing(job, fields)
        if wanted["key"] and not job.source_key:
            filled |= {"source": self.run.system, "source_key": wanted["key"]}
        return self._update(job, wanted | {"roles": wanted["roles"] if not job.roles else []}, filled)

    def _check_roles(self, job, roles):
        """An agency admin comes and goes only by the hand of one; the operator's job is nobody's to give."""
        if Role.OPERATOR.value in job.roles:
            raise Doubtful(_("This is the operator's job; it comes and goes with their entry."))
        if Role.ADMIN.value in {*roles, *job.roles} and not self.gives_admin:
            raise Doubtful(_("Only an agency admin makes or changes an agency admin."))

    def _login(self, wanted, fields):
        if not wanted["username"]:
            return None
        try:
            login = find_login(wanted["username"], fields["email"])
        except Refused as refused:
            raise Doubtful(refused.sentences[0]) from None
        if login is None:
            return make_login(wanted["username"], fields["email"])
        if StaffMember.objects.filter(agency=self.agency, user=login).exists():
            raise Doubtful(_("A colleague on your staff list already signs in with this."))
        return login

    def _belong(self, job, wanted):
        """Programs and supervisor from today on; what somebody belongs to already stays."""
        changed = False
        member_of = set(
            ProgramStaff.objects.filter(in_force(), agency=self.agency, staff=job).values_list(
                "program", flat=True
            )
        )
        for pk in wanted["programs"]:
            if pk in self.program_rows and pk not in member_of:
                ProgramStaff.objects.create(program=self.program_rows[pk], staff=job)
                changed = True
        return self._lead(job, wanted["supervisor"]) or changed

    def _lead(self, job, word):
        if not word:
            return False
        above = self._colleague(word)
        if above.pk == job.pk:
            raise Doubtful(_("Nobody leads themselves."))
        links = SupervisionLink.objects.filter(in_force(), agency=self.agency, staff=job)
        if links.filter(supervisor=above).exists():
            return False
        for link in links:
            link.ended_on = max(self.today, link.started_on)
            link.save()
        SupervisionLink.objects.create(staff=job, supervisor=above)
        return True

    def _colleague(self, word):
        """The colleague whom a cell names by employee number, user name, e-mail or name."""
        working = StaffMember.objects.visible_to(self.staff).working()
        ways = (
            Q(source=self.run.system, source_key=word),
            Q(user__username__iexact=word),
            Q(email__iexact=word),
            Q(name__iexact=word),
        )
        for way in ways:
            found = list(working.filter(way)[:2])
            if len(found) == 1:
                return found[0]
            if found:
                raise Doubtful(worded(_("More than one colleague may be meant as {supervisor}.")))
        raise Doubtful(worded(_("The {supervisor} is not on the staff list.")))

    def found(self, pks):
        """Who on the staff list is meant."""
        jobs = StaffMember.objects.visible_to(self.staff).filter(pk__in=pks)
        return {job.pk: {"name": job.name, "may_fill": True} for job in jobs}

    # --- What is shown of a row -------------------------------------------------------------------------------------

    def shown(self, row):
        """The row as it will be stored: (label, value) for all that it says."""
        wanted = row.wanted
        fields = wanted["fields"]
        said = {"key": wanted["key"], **fields, "username": wanted["username"]}
        for name in DAYS:
            said[name] = date_format(_day(fields[name]), "j M Y") if fields[name] else ""
        said["roles"] = ", ".join(role_label(role) for role in wanted["roles"])
        said["programs"] = ", ".join(
            self.program_rows[pk].name for pk in wanted["programs"] if pk in self.program_rows
        )
        said["supervisor"] = wanted["supervisor"]
        return [(self.labels[code], value) for code, value in said.items() if value]

    def title(self, row):
        return row.wanted.get("fields", {}).get("name") or ""

    def born(self, row):
        return None


def _day(text):
    return date.fromisoformat(text) if text else None
