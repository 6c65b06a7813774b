"""Opening an agency: the row itself and the lists that it starts with and then edits as its own."""

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from assessments.shipped import take_shipped
from casemgmt.agencies.models import Agency, ConsentText, PickItem, ServiceType, acting_as
from casemgmt.agencies.models.program import Component, PickList
from casemgmt.core.models import create_many
from casemgmt.workspace.consent_texts import CONSENT_TEXTS
from mentoring.models import ActivityType
from serviceplans.library import take_goals

# code: words. The code stays when an agency changes the words; all are translated on the day of opening.
PICK_LISTS = {
    PickList.DECISION: [
        ("MEETS_CRITERIA", _("Meets the criteria of the program")),
        ("NO_PLACE_FREE", _("No place free at the moment")),
        ("OTHER_FITS_BETTER", _("Another service fits better")),
        ("OUTSIDE_AREA", _("Lives outside our area")),
        ("NOT_ELIGIBLE", _("Does not meet the criteria")),
        ("DECLINED_SERVICE", _("Did not want the service")),
        ("NOT_REACHED", _("Could not be reached after several tries")),
        ("ALREADY_SERVED", _("Is served elsewhere already")),
        ("OTHER", _("Another reason, see the note")),
    ],
    PickList.DISPOSITION: [
        ("GOALS_ACHIEVED", _("Goals reached")),
        ("TRANSFERRED", _("Continues in another program or agency")),
        ("STEPPED_DOWN", _("Needs less support now")),
        ("FACILITY", _("Admitted to treatment, hospital or long-term care")),
        ("INCARCERATED", _("In jail or prison")),
        ("MOVED", _("Moved out of the area")),
        ("WITHDREW", _("Chose to end the service")),
        ("NOT_LOCATED", _("Could not be found any more")),
        ("INELIGIBLE", _("No longer eligible")),
        ("PROGRAM_CLOSED", _("The program closed")),
        ("DECEASED", _("Died")),
        ("OTHER", _("Another reason, see the summary")),
    ],
    PickList.EMERGENCY: [
        ("CRISIS", _("The person is in crisis now")),
        ("WORKER_AWAY", _("Their worker cannot be reached")),
        ("AT_THE_DOOR", _("The person came or called and needs help today")),
        ("PROVIDER_ASKS", _("A hospital, doctor or officer asks in an emergency")),
        ("OTHER", _("Another emergency")),
    ],
    PickList.REFERRAL_SOURCE: [
        ("SELF", _("The person themselves")),
        ("FAMILY", _("Family or friend")),
        ("HOSPITAL", _("Hospital")),
        ("CLINIC", _("Doctor or clinic")),
        ("CRISIS_SERVICE", _("Crisis service")),
        ("SHELTER", _("Shelter or street outreach")),
        ("COURT", _("Court, jail or probation")),
        ("SCHOOL", _("School or college")),
        ("COUNTY", _("County or state office")),
        ("OTHER_AGENCY", _("Another agency")),
        ("OTHER", _("Somebody else")),
    ],
    PickList.BARRIER: [
        ("COST", _("Cost")),
        ("TRANSPORT", _("No way to get there")),
        ("WAITLIST", _("Long wait")),
        ("LANGUAGE", _("Language")),
        ("DOCUMENTS", _("Papers are missing")),
        ("INSURANCE", _("Insurance does not cover it")),
        ("PHONE", _("No phone or internet")),
        ("CHILDCARE", _("Care for children or relatives")),
        ("HEALTH", _("Health gets in the way")),
        ("TRUST", _("Bad experience before")),
        ("STIGMA", _("Fear of what others think")),
        ("NOT_AVAILABLE", _("There is no such service here")),
        ("OTHER", _("Something else")),
    ],
    PickList.FUNDING: [
        ("MEDICAID", _("Medicaid")),
        ("MEDICARE", _("Medicare")),
        ("INSURANCE", _("Private insurance")),
        ("COUNTY", _("County or state funds")),
        ("GRANT", _("Grant")),
        ("SELF", _("The person pays")),
        ("FREE", _("Free of charge")),
        ("OTHER", _("Somebody else")),
    ],
    PickList.GAP: [
        ("NOT_AVAILABLE", _("There is no such service here")),
        ("FULL", _("Full, or the wait is too long")),
        ("NOT_ELIGIBLE", _("Not eligible")),
        ("COST", _("Too expensive, or not covered")),
        ("TOO_FAR", _("Too far, or no way to get there")),
        ("LANGUAGE", _("Not in their language")),
        ("NOT_ACCESSIBLE", _("Not accessible with a disability")),
        ("REFUSED", _("The provider said no")),
        ("NO_ANSWER", _("The provider never answered")),
        ("DECLINED", _("The person did not want it any more")),
        ("OTHER", _("Another reason, see the note")),
    ],
    PickList.EXEMPTION: [
        ("HOSPITAL", _("In hospital or treatment")),
        ("JAIL", _("In jail or prison")),
        ("AWAY", _("Away")),
        ("NOT_REACHED", _("Could not be reached")),
        ("CRISIS", _("In a crisis")),
        ("WORKER", _("We could not come")),
        ("OTHER", _("Another reason, see the note")),
    ],
    PickList.INCIDENT: [
        ("DEATH_SUICIDE", _("Death by suicide")),
        ("DEATH_OVERDOSE", _("Death by overdose")),
        ("DEATH_OTHER", _("Death, other or not known")),
        ("HOMICIDE", _("Homicide, or an attempt")),
        ("SUICIDE_ATTEMPT", _("Suicide attempt")),
        ("OVERDOSE", _("Overdose")),
        ("ABUSE_ALLEGED", _("Abuse, neglect or exploitation alleged")),
        ("INJURY", _("Serious injury or illness")),
        ("VIOLENCE", _("Violence by or against the person")),
        ("MEDICATION", _("Medication error")),
        ("MISSING", _("Missing")),
        ("POLICE_FIRE", _("Police or fire brigade came")),
        ("RESTRAINT", _("Restraint or seclusion")),
        ("INFECTION", _("Outbreak of an infection")),
        ("PROPERTY", _("Property damaged")),
        ("PRIVACY", _("Breach of privacy")),
        ("STAFF_HARM", _("Colleague hurt or threatened")),
        ("OTHER", _("Other, see the note")),
    ],
    PickList.MANDATED: [
        ("CHILD", _("Child abuse or neglect")),
        ("OLDER_ADULT", _("Abuse or neglect of an older person")),
        ("ADULT", _("Abuse or neglect of an adult who depends on care")),
        ("EXPLOITATION", _("Exploitation of somebody’s money")),
        ("THREAT", _("Threat to harm somebody (duty to warn)")),
        ("SELF_HARM", _("Danger of suicide")),
        ("OTHER", _("Other, see the note")),
    ],
}

