"""uvicorn's HTTP with an end to what comes before the body: its parser has none, so one request could fill the memory."""

from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD = 64 * 1024  # bytes of address and headers; browsers and proxies stay far below
MOST_HEADERS = 200


class Protocol(HttpToolsProtocol):
    """Answers 431 (RFC 6585 5) and hangs up when there is too much of it. To be given to `uvicorn.Config` as `http`."""

    _head = 0  # bytes since the last request ended
    _reading_head = True
    _too_large = False

    def data_received(self, data: bytes) -> None:
        """What came in. A header that never ends is no header yet to the parser, so bytes are counted here too."""
        self._head += len(data)
        super().data_received(data)
        if self._reading_head and self._head > LARGEST_HEAD and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._weight = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; raises when there are too many, which makes the parser stop."""
        self._weight += len(name) + len(value)
        if self._weight > LARGEST_HEAD or len(self.headers) >= MOST_HEADERS:
            self._too_large = True
            raise ValueError("too many headers")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The body follows, which `limits.py` bounds."""
        self._reading_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The next request may follow."""
        super().on_message_complete()
        self._reading_head, self._head = True, 0

    def send_400_response(self, msg: str) -> None:
        """What uvicorn says when the parser stops."""
        if self._too_large:
            self._refuse()
        else:
            super().send_400_response(msg)

    def _refuse(self) -> None:
        status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        body = f"Send at most {MOST_HEADERS} headers, of {LARGEST_HEAD} bytes together.".encode()
        start = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
        self.transport.write(f"{start}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body)
        self.transport.close()
