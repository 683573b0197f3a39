"""A Dovecot of the tests' own, on the loopback interface: a real IMAP server, whatever name one logs in with."""

import grp
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# The secret of the contract's tools.
PASSWORD = "s3cret-AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0"
_CONFIG = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
default_process_limit = 40
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 100
auth_failure_delay = 0
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
ssl_dh =
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service anvil {{
  chroot =
  # Else every login after a wrong password is kept waiting.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A server that is running: its ports, and the certificate that it shows as ``localhost``."""

    port: int
    tls_port: int
    certificate: Path

    @contextmanager
    def session(self, user: str) -> Iterator[imaplib.IMAP4]:
        """Log in as anybody else would, to put messages in and to look at them."""
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as client:
            client.login(user, PASSWORD)
            yield client

    def put(self, user: str, messages: Sequence[bytes], folder: str = "INBOX", at: datetime | None = None) -> None:
        """Append messages to a folder, which is made if need be, as received at that time."""
        with self.session(user) as client:
            client.create(folder)
            for message in messages:
                status, _ = client.append(folder, "", at or datetime.now(UTC), message)
                assert status == "OK"

    def empty(self, user: str, folder: str) -> None:
        """Delete a folder and make it anew: the same name, another UIDVALIDITY."""
        with self.session(user) as client:
            assert client.delete(folder)[0] == "OK"
            assert client.create(folder)[0] == "OK"

    def flags(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Return the flags of every message."""
        with self.session(user) as client:
            client.select(folder, readonly=True)
            return [line for line in client.fetch("1:*", "(FLAGS)")[1] if isinstance(line, bytes)]


def binary() -> str | None:
    """Return the server's program, or ``None`` when there is none."""
    return shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def server(program: str) -> Iterator[Dovecot]:
    """Start a server in a folder of its own; as root it hands its work to the user ``mail``."""
    folder = Path(tempfile.mkdtemp(prefix="simak-imap-", dir="/tmp"))
    who = pwd.getpwnam("mail") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    running = Dovecot(_free_port(), _free_port(), folder / "cert.pem")
    _certify(folder)
    (folder / "mail").mkdir()
    for path in (folder, folder / "mail"):
        os.chown(path, who.pw_uid, who.pw_gid)
        path.chmod(0o755)
    config = folder / "dovecot.conf"
    names = {"user": who.pw_name, "group": grp.getgrgid(who.pw_gid).gr_name, "folder": folder, "password": PASSWORD}
    config.write_text(_CONFIG.format(**names, port=running.port, tls_port=running.tls_port))
    process = subprocess.Popen([program, "-F", "-c", str(config)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        _await(running, process, folder)
        yield running
    finally:
        process.terminate()
        process.communicate(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def _await(running: Dovecot, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with running.session("nobody"):
                return
        except (OSError, imaplib.IMAP4.error):
            time.sleep(0.05)
    process.kill()
    said, log = process.communicate()[0], folder / "log"
    raise RuntimeError(f"Dovecot did not start: {said.decode()} {log.read_text() if log.exists() else ''}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _certify(folder: Path) -> None:
    """Write a key and a certificate for localhost that nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(secret)