_C = Component
# Code, words, and which part of targeted case management it is (PR-1, PR-3).
SERVICE_TYPES = [
    ("MONITORING", _("Monitoring and follow-up"), _C.MONITORING),
    ("LINKAGE", _("Linkage and referral"), _C.REFERRAL),
    ("ASSESSMENT", _("Assessment"), _C.ASSESSMENT),
    ("PLANNING", _("Planning"), _C.PLANNING),
    ("COLLATERAL", _("Talk with family or providers"), _C.MONITORING),
    ("CONFERENCE", _("Meeting about the person"), _C.PLANNING),
    ("ADVOCACY", _("Advocacy"), _C.REFERRAL),
    ("CRISIS", _("Crisis support"), _C.MONITORING),
    ("SUPPORT", _("Emotional support"), _C.NONE),
    ("SKILLS", _("Skills and coaching"), _C.NONE),
    ("EDUCATION", _("Education"), _C.NONE),
    ("ACCOMPANIMENT", _("Going along to an appointment"), _C.NONE),
    ("TRANSPORT", _("Transport only"), _C.NONE),
    ("COURT", _("Court"), _C.REFERRAL),
    ("OUTREACH", _("Outreach and engagement"), _C.NONE),
    ("TRANSITION", _("Transition and discharge planning"), _C.PLANNING),
    ("GROUP", _("Group"), _C.NONE),
]

