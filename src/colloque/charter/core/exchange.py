"""A charter as plain Cedar with its schema, for Cedar's own tools, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping

import cedarpy

from colloque.charter.core.constitution import constitution, establishment_rules
from colloque.charter.core.engine import Charter
from colloque.charter.core.problems import InvalidCharterError
from colloque.charter.core.rules import read_rules
from colloque.charter.core.schema import schema_text

POLICIES, SCHEMA, POLICIES_JSON = "policies.cedar", "schema.cedarschema", "policies.json"


def exported(charter: Charter) -> Mapping[str, str]:
    """The files of an export by name: all policies, the constitution first, their schema, and the policies as Cedar's JSON."""
    policies = "\n\n".join(rule.cedar for rule in charter.rules) + "\n"
    static = {rule.id: rule.policy for rule in charter.rules}
    told = {"templates": {}, "staticPolicies": static, "templateLinks": []}
    return {
        POLICIES: policies,
        SCHEMA: schema_text(),
        POLICIES_JSON: json.dumps(told, ensure_ascii=False, indent=1) + "\n",
    }


def imported(text: str) -> str:
    """An establishment's rules from plain Cedar, in which the constitution may stand as it was exported.

    Cedar's JSON is read too. Raises `InvalidCharterError`: a rule of the constitution that was changed among others.
    """
    if text.lstrip().startswith("{"):
        try:
            text = cedarpy.policies_from_json_str(text)
        except ValueError:
            text = text.strip()  # told as what it is when read as Cedar
    ours = {rule.id: rule for rule in constitution()}
    rules, problems = read_rules(text)
    own = [rule for rule in rules if rule.id not in ours or rule.policy != ours[rule.id].policy]
    told = "\n\n".join(rule.cedar for rule in own) + "\n"
    if not problems:
        _, problems = establishment_rules(told)
    if problems:
        raise InvalidCharterError(problems)
    return told
