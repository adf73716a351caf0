"""What a doctor says of the carrier and our account there."""

from collections.abc import Mapping
from typing import Final

from voice_entrypoints.doctor.sentence import Sentence, failed, fine, warning

__all__ = ("CARRIER_SENTENCES",)

CARRIER_SENTENCES: Final[Mapping[str, Sentence]] = {
    "carrier.able": fine(
        "{carrier} can: {can}. It cannot: {cannot}", "{carrier} 支持：{can}；不支持：{cannot}"
    ),
    "carrier.asking": fine(
        "{carrier} can: {can}. It cannot: {cannot}. A running conversation is not spoken into: what you want "
        "said waits for the carrier's next question",
        "{carrier} 支持：{can}；不支持：{cannot}。通话中不能随时插话：要说的内容会在运营商下一次回调时播报",
    ),
    "carrier.broken": failed(
        "{problem}",
        "运营商无法使用：{problem}",
        "correct provider and the carrier's section of the settings",
        "请修正 provider 和该运营商的设置",
    ),
    "credentials.taken": fine("{carrier} takes the credentials", "{carrier} 凭据有效"),
    "credentials.none": fine("{carrier} needs none", "{carrier} 不需要凭据"),
    "credentials.untold": fine(
        "the package that brings {carrier} has no way to prove them before a call",
        "提供 {carrier} 的软件包无法在通话前验证凭据",
    ),
    "credentials.refused": failed(
        "no call can be placed: {problem}",
        "无法拨打电话：{problem}",
        "copy the credentials from {carrier}'s console again",
        "请从 {carrier} 控制台重新复制凭据",
    ),
    "credentials.unreached": failed(
        "{carrier} cannot be asked, so no call can be placed: {problem}",
        "无法连接 {carrier}，因此无法拨打电话：{problem}",
        "check this machine's way to the internet, and the address of the interface in the settings",
        "请检查本机网络和设置中的接口地址",
    ),
    "region.elsewhere": failed(
        "the credentials are those of region {region}, and {setting} is {configured}: every call is refused",
        "凭据属于区域 {region}，而 {setting} 为 {configured}：所有呼叫都会被拒绝",
        "voicecall config set {setting} {region}",
        "请执行 voicecall config set {setting} {region}",
    ),
    "account.fine": fine("the account may place calls", "账号可以拨打电话"),
    "account.closed": failed(
        "the account is suspended or closed, so no call goes out or comes in",
        "账号已被停用或关闭，无法拨打和接听",
        "see what {carrier}'s console says about it",
        "请在 {carrier} 控制台查看原因",
    ),
    "account.trial": warning(
        "it is a trial account, which calls only numbers that it has verified",
        "这是试用账号，只能拨打已验证的号码",
        "verify the numbers that you call in {carrier}'s console, or upgrade",
        "请在 {carrier} 控制台验证被叫号码，或升级账号",
    ),
    "account.no-credit": failed(
        "the account has no money left, so calls are refused",
        "账号余额不足，呼叫会被拒绝",
        "top it up in {carrier}'s console",
        "请在 {carrier} 控制台充值",
    ),
    "account.no-application": failed(
        "the application that the section {carrier} of the settings names is none of this account's, so no call can be "
        "placed",
        "设置中 {carrier} 一节的应用不属于本账号，无法拨打电话",
        "copy its id from {carrier}'s portal into the settings",
        "请从 {carrier} 控制台复制应用 ID 到设置中",
    ),
    "account.application-off": failed(
        "the application that calls are placed with is switched off",
        "用于呼叫的应用已停用",
        "switch it on in {carrier}'s portal",
        "请在 {carrier} 控制台启用该应用",
    ),
    "account.no-outbound-profile": failed(
        "the application has no outbound voice profile, so {carrier} refuses every call that we place",
        "应用没有 outbound voice profile，{carrier} 会拒绝所有外呼",
        "assign one to the application in {carrier}'s portal",
        "请在 {carrier} 控制台为应用指定 outbound voice profile",
    ),
    "account.old-webhooks": failed(
        "the application sends webhooks of version 1, which we do not read: calls to our number are not understood",
        "应用发送的是 v1 版回调，本程序无法识别，来电无法处理",
        "set its webhook API version to v2 in {carrier}'s portal",
        "请在 {carrier} 控制台将回调版本设为 v2",
    ),
    "clock.right": fine("this machine's clock is right to {seconds} s", "本机时间误差 {seconds} 秒以内"),
    "clock.untold": fine("the carrier does not tell the time", "运营商未返回时间"),
    "clock.off": warning(
        "this machine's clock is {seconds} s off; a few minutes more, and signatures are refused",
        "本机时间偏差 {seconds} 秒；再偏差几分钟签名就会失效",
        "have it set by NTP: sudo timedatectl set-ntp true",
        "请启用 NTP 校时：sudo timedatectl set-ntp true",
    ),
    "clock.wrong": failed(
        "this machine's clock is {seconds} s off: what is signed with a time is refused, by the carrier and by us",
        "本机时间偏差 {seconds} 秒：带时间的签名会被运营商和本程序拒绝",
        "have it set by NTP: sudo timedatectl set-ntp true",
        "请启用 NTP 校时：sudo timedatectl set-ntp true",
    ),
    "number.ours": fine("fromNumber {number} belongs to the account", "fromNumber {number} 属于本账号"),
    "number.untold": fine("{carrier} does not tell whose fromNumber is", "{carrier} 不提供号码归属查询"),
    "number.verified": warning(
        "fromNumber {number} is a verified caller number: we call from it, and calls to it do not come to us",
        "fromNumber {number} 是已验证的主叫号码：可以外呼，但打给它的电话不会到达本程序",
        "buy a number in {carrier}'s console if people are to call you",
        "如需接听来电，请在 {carrier} 控制台购买号码",
    ),
    "number.foreign": failed(
        "fromNumber {number} does not belong to the account, so {carrier} refuses calls from it",
        "fromNumber {number} 不属于本账号，{carrier} 会拒绝用它外呼",
        "set fromNumber to a number of {carrier}'s console",
        "请将 fromNumber 设为 {carrier} 控制台中的号码",
    ),
    "number.unasked": failed(
        "whose fromNumber is could not be asked: {problem}",
        "无法查询 fromNumber 的归属：{problem}",
        "put right what it says, and ask again",
        "请按提示修正后重试",
    ),
    "number-webhook.right": fine(
        "calls to {number} come to this gateway", "打给 {number} 的电话会到达本网关"
    ),
    "number-webhook.unused": fine(
        "inboundPolicy is disabled, so it does not matter where calls to {number} go",
        "inboundPolicy 为 disabled，{number} 的来电设置无影响",
    ),
    "number-webhook.unknown": warning(
        "calls to {number} go to {url}; our own public address is not known yet",
        "打给 {number} 的电话会到 {url}；本网关的公网地址尚未确定",
        "start the gateway and ask again",
        "请启动网关后重试",
    ),
    "number-webhook.elsewhere": failed(
        "calls to {number} go to {url}, and not to {wanted}: nobody of ours answers them",
        "打给 {number} 的电话会到 {url}，而不是 {wanted}：本程序收不到来电",
        "enter {wanted} in {carrier}'s console",
        "请在 {carrier} 控制台填写 {wanted}",
    ),
    "number-webhook.nowhere": failed(
        "nothing is set up for calls to {number}, so nobody answers them",
        "{number} 未设置来电地址，来电无人接听",
        "enter {wanted} in {carrier}'s console",
        "请在 {carrier} 控制台填写 {wanted}",
    ),
    "number-webhook.taken": failed(
        "calls to {number} go to {taker}, which wins over a webhook address",
        "打给 {number} 的电话由 {taker} 处理，优先于回调地址",
        "take the number away from it in {carrier}'s console",
        "请在 {carrier} 控制台将号码移出",
    ),
    "number-webhook.method": failed(
        "calls to {number} are told by {method}, and only POST is taken",
        "{number} 的回调方式是 {method}，本程序只接受 POST",
        "choose HTTP POST in {carrier}'s console",
        "请在 {carrier} 控制台选择 HTTP POST",
    ),
}
"""By `subject.variant`."""
