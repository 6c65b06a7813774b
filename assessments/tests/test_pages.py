import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.domains import Domain, Rating
from assessments.models import Administration, DomainRating
from casemgmt.agencies.models import PickItem, acting_as
from casemgmt.agencies.models.program import PickList
from casemgmt.demo.builders import assess, enroll, make_client
from casemgmt.tests.plugin import axe
from clients.models import AccessLog


def url(name, pk):
    return reverse(f"assessments:administration-{name}", kwargs={"pk": pk})


def ago(days):
    return timezone.localdate() - timedelta(days=days)


def send(browser, address, **fields):
    return browser.post(address, {"submit_key": str(uuid.uuid4())} | fields)


def begin(browser, enrollment):
    return send(browser, url("create", enrollment.pk), held_on=str(ago(0)), mode="in_person").url


def filled(row, **extra):
    """A complete page, as a browser sends it."""
    ratings = {f"{d}-{who}_rating": "0" for d in Domain for who in ("worker", "client")}
    return {"version": row.version, "held_on": str(row.held_on), "mode": row.mode} | ratings | extra


@pytest.fixture
def enrolled(cast):
    return enroll(make_client(cast.riverside, given_name="Terry"), cast.ccm, cast.wendy, on=ago(100))


@pytest.fixture
def wendy(as_):
    return as_("wendy")


@pytest.fixture
def draft(cast, enrolled):
    with acting_as(cast.riverside, by=cast.wendy):
        return Administration.begin(enrolled, by=cast.wendy)


@pytest.fixture
def seen(cast):
    """Look at rows as Wendy, from outside of a request."""

    def look(model, **wanted):
        with acting_as(cast.riverside, by=cast.wendy):
            return model.objects.get(**wanted)

    return look


def test_an_assessment_is_started_saved_found_again_and_signed(wendy, enrolled, seen):
    start = wendy.get(url("create", enrolled.pk))
    assert start.status_code == 200
    edit = begin(wendy, enrolled)
    assert "0</span> of 16 rated" in wendy.get(edit).text

    row = seen(Administration, enrollment=enrolled)
    some = {"housing-worker_rating": "2", "housing-comment": "Stays with friends.", "save": "1"}
    answer = send(wendy, edit, version=row.version, held_on=str(row.held_on), mode="phone", **some)
    assert answer.url == reverse("workspace:client", kwargs={"pk": enrolled.client_id})
    assert "Saved. 1 of 16 rated." in wendy.get(answer.url).text

    assert wendy.get(url("create", enrolled.pk)).url == edit, "the draft is found again"
    page = wendy.get(edit)
    assert "Stays with friends." in page.text
    housing = page.context["domains"][0]
    assert housing["is_open"]
    assert housing["is_rated"]
    assert not page.context["domains"][1]["is_open"]

    row.refresh_from_db()
    answer = send(wendy, edit, **filled(row, sign="1", **{"housing-strength": "Friends"}))
    assert answer.url == url("detail", row.pk)
    page = wendy.get(answer.url)
    assert "Signed by" in page.text
    assert "Wendy Nakamura" in page.text
    assert reverse("serviceplans:plan-begin", kwargs={"pk": enrolled.pk}) in page.text
    assert wendy.get(edit).url == answer.url


def test_what_keeps_it_from_being_signed_is_said_on_top_and_beside_and_all_is_kept(wendy, draft, seen):
    fields = filled(
        draft, sign="1", **{"safety-worker_rating": "3", "money-worker_rating": "", "summary": "Kept words"}
    )
    answer = send(wendy, url("edit", draft.pk), **fields)
    assert answer.status_code == 422
    said = {problem["sentence"]: problem["places"] for problem in answer.context["problems"]}
    assert [p["anchor"] for p in said["Not rated yet."]] == ["div_id_money-worker_rating"]
    assert [p["anchor"] for p in said["This is urgent: say what is done about it."]] == ["id_safety-comment"]
    assert 'id="div_id_money-worker_rating"' in answer.text
    assert "Kept words" in answer.text
    safety = next(d for d in answer.context["domains"] if d["code"] == "safety")
    assert safety["is_urgent"]
    assert safety["is_open"]
    with acting_as(draft.agency, by=draft.by):
        assert not DomainRating.objects.filter(administration=draft).exists()
    mended = fields | {"money-worker_rating": "0", "safety-comment": "Called the crisis line together."}
    assert send(wendy, url("edit", draft.pk), **mended).url == url("detail", draft.pk)


