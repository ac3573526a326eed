from __future__ import annotations
from dataclasses import dataclass
import re
class PatternError(ValueError): ...
@dataclass(frozen=True)
class AddressPattern:
    source: str
    re2_source: str
    def matches(self, address: str) -> bool:
        return re.fullmatch(self.source, address) is not None
def compile_pattern(pattern: str) -> AddressPattern:
    return AddressPattern(pattern, pattern)
