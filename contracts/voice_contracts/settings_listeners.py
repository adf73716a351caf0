"""Settings of the two listeners, and of how carriers reach the public one."""

# ruff: noqa: RUF009 -- `setting` declares a field, it does not share a value

from typing import Literal, TypeAlias, get_args

import attrs

from voice_contracts.secret import Secret
from voice_contracts.settings_rules import Choice, Flag, Hidden, ListOf, Whole, setting
from voice_contracts.settings_terms import AMOUNT_OR_OFF, NAME, PORT, URL_PATH

__all__ = (
    "ApiSettings",
    "ServeSettings",
    "TailscaleMode",
    "TailscaleSettings",
    "TunnelProvider",
    "TunnelSettings",
    "WebhookSecuritySettings",
)

TailscaleMode: TypeAlias = Literal["off", "serve", "funnel"]
TunnelProvider: TypeAlias = Literal["none", "ngrok", "tailscale-serve", "tailscale-funnel"]


@attrs.frozen(kw_only=True)
class ServeSettings:
    """The public listener: webhooks and media streams, nothing else."""

    port: int = setting(PORT, 3334, doc="TCP port; 0 picks a free one.", doc_zh="TCP 端口；0 表示自动选择。")
    bind: str = setting(NAME, "127.0.0.1", doc="Address it listens on.", doc_zh="监听地址。")
    path: str = setting(
        URL_PATH,
        "/voice/webhook",
        doc="Path of the webhooks, matched exactly.",
        doc_zh="回调路径，精确匹配。",
    )
    drain_seconds: int = setting(
        AMOUNT_OR_OFF,
        30,
        doc="How long live calls may go on after the gateway was asked to stop.",
        doc_zh="收到停止请求后，进行中的通话最多还能持续的秒数。",
    )


@attrs.frozen(kw_only=True)
class ApiSettings:
    """The private listener: RPC, events, console, metrics. A tunnel never exposes it."""

    bind: str = setting(NAME, "127.0.0.1", doc="Address it listens on.", doc_zh="监听地址。")
    port: int = setting(PORT, 3335, doc="TCP port; 0 picks a free one.", doc_zh="TCP 端口；0 表示自动选择。")
    token_file: str | None = setting(
        NAME,
        shown_default="`<home>/api-token`",
        doc="File with the bearer token, created readable by its owner only; `~` is your home.",
        doc_zh="存放访问令牌的文件，创建时仅本人可读；`~` 表示用户主目录。",
    )


@attrs.frozen(kw_only=True)
class TailscaleSettings:
    """Exposure by Tailscale without naming it as the tunnel."""

    mode: TailscaleMode = setting(
        Choice(get_args(TailscaleMode)),
        "off",
        doc="`serve` reaches your tailnet only, `funnel` the internet; used if no tunnel is named.",
        doc_zh="`serve` 仅限 tailnet 内访问，`funnel` 面向公网；未指定隧道时生效。",
    )
    path: str = setting(
        URL_PATH, "/voice/webhook", doc="Path it publishes for the webhooks.", doc_zh="发布回调的路径。"
    )
    port: int = setting(
        Whole(1, 65535),
        443,
        doc="HTTPS port it publishes; a funnel offers 443, 8443 and 10000.",
        doc_zh="发布的 HTTPS 端口；funnel 只支持 443、8443、10000。",
    )


@attrs.frozen(kw_only=True)
class TunnelSettings:
    """A program that makes the public listener reachable from the internet."""

    provider: TunnelProvider = setting(
        Choice(get_args(TunnelProvider)), "none", doc="Which program.", doc_zh="使用哪种隧道。"
    )
    ngrok_auth_token: Secret | None = setting(
        Hidden(), env=("NGROK_AUTHTOKEN",), doc="ngrok's auth token.", doc_zh="ngrok 的 Auth Token。"
    )
    ngrok_domain: str | None = setting(
        NAME, env=("NGROK_DOMAIN",), doc="A domain reserved with ngrok.", doc_zh="在 ngrok 预留的域名。"
    )
    allow_ngrok_free_tier_loopback_bypass: bool = setting(
        Flag(),
        default=False,
        doc="Trust forwarding headers that come from this machine, so that a valid signature can be checked "
        "behind ngrok; a wrong signature never passes.",
        doc_zh="信任来自本机的转发头，以便在 ngrok 后验证签名；错误的签名永远不会通过。",
    )


@attrs.frozen(kw_only=True)
class WebhookSecuritySettings:
    """How the URL that a carrier signed is found behind proxies, if `publicUrl` does not name it."""

    allowed_hosts: tuple[str, ...] = setting(
        ListOf(NAME), (), doc="Hosts that a forwarding header may name.", doc_zh="转发头中允许出现的主机名。"
    )
    trust_forwarding_headers: bool = setting(
        Flag(),
        default=False,
        doc="Trust forwarding headers without a list of hosts.",
        doc_zh="无主机列表时也信任转发头。",
    )
    trusted_proxy_ips: tuple[str, ...] = setting(
        ListOf(NAME),
        (),
        wire="trustedProxyIPs",
        doc="Addresses of proxies; if any is given, forwarding headers of others are ignored.",
        doc_zh="代理的 IP 地址；一旦填写，其他来源的转发头将被忽略。",
    )
