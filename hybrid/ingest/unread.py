"""Unread: files that are no documents, what they are as far as can be told, and the way out."""

from __future__ import annotations

import codecs

_PICTURES = (b"GIF8", b"\x00\x00\x00\x0cJXL", b"\x00\x00\x00\x0cjP", b"8BPS")
"""GIF, JPEG XL, JPEG 2000, Photoshop."""
_PHONE_PICTURES = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis"}
)
"""Brands of HEIC and AVIF."""
_OLD_OFFICE = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")
"""DOC, XLS and Outlook's MSG; RTF."""
_ZIP = b"PK\x03\x04"
_NEW_OFFICE = (b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis.opendocument")
"""Names of the parts of DOCX and XLSX, of ODT and ODS."""
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LOOKED_AT = 4096
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1b")) + b"\x7f"


def what_it_is(data: bytes) -> tuple[str, str] | None:
    """What else than a document a file is, and what to do with it.

    Args:
        data: All of the file.

    Returns:
        Such as "it holds plain text" and "print it to PDF"; None where its content does not tell.
    """
    if data.startswith(_PICTURES):
        return "pictures of this kind are not read", "save it as PNG"
    if data[4:8] == b"ftyp" and data[8:12] in _PHONE_PICTURES:
        return "HEIC and AVIF pictures are not read", "save it as JPEG or PNG"
    if data.startswith(_OLD_OFFICE):
        return "office files are not read", "export it as PDF"
    if data.startswith(_ZIP):
        if any(name in data for name in _NEW_OFFICE):
            return "office files are not read", "export it as PDF"
        return "archives are not read", "unpack it"
    if _is_text(data[:_LOOKED_AT]):
        return "it holds plain text", "print it to PDF"
    return None


def _is_text(head: bytes) -> bool:
    if head.startswith(_UTF_16):
        return True
    if head.translate(None, _CONTROL) != head:
        return False
    try:
        # Not final: the last letter may be cut in two.
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        # An older encoding, in which letters beyond English ones are the fewer.
        return sum(byte < 128 for byte in head) > 0.7 * len(head)
    return True
