"""What the law asks of a consent, kind by kind: the elements it must have, and what the person must have been told.

HIPAA: 45 CFR 164.508(c). Substance use records: 42 CFR 2.31. Ontario: PHIPA, sections 18 to 20. Nothing here asks the
database for a consent; `Consent.give` refuses what lacks something, and the gate (`Disclosure.make`) asks again.
"""

from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import Agency
from casemgmt.agencies.models.program import ConsentKind
from casemgmt.agencies.words import worded

HIPAA, PHIPA, OTHER = Agency.PrivacyLaw.HIPAA, Agency.PrivacyLaw.PHIPA, Agency.PrivacyLaw.OTHER

# 42 CFR Part 2 has its own elements; it is federal law whatever else an agency is under.
PART_2 = (ConsentKind.PART2_TPO, ConsentKind.PART2_SPECIFIC, ConsentKind.SUD_NOTES, ConsentKind.LEGAL)
# An empty recipient lets colleagues of the agency see it: they are of the class that treats and operates, or they are
# all that the other one names.
WITHIN_AGENCY = (ConsentKind.PART2_TPO, ConsentKind.PART2_SPECIFIC)
# Each lets information go to somebody.
OUTWARD = (ConsentKind.DISCLOSURE, *PART_2)
# What is kept here can go out on these. Counseling notes are a record of their own, which casemgmt does not keep.
USED_BY_THE_GATE = (
    ConsentKind.DISCLOSURE,
    ConsentKind.PART2_TPO,
    ConsentKind.PART2_SPECIFIC,
    ConsentKind.LEGAL,
)

# Whom a consent to treatment, payment and operations may name as a class (42 CFR 2.31(a)(4)).
TPO_RECIPIENTS = _("Who treats me, who pays for it, and who helps to run the program")
TPO_PURPOSE = _("Treatment, payment and health care operations")

# What the person was told, under the key that `Consent.told` keeps.
STATEMENTS = {
    "revoke": _(
        "They may take this back at any time, by telling us or in writing. What was shared by then stays shared."
    ),
    "conditioning": _("They get the same service from us whether or not they sign."),
    "redisclosure": _(
        "Whoever receives it may pass it on, and the privacy law may no longer protect it then."
    ),
    "part_2_redisclosure": _(
        "Whoever receives it may pass it on as HIPAA allows, but nobody may use it against them in civil, criminal, "
        "administrative or legislative proceedings."
    ),
    "named_redisclosure": _(
        "Whoever receives it may not pass it on without a new consent, save where the law allows."
    ),
    "proceedings": _("It may be used in these proceedings, also against them."),
    "knowing": _("They know what it is for, and that they may say yes or no."),
    "freely": _("They decide freely: nobody pressed or misled them."),
    "care": _("It goes to somebody who gives them health care, for that care."),
    "choice": _("They may say no, or stop later, and lose nothing else."),
    "risk": _("Messages can be read by others who use the phone or the account."),
    "study": _("Taking part or not changes nothing in their service."),
}

_SIGNED = ("device", "paper")
_SAID = (*_SIGNED, "spoken")
_ANY = (*_SAID, "implied")
# Too little for anybody to know what they agree to.
_VAGUE = {
    "all",
    "any",
    "anything",
    "everything",
    "information",
    "records",
    "all of it",
    "n/a",
    "none",
    "-",
    ".",
}


def elements(kind, law):
    """The fields that a consent of this kind must have."""
    if kind == ConsentKind.NOTICE:
        return ("text", "language")
    if kind not in OUTWARD:
        purpose = ("purpose",) if kind == ConsentKind.RESEARCH else ()
        return ("text", "language", *purpose)
    wanted = ("text", "language", "recipient", "information", "purpose")
    if kind == ConsentKind.DISCLOSURE:
        return (*wanted, "discloser", "expires_on") if law == HIPAA else wanted
    if kind in WITHIN_AGENCY:
        wanted = tuple(name for name in wanted if name != "recipient")
    return (*wanted, "program", "discloser", "expires_on")


