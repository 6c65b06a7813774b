"""What an uploaded file really is, by its bytes and never by its name; pictures are written anew. No database."""

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from casemgmt.core.models import Refused

MOST_PIXELS = 60_000_000
MOST_UNPACKED = 200_000_000
MOST_PARTS = 5_000
OFFICE = {
    "word/": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    "xl/": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
}
OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
}
# The test file of the antivirus makers: whoever sends it wants to see it refused.
ANTIVIRUS_TEST = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
MARKUP = re.compile(
    rb"<\s*[!?/]?\s*(doctype|html|head|body|script|svg|xml|iframe|object|style|meta)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Examined:
    """What is kept of an upload: the bytes, what they are, and a name that fits them."""

    data: bytes
    content_type: str
    name: str


def examine(data, name):
    """Say what the file is and give what may be kept of it. Raises Refused with words for the user.

    Taken: PDF, pictures (JPEG, PNG, WebP), plain text, Word, Excel and OpenDocument files without macros.
    """
    most = settings.DOCUMENT_MAX_MB
    if not data:
        raise Refused(_("This file is empty."))
    if len(data) > most * 1024 * 1024:
        raise Refused(
            _("This file is larger than %(most)s MB. Scan it with fewer colors, or in parts.")
            % {"most": most}
        )
    if ANTIVIRUS_TEST in data[:4096]:
        raise Refused(_("An antivirus program would stop this file, so it is not taken."))
    for kind in (_pdf, _picture, _office, _text):
        found = kind(data)
        if found is not None:
            kept, content_type, ending = found
            return Examined(kept, content_type, _name(name, ending))
    raise Refused(
        _("Only PDF, pictures, plain text, and Word, Excel or OpenDocument files without macros are taken.")
    )


def _name(said, ending):
    """The name without folders, control characters or anything a shell or browser would read; the true ending."""
    last = re.split(r"[\\/]", said or "")[-1]
    stem = last.rpartition(".")[0] or last
    stem = "".join(c if c.isalnum() or c in " -_()" else " " for c in stem)
    return f"{' '.join(stem.split())[:100] or _('document')}.{ending}"


def _pdf(data):
    if not data.startswith(b"%PDF-"):
        return None
    if b"%%EOF" not in data[-2048:]:
        raise Refused(_("This PDF is not complete. Save it again and send it once more."))
    return data, "application/pdf", "pdf"


def _picture(data):
    Image.MAX_IMAGE_PIXELS = None  # counted below, in words
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused(_("This picture is too large. Take it with fewer pixels."))
            # Turned as the camera held it, and without what else the camera wrote: place, time, owner.
            upright = ImageOps.exif_transpose(picture)
            out = io.BytesIO()
            if picture.format == "PNG":
                upright.save(out, "PNG")
                return out.getvalue(), "image/png", "png"
            upright.convert("RGB").save(out, "JPEG", quality=88)
            return out.getvalue(), "image/jpeg", "jpg"
    except UnidentifiedImageError:
        return None
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise Refused(_("This picture cannot be read. Save it again as JPEG or PNG.")) from error


def _office(data):
    if not data.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            entries = parts.infolist()
            if len(entries) > MOST_PARTS or sum(e.file_size for e in entries) > MOST_UNPACKED:
                raise Refused(_("This file unpacks to more than anybody can read, so it is not taken."))
            names = [e.filename for e in entries]
            if any("vbaproject" in n.lower() or n.lower().startswith("basic/") for n in names):
                raise Refused(_("This file holds macros. Save it without them, or as PDF."))
            if "[Content_Types].xml" in names:
                for folder, (content_type, ending) in OFFICE.items():
                    if any(n.startswith(folder) for n in names):
                        return data, content_type, ending
            if "mimetype" in names and parts.getinfo("mimetype").file_size < 200:
                said = parts.read("mimetype").strip()
                if said in OPEN_DOCUMENT:
                    return data, said.decode(), OPEN_DOCUMENT[said]
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        KeyError,
        RuntimeError,
        NotImplementedError,
        EOFError,
    ) as error:
        raise Refused(_("This file is damaged. Save it again and send it once more.")) from error
    return None


def _text(data):
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        return None
    if any(unicodedata.category(c) == "Cc" and c not in "\t\r\n\f" for c in text) or MARKUP.search(
        data[:4096]
    ):
        return None
    return text.encode(), "text/plain; charset=utf-8", "txt"
