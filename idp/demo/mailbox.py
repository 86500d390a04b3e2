"""The demo's mailbox: takes every mail that the provider sends, by SMTP, and shows it on a page. Nothing goes out.

``python -m idp.demo.mailbox SMTP_PORT PAGE_PORT``
"""

import re
import signal
import sys
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from aiosmtpd.controller import Controller

HOST = "127.0.0.1"
KEPT = 200
MAILS: deque[EmailMessage] = deque(maxlen=KEPT)
_LINK = re.compile(r"https?://[^\s<>&]+(?:&amp;[^\s<>&]+)*")
_STYLE = (
    "body{font-family:'Noto Sans CJK TC',system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;"
    "line-height:1.65;color-scheme:light dark;overflow-wrap:anywhere;background:#faf6ee;color:#22302e}a{color:#1d5a56}"
    "@media (prefers-color-scheme:dark){body{background:#171b1a;color:#ece7dc}a{color:#8fd0c7}}"
    "article{border:1px solid #8886;border-radius:.8rem;padding:1rem 1.25rem;margin:1rem 0}"
    "pre{white-space:pre-wrap;font:inherit}h2{font-size:1.05rem;margin:0}p{margin:.25rem 0}"
)


class Handler:
    """What aiosmtpd calls with a mail."""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802, ANN401  # aiosmtpd's names
        """Keep the mail."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        MAILS.appendleft(mail)
        return "250 kept"


def page() -> str:
    """Return the page with all mails, the newest first."""
    shown = (
        "".join(_article(mail) for mail in list(MAILS))
        or "<p id='no-mail'>還沒有信。<span lang='en'>No mail yet.</span></p>"
    )
    return (
        "<!doctype html><html lang='zh-TW'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        f"<title>示範信箱</title><style>{_STYLE}</style><h1>示範信箱 <span lang='en'>demo mailbox</span></h1>"
        f"<p>本網寄出的信都在這裡，不會寄到外面。"
        f"<span lang='en'>All mail of the demo; none of it leaves this machine.</span></p>{shown}</html>"
    )


def _article(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    text = escape(body.get_content() if body else "")
    linked = _LINK.sub(lambda found: f"<a href='{found[0]}'>{found[0]}</a>", text)
    to, subject, at = (escape(str(mail[name] or "")) for name in ("To", "Subject", "Date"))
    return f"<article class='mail'><h2>{subject}</h2><p>{to}　{at}</p><pre>{linked}</pre></article>"


class Page(BaseHTTPRequestHandler):
    """Answers with the page."""

    def do_GET(self) -> None:  # as http.server names it
        """Show all mails."""
        body = page().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main(smtp_port: int, page_port: int) -> None:
    """Run both servers until told to stop."""
    stop = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    controller = Controller(Handler(), hostname=HOST, port=smtp_port)
    controller.start()
    server = ThreadingHTTPServer((HOST, page_port), Page)
    Thread(target=server.serve_forever, daemon=True).start()
    stop.wait()
    server.shutdown()
    controller.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
