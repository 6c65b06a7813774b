"""The tables of a directory put together, service by service, in our own fields. No database.

What hangs on services is held in short form, by the key it hangs on; the services themselves pass by one at a time.
"""

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models.agency import phone_shape
from casemgmt.interchange.hmis.reader import Row, parse_date
from casemgmt.interchange.hsds.hours import hours_text
from casemgmt.resources.models import Resource, ResourceContact, ResourcePlace
from casemgmt.resources.needs import needs_of, populations_of

LONGEST_KEY = 150
MOST_PHONES, MOST_CATEGORIES = 12, 40
# A contact of a whole organization is written at each of its services, up to so many.
MOST_SERVICES_OF_A_CONTACT = 25
LANGUAGE_CODES = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fr": "French",
    "hi": "Hindi",
    "ht": "Haitian Creole",
    "ja": "Japanese",
    "ko": "Korean",
    "pl": "Polish",
    "ps": "Pashto",
    "pt": "Portuguese",
    "ru": "Russian",
    "so": "Somali",
    "sw": "Swahili",
    "tl": "Tagalog",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
GONE = {"inactive", "defunct", "closed", "no"}


@dataclass(slots=True)
class Part:
    """A place or a contact of a service."""

    key: str
    fields: dict


@dataclass(slots=True)
class Service:
    """One service as the feed tells it: our fields, and None for parts the feed does not speak of at all."""

    row: Row
    key: str
    fields: dict
    first: dict = field(
        default_factory=dict
    )  # what only a new row takes, because the feed does not say it itself
    status: str = ""
    verified_on: object = None
    places: list | None = None
    contacts: list | None = None


@dataclass(slots=True)
class Location:
    fields: dict
    phones: list = field(default_factory=list)
    languages: list = field(default_factory=list)


