"""Django admin shows and takes one agency: rows, choices, history, words."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import (
    Agency,
    Credential,
    EligibilityCriterion,
    Indicator,
    NotePhrase,
    OperatorEntry,
    PickItem,
    Program,
    ProgramStaff,
    ReportingDeadline,
    ServiceType,
    StaffMember,
    SupervisionLink,
    User,
    acting_as,
)
from casemgmt.demo.builders import enroll, log_visit, make_client
from clients.models import VisitValue

pytestmark = pytest.mark.django_db

PAGES = [
    ("agencies_staffmember", "wendy", "olive"),
    ("agencies_program", "ccm", "outreach"),
    ("agencies_agency", "riverside", "lakeside"),
]


@pytest.fixture
def ada(as_):
    return as_("ada")


def change(name, row):
    return reverse(f"admin:{name}_change", args=[row.pk])


def sent(page, **changes):
    """What a browser would send back from this page of the admin, with these changes."""
    context, data = page.context, {}
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for field in form:
            value = field.value()
            if value is None or value is False:
                continue
            data[field.html_name] = value if isinstance(value, list) else field.field.prepare_value(value)
    if context.get("original"):
        data["version"] = context["original"].version
    return data | changes


def rows_of(agency, rows):
    with acting_as(agency, by=None):
        return list(rows)


@pytest.mark.parametrize("name, own, foreign", PAGES)
def test_only_rows_of_ones_own_agency_open(ada, cast, name, own, foreign):
    own, foreign = getattr(cast, own), getattr(cast, foreign)
    assert ada.get(change(name, own)).status_code == 200
    assert ada.get(reverse(f"admin:{name}_history", args=[own.pk])).status_code == 200
    for url in (change(name, foreign), reverse(f"admin:{name}_history", args=[foreign.pk])):
        assert ada.get(url).status_code == 404
        assert ada.get(url.replace(str(foreign.pk), "987654")).status_code == 404
    assert ada.post(change(name, foreign), {"name": "Taken over"}).status_code == 404


@pytest.mark.parametrize("name", [f"{m._meta.app_label}_{m._meta.model_name}" for m in admin.site._registry])
def test_no_list_search_filter_or_history_shows_another_agency(ada, cast, name):
    page = ada.get(reverse(f"admin:{name}_changelist"), follow=True)
    assert page.status_code == 200
    assert "Street Outreach" not in page.text
    assert "Olive" not in page.text
    assert "Lakeside" not in page.text


def test_the_list_of_staff_filters(ada, cast):
    url = reverse("admin:agencies_staffmember_changelist")
    year = timezone.localdate().replace(month=1, day=1)
    page = ada.get(url, {"role": "case_manager", "working": "yes", "hired_on__lt": year.isoformat()})
    assert "Wendy Nakamura" in page.text
    assert "Dana Whitfield" not in page.text


def test_autocomplete_offers_colleagues_only(ada, cast):
    asked = {"app_label": "agencies", "model_name": "programstaff", "field_name": "staff"}

    def names(**more):
        return [r["text"] for r in ada.get("/admin/autocomplete/", asked | more).json()["results"]]

    assert "Wendy Nakamura" in names(term="Wendy")
    assert names(term="Olive") == []
    assert "Olive Tremblay" not in names()


def test_a_posted_row_of_another_agency_is_no_choice(ada, cast):
    url = reverse("admin:agencies_credential_add")
    data = {"staff": cast.olive.pk, "kind": "Licensed social worker"}
    page = ada.post(url, data)
    assert "staff" in page.context["adminform"].form.errors
    absent = ada.post(url, data | {"staff": 987654})
    assert absent.context["adminform"].form.errors == page.context["adminform"].form.errors
    assert rows_of(cast.riverside, Credential.objects.all()) == []


def test_a_foreign_row_under_ones_own_is_refused(ada, cast):
    url = change("agencies_program", cast.ccm)
    theirs = rows_of(cast.lakeside, ProgramStaff.objects.filter(program=cast.outreach))[0]
    data = sent(ada.get(url))
    data |= {"team-0-id": theirs.pk, "team-0-started_on": "2001-01-01"}
    said = []
    for pk in (theirs.pk, 987654):
        inlines = ada.post(url, data | {"team-0-id": pk}).context["inline_admin_formsets"]
        team = next(inline.formset for inline in inlines if inline.formset.prefix == "team")
        said.append(team.errors[0])
    assert "id" in said[0]
    assert said[0] == said[1]
    [unchanged] = rows_of(cast.lakeside, ProgramStaff.objects.filter(pk=theirs.pk))
    assert unchanged.started_on == theirs.started_on


def test_a_new_row_belongs_to_the_agency_and_names_the_person(ada, cast):
    data = {"name": "Peer support", "component": "none", "position": 90, "change_reason": "New grant"}
    assert ada.post(reverse("admin:agencies_servicetype_add"), data).status_code == 302
    [row] = rows_of(cast.riverside, ServiceType.objects.filter(name="Peer support"))
    assert row.agency_id == cast.riverside.pk
    [trace] = rows_of(cast.riverside, row.history.select_related("history_user"))
    assert (trace.history_user, trace.history_change_reason) == (cast.ada, "New grant")
    assert not rows_of(cast.riverside, ServiceType.objects.filter(agency=cast.lakeside, name="Peer support"))


def test_the_same_name_twice_is_said_beside_the_form(ada, cast):
    data = {"name": "Peer support", "component": "none", "position": 1}
    ada.post(reverse("admin:agencies_servicetype_add"), data)
    page = ada.post(reverse("admin:agencies_servicetype_add"), data)
    assert "There is already one with this name." in page.text


def test_what_stands_under_a_row_is_in_its_history(ada, cast):
    url = change("agencies_program", cast.ccm)
    data = sent(ada.get(url), caseload_target=18, change_reason="Smaller caseloads")
    data |= {
        "criteria-TOTAL_FORMS": 1,
        "criteria-0-question": "Lives in the county",
        "criteria-0-position": 1,
    }
    answer = ada.post(url, data | {"criteria-0-program": cast.ccm.pk})
    assert answer.status_code == 302, answer.context["errors"]
    [question] = rows_of(cast.riverside, EligibilityCriterion.objects.filter(program=cast.ccm))
    assert question.agency_id == cast.riverside.pk
    text = ada.get(reverse("admin:agencies_program_history", args=[cast.ccm.pk])).text
    for words in ("Ada Mensah", "Smaller caseloads", "Lives in the county", "<del>15</del>", "<ins>18</ins>"):
        assert words in text


def test_the_usual_numbers_of_a_model_are_taken(ada, cast):
    url = change("agencies_program", cast.ccm)
    ada.post(url, sent(ada.get(url), model="act", take_defaults="on"))
    [program] = rows_of(cast.riverside, Program.objects.filter(pk=cast.ccm.pk))
    assert (program.caseload_target, program.shares_caseload, program.contact_every_days) == (10, True, 3)


def test_a_version_that_somebody_changed_meanwhile_is_not_overwritten(ada, cast):
    url = change("agencies_program", cast.ccm)
    first = sent(ada.get(url), caseload_target=18)
    second = sent(ada.get(url), caseload_target=19)
    assert ada.post(url, first).status_code == 302
    assert ada.post(url, second).status_code == 409
    [program] = rows_of(cast.riverside, Program.objects.filter(pk=cast.ccm.pk))
    assert program.caseload_target == 18


def test_a_second_click_is_the_first_answer(ada, cast):
    data = {"kind": "Driver’s licence", "staff": cast.wendy.pk}
    data["submit_key"] = "0b0e4d4f-4a3d-4c62-9bd9-1d1c2c8d5e10"
    url = reverse("admin:agencies_credential_add")
    answers = [ada.post(url, data) for _click in range(2)]
    assert [a.status_code for a in answers] == [302, 302]
    assert len(rows_of(cast.riverside, Credential.objects.all())) == 1


@pytest.mark.parametrize("name, own, foreign", PAGES)
def test_nothing_is_deleted(ada, cast, name, own, foreign):
    url = reverse(f"admin:{name}_delete", args=[getattr(cast, own).pk])
    assert ada.get(url).status_code == 404
    assert ada.post(url, {"post": "yes"}).status_code == 404
    listed = reverse(f"admin:{name}_changelist")
    ada.post(listed, {"action": "delete_selected", "_selected_action": getattr(cast, own).pk, "post": "yes"})
    assert ada.get(change(name, getattr(cast, own))).status_code == 200


def test_only_set_up_is_registered():
    names = {model._meta.label for model in admin.site._registry}
    assert names == {
        "agencies.Agency",
        "agencies.ConsentText",
        "agencies.Credential",
        "agencies.Indicator",
        "agencies.NotePhrase",
        "agencies.OperatorEntry",
        "agencies.PickItem",
        "agencies.Program",
        "agencies.ReportingDeadline",
        "agencies.ServiceType",
        "agencies.StaffMember",
        "agencies.SupervisionLink",
        "assessments.Instrument",
        "assessments.InstrumentVersion",
        "mentoring.ActivityType",
        "resources.Resource",
        "serviceplans.FundingSource",
        "serviceplans.GoalTemplate",
    }
    assert not any(m._meta.app_label == "clients" for m in admin.site._registry)
    assert apps.get_model("auth.Group") not in admin.site._registry


# --- Notes and deadlines ----------------------------------------------------------------------------------------------


def test_a_program_says_how_its_notes_are_written(ada, cast):
    url = change("agencies_program", cast.ccm)
    answer = ada.post(url, sent(ada.get(url), note_format="birp", asks_acuity="on", max_billable_staff=2))
    assert answer.status_code == 302, answer.context["errors"]
    [program] = rows_of(cast.riverside, Program.objects.filter(pk=cast.ccm.pk))
    assert (program.note_format, program.asks_acuity, program.max_billable_staff) == ("birp", True, 2)


def test_the_agency_counts_in_kilometers_and_a_new_colleague_has_a_second_signature(ada, cast):
    url = change("agencies_agency", cast.riverside)
    ada.post(url, sent(ada.get(url), distance_unit="km"))
    assert Agency.objects.get(pk=cast.riverside.pk).distance_unit == "km"
    url = change("agencies_staffmember", cast.nia)
    day = timezone.localdate() + timedelta(days=90)
    assert ada.post(url, sent(ada.get(url), notes_cosigned_until=day.isoformat())).status_code == 302
    assert StaffMember.objects.get(pk=cast.nia.pk).notes_cosigned_until == day


def test_a_phrase_is_offered_in_its_program(ada, cast):
    data = {"text": "Left a message.", "program": cast.ccm.pk, "position": 1}
    assert ada.post(reverse("admin:agencies_notephrase_add"), data).status_code == 302
    assert rows_of(cast.riverside, NotePhrase.objects.offered(cast.ccm))[0].text == "Left a message."
    assert rows_of(cast.riverside, NotePhrase.objects.offered(cast.rapid)) == []


def question_sent(**said):
    return {"name": "Nights outside", "kind": "number", "unit": "nights", "decimals": 0, "position": 0} | said


def test_a_question_of_ones_own_is_added_and_asked_in_its_program(ada, cast):
    url = reverse("admin:agencies_indicator_add")
    assert ada.get(url).status_code == 200
    assert ada.post(url, question_sent(program=cast.ccm.pk)).status_code == 302
    assert [row.name for row in rows_of(cast.riverside, Indicator.objects.offered(cast.ccm))] == [
        "Nights outside"
    ]
    assert rows_of(cast.riverside, Indicator.objects.offered(cast.rapid)) == []


@pytest.mark.parametrize(
    "said, field",
    [
        ({"kind": "choice", "choices": "Only one"}, "choices"),
        ({"kind": "choice", "choices": "Short\n" + "long" * 60}, "choices"),
        ({"decimals": 3}, "decimals"),
        ({"minimum": 7, "maximum": 7}, "__all__"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(ada, cast, said, field):
    page = ada.post(reverse("admin:agencies_indicator_add"), question_sent(**said))
    assert field in page.context["adminform"].form.errors


def test_what_a_number_means_stays_once_it_was_answered(ada, cast):
    with acting_as(cast.riverside, by=cast.wendy):
        visit = log_visit(enroll(make_client(cast.riverside), cast.ccm, cast.wendy), by=cast.wendy)
        row = Indicator.objects.create(name="Nights outside", unit="nights")
        VisitValue.objects.create(visit=visit, indicator=row, number=2)
    url = change("agencies_indicator", row)
    assert ada.post(url, sent(ada.get(url), name="Nights rough", unit="weeks")).status_code == 302
    [row] = rows_of(cast.riverside, Indicator.objects.all())
    assert (row.name, row.unit) == ("Nights rough", "nights")


def deadline_sent(cast, **said):
    category = PickItem.objects.get(agency=cast.riverside, pick_list="incident", code="INJURY")
    usual = {"kind": "incident", "category": category.pk, "recipient": "County", "verbal_within": 24}
    return usual | {"verbal_counted": "hours", "written_counted": "business"} | said


def test_an_agency_comes_without_deadlines_and_writes_its_own(ada, cast):
    url = reverse("admin:agencies_reportingdeadline_add")
    assert not ReportingDeadline.objects.filter(agency=cast.riverside).exists()
    page = ada.get(url)
    assert "casemgmt brings no such line" in page.text
    assert ada.post(url, deadline_sent(cast, written_within=3)).status_code == 302
    listed = ada.get(reverse("admin:agencies_reportingdeadline_changelist")).text
    assert "24 hours" in listed
    assert "3 business days" in listed


def test_a_deadline_asks_for_something_and_of_its_own_list(ada, cast):
    url = reverse("admin:agencies_reportingdeadline_add")
    assert "Say how soon" in ada.post(url, deadline_sent(cast, verbal_within="")).text
    assert "of the other list" in ada.post(url, deadline_sent(cast, kind="mandated")).text


# --- Words ------------------------------------------------------------------------------------------------------------


def test_words_chosen_here_are_read_everywhere(ada, cast):
    url = change("agencies_agency", cast.riverside)
    ada.post(url, sent(ada.get(url), word_worker_one="navigator", word_worker_many="navigators"))
    assert "people per navigator" in ada.get(change("agencies_program", cast.ccm)).text.lower()
    assert "Navigator" in ada.get(change("agencies_staffmember", cast.wendy)).text
    assert Agency.objects.get(pk=cast.riverside.pk).words == {"worker": ["navigator", "navigators"]}
    assert Agency.objects.get(pk=cast.lakeside.pk).words == {}


def test_a_ready_made_set_fills_in_its_words(ada, cast):
    url = change("agencies_agency", cast.riverside)
    ada.post(url, sent(ada.get(url), word_set="member", word_visit_one="contact", word_visit_many="contacts"))
    words = Agency.objects.get(pk=cast.riverside.pk).words
    assert words["client"] == ["member", "members"]
    assert words["visit"] == ["contact", "contacts"]


@pytest.mark.parametrize("one, many", [("guest", ""), ("", "guests"), ("{guest}", "guests"), ("100%", "x")])
def test_words_that_would_not_read_well_are_refused(ada, cast, one, many):
    url = change("agencies_agency", cast.riverside)
    page = ada.post(url, sent(ada.get(url), word_client_one=one, word_client_many=many))
    assert page.context["errors"]
    assert Agency.objects.get(pk=cast.riverside.pk).words == {}


def test_an_agency_is_not_made_here(ada, cast):
    assert ada.get(reverse("admin:agencies_agency_add")).status_code == 403


# --- Staff and logins -------------------------------------------------------------------------------------------------


def hire(browser, **fields):
    url = reverse("admin:agencies_staffmember_add")
    return browser.post(url, sent(browser.get(url)) | {"name": "Noor", "roles": ["case_manager"]} | fields)


def test_a_new_login_gets_a_link_and_no_password(ada, cast, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = hire(ada, login_username="noor", login_email="noor@example.org")
    assert answer.status_code == 302
    user = User.objects.get(username="noor")
    assert not user.has_usable_password()
    [job] = rows_of(cast.riverside, StaffMember.objects.filter(user=user))
    assert (job.agency_id, job.roles) == (cast.riverside.pk, ["case_manager"])
    assert user.history.get().history_user_id == cast.ada.pk
    [letter] = mail.outbox
    assert letter.to == ["noor@example.org"]
    assert "/accounts/password/reset/key/" in letter.body
    assert "Riverside" in letter.body


def test_a_login_of_another_agency_is_linked_by_name_and_mail_together(ada, cast):
    hire(ada, login_username="lars", login_email="LARS@casemgmt.example")
    lars = cast.lars.user
    [job] = rows_of(cast.riverside, StaffMember.objects.filter(user=lars, agency=cast.riverside))
    assert job.name == "Noor"
    assert User.objects.get(pk=lars.pk).password == lars.password


@pytest.mark.parametrize(
    "username, email",
    [
        ("lars", "somebody@example.org"),
        ("LARS", "lars@casemgmt.example"),
        ("somebody", "lars@casemgmt.example"),
        ("lars", "olive@casemgmt.example"),
        ("root", "root@casemgmt.example"),
    ],
)
def test_half_a_login_says_no_more_than_no(ada, cast, username, email):
    page = hire(ada, login_username=username, login_email=email)
    assert page.context["adminform"].form.errors == {
        "login_username": ["This user name and e-mail cannot be used. Check both."]
    }
    assert not rows_of(cast.riverside, StaffMember.objects.filter(name="Noor"))


def test_one_login_has_one_job_at_an_agency(ada, cast):
    page = hire(ada, login_username="wendy", login_email="wendy@casemgmt.example")
    assert "already signs in with this" in page.text


def test_somebody_who_left_is_out_on_the_next_request(ada, as_, cast):
    wendy = as_("wendy")
    assert wendy.get("/").status_code == 302
    url = change("agencies_staffmember", cast.wendy)
    answer = ada.post(url, sent(ada.get(url), left_on=timezone.localdate().isoformat()))
    assert answer.status_code == 302, answer.context["errors"]
    assert "No agency has given you a job yet" in wendy.get("/").text


def test_a_login_can_be_taken_away(ada, as_, cast):
    url = change("agencies_staffmember", cast.wendy)
    ada.post(url, sent(ada.get(url), take_login_away="on"))
    assert "No agency has given you a job yet" in as_("wendy").get("/").text


def test_an_admin_cannot_shut_themselves_out(ada, cast):
    url = change("agencies_staffmember", cast.ada)
    for undone in ({"roles": ["director"]}, {"take_login_away": "on"}, {"left_on": "2025-01-01"}):
        page = ada.post(url, sent(ada.get(url)) | undone)
        assert "You cannot shut yourself out" in page.text


def test_nobody_gives_the_operators_role(ada, cast):
    page = hire(ada, roles=["operator"])
    assert "roles" in page.context["adminform"].form.errors


def test_a_colleague_gets_a_supervisor_a_program_and_a_licence_on_one_page(ada, cast):
    url = change("agencies_staffmember", cast.eve)
    today = timezone.localdate()
    data = sent(ada.get(url)) | {
        "supervision-TOTAL_FORMS": 1,
        "supervision-0-supervisor": cast.sam.pk,
        "supervision-0-started_on": today.isoformat(),
        "programs-TOTAL_FORMS": 1,
        "programs-0-program": cast.ccm.pk,
        "programs-0-started_on": today.isoformat(),
        "credentials-TOTAL_FORMS": 1,
        "credentials-0-kind": "CPR",
        "credentials-0-expires_on": (today + timedelta(days=400)).isoformat(),
    }
    answer = ada.post(url, data)
    assert answer.status_code == 302, answer.context["errors"]
    for model in (SupervisionLink, ProgramStaff, Credential):
        [row] = rows_of(cast.riverside, model.objects.filter(staff=cast.eve))
        assert row.agency_id == cast.riverside.pk
        assert rows_of(cast.riverside, row.history.all())[0].history_user_id == cast.ada.pk
    text = ada.get(reverse("admin:agencies_staffmember_history", args=[cast.eve.pk])).text
    assert "CPR" in text
    assert "Samir Haddad" in text


def test_the_same_person_twice_in_a_team_is_refused(ada, cast):
    url = change("agencies_program", cast.ccm)
    page = ada.get(url)
    data = sent(page)
    total = int(data["team-TOTAL_FORMS"])
    today = timezone.localdate().isoformat()
    for n in (total, total + 1):
        data |= {f"team-{n}-staff": cast.eve.pk, f"team-{n}-started_on": today}
    answer = ada.post(url, data | {"team-TOTAL_FORMS": total + 2})
    assert "This person is already in the team." in answer.text


# --- The operator -----------------------------------------------------------------------------------------------------


def test_the_operators_job_is_seen_and_not_edited(ada, cast):
    OperatorEntry.begin(cast.root, cast.riverside, "Import of the old system", minutes=30)
    [job] = rows_of(cast.riverside, StaffMember.objects.filter(user=cast.root))
    page = ada.get(change("agencies_staffmember", job))
    assert page.status_code == 200
    assert 'name="_save"' not in page.text
    assert ada.post(change("agencies_staffmember", job), {"name": "x"}).status_code == 403
    assert "Import of the old system" in ada.get(reverse("admin:agencies_operatorentry_changelist")).text
