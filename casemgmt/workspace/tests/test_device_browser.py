"""Notes cannot be lost: without a network, after the session, after an error, with two tabs, and from other people."""

import time

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.utils import timezone
from playwright.sync_api import expect

from casemgmt.agencies.middleware import House
from casemgmt.agencies.models import KeptForm, Submission, acting_as
from casemgmt.demo.builders import enroll, log_visit, make_client, respond
from casemgmt.tests.plugin import axe
from clients.models import CaseAssignment, Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT = "CANARY-7f3a She said: “yes, but”.\nA second line."
# What lies on the device, as text: every value of every store, and everything in the caches.
ALL_OF_IT = """async () => {
  const text = async (value) => {
    if (value instanceof ArrayBuffer) return new TextDecoder("latin1").decode(value);
    if (ArrayBuffer.isView(value)) return new TextDecoder("latin1").decode(value);
    if (value && typeof value === "object" && !(value instanceof CryptoKey))
      return (await Promise.all(Object.entries(value).map(async ([k, v]) => k + "=" + (await text(v))))).join(";");
    return String(value);
  };
  const found = [];
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((ok) => { const r = indexedDB.open(name); r.onsuccess = () => ok(r.result); });
    for (const store of db.objectStoreNames) {
      const rows = await new Promise((ok) => {
        const r = db.transaction(store).objectStore(store).getAll(); r.onsuccess = () => ok(r.result); });
      for (const row of rows) found.push(store + ": " + (await text(row)));
    }
    db.close();
  }
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys())
      found.push("cache " + request.url + ": " + (await (await caches.match(request)).text()));
  return found.join("\\n");
}"""


@pytest.fixture
def enrolled(cast, live_server):
    return enroll(make_client(cast.riverside, given_name="Terrykowski"), cast.rapid, cast.nia)


@pytest.fixture
def log_page(enrolled):
    return f"/enrollments/{enrolled.pk}/visits/log/"


@pytest.fixture(autouse=True)
def _quiet(phone):
    """Nothing is fetched any more when the database is emptied."""
    context = phone.context
    yield
    for page in context.pages:
        page.goto("about:blank")
    time.sleep(0.5)


@pytest.fixture
def broken(phone, complaints):
    """A phone that is cut off or refused on purpose: that the browser tells of it is no fault."""
    yield phone
    expected = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "status of 5", "favicon.ico", "htmx:")
    complaints[:] = [line for line in complaints if not any(word in line for word in expected)]


def sign_in(page, who):
    page.goto("/accounts/login/")
    sign_in_here(page, who)


def sign_in_here(page, who):
    page.fill("input[name=login]", who)
    page.fill("input[name=password]", "casemgmt-demo")
    page.click("form button.btn-primary")
    page.wait_for_url(lambda url: "login" not in url)


def ready(page, word="done"):
    expect(page.locator("html")).to_have_attribute("data-device", word, timeout=20000)


def kept(page):
    expect(page.locator(".kept-word")).to_contain_text("On this phone", timeout=3000)


def write(page, text=TEXT):
    note(page).fill(text)
    kept(page)


def note(page):
    return page.locator("textarea[name=note]")


def test_without_a_network_for_two_days_a_note_is_there_and_is_sent_once(enrolled, log_page, broken):
    phone = broken
    sign_in(phone, "nia")
    phone.goto("/today/")
    ready(phone)
    expect(phone.get_by_text("Ready without a network: 1")).to_be_visible()
    phone.goto(log_page)
    ready(phone)
    context = phone.context
    note(phone).fill(TEXT[:20])
    context.set_offline(True)
    note(phone).fill(TEXT)
    kept(phone)
    phone.close()

    page = context.new_page()
    page.clock.install()
    page.clock.fast_forward(2 * 86_400_000)
    page.goto(log_page)
    ready(page, "ready")
    expect(note(page)).to_have_value(TEXT)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="Sign").first.click()
    page.wait_for_url("**/today/**")
    expect(page.get_by_text("On this phone")).to_be_visible()
    axe(page)
    assert not Visit.objects.exists()

    context.set_offline(False)
    expect(page.locator("[data-unsent] li")).to_have_count(0, timeout=20000)
    expect(page.locator("[data-unsent]")).to_contain_text("Saved")
    assert Visit.objects.get().note.replace("\r\n", "\n") == TEXT