class Services:
    """All services of a directory; what cannot be used is told to the report."""

    def __init__(self, directory, report):
        self.directory, self.report = directory, report
        self.today = timezone.localdate()
        self.keys = {}  # of every service, with its line
        self.refused = set()
        for row in self._rows("services", count=False):
            self.keys.setdefault(row["id"], row.line)
        self._organizations()
        self._locations()
        self._links()
        self._hangs_on_services()
        self._phones()
        self._contacts()
        self.tells = self._told()

    # --- rows, and what is wrong with them ---

    def _rows(self, name, *, count=True):
        """The usable rows of a table; the others are refused, each with its place."""
        table = self.directory.table(name)
        if table is None:
            return
        if count and not table.columns:
            self.report.warn(table.name, 1, "", "", _("the file is empty"))
        for row in table:
            if count:
                self.report.tally(row.file).read += 1
            if not row.is_ragged:
                yield row
            elif count:
                self.report.refuse(row.file, row.line, "", "", _("the row does not fit the header"))

    def _points(self, row, column, known):
        """The key in this cell; empty, and counted, where it points to nothing."""
        key = row[column]
        if not key or key in known:
            return key
        self.report.dangle(row.file, row.line, column)
        return ""

    def _nowhere(self, row, column):
        """This row hangs on nothing at all."""
        self.report.dangle(row.file, row.line, column)

    # --- tables, in the order in which they point at each other ---

    def _organizations(self):
        self.organizations = {}
        for row in self._rows("organizations"):
            about = {
                "name": clean(row["name"]),
                "website": row["website"] or row["url"],
                "email": row["email"],
                "phone": row["phone"],
            }
            self.organizations[row["id"]] = about

    def _locations(self):
        self.locations = {}
        for row in self._rows("locations"):
            if not row["id"]:
                self.report.refuse(row.file, row.line, "id", "", _("the key is missing"))
                continue
            if self.directory.table("organizations") is not None:
                self._points(row, "organization_id", self.organizations)
            self.locations[row["id"]] = Location(
                {
                    "name": self._clip(row, "name", clean(row["name"]), ResourcePlace, "name"),
                    "latitude": self._degrees(row, "latitude", 90),
                    "longitude": self._degrees(row, "longitude", 180),
                    "access": clean(row["transportation"]),
                    "hours": clean(row["hours"]),
                    "area": ", ".join(split(f"{row['cities']}\n{row['counties']}\n{row['zips']}")),
                },
                phones=[{"number": row["phone"], "about": ""}] if row["phone"] else [],
            )
        for row in self._rows("addresses"):
            if row["location_id"] and self._points(row, "location_id", self.locations):
                lines = (row["address_1"], row["address_2"], row["address_3"], row["address_4"])
                street = self._clip(
                    row, "address_1", ", ".join(filter(None, lines)), ResourcePlace, "address"
                )
                self.locations[row["location_id"]].fields |= {
                    "address": street,
                    "city": row["city"][:120],
                    "region": (row["state_province"] or row["region"])[:80],
                    "postcode": row["postal_code"][:20],
                }
        for row in self._rows("accessibility"):
            said = " ".join(
                filter(None, (row["accessibility"].replace("_", " "), row["details"], row["description"]))
            )
            if said and self._points(row, "location_id", self.locations):
                fields = self.locations[row["location_id"]].fields
                fields["access"] = ". ".join(filter(None, (fields["access"], said)))

    def _links(self):
        """Which service is offered where."""
        self.places = defaultdict(list)  # keys of locations by service
        self.pairs = {}  # service_at_location: (service, location)
        for row in self._rows("service_at_location"):
            service = self._points(row, "service_id", self.keys)
            location = self._points(row, "location_id", self.locations)
            if service and location:
                self._place(service, location)
            self.pairs[row["id"]] = (service, location)
        self.of_organization, self.of_location = defaultdict(list), defaultdict(list)
        for row in self._rows("services", count=False):
            if row["location_id"] in self.locations:
                self._place(row["id"], row["location_id"])
            self.of_organization[row["organization_id"]].append(row["id"])
        for service, locations in self.places.items():
            for location in locations:
                self.of_location[location].append(service)

    def _place(self, service, location):
        if location not in self.places[service]:
            self.places[service].append(location)

    def _hangs_on_services(self):
        self.texts = defaultdict(lambda: defaultdict(list))  # what is said, by field and service
        for table, field_, columns in (
            ("eligibility", "eligibility", ("eligibility",)),
            ("required_documents", "documents", ("document",)),
            ("service_areas", "area", ("name", "service_area", "description")),
            ("cost_options", "fees", ("option", "amount_description")),
        ):
            for row in self._rows(table):
                said = next((clean(row[column]) for column in columns if row[column]), "")
                for service in self._services_of(row, "service_id"):
                    self._say(field_, service, said)
        for row in self._rows("languages"):
            self._language(row)
        self._schedules()
        self._taxonomy()

    def _say(self, field_, service, said):
        if said and said not in self.texts[field_][service]:
            self.texts[field_][service].append(said)

    def _services_of(self, row, *columns):
        """The services that this row is about, by the first of these columns that says so."""
        for column in columns:
            if not row[column]:
                continue
            known = {
                "service_id": self.keys,
                "service_at_location_id": self.pairs,
                "location_id": self.locations,
                "organization_id": self.organizations,
            }[column]
            key = self._points(row, column, known)
            if not key:
                return []
            if column == "service_id":
                return [key]
            if column == "service_at_location_id":
                return [s for s in self.pairs[key][:1] if s]
            found = self.of_location if column == "location_id" else self.of_organization
            return found.get(key, [])
        self._nowhere(row, columns[0])
        return []

    def _language(self, row):
        said = row["name"] or row["language"] or row["code"]
        if not said or (row["phone_id"] and not row["service_id"] and not row["location_id"]):
            return
        services = self._services_of(row, "service_id", "location_id")
        for language in split(said):
            named = LANGUAGE_CODES.get(language.casefold(), language)
            if len(named) > 30 or len(named.split()) > 3 or "available" in named.casefold():
                self.report.warn(row.file, row.line, "language", "", _("is no name of a language; left out"))
                continue
            for service in services:
                self._say("languages", service, named[:1].upper() + named[1:])

    def _schedules(self):
        self.hours = {}  # rows of hours, by (service, location); an empty one means any
        found = defaultdict(list)
        for row in self._rows("schedules"):
            if row["service_at_location_id"] in self.pairs and row["service_at_location_id"]:
                key = self.pairs[row["service_at_location_id"]]
            else:
                key = (
                    self._points(row, "service_id", self.keys),
                    self._points(row, "location_id", self.locations),
                )
            if not any(key):
                self._nowhere(row, "service_id")
                continue
            found[key].append(
                (
                    row["weekday"] or row["byday"],
                    row["opens_at"],
                    row["closes_at"],
                    row["original_text"] or row["description"],
                )
            )
        self.hours = {key: hours_text(rows) for key, rows in found.items()}

    def _taxonomy(self):
        terms = {}
        for row in self._rows("taxonomy_terms"):
            terms[row["id"] or row["taxonomy_id"]] = clean(row["name"])[:200]
        self.terms = terms
        for row in self._rows("services_taxonomy"):
            said = row["taxonomy_detail"] if not row["taxonomy_id"] else ""
            term = terms.get(self._points(row, "taxonomy_id", terms), said)
            for service in self._services_of(row, "service_id"):
                self._say("categories", service, term)
        for row in self._rows("attributes"):
            service = row["link_id"] or row["service_id"]
            if row["link_entity"] not in ("", "service", "services") and service not in self.keys:
                continue  # it says something about a place or a phone
            if not service or service not in self.keys:
                self._nowhere(row, "link_id")
                continue
            term = terms.get(self._points(row, "taxonomy_term_id", terms), "") or row["value"]
            self._say("categories", service, clean(term)[:200])

    def _phones(self):
        self.phones = defaultdict(list)  # by service; of an organization under ("", its key)
        self.phone_of_contact = {}
        for row in self._rows("phones"):
            number = phone(row["number"], row["extension"])
            if not number:
                if row["number"]:
                    self.report.warn(row.file, row.line, "number", "", _("is no phone number; left out"))
                continue
            kind = row["type"] or row["number_type"]
            about = ", ".join(
                filter(
                    None,
                    (clean(row["department"]), "" if kind == "voice" else kind, clean(row["description"])),
                )
            )
            said = {"number": number, "about": about[:120]}
            if row["contact_id"]:
                self.phone_of_contact.setdefault(row["contact_id"], number)
            elif row["service_id"] or row["service_at_location_id"]:
                for service in self._services_of(row, "service_id", "service_at_location_id"):
                    _once(self.phones[service], said)
            elif row["location_id"]:
                if self._points(row, "location_id", self.locations):
                    _once(self.locations[row["location_id"]].phones, said)
            elif row["organization_id"]:
                if self._points(row, "organization_id", self.organizations):
                    _once(self.phones["", row["organization_id"]], said)
            else:
                self._nowhere(row, "service_id")

    def _contacts(self):
        self.contacts = defaultdict(list)
        for row in self._rows("contacts"):
            name = clean(row["name"]) or clean(row["title"]) or clean(row["department"])
            if not name:
                continue
            services = self._services_of(
                row, "service_id", "service_at_location_id", "location_id", "organization_id"
            )
            if len(services) > MOST_SERVICES_OF_A_CONTACT:
                self.report.warn(
                    row.file, row.line, "organization_id", "", _("speaks for too many services; left out")
                )
                continue
            role = ", ".join(dict.fromkeys(filter(None, (clean(row["title"]), clean(row["department"])))))
            number = self.phone_of_contact.get(row["id"], "") or phone(
                row["phone_areacode"] + " " + row["phone_number"], row["phone_extension"]
            )
            fields = {
                "name": self._clip(row, "name", name, ResourceContact, "name"),
                "role": self._clip(row, "title", role if role != name else "", ResourceContact, "role"),
                "phone": number if len(number) <= 40 and _is_phone(number) else "",
                "email": self._email(row, row["email"]),
            }
            key = row["id"] or hashlib.blake2b(name.encode(), digest_size=8).hexdigest()
            for service in services:
                self.contacts[service].append(Part(f"{service}/{key}"[:200], fields))

    # --- one service ---

    def _told(self):
        """The fields that this directory speaks of at all: a file that is not there empties nothing."""
        from_tables = {
            "organization": ("organizations",),
            "eligibility": ("eligibility",),
            "documents": ("required_documents",),
            "fees": ("cost_options",),
            "hours": ("schedules",),
            "area": ("service_areas",),
            "phones": ("phones",),
            "categories": ("services_taxonomy", "attributes"),
            "languages": ("languages",),
        }
        from_columns = {
            "description": ("description", "alert"),
            "how_to_apply": ("application_process",),
            "eligibility": ("eligibility_description", "eligibility", "audience"),
            "documents": ("required_documents",),
            "fees": ("fees", "fees_description"),
            "hours": ("hours",),
            "area": ("service_areas",),
            "capacity": ("wait_time",),
            "phones": ("phone",),
            "email": ("email",),
            "website": ("url", "website"),
            "categories": ("keywords", "taxonomy_ids"),
            "languages": ("languages",),
        }
        says = self.directory.says
        told = {"name"} | {f for f, tables in from_tables.items() if any(says(t) for t in tables)}
        told |= {f for f, columns in from_columns.items() if says("services", *columns)}
        return told | ({"needs", "populations"} if "categories" in told else set())

    def __iter__(self):
        seen = {}
        for row in self._rows("services"):
            service = self._service(row, seen)
            if service is not None:
                seen[service.key] = row.line
                yield service

    def _service(self, row, seen):
        key, name = row["id"], clean(row["name"])
        why = None
        if not key:
            why = ("id", _("the key is missing"))
        elif len(key) > LONGEST_KEY:
            why = ("id", _("the key is too long"))
        elif key in seen:
            why = ("id", _("the key was there before, in line %(line)s") % {"line": seen[key]})
        elif not name:
            why = ("name", _("the name is missing"))
        if why:
            self.report.refuse(row.file, row.line, why[0], key, why[1])
            self.refused.add(key)
            return None
        organization = self.organizations.get(row["organization_id"], {})
        if self.directory.table("organizations") is not None:
            self._points(row, "organization_id", self.organizations)
        if row["location_id"]:
            self._points(row, "location_id", self.locations)
        said = self._said(row, key, name, organization)
        return Service(
            row,
            key,
            {name: value for name, value in said.items() if name in self.tells},
            {name: value for name, value in said.items() if name not in self.tells},
            status="gone" if (row["status"] or row["open"]).casefold() in GONE else "",
            verified_on=self._verified(row),
            places=self._places_of(key, row) if self.locations else None,
            contacts=self.contacts.get(key, []) if self.directory.says("contacts") else None,
        )

    def _said(self, row, key, name, organization):
        texts = {field_: values.get(key, []) for field_, values in self.texts.items()}
        eligibility = [
            *texts.get("eligibility", []),
            *filter(
                None,
                map(
                    clean,
                    (
                        row["eligibility_description"],
                        row["eligibility"],
                        row["audience"],
                    ),
                ),
            ),
        ]
        ages = [row["minimum_age"], row["maximum_age"]]
        if any(ages) and not row["eligibility_description"]:
            eligibility.append(_("Ages %(ages)s") % {"ages": "–".join(a or "…" for a in ages)})
        for term in filter(None, split(row["taxonomy_ids"])):
            if found := self.terms.get(term):
                texts.setdefault("categories", [])
                texts["categories"] = [*texts["categories"], found]
            else:
                self.report.dangle(row.file, row.line, "taxonomy_ids")
        categories = list(dict.fromkeys([*texts.get("categories", []), *split(row["keywords"])]))
        categories = [c[:200] for c in categories][:MOST_CATEGORIES]
        description = "\n\n".join(filter(None, map(clean, (row["alert"], row["description"]))))
        documents = [*texts.get("documents", []), *filter(None, [clean(row["required_documents"])])]
        fees = [*filter(None, map(clean, (row["fees_description"] or row["fees"],))), *texts.get("fees", [])]
        area = [*texts.get("area", []), *split(row["service_areas"])]
        for location in self.places.get(key, []):
            area += filter(None, [self.locations[location].fields["area"]])
        languages = [*texts.get("languages", []), *split(row["languages"])]
        needs = needs_of(name, *categories) or needs_of(description)
        return {
            "name": self._clip(row, "name", name, Resource, "name"),
            "organization": organization.get("name", "")[:300],
            "description": description,
            "how_to_apply": clean(row["application_process"]),
            "eligibility": "\n".join(dict.fromkeys(eligibility)),
            "documents": "\n".join(dict.fromkeys(documents)),
            "fees": "\n".join(dict.fromkeys(fees)),
            "hours": self.hours.get((key, ""), "") or clean(row["hours"]),
            "area": "\n".join(dict.fromkeys(area)),
            "capacity": self._clip(row, "wait_time", clean(row["wait_time"]), Resource, "capacity"),
            "phones": self._phones_of(key, row, organization),
            "email": self._email(row, row["email"] or organization.get("email", "")),
            "website": (row["url"] or row["website"] or organization.get("website", ""))[:500],
            "needs": needs,
            "populations": populations_of(*categories, *eligibility),
            "categories": categories,
            "languages": sorted(set(languages)),
        }

    def _phones_of(self, key, row, organization):
        found = []
        for said in self.phones.get(key, []):
            _once(found, said)
        for location in self.places.get(key, []):
            for said in self.locations[location].phones:
                _once(found, said)
        for number in (row["phone"], "" if found else organization.get("phone", "")):
            if phone(number):
                _once(found, {"number": phone(number), "about": ""})
        if not found:
            found = list(self.phones.get(("", row["organization_id"]), []))
        return found[:MOST_PHONES]

    def _places_of(self, key, row):
        found = []
        for location in self.places.get(key, []):
            about = self.locations[location].fields
            hours = self.hours.get((key, location)) or self.hours.get(("", location)) or about["hours"]
            fields = {
                "name": about["name"],
                "address": about.get("address", ""),
                "city": about.get("city", ""),
                "region": about.get("region", ""),
                "postcode": about.get("postcode", ""),
                "latitude": about["latitude"],
                "longitude": about["longitude"],
                "access": about["access"][:600],
                "hours": hours,
            }
            found.append(Part(f"{key}/{location}"[:200], fields))
        return found

    # --- cells ---

    def _verified(self, row):
        if not row["assured_date"]:
            return None
        try:
            day = parse_date(row["assured_date"], self.today)
        except ValueError:
            self.report.warn(row.file, row.line, "assured_date", "", _("is no date; left out"))
            return None
        if day > self.today or day.year < 1900:
            self.report.warn(row.file, row.line, "assured_date", "", _("cannot be right; left out"))
            return None
        return day

    def _degrees(self, row, column, most):
        if not row[column]:
            return None
        try:
            found = Decimal(row[column]).quantize(Decimal("0.000001"))
        except InvalidOperation:
            found = None
        if found is None or not -most <= found <= most:
            self.report.warn(row.file, row.line, column, "", _("is no place on Earth; left out"))
            return None
        return found

    def _email(self, row, text):
        text = split(text)[0] if split(text) else ""
        try:
            if text:
                validate_email(text)
        except ValidationError:
            self.report.warn(row.file, row.line, "email", "", _("is no e-mail address; left out"))
            return ""
        return text if len(text) <= 254 else ""

    def _clip(self, row, column, text, model, name):
        most = model._meta.get_field(name).max_length
        if len(text) > most:
            self.report.warn(row.file, row.line, column, "", _("was too long and has been cut"))
        return text[:most]


def clean(text):
    """Text as a person would read it: real line ends, no control characters, no marks of the exporting system."""
    text = text.replace("\\r", "").replace("\\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"###\w+###", "", text)
    text = "".join(c for c in text if c in "\n\t" or c.isprintable() or c == "\xa0")
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t\xa0]+", " ", text)).strip()


def split(text):
    """The items of a list in one cell."""
    return [item for item in (part.strip() for part in re.split(r"[,;|\n]|\\n", text)) if item]


def phone(number, extension=""):
    """A number as it can be dialled by hand; empty where there are too few digits."""
    number = re.sub(r"\s+", " ", number.replace('"', "")).strip()[:60]
    digits = sum(c.isdigit() for c in number)
    if digits < 3 or 3 < digits < 5:
        return ""
    return f"{number} x{extension.strip()}"[:60] if extension.strip() else number


def _is_phone(number):
    try:
        phone_shape(number)
    except ValidationError:
        return False
    return True


def _once(phones, said):
    if not any(re.sub(r"\D", "", known["number"]) == re.sub(r"\D", "", said["number"]) for known in phones):
        phones.append(said)
