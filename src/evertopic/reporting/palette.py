"""A colour and a sign for each topic. Eight colours that colour-blind readers tell apart, times five signs.

Source: Okabe and Ito, Color Universal Design (2008); wine and olive after Paul Tol's muted scheme.
"""

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#882255", "#999933")
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x")
UNASSIGNED_COLOUR = "#a8adb4"
ACCENT = "#0072B2"
CHOSEN = "#D55E00"
QUIET = "#98a2ad"
INK = "#333d47"
GRID = "rgba(125,135,145,0.22)"


def look_of(topic: int) -> tuple[str, str]:
    """(colour, plotly symbol) of a topic index: all different for 40 topics, then from the start again.

    >>> look_of(0), look_of(8), look_of(-1)
    (('#0072B2', 'circle'), ('#0072B2', 'diamond'), ('#a8adb4', 'circle'))
    """
    if topic < 0:
        return UNASSIGNED_COLOUR, SYMBOLS[0]
    return COLOURS[topic % len(COLOURS)], SYMBOLS[topic // len(COLOURS) % len(SYMBOLS)]
