"""A call as a picture for a terminal: state, floor, time, transcript, latency."""

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from voice_domain.e164 import mask_number
from voice_entrypoints.cli.columns import width_of
from voice_entrypoints.cli.live.story import Said, Story
from voice_entrypoints.words.language import translated, translated_word

__all__ = ("picture_of",)

_STYLES = {"active": "green", "speaking": "cyan", "listening": "green", "failed": "red", "error": "red"}
_LATENCIES_SHOWN = 4
_ROWS_AROUND = 9  # borders, head, gaps, what is being said now, the prompt
_FEWEST_ROWS = 4
_CELLS_AROUND = 11  # borders, and who speaks


def picture_of(story: Story, *, now_ms: int, console: Console) -> RenderableType:
    """Return the picture of *story* at *now_ms* (epoch milliseconds), as much as *console* has room for."""
    call = story.call
    title = translated(f"call {str(call.get('callId', ''))[:8]}")
    other = call.get("from") if call.get("direction") == "inbound" else call.get("to")
    if other:
        title += f" · {mask_number(str(other))} · {call.get('provider')} · {translated_word(str(call.get('mode')))}"
    parts: list[RenderableType] = [
        _head(story, now_ms),
        Text(),
        _transcript(_newest(story, console), story.partial),
    ]
    if story.latencies:
        parts.append(Text())
        parts.extend(Text(each.told(), style="dim") for each in story.latencies[-_LATENCIES_SHOWN:])
    if story.problem:
        parts.append(Text(translated(story.problem), style="red"))
    return Panel(Group(*parts), title=title, title_align="left", border_style="dim")


def _head(story: Story, now_ms: int) -> Text:
    state = str(story.call.get("state", "dialling"))
    head = Text(no_wrap=True, overflow="ellipsis")
    word = translated_word(state)
    head.append(word + " " * (10 - width_of(word)), style=f"bold {_STYLES.get(state, 'white')}")
    if not story.over:
        floor = story.call.get("floor", "nobody")
        head.append("   " + translated(f"floor: {floor}"))
    return head.append(f"   {_elapsed(story, now_ms)}")


def _elapsed(story: Story, now_ms: int) -> str:
    began = story.call.get("answeredAt") or story.call.get("startedAt") or now_ms
    until = story.call.get("endedAt") or now_ms
    minutes, seconds = divmod(max(0, int(until) - int(began)) // 1000, 60)
    return f"{minutes:02}:{seconds:02}"


def _newest(story: Story, console: Console) -> tuple[Said, ...]:
    """Return the last of what was said, as much as fits."""
    shown = min(len(story.latencies), _LATENCIES_SHOWN)
    width = max(1, console.width - _CELLS_AROUND)
    rows = max(_FEWEST_ROWS, console.height - _ROWS_AROUND - 2 * shown)
    kept: list[Said] = []
    for line in reversed(story.said):
        rows -= max(1, len(_words(line).wrap(console, width, overflow="fold")))
        if rows < 0:
            break
        kept.append(line)
    return tuple(reversed(kept))


def _transcript(said: tuple[Said, ...], partial: str) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for line in said:
        table.add_row(translated("we" if line.ours else "they"), _words(line))
    if partial:
        table.add_row(translated("they"), Text(partial, style="dim italic"))
    return table if table.row_count else Text(translated("nothing was said yet"), style="dim")


def _words(line: Said) -> Text:
    words = Text(line.text, style="cyan" if line.ours else "green")
    if line.coming:
        words.append(" " if line.text and line.coming[0].isascii() else "")
        words.append(line.coming, style="dim")
    if line.cut:
        cut = translated("— interrupted" if line.text else "— interrupted before a word was heard")
        words.append(f" {cut}" if line.text else cut, style="yellow")
    return words
