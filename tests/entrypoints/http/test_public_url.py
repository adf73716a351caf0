"""Which URL a carrier may have signed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_entrypoints.http.public_url import PublicUrls


def first(
    urls: PublicUrls, remote: str = "192.0.2.1", path: str = "/hook", query: str = "", **headers: str
) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    found = urls.candidates(path=path, query=query, headers=named, remote=remote)
    return found[0] if found else None


def test_a_known_public_url_keeps_its_path_and_takes_the_requests_query() -> None:
    urls = PublicUrls(public_url="https://voice.example/public/hook")

    found = urls.candidates(path="/hook", query="a=1&b=%20", headers={"host": "evil"}, remote="")

    assert found == ("https://voice.example/public/hook?a=1&b=%20", "https://voice.example/hook?a=1&b=%20")


def test_a_known_public_url_with_a_port_may_be_signed_without_it() -> None:
    urls = PublicUrls(public_url="https://voice.example:8443/hook")

    assert urls.candidates(path="/hook", query="", headers={}, remote="") == (
        "https://voice.example:8443/hook",
        "https://voice.example/hook",
    )


def test_without_trust_only_the_host_header_counts() -> None:
    assert (
        first(PublicUrls(), host="a.example:8443", x_forwarded_host="b.example") == "https://a.example/hook"
    )


def test_a_port_in_the_host_header_is_the_second_candidate() -> None:
    found = PublicUrls().candidates(path="/h", query="", headers={"host": "a.example:8443"}, remote="")

    assert found == ("https://a.example/h", "https://a.example:8443/h")


def test_a_listed_forwarded_host_counts_and_another_is_passed_over() -> None:
    urls = PublicUrls(allowed_hosts=("b.example",))

    assert first(urls, host="a.example", x_forwarded_host="B.example, c.example") == "https://b.example/hook"
    assert first(urls, host="a.example", x_forwarded_host="evil.example") == "https://a.example/hook"
    assert first(urls, host="a.example", x_forwarded_host="x.example", x_original_host="b.example") == (
        "https://b.example/hook"
    )


def test_trusted_proxies_narrow_the_trust() -> None:
    urls = PublicUrls(trust_forwarding=True, trusted_proxies=("192.0.2.9",))

    assert (
        first(urls, "192.0.2.9", host="a.example", x_forwarded_host="b.example") == "https://b.example/hook"
    )
    assert (
        first(urls, "192.0.2.8", host="a.example", x_forwarded_host="b.example") == "https://a.example/hook"
    )
    assert first(urls, "", host="a.example", x_forwarded_host="b.example") == "https://a.example/hook"


def test_headers_are_tried_in_order() -> None:
    urls = PublicUrls(trust_forwarding=True)

    assert (
        first(urls, x_original_host="b.example", ngrok_forwarded_host="c.example") == "https://b.example/hook"
    )
    assert first(urls, ngrok_forwarded_host="c.example", host="a.example") == "https://c.example/hook"


@pytest.mark.parametrize(
    ("proto", "scheme"), [("http", "http"), ("HTTPS, http", "https"), ("ftp", "https"), ("", "https")]
)
def test_a_forwarded_scheme_is_http_or_https(proto: str, scheme: str) -> None:
    urls = PublicUrls(trust_forwarding=True)

    assert first(urls, host="a.example", x_forwarded_proto=proto) == f"{scheme}://a.example/hook"
    assert first(PublicUrls(), host="a.example", x_forwarded_proto="http") == "https://a.example/hook"


@pytest.mark.parametrize("remote", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_a_tunnel_on_this_machine_is_trusted_if_the_settings_say_so(remote: str) -> None:
    urls = PublicUrls(trust_loopback=True)

    assert first(urls, remote, host="localhost", x_forwarded_host="b.example") == "https://b.example/hook"
    assert (
        first(PublicUrls(), remote, host="a.example", x_forwarded_host="b.example")
        == "https://a.example/hook"
    )


def test_a_stranger_is_not_this_machine() -> None:
    urls = PublicUrls(trust_loopback=True)

    assert (
        first(urls, "192.0.2.1", host="a.example", x_forwarded_host="b.example") == "https://a.example/hook"
    )


@pytest.mark.parametrize(
    "host", ["", "user@a.example", "a b", "-a.example", "a..b", "a" * 300, "[::1", "[x]", "a/b", "a?b"]
)
def test_a_host_that_is_none_gives_no_candidate(host: str) -> None:
    assert first(PublicUrls(), host=host) is None


def test_addresses_in_brackets_are_hosts() -> None:
    found = PublicUrls().candidates(path="/h", query="", headers={"host": "[2001:DB8::1]:8443"}, remote="")

    assert found == ("https://[2001:db8::1]/h", "https://[2001:db8::1]:8443/h")


@given(
    headers=st.dictionaries(st.sampled_from(["host", "x-forwarded-host", "x-forwarded-proto"]), st.text()),
    remote=st.text(),
    trust=st.booleans(),
)
def test_no_headers_whatever_name_another_scheme_or_raise(
    headers: dict[str, str], remote: str, *, trust: bool
) -> None:
    urls = PublicUrls(trust_forwarding=trust, trust_loopback=trust)

    for url in urls.candidates(path="/h", query="", headers=headers, remote=remote):
        assert url.startswith(("https://", "http://"))
        assert "@" not in url
