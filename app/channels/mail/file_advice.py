"""What somebody should know before opening a file that came along."""

from collections.abc import Sequence

from app.channels.contract import AttachmentIn
from app.channels.mail.advice import Advice

_DANGEROUS_TYPES = frozenset(
    {
        "application/x-msdownload", "application/x-executable", "application/xhtml+xml", "text/html", "text/x-script",
        "image/svg+xml",
    }
)  # fmt: skip
_DANGEROUS_ENDINGS = frozenset(
    "exe scr com bat cmd js jse vbs vbe wsf wsh ps1 msi msp hta cpl jar lnk pif reg iso img vhd docm xlsm pptm dotm xltm xlam"
    " apk app dmg sh html htm xhtml shtml svg chm scf url".split()
)
_EXPECTED = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "pdf": "application/pdf",
    "webp": "image/webp", "zip": "application/zip",
}  # fmt: skip


def file_advice(files: Sequence[AttachmentIn]) -> dict[str, str]:
    """Codes of `Advice` for the files; empty when there is nothing to say."""
    if not files:
        return {}
    found = {
        Advice.DANGEROUS_FILE: [f.name for f in files if _dangerous(f)],
        Advice.TYPE_DIFFERS: [f.name for f in files if _differs(f)],
        Advice.CALENDAR: [f.name for f in files if f.content_type == "text/calendar"],
    }
    return {code.value: ", ".join(names)[:1_000] for code, names in found.items() if names}


def _dangerous(file: AttachmentIn) -> bool:
    return file.content_type in _DANGEROUS_TYPES or _ending(file) in _DANGEROUS_ENDINGS


def _differs(file: AttachmentIn) -> bool:
    expected = _EXPECTED.get(_ending(file))
    return expected is not None and file.content is not None and file.size > 0 and file.content_type != expected


def _ending(file: AttachmentIn) -> str:
    return file.name.rpartition(".")[2].lower()
