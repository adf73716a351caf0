"""Twins side by side: what a callee says on the phone is what the transcription twin understands."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import msgspec
from support.twin_host import Host, MediaEnd

from voice_contracts.twins.callee import Callee, Say
from voice_contracts.twins.openai.script import OpenAiScript
from voice_contracts.twins.openai.twin import openai_twin
from voice_contracts.twins.phrasebook import Phrasebook
from voice_contracts.twins.sockets import Socket, SocketClosedError
from voice_contracts.twins.sound import hum
from voice_contracts.twins.surroundings import Surroundings
from voice_contracts.twins.twilio.account import NumberSettings, TwilioAccount
from voice_contracts.twins.twilio.twin import TwilioTwin, twilio_twin

NUMBER = "+15550001234"
CONNECT = '<Response><Connect><Stream url="wss://voice.example.com/s/token"/></Connect></Response>'
LINES = ("My name is Ada.", "Seven people, please.", "明天下午三点。")
SESSION = {
    "type": "transcription",
    "audio": {
        "input": {
            "format": {"type": "audio/pcmu"},
            "transcription": {"model": "gpt-transcribe"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
        }
    },
}


@asynccontextmanager
async def _call(callee: Callee) -> AsyncIterator[tuple[TwilioTwin, str, MediaEnd]]:
    host = Host(inbound=CONNECT)
    account = TwilioAccount(numbers={NUMBER: NumberSettings(host.url("inbound"))})
    async with twilio_twin(account, Surroundings(webhooks=host.transport, dial_media=host.dial)) as twin:
        sid = twin.call_in("+15550007777", NUMBER, callee)
        yield twin, sid, await host.stream()
    host.close()


async def _forward(end: MediaEnd, ear: Socket) -> None:
    try:
        while True:
            payload = (await end.next("media"))["media"]["payload"]
            await ear.send(f'{{"type":"input_audio_buffer.append","audio":"{payload}"}}')
    except SocketClosedError:
        return


async def test_a_conversation_of_hums_is_understood_line_by_line() -> None:
    """We hum a question after each answer; the callee answers when it has heard us out."""
    heard: list[str] = []
    callee = Callee(tuple(Say(line) for line in LINES))
    script = OpenAiScript(recognise=Phrasebook(LINES).recognise, final_ms=200)
    async with openai_twin(script) as ai, _call(callee) as (twin, sid, end):
        await end.next("connected")
        stream_sid = (await end.next("start"))["streamSid"]
        ear = await ai.dial(
            "wss://api.openai.com/v1/realtime?intent=transcription", {"Authorization": "Bearer sk-twin"}
        )
        await ear.send(msgspec.json.encode({"type": "session.update", "session": SESSION}).decode())
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_forward, end, ear)
            for turn in range(len(LINES)):
                media = {"payload": b64encode(hum(f"question {turn}")).decode()}
                await end.send(event="media", streamSid=stream_sid, media=media)
                heard.append(await _next_transcript(ear))
            tasks.cancel_scope.cancel()
        await ear.close()
        twin.hang_up(sid)
        await twin.ended(sid)

    assert heard == [*LINES]
    assert twin.ear(sid).audio() == b"".join(hum(f"question {turn}") for turn in range(len(LINES)))


async def _next_transcript(ear: Socket) -> str:
    while True:
        event: dict[str, Any] = msgspec.json.decode(await ear.receive())
        if event["type"].endswith(".completed"):
            return str(event["transcript"])
