"""A small object store that speaks S3 (PutObject, multipart upload, GetObject, HeadObject) on a loopback port.

After docs.aws.amazon.com/AmazonS3/latest/API. Signatures are not checked; what a store must keep is: an object is seen whole
or not at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes]
    parts: dict[str, dict[int, bytes]]

    def do_PUT(self) -> None:
        path, query = self._target()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "partNumber" in query:
            self.parts[query["uploadId"]][int(query["partNumber"])] = body
        else:
            self.objects[path] = body
        self._answer(200, b"", {"ETag": '"1"'})

    def do_POST(self) -> None:
        path, query = self._target()
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "uploads" in query:
            upload = f"upload{len(self.parts)}"
            self.parts[upload] = {}
            self._answer(200, _xml("InitiateMultipartUploadResult", f"<UploadId>{upload}</UploadId>"))
            return
        parts = self.parts.pop(query["uploadId"])
        self.objects[path] = b"".join(parts[number] for number in sorted(parts))
        self._answer(200, _xml("CompleteMultipartUploadResult", '<ETag>"1"</ETag>'))

    def do_GET(self) -> None:
        path, _ = self._target()
        if path not in self.objects:
            self._answer(404, _xml("Error", "<Code>NoSuchKey</Code>"))
            return
        self._answer(200, self.objects[path], {"ETag": '"1"', "Last-Modified": "Tue, 24 Nov 2026 12:00:00 GMT"})

    do_HEAD = do_GET  # noqa: N815  (the name is http.server's)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (so is this one)
        """Say nothing."""

    def _target(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        return parts.path, {name: values[0] for name, values in query.items()}

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def running_object_store() -> Iterator[tuple[str, dict[str, bytes]]]:
    """The store's address, and its objects by path (/bucket/key)."""
    objects: dict[str, bytes] = {}
    handler = type("Handler", (_Handler,), {"objects": objects, "parts": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", objects
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _xml(name: str, inner: str) -> bytes:
    return f'<?xml version="1.0"?><{name}>{inner}</{name}>'.encode()
