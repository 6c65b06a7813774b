"""What a device asks for by itself: one's own alone, in bounds, and nothing twice."""

import json
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import KeptForm, Submission
from casemgmt.core.staticfiles import MODULES
from casemgmt.demo.builders import enroll, make_client
from casemgmt.workspace.device.views import FILES, LARGEST
from clients.models import AccessLog, Visit

pytestmark = pytest.mark.django_db
KEPT, KEEP = "/device/kept/", "/device/keep/"


@pytest.fixture
def enrolled(cast):
    return enroll(make_client(cast.riverside, given_name="Terry"), cast.rapid, cast.wendy)


def log_page(enrolled):
    return f"/enrollments/{enrolled.pk}/visits/log/"


def keep(browser, path, key=None, typed='[["note", "She sai"]]'):
    sent = {"key": str(key or uuid.uuid4()), "path": path, "typed": typed}
    return browser.post(KEEP, sent)


def test_what_was_typed_is_kept_for_its_writer(as_, enrolled):
    wendy, key = as_("wendy"), uuid.uuid4()
    assert keep(wendy, log_page(enrolled), key).json() == {"kept": True}
    assert keep(wendy, log_page(enrolled), key, '[["note", "She said"]]').json() == {"kept": True}
    [row] = wendy.get(KEPT).json()["kept"]
    assert (row["key"], row["values"]) == (str(key), [["note", "She said"]])


def test_it_lies_encrypted_in_the_database(as_, enrolled):
    keep(as_("wendy"), log_page(enrolled))
    row = KeptForm.objects.extra(select={"raw": "typed"}).get()
    assert "She sai" not in row.raw


def test_nobody_else_sees_it_neither_does_a_supervisor(as_, enrolled):
    keep(as_("wendy"), log_page(enrolled))
    assert as_("sam").get(KEPT).json() == {"kept": []}
    assert as_("walt").get(KEPT).json() == {"kept": []}


def test_nobody_else_forgets_it(as_, enrolled):
    key = uuid.uuid4()
    keep(as_("wendy"), log_page(enrolled), key)
    as_("walt").post(KEEP, {"forget": str(key)})
    assert KeptForm.objects.count() == 1
    as_("wendy").post(KEEP, {"forget": str(key)})
    assert KeptForm.objects.count() == 0


def test_it_is_not_shown_once_the_record_is_a_colleagues(as_, cast, enrolled):
    other = enroll(make_client(cast.riverside, given_name="Lee"), cast.rapid, cast.walt)
    wendy = as_("wendy")
    assert keep(wendy, log_page(other)).json() == {"kept": False}
    KeptForm(
        agency=cast.riverside, staff=cast.wendy, key=uuid.uuid4(), path=log_page(other), typed="[]"
    ).save()
    assert wendy.get(KEPT).json() == {"kept": []}


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("", "[]"),
        ("/today/" + "x" * 300, "[]"),
        (None, "no json"),
        (None, '{"note": "no pairs"}'),
        (None, '[["note", 7]]'),
        (None, "[" * 100_000),
        (None, '[["note", "%s"]]' % ("x" * LARGEST)),
    ],
)
def test_what_is_no_form_is_not_kept(as_, enrolled, path, typed):
    answer = keep(as_("wendy"), log_page(enrolled) if path is None else path, typed=typed)
    assert answer.status_code == 422
    assert not KeptForm.objects.exists()


@pytest.mark.parametrize(
    "path", ["/nowhere/", "/enrollments/99999999999999999999/visits/log/", "//x", "http://x/"]
)
def test_an_address_that_is_not_ours_is_not_kept(as_, enrolled, path):
    assert keep(as_("wendy"), path).json() == {"kept": False}
    assert not KeptForm.objects.exists()


def visit(enrolled, key, note="She said: “yes”.\r\nMore."):
    now = timezone.localtime()
    return {
        "submit_key": str(key), "mode": "phone", "outcome": "kept", "held_with": "client", "day": f"{now:%Y-%m-%d}",
        "time": "00:01", "direct_minutes": "1", "travel_minutes": "0", "note": note, "draft": "1",
    }  # fmt: skip


def test_it_goes_when_the_form_is_accepted_and_does_not_come_back(as_, enrolled):
    wendy, key = as_("wendy"), uuid.uuid4()
    keep(wendy, log_page(enrolled), key)
    assert wendy.post(log_page(enrolled), visit(enrolled, key)).status_code == 302
    assert not KeptForm.objects.exists()
    assert keep(wendy, log_page(enrolled), key).json() == {"kept": False}


def test_the_server_says_which_forms_it_took(as_, enrolled):
    wendy, key, other = as_("wendy"), uuid.uuid4(), uuid.uuid4()
    wendy.post(log_page(enrolled), visit(enrolled, key))
    asked = f"/device/?sent={key}&sent={other}&sent=x"
    assert wendy.get(asked).json()["sent"] == [str(key)]
    assert as_("walt").get(asked).json()["sent"] == []


def test_a_script_is_told_where_the_form_led_and_a_second_time_the_same(as_, cast, enrolled):
    wendy, key = as_("wendy"), uuid.uuid4()
    headers = {"X-Device": cast.wendy.device_id}
    first = wendy.post(log_page(enrolled), visit(enrolled, key), headers=headers)
    again = wendy.post(log_page(enrolled), visit(enrolled, key), headers=headers)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert Visit.objects.count() == 1


