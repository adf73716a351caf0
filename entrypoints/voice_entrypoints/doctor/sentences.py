"""Everything that a doctor may say, in both languages, by subject and variant."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from voice_entrypoints.doctor.sentence import Sentence, failed, fine, warning
from voice_entrypoints.doctor.sentences_carrier import CARRIER_SENTENCES
from voice_entrypoints.doctor.sentences_reach import REACH_SENTENCES
from voice_entrypoints.doctor.sentences_service import SERVICE_SENTENCES

__all__ = ("SENTENCES", "SUBJECTS", "Sentence")

_HERE: Final[Mapping[str, Sentence]] = {
    "settings.fine": fine("every setting is understood: {place}", "所有设置均有效：{place}"),
    "settings.odd": warning("{problem}", "{problem}", "change it in the settings file", "请在配置文件中修改"),
    "settings.wrong": failed(
        "{problem}; nothing can be started with it",
        "{problem}；服务无法启动",
        "{remedy}",
        "{remedy}",
    ),
    "settings.off": failed(
        "enabled is false, so no call is placed or taken",
        "enabled 为 false，不会拨打或接听电话",
        "switch it on: voicecall config set enabled true",
        "请启用：voicecall config set enabled true",
    ),
    "state-folder.fine": fine("{place} can be written to", "{place} 可写"),
    "state-folder.new": fine(
        "{place} does not exist yet; the gateway makes it", "{place} 尚不存在，网关启动时会创建"
    ),
    "state-folder.unusable": failed(
        "{place} cannot be used ({problem}), and no call is placed that could not be kept",
        "{place} 不可用（{problem}），无法保存的通话不会被拨打",
        "make it a folder that this user may write to, or set VOICECALL_HOME to another one",
        "请让当前用户可写该目录，或将 VOICECALL_HOME 设为其他目录",
    ),
    "state-folder.open": warning(
        "others on this machine may read {place}, where transcripts and tokens are kept",
        "本机其他用户可以读取 {place}，其中保存了通话记录和令牌",
        "close it: chmod 700 {place}",
        "请收紧权限：chmod 700 {place}",
    ),
    "disk.enough": fine("{free} are free where calls are kept", "存放通话的磁盘剩余 {free}"),
    "disk.low": warning(
        "only {free} are free where calls are kept; recordings take 1 MB a minute",
        "存放通话的磁盘仅剩 {free}；录音每分钟约 1 MB",
        "free some space, or set retention.days",
        "请清理磁盘，或设置 retention.days",
    ),
    "disk.full": failed(
        "only {free} are free where calls are kept: a call that cannot be kept is not placed",
        "存放通话的磁盘仅剩 {free}：无法保存的通话不会被拨打",
        "free some space, or set store to a folder on another disk",
        "请清理磁盘，或将 store 设到其他磁盘",
    ),
    "gateway.runs": fine(
        "a gateway runs (process {pid}) and takes calls", "网关正在运行（进程 {pid}），可以通话"
    ),
    "gateway.none": fine(
        "no gateway runs on this state folder; start one with `voicecall serve`",
        "该状态目录没有运行中的网关；可用 `voicecall serve` 启动",
    ),
    "gateway.stale": warning(
        "gateway.json is left of a gateway (process {pid}) that did not end by itself",
        "gateway.json 是异常退出的网关（进程 {pid}）留下的",
        "start the gateway again: it replaces the file and looks after calls that were live",
        "请重新启动网关：它会替换该文件，并处理当时进行中的通话",
    ),
    "gateway.silent": failed(
        "process {pid} should be the gateway, and nobody listens on {url}",
        "进程 {pid} 应为网关，但 {url} 无人监听",
        "look at its log and start it again; if the process is another program, remove gateway.json",
        "请查看网关日志并重新启动；若该进程是其他程序，请删除 gateway.json",
    ),
    "gateway.unready": failed(
        "the gateway runs and takes no calls: {problem}",
        "网关已运行，但暂不接受通话：{problem}",
        "see its log; it takes calls again by itself once that is over",
        "请查看网关日志；问题消除后会自动恢复",
    ),
    "port.free": fine("port {port} is free", "端口 {port} 空闲"),
    "port.ours": fine("our gateway listens on port {port}", "网关正在监听端口 {port}"),
    "port.any": fine("a free port is taken when the gateway starts", "网关启动时自动选择空闲端口"),
    "port.any-published": failed(
        "{section}.port is 0, so the gateway takes another port each time, and publicUrl leads to one only",
        "{section}.port 为 0，每次启动端口都不同，而 publicUrl 只指向一个端口",
        "give it a number: voicecall config set {section}.port 3334",
        "请设为固定端口：voicecall config set {section}.port 3334",
    ),
    "port.taken": failed(
        "{problem}; the gateway cannot start",
        "端口 {port} 被占用或无法监听，网关无法启动：{problem}",
        "stop what uses it, or choose another: voicecall config set {section}.port NUMBER",
        "请停止占用端口的程序，或更换端口：voicecall config set {section}.port 端口号",
    ),
    "pairing.off": fine(
        "inboundPolicy is {policy}: nobody is asked for a code", "inboundPolicy 为 {policy}：不使用配对码"
    ),
    "pairing.nobody": warning(
        "inboundPolicy is allowlist and allowFrom is empty, so every call to our number is refused",
        "inboundPolicy 为 allowlist 而 allowFrom 为空，所有来电都会被拒绝",
        "add callers to allowFrom, or set inboundPolicy to pairing",
        "请在 allowFrom 中添加号码，或将 inboundPolicy 设为 pairing",
    ),
    "pairing.quiet": fine(
        "{approved} callers are approved, nobody waits", "已批准 {approved} 个号码，无人等待"
    ),
    "pairing.waiting": warning(
        "{waiting} callers heard a code and wait; {approved} are approved",
        "{waiting} 个来电者已听到配对码，等待批准；已批准 {approved} 个",
        "decide: voicecall pairing list, then voicecall pairing approve CODE",
        "请处理：voicecall pairing list，然后 voicecall pairing approve 配对码",
    ),
    "pairing.damaged": failed(
        "who may call us is not known ({problem}), so callers are refused",
        "无法读取配对数据（{problem}），来电会被拒绝",
        "put pairing.json of the state folder right, or remove it and approve callers again",
        "请修复状态目录中的 pairing.json，或删除后重新批准",
    ),
    "look.slow": failed(
        "this could not be told within {seconds} seconds",
        "{seconds} 秒内未能得出结果",
        "check this machine's network, and ask again",
        "请检查本机网络后重试",
    ),
    "look.failed": failed(
        "this could not be looked at: {problem}",
        "无法检查此项：{problem}",
        "put right what it says, and ask again",
        "请按提示修正后重试",
    ),
    "look.broken": failed(
        "this could not be looked at: unexpected {error}",
        "无法检查此项：意外错误 {error}",
        "report it to the authors, with the version: voicecall --version",
        "请向作者报告，并附上版本：voicecall --version",
    ),
}

SENTENCES: Final[Mapping[str, Sentence]] = MappingProxyType(
    {**_HERE, **CARRIER_SENTENCES, **REACH_SENTENCES, **SERVICE_SENTENCES}
)
"""By `subject.variant`; those of `port`, `service` and `look` are said of several subjects."""

SUBJECTS: Final = (
    "settings",
    "state-folder",
    "disk",
    "gateway",
    "api-port",
    "serve-port",
    "carrier",
    "credentials",
    "region",
    "account",
    "clock",
    "number",
    "number-webhook",
    "signatures",
    "tunnel",
    "public-url",
    "callback-url",
    "webhook",
    "media-stream",
    "synthesizer",
    "transcriber",
    "language-model",
    "model-retirement",
    "pairing",
)
"""Every subject, in the order in which they are told; not all are there each time."""
