"""What a doctor says of the way from the carrier to us."""

from collections.abc import Mapping
from typing import Final

from voice_entrypoints.doctor.sentence import Sentence, failed, fine, warning

__all__ = ("REACH_SENTENCES",)

_NO_ANSWERS = "carriers get no answer to what they ask"
_NO_ANSWERS_ZH = "运营商得不到应答"
_LISTS = "compare publicUrl with the proxy or tunnel, and both with serve.bind, serve.port and serve.path"
_LISTS_ZH = "请核对 publicUrl、反向代理或隧道，以及 serve.bind、serve.port、serve.path"

REACH_SENTENCES: Final[Mapping[str, Sentence]] = {
    "signatures.checked": fine("webhooks are believed only with a signature", "回调必须通过签名验证"),
    "signatures.off": failed(
        "skipSignatureVerification is on: whoever finds the address can feign calls",
        "skipSignatureVerification 已打开：任何知道地址的人都能伪造呼叫",
        "switch it off: voicecall config unset skipSignatureVerification",
        "请关闭：voicecall config unset skipSignatureVerification",
    ),
    "tunnel.ready": fine("{tunnel} is installed and logged in", "{tunnel} 已安装并登录"),
    "tunnel.unused": warning(
        "publicUrl is set, so the tunnel of the settings ({tunnel}) is not opened",
        "已设置 publicUrl，不会打开配置的隧道（{tunnel}）",
        "remove one of both: voicecall config unset publicUrl",
        "请删除其中之一：voicecall config unset publicUrl",
    ),
    "tunnel.inner": failed(
        "{tunnel} leads into your own tailnet only, where no carrier is",
        "{tunnel} 只在你自己的 tailnet 内可达，运营商无法访问",
        "use tailscale-funnel or ngrok as tunnel.provider, or set publicUrl",
        "请将 tunnel.provider 设为 tailscale-funnel 或 ngrok，或设置 publicUrl",
    ),
    "tunnel.broken": failed(
        "the tunnel cannot be opened, so {no_answers}: {problem}".replace("{no_answers}", _NO_ANSWERS),
        "隧道无法打开，" + _NO_ANSWERS_ZH + "：{problem}",
        "{remedy}",
        "请处理：{remedy}",
    ),
    "tunnel.no-token": failed(
        "ngrok knows no account: there is no token in the settings, the environment or its own file",
        "ngrok 未登录：设置、环境变量和它自己的配置文件中都没有 token",
        "ngrok config add-authtoken TOKEN, with the token from https://dashboard.ngrok.com",
        "请执行 ngrok config add-authtoken，token 见 https://dashboard.ngrok.com",
    ),
    "public-url.unneeded": fine("{carrier} needs no public address", "{carrier} 不需要公网地址"),
    "public-url.fine": fine("webhooks are taken at {url}", "回调地址为 {url}"),
    "public-url.later": fine(
        "{tunnel} gives one when the gateway starts", "网关启动时由 {tunnel} 提供公网地址"
    ),
    "public-url.missing": failed(
        "{carrier} has no way to reach us: there is no public address",
        "回调地址不可达：没有公网地址，{carrier} 无法访问本程序",
        "set publicUrl to the full public address of the webhooks, or tunnel.provider to ngrok or tailscale-funnel",
        "请将 publicUrl 设为完整的公网回调地址，或将 tunnel.provider 设为 ngrok 或 tailscale-funnel",
    ),
    "public-url.private": failed(
        "{url} is private: only this machine or its network reaches it, and the gateway refuses to start with it",
        "回调地址不可达：{url} 是内网地址，网关会拒绝启动",
        "set publicUrl to an address on the internet, or let a tunnel make one: tunnel.provider ngrok or "
        "tailscale-funnel",
        "请确保 publicUrl 公网可访问，或使用隧道：将 tunnel.provider 设为 ngrok 或 tailscale-funnel",
    ),
    "public-url.plain": warning(
        "{url} is not encrypted: numbers and what is said travel in the clear, and media streams with them",
        "{url} 未加密：号码和通话内容以明文传输，媒体流也一样",
        "put https before the gateway and write https:// in publicUrl",
        "请在网关前启用 https，并在 publicUrl 中使用 https://",
    ),
    "public-url.unresolved": failed(
        "the name {host} has no address, so the carrier cannot find us",
        "域名 {host} 无法解析，运营商找不到本程序",
        "correct publicUrl, or add the name to your DNS",
        "请修正 publicUrl，或添加 DNS 记录",
    ),
    "public-url.inner": failed(
        "the name {host} leads to {address}, which only your own network reaches",
        "域名 {host} 解析为内网地址 {address}",
        "have its public DNS record lead to a public address",
        "请将公网 DNS 记录指向公网地址",
    ),
    "callback-url.told": fine(
        "enter this in {carrier}'s console: {url}", "请在 {carrier} 控制台填写回调地址：{url}"
    ),
    "callback-url.unneeded": fine("nothing has to be entered in a console", "无需在控制台填写回调地址"),
    "callback-url.unknown": warning(
        "what must be entered in {carrier}'s console is known once there is a public address",
        "有了公网地址后才能确定 {carrier} 控制台的回调地址",
        "set publicUrl, or start the gateway with its tunnel and ask again",
        "请设置 publicUrl，或启动网关（含隧道）后重试",
    ),
    "webhook.signed": fine(
        "a request that is signed as {carrier} signs came through {url} and was believed",
        "按 {carrier} 方式签名的请求经 {url} 到达并通过验证",
    ),
    "webhook.unsigned": fine(
        "a request came through {url} unchanged; only {carrier} itself can sign one",
        "请求经 {url} 完整到达；签名只有 {carrier} 能生成",
    ),
    "webhook.untried": warning(
        "whether a request comes through {url} could not be tried: {problem}",
        "未能测试 {url} 是否可达：{problem}",
        "start the gateway and ask again",
        "请启动网关后重试",
    ),
    "webhook.unreached": failed(
        f"nobody answers at {{url}} ({{problem}}), so {_NO_ANSWERS}",
        f"回调地址不可达：{{url}} 无应答（{{problem}}），{_NO_ANSWERS_ZH}",
        _LISTS,
        _LISTS_ZH,
    ),
    "webhook.not-found": failed(
        f"{{url}} answers 404: its path does not lead to our webhooks, so {_NO_ANSWERS}",
        f"{{url}} 返回 404：路径没有指向本程序的回调，{_NO_ANSWERS_ZH}",
        "the path of publicUrl must lead to {path} of this gateway (serve.path)",
        "publicUrl 的路径必须指向本网关的 {path}（serve.path）",
    ),
    "webhook.stranger": failed(
        f"{{url}} answers with status {{status}}, and it is not this gateway that answers, so {_NO_ANSWERS}",
        f"{{url}} 返回 {{status}}，应答的不是本网关，{_NO_ANSWERS_ZH}",
        _LISTS,
        _LISTS_ZH,
    ),
    "webhook.redirected": failed(
        "{url} redirects to another address, and carriers do not send webhooks there",
        "{url} 被重定向，运营商不会跟随",
        "write the address that it leads to in publicUrl, its scheme and a slash at its end included",
        "请在 publicUrl 中直接填写最终地址（包括协议和末尾斜杠）",
    ),
    "webhook.gateway-away": failed(
        f"the proxy or tunnel at {{url}} answers {{status}}: it does not reach this gateway, so {_NO_ANSWERS}",
        f"{{url}} 的代理或隧道返回 {{status}}：无法连到本网关，{_NO_ANSWERS_ZH}",
        "have it lead to {local}",
        "请让它指向 {local}",
    ),
    "webhook.disbelieved": failed(
        "a request that is signed for {url} came in and was not believed, as {carrier}'s will not be: {problem} "
        "(public URLs tried: {tried})",
        "按 {url} 签名的请求到达但未通过验证，{carrier} 的回调也会被拒绝：{problem}（尝试的公网地址：{tried}）",
        "make publicUrl exactly the address in {carrier}'s console, and restart the gateway if its settings are old",
        "publicUrl 必须与 {carrier} 控制台中的地址完全一致；若网关使用旧设置，请重启",
    ),
    "webhook.changed": failed(
        "something on the way through {url} changes requests, so that no signature fits",
        "{url} 途中有程序修改了请求内容，签名无法通过",
        "have the proxy pass bodies on as they are",
        "请让代理原样转发请求正文",
    ),
    "media-stream.off": fine(
        "calls are not streamed: {carrier} speaks and listens itself",
        "未启用媒体流：由 {carrier} 自己播报和识别",
    ),
    "media-stream.inner": fine(
        "calls of {carrier} are heard in this process", "{carrier} 的声音在本进程内处理"
    ),
    "media-stream.gaps": failed(
        "streaming.enabled is on, and calls are not streamed: {gaps}",
        "streaming.enabled 已打开，但无法使用媒体流：{gaps}",
        "set what is missing, or switch streaming off",
        "请补全所缺设置，或关闭媒体流",
    ),
    "media-stream.through": fine("a WebSocket comes through to {url}", "WebSocket 可以到达 {url}"),
    "media-stream.untried": warning(
        "whether a WebSocket comes through could not be tried: {problem}",
        "未能测试 WebSocket 是否可达：{problem}",
        "start the gateway and ask again",
        "请启动网关后重试",
    ),
    "media-stream.blocked": failed(
        "a WebSocket does not come through to {url} (status {status}): calls would be silent",
        "WebSocket 无法到达 {url}（状态 {status}）：通话将没有声音",
        "have the proxy pass Upgrade and Connection on, and {path} of this gateway with everything below it",
        "请让代理转发 Upgrade 和 Connection 头，以及本网关的 {path} 及其下所有路径",
    ),
    "media-stream.unreached": failed(
        "nobody answers at {url} ({problem}): calls would be silent",
        "{url} 无应答（{problem}）：通话将没有声音",
        _LISTS,
        _LISTS_ZH,
    ),
}
"""By `subject.variant`."""
