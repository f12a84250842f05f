"""A real SMTP server (aiosmtpd) on a free loopback port, for tests.

Usage: smtp_server.py DIR [--tls CERT KEY | --starttls CERT KEY] [--login USER PASSWORD]

Prints its port on the first line. Each letter becomes DIR/NNNN.eml, its envelope DIR/NNNN.envelope (sender, then
recipients, one a line); the .eml is there last. Ends when standard input is closed.
"""

import argparse
import asyncio
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Store:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        path = os.path.join(self.folder, f"{self.count:04}")
        with open(path + ".envelope", "w", encoding="utf-8") as file:
            file.write("\n".join([envelope.mail_from, *envelope.rcpt_tos]))
        with open(path + ".tmp", "wb") as file:
            file.write(envelope.original_content)
        os.rename(path + ".tmp", path + ".eml")
        return f"250 2.0.0 stored as {self.count}"


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--starttls", nargs=2)
    parser.add_argument("--login", nargs=2)
    args = parser.parse_args()

    context = None
    if args.tls or args.starttls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*(args.tls or args.starttls))

    def authenticate(server, session, envelope, mechanism, data):
        known = args.login and [data.login.decode(), data.password.decode()] == args.login
        return AuthResult(success=bool(known), handled=False)

    store = Store(args.folder)

    def session():
        return SMTP(
            store,
            enable_SMTPUTF8=True,
            tls_context=context if args.starttls else None,
            require_starttls=bool(args.starttls),
            auth_required=bool(args.login),
            auth_require_tls=False,
            authenticator=authenticate,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, "127.0.0.1", 0, ssl=context if args.tls else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    # The test's end closes our standard input, however it ends.
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
