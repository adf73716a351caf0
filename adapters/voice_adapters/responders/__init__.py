"""Responders: what decides what to say next."""

from voice_adapters.responders.callable import CallableResponder, ReplyFunction
from voice_adapters.responders.echo import EchoResponder
from voice_adapters.responders.scripted import ScriptedResponder

__all__ = ("CallableResponder", "EchoResponder", "ReplyFunction", "ScriptedResponder")
