"""The KPI tests' database; each test takes a flow of its own."""

from tests.cases.kpis.conftest import flow, kpi_store

__all__ = ["flow", "kpi_store"]
