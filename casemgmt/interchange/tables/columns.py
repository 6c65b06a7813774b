"""What a column of a table can be, and what its name says that it is. No database."""

from dataclasses import dataclass

from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.words import capital
from clients import names


@dataclass(frozen=True)
class Field:
    """One of our fields that a column may fill; `names` are what others call it."""

    code: str
    label: str
    names: tuple = ()


# What stands above the last column of a file of refused rows; on the way in that column is left out.
def reason_header():
    return now_("Refused because")


KEY = "key"

CLIENT_FIELDS = (
    Field(KEY, _("Key in the other system"), ("id", "external id", "system id", "record id", "unique id", "key",
          "guid", "uuid", "personalid", "personal id")),
    Field("number", _("Our number"), ("number", "no", "case number", "case no", "file number", "file no",
          "chart number", "chart no", "record number", "mrn", "client number", "client no", "client id",
          "consumer number", "consumer id", "member number", "member id", "participant id", "client")),
    Field("whole_name", _("Whole name"), ("name", "full name", "client name", "whole name", "consumer name",
          "participant name", "member name", "patient name", "person")),
    Field("given_name", _("First name"), ("first name", "first", "firstname", "given name", "given names", "forename",
          "fname", "legal first name", "client first name", "prenom", "nombre")),
    Field("middle_name", _("Middle name"), ("middle name", "middle", "middlename", "middle initial", "mi", "m i",
          "mname", "second name")),
    Field("family_name", _("Last name"), ("last name", "last", "lastname", "surname", "family name", "lname",
          "legal last name", "client last name", "nom", "apellido", "apellidos")),
    Field("name_suffix", _("Suffix"), ("suffix", "name suffix", "generation")),
    Field("chosen_name", _("Name they go by"), ("chosen name", "preferred name", "nickname", "goes by",
          "name they go by", "known as", "preferred first name", "name used")),
    Field("pronouns", _("Pronouns"), ("pronouns", "pronoun", "preferred pronouns")),
    Field("born_on", _("Date of birth"), ("date of birth", "dob", "d o b", "birth date", "birthdate", "birthday",
          "born", "born on", "birth")),
    Field("phone", _("Phone"), ("phone", "phone number", "telephone", "tel", "mobile", "cell", "cell phone",
          "mobile phone", "home phone", "primary phone", "contact number", "phone 1")),
    Field("email", _("E-mail"), ("email", "e mail", "email address", "e mail address", "mail")),
    Field("address", _("Address or where to find them"), ("address", "home address", "full address", "mailing address",
          "address or where to find them", "location")),
    Field("street", _("Street"), ("street", "street address", "address 1", "address line 1", "address1", "addr1")),
    Field("unit", _("Apartment or unit"), ("address 2", "address line 2", "address2", "addr2", "apt", "apartment",
          "unit", "suite")),
    Field("city", _("City"), ("city", "town", "municipality", "city town")),
    Field("region", _("State or province"), ("state", "province", "region", "state province", "st")),
    Field("postcode", _("Postal code"), ("zip", "zip code", "zipcode", "postal code", "postcode", "post code")),
    Field("language", _("Preferred language"), ("language", "preferred language", "primary language",
          "spoken language", "home language")),
    Field("needs_interpreter", _("Needs an interpreter"), ("interpreter", "needs interpreter", "interpreter needed",
          "needs an interpreter", "interpreter required")),
    Field("no_voicemail", _("Leave no voicemail"), ("no voicemail", "leave no voicemail", "do not leave message")),
    Field("address_protected", _("Keep the address secret"), ("address protected", "confidential address",
          "address confidential", "protected address")),
    Field("other_name", _("Other name"), ("other name", "alias", "aliases", "aka", "former name", "maiden name")),
    Field("id_social", _("Social Security number"), ("ssn", "social security number", "social security")),
    Field("id_medicaid", _("Medicaid number"), ("medicaid", "medicaid number", "medicaid id", "medicaid no")),
    Field("id_medicare", _("Medicare number"), ("medicare", "medicare number", "medicare id", "mbi")),
    Field("id_health", _("Health card number"), ("health card", "health card number", "health number", "ohip", "phn")),
    Field("id_state", _("State, provincial or military ID"), ("state id", "driver license", "drivers license",
          "driver s license", "military id")),
    Field("contact_note", _("Safe to contact?"), ("contact note", "contact notes", "contact instructions",
          "safe to contact", "safe contact", "best time to call")),
    Field("program", _("Program"), ("program", "programme", "program name", "project", "service", "program code",
          "enrolled in")),
    Field("enrolled_on", _("Enrolled on"), ("enrolled on", "enrollment date", "enrolment date", "date enrolled",
          "start date", "entry date", "admission date", "admit date", "intake date", "opened", "open date",
          "date opened", "program start")),
    Field("worker", capital("worker"), ("worker", "case manager", "case worker", "caseworker", "assigned to",
          "assigned worker", "service coordinator", "care coordinator", "support worker", "primary worker", "staff",
          "staff name", "cm")),
)  # fmt: skip

