"""`voicecall doctor`: what keeps a first call from going well, found before it is placed. Nothing is changed."""
