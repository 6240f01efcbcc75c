"""Office files whose bytes follow from what they say: no time of writing in them."""

from __future__ import annotations

import io
import re
import zipfile

_NO_TIME = (1980, 1, 1, 0, 0, 0)
_WRITTEN = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


def steady(content: bytes, day: str) -> bytes:
    """The same package with every time of writing replaced by a day (an ISO date)."""
    whole = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            part = source.read(name)
            if name == "docProps/core.xml":
                part = _WRITTEN.sub(rb"\g<1>" + day.encode() + rb"T00:00:00Z\2", part)
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, part)
    return whole.getvalue()
