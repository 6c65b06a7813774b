"""Papers of a record are opened through the access check alone, as downloads, and every opening is written down."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from casemgmt.agencies.models import acting_as
from casemgmt.demo import builders
from clients.files import examine
from clients.models import Document, DocumentFile, DocumentOpening
from clients.tests.test_files import PDF, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(cast):
    client = builders.make_client(cast.riverside, by=cast.wendy)
    builders.enroll(client, cast.ccm, cast.wendy)
    return client


@pytest.fixture
def paper(cast, person):
    with acting_as(cast.riverside, by=cast.wendy):
        document = Document(client=person, title="Lease")
        document.keep(examine(PDF, "lease.pdf"), by=cast.wendy)
    return document


def sent(file, **more):
    return {"submit_key": str(uuid.uuid4()), "kind": "letter", "title": "Lease", "file": file} | more


def upload(name, data):
    return SimpleUploadedFile(name, data, content_type="text/html")


def test_a_paper_put_into_the_record_comes_out_byte_for_byte(as_, person):
    wendy = as_("wendy")
    added = wendy.post(reverse("clients:document-create", args=[person.pk]), sent(upload("lease.html", PDF)))
    assert added.status_code == 302, added.text
    document = Document.objects.get(client=person)
    got = wendy.get(reverse("clients:document-file", args=[document.pk]))
    assert (got.content, got["Content-Type"]) == (PDF, "application/pdf")


def test_a_paper_is_a_download_that_may_run_nothing(as_, paper):
    got = as_("wendy").get(reverse("clients:document-file", args=[paper.pk]))
    assert got["Content-Disposition"] == 'attachment; filename="lease.pdf"'
    assert "sandbox" in got["Content-Security-Policy"]
    assert got["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in got["Cache-Control"]


def test_who_opened_a_paper_is_written_down(as_, cast, paper):
    as_("wendy").get(reverse("clients:document-file", args=[paper.pk]))
    assert [o.staff for o in DocumentOpening.objects.filter(document=paper)] == [cast.wendy]
    assert cast.wendy.name in as_("sam").get(reverse("clients:document-detail", args=[paper.pk])).text


@pytest.mark.parametrize(
    "data, says", [(b"<script>", "Only PDF"), (b"", "empty"), (b"%PDF-1.4", "not complete")]
)
def test_a_bad_file_is_refused_beside_the_field_with_everything_kept(as_, person, data, says):
    got = as_("wendy").post(
        reverse("clients:document-create", args=[person.pk]),
        sent(upload("x.pdf", data), title="My own title"),
    )
    assert got.status_code == 422
    assert says in got.text
    assert "My own title" in got.text
    assert not Document.objects.filter(client=person).exists()


def test_a_file_over_the_limit_is_refused_beside_the_field(as_, person, settings):
    settings.UPLOAD_MAX_MB = settings.DOCUMENT_MAX_MB = 1
    big = upload("big.pdf", PDF[:-6] + bytes(2 * 1024 * 1024) + b"%%EOF\n")
    got = as_("wendy").post(reverse("clients:document-create", args=[person.pk]), sent(big, title="Kept"))
    assert got.status_code == 422
    assert "larger than 1 MB" in got.text
    assert "Kept" in got.text


def test_a_file_over_every_limit_is_not_even_read(as_, person, settings):
    settings.UPLOAD_MAX_MB = settings.DOCUMENT_MAX_MB = 1
    got = as_("wendy").post(
        reverse("clients:document-create", args=[person.pk]),
        sent(upload("flood.pdf", bytes(5 * 1024 * 1024))),
    )
    assert got.status_code == 400


def test_the_same_upload_sent_twice_is_one_document(as_, person):
    wendy, url = as_("wendy"), reverse("clients:document-create", args=[person.pk])
    key = str(uuid.uuid4())
    for _again in range(2):
        assert wendy.post(url, sent(upload("a.pdf", PDF), submit_key=key)).status_code == 302
    assert Document.objects.filter(client=person).count() == 1


def test_another_file_under_the_same_key_is_refused(as_, person):
    wendy, url = as_("wendy"), reverse("clients:document-create", args=[person.pk])
    key = str(uuid.uuid4())
    wendy.post(url, sent(upload("a.pdf", PDF), submit_key=key))
    assert wendy.post(url, sent(upload("a.png", picture("PNG")), submit_key=key)).status_code == 409


def test_a_paper_taken_out_can_be_opened_by_nobody_but_stays(as_, paper):
    wendy = as_("wendy")
    url = reverse("clients:document-remove", args=[paper.pk])
    assert wendy.post(url, {"submit_key": str(uuid.uuid4()), "why": "Somebody else's."}).status_code == 302
    assert wendy.get(reverse("clients:document-file", args=[paper.pk])).status_code == 404
    assert "Somebody else" in wendy.get(reverse("clients:document-list", args=[paper.client_id])).text
    assert DocumentFile.objects.filter(document=paper).exists()


def test_a_damaged_file_is_not_handed_out(as_, cast, paper):
    with acting_as(cast.riverside, by=cast.wendy):
        paper.sha256 = "0" * 64
        paper.save()
    got = as_("wendy").get(reverse("clients:document-file", args=[paper.pk]))
    assert got.status_code == 409
    assert "damaged" in got.text


def test_a_paper_of_a_part_2_program_is_seen_by_its_team_alone(as_, cast, person):
    sealed = builders.enroll(person, cast.recovery, cast.walt, by=cast.walt)
    with acting_as(cast.riverside, by=cast.walt):
        document = Document(client=person, enrollment=sealed, title="Methadone")
        document.keep(examine(PDF, "methadone.pdf"), by=cast.walt)
    url = reverse("clients:document-file", args=[document.pk])
    assert as_("walt").get(url).status_code == 200
    assert as_("wendy").get(url).status_code == 404
    assert "Methadone" not in as_("wendy").get(reverse("clients:document-list", args=[person.pk])).text


def test_nothing_is_served_by_path(as_):
    wendy = as_("wendy")
    for path in ("/media/lease.pdf", "/media/", "/documents/../../settings.py", "/static/../db.sqlite3"):
        assert wendy.get(path).status_code == 404
