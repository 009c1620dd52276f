"""Default rules: values that look like a secret are masked in every text unless a policy says otherwise."""

from __future__ import annotations

from typing import Final

from store.redaction import Action, Rule


def passes_luhn(text: str) -> bool:
    """Whether the digits of ``text`` end in the check digit that card numbers have."""
    digits = [int(char) for char in reversed(text) if char.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


SECRETS: Final = (
    Rule(
        "authorization",
        Action.MASK,
        values=(r"(?i)\b(?:bearer|basic)[ :]+[a-z0-9+/_.~-]{12,}=*",),
    ),
    Rule("json_web_token", Action.MASK, values=(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",)),
    # From the header to the footer, or to the end of the text if it was cut before the footer.
    Rule(
        "private_key",
        Action.MASK,
        values=(
            r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----",
            r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*)",
        ),
    ),
    Rule(
        "api_key",
        Action.MASK,
        values=(
            r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",  # Amazon
            r"\bgh[pousr]_[A-Za-z0-9]{36,}|\bgithub_pat_[A-Za-z0-9_]{22,}",
            r"\bglpat-[A-Za-z0-9_-]{20,}",  # GitLab
            r"\b[sr]k_(?:live|test)_[0-9A-Za-z]{16,}",  # Stripe
            r"\bsk-[A-Za-z0-9_-]{32,}",  # OpenAI, Anthropic
            r"\bxox[abeoprs]-[0-9A-Za-z-]{10,}",  # Slack
            r"\bAIza[0-9A-Za-z_-]{35}",  # Google
            r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",  # SendGrid
            r"\bftk_[A-Za-z0-9]+_[A-Za-z0-9_-]{16,}",  # Flowtrail
        ),
    ),
    # Visa, Mastercard, Discover, JCB and UnionPay; American Express; Diners Club. One number in ten has the right check
    # digit by chance, so ids of cases are left alone: masked, different ids would become the same.
    Rule(
        "card_number",
        Action.MASK,
        values=(
            (
                r"\b(?:4\d{3}|5[1-5]\d\d|2[2-7]\d\d|6(?:011|2\d\d|4[4-9]\d|5\d\d)|35\d\d)"
                r"(?:[ -]?\d{4}){3}(?:[ -]?\d{3})?\b"
            ),
            r"\b3[47]\d{2}[ -]?\d{6}[ -]?\d{5}\b",
            r"\b3(?:0[0-5]|[68]\d)\d[ -]?\d{6}[ -]?\d{4}\b",
        ),
        accept=passes_luhn,
        spares_ids=True,
    ),
)
