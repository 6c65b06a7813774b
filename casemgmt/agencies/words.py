"""The agency's own words for client, worker, visit and the like (REQ-34).

Code says `term("client")`, templates `{% term "client" %}`; an agency chooses what people read.
"""

from django.utils.functional import lazy
from django.utils.translation import gettext, gettext_noop

from casemgmt.core import acting

# code: (one, several); what stands here is the default and is translated
TERMS = {
    "client": (gettext_noop("client"), gettext_noop("clients")),
    "worker": (gettext_noop("case manager"), gettext_noop("case managers")),
    "supervisor": (gettext_noop("supervisor"), gettext_noop("supervisors")),
    "visit": (gettext_noop("visit"), gettext_noop("visits")),
    "enrollment": (gettext_noop("enrollment"), gettext_noop("enrollments")),
    "caseload": (gettext_noop("caseload"), gettext_noop("caseloads")),
    "plan": (gettext_noop("service plan"), gettext_noop("service plans")),
    "mentor": (gettext_noop("mentor"), gettext_noop("mentors")),
    "mentee": (gettext_noop("new hire"), gettext_noop("new hires")),
}


def term(code, plural=False):
    """The present agency's word for `code`; KeyError for a code that is not in TERMS."""
    default = TERMS[code][1 if plural else 0]
    agency = acting.current().tenant
    chosen = (agency.words.get(code) or ["", ""])[1 if plural else 0] if agency is not None else ""
    return chosen or gettext(default)


def terms(code):
    """Several of them."""
    return term(code, plural=True)


def cap(text):
    """The text with a capital first letter, the rest as the agency wrote it."""
    return text[:1].upper() + text[1:]


def _filled(text, **extra):
    return str(text).format_map(_Words(extra))


class _Words(dict):
    """`{client}`, `{clients}`, `{Client}`, `{Clients}` and so on, filled in when somebody reads."""

    def __missing__(self, name):
        code = name.lower()
        for known, (_one, _many) in TERMS.items():
            if code in (known, known + "s"):
                word = term(known, plural=code != known)
                return cap(word) if name[0].isupper() else word
        raise KeyError(name)


# `worded(_("Choose the {client}."))` for labels and messages; lazy, so that the reader's agency decides
worded = lazy(_filled, str)
capital = lazy(lambda code, plural=False: cap(term(code, plural)), str)