def test_an_urgent_domain_names_the_crisis_line(cast, wendy, draft):
    send(wendy, url("edit", draft.pk), **filled(draft, save="1", **{"safety-client_rating": "3"}))
    page = wendy.get(url("edit", draft.pk))
    assert 'class="panel domain is-urgent" id="domain-safety"' in page.text
    assert 'href="tel:988"' in page.text
    with acting_as(cast.riverside, by=cast.ada):
        cast.riverside.crisis_line = "County line, ask for Jo"
        cast.riverside.save()
    page = wendy.get(url("edit", draft.pk))
    assert "tel:" not in page.text.partition("<form")[2]
    assert "County line, ask for Jo" in page.text


def test_a_draft_that_somebody_else_saved_meanwhile_is_not_overwritten(as_, wendy, draft):
    old = filled(draft, save="1", **{"food-worker_rating": "2"})
    assert send(as_("sam"), url("edit", draft.pk), **filled(draft, save="1")).status_code == 302
    answer = send(wendy, url("edit", draft.pk), **old)
    assert answer.status_code == 409
    rows = answer.context["rows"]
    assert [(r["label"], r["yours"], r["theirs"]) for r in rows] == [
        ("Food: Case manager", "Unmet need", "No need")
    ]


def test_the_second_click_signs_once(wendy, draft):
    fields = filled(draft, sign="1") | {"submit_key": str(uuid.uuid4())}
    answers = [wendy.post(url("edit", draft.pk), fields) for _click in range(2)]
    assert [a.url for a in answers] == [url("detail", draft.pk)] * 2


def test_an_assessment_of_tomorrow_is_refused_in_words(wendy, enrolled):
    answer = send(wendy, url("create", enrolled.pk), held_on=str(ago(-1)), mode="phone")
    assert answer.status_code == 422
    assert "still to come" in answer.text


def test_last_time_stands_beside_each_rating_and_changes_are_named(cast, wendy, enrolled):
    before = {Domain.FOOD: (Rating.UNMET, Rating.URGENT), Domain.LEGAL: Rating.UNKNOWN}
    assess(enrolled, by=cast.wendy, on=ago(60), ratings=before)
    now = assess(enrolled, by=cast.wendy, ratings={Domain.FOOD: (Rating.MET, Rating.URGENT)}, signed=False)
    domains = {d["code"]: d for d in wendy.get(url("edit", now.pk)).context["domains"]}
    worker, client = domains["food"]["scales"]
    assert worker["last"].endswith(": unmet")
    assert [c["code"] for c in worker["changes"] if c["shown"]] == ["better"]
    assert client["last"].endswith(": urgent")
    assert not any(c["shown"] for c in client["changes"])
    assert domains["legal"]["scales"][0]["last"].endswith(": unknown")


def test_the_result_compares_with_last_time_in_words(cast, wendy, enrolled):
    assess(enrolled, by=cast.wendy, on=ago(60), ratings={Domain.FOOD: Rating.UNMET, Domain.LEGAL: Rating.MET})
    now = assess(
        enrolled,
        by=cast.wendy,
        ratings={Domain.HOUSING: (Rating.UNMET, Rating.URGENT), Domain.FOOD: (Rating.MET, Rating.NONE)},
    )
    page = wendy.get(url("detail", now.pk))
    assert "Better, was unmet" in page.text
    assert "Worse, was none" in page.text
    assert [m["n"] for m in page.context["moves"]] == [1, 14, 1]
    assert page.context["figures"] == {
        "worker": {"met": 1, "unmet": 1, "urgent": 0},
        "client": {"met": 0, "unmet": 0, "urgent": 1},
        "agreement": 88,
    }
    assert [n["label"] for n in page.context["needs"]] == ["Housing"]
    assert [s["text"] for s in page.context["strengths"]] == ["Knows many people here."]


def test_the_history_shows_figures_over_time_and_when_the_next_is_due(cast, wendy, enrolled):
    page = wendy.get(url("list", enrolled.pk))
    assert page.context["is_late"]
    assert "No assessment yet" in page.text
    assess(enrolled, by=cast.wendy, on=ago(60))
    assess(enrolled, by=cast.wendy, on=ago(2), ratings={})
    open_draft = assess(enrolled, by=cast.wendy, signed=False)
    page = wendy.get(url("list", enrolled.pk))
    assert [p["value"] for p in page.context["points"]] == [2, 0]
    assert [row["held_on"] for row in page.context["signed"]] == [ago(2), ago(60)]
    assert page.context["due"] == ago(2) + timedelta(days=cast.ccm.reassess_every_days)
    assert url("edit", open_draft.pk) in page.text