_G = ActivityType.Group
ACTIVITY_TYPES = [
    ("SHADOW", _("Watching a colleague with a person"), _G.PRACTICE),
    ("OBSERVE", _("Watched with a person, with feedback"), _G.PRACTICE),
    ("CO_VISIT", _("Visit done together"), _G.PRACTICE),
    ("CRISIS", _("Support in a crisis"), _G.PRACTICE),
    ("TRANSITION", _("Joint hospital or jail discharge, or handover"), _G.PRACTICE),
    ("CONFERENCE", _("Provider or team meeting attended together"), _G.PRACTICE),
    ("DOC_REVIEW", _("Notes or plans reviewed"), _G.SKILL),
    ("ASSESS_PRACTICE", _("Assessment or interview practised"), _G.SKILL),
    ("PLAN_PRACTICE", _("Goals written together"), _G.SKILL),
    ("ROLE_PLAY", _("Role play"), _G.SKILL),
    ("SYSTEM_NAV", _("How benefits, housing or courts work"), _G.SKILL),
    ("RESOURCE_INTRO", _("Introduced to a provider in person"), _G.SKILL),
    ("TIME_MGMT", _("Week planned"), _G.SKILL),
    ("CASE_DISCUSS", _("A person's situation talked through"), _G.SUPPORT),
    ("DEBRIEF", _("Debriefing after a difficult event"), _G.SUPPORT),
    ("ETHICS", _("Boundaries, ethics or safety"), _G.SUPPORT),
    ("CAREER", _("Career and credentials"), _G.SUPPORT),
    ("CHECK_IN", _("Check-in, emotional support"), _G.SUPPORT),
    ("SUPERVISOR_3WAY", _("Meeting of three"), _G.SUPPORT),
]


def take_lists(agency):
    """Give an agency those items of its lists that it never had, in the language of the day; returns what was added.

    What it changed or no longer offers stays as it is.
    """
    known = set(PickItem.history.filter(agency=agency).values_list("pick_list", "code"))
    rows = [
        PickItem(agency=agency, pick_list=pick_list, code=code, label=gettext(label), position=position)
        for pick_list, items in PICK_LISTS.items()
        for position, (code, label) in enumerate(items)
        if (pick_list, code) not in known
    ]
    return create_many(PickItem, rows)


def take_service_types(agency):
    """Give an agency the kinds of work that it never had, and those of before their part of case management.

    Returns what was added or filled in. A part that somebody chose, were it none, stays.
    """
    past = ServiceType.history.filter(agency=agency)
    known, names = set(past.values_list("code", flat=True)), set(past.values_list("name", flat=True))
    rows = [
        ServiceType(agency=agency, code=code, name=gettext(label), component=component, position=position)
        for position, (code, label, component) in enumerate(SERVICE_TYPES)
        if code not in known and gettext(label) not in names
    ]
    decided = set(past.exclude(component=Component.NONE).values_list("id", flat=True))
    parts = {code: component for code, _label, component in SERVICE_TYPES}
    filled = [
        row
        for row in ServiceType.objects.filter(agency=agency, component=Component.NONE).exclude(pk__in=decided)
        if parts.get(row.code, Component.NONE) != Component.NONE
    ]
    for row in filled:
        row.component = parts[row.code]
        row.save()
    return [*create_many(ServiceType, rows), *filled]


@transaction.atomic
def open_agency(name, slug, *, time_zone="America/New_York", words=None):
    """Create an agency with the lists it starts with; `words` as in agencies/words.py."""
    agency = Agency.objects.create(name=name, slug=slug, time_zone=time_zone, words=words or {})
    with acting_as(agency, by=None, reason=gettext("The agency was opened.")):
        take_lists(agency)
        create_many(
            ConsentText,
            [
                ConsentText(agency=agency, kind=kind, edition=gettext("as delivered"), body=gettext(body))
                for kind, body in CONSENT_TEXTS.items()
            ],
        )
        take_service_types(agency)
        create_many(
            ActivityType,
            [
                ActivityType(agency=agency, code=code, name=gettext(label), group=group, position=position)
                for position, (code, label, group) in enumerate(ACTIVITY_TYPES)
            ],
        )
        take_shipped(agency)
        take_goals(agency)
    return agency
