"""The layout of a Sankey diagram: nodes in columns, ribbons between them. Heights are masses on one scale. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, GAP, NODE = 1000, 300, 34, 10
#: Room above the first node of a column, for its name.
TOP = 18


@dataclass(frozen=True)
class SankeyNode:
    """:ivar x: in units of :data:`WIDTH`; :ivar column: from 0; :ivar lost: whether it shows missing mass."""

    key: str
    column: int
    x: float
    y: float
    height: float
    grams: int
    lost: bool


@dataclass(frozen=True)
class SankeyRibbon:
    """:ivar path: of an SVG ``path``."""

    path: str
    lost: bool


def layout(
    links: Sequence[tuple[str, str, int]], columns: Mapping[str, int], lost: frozenset[str]
) -> tuple[tuple[SankeyNode, ...], tuple[SankeyRibbon, ...], float]:
    """Nodes, ribbons and the height of the whole.

    :param columns: of each node, from 0; :param lost: the nodes that show missing mass.
    """
    if not links:
        return (), (), 0.0
    weights: dict[str, int] = {}
    for key in {key for source, target, _ in links for key in (source, target)}:
        into = sum(grams for _, target, grams in links if target == key)
        out = sum(grams for source, _, grams in links if source == key)
        weights[key] = max(into, out)
    last = max(columns[key] for key in weights)
    fullest = max(sum(weights[key] for key in weights if columns[key] == column) for column in range(last + 1))
    scale = HEIGHT / max(fullest, 1)
    nodes: dict[str, SankeyNode] = {}
    bottom = 0.0
    for column in range(last + 1):
        y = float(TOP)
        for key in sorted(
            (key for key in weights if columns[key] == column), key=lambda key: (key in lost, -weights[key])
        ):
            height = max(weights[key] * scale, 1.5)
            x = column * (WIDTH - NODE) / max(last, 1)
            nodes[key] = SankeyNode(key, column, round(x, 1), round(y, 1), round(height, 1), weights[key], key in lost)
            y += height + GAP
        bottom = max(bottom, y - GAP)
    return tuple(nodes.values()), tuple(_ribbons(links, nodes, scale)), round(bottom + 4, 1)


def _ribbons(
    links: Sequence[tuple[str, str, int]], nodes: Mapping[str, SankeyNode], scale: float
) -> list[SankeyRibbon]:
    leaving = {key: node.y for key, node in nodes.items()}
    arriving = dict(leaving)
    ribbons = []
    # From the top of each node downwards, in the order of the nodes at the other end: ribbons then cross least.
    for source, target, grams in sorted(links, key=lambda link: (nodes[link[0]].y, nodes[link[1]].y, link)):
        height = max(grams * scale, 0.8)
        x1, x2 = nodes[source].x + NODE, nodes[target].x
        y1, y2 = leaving[source], arriving[target]
        leaving[source] += height
        arriving[target] += height
        middle = (x1 + x2) / 2
        z1, z2 = y1 + height, y2 + height
        path = (
            f"M{x1:.1f},{y1:.1f}C{middle:.1f},{y1:.1f} {middle:.1f},{y2:.1f} {x2:.1f},{y2:.1f}"
            f"V{z2:.1f}C{middle:.1f},{z2:.1f} {middle:.1f},{z1:.1f} {x1:.1f},{z1:.1f}Z"
        )
        ribbons.append(SankeyRibbon(path, nodes[target].lost))
    return ribbons
