"""Every address × everybody in the cast × whose record it is × every method, on one screen.

The table says what Wendy's record answers; for Walt's the two change places, and another agency's, a hidden and an
absent record answer alike. Whatever is answered on the way is looked at: headers, canaries, and the access log.
"""

import re
from contextlib import contextmanager
from datetime import timedelta
from fnmatch import fnmatch
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.db.models import Max
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone

from casemgmt.agencies.models import Agency, OperatorEntry, StaffMember, SupervisionLink, acting_as
from casemgmt.demo import builders
from casemgmt.tests.world import (
    ABSENT,
    CANARY,
    SEES,
    Browser,
    changed,
    everything,
    filled,
    inputs,
    login_of,
    standing,
    tables,
    text_of,
    undone,
)
from casemgmt.workspace.changes import models_of_a_record
from clients.models import (
    AccessLog,
    CaseAssignment,
    Consent,
    EmergencyAccess,
    IncomingReferral,
    Intake,
)
from clients.models import Client as Person

pytestmark = pytest.mark.django_db

CAST = ("out", "dana", "sam", "wendy", "walt", "mo", "nia", "quinn", "eve", "ada", "olive", "root")

# . opens   r goes elsewhere   9 a rule says no (409)   x wrong role (403)   e a colleague's (403, emergency access)
# - as if it were not there (404)   > to sign-in   / to the start page (no job)
READ, WRITE = ">...eee.xx-/", ">...eeexxx-/"
LIST, WORK, LEAD = ">.......xx./", ">......xxx./", ">..xxxx.xx./"
LISTED, KEPT = ">.......xx-/", ">......xxx-/"
OWN = ">--.-------/"
MUST, MUST_DO = ">...---.xx-/", ">...---xxx-/"  # what went badly: author, supervisor, director, quality
ASSIGN, REVIEW, SETUP = ">..xxxxxxx-/", ">..xxxxxxx./", ">xxxxxxxx.x/"

