"""Signing in, one's first page, one's other jobs, and the operator's entry."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import LoginEvent, OperatorEntry, StaffMember, User, acting_as
from casemgmt.agencies.roles import Role

pytestmark = pytest.mark.django_db


def hire(agency, user, roles, **fields):
    with acting_as(agency, by=None):
        return StaffMember.objects.create(agency=agency, user=user, name="Second job", roles=roles, **fields)


@pytest.mark.parametrize(
    "name, url",
    [
        ("dana", "/caseload/"),
        ("sam", "/caseload/"),
        ("quinn", "/caseload/"),
        ("wendy", "/today/"),
        ("nia", "/today/"),
        ("eve", reverse("reports:outcomes")),
        ("ada", "/admin/"),
        ("root", "/operator/"),
    ],
)
def test_everybody_begins_where_their_work_is(as_, name, url):
    assert as_(name).get("/").headers["Location"] == url


def test_a_login_without_a_job_is_told_so(client, db):
    client.force_login(User.objects.create_user("lone"))
    page = client.get("/")
    assert page.status_code == 200
    assert "No agency has given you a job yet" in page.text
    assert client.get("/admin/").headers["Location"] == "/"


def test_a_job_without_a_role_is_told_so(as_, cast):
    user = User.objects.create_user("blank")
    hire(cast.riverside, user, [])
    browser = Client()
    browser.force_login(user)
    assert "Your job has no role yet" in browser.get("/").text


# --- The door of the admin --------------------------------------------------------------------------------------------

ADMIN_URLS = [
    "/admin/",
    "/admin/login/",
    "/admin/jsi18n/",
    "/admin/autocomplete/?app_label=agencies&model_name=programstaff&field_name=staff",
    "/admin/agencies/",
    "/admin/agencies/staffmember/",
    "/admin/agencies/staffmember/add/",
    "/admin/no/such/page/",
]


@pytest.mark.parametrize("url", ADMIN_URLS)
def test_signed_out_people_go_to_the_one_sign_in_page(client, db, url):
    answer = client.get(url)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/?next=/admin/")


@pytest.mark.parametrize("url", ADMIN_URLS)
@pytest.mark.parametrize("name", ["dana", "sam", "wendy", "quinn", "eve", "olive"])
def test_the_wrong_role_gets_403(as_, name, url):
    assert as_(name).get(url).status_code == 403


def test_the_agency_admin_gets_in_and_out(as_):
    ada = as_("ada")
    index = ada.get("/admin/")
    assert "Riverside Community Support: set-up" in index.text
    assert ada.get("/admin/login/").headers["Location"] == "/admin/"
    assert ada.get("/admin/jsi18n/").status_code == 200
    assert ada.get("/admin/no/such/page/").status_code == 404
    assert ada.post("/admin/logout/").headers["Location"] == reverse("account_logout")
    assert ada.get("/admin/password_change/").headers["Location"] == reverse("account_change_password")


def test_after_signing_in_one_is_where_one_wanted_to_be(client, cast):
    data = {"login": "ada", "password": "casemgmt-demo", "next": "/admin/agencies/program/"}
    assert client.post("/accounts/login/", data).headers["Location"] == "/admin/agencies/program/"


# --- Two jobs ---------------------------------------------------------------------------------------------------------


def test_a_person_with_two_jobs_chooses(as_, cast):
    other = hire(cast.lakeside, cast.wendy.user, [Role.ADMIN.value])
    wendy = as_("wendy")
    assert wendy.get("/").headers["Location"] == "/today/"
    assert wendy.post("/switch/", {"job": other.pk}).status_code == 302
    assert wendy.session["job"] == [other.pk, cast.lakeside.pk]
    assert wendy.get("/").headers["Location"] == "/admin/"
    assert "Lakeside Outreach" in wendy.get("/admin/").text
    assert wendy.post("/switch/", {"job": cast.wendy.pk}).status_code == 302
    assert wendy.get("/admin/").status_code == 403


def test_a_form_opened_at_one_agency_is_not_saved_at_the_other(cast):
    other = hire(cast.lakeside, cast.wendy.user, [Role.DIRECTOR.value])
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.wendy.user)
    page = browser.get("/intakes/new/")
    form = {
        "csrfmiddlewaretoken": str(page.context["csrf_token"]),
        "submit_key": "4a7d8b1e-0f5c-4a52-9a53-6a3b1d1f1a10",
        "given_name": "Rosa",
        "reason": "A room of her own.",
        "safe_now": "yes",
        "started_on": timezone.localdate().isoformat(),
    }
    there = {"job": other.pk, "csrfmiddlewaretoken": form["csrfmiddlewaretoken"]}
    assert browser.post("/switch/", there).status_code == 302
    assert browser.post("/intakes/new/", form).status_code == 403
    form["csrfmiddlewaretoken"] = str(browser.get("/intakes/new/").context["csrf_token"])
    assert browser.post("/intakes/new/", form).status_code == 302


def test_nobody_takes_another_persons_job(as_, cast):
    wendy = as_("wendy")
    wendy.get("/")
    for job in (cast.walt.pk, cast.olive.pk, 987654, "", "x"):
        assert wendy.post("/switch/", {"job": job}).status_code == 404
    assert wendy.session["job"] == [cast.wendy.pk, cast.riverside.pk]
    assert wendy.get("/switch/").status_code == 405


def test_a_job_that_ended_is_not_chosen(as_, cast):
    today = timezone.localdate()
    ended = hire(cast.lakeside, cast.wendy.user, [Role.DIRECTOR.value], left_on=today)
    assert as_("wendy").post("/switch/", {"job": ended.pk}).status_code == 404


# --- The operator -----------------------------------------------------------------------------------------------------


def enter(browser, into, **fields):
    form = browser.get("/operator/").context["form"]
    data = {"agency": into.pk, "reason": "Ticket 12: staff list", "submit_key": form["submit_key"].value()}
    return browser.post("/operator/", data | fields)


def test_the_operator_sees_nothing_before_entering(as_, cast):
    root = as_("root")
    for url in ("/admin/", "/admin/agencies/staffmember/", "/today/"):
        assert root.get(url).headers["Location"] == "/"
    assert "Wendy" not in root.get("/", follow=True).text


def test_the_operator_enters_with_a_reason_and_for_a_while(as_, cast, time_machine):
    time_machine.move_to("2026-03-02T15:00:00Z", tick=False)
    root = as_("root")
    assert enter(root, cast.riverside, reason="").status_code == 422
    assert enter(root, cast.riverside, agency=987654).status_code == 422
    assert enter(root, cast.riverside).status_code == 302
    entry = OperatorEntry.objects.get()
    assert (entry.user, entry.into, entry.reason) == (cast.root, cast.riverside, "Ticket 12: staff list")
    assert root.get("/").headers["Location"] == "/admin/"
    staff = root.get("/admin/agencies/staffmember/").text
    assert "Wendy Nakamura" in staff
    assert "Olive Tremblay" not in staff
    assert root.get("/today/").status_code == 403
    time_machine.move_to(entry.ends_at)
    # Away for so long, the session has ended too.
    assert as_("root").get("/admin/agencies/staffmember/").headers["Location"] == "/"


def test_the_operator_goes_from_one_agency_to_the_next_and_leaves(as_, cast):
    root = as_("root")
    enter(root, cast.riverside)
    enter(root, cast.lakeside)
    assert "Olive Tremblay" in root.get("/admin/agencies/staffmember/").text
    assert root.post("/operator/leave/").status_code == 302
    assert root.get("/admin/").headers["Location"] == "/"
    assert not OperatorEntry.objects.filter(user=cast.root).live().exists()


@pytest.mark.parametrize("name", ["ada", "dana", "wendy"])
def test_only_the_operator_enters(as_, name):
    browser = as_(name)
    assert browser.get("/operator/").status_code == 403
    assert browser.post("/operator/", {"agency": 1, "reason": "Because I can"}).status_code == 403
    assert browser.post("/operator/leave/").status_code == 403


# --- Sign-ins are written down ----------------------------------------------------------------------------------------


def test_sign_ins_sign_outs_and_refusals_leave_a_trace(client, cast):
    sign_in = lambda **fields: client.post("/accounts/login/", fields)  # noqa: E731
    sign_in(login="wendy", password="wrong")
    sign_in(login="correct horse battery", password="wendy")
    sign_in(login="wendy@casemgmt.example", password="wrong")
    sign_in(login="wendy", password="casemgmt-demo")
    client.post("/accounts/logout/")
    events = LoginEvent.objects.order_by("pk").values_list("kind", "username", "address")
    assert list(events) == [
        ("refused", "wendy", "127.0.0.1"),
        ("refused", "", "127.0.0.1"),
        ("refused", "wendy", "127.0.0.1"),
        ("in", "wendy", "127.0.0.1"),
        ("out", "wendy", "127.0.0.1"),
    ]