def statements(kind, law):
    """The keys of what the person must have been told."""
    by_kind = {
        ConsentKind.SERVICE: ("choice",),
        ConsentKind.PART2_TPO: ("revoke", "conditioning", "part_2_redisclosure"),
        ConsentKind.PART2_SPECIFIC: ("revoke", "conditioning", "named_redisclosure"),
        ConsentKind.SUD_NOTES: ("revoke", "conditioning", "named_redisclosure"),
        ConsentKind.LEGAL: ("revoke", "conditioning", "proceedings"),
        ConsentKind.ELECTRONIC: ("risk", "choice"),
        ConsentKind.RESEARCH: ("study", "revoke"),
        ConsentKind.OBSERVER: ("choice",),
        ConsentKind.NOTICE: (),
    }
    if kind == ConsentKind.DISCLOSURE:
        return ("revoke", "conditioning", "redisclosure") if law == HIPAA else ("knowing", "freely", "revoke")
    return by_kind[kind]


def may_be_told(kind, law):
    """Also worth saying, though not always needed: under PHIPA implied consent rests on it."""
    return ("care",) if kind == ConsentKind.DISCLOSURE and law != HIPAA else ()


def methods(kind, law, told=()):
    """In which ways a consent of this kind can be given."""
    if kind in PART_2 or kind == ConsentKind.RESEARCH or (kind == ConsentKind.DISCLOSURE and law == HIPAA):
        return _SIGNED
    if kind == ConsentKind.DISCLOSURE:
        # Express, unless it goes to a custodian for the person's care (PHIPA 18(3)).
        return _ANY if "care" in told else _SAID
    if kind == ConsentKind.SERVICE and law != HIPAA:
        return _ANY
    return _SAID


LACKS = {
    "recipient": _("Say with whom it may be shared: a name."),
    "information": _("Say what may be shared, so that they know what they agree to."),
    "purpose": _("Say what it is for."),
    "discloser": _("Say who may share it."),
    "program": _("Say which program holds the records."),
    "expires_on": _("Say until when it holds, or until what happens."),
    "text": _("Choose the text that was read or shown."),
    "language": _("Say in which language it was explained."),
    "signed_name": _("Type the name of who signs or says it."),
    "method": _("This needs a signature, on this device or on paper."),
    "said": _("This cannot be implied: they have to say or sign it."),
    "client_view": worded(_("Somebody else signs: write down what the {client} says about it.")),
}


def missing(consent, law):
    """What a consent lacks to be valid: pairs of (field, sentence), in the order of the form."""
    found = []
    kind, implied = consent.kind, consent.method == "implied"
    for name in elements(kind, law):
        if implied and name in ("text", "language"):
            continue
        if name == "expires_on":
            there = consent.expires_on or consent.expires_with
        else:
            there = getattr(consent, f"{name}_id" if name in ("program", "text") else name)
        if not there or (name == "information" and there.strip().casefold() in _VAGUE):
            found.append((name, LACKS[name]))
    found += _wrong_program(consent)
    if kind == ConsentKind.PART2_TPO and consent.recipient:
        found.append(
            ("recipient", _("This kind names nobody. For one recipient there is a kind of its own."))
        )
    if consent.method not in methods(kind, law, consent.told):
        found.append(("method", LACKS["said" if "spoken" in methods(kind, law, consent.told) else "method"]))
    found += [
        ("told", _("Not said yet: %(what)s") % {"what": STATEMENTS[key]})
        for key in statements(kind, law)
        if key not in consent.told and not implied
    ]
    if not consent.signed_name and not implied:
        found.append(("signed_name", LACKS["signed_name"]))
    if consent.representative_id and not consent.client_view:
        found.append(("client_view", LACKS["client_view"]))
    return found


def _wrong_program(consent):
    if consent.program_id is None:
        return
    if consent.kind in PART_2 and not consent.program.is_part_2:
        yield "program", _("This kind is for a program under 42 CFR Part 2, which this one is not.")
    if consent.kind == ConsentKind.DISCLOSURE and consent.program.is_part_2:
        yield (
            "program",
            _("This program is under 42 CFR Part 2: take a consent to share substance use records."),
        )