def said_once():
    return Visit.objects.get().note.replace("\r\n", "\n") == TEXT


def sign(page):
    page.locator(".form-actions button.btn-primary").click()


def test_a_session_that_expired_gives_the_text_back_to_the_byte(enrolled, log_page, phone):
    sign_in(phone, "nia")
    phone.goto(log_page)
    ready(phone)
    write(phone)
    Session.objects.all().delete()
    sign(phone)
    phone.wait_for_url("**/login/**")
    assert not Visit.objects.exists()
    sign_in_here(phone, "nia")
    phone.wait_for_url(f"**{log_page}")
    expect(note(phone)).to_have_value(TEXT)
    expect(phone.get_by_text("Here is what you typed")).to_be_visible()
    axe(phone)
    sign(phone)
    phone.wait_for_url("**/clients/**")
    assert said_once()
    ready(phone)
    expect(phone.locator("[data-unsent-count]")).to_be_hidden()


def test_another_person_on_the_device_sees_nothing_and_nothing_lies_there_readable(
    cast, enrolled, log_page, broken
):
    phone = broken
    sign_in(phone, "nia")
    phone.goto("/today/")
    ready(phone)
    phone.goto(log_page)
    ready(phone)
    write(phone)
    stored = phone.evaluate(ALL_OF_IT)
    assert "sealed: person=" in stored
    assert "cache " in stored
    for secret in ("CANARY", "Terrykowski", log_page):
        assert secret not in stored
    # The session runs out; a colleague signs in on the same device.
    phone.goto("about:blank")
    phone.wait_for_timeout(500)
    phone.context.clear_cookies()
    sign_in(phone, "wendy")
    phone.goto("/today/")
    ready(phone)
    expect(phone.locator("[data-unsent-count]")).to_be_hidden()
    phone.context.set_offline(True)
    phone.goto("/today/")
    ready(phone, "ready")
    expect(phone.get_by_text("Terrykowski")).to_have_count(0)
    phone.goto(log_page)
    ready(phone, "ready")
    expect(phone.get_by_text("This page needs a network.")).to_be_visible()
    phone.goto("about:blank")
    phone.context.set_offline(False)
    # Hers is still there when she comes back.
    phone.wait_for_timeout(500)
    phone.context.clear_cookies()
    sign_in(phone, "nia")
    phone.goto(log_page)
    phone.get_by_role("button", name="Go on with it").click()
    expect(note(phone)).to_have_value(TEXT)


def test_an_answer_that_was_lost_after_the_commit_leaves_one_visit(enrolled, log_page, broken, monkeypatch):
    phone = broken
    whole, lost = House.__call__, []

    def loses(self, request):
        answer = whole(self, request)
        if request.method == "POST" and request.path == log_page and not lost:
            lost.append(answer.status_code)
            return HttpResponse(status=502)
        return answer

    sign_in(phone, "nia")
    phone.goto(log_page)
    ready(phone)
    write(phone)
    monkeypatch.setattr(House, "__call__", loses)
    sign(phone)
    phone.wait_for_timeout(1500)
    assert lost == [302]
    phone.goto("/today/")
    ready(phone)
    expect(phone.locator("[data-unsent-count]")).to_be_hidden()
    assert said_once()


def test_an_error_of_the_server_leaves_the_text_in_the_form(enrolled, log_page, broken, monkeypatch):
    phone = broken
    sign_in(phone, "nia")
    phone.goto(log_page)
    ready(phone)
    write(phone)
    with monkeypatch.context() as patch:
        patch.setattr(Visit, "save", lambda *args, **kwargs: 1 / 0)
        sign(phone)
        expect(phone.get_by_text("Something went wrong on our side")).to_be_visible()
    phone.goto(log_page)
    expect(note(phone)).to_have_value(TEXT)
    sign(phone)
    phone.wait_for_url("**/clients/**")
    assert said_once()


