"""What a doctor says of speech services and language models; `service` stands for each of those subjects."""

from collections.abc import Mapping
from typing import Final

from voice_entrypoints.doctor.sentence import Sentence, failed, fine, warning

__all__ = ("SERVICE_SENTENCES",)

SERVICE_SENTENCES: Final[Mapping[str, Sentence]] = {
    "service.works": fine("{service} takes the key and has {model}", "{service} 密钥有效，{model} 可用"),
    "service.carrier": fine(
        "{carrier} does it with its own voices and ears", "由 {carrier} 自带的语音和识别完成"
    ),
    "service.local": fine("it is done on this machine", "在本机完成"),
    "service.silent": fine(
        "{service} does not tell which models it has; {model} is tried with the first call",
        "{service} 未提供模型列表；{model} 将在首次通话时使用",
    ),
    "service.refused": failed(
        "{service} refuses the key (status {status}), so that it does nothing in a call",
        "{service} 拒绝密钥（状态 {status}），通话中无法使用",
        "make a new key at {service} and put it into {key}",
        "请在 {service} 生成新密钥并填入 {key}",
    ),
    "service.no-model": failed(
        "{service} has no {model}, so that it does nothing in a call",
        "{service} 没有 {model}，通话中无法使用",
        "set {key} to one that your account has",
        "请将 {key} 设为账号可用的值",
    ),
    "service.unreached": failed(
        "{service} cannot be asked: {problem}",
        "无法连接 {service}：{problem}",
        "check this machine's network, and the address of the service in the settings",
        "请检查本机网络和设置中的服务地址",
    ),
    "service.troubled": warning(
        "{service} answers with status {status}, so that its key could not be proven",
        "{service} 返回状态 {status}，未能验证密钥",
        "ask again later, and see the service's own status page",
        "请稍后重试，并查看服务状态页",
    ),
    "language-model.echo": warning(
        "no language model is set up for {model}: callers hear their own words again",
        "没有为 {model} 配置语言模型：对方会听到自己的话",
        "set OPENAI_API_KEY or ANTHROPIC_API_KEY, or models.providers, and responseModel",
        "请设置 OPENAI_API_KEY、ANTHROPIC_API_KEY 或 models.providers，以及 responseModel",
    ),
    "model-retirement.none": fine("no end is announced for any model that is used", "所用模型均无停用公告"),
    "model-retirement.announced": warning(
        "{model} ({key}) ends on {date}; calls fail from then on",
        "{model}（{key}）将于 {date} 停用，此后通话会失败",
        "choose its successor in time: {successor}",
        "请及时更换为后继模型：{successor}",
    ),
    "model-retirement.over": failed(
        "{model} ({key}) ended on {date}",
        "{model}（{key}）已于 {date} 停用",
        "set {key} to its successor: {successor}",
        "请将 {key} 设为后继模型：{successor}",
    ),
}
"""By `subject.variant`."""
