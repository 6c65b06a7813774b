"""Questionnaires from files and to files: our own format and FHIR R4, whichever the file is in. No database."""

import json

from django.utils.translation import gettext as _

from assessments.definition import FORMAT, Malformed, load, parse
from assessments.fhir import in_our_format, is_questionnaire, questionnaire

MOST_BYTES = 1_000_000
FORMATS = ("own", "fhir")


def from_file(data, *, code="", edition=""):
    """What a file asks, in our own format, and what of it was left out. Raises Malformed by item."""
    if len(data) > MOST_BYTES:
        raise Malformed([(_("file"), _("The file is larger than 1 MB."))])
    if not data.strip():
        raise Malformed([(_("file"), _("The file is empty."))])
    raw, left_out = load(data), []
    if is_questionnaire(raw):
        raw, left_out = in_our_format(raw, code)
    elif isinstance(raw, dict) and "resourceType" in raw:
        words = _("This is a FHIR %(kind)s. Only a Questionnaire can be taken.")
        raise Malformed([(_("file"), words % {"kind": str(raw["resourceType"])[:40]})])
    if isinstance(raw, dict):
        raw |= ({"code": code} if code else {}) | ({"version": edition} if edition else {})
    parse(raw)
    return raw, left_out


def to_file(version, file_format):
    """The text of a file that holds a version; in our own format exactly as it stands."""
    if file_format == "fhir":
        raw = questionnaire(version.parsed)
    else:
        raw = {"format": FORMAT} | version.definition
    return json.dumps(raw, ensure_ascii=False, indent=1) + "\n"
