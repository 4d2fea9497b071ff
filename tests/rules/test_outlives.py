"""What ends with a registration, and what does not: every kind of application, every reason."""

from __future__ import annotations

from itertools import product

import pytest

from rules.kinds import Kind
from rules.moves import outlives
from rules.nurse import DeregistrationReason

STAYS = """
                  ANNULLED DEATH EXPIRED INCAPACITY LICENCE_REVOKED OTHER
FIRST             ends     ends  ends    ends       ends            ends
RENEWAL           ends     ends  ends    ends       ends            ends
CHANGE            ends     ends  ends    ends       ends            ends
DEREGISTRATION    ends     ends  ends    ends       ends            ends
REREGISTRATION    ends     ends  stays   ends       ends            stays
MILITARY_TRANSFER ends     ends  ends    ends       ends            ends
REISSUE           ends     ends  ends    ends       ends            ends
"""
_HEAD, *_LINES = STAYS.strip().splitlines()
TABLE = {
    (line.split()[0], reason): word
    for line in _LINES
    for reason, word in zip(_HEAD.split(), line.split()[1:], strict=True)
}


@pytest.mark.feature("A8")
@pytest.mark.parametrize(("kind", "reason"), list(product(Kind, DeregistrationReason)))
def test_only_what_takes_the_place_of_an_ended_entry_outlives_it(kind: Kind, reason: DeregistrationReason) -> None:
    """Who expired, or stopped for a reason of her own, is exactly who may be registered again (办法, 重新注册)."""
    assert outlives(kind, reason) is (TABLE[kind, reason] == "stays")