#  name                                  of what           G P   answers        what a POST of nothing answers
#                                                                >dsw Wmn qea Or     where GET says “.”
TABLE = """
   agencies:home                         -                 G     >rrrrrrrrrrr
   agencies:switch                       -                   P   >----------/
   agencies:notice-open                  notice              P   >-.--------/   302
   agencies:operator-enter               -                 G P   >xxxxxxxxxx.   422
   agencies:operator-leave               -                   P   >xxxxxxxxxx.   302

   clients:client-list                   -                 G     {LIST}
   clients:client-matches                -                   P   {WORK}   200
   clients:client-edit                   client            G P   {WRITE}   422
   clients:client-about                  client            G     {READ}
   clients:around-add                    alert             G P   {WRITE}   422
   clients:around-add                    benefit           G P   {WRITE}   422
   clients:around-add                    identifier        G P   {WRITE}   422
   clients:around-add                    legal_paper       G P   {WRITE}   422
   clients:around-add                    living            G P   {WRITE}   422
   clients:around-add                    other_name        G P   {WRITE}   422
   clients:around-add                    other_worker      G P   {WRITE}   422
   clients:around-add                    related           G P   {WRITE}   422
   clients:around-add                    representative    G P   {WRITE}   422
   clients:around-edit                   alert             G P   {WRITE}   422
   clients:around-edit                   benefit           G P   {WRITE}   422
   clients:around-edit                   identifier        G P   {WRITE}   422
   clients:around-edit                   legal_paper       G P   {WRITE}   422
   clients:around-edit                   living            G P   {WRITE}   422
   clients:around-edit                   member            G P   {WRITE}   422
   clients:around-edit                   other_name        G P   {WRITE}   422
   clients:around-edit                   other_worker      G P   {WRITE}   422
   clients:around-edit                   related           G P   {WRITE}   422
   clients:around-edit                   representative    G P   {WRITE}   422
   clients:household-join                client            G P   {WRITE}   422
   clients:number-show                   identifier          P   {WRITE}   200
   clients:client-restrict               client            G P   {ASSIGN}   422
   clients:client-unrestrict             client            G P   {ASSIGN}   422
   clients:client-conflict               client            G P   {READ}   422
   clients:conflict-end                  conflict          G P   {ASSIGN}   422
   clients:merge-find                    client            G     {ASSIGN}
   clients:merge                         client            G P   >rrxxxxxxx-/   302
   clients:merge-list                    client            G     {READ}
   clients:merge-undo                    merge             G P   {ASSIGN}   422
   clients:intake-list                   -                 G     {WORK}
   clients:intake-create                 -                 G P   {WORK}   422
   clients:intake-detail                 intake            G     {READ}
   clients:intake-edit                   intake            G P   {WRITE}   422
   clients:intake-decide                 intake            G P   {WRITE}   422
   clients:intake-give                   intake            G P   {ASSIGN}   422
   clients:waitlist                      -                 G     {WORK}
   clients:waitlist-contacted            decision            P   >rrreeexxx-/   302
   clients:level                         enrollment        G P   {WRITE}   422
   clients:milestone-done                milestone           P   >rrreeexxx-/   302
   clients:referral-create               -                 G P   {WORK}   422
   clients:referral-detail               referral          G     {READ}
   clients:referral-tried                referral            P   {WRITE}   422
   clients:referral-close                referral          G P   {WRITE}   422
   clients:referral-reopen               referral            P   >rrreeexxx-/   302
   clients:referral-give                 referral          G P   {ASSIGN}   422
   clients:decision-followed-up          decision          G P   {WRITE}   422
   clients:fact-list                     client            G     {READ}
   clients:event-create                  client            G P   {WRITE}   422
   clients:event-edit                    key_event         G P   {WRITE}   422
   clients:document-list                 client            G     {READ}
   clients:document-create               client            G P   {WRITE}   422
   clients:document-detail               document          G     {READ}
   clients:document-file                 document          G     {READ}
   clients:document-edit                 document          G P   {WRITE}   422
   clients:document-remove               document          G P   {WRITE}   422
   clients:safety                        client            G     {READ}
   clients:safety-edit                   client            G P   {WRITE}   409
   clients:consent-list                  client            G     {READ}
   clients:consent-give                  client            G P   {WRITE}   422
   clients:consent-detail                consent           G     {READ}
   clients:consent-withdraw              consent           G P   {WRITE}   422
   clients:disclosure-list               client            G     {READ}
   clients:safety-print                  client            G     {READ}
   clients:follow-up                     follow_up         G P   {WRITE}   422

   assessments:administration-create     enrollment        G P   >rrreeexxx-/   302
   assessments:administration-list       enrollment        G     {READ}
   assessments:administration-detail     administration    G     {READ}
   assessments:administration-edit       assessment_draft  G P   {WRITE}   422
   assessments:response-list             client            G     {READ}
   assessments:response-begin            client              P   {WRITE}   302
   assessments:response-answer           response_draft    G P   {WRITE}   422
   assessments:response-say              response_draft      P   {WRITE}   422
   assessments:response-detail           response          G     {READ}
   assessments:response-sign             response            P   >999eeexxx-/
   assessments:response-review           response            P   {ASSIGN}   302
   assessments:response-set-aside        response          G P   {WRITE}   422
   assessments:response-need             response            P   >999eeexxx-/
   assessments:response-hand-over        response_draft    G P   {WRITE}   302
   assessments:concern-handle            concern           G P   {WRITE}   422
   assessments:administration-review     administration      P   {ASSIGN}   302
   assessments:handed-over               -                 G P   ............   200
   assessments:handed-say                -                   P   ------------
   assessments:own-list                  -                 G     >........../
   assessments:own-begin                 -                   P   >........../   302
   assessments:own-answer                own_draft         G P   {OWN}   302
   assessments:own-say                   own_draft           P   {OWN}   422
   assessments:own-detail                own_response      G     {OWN}

   serviceplans:plan-begin               enrollment        G P   >rrreeexxx-/   302
   serviceplans:plan-list                enrollment        G     {READ}
   serviceplans:referral-create          enrollment        G P   {WRITE}   422
   serviceplans:resource-find            enrollment        G     {WRITE}
   serviceplans:authorization-list       enrollment        G     {READ}
   serviceplans:authorization-create     enrollment        G P   {WRITE}   422
   serviceplans:authorization-edit       authorization     G P   {WRITE}   422
   serviceplans:funding-list             enrollment        G     {READ}
   serviceplans:funding-create           enrollment        G P   {WRITE}   422
   serviceplans:funding-edit             funding           G P   {WRITE}   422
   serviceplans:billable-check           enrollment          P   {WRITE}   200
   serviceplans:billing                  -                 G     {LEAD}
   serviceplans:hours                    -                 G P   {REVIEW}   302
   serviceplans:billing-source           source            G     >..xxxx.xx-/
   serviceplans:billing-run              source              P   {ASSIGN}   302
   serviceplans:billing-left             source            G     >rrxxxxrxx-/
   serviceplans:run-detail               sent              G     >..xxxx.xx-/
   serviceplans:run-csv                  sent              G     >..xxxx.xx-/
   serviceplans:planned-create           objective         G P   {WRITE}   422
   serviceplans:planned-edit             planned           G P   {WRITE}   422
   serviceplans:planned-remove           planned           G P   {WRITE}   302
   serviceplans:planned-delivered        planned_running   G P   {WRITE}   422
   serviceplans:interruption-create      enrollment        G P   {WRITE}   422
   serviceplans:interruption-edit        interruption      G P   {WRITE}   422
   serviceplans:referral-detail          service           G     {READ}
   serviceplans:referral-step            service           G P   {WRITE}   422
   serviceplans:referral-edit            service           G P   {WRITE}   422
   serviceplans:plan-detail              plan              G     {READ}
   serviceplans:plan-edit                plan              G P   {WRITE}   422
   serviceplans:plan-sign                plan              G P   {WRITE}   422
   serviceplans:plan-hear                plan_signed       G P   {WRITE}   422
   serviceplans:plan-approve             plan_waiting      G P   {ASSIGN}   422
   serviceplans:plan-reopen              plan_waiting      G P   {WRITE}   422
   serviceplans:plan-review              plan_signed       G P   {WRITE}   422
   serviceplans:review-put-off           plan_signed       G P   {WRITE}   422
   serviceplans:plan-print               plan_signed       G     {READ}
   serviceplans:plan-print-whole         plan_signed       G     {READ}
   serviceplans:plan-changes             plan              G     {READ}
   serviceplans:plan-addendum            plan_signed       G P   {WRITE}   422
   serviceplans:plan-give                plan_signed         P   {WRITE}   302
   serviceplans:need-left                plan              G P   {WRITE}   422
   serviceplans:goal-create              plan              G P   {WRITE}   422
   serviceplans:objective-check          plan                P   {WRITE}   200
   serviceplans:criterion-create         plan              G P   {WRITE}   422
   serviceplans:criterion-met            criterion           P   >rrreeexxx-/   302
   serviceplans:criterion-remove         criterion         G P   {WRITE}   302
   serviceplans:goal-move                goal                P   >rrreeexxx-/   302
   serviceplans:goal-edit                goal              G P   {WRITE}   422
   serviceplans:goal-end                 goal_running      G P   {WRITE}   422
   serviceplans:goal-remove              goal              G P   {WRITE}   302
   serviceplans:objective-create         goal              G P   {WRITE}   422
   serviceplans:objective-edit           objective         G P   {WRITE}   422
   serviceplans:objective-remove         objective         G P   {WRITE}   302
   serviceplans:action-create            objective         G P   {WRITE}   422
   serviceplans:action-edit              action            G P   {WRITE}   422
   serviceplans:action-done              action            G P   >rrreeexxx-/   302
   serviceplans:action-remove            action            G P   {WRITE}   302

   mentoring:pairing-list                -                 G     {WORK}
   mentoring:pairing-create              -                 G P   {WORK}   422
   mentoring:pairing-detail              pairing           G     >..--..xxx-/
   mentoring:pairing-accept              pairing             P   >99--..xxx-/   302
   mentoring:pairing-end                 pairing             P   >..--..xxx-/   302
   mentoring:activity-create             pairing           G P   >----..xxx-/   422
   mentoring:activity-confirm            activity            P   >99--.9xxx-/   302
   mentoring:activity-rate               activity            P   >..--..xxx-/   302

   workspace:today                       -                 G     {WORK}
   workspace:contacts                    -                 G     {WORK}
   workspace:device                      -                 G     >........../
   workspace:kept                        -                 G     >........../
   workspace:keep                        -                   P   >........../   422
   workspace:snapshot                    -                 G     >........../
   workspace:worker                      -                 G     ............
   workspace:manifest                    -                 G     ............
   workspace:shell                       -                 G     ............
   workspace:calendar                    -                 G     {WORK}
   workspace:calendar-feed               -                 G     ------------
   workspace:planned-pick                -                 G     {WORK}
   workspace:planned-create              enrollment        G P   {WRITE}   422
   workspace:planned-edit                planned_visit     G P   {WRITE}   422
   workspace:planned-cancel              planned_visit     G P   {WRITE}   422
   workspace:check-in                    -                 G P   {WORK}   422
   workspace:check-in-later              -                   P   {WORK}   302
   workspace:check-in-back               -                   P   {WORK}   302
   workspace:check-in-close              check_in          G P   >rrr---xxx-/   302
   workspace:snooze                      client            G P   {WRITE}   422
   workspace:snooze-end                  snooze            G P   >--.eeexxx-/   302
   workspace:reminders                   -                 G P   >........../   422
   workspace:feed-open                   -                   P   >........../   302
   workspace:feed-end                    -                   P   >........../   302
   workspace:caseload                    -                 G     {LEAD}
   workspace:caseload-of                 staff             G     >..xxxx.xx-/
   workspace:review-list                 -                 G     {WORK}
   workspace:board                       -                 G     {LEAD}
   workspace:assignment-list             -                 G     {REVIEW}
   workspace:assign                      enrollment        G P   {ASSIGN}   422
   workspace:client                      client            G     {READ}
   workspace:client-history              client            G     {READ}
   workspace:change                      client            G     {READ}
   workspace:client-access               client            G     >.xxxxx.xx-/
   workspace:share                       client            G P   {WRITE}   422
   workspace:share-paper                 disclosure        G     >rrreeexxx-/
   workspace:share-file                  disclosure        G     >rrreeexxx-/
   workspace:share-answers               disclosure        G     >rrreeexxx-/
   record:release                        client            G P   >..xxxxxxx-/   422
   record:file                           disclosure        G     >rrxxxxxxx-/
   tcm:preview                           client            G     >..xxxxxxx-/
   tcm:release                           client            G P   >..xxxxxxx-/   422
   tcm:paper                             disclosure        G     >rrxxxxxxx-/
   tcm:pdf                               disclosure        G     >rrxxxxxxx-/
   tcm:csv                               disclosure        G     >rrxxxxxxx-/
   workspace:emergency                   client            G P   >rrr...rxx-/   422
   workspace:emergency-list              -                 G     {REVIEW}
   workspace:emergency-review            emergency           P   {ASSIGN}   302
   workspace:crisis                      enrollment        G P   >rrreeexxx-/   302
   workspace:crisis-goals                enrollment        G P   {WRITE}   302
   workspace:crisis-undo                 enrollment          P   >rrreeexxx-/   302
   workspace:crisis-over                 enrollment        G P   {WRITE}   422
   workspace:consultation-ask            enrollment        G P   {WRITE}   422
   workspace:consultation                consultation      G P   {WRITE}   422
   workspace:incident-list               -                 G     {LIST}
   workspace:incident-of                 client            G     {READ}
   workspace:incident-create             -                 G P   {WORK}   422
   workspace:incident-create-of          client            G P   {WRITE}   422
   workspace:incident-detail             incident          G     {MUST}
   workspace:incident-edit               incident          G P   {MUST_DO}   422
   workspace:incident-send               incident          G P   {MUST_DO}   422
   workspace:incident-close              incident            P   >999---xxx-/
   workspace:incident-learned            incident          G P   {MUST_DO}   422
   workspace:incident-debrief            incident          G P   {MUST_DO}   422
   workspace:mandated-create             -                 G P   {WORK}   422
   workspace:mandated-create-of          client            G P   {WRITE}   422
   workspace:mandated-detail             mandated          G     {MUST}
   workspace:mandated-edit               mandated          G P   {MUST_DO}   422
   workspace:mandated-send               mandated          G P   {MUST_DO}   422
   workspace:mandated-close              mandated            P   >...---xxx-/   302
   workspace:mandated-leave              suspicion         G P   {MUST_DO}   422
   workspace:enrollment-move             enrollment        G P   {WRITE}   422
   workspace:transfer                    enrollment        G P   {WRITE}   422
   workspace:visit-log                   enrollment        G P   {WRITE}   422
   workspace:visit-detail                visit             G     {READ}
   workspace:visit-edit                  draft             G P   >rr.eeexxx-/   422
   workspace:visit-sign                  draft             G P   >rr.eeexxx-/   422
   workspace:visit-cosigner              visit               P   {WRITE}   422
   workspace:visit-cosign                visit               P   {WRITE}   422
   workspace:visit-ask                   visit             G P   >..reeexxx-/   422
   workspace:visit-correct               visit             G P   {WRITE}   422
   workspace:visit-attach                draft             G P   >rr.eeexxx-/   422
   workspace:question-answer             question          G P   {WRITE}   422
   workspace:notes-choose                enrollment        G     {READ}
   workspace:notes-print                 enrollment        G     {READ}
   workspace:notes-give                  enrollment          P   >rrreeexxx-/   302
   workspace:visit-addendum              visit             G P   {WRITE}   422
   workspace:discharge                   enrollment        G P   {WRITE}   422

   resources:resource-list               -                 G     {LIST}
   resources:resource-create             -                 G P   {WORK}   422
   resources:resource-detail             resource          G     {LISTED}
   resources:resource-edit               resource          G P   {KEPT}   422
   resources:resource-confirm            resource            P   {KEPT}   302
   resources:place-create                resource          G P   {KEPT}   422
   resources:place-edit                  place             G P   {KEPT}   422
   resources:contact-create              resource          G P   {KEPT}   422
   resources:contact-edit                contact           G P   {KEPT}   422
   resources:tip-create                  resource          G P   {KEPT}   422
   resources:tip-end                     tip                 P   {KEPT}   302

   interchange:import-list               -                 G     >..xxxxxx../
   interchange:import-create             -                   P   >..xxxxxx../   422
   interchange:import-detail             run               G     >..xxxxxx--/
   interchange:import-map                run               G P   >..xxxxxx--/   422
   interchange:import-answer             run                 P   >..xxxxxx--/   302
   interchange:import-work               run                 P   >..xxxxxx--/   302
   interchange:import-drop               run                 P   >..xxxxxx--/   302
   interchange:refused-csv               run               G     >..xxxxxx--/
   interchange:refused-workbook          run               G     >..xxxxxx--/

   reports:outcomes                      -                 G     >..xxxx..x./
   reports:outcomes-csv                  -                 G     >rrxxxxrrxr/
   reports:work                          -                 G     >..xxxx..x./
   reports:work-csv                      -                 G     >rrxxxxrrxr/
   reports:time-study                    -                 G     >rrxxxxrxxr/

"""