STAFF_FIELDS = (
    Field(KEY, _("Employee number"), ("employee number", "employee no", "employee id", "emp id", "emp no", "staff id",
          "staff number", "id", "badge", "badge number", "personnel number", "payroll number", "userid")),
    Field("name", _("Whole name"), ("name", "full name", "staff name", "employee name", "employee", "staff",
          "staff member", "worker")),
    Field("given_name", _("First name"), ("first name", "first", "firstname", "given name", "forename", "fname")),
    Field("family_name", _("Last name"), ("last name", "last", "lastname", "surname", "family name", "lname")),
    Field("username", _("User name to sign in with"), ("user name", "username", "login", "login name", "user",
          "user id", "account", "sign in name")),
    Field("email", _("E-mail"), ("email", "e mail", "email address", "work email", "e mail address", "mail")),
    Field("phone", _("Phone"), ("phone", "phone number", "telephone", "work phone", "mobile", "cell", "tel")),
    Field("roles", _("Roles"), ("role", "roles", "position", "job", "job title", "title", "job role", "function")),
    Field("programs", _("Programs"), ("program", "programs", "programme", "team", "teams", "department", "project")),
    Field("supervisor", capital("supervisor"), ("supervisor", "supervisor name", "manager", "reports to",
          "line manager", "team lead", "supervised by")),
    Field("hired_on", _("Hired on"), ("hired on", "hire date", "date hired", "start date", "hired", "date of hire",
          "employment date")),
    Field("left_on", _("Left on"), ("left on", "left", "end date", "termination date", "last day", "date left")),
    Field("fte", _("Full-time equivalent"), ("fte", "full time equivalent")),
    Field("highest_degree", _("Highest degree"), ("degree", "highest degree", "education")),
    Field("degree_field", _("Field of degree"), ("field of degree", "degree field", "major")),
    Field("experience_years", _("Years of experience before"), ("experience", "years of experience",
          "years experience", "experience years")),
)  # fmt: skip


def named(fields):
    """Our field by every name it is known by, folded; our own label among them."""
    known = {}
    for one in fields:
        for name in (one.label, one.code, *one.names):
            known.setdefault(names.fold(str(name).replace("_", " ")), one.code)
    return known


def guess(header, fields):
    """What each column seems to be, each of our fields once: by its whole name, else by a part of it; "" for none."""
    known, found = named(fields), [""] * len(header)
    folded = [names.fold(name.replace("_", " ")) for name in header]
    for at, name in enumerate(folded):
        if known.get(name) and known[name] not in found:
            found[at] = known[name]
    for at, name in enumerate(folded):
        # "Client: first name (legal)" holds "first name"; one word alone would say too little.
        inside = [k for k in known if " " in k and f" {k} " in f" {name} "]
        code = known[max(inside, key=len)] if inside else ""
        if not found[at] and code and code not in found:
            found[at] = code
    return found