def test_a_barrier_that_is_no_longer_offered_stays_where_it_was_chosen(cast, wendy, draft):
    with acting_as(cast.riverside, by=cast.wendy):
        barrier = PickItem.objects.filter(pick_list=PickList.BARRIER).first()
        other = PickItem.objects.filter(pick_list=PickList.DISPOSITION).first()
    chosen = {"food-barrier_id": str(barrier.pk), "save": "1"}
    send(wendy, url("edit", draft.pk), **filled(draft, **chosen))
    with acting_as(cast.riverside, by=cast.wendy):
        barrier.ended_on = ago(1)
        barrier.save()
        draft.refresh_from_db()
    form = wendy.get(url("edit", draft.pk)).context["form"]
    assert form["food-barrier_id"].value() == barrier.pk
    assert send(wendy, url("edit", draft.pk), **filled(draft, **chosen)).status_code == 302
    draft.refresh_from_db()
    wrong = send(wendy, url("edit", draft.pk), **filled(draft, **{"food-barrier_id": str(other.pk)}))
    assert wrong.status_code == 422


@pytest.mark.parametrize("sent", ["7", "x", "-1", "99999999999999999999"])
def test_a_rating_that_does_not_exist_is_refused(wendy, draft, sent):
    answer = send(wendy, url("edit", draft.pk), **filled(draft, **{"food-worker_rating": sent}))
    assert answer.status_code == 422
    assert [p["anchor"] for p in answer.context["problems"][0]["places"]] == ["div_id_food-worker_rating"]


def test_who_may_not_write_reads(as_, draft):
    quinn = as_("quinn")
    page = quinn.get(url("detail", draft.pk))
    assert page.status_code == 200
    assert url("edit", draft.pk) not in page.text
    assert quinn.get(url("edit", draft.pk)).status_code == 403
    assert url("edit", draft.pk) not in quinn.get(url("list", draft.enrollment_id)).text


def test_each_page_is_logged_with_the_person_it_shows(cast, wendy, enrolled):
    row = assess(enrolled, by=cast.wendy)
    wendy.get(url("detail", row.pk))
    wendy.get(url("list", enrolled.pk))
    with acting_as(cast.riverside, by=cast.wendy):
        pages = AccessLog.objects.filter(people=[enrolled.client_id]).values_list("page", flat=True)
        assert set(pages) == {"assessments:administration-detail", "assessments:administration-list"}


def test_the_pages_ask_the_same_questions_however_much_was_assessed(cast, wendy, enrolled):
    def questions(name, pk):
        with CaptureQueriesContext(connection) as asked:
            assert wendy.get(url(name, pk)).status_code == 200
        return len(asked)

    assess(enrolled, by=cast.wendy, on=ago(60))
    few = assess(enrolled, by=cast.wendy, on=ago(50), ratings={})
    wendy.get(url("list", enrolled.pk))
    before = questions("list", enrolled.pk), questions("detail", few.pk)
    for day in (40, 30, 20):
        assess(enrolled, by=cast.wendy, on=ago(day))
    many = assess(enrolled, by=cast.wendy, on=ago(10), ratings=dict.fromkeys(Domain, Rating.URGENT))
    assert (questions("list", enrolled.pk), questions("detail", many.pk)) == before
    blank = assess(enrolled, by=cast.wendy, ratings={}, signed=False)
    assert questions("edit", blank.pk) <= 20


@pytest.mark.browser
def test_sixteen_domains_are_rated_with_two_taps_each(cast, phone, live_server, complaints):
    row = enroll(make_client(cast.riverside), cast.ccm, cast.wendy, on=ago(100))
    assess(row, by=cast.wendy, on=ago(60))
    sign_in(phone)
    phone.goto(url("create", row.pk))
    axe(phone)
    phone.click(".form-actions .btn-primary")
    for n, domain in enumerate(Domain):
        scales = phone.locator(f"#domain-{domain} .scale")
        scales.nth(0).locator("label").nth(3 if n == 0 else 0).click()
        scales.nth(1).locator("label").nth(1).click()
    assert phone.locator("[data-rated]").inner_text() == "16"
    housing = phone.locator("#domain-housing")
    assert housing.get_by_text("Crisis line:").is_visible()
    assert housing.get_by_text("Worse").first.is_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") == 390, "nothing pushes the page sideways"
    phone.evaluate("scrollTo(0, 0)")
    axe(phone)
    phone.click(".form-actions .btn-primary")
    phone.wait_for_selector(".error-summary")
    complaints.clear()  # the 422 that says what is missing
    phone.fill("#id_housing-comment", "A bed tonight at the shelter.")
    phone.press("#id_housing-strength", "Enter")
    phone.wait_for_url("**/clients/*/")
    phone.goto(url("create", row.pk))
    phone.click(".form-actions .btn-primary")
    phone.wait_for_selector(".picture")
    axe(phone)
    phone.goto(url("list", row.pk))
    axe(phone)


def sign_in(page):
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "wendy")
    page.fill("input[name=password]", "casemgmt-demo")
    page.click("form button.btn-primary")
    page.wait_for_url("**/today/")