class Row:
    """One line of the table."""

    def __init__(self, line):
        name, of, *rest = line.split()
        methods = [part for part in rest if part in "GP"]
        answers, *post = [part for part in rest if part not in "GP"]
        self.name, self.of, self.gets, self.posts = name, of, "G" in methods, "P" in methods
        self.answers = dict(zip(CAST, answers, strict=True))
        self.post = int(post[0]) if post else 405

    def expected(self, who, method, of="wendy"):
        """The answer's letter and status: for Walt's record the two change places."""
        if (method == "POST" and not self.posts) or (method in ("GET", "HEAD") and not self.gets):
            return "", 405
        if of == "walt" and self.of not in ("-", "run", "staff"):
            who = {"wendy": "walt", "walt": "wendy"}.get(who, who)
        letter = self.answers[who]
        if of == "lars":  # and for another agency's it is their director who sees it
            like = "nia" if self.of in ("pairing", "activity") else "dana"
            letter = self.answers[like] if who == "olive" else ABROAD.get(letter, letter)
        status = {".": 200, "r": 302, "9": 409, "x": 403, "e": 403, "-": 404, ">": 302, "/": 302}[letter]
        return letter, self.post if letter == "." and method == "POST" else status


ABROAD = {".": "-", "r": "-", "9": "-", "e": "-"}
ROWS = [Row(line.format(**globals())) for line in TABLE.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with standing(django_db_blocker) as world:
        world.browsers = {who: Browser(login_of(world, who)) for who in CAST}
        yield world


# --- Addresses ------------------------------------------------------------------------------------------------------


def addresses(resolver=None, space=""):
    """Every named address of the site: (name, pattern)."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern, inner)
        else:
            yield f"{space}{pattern.name}", pattern


NAMES = sorted({name for name, _pattern in addresses()})


def row_of(name):
    return next((row for row in ROWS if row.name == name), None)


def url_of(world, row, name, tag):
    """The address for somebody's record; None where they have no such row."""
    if name == "workspace:calendar-feed":
        return reverse(name, kwargs={"token": f"{world.riverside.pk}.unknown"})
    if row.of == "-":
        return reverse(name)
    person = {"pair": world.people["pair"]}.get(tag) or world.people[tag]
    if row.of == "staff":
        found = getattr(world, tag)
    elif row.of == "run":
        found = world.lakeside_run if tag == "lars" else world.run
    elif row.of in ("pairing", "activity"):
        pair = world.people["olivepair" if tag == "lars" else "pair"]
        found = getattr(pair, row.of)
    else:
        found = getattr(person, row.of)
    return (
        address_of(name, row.of, found.pk, found.pk if row.of == "client" else person.client.pk)
        if found
        else None
    )


KINDS = {
    "other_name": "name",
    "other_worker": "worker",
    "identifier": "number",
    "legal_paper": "paper",
}


def address_of(name, of, pk, client_pk):
    """The address of a row; of some it names the person, the kind and the row."""
    if name == "clients:around-add":
        return reverse(name, kwargs={"pk": client_pk, "kind": KINDS.get(of, of)})
    if name == "clients:around-edit":
        return reverse(name, kwargs={"pk": client_pk, "kind": KINDS.get(of, of), "row": pk})
    if name in ("clients:number-show", "clients:conflict-end"):
        return reverse(name, kwargs={"pk": client_pk, "row": pk})
    return reverse(name, kwargs={"pk": pk})


# --- What is looked at in each answer ---------------------------------------------------------------------------------


def ask(world, who, method, url, data=None):
    """The answer, and what is wrong with it whatever its status."""
    last = AccessLog.objects.aggregate(last=Max("pk"))["last"] or 0
    browser = world.browsers[who]
    signed_in = {name: morsel.value for name, morsel in browser.cookies.items()}
    answer = browser.generic(method, url) if data is None else browser.post(url, data)
    if answer.get("Location") == reverse("assessments:handed-over"):
        browser.cookies.load(
            signed_in
        )  # handing the device over signs out, and what follows needs the session
    wrong = [*headers_missing(answer)]
    if answer.status_code >= 500:
        wrong.append(f"{answer.status_code}: {answer.exc_info and answer.exc_info[1]!r}")
    shown = CANARY.findall(text_of(answer))
    for agency, tag, pk in sorted(set(shown)):
        if who not in SEES[tag]:
            wrong.append(f"shows the canary {agency}-{tag}-{pk}")
    nobodys = ("table", "pair", "directory", "questionnaire", "self")
    people = {int(pk) for _agency, tag, pk in shown if not any(word in tag for word in nobodys)}
    if people:
        logged = AccessLog.objects.filter(pk__gt=last).values_list("people", flat=True)
        unlogged = people - {pk for row in logged for pk in row}
        if unlogged:
            wrong.append(f"shows {unlogged}, of whom the access log says nothing")
    return answer, [f"{who} {method} {url}: {what}" for what in wrong]


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store, private",
}


