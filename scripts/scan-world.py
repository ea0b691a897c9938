"""Gives the scanner something real to ask for: an open round, an order won in it, an import, and tokens.

usage: scan-world.py private.json base_url folder        writes folder/ids.toml, the scanner's path parameters
       scan-world.py private.json base_url folder role   prints a fresh token for somebody of that role
"""

import datetime
import json
import sys
import time
import urllib.request
import uuid

file, base, folder = sys.argv[1:4]
LOGINS = json.load(open(file))["logins"]


def call(token, method, path, body=None):
    headers = {"content-type": "application/json", "accept-language": "en"}
    if token:
        headers["authorization"] = "Bearer " + token
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + "/api/v1" + path, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def sign_in(login):
    return call(None, "POST", "/auth/login", {"login": login["login"], "password": login["password"]})["access_token"]


def at(seconds):
    time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def of(role):
    return [login for login in LOGINS if login["role"] == role]


def win(round_id, lines):
    """The first manager whose store may take a case of something, a token, and what it took."""
    for login in of("store_manager")[:40]:
        token = sign_in(login)
        for line in lines:
            claim = {"claim_id": str(uuid.uuid4()), "round_id": round_id, "mode": "PARTIAL",
                     "lines": [{"line_id": line["line_id"], "qty": line["pack"]}]}
            if call(token, "POST", "/claims", claim)["status"] == "won":
                return login, token, claim
    sys.exit("no store of the demo wins anything")


if len(sys.argv) == 5:
    role = sys.argv[4]
    chosen = json.load(open(f"{folder}/manager.json")) if role == "store_manager" else of(role)[0]
    print(sign_in(chosen))
    sys.exit()

chief = sign_in(of("supervisor")[0])
stock = [item for item in call(chief, "GET", "/stock?limit=200")["items"] if item["available"] > 50 * item["sku"]["case_pack"]]
lines = [{"sku_id": item["sku"]["sku_id"], "warehouse_id": item["warehouse"]["warehouse_id"],
          "pledged": 40 * item["sku"]["case_pack"]} for item in stock[:10]]
draft = call(chief, "POST", "/rounds", {"name": "scan", "opens_at": at(4), "closes_at": at(3600), "lines": lines, "stores": "all"})
opened = call(chief, "POST", f"/rounds/{draft['round_id']}/publish")
if opened["state"] == "PENDING_APPROVAL":
    opened = call(sign_in(of("supervisor")[1]), "POST", f"/rounds/{draft['round_id']}/approve", {})
while call(chief, "GET", f"/rounds/{opened['round_id']}")["state"] != "OPEN":
    time.sleep(0.2)
time.sleep(4)
login, manager, claim = win(opened["round_id"], opened["lines"])
orders = []
while not orders:
    time.sleep(0.2)
    orders = call(manager, "GET", "/orders")["items"]
order = call(manager, "GET", f"/orders/{orders[0]['order_id']}")
ids = {
    "round_id": opened["round_id"], "claim_id": claim["claim_id"], "order_id": order["order_id"],
    "shipment_id": order["shipment"]["shipment_id"], "store_id": call(chief, "GET", "/stores?limit=1")["items"][0]["store_id"],
}
upload = urllib.request.Request(
    base + "/api/v1/imports?kind=sales", b"date,store,sku,qty\n2022-09-01,nowhere,nothing,1\n",
    {"content-type": "text/csv", "authorization": "Bearer " + chief}, method="POST")
with urllib.request.urlopen(upload) as answer:
    ids["import_id"] = json.load(answer)["import_id"]
with open(f"{folder}/ids.toml", "w") as out:
    out.write("\n[parameters]\n" + "".join(f'"path.{name}" = "{value}"\n' for name, value in ids.items()))
with open(f"{folder}/manager.json", "w") as out:
    json.dump(login, out)
