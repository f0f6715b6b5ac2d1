"""Renders templates with Ansible, to compare.

Reads {"vars": {...}, "templates": [...]} from its input and writes a list with
the text of each template, or null where Ansible has an error.
"""

import json
import sys

try:
    from ansible.parsing.dataloader import DataLoader
    from ansible.template import Templar
except ImportError as missing:
    sys.exit("SKIP: %s" % missing)

request = json.load(sys.stdin)
results = []
for template in request["templates"]:
    variables = json.loads(json.dumps(request["vars"]))
    try:
        text = Templar(DataLoader(), variables=variables).template(
            template, convert_data=False, preserve_trailing_newlines=True, escape_backslashes=False
        )
        # The text of anything, as native types would not be.
        results.append(text if isinstance(text, str) else str(text))
    except Exception as error:
        sys.stderr.write("%r: %s\n" % (template, error))
        results.append(None)
json.dump(results, sys.stdout)