def headers_missing(answer):
    for name, value in HEADERS.items():
        if answer.headers.get(name) != value:
            yield f"{name} is {answer.headers.get(name)!r}, not {value!r}"
    if "camera=()" not in answer.headers.get("Permissions-Policy", ""):
        yield "no Permissions-Policy"
    policy = answer.headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy:
        yield f"Content-Security-Policy is {policy!r}"
    nonces = set(re.findall(r'nonce="([^"]*)"', text_of(answer)))
    if nonces and (len(nonces) > 1 or f"'nonce-{nonces.pop()}'" not in policy):
        yield "a nonce in the page is not the one in the Content-Security-Policy"


def bare(answer):
    """The answer without what differs from one to the next: the address itself, token, nonce, and clock."""

    def plain(text):
        return re.sub(r"\b[A-Za-z0-9]{64}\b|nonce(-|=\")[\w+/=-]+|data-now=\"\d+|(?<=/)\d+(?=/)", "", text)

    headers = {name: plain(value) for name, value in answer.headers.items() if name != "Expires"}
    return answer.status_code, headers, plain(text_of(answer))


def letter_of(answer):
    """What the answer is in the table's letters."""
    to = answer.headers.get("Location", "")
    if answer.status_code == 302:
        return ">" if to.startswith("/accounts/login/?next=") else "/" if to == "/" else "r"
    if answer.status_code == 403:
        return "e" if "/emergency/" in text_of(answer) else "x"
    return {200: ".", 404: "-", 409: "9"}.get(answer.status_code, "")


def fits(answer, letter, status):
    told = letter_of(answer)
    return answer.status_code == status and (letter in ("", ".", "9") or told == letter)


# --- The table holds --------------------------------------------------------------------------------------------------


def test_every_address_has_a_row():
    without = [name for name in OURS if row_of(name) is None]
    assert not without, f"add rows to TABLE for {without}: who may open them, and what do they answer?"


def test_every_row_has_an_address():
    idle = [row.name for row in ROWS if row.name not in NAMES]
    assert not idle, f"take out of TABLE what is no address any more: {idle}"


OURS = [name for name in NAMES if ":" in name and not name.startswith("admin:")]
OF_SOMEBODY = [row for row in ROWS if row.of != "-"]
METHODS = ("GET", "POST")


