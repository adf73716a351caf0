"""A sentence that was put together in English is taken apart again, and said in another language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_entrypoints.words.translator import Template, Translator

SENTENCES = {
    "No gateway is reachable: {problem}; start one": "无法连接网关：{problem}；请启动一个",
    "process {pid} has ended": "进程 {pid} 已结束",
    "the key is wrong; check {key}": "密钥错误；请检查 {key}",
    "{count} of {all}": "{all} 中的 {count}",
    "try again later": "请稍后重试",
    "the line": "线路",
    "they said: {text}": "对方说：{text}",
    "hung up": "已挂断",
    "code {code}": "代码 {code}",
    "ended: {reason}": "结束：{reason}",
    "expected {wanted}": "应为{wanted}",
    "a path": "路径",
    "E.164 or a path": "E.164 或路径",
    "send {{…}}": "请发送 {{…}}",
    "{host} cannot be reached": "无法访问 {host}",
    "not {found}": "而不是 {found}",
    "not hung up": "没有挂断",
    "over {carrier} now": "经由 {carrier} 通话",
    "read {path} now": "读取 {path} 内容",
    "one of {choices}": "以下之一：{choices}",
    "none": "无",
}
translate = Translator(SENTENCES, {"STATE": "状态"}, {"busy": "占线"})


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("hung up", "已挂断"),
        (
            "No gateway is reachable: process 7 has ended; start one",
            "无法连接网关：进程 7 已结束；请启动一个",
        ),
        ("3 of 5", "5 中的 3"),
        ("twilio: the key is wrong; check x.y (code 20003)", "twilio：密钥错误；请检查 x.y（代码 20003）"),
        ("the disk burns; try again later", "the disk burns；请稍后重试"),
        ("file:1:2: the line\n  {a: 1}\n  ^", "file:1:2：线路\n  {a: 1}\n  ^"),
        ("send {…}", "请发送 {…}"),
        ("expected a path", "应为路径"),
        ("expected E.164 or a path", "应为 E.164 或路径"),
        ("hung up:", "已挂断："),
        ("twilio: 127.0.0.1 cannot be reached", "twilio：无法访问 127.0.0.1"),
        ("not hung up: the line", "没有挂断：线路"),
        ("over the line now", "经由线路通话"),
        ("over twilio now", "经由 twilio 通话"),
        ("read /a/线 路 now", "读取 /a/线 路 内容"),
        ("one of text, none", "以下之一：text、none"),
        ("one of none", "以下之一：无"),
        ("one of text, none; try again later", "以下之一：text、none；请稍后重试"),
        ("ended: busy", "结束：占线"),
        ("code busy", "代码 busy"),
        ("STATE", "状态"),
    ],
)
def test_a_sentence_is_translated_with_the_sentences_in_it(english: str, chinese: str) -> None:
    assert translate(english) == chinese


def test_what_people_said_is_not_translated_though_it_reads_like_a_sentence_of_ours() -> None:
    assert translate("they said: hung up") == "对方说：hung up"
    assert translate("they said: Hello, 9 cannot be reached") == "对方说：Hello, 9 cannot be reached"


def test_a_word_is_translated_only_where_it_stands_alone() -> None:
    assert translate("process STATE has ended") == "进程 STATE 已结束"


@pytest.mark.parametrize(
    "text", ["", "nobody knows this: really; at all (or not)", "已经是中文；不变", "x" * 4_000]
)
def test_what_is_not_known_stays_as_it_is(text: str) -> None:
    assert translate(text) == text


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    assert translate(f"process {text} has ended").startswith("进程")


def test_a_template_knows_its_places_and_what_stands_around_them() -> None:
    template = Template("it has {count} of {{these}}, {remedy}")

    assert template.literals == ("it has ", " of {these}, ", "")
    assert template.names == ("count", "remedy")
