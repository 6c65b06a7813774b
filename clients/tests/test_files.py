"""What an upload may be is decided by its bytes; what a camera or an office program adds is left out or refused."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from casemgmt.core.models import Refused
from clients.files import examine

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def picture(kind, size=(40, 30), **options):
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **options)
    return out.getvalue()


def package(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, text in files.items():
            parts.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return out.getvalue()


DOCX = package(**{"[Content_Types]_xml": "<Types/>", "word__document_xml": "<w/>"})


@pytest.mark.parametrize(
    "data, name, content_type, kept_as",
    [
        (PDF, "lease.pdf", "application/pdf", "lease.pdf"),
        (PDF, "lease.exe", "application/pdf", "lease.pdf"),
        (picture("JPEG"), "card.png", "image/jpeg", "card.jpg"),
        (picture("PNG"), "card", "image/png", "card.png"),
        (picture("WEBP"), "card.webp", "image/jpeg", "card.jpg"),
        ("Grüße".encode("cp1252"), "note.txt", "text/plain; charset=utf-8", "note.txt"),
        (
            DOCX,
            "letter.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "letter.docx",
        ),
    ],
)
def test_a_file_is_what_its_bytes_say(data, name, content_type, kept_as):
    kept = examine(data, name)
    assert (kept.content_type, kept.name) == (content_type, kept_as)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.4 cut off in the mid",
        b"\xff\xd8\xff\xe0 not a picture",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a" + bytes(20),
        b"<html><script>alert(1)</script></html>",
        b"  <!DOCTYPE html><p>hi",
        b"<?xml version='1.0'?><svg onload='x'/>",
        b"MZ\x90\x00\x03",
        b"\x7fELF",
        b"#!/bin/sh\x00",
        b"PK\x03\x04 not a zip",
        package(**{"readme.txt": "hello"}),
        package(
            **{"[Content_Types]_xml": "<Types/>", "word__vbaProject.bin": "x", "word__document_xml": "x"}
        ),
        b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
        b"a\x00b",
    ],
)
def test_what_is_not_plainly_harmless_is_refused_in_words(data):
    with pytest.raises(Refused) as refused:
        examine(data, "letter.pdf")
    assert refused.value.sentences[0].endswith(".")


def test_a_file_over_the_limit_is_refused(settings):
    settings.DOCUMENT_MAX_MB = 1
    with pytest.raises(Refused, match="larger than 1 MB"):
        examine(PDF[:-6] + bytes(1024 * 1024) + b"%%EOF\n", "big.pdf")


def test_a_package_that_unpacks_to_a_flood_is_refused(monkeypatch):
    monkeypatch.setattr("clients.files.MOST_UNPACKED", 10_000)
    bomb = package(**{"[Content_Types]_xml": "0" * 20_000, "word__document_xml": "<w/>"})
    with pytest.raises(Refused, match="unpacks"):
        examine(bomb, "letter.docx")


def test_a_picture_of_too_many_pixels_is_refused(monkeypatch):
    monkeypatch.setattr("clients.files.MOST_PIXELS", 100)
    with pytest.raises(Refused, match="too large"):
        examine(picture("PNG"), "card.png")


def test_a_photo_keeps_nothing_that_the_camera_wrote():
    exif = Image.Exif()
    exif[0x010F] = "CANARY camera"
    exif.get_ifd(0x8825)[2] = (40.0, 26.0, 46.0)
    kept = examine(picture("JPEG", exif=exif) + b"CANARY behind the end", "photo.jpg")
    assert b"CANARY" not in kept.data
    assert not Image.open(io.BytesIO(kept.data)).getexif()


def test_a_photo_stands_upright_as_the_camera_held_it():
    exif = Image.Exif()
    exif[0x0112] = 6
    kept = examine(picture("JPEG", exif=exif), "photo.jpg")
    assert Image.open(io.BytesIO(kept.data)).size == (30, 40)


@pytest.mark.parametrize(
    "name, kept_as",
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\me\\lease.PDF", "lease.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie x.pdf"),
        ("\x00\x01", "document.pdf"),
        ("", "document.pdf"),
        ("Übergabe 移交.pdf", "Übergabe 移交.pdf"),
    ],
)
def test_a_name_brings_no_folder_and_no_line_break(name, kept_as):
    assert examine(PDF, name).name == kept_as


@given(st.binary(max_size=300), st.text(max_size=300))
def test_no_bytes_break_it(data, name):
    try:
        kept = examine(data, name)
    except Refused:
        return
    assert "/" not in kept.name
    assert len(kept.name) < 120