def test_other_words_under_the_same_key_are_not_saved_and_say_so(as_, cast, enrolled):
    wendy, key = as_("wendy"), uuid.uuid4()
    headers = {"X-Device": cast.wendy.device_id}
    wendy.post(log_page(enrolled), visit(enrolled, key), headers=headers)
    other = wendy.post(log_page(enrolled), visit(enrolled, key, "Other words."), headers=headers)
    assert other.status_code == 409
    assert other.json()["there"]
    assert Visit.objects.count() == 1


@pytest.mark.parametrize("way", ["visit-edit", "visit-detail"])
def test_other_words_under_a_key_are_led_to_the_draft_or_the_signed_note(as_, cast, enrolled, way):
    wendy, first, other = (
        as_("wendy"),
        visit(enrolled, key := uuid.uuid4()),
        visit(enrolled, key, "Other words."),
    )
    if way == "visit-detail":
        del first["draft"], other["draft"]
    wendy.post(log_page(enrolled), first)
    address = reverse(f"workspace:{way}", kwargs={"pk": Visit.objects.get(uid=key).pk})
    said = wendy.post(log_page(enrolled), other, headers={"X-Device": cast.wendy.device_id}).json()
    assert (said["there"], said.get("meets", address)) == (address, address)
    assert ("meets" in said) == (way == "visit-edit")
    page = wendy.post(log_page(enrolled), other).content.decode()
    assert f'href="{address}"' in page
    assert "Other words." in page


def test_one_persons_words_are_never_sent_as_anothers(as_, cast, enrolled):
    headers = {"X-Device": cast.walt.device_id}
    answer = as_("wendy").post(log_page(enrolled), visit(enrolled, uuid.uuid4()), headers=headers)
    assert answer.status_code == 401
    assert not Visit.objects.exists()
    assert not Submission.objects.exists()


def test_a_script_whose_person_is_signed_out_hears_401(client, cast, enrolled):
    headers = {"X-Device": cast.wendy.device_id}
    assert client.get("/device/", headers=headers).status_code == 401
    assert client.post(log_page(enrolled), visit(enrolled, uuid.uuid4()), headers=headers).status_code == 401


def test_what_a_device_fetches_by_itself_keeps_nobody_signed_in(as_, cast, enrolled):
    wendy = as_("wendy")
    wendy.get("/today/")
    session = wendy.session
    then = session["seen"][0] - 600
    session["seen"] = [then, then]
    session.save()
    wendy.get("/device/", headers={"X-Device": cast.wendy.device_id})
    assert wendy.session["seen"] == [then, then]
    wendy.get("/device/")
    assert wendy.session["seen"][1] > then


def test_the_copies_are_of_ones_own_people_alone(as_, cast, enrolled):
    other = enroll(make_client(cast.riverside, given_name="Lee"), cast.rapid, cast.walt)
    pages = as_("wendy").get("/device/snapshot/").json()["pages"]
    assert pages[:2] == ["/today/", "/contacts/"]
    assert log_page(enrolled) in pages
    assert log_page(other) not in pages
    assert f"/clients/{other.client_id}/safety/" not in pages


def test_the_contact_sheet_shows_ones_own_people_and_is_logged(as_, cast, enrolled):
    enroll(make_client(cast.riverside, given_name="Lee"), cast.rapid, cast.walt)
    page = as_("wendy").get("/contacts/")
    assert "Terry" in page.text
    assert "Lee" not in page.text
    assert AccessLog.objects.get().people == [enrolled.client_id]


def test_the_worker_the_manifest_and_the_shell_are_of_nobody(client, as_, enrolled):
    worker = client.get("/sw.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert "app.css" in worker.text
    assert client.get("/manifest.webmanifest").json()["icons"]
    assert "Terry" not in as_("wendy").get("/offline/").text
    assert "data-person" not in client.get("/offline/").text


def test_the_id_on_a_device_says_nothing_of_the_person(cast):
    assert cast.wendy.device_id != cast.walt.device_id
    assert str(cast.wendy.pk) != cast.wendy.device_id
    assert len(cast.wendy.device_id) == 32


def test_old_forms_are_forgotten_once(as_, cast, enrolled, capsys):
    keep(as_("wendy"), log_page(enrolled))
    keep(as_("wendy"), log_page(enrolled))
    old = KeptForm.objects.first()
    old.kept_at = timezone.now() - timedelta(days=settings.DEVICE_DAYS, hours=1)
    old.save()
    call_command("forget_kept_forms", "--dry-run")
    assert KeptForm.objects.count() == 2
    call_command("forget_kept_forms")
    call_command("forget_kept_forms")
    assert [line[0] for line in capsys.readouterr().out.splitlines()] == ["1", "1", "0"]
    assert KeptForm.objects.exclude(pk=old.pk).count() == 1
    assert json.loads(KeptForm.objects.get().typed)


def test_every_module_that_imports_is_named_where_files_are_hashed():
    static = settings.BASE_DIR / "static"
    importing = {p.name for p in static.glob("*.js") if "\nimport " in p.read_text()}
    assert importing == set(MODULES)
    assert importing <= set(FILES)


def test_an_address_that_no_page_has_is_refused_and_breaks_nothing(as_, enrolled):
    answer = keep(as_("wendy"), log_page(enrolled) + "?\x00")
    assert (answer.status_code, KeptForm.objects.count()) == (422, 0)


@pytest.mark.parametrize("path", ["/plans/7/check/", "/waitlist/7/contacted/", "/check-ins/7/close/"])
def test_an_address_whose_record_nobody_asks_for_is_not_given_back(as_, cast, path):
    for who in ("wendy", "ines", "sam"):
        staff = getattr(cast, who, None)
        if staff is not None:
            KeptForm(agency=cast.riverside, staff=staff, key=uuid.uuid4(), path=path, typed="[]").save()
            assert as_(who).get(KEPT).json() == {"kept": []}
