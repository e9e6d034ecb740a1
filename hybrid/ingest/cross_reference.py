"""Whether a PDF's cross-reference table leads where it says, before pdfium quietly repairs it."""

from __future__ import annotations

import re

_START = re.compile(rb"startxref\s+(\d{1,12})")
_TABLE = re.compile(rb"\s*xref\b")
_STREAM = re.compile(rb"\s*\d+\s+\d+\s+obj")
_HEADING = re.compile(rb"\s*(\d{1,10})\s+(\d{1,10})\s*[\r\n]")
_ENTRY = re.compile(rb"\s*(\d{10}) (\d{5}) ([nf])")
_PREVIOUS = re.compile(rb"/Prev\s+(\d{1,12})")


def cross_reference_fault(data: bytes) -> str | None:
    """What is wrong with the cross-reference of a PDF (ISO 32000-1, 7.5.4 to 7.5.8), or None.

    pdfium silently rebuilds a broken table and may lose or mix up objects doing so; a document of
    which parts may be missing must not look like a whole one. So `startxref` has to lead to a table
    or a stream, and each entry of a table (and of the earlier ones that it names) to its object.
    The entries of cross-reference streams are left to pdfium.

    Args:
        data: The whole file.

    Returns:
        A reason that fits into brackets, such as "the cross-reference table is cut off".
    """
    starts = _START.findall(data[-4096:])
    if not starts:
        return "the end of the file is missing"
    # Offsets count from the header, which may follow a few bytes that do not belong to the PDF.
    body = data[max(data.find(b"%PDF-", 0, 1024), 0) :]
    if not _leads_to_section(body, int(starts[-1])):
        body = data
    position: int | None = int(starts[-1])
    seen: set[int] = set()
    while position is not None and position not in seen:
        seen.add(position)
        if not _leads_to_section(body, position):
            return "nothing stands where the cross-reference table should be"
        if not _TABLE.match(body, position):
            return None
        position, fault = _read_table(body, position)
        if fault:
            return fault
    return None


def _leads_to_section(body: bytes, position: int) -> bool:
    return bool(_TABLE.match(body, position) or _STREAM.match(body, position))


def _read_table(body: bytes, position: int) -> tuple[int | None, str | None]:
    """(place of the earlier table that the trailer names, what is wrong with this one)."""
    trailer = body.find(b"trailer", position)
    if trailer < 0:
        return None, "the cross-reference table is cut off"
    entries, rest = _entries(body[position:trailer])
    if rest:
        return None, "the cross-reference table cannot be read"
    for number, generation, offset in entries:
        name = rb"%d\s+%d\s+obj\b" % (number, generation)
        if offset == 0:
            # Some writers give missing objects this entry; then nothing is lost.
            fault = re.search(rb"(?<!\d)" + name, body) is not None
        else:
            fault = re.compile(rb"\s*" + name).match(body, offset) is None
        if fault:
            return None, f"the cross-reference table does not lead to object {number}"
    end = body.find(b"startxref", trailer)
    previous = _PREVIOUS.search(body, trailer, end if end >= 0 else len(body))
    return (int(previous[1]) if previous else None), None


def _entries(table: bytes) -> tuple[list[tuple[int, int, int]], bytes]:
    """(number, generation, offset) of all the objects in use, and what is no entry."""
    used: list[tuple[int, int, int]] = []
    found = _TABLE.match(table)
    position = found.end() if found else 0
    while heading := _HEADING.match(table, position):
        position = heading.end()
        first, count = int(heading[1]), int(heading[2])
        for number in range(first, first + count):
            entry = _ENTRY.match(table, position)
            if entry is None:
                break
            position = entry.end()
            if entry[3] == b"n":
                used.append((number, int(entry[2]), int(entry[1])))
    return used, table[position:].strip()
