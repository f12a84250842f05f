//! A CSV file, record by record: the file may be longer than the memory.

use std::io::{self, Read, Seek};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::encoding::{self, Lines};
use super::entries::Entries;
use super::table::{Cell, Header, Line, remedy};

/// A record longer than this is no record: a quotation mark opened and never closed. In bytes.
const LONGEST: usize = 16 * 1024 * 1024;

const PARTNER: (&str, &str) =
    ("a quotation mark has no partner", "Close it, or write it twice where the cell holds one.");

/// Reads header and rows. Rows that cannot be cut into cells are faults.
pub(super) fn read(source: &mut (impl Read + Seek), entries: &mut Entries<'_>) -> io::Result<()> {
    let Some(encoding) = encoding::detect(source, entries.faults)? else { return Ok(()) };
    let mut records = Records {
        lines: Lines::new(source, encoding),
        parser: ReaderBuilder::new().build(),
        line: 0,
        text: String::new(),
        cells: vec![0; 4096],
        ends: vec![0; 64],
    };
    let mut header = None;
    loop {
        match records.next()? {
            Record::End if header.is_none() => {
                entries.faults.whole("the file is empty", remedy());
                return Ok(());
            }
            Record::End => return Ok(()),
            Record::Unpaired { line } => entries.faults.at(line, PARTNER.0, PARTNER.1),
            Record::Cells(line) => match &header {
                None => {
                    let names: Vec<String> = line.cells.iter().map(|cell| text(cell).to_owned()).collect();
                    // Excel's "Unicode text" is separated by tabs.
                    if let [name] = names.as_slice()
                        && name.contains('\t')
                    {
                        records.parser = ReaderBuilder::new().delimiter(b'\t').build();
                        let names: Vec<String> =
                            name.split('\t').map(|name| name.trim_matches('"').to_owned()).collect();
                        header = Header::read(&names, line.line, None, None, entries.faults);
                    } else {
                        header = Header::read(&names, line.line, None, None, entries.faults);
                    }
                    if header.is_none() {
                        return Ok(());
                    }
                }
                Some(header) if line.cells.iter().all(Cell::is_blank) || line.cells.len() == header.names().len() => {
                    entries.row(header, &line);
                }
                Some(header) => {
                    let what = format!("the row has {} cells, the header {}", line.cells.len(), header.names().len());
                    let remedy = "Put cells that hold a comma in quotation marks, and leave blank cells in.";
                    entries.faults.at(line.line, what, remedy);
                }
            },
        }
    }
}

fn text(cell: &Cell) -> &str {
    match cell {
        Cell::Text(text) => text,
        Cell::List(_) | Cell::Bad(..) => "",
    }
}

/// The records of a text.
struct Records<'a, R> {
    lines: Lines<'a, R>,
    parser: Reader,
    /// 1-based line that was read last.
    line: usize,
    text: String,
    cells: Vec<u8>,
    ends: Vec<usize>,
}

enum Record {
    Cells(Line),
    /// The parser itself would take all that follows for one cell.
    Unpaired {
        line: usize,
    },
    End,
}

impl<R: Read> Records<'_, R> {
    /// The next record that is not an empty line. The parser is fed line by line: how many a record has it alone knows.
    fn next(&mut self) -> io::Result<Record> {
        let mut begun = None;
        let (mut filled, mut ended, mut quotes, mut length) = (0, 0, 0usize, 0usize);
        loop {
            self.text.clear();
            let is_end = !self.lines.next_into(&mut self.text)?;
            if !is_end {
                self.line += 1;
                if begun.is_none() && self.text == "\n" {
                    continue;
                }
            } else if begun.is_none() {
                return Ok(Record::End);
            }
            let line = *begun.get_or_insert(self.line);
            quotes += self.text.bytes().filter(|byte| *byte == b'"').count();
            length += self.text.len();
            if length > LONGEST {
                // What comes after is inside the open mark: there is nothing more to look at.
                while self.lines.next_into(&mut self.text)? {
                    self.text.clear();
                }
                return Ok(Record::Unpaired { line });
            }
            let mut input = self.text.as_bytes();
            loop {
                let (Some(output), Some(ends)) = (self.cells.get_mut(filled..), self.ends.get_mut(ended..)) else {
                    return Ok(Record::End);
                };
                let (result, used, wrote, wrote_ends) = self.parser.read_record(input, output, ends);
                input = input.get(used..).unwrap_or_default();
                filled += wrote;
                ended += wrote_ends;
                match result {
                    ReadRecordResult::InputEmpty if is_end => {}
                    ReadRecordResult::InputEmpty => break,
                    ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
                    ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                    ReadRecordResult::Record | ReadRecordResult::End => {
                        self.parser.reset();
                        if quotes % 2 == 1 {
                            return Ok(Record::Unpaired { line });
                        }
                        return Ok(Record::Cells(Line { line, cells: self.cut(ended) }));
                    }
                }
            }
        }
    }

    fn cut(&self, ended: usize) -> Vec<Cell> {
        let ends = self.ends.iter().take(ended);
        let starts = std::iter::once(&0).chain(self.ends.iter());
        let cell = |(start, end): (&usize, &usize)| {
            let bytes = self.cells.get(*start..*end).unwrap_or_default();
            Cell::Text(String::from_utf8_lossy(bytes).trim().to_owned())
        };
        starts.zip(ends).map(cell).collect()
    }
}
