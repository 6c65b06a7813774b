"""PDFs: readable, named, and made without opening anything."""

import re
import socket
import threading
import zlib

import pytest

from casemgmt.core import pdf

needs_pdf = pytest.mark.skipif(not pdf.available(), reason=f"no PDF here: {pdf.why_not()}")
PAGE = '<!doctype html><html lang="es"><head><title>Plan de Ana</title></head><body>{}</body></html>'


def opened(data):
    """The PDF with its streams decompressed: a raw search would miss what leaks."""
    found = [data]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            found.append(stream)
    return b"\n".join(found)


@pytest.fixture
def canary():
    """A listener on this machine, and how often somebody came."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.05)
    hits, stop = [], threading.Event()

    def listen():
        while not stop.is_set():
            try:
                caller, _address = server.accept()
            except TimeoutError:
                continue
            hits.append(1)
            caller.close()

    thread = threading.Thread(target=listen)
    thread.start()
    yield server.getsockname()[1], hits
    stop.set()
    thread.join()
    server.close()


@needs_pdf
def test_a_page_becomes_a_tagged_pdf_that_says_its_language_and_title():
    made = pdf.pdf_of(PAGE.format("<h1>Plan</h1><p>Hola</p>"))
    inside = opened(made)
    assert made.startswith(b"%PDF-")
    assert b"/Lang (es)" in inside or b"/Lang(es)" in inside
    assert b"Plan de Ana" in inside
    assert b"/StructTreeRoot" in inside
    assert b"pdfuaid" in inside


@needs_pdf
def test_nothing_is_fetched_and_no_file_of_the_server_gets_in(canary, tmp_path):
    port, hits = canary
    secret = tmp_path / "secret.txt"
    secret.write_text("CANARY-OF-A-FILE", encoding="utf-8")
    far, near = f"http://127.0.0.1:{port}/x", secret.as_uri()
    body = f"""<link rel="stylesheet" href="{far}"><link rel="attachment" href="{near}">
        <style>@import url("{far}"); @font-face {{ font-family: x; src: url("{near}") }}
        p {{ font-family: x; background: url("{far}"); list-style: url("{near}") }}</style>
        <img src="{far}" alt=""><img src="{near}" alt=""><object data="{near}"></object><embed src="{far}">
        <a rel="attachment" href="{near}">one</a><a href="{near}">two</a>
        <svg xmlns="http://www.w3.org/2000/svg"><image href="{far}" width="9" height="9"/><use href="{near}#a"/></svg>
        <p>words</p>"""
    inside = opened(pdf.pdf_of(PAGE.format(body)))
    assert not hits
    assert b"CANARY-OF-A-FILE" not in inside
    assert b"/EmbeddedFile" not in inside


@needs_pdf
@pytest.mark.parametrize(
    "text", ["\x00\x01\x0b", "‮مرحبا", "😀" * 50, "x" * 10_000, "</p></body><script>1</script>"]
)
def test_odd_text_still_becomes_a_pdf(text):
    assert pdf.pdf_of(PAGE.format(f"<p>{text}</p>")).startswith(b"%PDF-")


@needs_pdf
def test_the_answer_is_a_file_with_its_name():
    answer = pdf.pdf_response(PAGE.format("<p>x</p>"), "plan-1.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="plan-1.pdf"'


@pytest.fixture
def anew():
    """What was found out about this machine is forgotten before and after."""
    pdf._missing.cache_clear()
    yield
    pdf._missing.cache_clear()


def test_without_the_package_the_reason_is_said(monkeypatch, anew):
    monkeypatch.setattr(pdf, "find_spec", lambda _name: None)
    assert not pdf.available()
    assert "not installed" in pdf.why_not()


def test_without_pango_the_reason_is_said(monkeypatch, anew):
    def refuse():
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(pdf, "find_spec", lambda _name: object())
    monkeypatch.setattr(pdf, "_library", refuse)
    assert not pdf.available()
    assert "pango" in pdf.why_not()
