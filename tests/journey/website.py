"""Somebody else's website."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Website:
    """Somebody else's website, at another host than ours, with one page."""

    def __init__(self) -> None:
        outer = self
        self.html = ""

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(f"<!doctype html><html lang=nl><title>Buurtblad</title>{outer.html}".encode())

            def log_message(self, *_: object) -> None:
                """Nothing in the output of the tests."""

        self._server = ThreadingHTTPServer(("localhost", 0), Answer)
        self.url = f"http://localhost:{self._server.server_address[1]}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