# --- Who signs --------------------------------------------------------------------------------------------------------

# A representative's authority that each kind needs, as LegalRepresentative.SIGNS names it.
SIGNED_AS = dict.fromkeys(OUTWARD, "disclosure") | {
    ConsentKind.SERVICE: "service",
    ConsentKind.NOTICE: "service",
    ConsentKind.ELECTRONIC: "electronic",
    ConsentKind.RESEARCH: "research",
    ConsentKind.OBSERVER: "observer",
}


def signer_lacks(representative, *, kind, scope, age, consent_age, at):
    """Why these may not sign on this day: pairs of (field, sentence).

    `representative` is None where the person signs; `scope` is the name of the authority that the kind needs.
    """
    minor = age is not None and age < consent_age
    if representative is None:
        if minor and kind != ConsentKind.NOTICE:
            yield (
                "representative",
                _("They are %(age)s. Under %(from)s a parent or another representative signs.")
                % {"age": age, "from": consent_age},
            )
        return
    who = representative.name
    if representative.kind == "parent" and not minor:
        if age is None:
            yield (
                "representative",
                _("Whether a parent may sign hangs on the birth date, which is not known."),
            )
        else:
            yield (
                "representative",
                _(
                    "They are %(age)s: from %(from)s on people sign for themselves, and a parent no longer can."
                )
                % {"age": age, "from": consent_age},
            )
    if representative.ended_on and representative.ended_on < at:
        yield (
            "representative",
            _("The authority of %(who)s ended on %(day)s.") % {"who": who, "day": representative.ended_on},
        )
    if representative.started_on and representative.started_on > at:
        yield (
            "representative",
            _("The authority of %(who)s begins on %(day)s.") % {"who": who, "day": representative.started_on},
        )
    if not getattr(representative, scope):
        label = representative._meta.get_field(scope).verbose_name
        yield (
            "representative",
            _("The authority of %(who)s does not cover this: it would have to say “%(scope)s”.")
            % {"who": who, "scope": label},
        )
    if representative.document_seen_on is None and representative.kind != "parent":
        yield (
            "representative",
            _("Nobody has seen the paper that gives %(who)s this authority.") % {"who": who},
        )


# --- To whom ----------------------------------------------------------------------------------------------------------


def _plain(name):
    return " ".join(name.casefold().split()).strip(" .,")


def names_recipient(consent, recipient):
    """Whether the consent lets this recipient have it; several names in one consent stand apart with semicolons."""
    if consent.kind == ConsentKind.PART2_TPO:
        # The class that treats, pays and operates; who shares it says to whom of them.
        return bool(recipient.strip())
    wanted = _plain(recipient)
    return bool(wanted) and wanted in {_plain(name) for name in consent.recipient.split(";")}


def covers_program(consent, program):
    """Whether the consent reaches what this program holds; Part 2 records need a consent that names the program."""
    if program.is_part_2:
        return consent.kind in PART_2 and consent.program_id == program.pk
    return consent.kind not in PART_2 and consent.program_id in (None, program.pk)


# --- The notice that goes with what a Part 2 program held ------------------------------------------------------------


# The first sentence is the one that 42 CFR 2.32(a)(2) prescribes word by word.
NOTICE = _(
    "42 CFR part 2 prohibits unauthorized use or disclosure of these records. "
    "Whoever receives this paper may use and pass it on only as that law and the consent allow."
)


def redisclosure_notice(of):
    """The words that a document of an enrollment, or of a person with such an enrollment, must carry; "" for others.

    Give the enrollment that a document belongs to, or None where it belongs to none. A person is for papers that hold
    all of their record: to who may not see such an enrollment the notice would tell of it.
    """
    if of is None:
        return ""
    program = getattr(of, "program", None)
    if program is None:
        return str(NOTICE) if of.enrollments.filter(program__is_part_2=True).exists() else ""
    return str(NOTICE) if program.is_part_2 else ""