def test_two_tabs_that_send_at_once_send_one(enrolled, log_page, broken):
    phone = broken
    sign_in(phone, "nia")
    phone.goto("/today/")
    ready(phone)
    phone.goto(log_page)
    ready(phone)
    write(phone)
    phone.context.set_offline(True)
    sign(phone)
    phone.wait_for_url("**/today/**")
    ready(phone, "ready")
    other = phone.context.new_page()
    other.goto("/today/")
    ready(other, "ready")
    expect(other.locator("[data-unsent] li")).to_have_count(1)
    phone.context.set_offline(False)
    for page in (phone, other):
        expect(page.locator("[data-unsent] li")).to_have_count(0, timeout=20000)
    assert said_once()


def test_signing_out_warns_and_then_deletes(enrolled, log_page, phone):
    sign_in(phone, "nia")
    phone.goto(log_page)
    ready(phone)
    write(phone)
    phone.goto("/today/")
    ready(phone)
    menu = phone.locator(".topbar details.menu summary")
    menu.click()
    phone.get_by_role("button", name="Sign out").click()
    box = phone.get_by_role("dialog")
    expect(box).to_contain_text("1 not sent")
    axe(phone)
    box.get_by_role("button", name="Stay signed in").click()
    expect(phone.locator("[data-unsent] li")).to_have_count(1)
    menu.click()
    phone.get_by_role("button", name="Sign out").click()
    box.get_by_role("button", name="Delete and sign out").click()
    phone.wait_for_url("**/login/**")
    stored = phone.evaluate(ALL_OF_IT)
    assert "sealed: " not in stored
    assert "people: " not in stored


def test_what_two_people_changed_is_chosen_field_by_field(cast, enrolled, phone):
    visit = log_visit(enrolled, by=cast.nia, days_ago=0, signed=False)
    address = f"/visits/{visit.pk}/edit/"
    sign_in(phone, "nia")
    phone.goto(address)
    ready(phone)
    write(phone)
    with acting_as(cast.riverside, by=cast.sam):
        visit.refresh_from_db()
        visit.note, visit.travel_minutes = "What somebody else saved.", 17
        visit.save()
    phone.goto(address)
    phone.get_by_role("button", name="Go on with it").click()
    choice = phone.locator(".kept-choice")
    expect(choice.get_by_text("What somebody else saved.")).to_be_visible()
    expect(choice.get_by_text("CANARY-7f3a")).to_be_visible()
    expect(choice.locator("fieldset")).to_have_count(1)
    expect(phone.locator("[name=travel_minutes]")).to_have_value("17")
    axe(phone)
    choice.get_by_label("Saved meanwhile").check()
    expect(note(phone)).to_have_value("What somebody else saved.")
    choice.get_by_label("You wrote").check()
    expect(note(phone)).to_have_value(TEXT)
    sign(phone)
    phone.wait_for_url(lambda url: "/edit/" not in url)
    assert said_once()


