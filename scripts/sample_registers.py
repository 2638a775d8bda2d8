"""Makes the carried samples of public registers: `python scripts/sample_registers.py bnetza|irve REGISTER SAMPLE`.

The choice is fixed by a seed, so the same register gives the same sample, byte for byte. Values are copied as they are,
errors included; only rows and columns are left out.
"""

import csv
import gzip
import io
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

Row = dict[str, str]

_BNETZA_COLUMNS = (
    "station_id",
    "operator",
    "status",
    "max_power_kw",
    "charging_points_count",
    "max_individual_power_kw",
    "lat",
    "lon",
    "postcode",
    "city",
    "address",
)
_BNETZA_CITIES = {"Berlin", "Hamburg", "München", "Köln"}
_BNETZA_SIZE = 2_500
_IRVE_COLUMNS = (
    "nom_operateur",
    "nom_enseigne",
    "id_station_itinerance",
    "nom_station",
    "implantation_station",
    "adresse_station",
    "code_insee_commune",
    "coordonneesXY",
    "nbre_pdc",
    "id_pdc_itinerance",
    "puissance_nominale",
    "prise_type_ef",
    "prise_type_2",
    "prise_type_combo_ccs",
    "prise_type_chademo",
    "prise_type_autre",
    "gratuit",
    "tarification",
    "condition_acces",
    "horaires",
    "station_deux_roues",
    "date_maj",
    "cable_t2_attache",
    "consolidated_code_postal",
    "consolidated_commune",
)
_IRVE_STATIONS_A_KIND = 4
_IRVE_ORDINARY_STATIONS = 60
_IRVE_KINDS: dict[str, Callable[[Row], bool]] = {
    "no place": lambda row: row["coordonneesXY"].startswith(("[0,", "[0.0")),
    "one number wrong": lambda row: (
        row["id_station_itinerance"].startswith("FRALLEGO") and ",3." in row["coordonneesXY"]
    ),
    "overseas": lambda row: row["coordonneesXY"].strip().startswith(("[55.", "[-61.")),
    "watts": lambda row: row["puissance_nominale"] in {"22000.0", "7000.0"},
    "no power": lambda row: row["puissance_nominale"] == "0.0",
    "misread encoding": lambda row: "Ã" in row["adresse_station"] + row["nom_station"],
    "lost encoding": lambda row: "\ufffd" in row["adresse_station"],
    "french days": lambda row: row["horaires"].startswith("Lu"),
    "days without a dash": lambda row: row["horaires"].startswith("Lun Ven"),
    "overnight": lambda row: "19:00-08:00" in row["horaires"],
    "two periods a day": lambda row: "12:00,Mo-Fr 14:00" in row["horaires"],
    "one id for many places": lambda row: row["id_station_itinerance"] in {"FRLDLE0000539", "FRQOVP2200002"},
}


def sample_bnetza(rows: Sequence[Row]) -> list[Row]:
    """Take all sites of four cities, every repeated id, and sites from the rest of the country."""
    times = Counter(row["station_id"] for row in rows)
    chosen = {n for n, row in enumerate(rows) if row["city"] in _BNETZA_CITIES or times[row["station_id"]] > 1}
    rest = [n for n in range(len(rows)) if n not in chosen]
    chosen.update(random.Random(2026).sample(rest, _BNETZA_SIZE - len(chosen)))  # noqa: S311 - a sample
    return [rows[n] for n in sorted(chosen)]


def sample_irve(rows: Sequence[Row]) -> list[Row]:
    """Take whole stations: a few of each troublesome kind, and ordinary ones."""
    chance = random.Random(2026)  # noqa: S311 - a sample
    chosen: set[str] = set()
    for is_kind in _IRVE_KINDS.values():
        stations = list(dict.fromkeys(row["id_station_itinerance"] for row in rows if is_kind(row)))
        chosen.update(stations[:_IRVE_STATIONS_A_KIND])
    with_power = sorted({r["id_station_itinerance"] for r in rows if r["puissance_nominale"]} - chosen)
    chosen.update(chance.sample(with_power, _IRVE_ORDINARY_STATIONS))
    return [row for row in rows if row["id_station_itinerance"] in chosen]


def main() -> None:
    """Read the register, choose, and write the sample."""
    kind, register, sample = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    with gzip.open(register, "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    chosen, columns = (sample_bnetza(rows), _BNETZA_COLUMNS) if kind == "bnetza" else (sample_irve(rows), _IRVE_COLUMNS)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(chosen)
    sample.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


if __name__ == "__main__":
    main()
