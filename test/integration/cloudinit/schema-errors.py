# SPDX-License-Identifier: MIT
"""Which keys at the top cloud-init's own validator complains of: reads documents in base64 as a list of JSON from stdin."""

import base64
import json
import logging
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(sys.argv[1], "usr/lib/python3/dist-packages"))
from cloudinit import safeyaml  # noqa: E402
from cloudinit.config import schema  # noqa: E402

logging.disable(logging.CRITICAL)
schema.get_schema_dir = lambda: os.path.join(os.path.dirname(schema.__file__), "schemas")
validator_class, format_checker = schema.get_jsonschema_validator()
rules = schema.get_schema()


def complained_of(document):
    validator = validator_class(rules, format_checker=format_checker())
    errors = validator.iter_errors(safeyaml.load(base64.b64decode(document)) or {})
    return sorted({str(error.path[0]) for error in errors if error.path and not isinstance(error, schema.SchemaDeprecationError)})


json.dump([complained_of(document) for document in json.load(sys.stdin)], sys.stdout)
