"""The record as one ZIP: to read (HTML), for machines (JSON, a CSV a table), the documents, who looked, what changed.

It is written to a file table by table, a few hundred rows at a time, so that a long record needs no more memory than a
short one.
"""

import csv
import io
import json
import re
import shutil
import tempfile
import zipfile

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils import timezone

from casemgmt.agencies.words import cap
from casemgmt.core.cells import safe
from casemgmt.interchange.record.contents import Record, batches, fields_of, label_of, tables
from casemgmt.interchange.record.past import HEAD, past
from casemgmt.workspace.looked import page_name
from clients import consents
from clients.models import DocumentFile

BOM = "\ufeff"
ACCESS_HEAD = ["when", "who", "page", "purpose", "emergency"]


def pack(client, out, *, by, recipient):
    """Write everything into this open file."""
    record = Record(client)
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        tempfile.TemporaryFile() as page,
        tempfile.TemporaryFile() as data,
    ):
        about = {
            "agency": client.agency.name,
            "person": client.name,
            "made_at": timezone.localtime(),
            "made_by": by.name,
            "given_to": recipient,
            "notice": consents.redisclosure_notice(client),
        }
        _put(page, "interchange/record_head.html", {"about": about, "client": client})
        data.write(f'{{"about": {_json(about)}, "tables": {{'.encode())
        _tables(archive, record, page, data)
        _documents(archive, record)
        _access(archive, record, page)
        _history(archive, record)
        _put(page, "interchange/record_foot.html", {})
        data.write(b"}}")
        for name, file in (("record.html", page), ("record.json", data)):
            file.seek(0)
            with archive.open(name, "w") as target:
                shutil.copyfileobj(file, target)


def _json(value):
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)


def _put(page, template, context):
    page.write(render_to_string(template, context).encode())


class Sheet:
    """A CSV in the archive: every cell guarded, written as it comes."""

    def __init__(self, archive, name, head):
        self.target = io.TextIOWrapper(archive.open(name, "w"), encoding="utf-8", newline="")
        self.target.write(BOM)
        self.writer = csv.writer(self.target, quoting=csv.QUOTE_ALL)
        self.row(head)

    def row(self, cells):
        self.writer.writerow([safe(cell) for cell in cells])

    def __enter__(self):
        return self

    def __exit__(self, *failed):
        self.target.close()


def _tables(archive, record, page, data):
    first = True
    for model, lookup in tables():
        rows = record.rows(model, lookup)
        if not rows.exists():
            continue
        fields, label = fields_of(model), model._meta.label_lower
        head = {"title": cap(str(model._meta.verbose_name_plural)), "label": label}
        one = cap(str(model._meta.verbose_name))
        _put(page, "interchange/record_table.html", head)
        data.write(f"{'' if first else ', '}{_json(label)}: [".encode())
        first, comma = False, ""
        with Sheet(archive, f"tables/{label}.csv", [f.name for f in fields]) as sheet:
            for batch in batches(rows):
                told = [[(f, record.value_of(f, row)) for f in fields] for row in batch]
                for cells in told:
                    sheet.row([record.said(f, value) for f, value in cells])
                    line = {f.name: _for_machines(record, f, value) for f, value in cells}
                    data.write(f"{comma}\n{_json(line)}".encode())
                    comma = ","
                rows_to_read = list(_readable(record, batch, told))
                _put(page, "interchange/record_rows.html", {"rows": rows_to_read, "label": label, "one": one})
        data.write(b"]")


def _for_machines(record, field, value):
    """As it is kept; what stands for something else says also for what."""
    if value is None or not (field.is_relation or field.choices):
        return value
    return {"key": value, "is": record.said(field, value)}


def _readable(record, batch, told):
    for row, cells in zip(batch, told, strict=True):
        lines = [(label_of(f), record.said(f, value)) for f, value in cells if f.name != "id"]
        yield {"pk": row.pk, "lines": [(label, words) for label, words in lines if words]}


def _documents(archive, record):
    """The files as they were taken in, each under its number."""
    files = DocumentFile.objects.filter(agency_id=record.client.agency_id, document__client__in=record.people)
    for pk in files.order_by("pk").values_list("pk", flat=True):
        file = files.select_related("document").get(pk=pk)
        name = re.sub(r"[^\w.-]+", "_", file.document.file_name).lstrip(".") or "file"
        archive.writestr(f"documents/{file.document_id}/{name}", bytes(file.data))


def _access(archive, record, page):
    _put(page, "interchange/record_access.html", {})
    with Sheet(archive, "access.csv", ACCESS_HEAD) as sheet:
        for batch in record.looks():
            rows = [
                [
                    timezone.localtime(row.at).strftime("%Y-%m-%d %H:%M"),
                    row.staff.name,
                    page_name(row.page),
                    row.purpose,
                    str(row.emergency.reason) if row.emergency else "",
                ]
                for row in batch
            ]
            for row in rows:
                sheet.row(row)
            _put(page, "interchange/record_access_rows.html", {"rows": rows})


def _history(archive, record):
    with Sheet(archive, "history.csv", HEAD) as sheet:
        for line in past(record):
            sheet.row(line)