def test_two_phones_with_one_draft_are_put_beside_each_other(cast, enrolled, log_page, broken, complaints):
    phone = broken
    sign_in(phone, "nia")
    phone.goto(log_page)
    ready(phone)
    write(phone)
    # The other phone went on with the server's copy, and was first.
    key = phone.locator("[name=submit_key]").input_value()
    log_visit(enrolled, by=cast.nia, days_ago=0, signed=False, uid=key, note="What the other phone sent.")
    with acting_as(cast.riverside, by=cast.nia):
        Submission.objects.create(
            agency=cast.riverside, staff=cast.nia, key=key, path=log_page, digest="x", location="/today/"
        )
    with phone.expect_navigation():
        phone.get_by_role("button", name="Save as draft").click()
    ready(phone)
    expect(phone.get_by_text("CANARY-7f3a").first).to_be_visible()
    phone.get_by_role("link", name="Compare").click()
    choice = phone.locator(".kept-choice")
    expect(choice.get_by_text("What the other phone sent.")).to_be_visible()
    axe(phone)
    choice.get_by_label("Both, one after the other").check()
    expect(note(phone)).to_have_value(f"What the other phone sent.\n\n{TEXT}")
    sign(phone)
    phone.wait_for_url(lambda url: "/edit/" not in url)
    ready(phone)
    assert Visit.objects.get().note.splitlines()[0] == "What the other phone sent."
    assert "CANARY-7f3a" in Visit.objects.get().note
    phone.goto("/today/#unsent")
    ready(phone)
    expect(phone.locator("[data-unsent]")).not_to_contain_text("CANARY")
    # What was refused is what this is about.
    complaints[:] = [line for line in complaints if "409" not in line]


def test_what_is_kept_dies_with_the_time_since_the_last_sign_in(enrolled, log_page, broken):
    phone = broken
    sign_in(phone, "nia")
    phone.goto(log_page)
    ready(phone)
    write(phone)
    context = phone.context
    context.set_offline(True)
    phone.close()
    page = context.new_page()
    page.clock.install()
    page.clock.fast_forward(7 * 86_400_000 + 60_000)
    page.goto("/today/")
    expect(page.get_by_text("Nobody is signed in on this device.")).to_be_visible()
    stored = page.evaluate(ALL_OF_IT)
    assert "sealed: " not in stored
    assert "people: " not in stored


def test_on_another_device_the_servers_copy_is_offered_and_signing_in_again_is_all_it_takes(
    enrolled, log_page, phone
):
    sign_in(phone, "nia")
    phone.goto(log_page)
    ready(phone)
    with phone.expect_response("**/device/keep/"):
        write(phone)
    # The phone is lost: nothing of it is left but what the server has.
    phone.goto("/offline/")
    phone.evaluate(
        "new Promise((ok) => { const r = indexedDB.deleteDatabase('casemgmt'); r.onsuccess = r.onblocked = ok; })"
    )
    phone.goto(log_page)
    phone.get_by_role("button", name="Go on with it").click()
    expect(note(phone)).to_have_value(TEXT)
    sign(phone)
    phone.wait_for_url("**/clients/**")
    assert said_once()
    assert not KeptForm.objects.exists()


def test_where_nothing_may_be_kept_on_a_device_the_server_keeps_it(enrolled, log_page, phone, settings):
    settings.DEVICE_DAYS = 0
    sign_in(phone, "nia")
    phone.goto(log_page)
    with phone.expect_response("**/device/keep/"):
        note(phone).fill(TEXT)
    phone.goto("/offline/")
    assert "sealed: " not in phone.evaluate(ALL_OF_IT)
    phone.goto(log_page)
    phone.get_by_role("button", name="Go on with it").click()
    expect(note(phone)).to_have_value(TEXT)
    sign(phone)
    phone.wait_for_url("**/clients/**")
    assert said_once()


def test_words_that_the_server_does_not_take_any_more_can_still_be_read(
    cast, enrolled, log_page, broken, complaints
):
    phone = broken
    sign_in(phone, "nia")
    phone.goto(log_page)
    ready(phone)
    write(phone)
    phone.context.set_offline(True)
    sign(phone)
    phone.wait_for_url("**/today/**")
    with acting_as(cast.riverside, by=cast.sam):
        for link in CaseAssignment.objects.filter(enrollment=enrolled):
            link.end(on=timezone.localdate())
    phone.context.set_offline(False)
    phone.wait_for_timeout(500)
    phone.goto("/today/")
    ready(phone)
    unsent = phone.locator("[data-unsent] li")
    expect(unsent).to_contain_text("Needs you")
    unsent.locator("summary").click()
    expect(unsent.get_by_text("CANARY-7f3a She said")).to_be_visible()
    assert not Visit.objects.exists()
    complaints[:] = [line for line in complaints if "status of 403" not in line]


