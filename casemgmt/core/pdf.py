"""A page as PDF, tagged so that screen readers can read it (PDF/UA-1), made from text alone: nothing is ever fetched.

WeasyPrint is optional (requirements-pdf.txt, and pango from the system): without either, `why_not` says so, and the
page that prints is shown instead.
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

STYLE = settings.BASE_DIR / "static" / "pdf.css"


@cache
def _library():
    """WeasyPrint, loaded when it is first needed: it takes two seconds, and fails where pango is missing."""
    return import_module("weasyprint")


@cache
def _missing():
    """Which half is missing: the package, the system's libraries, or neither ("")."""
    if find_spec("weasyprint") is None:
        return "package"
    try:
        _library()
    except OSError:  # what it says when it finds no library to open
        return "libraries"
    return ""


def why_not():
    """Why this server makes no PDF, in words; "" where it does."""
    return {
        "": "",
        "package": _("This server makes no PDF: its part for PDF is not installed. Print the page instead."),
        "libraries": _("This server makes no PDF: it lacks the pango libraries. Print the page instead."),
    }[_missing()]


def available():
    """Whether a PDF can be made here."""
    return not _missing()


def pdf_of(html):
    """The PDF of a whole HTML document, which says its language (`<html lang>`) and its `<title>`.

    It looks as static/pdf.css and the document's own styles say. Pictures, files and links in it are not opened.
    """
    weasyprint = _library()
    # By default it would fetch any address, and embed files of this server: text of a record must not reach out.
    fetcher = import_module("weasyprint.urls").URLFetcher(allowed_protocols=[])
    style = weasyprint.CSS(string=STYLE.read_text(encoding="utf-8"), url_fetcher=fetcher)
    document = weasyprint.HTML(string=html, url_fetcher=fetcher)
    return document.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1")


def pdf_response(html, name):
    """The PDF as a file to keep, under this name."""
    headers = {"Content-Disposition": content_disposition_header(True, name)}
    return HttpResponse(pdf_of(html), content_type="application/pdf", headers=headers)