def sent():
    """A form of which nothing was filled in."""
    return {"submit_key": str(uuid4())}


def compare(world, who, rows, tag):
    """Where the answers differ from the table."""
    for row in rows:
        url = url_of(world, row, row.name, tag)
        for method in METHODS:
            with undone():
                answer, wrong = ask(world, who, method, url, sent() if method == "POST" else None)
            yield from wrong
            letter, status = row.expected(who, method, tag)
            if not fits(answer, letter, status):
                got = f"{answer.status_code} {letter_of(answer)}"
                yield f"{who} {method} {row.name} of {tag}: {got}, but the table says {status} {letter}"


@pytest.mark.parametrize("who", CAST)
def test_everybody_gets_what_the_table_says_of_wendys_record(world, who):
    faults = list(compare(world, who, ROWS, "wendy"))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("who", ["wendy", "walt"])
def test_walts_record_is_to_wendy_what_hers_is_to_him(world, who):
    faults = list(compare(world, who, OF_SOMEBODY, "walt"))
    assert not faults, "\n".join(faults)


def absences(world, who, row, tags):
    """Where a record answers otherwise than one that never was."""
    method = "GET" if row.gets else "POST"
    never = address_of(row.name, row.of, ABSENT, ABSENT)
    absent, wrong = ask(world, who, method, never, None if row.gets else sent())
    yield from wrong
    for tag in tags:
        url = url_of(world, row, row.name, tag)
        if url is None:
            continue
        with undone():
            answer, wrong = ask(world, who, method, url, None if row.gets else sent())
        yield from wrong
        if bare(answer) != bare(absent):
            yield (
                f"{who} {method} {row.name}: {tag}'s answers {answer.status_code} {letter_of(answer)}, otherwise "
                f"than an absent one ({absent.status_code} {letter_of(absent)})"
            )


@pytest.mark.parametrize("who", ["dana", "sam", "wendy", "quinn", "eve", "ada", "root", "out"])
def test_another_agencys_record_is_as_if_it_were_not_there(world, who):
    faults = [fault for row in OF_SOMEBODY for fault in absences(world, who, row, ["lars"])]
    assert not faults, "\n".join(faults)


# Rows that everybody at the agency with the right role sees, or that go by a rule of their own.
# What belongs to the agency, or to one colleague: a notice names nobody.
AGENCYS = {
    "run",
    "staff",
    "pairing",
    "activity",
    "emergency",
    "check_in",  # about a colleague; the person only where their own door lets it
    "source",
    "sent",  # a billing run shows the lines of those whom one sees
    "resource",
    "place",
    "contact",
    "tip",
    "notice",
}


def test_another_agencys_director_sees_there_what_a_director_sees(world):
    faults = list(compare(world, "olive", OF_SOMEBODY, "lars"))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("who", ["dana", "sam", "wendy", "quinn"])
