"""An answer of several statements, all of the same state of the graph.

Invariant: an answer is given only if no batch of a projection was committed while it was put
together, as the watermark tells; so an address is seen before a batch or after it.

Neither engine holds still for us: Neo4j's transactions see what others commit meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from graph import statements
from graph.store import GraphError, GraphStore

Answer = TypeVar("Answer")
_TRIES = 40
_PAUSE = 0.02


def read_whole(store: GraphStore, make: Callable[[], Answer]) -> Answer:
    """What `make` answers, made again if the graph changed meanwhile.

    Raises:
        GraphError: if the graph kept changing.
    """
    watermark = statements.text("projection_state")
    before = store.run(watermark)
    for attempt in range(_TRIES):
        answer = make()
        after = store.run(watermark)
        if after == before:
            return answer
        before = after
        time.sleep(_PAUSE * min(attempt, 10))
    raise GraphError("the graph is being updated; try again in a minute")
