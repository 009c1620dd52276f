"""Pages without data say why, and what to do next."""

from typing import Any

from dash import html


def no_data() -> Any:
    """Nothing has ever arrived: how to send something."""
    return html.Section(
        [
            html.H1("No orders yet"),
            html.P("Flowtrail is running and has received nothing so far. Three ways to change that:"),
            html.Ol(
                [
                    html.Li([html.Strong("See it with made-up orders: "), html.Code("make demo"), "."]),
                    html.Li(
                        [
                            html.Strong("Use the SDK in an automation: "),
                            html.Code('flowtrail.init(system="wms", endpoint="http://127.0.0.1:4318")'),
                            ".",
                        ]
                    ),
                    html.Li(
                        [
                            html.Strong("Point any OpenTelemetry exporter here: "),
                            "OTLP/HTTP at ",
                            html.Code("http://127.0.0.1:4318"),
                            ", OTLP/gRPC at ",
                            html.Code("127.0.0.1:4317"),
                            ".",
                        ]
                    ),
                ]
            ),
            html.P("These are the default addresses; the server prints its own when it starts.", className="note"),
        ],
        className="empty card",
    )


def empty(title: str, *advice: str) -> Any:
    """A panel for everything else that is empty."""
    return html.Section([html.H2(title), *[html.P(line) for line in advice]], className="empty card")