def test_a_hidden_record_is_as_if_it_were_not_there(world, who):
    """Restricted to others, a conflict of interest, 42 CFR Part 2 without consent."""
    tags = [tag for tag in ("closed", "conflict", "sealed") if who not in SEES[tag]]
    rows = [row for row in OF_SOMEBODY if row.of not in AGENCYS]
    faults = [fault for row in rows for fault in absences(world, who, row, tags)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("tag", ["closed", "conflict", "sealed"])
def test_who_is_not_shut_out_still_sees_a_hidden_record(world, tag):
    answer, wrong = ask(world, "walt", "GET", f"/clients/{world.people[tag].client.pk}/")
    assert (answer.status_code, wrong) == (200, [])
    assert f"-{tag}-" in text_of(answer)


def test_the_canaries_sing(world):
    """Without this the search for them would prove nothing."""
    answer, _wrong = ask(world, "wendy", "GET", f"/clients/{world.people['wendy'].client.pk}/")
    assert len(CANARY.findall(text_of(answer))) > 20


@pytest.mark.parametrize("who", ["out", "wendy", "ada", "root"])
def test_other_methods_are_refused_everywhere(world, who):
    faults = []
    for name in NAMES:
        url = any_url(world, name)
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
            answer, wrong = ask(world, who, method, url)
            faults += wrong
            if answer.status_code != 405:
                faults.append(f"{who} {method} {url}: {answer.status_code}, not 405")
    assert not faults, "\n".join(faults)


def test_head_answers_like_get(world):
    faults = []
    for row in ROWS:
        if row.gets:
            answer, wrong = ask(world, "wendy", "HEAD", url_of(world, row, row.name, "wendy"))
            faults += wrong
            if not fits(answer, *row.expected("wendy", "HEAD")) and answer.status_code not in (302, 403):
                faults.append(f"HEAD {row.name}: {answer.status_code}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("who", ["out", "wendy", "ada", "root"])
def test_a_form_without_its_token_is_refused(world, who):
    browser = Client(enforce_csrf_checks=True)
    if who != "out":
        browser.force_login(login_of(world, who))
    taken = [
        name for name in NAMES if browser.post(any_url(world, name), sent()).status_code not in (403, 405)
    ]
    assert not taken, f"these take a POST without a CSRF token: {taken}"


# --- Sign-in, and the set-up in Django admin --------------------------------------------------------------------------

#  name                                  signed out   signed in
ACCOUNT = """
   account_login                            .             /
   account_logout                           r             .
   account_signup                           .             /
   account_inactive                         .             .
   account_reauthenticate                   >             .
   account_email                            >             .
   account_email_verification_sent          .             .
   account_change_password                  >             .
   account_set_password                     >             r
   account_reset_password                   .             .
   account_reset_password_done              .             .
   account_reset_password_from_key          .             .
   account_reset_password_from_key_done     .             .
   account_confirm_email                    .             .
   account_confirm_login_code               r             /
"""
ACCOUNT_ROWS = [line.split() for line in ACCOUNT.splitlines() if line.strip()]

#  name                                  for the agency admin, everybody else is refused
ADMIN = """
   admin:index                              .
   admin:login                              r
   admin:logout                             r
   admin:password_change                    r
   admin:password_change_done               .
   admin:autocomplete                       x
   admin:jsi18n                             .
   admin:view_on_site                       -
   admin:app_list                           .
   admin:None                               -
   admin:agencies_agency_changelist         r
   admin:agencies_agency_add                x
   admin:agencies_operatorentry_add         x
   admin:*_take                             .
   admin:*_preview                          .
   admin:*_download                         .
   admin:*_publish                          .
   admin:*_withdraw                         .
   admin:*_changelist                       .
   admin:*_add                              .
   admin:*_change                           .
   admin:*_history                          .
   admin:*_delete                           -
"""
ADMIN_ROWS = [line.split() for line in ADMIN.splitlines() if line.strip()]
ADMINS = [name for name in NAMES if name.startswith("admin:")]


def any_url(world, name, agency="riverside"):
    """An address of this name that exists, with the agency's own row in it."""
    row = row_of(name)
    if row is not None:
        return url_of(world, row, name, "wendy")
    if name == "admin:None":
        return "/admin/no/such/page/"
    if name == "admin:app_list":
        return reverse(name, kwargs={"app_label": "agencies"})
    if name == "admin:view_on_site":
        return reverse(name, kwargs={"content_type_id": 1, "object_id": 1})
    if name == "account_confirm_email":
        return reverse(name, kwargs={"key": "no-key"})
    if name == "account_reset_password_from_key":
        return reverse(name, kwargs={"uidb36": "1", "key": "no-key"})
    try:
        return reverse(name)
    except NoReverseMatch:
        return reverse(name, args=[row_for_admin(world, name, agency).pk])


def row_for_admin(world, name, agency):
    model = apps.get_model(*name.removeprefix("admin:").rsplit("_", 1)[0].split("_"))
    of = getattr(world, agency)
    if model is Agency:
        return of
    return model.objects.filter(**{"into" if model is OperatorEntry else "agency": of}).first()


def test_every_address_of_packages_has_a_row():
    without = [
        n for n in NAMES if n not in OURS and not n.startswith("admin:") and n not in dict_of(ACCOUNT_ROWS)
    ]
    without += [name for name in ADMINS if letter_for(name) is None]
    assert not without, f"add rows to ACCOUNT or ADMIN for {without}"


def dict_of(rows):
    return {row[0]: row[1:] for row in rows}


def letter_for(name):
    return next((letter for pattern, letter in ADMIN_ROWS if fnmatch(name, pattern)), None)


@pytest.mark.parametrize("who", ["out", "wendy", "root"])
def test_signing_in_answers_as_the_table_says(world, who):
    faults = []
    for name, out, signed_in in ACCOUNT_ROWS:
        answer, wrong = ask(world, who, "GET", any_url(world, name))
        faults += wrong
        wanted = out if who == "out" else signed_in
        if letter_of(answer) != wanted:
            faults.append(f"{who} {name}: {answer.status_code} {letter_of(answer)}, not {wanted}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("who", CAST)
def test_the_set_up_is_for_the_agency_admin(world, who):
    refused = {"out": ">", "root": "/"}.get(who, "x")
    faults = []
    for name in ADMINS:
        answer, wrong = ask(world, who, "GET", any_url(world, name))
        faults += wrong
        wanted = letter_for(name) if who == "ada" else refused
        if letter_of(answer) != wanted:
            faults.append(f"{who} {name}: {answer.status_code} {letter_of(answer)}, not {wanted}")
    assert not faults, "\n".join(faults)


def test_another_agencys_set_up_is_as_if_it_were_not_there(world):
    faults = []
    for name in ADMINS:
        url = any_url(world, name, "lakeside")
        if url == any_url(world, name):
            continue
        never = re.sub(r"/\d+/", f"/{ABSENT}/", url)
        for method in METHODS:
            data = sent() if method == "POST" else None
            answer, absent = (ask(world, "ada", method, to, data)[0] for to in (url, never))
            if bare(answer) != bare(absent) or answer.status_code != 404:
                faults.append(f"{method} {url}: {answer.status_code}, an absent row {absent.status_code}")
    assert not faults, "\n".join(faults)


def test_no_record_of_a_client_is_registered_in_the_admin():
    registered = set(admin.site._registry)
    records = {model for model, _lookup in models_of_a_record()}
    assert not registered & records, (
        "take them out of Django admin: only the set-up of an agency belongs there"
    )


# --- Forms take what they ask for, and no more ------------------------------------------------------------------------

# A device that is handed over is signed out (assessments/tests/test_handing.py): no second form can be sent from it.
HANDED = ("assessments:response-hand-over", "assessments:handed-over")
FORMS = [
    row for row in ROWS if row.posts and row.gets and "." in row.answers.values() and row.name not in HANDED
]
WRITERS = ("wendy", "nia", "walt", "sam", "root")


def form_of(world, row):
    """The page with the form, opened by somebody who may: browser, address, page, inputs."""
    who = next(name for name in WRITERS if row.answers[name] == ".")
    browser = Client()
    browser.force_login(login_of(world, who))
    url = url_of(world, row, row.name, "wendy")
    page = browser.get(url)
    return browser, url, page, inputs(page.text)


def admin_form_of(world, name):
    browser = Client()
    browser.force_login(login_of(world, "ada"))
    url = any_url(world, name)
    page = browser.get(url)
    return browser, url, page, inputs(page.text)


def form_in(page):
    """The form that a page shows, ours or the admin's; None for a page with a button only."""
    context = page.context or {}
    if "adminform" in context:
        return context["adminform"].form
    return context["form"] if "form" in context else None  # noqa: SIM401 (a ContextList)


class Paper(SimpleUploadedFile):
    """A file that can be sent; each sending takes a new one."""

    def __init__(self):
        super().__init__("letter.txt", b"Dear Jo,")


# What a plausible answer to each field does not make, so that the form is taken.
SAID = {
    # A second kind of work wants its minutes.
    "workspace:visit-log": {"other_kind_1": None, "other_kind_2": None},
    "workspace:visit-edit": {"other_kind_1": None, "other_kind_2": None},
    "record:release": {"known": "on"},
    "clients:consent-give": {"said_all": "on", "representative": None, "document": None},
    "resources:resource-create": {"phones": ""},
    "resources:resource-edit": {"phones": "", "closed_on": ""},
    "clients:around-add": {"for_health": "on", "number": "AB 1234567"},
    "clients:around-edit": {"number": "AB 1234567"},
    "clients:client-conflict": {"sure": "on", "colleague": None},
    "clients:intake-decide": {"outcome": "decline", "program": None, "look": None},
    "clients:decision-followed-up": {"again_on": None},
    "clients:document-create": {"file": Paper},
    "workspace:visit-attach": {"file": Paper},
    "clients:intake-create": {"draft": None, "id_number": None},
    "clients:referral-create": {"id_number": None},
    "serviceplans:funding-create": {"started_on": str(timezone.localdate() + timedelta(days=1))},
    "serviceplans:plan-review": {"next_on": None},
    "serviceplans:review-put-off": {"moved_to": str(timezone.localdate() + timedelta(days=200))},
    "workspace:snooze": lambda world: {"kind": "note", "subject": str(world.people["wendy"].draft.pk)},
    "serviceplans:plan-hear": {"told": "on"},
    "serviceplans:plan-sign": lambda world: dict.fromkeys(
        ("client_told", f"rep{world.people['wendy'].representative.pk}_told"), "on"
    ),
}


def intrusion(world, declared):
    """A value for every column of every table that the form does not ask for."""
    extra = {}
    for model in tables():
        for field in model._meta.concrete_fields:
            if field.name not in declared:
                extra[field.name] = extra[field.attname] = _intruder(world, field)
    return extra


def _intruder(world, field):
    if field.is_relation:
        other = {"Agency": world.lakeside.pk, "StaffMember": world.mo.pk, "User": world.olive.user_id}
        return other.get(field.related_model.__name__, world.people["walt"].client.pk)
    if field.choices:
        return field.flatchoices[-1][0]
    return {
        "DateField": "2020-01-01",
        "DateTimeField": "2020-01-01 10:00",
        "BooleanField": "on",
        "JSONField": '["director"]',
        "CharField": "Intruder",
        "TextField": "Intruder",
    }.get(field.get_internal_type(), "7")


def outcome(browser, url, data):
    """The answer to a form and what it changed; then it is as before."""
    before = everything()
    data = {name: value() if value is Paper else value for name, value in data.items()}
    with undone():
        answer = browser.post(url, data)
        return answer, changed(before, everything())


@pytest.mark.parametrize("row", FORMS, ids=lambda row: row.name)
def test_a_form_changes_nothing_that_it_does_not_ask_for(world, row):
    browser, url, page, fields = form_of(world, row)
    form = form_in(page)
    declared = set(form.fields) if form else set()
    said = SAID.get(row.name, {})
    data = filled(fields, **(said(world) if callable(said) else said))
    answer, plain = outcome(browser, url, data)
    assert answer.status_code == 302, getattr(form_in(answer), "errors", answer.text[:300])
    _answer, more = outcome(browser, url, intrusion(world, declared | {"draft", "undo"}) | data)
    assert more == plain, "a column changed for which the form has no field: list the fields of the form"


ADMIN_FORMS = [
    name
    for name in ADMINS
    if re.search(r"_.*_(add|change)$", name) and "entry" not in name and name != "admin:agencies_agency_add"
]


@pytest.mark.parametrize("name", ADMIN_FORMS)
def test_a_form_of_the_set_up_changes_nothing_that_it_does_not_ask_for(world, name):
    browser, url, page, fields = admin_form_of(world, name)
    data = filled(fields)
    _answer, plain = outcome(browser, url, data)
    _answer, more = outcome(browser, url, intrusion(world, set(form_in(page).fields)) | data)
    assert more == plain, "a column changed for which the form has no field: list the fields of the form"


def strangers(world, model):
    """Rows that nobody at Riverside may choose; for people also those who are hidden from them."""
    yield from models.QuerySet(model).filter(agency=world.lakeside).values_list("pk", flat=True)[:1]
    if model is Person:
        for tag in ("closed", "conflict", "sealed", "walt"):
            yield world.people[tag].client.pk


def takes_strangers(world, browser, url, page, fields):
    form = form_in(page)
    for name, field in form.fields.items() if form else ():
        if getattr(field, "queryset", None) is None:
            continue
        for pk in strangers(world, field.queryset.model):
            with undone():
                answer = browser.post(url, filled(fields, **{name: pk, "submit_key": str(uuid4())}))
            errors = getattr(form_in(answer), "errors", {}) if answer.status_code in (200, 422) else {}
            if name not in errors:
                yield f"{name}={pk}: {answer.status_code}"


@pytest.mark.parametrize("row", FORMS, ids=lambda row: row.name)
def test_nobody_chooses_a_row_that_they_may_not_see(world, row):
    taken = list(takes_strangers(world, *form_of(world, row)))
    assert not taken, f"the form takes another's row: {taken}"


@pytest.mark.parametrize("url", ["/referrals/new/", "/intakes/new/"])
@pytest.mark.parametrize("tag", ["walt", "closed", "conflict", "sealed", "lars"])
def test_a_person_known_already_is_chosen_only_by_who_sees_them(world, url, tag):
    """The choice appears only where somebody of that name is known, so no form above has it."""
    page = world.browsers["wendy"].get(url)
    data = filled(inputs(page.text), known_client=world.people[tag].client.pk, born_on_month=None)
    before = everything()
    answer, wrong = ask(world, "wendy", "POST", url, data)
    assert (answer.status_code, wrong) == (422, [])
    assert changed(before, everything()) == []


def test_a_referral_of_somebody_known_names_nobody_else(world):
    pk = world.people["wendy"].client.pk
    answer, wrong = ask(world, "dana", "GET", f"/referrals/new/?client={pk}")
    assert wrong == []
    assert {int(shown) for _agency, _tag, shown in CANARY.findall(text_of(answer))} == {pk}


@pytest.mark.parametrize("name", ADMIN_FORMS)
def test_the_set_up_chooses_no_row_of_another_agency(world, name):
    taken = list(takes_strangers(world, *admin_form_of(world, name)))
    assert not taken, f"the form takes another agency's row: {taken}"


# --- Emergency access -------------------------------------------------------------------------------------------------


def open_in_emergency(world, who, person):
    url = f"/clients/{person.client.pk}/emergency/"
    browser = Browser(login_of(world, who))
    data = filled(inputs(browser.get(url).text), detail="Their sister called: they are not safe.")
    return browser.post(url, data)


def test_a_colleagues_record_offers_emergency_access(world):
    person = world.people["walt"]
    answer, _wrong = ask(world, "wendy", "GET", f"/clients/{person.client.pk}/")
    assert answer.status_code == 403
    assert f'href="/clients/{person.client.pk}/emergency/"' in text_of(answer)


def test_emergency_access_opens_a_record_with_a_banner(world):
    person = world.people["walt"]
    assert open_in_emergency(world, "wendy", person).status_code == 302
    page = world.browsers["wendy"].get(f"/clients/{person.client.pk}/")
    assert page.status_code == 200
    assert "Emergency access until" in page.text


def test_what_is_opened_in_an_emergency_is_logged_as_such(world):
    person = world.people["walt"]
    open_in_emergency(world, "wendy", person)
    world.browsers["wendy"].get(f"/clients/{person.client.pk}/")
    row = AccessLog.objects.order_by("pk").last()
    access = EmergencyAccess.objects.get(client=person.client, staff=world.wendy)
    assert (row.purpose, row.emergency_id, row.people) == ("emergency", access.pk, [person.client.pk])


def test_emergency_access_ends_by_itself(world, settings):
    person = world.people["walt"]
    open_in_emergency(world, "wendy", person)
    with time_machine.travel(timezone.now() + timedelta(minutes=settings.EMERGENCY_ACCESS_MINUTES + 1)):
        later = Browser(login_of(world, "wendy")).get(f"/clients/{person.client.pk}/")
    assert (later.status_code, letter_of(later)) == (403, "e")


def test_emergency_access_waits_for_the_supervisors_review(world):
    open_in_emergency(world, "wendy", world.people["walt"])
    access = EmergencyAccess.objects.get(client=world.people["walt"].client, staff=world.wendy)
    queue = world.browsers["sam"].get("/emergencies/").text
    assert f"/emergencies/{access.pk}/review/" in queue
    assert "Their sister called: they are not safe." in queue


def test_nobody_reviews_their_own_emergency_access(world):
    person = world.people["walt"]
    with acting_as(world.riverside, by=world.sam):
        own = EmergencyAccess.begin(
            person.client, by=world.sam, reason=person.emergency.reason, detail="I was on call."
        )
    answer = world.browsers["sam"].post(f"/emergencies/{own.pk}/review/", sent())
    own.refresh_from_db()
    assert (answer.status_code, own.reviewed_at) == (409, None)


@pytest.mark.parametrize("tag", ["closed", "conflict", "sealed", "lars"])
def test_emergency_access_does_not_open_what_is_hidden(world, tag):
    url = f"/clients/{world.people[tag].client.pk}/emergency/"
    reason = world.people["walt"].emergency.reason_id
    data = {**sent(), "reason": reason, "detail": "Let me in."}
    assert world.browsers["wendy"].post(url, data).status_code == 404


# --- A mentor or new hire sees the visit they took part in, and nothing else ------------------------------------------


@pytest.fixture
def joint_visit(world):
    person = world.people["walt"]
    return builders.log_visit(person.enrollment, by=world.walt, others={world.nia: "mentee_shadowing"})


def test_who_took_part_sees_that_visit_and_it_is_logged_as_mentoring(world, joint_visit):
    page = world.browsers["nia"].get(f"/visits/{joint_visit.pk}/")
    row = AccessLog.objects.order_by("pk").last()
    assert (page.status_code, row.purpose, row.people) == (200, "mentoring", [world.people["walt"].client.pk])


@pytest.mark.parametrize("of", ["client", "visit", "draft", "plan"])
def test_who_took_part_in_a_visit_sees_nothing_else_of_the_record(world, joint_visit, of):
    name = {"client": "workspace:client", "plan": "serviceplans:plan-detail"}.get(
        of, "workspace:visit-detail"
    )
    url = reverse(name, kwargs={"pk": getattr(world.people["walt"], of).pk})
    assert letter_of(world.browsers["nia"].get(url)) == "e"


# --- A change of rights acts on the next request ----------------------------------------------------------------------


@contextmanager
def as_admin(world):
    with acting_as(world.riverside, by=world.ada):
        yield


def wendys_page(world):
    return world.browsers["wendy"].get(f"/clients/{world.people['wendy'].client.pk}/")


def change(row, **fields):
    row = type(row).objects.get(pk=row.pk)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


def test_a_role_taken_away_is_gone_at_once(world):
    assert wendys_page(world).status_code == 200
    with as_admin(world):
        change(world.wendy, roles=["evaluator"])
    assert letter_of(wendys_page(world)) == "x"


def test_an_assignment_that_ended_is_gone_at_once(world):
    assert wendys_page(world).status_code == 200
    with as_admin(world):
        # What is hers at the front door opens the record, too.
        person = world.people["wendy"]
        for row in CaseAssignment.objects.filter(enrollment__client=person.client):
            row.end(on=timezone.localdate())
        for model in (Intake, IncomingReferral):
            for row in model.objects.filter(client=person.client):
                change(row, assigned_to=None)
    assert letter_of(wendys_page(world)) == "e"


def test_a_job_that_ended_is_gone_at_once(world):
    assert wendys_page(world).status_code == 200
    with as_admin(world):
        change(world.wendy, left_on=timezone.localdate())
    assert letter_of(wendys_page(world)) == "/"


def test_a_login_switched_off_is_signed_out_at_once(world):
    assert wendys_page(world).status_code == 200
    change(world.wendy.user, is_active=False)
    assert letter_of(wendys_page(world)) == ">"


def test_a_supervision_that_ended_is_gone_at_once(world):
    url = f"/clients/{world.people['walt'].client.pk}/"
    assert world.browsers["sam"].get(url).status_code == 200
    with as_admin(world):
        change(SupervisionLink.objects.get(staff=world.walt), ended_on=timezone.localdate())
    assert letter_of(world.browsers["sam"].get(url)) == "e"


def test_a_record_restricted_is_gone_at_once(world):
    assert wendys_page(world).status_code == 200
    with as_admin(world):
        change(world.people["wendy"].client, restricted_on=timezone.localdate())
    assert letter_of(wendys_page(world)) == "-"


def test_a_consent_opens_a_part_2_record_and_its_end_shuts_it(world):
    person = world.people["sealed"]
    url = f"/clients/{person.client.pk}/"
    seen = [letter_of(world.browsers["quinn"].get(url))]
    with as_admin(world):
        given = Consent.objects.create(
            client=person.client, kind=Consent.Kind.PART2_SPECIFIC, program=world.recovery
        )
    seen.append(letter_of(world.browsers["quinn"].get(url)))
    with as_admin(world):
        change(given, withdrawn_on=timezone.localdate())
    seen.append(letter_of(world.browsers["quinn"].get(url)))
    assert seen == ["-", ".", "-"]


def test_at_another_job_one_sees_that_agency_only(world):
    with acting_as(world.lakeside, by=world.olive):
        job = StaffMember.objects.create(
            agency=world.lakeside, user=world.wendy.user, name="Wendy", roles=["director"]
        )
    assert wendys_page(world).status_code == 200
    world.browsers["wendy"].post("/switch/", {"job": job.pk})
    there = world.browsers["wendy"].get(f"/clients/{world.people['lars'].client.pk}/")
    assert (letter_of(wendys_page(world)), letter_of(there)) == ("-", ".")


def test_the_operator_sees_no_record_in_an_agency_they_entered(world):
    OperatorEntry.begin(world.root, world.riverside, "A fault in the lists.", minutes=30)
    faults = [
        f"{row.name}: {answer.status_code}"
        for row in ROWS
        if row.gets and row.of != "-"
        for answer in [Browser(world.root).get(url_of(world, row, row.name, "wendy"))]
        # What somebody said of themselves is to everybody else as if it were not there.
        if letter_of(answer) != ("-" if row.of.startswith("own_") else "x")
    ]
    assert not faults, "\n".join(faults)
