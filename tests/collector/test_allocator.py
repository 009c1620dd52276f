from __future__ import annotations

import ctypes
import platform

from collector import allocator


def test_glibc_takes_every_setting():
    assert allocator.keep_freed_memory() is (platform.libc_ver()[0] == "glibc")


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    assert allocator.keep_freed_memory() is False
