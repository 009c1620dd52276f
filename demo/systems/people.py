"""The people who lend a hand where the automation stops, by team."""

APPROVERS = ("dana@finance", "femi@finance")
CLERKS = ("kim@service", "lou@service", "mira@service")
WAREHOUSE = ("sam@warehouse", "tove@warehouse")
BILLING = ("nora@billing",)
SALES = ("otto@sales", "pia@sales")
COURIERS = tuple(f"courier-{n}" for n in range(11, 31))
