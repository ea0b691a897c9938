#!/usr/bin/env python3
"""Makes the three files of the demo chain from the full data set.

    python3 demo/extract.py FOLDER

FOLDER holds stores.csv, products.csv and sales.csv as demo/README.md describes them. The same
folder gives the same bytes, so a reviewer can run this again and compare. Only the standard
library is used, and nothing is invented here: whatever the demo derives is derived in
src/demo/rules.rs, where it can be read and tested.
"""

import collections
import csv
import datetime
import decimal
import pathlib
import sys

STORES = 300
SKUS = 160
DAYS = 28
HERE = pathlib.Path(__file__).resolve().parent

# The one city of the source that is spelled in two ways.
CITY_SPELLINGS = {"CLEARLAKE": "CLEAR LAKE"}


def read(folder, name):
    with open(folder / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(name, header, rows):
    with open(HERE / name, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    print(f"{name}: {len(rows)} rows, {(HERE / name).stat().st_size} bytes")


def tidy(text):
    """One space where the source has several, none at the ends."""
    return " ".join(text.split())


def cents(dollars):
    return int((decimal.Decimal(dollars) * 100).to_integral_exact())


def upc(barcode):
    """The source lost leading zeros; they come back only where the check digit then holds."""
    padded = barcode.rjust(12, "0")
    if not barcode.isdigit() or len(padded) != 12:
        return barcode
    digits = [int(digit) for digit in padded]
    return padded if (3 * sum(digits[0::2]) + sum(digits[1::2])) % 10 == 0 else barcode


def inner_pack(product):
    """Kept only where a case is made of whole inner packs."""
    case, inner = int(product["case_pack"]), int(product["inner_pack"] or 0)
    return inner if inner > 0 and case % inner == 0 else ""


def most(counter, count):
    """The keys with the highest counts; equal counts in the order of the key, so runs agree."""
    ranked = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    return [key for key, _ in ranked[:count]]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    stores = {row["code"]: row for row in read(folder, "stores.csv")}
    products = {row["sku"]: row for row in read(folder, "products.csv")}
    sales = read(folder, "sales.csv")

    last_day = datetime.date.fromisoformat(max(row["date"] for row in sales))
    first_day = (last_day - datetime.timedelta(days=DAYS - 1)).isoformat()
    sales = [row for row in sales if row["date"] >= first_day]

    active = {code for code, row in stores.items() if row["status"] == "A"}
    chosen_stores = most(
        collections.Counter(row["store_code"] for row in sales if row["store_code"] in active),
        STORES,
    )
    in_store = set(chosen_stores)
    sales = [row for row in sales if row["store_code"] in in_store]

    units = collections.Counter()
    for row in sales:
        units[row["sku"]] += int(row["quantity"])
    chosen_skus = most(units, SKUS)
    in_assortment = set(chosen_skus)

    # Returns are negative lines; together with the purchases of the day they give the net.
    net = collections.Counter()
    for row in sales:
        if row["sku"] in in_assortment:
            net[row["store_code"], row["sku"], row["date"]] += int(row["quantity"])

    write(
        "stores.csv",
        ["code", "name", "city", "lat", "lng"],
        [
            [
                code,
                tidy(stores[code]["name"]),
                CITY_SPELLINGS.get(tidy(stores[code]["city"]), tidy(stores[code]["city"])),
                stores[code]["lat"],
                stores[code]["lon"],
            ]
            for code in sorted(chosen_stores)
        ],
    )
    write(
        "skus.csv",
        [
            "sku",
            "name",
            "category",
            "vendor",
            "volume_ml",
            "case_pack",
            "inner_pack",
            "unit_price_cents",
            "barcode",
        ],
        [
            [
                sku,
                tidy(products[sku]["name"]),
                tidy(products[sku]["category"]),
                tidy(products[sku]["vendor"]),
                products[sku]["volume_ml"],
                products[sku]["case_pack"],
                inner_pack(products[sku]),
                cents(products[sku]["unit_price"]),
                upc(products[sku]["barcode"]),
            ]
            for sku in sorted(chosen_skus)
        ],
    )
    write(
        "sales.csv",
        ["store_code", "sku", "day", "quantity"],
        [[*key, quantity] for key, quantity in sorted(net.items()) if quantity != 0],
    )


if __name__ == "__main__":
    main()
