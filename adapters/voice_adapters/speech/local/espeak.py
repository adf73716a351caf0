"""The one instance of libespeak-ng that a process may have, behind a lock.

The library is GPL-3 and comes with the extra ``local`` (package espeakng-loader); nothing of it is in here.
"""

import ctypes
import importlib
import threading
from functools import cache

import attrs

from voice_domain.ports.synthesizer import SynthesisError

__all__ = ("Espeak", "LocalSpeechMissingError", "espeak", "local_speech_available")

# speak_lib.h of espeak-ng: names in the comments are the library's own.
_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: audio goes to the callback, on the thread that asked
_DO_NOT_EXIT = 0x8000  # espeakINITIALIZE_DONT_EXIT: an error must not end our process
_UTF8 = 1  # espeakCHARS_UTF8; without espeakSSML and espeakPHONEMES, markup is read as plain text
_END_PAUSE = 0x1000  # espeakENDPAUSE
_CHARACTERS = 1  # POS_CHARACTER
_RATE_PARAMETER = 1  # espeakRATE, words a minute
_CONTINUE = 0
_WORDS_A_MINUTE = 165

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class LocalSpeechMissingError(SynthesisError):
    """The local voice is not installed, or cannot be loaded on this machine."""

    def __init__(self, problem: str, remedy: str = "install it with: pip install 'voicecall[local]'") -> None:
        super().__init__("espeak-ng", f"{problem}; {remedy}")


@attrs.define(eq=False)
class Espeak:
    """libespeak-ng, initialised. Safe to use from any thread; one text at a time is spoken."""

    library: ctypes.CDLL
    rate_hz: int
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)
    _pcm: list[bytes] = attrs.field(factory=list, init=False)
    _callback: object = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        # The library keeps a pointer to the callback only, so it has to live as long as we do.
        self._callback = _Callback(self._take)
        self.library.espeak_SetSynthCallback(self._callback)
        self.library.espeak_SetParameter(_RATE_PARAMETER, _WORDS_A_MINUTE, 0)

    def speak(self, text: str, *, voice: str, pause: bool) -> list[bytes]:
        """*text* as 16-bit PCM at ``rate_hz`` in short pieces; with *pause* it ends as a sentence does.

        Takes about a thousandth of the time that it lasts: call it on a worker thread. *voice* is a name of
        the library, such as ``en-us+f2``. A NUL ends the text.

        Raises:
            SynthesisError: if the library does not know *voice* or refuses.
        """
        encoded = text.encode("utf-8", "replace")
        flags = _UTF8 | (_END_PAUSE if pause else 0)
        with self._lock:
            self._pcm = []
            if self.library.espeak_SetVoiceByName(voice.encode()):
                raise SynthesisError("espeak-ng", f"it has no voice {voice}")
            size = ctypes.c_size_t(len(encoded) + 1)
            if self.library.espeak_Synth(encoded, size, 0, _CHARACTERS, 0, flags, None, None):
                raise SynthesisError("espeak-ng", "it refused the text")
            return self._pcm

    def _take(self, samples: int | None, count: int, _events: int | None) -> int:
        if samples and count:
            self._pcm.append(ctypes.string_at(samples, 2 * count))
        return _CONTINUE


def _paths(package: str) -> tuple[str, str]:
    try:
        loader = importlib.import_module(package)
    except ImportError as error:
        raise LocalSpeechMissingError("the local voice is not installed") from error
    return str(loader.get_library_path()), str(loader.get_data_path())


@cache
def _loaded(package: str) -> Espeak:
    library_path, data_path = _paths(package)
    try:
        library = ctypes.CDLL(library_path)
    except OSError as error:
        raise LocalSpeechMissingError(
            "its library does not load on this machine", "choose the tone voice instead"
        ) from error
    rate_hz = library.espeak_Initialize(_SYNCHRONOUS, 0, data_path.encode(), _DO_NOT_EXIT)
    if rate_hz <= 0:
        raise LocalSpeechMissingError("it cannot read its data", f"make this path shorter: {data_path}")
    return Espeak(library, rate_hz)


_loading = threading.Lock()


def espeak(package: str = "espeakng_loader") -> Espeak:
    """The process's espeak-ng, from *package*; loaded at the first request, which takes a few milliseconds.

    Raises:
        LocalSpeechMissingError: if the package is missing or does not work here.
    """
    with _loading:
        return _loaded(package)


def local_speech_available(package: str = "espeakng_loader") -> bool:
    """Whether the local voice can speak on this machine."""
    try:
        espeak(package)
    except LocalSpeechMissingError:
        return False
    return True
