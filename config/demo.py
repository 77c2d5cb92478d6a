"""What the demo gives itself, in one place: servers and a key of its own, letters into a folder, loopback only."""

import secrets
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import embedded

LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
NOT_SENDING = {"filemail", "consolemail", "memorymail", "dummymail"}


def environment(base: Path, port: str) -> dict[str, str]:
    """The variables that the demo sets unless they are given."""
    servers = embedded.of_checkout()
    return {
        "SECRET_KEY": _secret_key(base / "var" / "demo-secret-key"),
        "DATABASE_URL": servers.postgres.url(),
        "REDIS_URL": servers.valkey.url(),
        "EMAIL_URL": f"filemail:///{base / 'var' / 'letters'}",
        "SITE_URL": f"http://localhost:{port}",
        "SUPPORT_EMAIL": "support@makegood.example",
        "ALLOWED_HOSTS": ",".join(LOOPBACK_HOSTS),
    }


def refuse_real_mail(email_url: str) -> None:
    """The demo's people are invented, their addresses may not be: nothing leaves this machine."""
    url = urlsplit(email_url)
    if url.scheme not in NOT_SENDING and not _is_loopback(url.hostname or ""):
        raise ImproperlyConfigured(
            f"The demo never mails a real host, and EMAIL_URL names {url.hostname or 'none'!r}. "
            "Unset EMAIL_URL (letters then go to var/letters), or name a server on localhost."
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _secret_key(path: Path) -> str:
    """A key that no other checkout shares, the same for every process of this one."""
    path.parent.mkdir(exist_ok=True)
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text()


def owner_url(database_url: str) -> str:
    """The owner's login to the demo's own database; a given server is migrated by the login that was given."""
    servers = embedded.of_checkout()
    return servers.postgres.url(embedded.OWNER) if database_url == servers.postgres.url() else database_url