def test_a_device_that_was_handed_over_opens_nothing_without_a_network_either(cast, enrolled, broken):
    phone = broken
    row = respond(enrolled, "PHQ-9", by=cast.nia, finished=False)
    sign_in(phone, "nia")
    phone.goto("/today/")
    ready(phone)
    expect(phone.get_by_text("Ready without a network: 1")).to_be_visible()
    phone.goto(f"/responses/{row.pk}/hand-over/")
    phone.locator("main form button.btn-primary").click()
    phone.wait_for_url("**/answer/")
    expect(phone.locator("[data-alone]")).to_be_visible()
    phone.wait_for_timeout(500)
    phone.context.set_offline(True)
    phone.goto("/today/")
    expect(phone.get_by_text("Nobody is signed in on this device.")).to_be_visible()
    phone.context.set_offline(False)
    sign_in(phone, "nia")
    phone.goto("/today/")
    ready(phone)
    expect(phone.get_by_text("Ready without a network: 1")).to_be_visible()


def test_a_browser_that_stores_nothing_says_so_and_the_server_keeps_it(enrolled, log_page, phone):
    phone.context.add_init_script(
        "indexedDB.open = () => { throw new DOMException('No', 'SecurityError'); };"
    )
    sign_in(phone, "nia")
    phone.goto(log_page)
    ready(phone)
    with phone.expect_response("**/device/keep/"):
        note(phone).fill(TEXT)
    expect(phone.locator(".kept-word")).to_contain_text("Not kept on this device.")
    phone.once("dialog", lambda dialog: dialog.accept())
    phone.locator(".topbar details.menu summary").click()
    phone.get_by_role("button", name="Sign out").click()
    phone.wait_for_url("**/login/**")
    sign_in(phone, "nia")
    phone.goto(log_page)
    phone.get_by_role("button", name="Go on with it").click()
    expect(note(phone)).to_have_value(TEXT)


def test_a_person_handed_over_is_dropped_before_any_page_is_fetched(cast, enrolled, broken):
    phone = broken
    sign_in(phone, "nia")
    phone.goto("/today/")
    ready(phone)
    before = phone.evaluate(ALL_OF_IT).count("sealed: person=")
    with acting_as(cast.riverside, by=cast.sam):
        for link in CaseAssignment.objects.filter(enrollment=enrolled):
            link.end(on=timezone.localdate())
    # An hour later the list of pages is answered, and then the network is gone.
    phone.add_init_script("const now = Date.now; Date.now = () => now() + 3700000;")

    def gone(route):
        route.abort() if "x-device" in route.request.headers else route.continue_()

    phone.route("**/today/", gone)
    with phone.expect_response("**/device/snapshot/"):
        phone.goto("/today/")
    ready(phone)
    assert phone.evaluate(ALL_OF_IT).count("sealed: person=") == before - 2


def test_a_post_that_hangs_lets_go_of_the_outbox_and_is_sent_again(enrolled, log_page, broken):
    phone = broken
    hung = []
    phone.context.add_init_script(
        "const late = AbortSignal.timeout; AbortSignal.timeout = () => late.call(AbortSignal, 1500);"
    )

    def hangs(route):
        if route.request.method == "POST" and not hung:
            hung.append(route)  # no answer, ever
        else:
            route.continue_()

    sign_in(phone, "nia")
    phone.goto("/today/")
    ready(phone)
    phone.goto(log_page)
    ready(phone)
    write(phone)
    phone.route(f"**{log_page}", hangs)
    phone.context.set_offline(True)
    sign(phone)
    phone.wait_for_url("**/today/**")
    ready(phone, "ready")
    phone.context.set_offline(False)
    expect(phone.locator("[data-unsent] li")).to_have_count(0, timeout=20000)
    assert len(hung) == 1
    assert said_once()
