"""A forwarded address is believed as far as the hops are trusted."""

from hypothesis import given
from hypothesis import strategies as st

from voice_adapters.transports.client_address import ForwardedAddress

PROXY, OTHER_PROXY, CARRIER, LIAR = "203.0.113.1", "203.0.113.2", "198.51.100.7", "192.0.2.66"


def test_without_trust_the_socket_tells() -> None:
    assert ForwardedAddress()(LIAR, {"x-forwarded-for": CARRIER}) == LIAR
    assert ForwardedAddress(trusted_proxies=(PROXY,))(LIAR, {"x-forwarded-for": CARRIER}) == LIAR


def test_a_trusted_proxy_tells_who_is_behind_it() -> None:
    find = ForwardedAddress(trusted_proxies=(PROXY, OTHER_PROXY))

    assert find(PROXY, {"x-forwarded-for": CARRIER}) == CARRIER
    assert find(PROXY, {"x-forwarded-for": f"{CARRIER}, {OTHER_PROXY}"}) == CARRIER
    assert find(PROXY, {}) == PROXY


def test_what_the_client_itself_wrote_counts_for_nothing() -> None:
    find = ForwardedAddress(trusted_proxies=(PROXY,))

    assert find(PROXY, {"x-forwarded-for": f"10.0.0.1, {PROXY}, {LIAR}"}) == LIAR


def test_a_tunnel_on_this_machine_is_trusted_if_told_so() -> None:
    headers = {"x-forwarded-for": CARRIER}

    assert ForwardedAddress()("127.0.0.1", headers) == "127.0.0.1"
    assert ForwardedAddress(trust_loopback=True)("127.0.0.1", headers) == CARRIER
    assert ForwardedAddress(trust_loopback=True)("::1", headers) == CARRIER


@given(st.text(), st.text())
def test_any_header_is_survived(remote: str, header: str) -> None:
    find = ForwardedAddress(trusted_proxies=(remote,), trust_loopback=True)

    assert isinstance(find(remote, {"x-forwarded-for": header}), str)
