"""The agent's ledger: three equations that hold exactly, or something was lost that nobody counted."""

import json


def total(dropped):
    return sum(dropped.values())


def check_ledger(path, spans_in_file):
    """Problems, as sentences. `spans_in_file`: how many spans the JSON lines really hold."""
    ledger = json.loads(path.read_text())
    problems = []

    def equal(name, left, right):
        if left != right:
            problems.append(f"ledger: {name}: {left} != {right}: {json.dumps(ledger)}")

    events, spans = ledger["events"], ledger["spans"]
    equal("events seen = emitted + dropped", events["seen"], events["emitted"] + total(events["dropped"]))
    others = sum(spans.get(key, 0) for key in ("stored_only", "sampled_out"))
    equal("spans made = exported + held + dropped", spans["made"],
          spans["exported"] + spans["held"] + others + total(spans["dropped"]))
    equal("spans held at the end = 0", spans["held"], 0)
    for name, delivery in ledger["deliveries"].items():
        equal(f"{name} queued = accepted + waiting + dropped", delivery["queued"],
              delivery["accepted"] + delivery["waiting"] + total(delivery["dropped"]))
    if edges := ledger.get("edges"):
        equal("edges received = linked + missing", edges["received"], edges["linked"] + total(edges["missing"]))
        equal("edges told = written + dropped", edges["told"], edges["written"] + total(edges["dropped"]))
        equal("edges waiting at the end = 0", edges["waiting"] + edges["told_waiting"], 0)
    if gateway := ledger.get("gateway"):
        equal("gateway received = forwarded + waiting", gateway["received"], gateway["forwarded"] + gateway["waiting"])
        equal("gateway waiting at the end = 0", gateway["waiting"], 0)
    jsonl = ledger["deliveries"]["jsonl"]
    equal("jsonl accepted = spans in the file", jsonl["accepted"], spans_in_file)
    equal("jsonl dropped = 0", total(jsonl["dropped"]), 0)
    return problems
