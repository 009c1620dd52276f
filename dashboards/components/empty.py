"""Panels for pages without data: why there is none, and what to do."""

from typing import Any

from dash import html


def no_data() -> Any:
    """For a store without any case: how to send events."""
    return html.Section(
        [
            html.H1("No cases yet"),
            html.P("Flowtrail is running but has received no events. There are three ways to send some:"),
            html.Ol(
                [
                    html.Li([html.Strong("Run the demo: "), html.Code("make demo"), "."]),
                    html.Li(
                        [
                            html.Strong("Use the SDK in an automation: "),
                            html.Code('flowtrail.init(system="wms", endpoint="http://127.0.0.1:4318")'),
                            ".",
                        ]
                    ),
                    html.Li(
                        [
                            html.Strong("Configure any OpenTelemetry exporter: "),
                            "OTLP/HTTP at ",
                            html.Code("http://127.0.0.1:4318"),
                            ", OTLP/gRPC at ",
                            html.Code("127.0.0.1:4317"),
                            ".",
                        ]
                    ),
                ]
            ),
            html.P("These are the default addresses. The server prints its own at its start.", className="note"),
        ],
        className="empty card",
    )


def empty(title: str, *advice: str) -> Any:
    """For a part of a page that has nothing to show. ``advice`` is one paragraph each."""
    return html.Section([html.H2(title), *[html.P(line) for line in advice]], className="empty card")
