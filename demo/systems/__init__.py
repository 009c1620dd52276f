"""The five systems of the demo, each a service of its own: shop, erp, wms, carrier, billing.

Read ``service`` first (what all of them share), then the systems in the order in which an order meets them. ``policy``
says how often what happens; ``process`` runs one system as a process.
"""
