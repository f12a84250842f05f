//! Writes a register of so many contracts as CSV, the same each time: `register_csv COUNT > contracts.csv`. A second argument
//! CHANGED changes the holder of every so many-th contract.

#![allow(clippy::print_stderr, reason = "a program for the command line")]

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|argument| argument.parse::<u32>());
    let (Some(Ok(count)), changed) = (numbers.next(), numbers.next()) else {
        eprintln!("register_csv COUNT [CHANGED]");
        return ExitCode::from(2);
    };
    let changed = changed.and_then(Result::ok).unwrap_or(u32::MAX);
    match write(count, changed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn write(count: u32, changed: u32) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(
        out,
        "contract_number,holder,aliases,domains,addresses,bill_to_id,service_level,issued_at,starts_on,ends_on,\
         serial_numbers,administered_by,administrators"
    )?;
    for n in 0..count {
        // A prime step: numbers come in no order, and each once.
        let number = 10_000_000 + u64::from(n) * 7_368_787 % 80_000_023;
        let company = n / 8;
        let other = if n % changed == changed - 1 { "改" } else { "" };
        let level = ["standard", "premium", "basic"][(n % 3) as usize];
        let (year, month) = (2018 + n % 8, 1 + n % 12);
        let by = match n % 10 {
            0 => "desk,".to_owned(),
            1 | 2 => "bill_to,".to_owned(),
            _ => format!(
                "administrators,山田 {n} <yamada{n}@company{company}.example>;Ann {n} <ann{n}@partner{}.example>",
                n % 5000
            ),
        };
        writeln!(
            out,
            "{number},株式会社サンプル{company}{other},Sample {company} K.K.;サンプル{company},company{company}.example,,\
             B{},{level},{year}-{month:02}-01,{year}-{month:02}-01,{}-{month:02}-28,SN{n:08};SX{n:08},{by}",
            n % 5000,
            year + 10,
        )?;
    }
    out.flush()
}
