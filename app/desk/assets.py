"""The desk's own styles, scripts and pictures."""

from pathlib import Path

from app.web.own_files import OwnFiles

files = OwnFiles(Path(__file__).resolve().parent / "static", "/desk/static")
asset = files.address
router = files.router()
