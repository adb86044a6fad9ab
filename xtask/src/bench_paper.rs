//! Writes the figures of the bench down for people.
#![allow(clippy::indexing_slicing, reason = "a name that a JSON value lacks gives null, not a panic")]

use serde_json::Value;
use std::fmt::Write;

fn number(value: &Value, path: &str) -> f64 {
    value.pointer(path).and_then(Value::as_f64).unwrap_or(f64::NAN)
}

/// The whole of `docs/BENCHMARKS.md`.
pub fn paper(told: &Value) -> String {
    let mut out = String::from(
        "# Measured\n\nWritten by `cargo xtask bench`: everything in one run on one machine, load generator included. \
         Absolute figures depend on the machine; the ratios to the bare programs of the same run are what to compare.\n\n",
    );
    let machine = &told["machine"];
    let text = |name: &str| machine[name].as_str().unwrap_or("unknown").to_owned();
    let _ =
        writeln!(out, "Machine: {} processors, {}, {}.\n", machine["processors"], text("cpu"), text("rustc"));
    pages(&mut out, &told["pages"]);
    fan_out(&mut out, &told["fan_out"]);
    standings(&mut out, &told["standings"]);
    rest(&mut out, told);
    out
}

fn pages(out: &mut String, rows: &Value) {
    out.push_str(
        "## Pages\n\nFull pages for a visitor, over 32 kept connections, against a bare axum handler that answers with \
         the same bytes from memory. Aim: one sixth of the bare handler or better.\n\n\
         | page | bytes | pages a second | bare | share of bare |\n| --- | ---: | ---: | ---: | ---: |\n",
    );
    for row in rows.as_array().into_iter().flatten() {
        let (ours, bare) = (number(row, "/ours/per_second"), number(row, "/bare/per_second"));
        let name = row["page"].as_str().unwrap_or_default();
        let _ = writeln!(
            out,
            "| {name} | {} | {ours:.0} | {bare:.0} | {:.2} (1 : {:.1}) |",
            row["ours"]["bytes"],
            ours / bare,
            bare / ours
        );
    }
}

fn fan_out(out: &mut String, told: &Value) {
    out.push_str(
        "\n## Viewers of a live board\n\nFrom the commit of a score to the last byte of its diff at each viewer, all on \
         one process, against a bare axum broadcaster (tokio `broadcast`) with a payload of the same size. Aims: p99 \
         within twice the bare one, and at most half as much again of its memory for each viewer. Ours includes the \
         time in which the board gathers changes before it tells them.\n\n\
         | | viewers | p50 ms | p99 ms | max ms | missing | server MiB | bytes a viewer |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for (name, key) in [("Leitai", "ours"), ("bare axum", "bare")] {
        let row = &told[key];
        let _ = writeln!(
            out,
            "| {name} | {} | {:.1} | {:.1} | {:.1} | {} | {:.0} | {} |",
            row["viewers"],
            number(row, "/p50_ms"),
            number(row, "/p99_ms"),
            number(row, "/max_ms"),
            row["missing"],
            number(row, "/memory_kib") / 1024.0,
            row["bytes_per_viewer"]
        );
    }
    let ratio = |path: &str| number(told, &format!("/ours/{path}")) / number(told, &format!("/bare/{path}"));
    let _ = writeln!(
        out,
        "\np99 is {:.2} times the bare one, memory for each viewer {:.2} times.",
        ratio("p99_ms"),
        ratio("bytes_per_viewer")
    );
}

fn standings(out: &mut String, rows: &Value) {
    out.push_str(
        "\n## Standings\n\nTwenty problems. *Apply* is one judged submission taken in and its diff encoded as JSON; \
         *rebuild* replays the whole log, five events an entrant. Growth is against 1,000 entrants.\n\n\
         | entrants | events | apply µs | slowest µs | growth | rebuild ms | growth |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let first = rows.get(0).cloned().unwrap_or_default();
    for row in rows.as_array().into_iter().flatten() {
        let growth = |path: &str| number(row, path) / number(&first, path);
        let _ = writeln!(
            out,
            "| {} | {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} |",
            row["entrants"],
            row["events"],
            number(row, "/apply_us"),
            number(row, "/apply_max_us"),
            growth("/apply_us"),
            number(row, "/rebuild_us") / 1000.0,
            growth("/rebuild_us")
        );
    }
}

fn rest(out: &mut String, told: &Value) {
    let load = &told["first_load"];
    let (wasm, js) = (number(load, "/wasm"), number(load, "/js"));
    let _ = writeln!(
        out,
        "\n## First load\n\nAfter brotli: {:.0} kB of WASM and {:.0} kB of JavaScript, {:.0} kB together (aim: at most \
         350 kB), and {:.0} kB of styles. The heaviest page loads {:.0} kB of WASM of its \
         own besides, once. The common module is {:.0} kB before compression.",
        wasm / 1000.0,
        js / 1000.0,
        (wasm + js) / 1000.0,
        number(load, "/css") / 1000.0,
        number(load, "/page") / 1000.0,
        number(load, "/wasm_raw") / 1000.0
    );
    out.push_str(
        "\n## Submissions\n\nForty entrants hand files of 500 predictions in at once: how many are checked and stored a \
         second, and how many have their verdict on the board a second.\n\n\
         | engine | accepted a second | judged a second |\n| --- | ---: | ---: |\n",
    );
    for engine in ["sqlite", "postgres"] {
        let row = &told["judging"][engine];
        let _ = writeln!(
            out,
            "| {engine} | {:.0} | {:.0} |",
            number(row, "/accepted_per_second"),
            number(row, "/judged_per_second")
        );
    }
    out.push_str(
        "\n## Money\n\nForty at once, durable commits on both engines. *Commit* is one row and one commit by a bare \
         connection: what the engine itself does on this disk. *Reservation* is an order that holds a seat for a price; *notice* is a signed notice over \
         HTTP, verified, stored and acknowledged.\n\n\
         | engine | what | a second | p50 ms | p99 ms |\n| --- | --- | ---: | ---: | ---: |\n",
    );
    for engine in ["sqlite", "postgres"] {
        for (key, name) in [("commits", "commit"), ("reservations", "reservation"), ("notices", "notice")] {
            let row = &told["judging"][engine]["money"][key];
            let [rate, p50, p99] = ["/per_second", "/p50_ms", "/p99_ms"].map(|path| number(row, path));
            let _ = writeln!(out, "| {engine} | {name} | {rate:.0} | {p50:.1} | {p99:.1} |");
        }
    }
}
