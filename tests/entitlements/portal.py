"""What the tests of the portal's entitlement half share: to open a page, and to read it as a reader does."""

from __future__ import annotations

from html.parser import HTMLParser

from django.urls import reverse


def page(client, name, *args, **query):
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


class Reader(HTMLParser):
    text = ""

    def handle_starttag(self, tag, attrs):
        self.text += " " if tag in ("dd", "dt", "td", "th", "br", "li", "p") else ""

    def handle_data(self, data):
        self.text += data


def words(html):
    """What a reader sees, with single spaces."""
    reader = Reader()
    reader.feed(html[html.index("<main") :])
    return " ".join(reader.text.split())


def row_of(html, name):
    """The line of the card with this name, as a reader sees it."""
    start = html.index(f'<th scope="row">{name}')
    return words("<main" + html[start : html.index("</tbody>", start)])
